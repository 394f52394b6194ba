//! Files of our own that nobody but their owner may read: keys, heads, the embedded database and the last known key set.
//!
//! Deliberately absent: what they hold, and who owns them; on systems without permission bits the folder's access list must do.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// The folder in which installations keep what is private unless they name other places.
const OURS: &str = ".torikumi";

/// Makes the folder of a private file, and those above it, for their owner alone. One that is there already keeps its mode, for others may live
/// in it, but for our own `.torikumi`.
///
/// # Errors
/// The system's.
pub fn folder_of(file: &Path) -> io::Result<()> {
    let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    if folder.file_name().is_some_and(|name| name == OURS) {
        // Somebody else's folder is theirs to close; the keys in it are refused where they are open.
        let _ = set_mode(folder, 0o700).inspect_err(|error| tracing::warn!(%error, "the folder {OURS} stays open to others"));
    }
    Ok(())
}

/// Makes a private file with its content, unless there is one already. A complete draft is linked to its place: the place never holds half of it,
/// and where two processes link, the first wins and both read it.
///
/// # Errors
/// The system's.
pub fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    let draft = draft(path, content)?;
    let placed = match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    };
    let removed = fs::remove_file(&draft);
    placed.and(removed)
}

/// Puts a private file in the place of the former one, at once.
///
/// # Errors
/// The system's.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let draft = draft(path, content)?;
    fs::rename(&draft, path).inspect_err(|_| {
        let _ = fs::remove_file(&draft);
    })
}

/// Takes the rights of group and others from a file; nothing where there is none.
///
/// # Errors
/// The system's, as where the file is somebody else's.
pub fn close(path: &Path) -> io::Result<()> {
    match set_mode(path, 0o600) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        closed => closed,
    }
}

/// Makes a private file that is not there yet; what somebody else put in its place is not followed.
///
/// # Errors
/// The system's.
pub fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A file beside `path` with all of the content.
fn draft(path: &Path, content: &[u8]) -> io::Result<std::path::PathBuf> {
    folder_of(path)?;
    let draft = path.with_file_name(format!(".draft-{:016x}", rand::random::<u64>()));
    let mut file = new_file(&draft)?;
    file.write_all(content)?;
    file.sync_all()?;
    Ok(draft)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let present = fs::metadata(path)?.permissions().mode() & 0o777;
    // What the owner took from itself stays taken.
    let wanted = present & mode;
    if present == wanted { Ok(()) } else { fs::set_permissions(path, fs::Permissions::from_mode(wanted)) }
}

#[cfg(not(unix))]
fn set_mode(path: &Path, _: u32) -> io::Result<()> {
    fs::metadata(path).map(|_| ())
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn folders_and_files_are_their_owners_alone_those_that_are_there_too() {
        let root = std::env::temp_dir().join(format!("torikumi-private-{:016x}", rand::random::<u64>()));
        let (ours, shared) = (root.join(OURS), root.join("shared"));
        for folder in [&ours, &shared] {
            fs::create_dir_all(folder).unwrap();
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        }
        create(&ours.join("key"), b"first").unwrap();
        create(&ours.join("key"), b"second").unwrap();
        create(&shared.join("deep/er/key"), b"").unwrap();
        assert_eq!(fs::read(ours.join("key")).unwrap(), b"first");
        let modes = [&ours, &ours.join("key"), &shared, &shared.join("deep"), &shared.join("deep/er")].map(|path| mode(path));
        assert_eq!(modes, [0o700, 0o600, 0o755, 0o700, 0o700], "a folder that others use is left alone");

        replace(&ours.join("key"), b"third").unwrap();
        assert_eq!((fs::read(ours.join("key")).unwrap().as_slice(), mode(&ours.join("key"))), (&b"third"[..], 0o600));
        fs::set_permissions(ours.join("key"), fs::Permissions::from_mode(0o664)).unwrap();
        close(&ours.join("key")).unwrap();
        close(&ours.join("none")).unwrap();
        assert_eq!(mode(&ours.join("key")), 0o600);
        assert_eq!(fs::read_dir(&ours).unwrap().count(), 1, "a draft stayed behind");
        fs::remove_dir_all(root).unwrap();
    }
}
