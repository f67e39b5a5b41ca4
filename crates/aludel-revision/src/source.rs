//! The text of a revision file: held, or read when it is asked for.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use crate::error::FileProblem;
use crate::mark::{MARK, section_header};

/// The size from which on only the header of a file is read with the folder, in bytes.
const LARGE: u64 = 1 << 20;

/// The words before the stamp, in the place of SQL that is not kept.
const LEFT_OUT: &str = "only in the file of ";

/// The size of a file and the time of its last change. A file with the same stamp is taken to have
/// the same text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStamp {
    /// The size in bytes.
    pub size: u64,
    /// The time of the last change, since the epoch of Unix.
    pub modified: Duration,
}

impl FileStamp {
    fn of(metadata: &fs::Metadata) -> io::Result<Self> {
        let modified = metadata.modified()?.duration_since(SystemTime::UNIX_EPOCH);
        Ok(Self { size: metadata.len(), modified: modified.unwrap_or_default() })
    }

    /// Returns the directive that stands in place of SQL that is not kept. Nobody can run it.
    pub(crate) fn mark(self) -> String {
        format!("{MARK} {LEFT_OUT}{self}")
    }

    /// Returns the stamp in a text in which SQL is left out, as [`Revision::kept`] returns it.
    ///
    /// [`Revision::kept`]: crate::Revision::kept
    pub fn noted_in(text: &str) -> Option<Self> {
        text.lines().find_map(|line| {
            let stamp = line.strip_prefix(MARK)?.trim().strip_prefix(LEFT_OUT)?;
            let (size, modified) = stamp.split_once(" bytes, changed at ")?;
            let (seconds, nanos) = modified.split_once('.')?;
            let modified = Duration::new(seconds.parse().ok()?, nanos.parse().ok()?);
            Some(Self { size: size.parse().ok()?, modified })
        })
    }
}

impl fmt::Display for FileStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanos) = (self.modified.as_secs(), self.modified.subsec_nanos());
        write!(f, "{} bytes, changed at {seconds}.{nanos:09}", self.size)
    }
}

/// The place of a text.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Held(String),
    /// The file had this stamp when its header was read.
    File {
        stamp: FileStamp,
        text: OnceLock<String>,
    },
}

impl Source {
    /// Returns the text, and reads it before that if it is not held.
    pub(crate) fn text(&self, path: &Path) -> Result<&str, FileProblem> {
        let (stamp, text) = match self {
            Self::Held(text) => return Ok(text),
            Self::File { stamp, text } => (stamp, text),
        };
        if let Some(text) = text.get() {
            return Ok(text);
        }
        let read = read(path, *stamp)?;
        Ok(text.get_or_init(|| read))
    }

    /// Returns the same source without a text that can be read again.
    pub(crate) fn unread(self: &Arc<Self>) -> Arc<Self> {
        match &**self {
            Self::Held(_) => Arc::clone(self),
            Self::File { stamp, .. } => {
                Arc::new(Self::File { stamp: *stamp, text: OnceLock::new() })
            }
        }
    }
}

/// Reads a file whose header has been read before.
fn read(path: &Path, stamp: FileStamp) -> Result<String, FileProblem> {
    let problem = |message: String| FileProblem { path: path.to_owned(), line: 1, message };
    let all = || {
        let mut file = File::open(path)?;
        let before = FileStamp::of(&file.metadata()?)?;
        // The place for all of it is taken at once, because a growing one takes twice as much.
        let mut bytes = Vec::with_capacity(usize::try_from(before.size).unwrap_or(0) + 1);
        file.read_to_end(&mut bytes)?;
        Ok((bytes, before == stamp && FileStamp::of(&file.metadata()?)? == stamp))
    };
    let (bytes, is_same) =
        all().map_err(|error: io::Error| problem(format!("can't read the file: {error}")))?;
    if !is_same {
        return Err(problem("the file has changed since its header was read".to_owned()));
    }
    decode(path, bytes)
}

/// Returns the text of a file without a byte order mark. A checkout may end lines in two ways, and what
/// a statement has in quotes is the same in both.
pub(crate) fn decode(path: &Path, bytes: Vec<u8>) -> Result<String, FileProblem> {
    let problem = |line, message: &str| {
        Err(FileProblem { path: path.to_owned(), line, message: message.to_owned() })
    };
    let line_at = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
    let mut text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            return problem(line_at(before), "the file is not UTF-8");
        }
    };
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    match text.find('\0') {
        Some(at) => {
            let line = line_at(&text.as_bytes()[..at]);
            problem(line, "a NUL byte, which would end the statement")
        }
        None if text.contains("\r\n") => Ok(text.replace("\r\n", "\n")),
        None => Ok(text),
    }
}

/// The bytes of a file: all of them, or those up to the first section of a large one.
pub(crate) enum Bytes {
    All(Vec<u8>),
    Header(Vec<u8>, FileStamp),
}

/// Reads a file, or the header of a large one.
pub(crate) fn begin(path: &Path) -> io::Result<Bytes> {
    let mut file = File::open(path)?;
    let stamp = FileStamp::of(&file.metadata()?)?;
    if stamp.size >= LARGE {
        return Ok(Bytes::Header(header(BufReader::new(file))?, stamp));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(stamp.size).unwrap_or(0) + 1);
    file.read_to_end(&mut bytes)?;
    Ok(Bytes::All(bytes))
}

/// Reads up to the first line that is neither empty nor a comment, or begins a section.
fn header(mut file: impl BufRead) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let start = bytes.len();
        let length = file.read_until(b'\n', &mut bytes)?;
        let line = String::from_utf8_lossy(&bytes[start..]);
        let line = line.trim_start_matches('\u{feff}').trim();
        let is_header = line.is_empty() || line.starts_with("--") && section_header(line).is_none();
        if length == 0 || !is_header {
            return Ok(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_without_sections_is_not_read_to_its_end() {
        let text = format!("-- big\nSELECT 1;\n{}", "-- no more\n".repeat(10));
        let bytes = header(text.as_bytes()).unwrap();
        assert!(String::from_utf8(bytes).unwrap().ends_with("SELECT 1;\n"));
    }
}
