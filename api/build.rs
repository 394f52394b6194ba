//! What the program says of itself: its version, and the commit that it is built from where that is known.
//!
//! The commit is `TORIKUMI_COMMIT`, which who packages the program gives, or what git says of the tree; of a tree without a `.git` of its own, such as
//! an unpacked archive, nothing is said. No time and no name of a machine goes in, so that the same tree makes the same program.

use std::path::Path;
use std::process::Command;

/// How much of a commit's name is said.
const SHOWN: usize = 12;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=TORIKUMI_COMMIT");
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let given = std::env::var("TORIKUMI_COMMIT").unwrap_or_default();
    let commit = if given.trim().is_empty() { told_by_git() } else { Some(given.trim().to_owned()) };
    let commit = commit.filter(|commit| commit.len() >= SHOWN && commit.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let said = commit.map_or_else(|| version.clone(), |commit| format!("{version} ({})", &commit[..SHOWN]));
    println!("cargo:rustc-env=TORIKUMI_VERSION={said}");
}

/// The commit of this very tree: one of a repository around it would be another program's.
fn told_by_git() -> Option<String> {
    let root = Path::new(&std::env::var_os("CARGO_MANIFEST_DIR")?).parent()?.to_owned();
    if !root.join(".git").exists() {
        return None;
    }
    let git = |arguments: &[&str]| {
        let said = Command::new("git").arg("-C").arg(&root).args(arguments).output().ok().filter(|said| said.status.success())?;
        String::from_utf8(said.stdout).ok().map(|said| said.trim().to_owned())
    };
    // Git adds a line there whenever another commit is checked out or made.
    for file in ["logs/HEAD", "HEAD"] {
        let path = git(&["rev-parse", "--git-path", file]).map(|path| root.join(path));
        if let Some(path) = path.filter(|path| path.exists()) {
            println!("cargo:rerun-if-changed={}", path.display());
            break;
        }
    }
    git(&["rev-parse", "HEAD"])
}
