//! An HTTP server: `PORT` says where, else 8080.

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rust_app::App;

const TIMEOUT: Duration = Duration::from_secs(10);
const LARGEST_BODY: u64 = 1 << 20;
const SIGTERM: i32 = 15;

extern "C" {
    fn signal(signal: i32, handler: extern "C" fn(i32)) -> usize;
    fn _exit(code: i32) -> !;
}

extern "C" fn end(_signal: i32) {
    // SAFETY: POSIX lists _exit among what a signal handler may call.
    unsafe { _exit(0) }
}

fn main() -> io::Result<()> {
    // SAFETY: the handler has the signature that it asks for. The first process of a container is not
    // ended by a signal that it does not handle.
    unsafe { signal(SIGTERM, end) };
    let port = env::var("PORT").unwrap_or_else(|_| "8080".to_owned());
    let listener = TcpListener::bind(format!("0.0.0.0:{port}"))?;
    eprintln!("listening on port {port}");
    let app = Arc::new(App::default());
    for stream in listener.incoming().flatten() {
        let app = Arc::clone(&app);
        thread::spawn(move || {
            if let Err(error) = serve(&app, &stream) {
                eprintln!("{error}");
            }
        });
    }
    Ok(())
}

/// Reads one request, and answers it.
fn serve(app: &App, stream: &TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let mut length = 0;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 || header.trim().is_empty() {
            break;
        }
        if let Some(("content-length", value)) = header.to_ascii_lowercase().split_once(':') {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = Vec::new();
    reader
        .take(LARGEST_BODY.min(length))
        .read_to_end(&mut body)?;
    let (status, answer) = app.answer(method, path, &body);
    let length = answer.len();
    let mut writer = stream;
    write!(writer, "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}")
}
