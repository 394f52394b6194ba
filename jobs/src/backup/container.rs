//! What is inside the encryption: a line that names the format, the manifest, then each part in chunks, with its SHA-256 at its end.
//!
//! ```text
//! torikumi backup\n
//! length (4 bytes, big-endian)  manifest (JSON)
//! for each part of the manifest, in order:
//!     length (4 bytes, 1 to 65,536)  as many bytes      again and again
//!     0 (4 bytes)  SHA-256 of all of the part's bytes (32 bytes)
//! ```
//!
//! Nothing follows the last part. That a file is whole and as it was written is known by the encryption, which authenticates each chunk, its
//! place and the end; the sums tell a defect of ours, and what a part's bytes are to whoever compares backups.

use super::{BackupError, Manifest};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::{
    io::{self, Read, Write},
    path::Path,
};
use tokio_util::sync::CancellationToken;

/// The version that is written.
pub(super) const FORMAT: u32 = 1;
const NAME: &[u8] = b"torikumi backup\n";
const CHUNK: usize = 64 << 10;
/// A manifest has some hundred bytes.
const LONGEST: usize = 1 << 20;

/// What every version says.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

fn damaged() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// Told to whoever copies when somebody stops it.
fn go_on(stop: &CancellationToken) -> io::Result<()> {
    if stop.is_cancelled() { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
}

/// Writes one file.
pub(super) struct Writer<W> {
    to: W,
    chunk: Vec<u8>,
    stop: CancellationToken,
}

impl<W: Write> Writer<W> {
    pub(super) fn begin(mut to: W, manifest: &Manifest, stop: CancellationToken) -> io::Result<Self> {
        let manifest = serde_json::to_vec(manifest)?;
        to.write_all(NAME)?;
        to.write_all(&length(manifest.len())?)?;
        to.write_all(&manifest)?;
        Ok(Self { to, chunk: vec![0; CHUNK], stop })
    }

    /// Writes the next part, to the end of what it is read from.
    pub(super) fn part(&mut self, from: &mut impl Read) -> io::Result<()> {
        let mut sum = Sha256::new();
        loop {
            go_on(&self.stop)?;
            let read = match from.read(&mut self.chunk) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let chunk = &self.chunk[..read];
            sum.update(chunk);
            self.to.write_all(&length(read)?)?;
            self.to.write_all(chunk)?;
        }
        self.to.write_all(&length(0)?)?;
        self.to.write_all(&sum.finalize())
    }

    /// Gives back what it writes to, which is to be finished.
    pub(super) fn end(self) -> W {
        self.to
    }
}

fn length(bytes: usize) -> io::Result<[u8; 4]> {
    Ok(u32::try_from(bytes).map_err(io::Error::other)?.to_be_bytes())
}

/// Reads one file.
pub(super) struct Reader<R> {
    from: R,
    chunk: Vec<u8>,
}

impl<R: Read> Reader<R> {
    /// Reads the manifest.
    pub(super) fn open(from: R) -> Result<(Self, Manifest), BackupError> {
        let mut reader = Self { from, chunk: vec![0; CHUNK] };
        let manifest = reader.manifest().map_err(BackupError::copying(Path::new("the backup")))?;
        // Of another version no more is known than that it has one.
        let Version { format } = serde_json::from_slice(&manifest).map_err(|_| BackupError::Damaged)?;
        if format != FORMAT {
            return Err(BackupError::Format(format));
        }
        let manifest = serde_json::from_slice(&manifest).map_err(|_| BackupError::Damaged)?;
        Ok((reader, manifest))
    }

    fn manifest(&mut self) -> io::Result<Vec<u8>> {
        let mut name = [0; NAME.len()];
        self.from.read_exact(&mut name)?;
        let length = self.length()?;
        if name != *NAME || length > LONGEST {
            return Err(damaged());
        }
        let mut manifest = vec![0; length];
        self.from.read_exact(&mut manifest)?;
        Ok(manifest)
    }

    /// Copies the next part.
    pub(super) fn part(&mut self, to: &mut (impl Write + ?Sized), stop: &CancellationToken) -> io::Result<()> {
        let mut sum = Sha256::new();
        loop {
            go_on(stop)?;
            let length = self.length()?;
            if length == 0 {
                break;
            }
            let chunk = self.chunk.get_mut(..length).ok_or_else(damaged)?;
            self.from.read_exact(chunk)?;
            sum.update(&*chunk);
            to.write_all(chunk)?;
        }
        let mut told = [0; 32];
        self.from.read_exact(&mut told)?;
        if told == *sum.finalize() { Ok(()) } else { Err(damaged()) }
    }

    /// Makes sure that nothing follows; only then the whole file is known to be as it was written.
    pub(super) fn end(mut self) -> io::Result<()> {
        if self.from.read(&mut [0])? == 0 { Ok(()) } else { Err(damaged()) }
    }

    fn length(&mut self) -> io::Result<usize> {
        let mut length = [0; 4];
        self.from.read_exact(&mut length)?;
        usize::try_from(u32::from_be_bytes(length)).map_err(|_| damaged())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::backup::{Engine, Lock, Part};
    use age::{Decryptor, x25519::Identity};
    use chrono::DateTime;
    use entity::ids::DatabaseIdentityId;

    fn manifest() -> Manifest {
        Manifest {
            format: FORMAT,
            made_at: DateTime::UNIX_EPOCH,
            program: "0".to_owned(),
            migration: "m".to_owned(),
            engine: Engine::SQLite,
            dumped_by: None,
            database: DatabaseIdentityId::new(),
            parts: vec![Part::Heads, Part::Database],
        }
    }

    fn file(identity: &Identity, parts: [&[u8]; 2]) -> Vec<u8> {
        let lock = Lock::recipients(&[identity.to_public().to_string()]).unwrap();
        let mut writer = Writer::begin(lock.wrap(Vec::new()).unwrap(), &manifest(), CancellationToken::new()).unwrap();
        for mut part in parts {
            writer.part(&mut part).unwrap();
        }
        writer.end().finish().unwrap()
    }

    fn read(identity: &Identity, file: &[u8]) -> Option<Vec<Vec<u8>>> {
        let opened = Decryptor::new_buffered(file).ok()?.decrypt(std::iter::once(identity as _)).ok()?;
        let (mut reader, manifest) = Reader::open(opened).ok()?;
        let stop = CancellationToken::new();
        let mut parts = Vec::new();
        for _ in &manifest.parts {
            let mut part = Vec::new();
            reader.part(&mut part, &stop).ok()?;
            parts.push(part);
        }
        reader.end().ok()?;
        Some(parts)
    }

    #[test]
    fn a_file_is_read_as_it_was_written_and_refused_where_it_is_cut_off_or_changed_anywhere() {
        let identity = Identity::generate();
        let large: Vec<u8> = (0..200_000_u32).map(|i| u8::try_from(i % 251).unwrap()).collect();
        let whole = file(&identity, [b"heads\n", &large]);
        assert_eq!(read(&identity, &whole), Some(vec![b"heads\n".to_vec(), large]));
        assert_eq!(read(&Identity::generate(), &whole), None);
        for end in (0..400).chain((400..whole.len()).step_by(997)).chain(whole.len() - 40..whole.len()) {
            assert_eq!(read(&identity, &whole[..end]), None, "cut off at {end}");
        }
        for place in (0..400).chain((400..whole.len()).step_by(997)).chain(whole.len() - 40..whole.len()) {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            assert_eq!(read(&identity, &changed), None, "changed at {place}");
        }
        assert_eq!(read(&identity, &[&whole[..], b"x"].concat()), None, "something follows");
    }

    #[test]
    fn the_end_is_found_where_it_falls_on_the_end_of_a_chunk_of_the_encryption() {
        let identity = Identity::generate();
        // The manifest and the sums take some 270 bytes of the first 65,536.
        for length in 65_150..65_350 {
            let part = vec![7; length];
            let whole = file(&identity, [b"", &part]);
            assert_eq!(read(&identity, &whole), Some(vec![Vec::new(), part]), "{length}");
        }
    }
}
