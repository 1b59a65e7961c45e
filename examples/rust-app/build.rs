//! Compiles the C part with the C compiler of the platform that the program is for.

use std::env;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=native/crc32.c");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    let object = out.join("crc32.o");
    run(tool("CC", "cc")
        .args(["-O2", "-fPIC", "-c", "native/crc32.c", "-o"])
        .arg(&object));
    run(tool("AR", "ar")
        .arg("crs")
        .arg(out.join("libcrc32.a"))
        .arg(&object));
    println!("cargo:rustc-link-search=native={}", out.display());
    println!("cargo:rustc-link-lib=static=crc32");
}

/// A tool of the target's, by the names that the crate `cc` knows: CC_aarch64_unknown_linux_gnu,
/// TARGET_CC, CC. Its value may have flags behind the program.
fn tool(name: &str, default: &str) -> Command {
    let target = env::var("TARGET")
        .expect("cargo sets TARGET")
        .replace('-', "_");
    let names = [
        format!("{name}_{target}"),
        format!("TARGET_{name}"),
        name.to_owned(),
    ];
    for each in &names {
        println!("cargo:rerun-if-env-changed={each}");
    }
    let value = names
        .iter()
        .find_map(|each| env::var(each).ok())
        .unwrap_or_else(|| default.to_owned());
    let mut words = value.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or(default));
    command.args(words);
    command
}

fn run(command: &mut Command) {
    let status = command
        .status()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}
