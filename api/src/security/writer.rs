//! Writes the security log, in a thread of its own.
//!
//! The first of its kind is written at once; the same within a minute is counted, and written as one line when the minute is over. Deliberately
//! absent: fsync for each line. A crash of the machine may lose the last seconds, one of the process loses what was not taken from the queue.

use super::{Happened, Kind, Line};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::period::civil_date;
use jobs::private;
use serde::Serialize;
use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    num::NonZeroU64,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

/// What may wait to be written.
const QUEUE: usize = 8_192;
/// Within which the same is one line.
const SPAN: Duration = Duration::from_mins(1);
/// Kinds of lines that are counted at a time; the rest of a minute is counted as lost.
const COUNTED: usize = 20_000;
/// How long a file is kept.
const KEPT: TimeDelta = TimeDelta::days(366);
const LOST: &str = "security_log_lines_lost_total";
const NAME: (&str, &str) = ("security-", ".jsonl");

enum Message {
    Happened(Box<Happened>),
    Flush(tokio::sync::oneshot::Sender<()>),
}

/// The way to the thread.
pub(super) struct Writer {
    queue: SyncSender<Message>,
    lost: Arc<AtomicU64>,
}

impl Writer {
    pub(super) fn open(folder: &Path, now: DateTime<Utc>) -> io::Result<Self> {
        let files = Files::open(folder.to_owned(), civil_date(now))?;
        let (queue, told) = sync_channel(QUEUE);
        let lost = Arc::new(AtomicU64::new(0));
        let counter = Counter { files, counted: HashMap::new(), lost: lost.clone(), began: Instant::now(), latest: now, is_silent: false };
        thread::Builder::new().name("security-log".to_owned()).spawn(move || counter.run(&told))?;
        Ok(Self { queue, lost })
    }

    /// Hands it over; never waits.
    pub(super) fn tell(&self, happened: Happened) {
        if self.queue.try_send(Message::Happened(Box::new(happened))).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
            metrics::counter!(LOST).increment(1);
        }
    }

    /// Waits until what was told before is written, what is counted too.
    pub(super) async fn flush(&self) {
        let (done, written) = tokio::sync::oneshot::channel();
        let mut message = Message::Flush(done);
        while let Err(std::sync::mpsc::TrySendError::Full(back)) = self.queue.try_send(message) {
            message = back;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // An error says that the thread has ended, and so has written what it had.
        let _ = written.await;
    }
}

/// What was counted since its first line.
struct Count {
    times: u64,
    records: u64,
}

/// What a file holds of a line.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(flatten)]
    line: &'a Line,
    times: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<NonZeroU64>,
}

/// The thread.
struct Counter {
    files: Files,
    counted: HashMap<Line, Count>,
    lost: Arc<AtomicU64>,
    began: Instant,
    latest: DateTime<Utc>,
    /// Whether the last line could not be written, which is said once.
    is_silent: bool,
}

impl Counter {
    fn run(mut self, told: &Receiver<Message>) {
        loop {
            match told.recv_timeout(SPAN.saturating_sub(self.began.elapsed())) {
                Ok(Message::Happened(happened)) => self.take(*happened),
                Ok(Message::Flush(done)) => {
                    self.write_counted();
                    // Who no longer waits need not know.
                    let _ = done.send(());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.write_counted(),
            }
            if self.began.elapsed() >= SPAN {
                self.write_counted();
            }
        }
    }

    fn take(&mut self, happened: Happened) {
        let Happened { at, request, line, records } = happened;
        self.latest = at;
        if let Some(count) = self.counted.get_mut(&line) {
            (count.times, count.records) = (count.times + 1, count.records + records);
            return;
        }
        let has_request = request.as_ref().map(crate::http::RequestId::as_str);
        // Acts are few, and each is a line.
        if matches!(line.kind, Kind::AdministratorActed | Kind::Command) {
            return self.write(at, has_request, &line, &Count { times: 1, records });
        }
        if self.counted.len() >= COUNTED {
            self.lost.fetch_add(1, Ordering::Relaxed);
            metrics::counter!(LOST).increment(1);
            return;
        }
        self.write(at, has_request, &line, &Count { times: 1, records });
        self.counted.insert(line, Count { times: 0, records: 0 });
    }

    fn write_counted(&mut self) {
        self.began = Instant::now();
        let at = self.latest;
        for (line, count) in std::mem::take(&mut self.counted) {
            if count.times > 0 {
                self.write(at, None, &line, &count);
            }
        }
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            self.write(at, None, &Line::new(Kind::Lost, "QUEUE"), &Count { times: lost, records: 0 });
        }
    }

