//! The file of heads: a line of JSON for each seal, in order, appended and never rewritten.
//!
//! A process that dies while it appends leaves a torn last line, which who appends next takes away and who reads leaves out. Who appends
//! holds the file's lock, and adds only what follows the last line.

use super::{Head, SealError};
use crate::private;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

/// The end of the file that is read to find the last line; a line has about 350 bytes.
const END: u64 = 8 * 1_024;

/// All heads, and whether the last line is torn.
///
/// # Errors
/// When the file cannot be read, or a whole line is no head.
pub fn read(path: &Path) -> Result<(Vec<Head>, bool), SealError> {
    let text = fs::read_to_string(path).map_err(|source| SealError::Io { path: path.to_owned(), source })?;
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    let heads: Result<_, _> = text[..whole].lines().map(serde_json::from_str).collect();
    Ok((heads.map_err(|_| SealError::NotAHead { path: path.to_owned() })?, whole < text.len()))
}

/// The last whole line's head; `None` where there is no file or no line.
///
/// # Errors
/// When the file cannot be read, or the line is no head.
pub fn last(path: &Path) -> Result<Option<Head>, SealError> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => {
            let found = opened.and_then(|mut file| last_line(&mut file));
            let (line, _) = found.map_err(|source| SealError::Io { path: path.to_owned(), source })?;
            parse(path, line.as_deref())
        }
    }
}

/// Appends the heads that follow the file's last, in order, and makes them durable; a torn last line goes.
///
/// # Errors
/// When the file cannot be read or written, or its last line is no head.
pub fn append(path: &Path, heads: &[Head]) -> Result<(), SealError> {
    let io_error = |source| SealError::Io { path: path.to_owned(), source };
    private::folder_of(path).map_err(io_error)?;
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(io_error)?;
    file.lock().map_err(io_error)?;
    let (line, whole) = last_line(&mut file).map_err(io_error)?;
    let last = parse(path, line.as_deref())?.map_or(0, |head| head.seal);
    let mut text = Vec::new();
    for head in heads.iter().filter(|head| head.seal > last) {
        serde_json::to_writer(&mut text, head).map_err(|error| io_error(error.into()))?;
        text.push(b'\n');
    }
    let written = file.set_len(whole).and_then(|()| file.seek(SeekFrom::Start(whole))).and_then(|_| file.write_all(&text));
    written.and_then(|()| file.sync_all()).map_err(io_error)
}

fn parse(path: &Path, line: Option<&[u8]>) -> Result<Option<Head>, SealError> {
    let head = line.map(serde_json::from_slice).transpose();
    head.map_err(|_| SealError::NotAHead { path: path.to_owned() })
}

/// The last whole line, and where it ends.
fn last_line(file: &mut File) -> io::Result<(Option<Vec<u8>>, u64)> {
    let length = file.seek(SeekFrom::End(0))?;
    let start = length.saturating_sub(END);
    file.seek(SeekFrom::Start(start))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    let Some(last) = end.iter().rposition(|&byte| byte == b'\n') else {
        return if start == 0 { Ok((None, 0)) } else { Err(io::Error::new(io::ErrorKind::InvalidData, "a line without an end")) };
    };
    let line = end[..last].iter().rposition(|&byte| byte == b'\n').map_or(0, |before| before + 1);
    Ok((Some(end[line..last].to_vec()), start + last as u64 + 1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn head(seal: i64) -> Head {
        Head { seal, first: seal, last: seal, head: "00".repeat(32), key: "11".repeat(32), signature: "22".repeat(64) }
    }

    #[test]
    fn a_torn_last_line_is_taken_away_and_no_head_is_written_twice() {
        let path = std::env::temp_dir().join(format!("torikumi-heads-{}", uuid::Uuid::now_v7()));
        assert_eq!(last(&path).unwrap(), None);
        let heads: Vec<_> = (1..=40).map(head).collect();
        append(&path, &heads[..30]).unwrap();
        let whole = fs::read(&path).unwrap();
        // Cut off anywhere in the next line.
        append(&path, &heads[..31]).unwrap();
        let next = fs::read(&path).unwrap();
        for end in whole.len()..next.len() {
            fs::write(&path, &next[..end]).unwrap();
            let (found, torn) = read(&path).unwrap();
            assert_eq!((found.len(), torn), (30, end > whole.len()), "{end}");
            assert_eq!(last(&path).unwrap(), Some(head(30)));
            append(&path, &heads).unwrap();
            assert_eq!(read(&path).unwrap(), (heads.clone(), false), "{end}");
        }
        append(&path, &heads).unwrap();
        assert_eq!(read(&path).unwrap().0.len(), 40);
        fs::write(&path, "no head\n").unwrap();
        assert!(matches!(read(&path), Err(SealError::NotAHead { .. })));
        assert!(matches!(append(&path, &heads), Err(SealError::NotAHead { .. })));
        fs::remove_file(&path).unwrap();
    }
}
