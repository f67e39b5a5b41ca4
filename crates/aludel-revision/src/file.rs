//! A revision file: a header of comments, followed by sections of SQL.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::copy_data::CopyData;
use crate::error::FileProblem;
use crate::id::check_id;
use crate::mark::{Direction, MARK, section_header};
use crate::source::{Bytes, FileStamp, Source, begin, decode};

/// One revision: the contents of its header, and the text of its file.
#[derive(Clone, Debug)]
pub struct Revision {
    /// The revision id.
    pub id: String,
    /// The ids of the parents: none for a base, several for a merge.
    pub down_revisions: Vec<String>,
    /// The labels of the branch that begins at this revision.
    pub branch_labels: Vec<String>,
    /// Ids or labels of revisions on other branches that must be applied before this one.
    pub depends_on: Vec<String>,
    /// The ids of the revisions that this one replaces, the oldest first.
    pub replaces: Vec<String>,
    /// The replaced ids that denote the same place as this revision: the names of the last replaced
    /// one.
    pub ends: Vec<String>,
    /// The message: the first line of the file.
    pub message: String,
    /// The creation time, as the header states it.
    pub created: Option<String>,
    /// The path of the file.
    pub path: PathBuf,
    pub(crate) source: Arc<Source>,
}

/// The SQL of one direction, optionally for one dialect only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section<'r> {
    /// The direction.
    pub direction: Direction,
    /// The dialect's name; `None` serves every dialect that has no section of its own.
    pub dialect: Option<String>,
    /// The SQL, as the file has it. A line that marks the section as irreversible is a comment in
    /// it.
    pub body: &'r str,
    /// The line of the file on which the body begins, counted from 1.
    pub line: usize,
    /// The reason why the direction is impossible, if the section is marked as irreversible.
    pub irreversible: Option<String>,
    /// The reason why the section is a gap, if it is marked as one: somebody has to write it.
    pub missing: Option<String>,
}

/// The place of a section in its file.
struct Place {
    direction: Direction,
    dialect: Option<String>,
    /// The bytes of the body.
    body: Range<usize>,
    line: usize,
    irreversible: Option<String>,
    missing: Option<String>,
}