    fn write(&mut self, at: DateTime<Utc>, request_id: Option<&str>, line: &Line, count: &Count) {
        let written = Written { at, request_id, line, times: count.times, records: NonZeroU64::new(count.records) };
        let result = serde_json::to_vec(&written).map_err(io::Error::from).and_then(|mut text| {
            text.push(b'\n');
            self.files.write(civil_date(at), &text)
        });
        if let Err(error) = &result {
            metrics::counter!(LOST).increment(count.times);
            if !self.is_silent {
                tracing::error!(%error, "the security log cannot be written");
            }
        }
        self.is_silent = result.is_err();
    }
}

/// The files: one a day.
struct Files {
    folder: PathBuf,
    day: NaiveDate,
    file: File,
}

impl Files {
    fn open(folder: PathBuf, day: NaiveDate) -> io::Result<Self> {
        let file = file_of(&folder, day)?;
        remove_old(&folder, day);
        Ok(Self { folder, day, file })
    }

    fn write(&mut self, day: NaiveDate, line: &[u8]) -> io::Result<()> {
        if day != self.day {
            self.file = file_of(&self.folder, day)?;
            self.day = day;
            remove_old(&self.folder, day);
        }
        // One write, so that lines of processes that share the folder do not run into each other.
        self.file.write_all(line)
    }
}

fn file_of(folder: &Path, day: NaiveDate) -> io::Result<File> {
    let path = folder.join(format!("{}{day}{}", NAME.0, NAME.1));
    private::folder_of(&path)?;
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path)?;
    private::close(&path)?;
    Ok(file)
}

/// Removes files that were kept long enough; one that cannot be removed is tried again the next day.
fn remove_old(folder: &Path, today: NaiveDate) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let day = name.to_str().and_then(|name| name.strip_prefix(NAME.0)?.strip_suffix(NAME.1)?.parse::<NaiveDate>().ok());
        if day.is_some_and(|day| today - day > KEPT)
            && let Err(error) = fs::remove_file(entry.path())
        {
            tracing::warn!(%error, "an old file of the security log stays");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::Value;

    fn happened(subject: &str, at: DateTime<Utc>, records: u64) -> Happened {
        let line = Line { subject: subject.to_owned(), ..Line::new(Kind::UnknownNumbers, "DRY_RUN") };
        Happened { at, request: None, line, records }
    }

    #[tokio::test]
    async fn the_same_is_counted_and_old_files_go() {
        let folder = std::env::temp_dir().join(format!("torikumi-security-{:016x}", rand::random::<u64>()));
        let at: DateTime<Utc> = "2026-11-29T01:00:00Z".parse().unwrap();
        fs::create_dir_all(&folder).unwrap();
        for name in ["security-2025-11-27.jsonl", "security-2025-11-28.jsonl", "security-notes.jsonl", "other"] {
            fs::write(folder.join(name), "").unwrap();
        }
        let writer = Writer::open(&folder, at).unwrap();
        for records in 1..=4 {
            writer.tell(happened("a", at, records));
        }
        writer.tell(happened("b", at, 1));
        writer.flush().await;
        let names = || {
            let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        assert_eq!(names(), ["other", "security-2025-11-28.jsonl", "security-2026-11-29.jsonl", "security-notes.jsonl"]);
        writer.tell(happened("a", at + TimeDelta::hours(14), 1));
        writer.flush().await;
        let lines = |day: &str| -> Vec<(String, u64, u64)> {
            let text = fs::read_to_string(folder.join(format!("security-{day}.jsonl"))).unwrap();
            let mut lines: Vec<_> = text
                .lines()
                .map(|line| serde_json::from_str::<Value>(line).unwrap())
                .map(|line| {
                    let number = |name: &str| line[name].as_u64().unwrap_or_default();
                    (line["subject"].as_str().unwrap().to_owned(), number("times"), number("records"))
                })
                .collect();
            lines.sort();
            lines
        };
        assert_eq!(lines("2026-11-29"), [("a".to_owned(), 1, 1), ("a".to_owned(), 3, 9), ("b".to_owned(), 1, 1)]);
        assert_eq!(lines("2026-11-30"), [("a".to_owned(), 1, 1)], "a day of Tokyo");
        assert_eq!(names(), ["other", "security-2026-11-29.jsonl", "security-2026-11-30.jsonl", "security-notes.jsonl"]);
        fs::remove_dir_all(folder).unwrap();
    }
}
