//! Files that are written beside their place and get it when they are whole; nothing of them is left where something fails.
//!
//! A process that is killed leaves its draft behind. It holds a draft locked as long as it lives, so that the next one knows and removes those of
//! the dead.

use super::BackupError;
use crate::private;
use std::{
    fs::{self, File},
    io::{self, Seek},
    path::{Path, PathBuf},
};

/// How the names of drafts begin; 16 hexadecimal digits follow, and what the engine puts beside.
const PREFIX: &str = ".torikumi-draft-";
const NAME: usize = PREFIX.len() + 16;
/// What SQLite puts beside a file.
const BESIDE: [&str; 4] = ["", "-journal", "-wal", "-shm"];

/// A file of its owner alone that has not got its place yet.
pub(super) struct Draft {
    path: PathBuf,
    file: File,
}

impl Draft {
    /// Makes one in the folder of the place that it is to get, and removes those that dead processes left there.
    pub(super) fn beside(place: &Path) -> Result<Self, BackupError> {
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        sweep(folder);
        let path = folder.join(format!("{PREFIX}{:016x}", rand::random::<u64>()));
        let made = private::new_file(&path).and_then(|written| {
            drop(written);
            File::options().read(true).write(true).open(&path)
        });
        let file = made.map_err(BackupError::io(&path))?;
        let draft = Self { path, file };
        draft.file.try_lock().map_err(|error| BackupError::io(&draft.path)(error.into()))?;
        Ok(draft)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file, to be written.
    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Whether the engine has put nothing beside it.
    pub(super) fn is_alone(&self) -> bool {
        BESIDE.iter().skip(1).all(|end| {
            let mut path = self.path.as_os_str().to_owned();
            path.push(end);
            fs::metadata(path).map_or(true, |beside| beside.len() == 0)
        })
    }

    /// Gives the file its place, durably. Unless it replaces, what is there already stays.
    pub(super) fn place(self, place: &Path, replace: bool) -> Result<(), BackupError> {
        self.file.sync_all().map_err(BackupError::io(&self.path))?;
        // Of two that come to one place at once, one gets it; a file system without links has the look alone.
        let linked = if replace { Err(io::ErrorKind::Unsupported.into()) } else { fs::hard_link(&self.path, place) };
        match linked {
            Ok(()) => {}
            Err(_) if !replace && place.exists() => return Err(BackupError::Taken(place.to_owned())),
            Err(_) => fs::rename(&self.path, place).map_err(BackupError::io(place))?,
        }
        if let Some(folder) = self.path.parent() {
            // Where folders cannot be made durable, the system does it in its time.
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }

    /// Takes the file's name away, so that it is gone when it is closed, however the process ends; read from its beginning.
    pub(super) fn unnamed(self) -> Result<File, BackupError> {
        let mut file = self.file.try_clone().map_err(BackupError::io(&self.path))?;
        file.rewind().map_err(BackupError::io(&self.path))?;
        Ok(file)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

fn remove(path: &Path) {
    for end in BESIDE {
        let mut path = path.as_os_str().to_owned();
        path.push(end);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => tracing::warn!(%error, "a draft stays behind"),
            _ => {}
        }
    }
}

/// Removes the drafts of dead processes.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for name in entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()) {
        if name.starts_with(PREFIX)
            && let Some(name) = name.get(..NAME)
        {
            let path = folder.join(name);
            // What cannot be opened is somebody else's.
            let dead = match File::open(&path) {
                Ok(file) => file.try_lock().is_ok(),
                Err(error) => error.kind() == io::ErrorKind::NotFound,
            };
            if dead {
                remove(&path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use std::io::{Read, Write};

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_draft_gets_its_place_whole_or_nothing_is_left_of_it() {
        let folder = std::env::temp_dir().join(format!("torikumi-drafts-{:016x}", rand::random::<u64>()));
        fs::create_dir(&folder).unwrap();
        let place = folder.join("file");
        let dead = format!("{PREFIX}{:016x}", 7);
        for end in BESIDE {
            fs::write(folder.join(format!("{dead}{end}")), "left behind").unwrap();
        }
        let mut first = Draft::beside(&place).unwrap();
        assert_eq!(names(&folder).len(), 1, "what the dead left is gone");
        first.file().write_all(b"first").unwrap();
        let second = Draft::beside(&place).unwrap();
        assert_eq!(names(&folder).len(), 2, "what the living hold stays");
        first.place(&place, false).unwrap();
        assert!(matches!(second.place(&place, false), Err(BackupError::Taken(_))));
        assert_eq!((names(&folder), fs::read(&place).unwrap()), (vec!["file".to_owned()], b"first".to_vec()));
        let mut third = Draft::beside(&place).unwrap();
        third.file().write_all(b"third").unwrap();
        let mut unnamed = third.unnamed().unwrap();
        assert_eq!(names(&folder), ["file"]);
        let mut content = String::new();
        unnamed.read_to_string(&mut content).unwrap();
        assert_eq!(content, "third");
        fs::remove_dir_all(folder).unwrap();
    }
}