impl Revision {
    /// Parses the header of a revision file. [`Revision::sections`] parses the sections on demand.
    ///
    /// # Errors
    ///
    /// Fails if the file is not UTF-8, contains a NUL byte, or has a malformed or incomplete
    /// header.
    pub fn parse(path: &Path, bytes: Vec<u8>) -> Result<Self, FileProblem> {
        let problem = |line, message: String| FileProblem { path: path.to_owned(), line, message };
        let text = decode(path, bytes)?;
        let mut header = Header::default();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if section_header(line).is_some() {
                break;
            }
            header.take(line).map_err(|message| problem(at + 1, message))?;
        }
        let Some(id) = header.id else {
            return Err(problem(1, "the header has no `-- revision:` line".to_owned()));
        };
        let Some(down_revisions) = header.down_revisions else {
            return Err(problem(
                1,
                "the header has no `-- down_revision:` line; a base has `none`".to_owned(),
            ));
        };
        Ok(Self {
            id,
            down_revisions,
            branch_labels: header.branch_labels,
            depends_on: header.depends_on,
            replaces: header.replaces,
            ends: header.ends,
            message: header.message,
            created: header.created,
            path: path.to_owned(),
            source: Arc::new(Source::Held(text)),
        })
    }

    /// Reads the file at `path` and parses its header. Of a large file only the header is read here,
    /// and the rest when it is asked for.
    ///
    /// # Errors
    ///
    /// Fails if the file can't be read. The inner error is that of [`parse`](Self::parse).
    pub fn read(path: &Path) -> io::Result<Result<Self, FileProblem>> {
        Ok(match begin(path)? {
            Bytes::All(bytes) => Self::parse(path, bytes),
            Bytes::Header(bytes, stamp) => Self::parse(path, bytes).map(|revision| Self {
                source: Arc::new(Source::File { stamp, text: OnceLock::new() }),
                ..revision
            }),
        })
    }

    /// Returns the text of the file, without a byte order mark.
    ///
    /// # Errors
    ///
    /// Fails if the text of a large file can't be read now, is not UTF-8, contains a NUL byte, or
    /// has changed since its header was read.
    pub fn text(&self) -> Result<&str, FileProblem> {
        self.source.text(&self.path)
    }

    /// Returns the stamp of a large file, whose text is read when it is asked for; `None` for any
    /// other one.
    pub fn stamp(&self) -> Option<FileStamp> {
        match &*self.source {
            Source::Held(_) => None,
            Source::File { stamp, .. } => Some(*stamp),
        }
    }

    /// Returns the same revision for a passing use: the text that it reads of a large file goes
    /// with it.
    #[must_use]
    pub fn unread(&self) -> Self {
        Self { source: self.source.unread(), ..self.clone() }
    }

    /// Returns what is worth keeping beside the database: the text of the file, or that of a large
    /// one without the upgrades, in whose place its stamp stands. It can be undone, and not run.
    ///
    /// # Errors
    ///
    /// Fails if the text can't be read, or if the sections can't be parsed.
    pub fn kept(&self) -> Result<Cow<'_, str>, FileProblem> {
        let text = self.text()?;
        let Some(stamp) = self.stamp() else { return Ok(Cow::Borrowed(text)) };
        let mut kept = String::new();
        let mut done = 0;
        for place in self.places()?.iter().filter(|place| place.direction == Direction::Upgrade) {
            kept.push_str(&text[done..place.body.start]);
            kept.push_str(&stamp.mark());
            kept.push('\n');
            done = place.body.end;
        }
        kept.push_str(&text[done..]);
        Ok(Cow::Owned(kept))
    }

    /// Parses all sections, in the order of the file.
    ///
    /// # Errors
    ///
    /// Fails if a section header is malformed or occurs twice, or if a direction has no section.
    pub fn sections(&self) -> Result<Vec<Section<'_>>, FileProblem> {
        let text = self.text()?;
        Ok(self.places()?.into_iter().map(|place| section_at(text, place)).collect())
    }

    /// Returns the section for a direction and a dialect: the dialect's own section if there is
    /// one, else the section without a dialect.
    ///
    /// # Errors
    ///
    /// Fails if the sections can't be parsed, or if none of them serves the dialect in this
    /// direction.
    pub fn section(&self, direction: Direction, dialect: &str) -> Result<Section<'_>, FileProblem> {
        let mut places = self.places()?;
        let of = |wanted: Option<&str>| {
            let mut all = places.iter();
            all.position(|p| p.direction == direction && p.dialect.as_deref() == wanted)
        };
        let at = of(Some(dialect)).or_else(|| of(None)).ok_or_else(|| {
            let message = format!("there is no `-- aludel: {direction}` section for {dialect}");
            self.problem(1, message)
        })?;
        Ok(section_at(self.text()?, places.swap_remove(at)))
    }

    /// Finds the sections, without a copy of their text.
    fn places(&self) -> Result<Vec<Place>, FileProblem> {
        let mut places: Vec<Place> = Vec::new();
        let mut offset = 0;
        let text = self.text()?;
        let mut data = CopyData::default();
        for (at, line) in text.split_inclusive('\n').enumerate() {
            let content = line.trim();
            offset += line.len();
            if data.takes(line.trim_end_matches(['\n', '\r']), &text[offset..]) {
                if let Some(place) = places.last_mut() {
                    place.body.end = offset;
                }
            } else if let Some(header) = section_header(content) {
                let (direction, dialect) =
                    header.map_err(|message| self.problem(at + 1, message))?;
                if places.iter().any(|p| p.direction == direction && p.dialect == dialect) {
                    return Err(self.problem(at + 1, format!("a second section `{content}`")));
                }
                let body = offset..offset;
                let (irreversible, missing) = (None, None);
                let line = at + 2;
                places.push(Place { direction, dialect, body, line, irreversible, missing });
            } else if let Some(place) = places.last_mut() {
                place.body.end = offset;
                if let Some(why) = marked(content, "irreversible") {
                    place.irreversible = Some(why);
                }
                if let Some(why) = marked(content, "missing") {
                    place.missing = Some(why);
                }
            }
        }
        for direction in [Direction::Upgrade, Direction::Downgrade] {
            if !places.iter().any(|place| place.direction == direction) {
                let message = format!(
                    "there is no `-- aludel: {direction}` section{}",
                    if direction == Direction::Downgrade {
                        "; one without a way back says `-- aludel: irreversible: why` in it"
                    } else {
                        ""
                    }
                );
                return Err(self.problem(text.lines().count().max(1), message));
            }
        }
        Ok(places)
    }

    fn problem(&self, line: usize, message: String) -> FileProblem {
        FileProblem { path: self.path.clone(), line, message }
    }
}

