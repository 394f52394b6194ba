//! Keys that were replaced: a line of JSON each, in a file beside the present key that its owner alone may read.
//!
//! A signature outlives its key, so that a rotation keeps the public half of the former one; the key of the pseudonyms, which has none, is kept
//! whole, for who must find a person in an earlier snapshot. A line is written before the key is replaced: a process that dies between the two
//! leaves a line of the present key, which does no harm. Deliberately absent: what a former key is still good for, which its user decides.

use crate::private;
use chrono::{DateTime, Utc};
use std::{
    ffi::OsString,
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// A line has about 200 bytes; more than this is something else.
const LONGEST: u64 = 1 << 20;

/// A key that was replaced.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Former {
    /// When it was made, as far as its file says.
    pub made_at: DateTime<Utc>,
    /// When another one took its place.
    pub replaced_at: DateTime<Utc>,
    /// The key, in the form of its kind.
    pub key: String,
}

/// The file of a key's former ones.
#[must_use]
pub fn file(key: &Path) -> PathBuf {
    let mut name = OsString::from(key);
    name.push(".former");
    name.into()
}

/// When a key's file was made: keys are never changed, only replaced.
///
/// # Errors
/// The system's, as where there is no file.
pub fn made_at(key: &Path) -> io::Result<DateTime<Utc>> {
    Ok(key.metadata()?.modified()?.into())
}

/// The former keys, the oldest first; none where nothing was replaced.
///
/// # Errors
/// The system's, and [`io::ErrorKind::InvalidData`] where a line is none.
pub fn read(key: &Path) -> io::Result<Vec<Former>> {
    match File::open(file(key)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        opened => Ok(lines(&mut opened?)?.0),
    }
}

/// Replaces a key: `present` is kept as the former one, and `next` takes its place at once. Where `present` is none, neither it nor any former
/// one is to be believed any more. Of processes that replace the same key together, each replaces what the other left.
///
/// # Errors
/// The system's; the present key then stays. Where `present` cannot be read, nothing is changed.
pub fn replace(key: &Path, at: DateTime<Utc>, next: &[u8], present: impl FnOnce() -> io::Result<Option<String>>) -> io::Result<()> {
    private::folder_of(key)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file(key))?;
    file.lock()?;
    match present()? {
        None => {
            file.set_len(0)?;
            file.sync_all()?;
        }
        Some(text) => {
            let (former, end) = lines(&mut file)?;
            if former.iter().any(|line| line.key == text) {
                return private::replace(key, next);
            }
            let line = Former { made_at: made_at(key)?, replaced_at: at, key: text };
            let mut bytes = serde_json::to_vec(&line)?;
            bytes.push(b'\n');
            file.set_len(end)?;
            file.seek(SeekFrom::Start(end))?;
            file.write_all(&bytes)?;
            file.sync_all()?;
        }
    }
    private::replace(key, next)
}

/// The whole lines, and where they end; what a process left that died while it wrote is none.
fn lines(file: &mut File) -> io::Result<(Vec<Former>, u64)> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0))?;
    Read::take(&mut *file, LONGEST).read_to_string(&mut text)?;
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    let lines: Result<Vec<Former>, _> = text[..whole].lines().map(serde_json::from_str).collect();
    Ok((lines?, whole as u64))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::seal::key::SealKey;
    use std::fs;

    #[test]
    fn each_former_key_is_kept_once_and_a_torn_line_is_none() {
        let folder = std::env::temp_dir().join(format!("torikumi-former-{:016x}", rand::random::<u64>()));
        let path = folder.join("seal.key");
        let at = |second: i64| DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap();
        assert_eq!(read(&path).unwrap(), []);
        let first = SealKey::open_or_create(&path).unwrap().public_text();
        SealKey::rotate(&path, at(1)).unwrap();
        let second = SealKey::open(&path).unwrap().public_text();
        assert_ne!(first, second);
        // A process died while it wrote the next line, or after that and before it replaced the key.
        for left in ["{\"made_at\":", ""] {
            let mut text = fs::read_to_string(file(&path)).unwrap();
            text.push_str(left);
            fs::write(file(&path), text).unwrap();
            assert_eq!(read(&path).unwrap().iter().map(|line| line.key.as_str()).collect::<Vec<_>>(), [first.as_str()]);
        }
        SealKey::rotate(&path, at(2)).unwrap();
        let kept: Vec<_> = read(&path).unwrap().into_iter().map(|line| (line.key, line.replaced_at)).collect();
        assert_eq!(kept, [(first, at(1)), (second, at(2))]);
        #[cfg(unix)]
        for file in [path.clone(), file(&path)] {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        // Eight processes at once: no key is lost that signed.
        let known = SealKey::open(&path).unwrap().public_text();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| SealKey::rotate(&path, at(3)).unwrap());
            }
        });
        let kept: Vec<_> = read(&path).unwrap().into_iter().map(|line| line.key).collect();
        assert_eq!(kept.len(), 10);
        assert!(kept.contains(&known) && !kept.contains(&SealKey::open(&path).unwrap().public_text()));
        fs::write(file(&path), "no key\n").unwrap();
        assert!(SealKey::rotate(&path, at(4)).is_err() && SealKey::open(&path).is_ok(), "what cannot be read is not written over");
        fs::remove_dir_all(folder).unwrap();
    }
}
