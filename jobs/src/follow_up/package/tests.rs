#![allow(clippy::unwrap_used, clippy::expect_used)]
//! The package as its readers take it: golden lines, every form read back, and tampering found.

mod forms;
mod page;
mod site;
mod spans;
mod tampering;

use super::*;
use std::{collections::BTreeMap, sync::LazyLock};

/// The files by path.
fn by_path(files: &[File]) -> BTreeMap<String, Vec<u8>> {
    files.iter().map(|file| (file.path.clone(), file.bytes.clone())).collect()
}

/// A file as text.
fn text(files: &[File], path: &str) -> String {
    String::from_utf8(files.iter().find(|file| file.path == path).unwrap().bytes.clone()).unwrap()
}

fn key() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[7; 32])
}

/// The first release's files with their signature.
fn signed() -> BTreeMap<String, Vec<u8>> {
    static SIGNED: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| {
        let mut files = build(&fixture::release()).unwrap();
        files.extend(sign(&files, &key()).unwrap());
        by_path(&files)
    });
    SIGNED.clone()
}

/// Writes the fixtures' packages for who wants to look: `TORIKUMI_PACKAGE_DIR=/tmp/x cargo test -p jobs package_for_looking`.
#[test]
fn package_for_looking_is_written_where_asked() {
    let Some(folder) = std::env::var_os("TORIKUMI_PACKAGE_DIR").map(std::path::PathBuf::from) else { return };
    for (name, release) in [("initial", fixture::release()), ("correction", fixture::correction())] {
        let started = std::time::Instant::now();
        let mut files = build(&release).unwrap();
        println!("{name} took {:?}", started.elapsed());
        files.extend(sign(&files, &key()).unwrap());
        std::fs::create_dir_all(folder.join(name)).unwrap();
        for file in files {
            std::fs::write(folder.join(name).join(file.path), file.bytes).unwrap();
        }
    }
}