fn section_at(text: &str, place: Place) -> Section<'_> {
    let Place { direction, dialect, body, line, irreversible, missing } = place;
    Section { direction, dialect, body: &text[body], line, irreversible, missing }
}

/// Returns the reason on a line that marks a section with this word.
fn marked(line: &str, word: &str) -> Option<String> {
    let why = line.strip_prefix(MARK)?.trim().strip_prefix(word)?;
    Some(why.trim_start_matches(':').trim().to_owned())
}

const KEYS: [&str; 7] = [
    "revision",
    "down_revision",
    "branch_labels",
    "depends_on",
    "replaces",
    "created",
    // A message that would be read as something else.
    "message",
];

#[derive(Default)]
struct Header {
    begun: bool,
    /// The keys that have occurred so far.
    seen: BTreeSet<String>,
    id: Option<String>,
    down_revisions: Option<Vec<String>>,
    branch_labels: Vec<String>,
    depends_on: Vec<String>,
    replaces: Vec<String>,
    ends: Vec<String>,
    message: String,
    created: Option<String>,
}

/// Returns true if a header that begins with this message as a comment has it as its message.
pub(crate) fn is_plain(message: &str) -> bool {
    let mut header = Header::default();
    let is_taken = header.take(&format!("-- {message}")).is_ok() && !header.begun;
    is_taken && header.message == message && section_header(&format!("-- {message}")).is_none()
}

impl Header {
    fn take(&mut self, line: &str) -> Result<(), String> {
        let Some(comment) = line.strip_prefix("--") else {
            if line.is_empty() {
                return Ok(());
            }
            return Err(format!(
                "SQL before the first section: `{line}`; put it behind `-- aludel: upgrade`"
            ));
        };
        let comment = comment.trim();
        if let Some(directive) = comment.strip_prefix("aludel:") {
            return Err(format!(
                "`{}` is no section; there are `upgrade` and `downgrade`",
                directive.trim()
            ));
        }
        let known = |key: &str| KEYS.contains(&key);
        match comment.split_once(':') {
            Some((key, value)) if known(key) => {
                self.begun = true;
                self.set(key, value.trim())
            }
            // Free text is allowed above the first key. Below it, a line in the form of a key has
            // to be one.
            Some((key, value)) if self.begun && is_key(key) => self.set(key, value.trim()),
            _ => {
                if self.message.is_empty() && !self.begun {
                    comment.clone_into(&mut self.message);
                }
                Ok(())
            }
        }
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        if !self.seen.insert(key.to_owned()) {
            return Err(format!("a second `{key}` line"));
        }
        match key {
            "revision" => {
                check_id(value).map_err(|error| error.to_string())?;
                self.id = Some(value.to_owned());
            }
            "down_revision" => {
                let none = value.eq_ignore_ascii_case("none");
                self.down_revisions = Some(if none { Vec::new() } else { list(value)? });
            }
            "branch_labels" => self.branch_labels = list(value)?,
            "depends_on" => self.depends_on = list(value)?,
            "replaces" => {
                // `a, b|s` lists two places, and the second one has two names.
                for place in value.split(',') {
                    self.ends = list(&place.replace('|', ","))?;
                    self.replaces.extend(self.ends.iter().cloned());
                }
            }
            "created" => self.created = Some(value.to_owned()),
            "message" => value.clone_into(&mut self.message),
            other => {
                return Err(format!("unknown header key `{other}`; there are {}", KEYS.join(", ")));
            }
        }
        Ok(())
    }
}

