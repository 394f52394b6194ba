//! How much room is left on the disks that the process writes to.

use std::{fs, io, os::unix::fs::MetadataExt, path::Path};

/// A disk with less left than this is nearly full, whatever its size.
const LEAST: u64 = 1 << 30;

/// The room on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Which disk it is.
    pub device: u64,
    /// Bytes that are left for the process.
    pub free: u64,
    /// Bytes in all.
    pub total: u64,
}

impl Space {
    /// The room on the disk of a folder, or of the nearest one above it that is there.
    ///
    /// # Errors
    /// The system's.
    pub fn of(folder: &Path) -> io::Result<Self> {
        let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or_else(|| Path::new("."));
        let found = rustix::fs::statvfs(there)?;
        Ok(Self { device: fs::metadata(there)?.dev(), free: found.f_bavail * found.f_frsize, total: found.f_blocks * found.f_frsize })
    }

    /// Whether less than a tenth of it, or less than 1 GiB, is left.
    #[must_use]
    pub fn is_nearly_full(self) -> bool {
        self.free < LEAST || self.free < self.total / 10
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_disk_is_nearly_full_by_share_and_by_size() {
        let full = |free: u64, total: u64| Space { device: 1, free: free << 20, total: total << 20 }.is_nearly_full();
        assert_eq!([full(1_023, 2_048), full(1_024, 2_048), full(10_239, 102_400), full(10_240, 102_400)], [true, false, true, false]);
    }

    #[test]
    fn a_folder_that_is_not_there_yet_is_on_the_disk_of_the_one_above() {
        let folder = std::env::temp_dir();
        let (there, to_be) = (Space::of(&folder).unwrap(), Space::of(&folder.join("none").join("of these")).unwrap());
        assert_eq!((there.device, there.total), (to_be.device, to_be.total));
        assert!(Space::of(Path::new("")).unwrap().total > 0, "the working folder");
    }
}
