//! What the server answers, without its sockets.

use std::sync::atomic::{AtomicU64, Ordering};

extern "C" {
    fn crc32_of(data: *const u8, length: usize) -> u32;
}

/// The checksum of `data`, by the C part.
pub fn crc32(data: &[u8]) -> u32 {
    // SAFETY: C reads `length` bytes behind the pointer, and keeps neither.
    unsafe { crc32_of(data.as_ptr(), data.len()) }
}

/// A status, and a body of JSON.
pub type Answer = (&'static str, String);

/// Counts what it has been asked.
#[derive(Default)]
pub struct App {
    asked: AtomicU64,
}

impl App {
    /// The answer to a request. The server asks itself for /healthz: that is not counted.
    pub fn answer(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        if path == "/healthz" {
            return ("200 OK", r#"{"status":"ok"}"#.to_owned());
        }
        let count = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        match (method, path) {
            ("GET", "/version") => {
                let version = option_env!("APP_VERSION").unwrap_or("dev");
                let architecture = std::env::consts::ARCH;
                (
                    "200 OK",
                    format!(r#"{{"version":"{version}","architecture":"{architecture}"}}"#),
                )
            }
            ("GET", "/count") => ("200 OK", format!(r#"{{"count":{count}}}"#)),
            ("POST", "/crc32") => ("200 OK", format!(r#"{{"crc32":"{:08x}"}}"#, crc32(body))),
            _ => (
                "404 Not Found",
                r#"{"error":"expected /version, /count or /crc32"}"#.to_owned(),
            ),
        }
    }
}