/// Returns true if the text has the form of a key: lower-case letters and underscores.
fn is_key(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

fn list(value: &str) -> Result<Vec<String>, String> {
    let items: Vec<String> = value
        .split(',')
        .map(|item| item.trim().to_owned())
        .filter(|item| !item.is_empty())
        .collect();
    if items.is_empty() {
        return Err(
            "an empty list; leave the line out, or write `none` for down_revision".to_owned()
        );
    }
    for item in &items {
        check_id(item).map_err(|error| error.to_string())?;
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\u{feff}-- fix: add status\r\n--\r\n-- revision: ae1027a6acf1\r\n-- down_revision: a1, b2\r\n-- created: 2026-11-22T08:31:00Z\r\n\r\n-- aludel: upgrade\r\nSELECT 1;\r\n-- aludel: upgrade sqlite\r\nSELECT 2;\r\n-- aludel: downgrade\r\n-- aludel: irreversible: rows are gone\r\n";

    fn parse(text: &str) -> Result<Revision, FileProblem> {
        Revision::parse(Path::new("x.sql"), text.as_bytes().to_vec())
    }

    #[test]
    fn lines_of_data_are_no_sections() {
        let sections = |upgrade: &str| {
            let text = format!(
                "-- m\n-- revision: a\n-- down_revision: none\n-- aludel: upgrade\n{upgrade}\n-- aludel: downgrade\nDROP TABLE t;\n"
            );
            let revision = parse(&text).unwrap();
            let found: Result<Vec<(String, bool)>, _> = revision.sections().map(|all| {
                all.iter().map(|s| (s.body.trim().to_owned(), s.irreversible.is_some())).collect()
            });
            found.unwrap()
        };
        for data in [
            "-- aludel: upgrade",
            "-- aludel: downgrade",
            "-- aludel: upgrade mysql",
            "-- aludel: irreversible: no",
            "-- aludel: missing",
        ] {
            for copy in [
                "COPY t FROM stdin;",
                "copy t (a, b) from stdin with (format csv) ;",
                "COPY t (a,\n  b)\nFROM STDIN (FORMAT text);",
                "SELECT 1;\nCOPY public.t (a) FROM stdin; -- rows",
            ] {
                let body = format!("{copy}\n1\n{data}\n\\.\nSELECT 2;");
                let expected = [(body.clone(), false), ("DROP TABLE t;".to_owned(), false)];
                assert_eq!(sections(&body), expected, "{body}");
            }
        }
        // What only looks like a COPY hides no section.
        for upgrade in [
            "COPY t FROM stdin;\n1",
            "-- COPY t FROM stdin;",
            "COPY t FROM '/x;';\n\\.",
            "COPY t TO 'f';",
        ] {
            assert_eq!(sections(upgrade).len(), 2, "{upgrade}");
        }
    }

    #[test]
    fn a_file_with_everything() {
        let revision = parse(FILE).unwrap();
        assert_eq!(revision.message, "fix: add status");
        assert_eq!(revision.down_revisions, ["a1", "b2"]);
        let postgres = revision.section(Direction::Upgrade, "postgres").unwrap();
        assert_eq!((postgres.body.trim(), postgres.line), ("SELECT 1;", 8));
        assert_eq!(
            revision.section(Direction::Upgrade, "sqlite").unwrap().body.trim(),
            "SELECT 2;"
        );
        let down = revision.section(Direction::Downgrade, "sqlite").unwrap();
        assert_eq!(down.irreversible.as_deref(), Some("rows are gone"));
        assert_eq!(down.missing, None);
    }

    #[test]
    fn a_gap_is_a_mark_of_its_section() {
        let header = "-- m\n-- revision: a\n-- down_revision: none\n";
        let text = "-- aludel: upgrade sqlite\nSELECT 1;\n-- aludel: upgrade postgres\n\
                    -- aludel: missing: no server\n-- aludel: downgrade\n";
        let revision = parse(&format!("{header}{text}")).unwrap();
        let gap = |dialect| revision.section(Direction::Upgrade, dialect).unwrap().missing;
        assert_eq!(gap("postgres").as_deref(), Some("no server"));
        assert_eq!(gap("sqlite"), None);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, line, words) in [
            ("SELECT 1;", 1, "SQL before the first section"),
            ("-- m\n-- revision: a\n", 1, "down_revision"),
            ("-- m\n-- down_revision: none\n", 1, "`-- revision:`"),
            ("-- m\n-- revision: a\n-- revison: b\n", 3, "unknown header key `revison`"),
            ("-- m\n-- revision: a b\n", 2, "no revision id"),
            ("-- m\n-- revision: a\n-- down_revision: none\n-- aludel: upgarde\n", 4, "no section"),
        ] {
            let problem = parse(text).unwrap_err();
            assert!(problem.message.contains(words), "{problem}");
            assert_eq!(problem.line, line, "{problem}");
        }
        let missing =
            parse("-- m\n-- revision: a\n-- down_revision: none\n-- aludel: upgrade\n").unwrap();
        assert!(
            missing.sections().unwrap_err().message.contains("no `-- aludel: downgrade` section")
        );
        let bytes = Revision::parse(Path::new("x"), vec![b'\n', 0xff]).unwrap_err();
        assert_eq!(bytes.line, 2);
    }
}
