//! Rendering of new revision files, and changes to headers.

use std::fmt::Write as _;

use crate::file::is_plain;
use crate::id::slug;
use crate::mark::Direction;

/// The contents of a new revision file.
#[derive(Clone, Debug, Default)]
pub struct NewRevision {
    /// The revision id.
    pub id: String,
    /// The message. Its first line that is not empty becomes the first line of the file.
    pub message: String,
    /// The ids of the parents.
    pub down_revisions: Vec<String>,
    /// The labels of the branch that begins at this revision.
    pub branch_labels: Vec<String>,
    /// Ids or labels of revisions on other branches that must be applied before this one.
    pub depends_on: Vec<String>,
    /// The places that this revision replaces, the oldest first; `a|b` are two names of one place.
    pub replaces: Vec<String>,
    /// The creation time, in the format of RFC 3339; empty if it is unknown.
    pub created: String,
    /// The sections, in order.
    pub sections: Vec<NewSection>,
}

/// A section of a new revision file.
#[derive(Clone, Debug)]
pub struct NewSection {
    /// The direction.
    pub direction: Direction,
    /// The dialect's name; `None` for all dialects.
    pub dialect: Option<&'static str>,
    /// The SQL, with semicolons at the ends of statements.
    pub body: String,
}

impl NewRevision {
    /// Returns the message as the file has it: the first line that is not empty, without spaces around
    /// it.
    pub fn title(&self) -> &str {
        self.message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
    }

    /// Returns the name of the file: the id, followed by the slug of the message.
    pub fn file_name(&self) -> String {
        match slug(self.title()).as_str() {
            "" => format!("{}.sql", self.id),
            slug => format!("{}_{slug}.sql", self.id),
        }
    }

    /// Returns the text of the file.
    pub fn render(&self) -> String {
        let mut text = String::new();
        let message = match self.title() {
            "" => "empty message",
            title => title,
        };
        let key = if is_plain(message) { "" } else { "message: " };
        let _ = writeln!(text, "-- {key}{message}\n--");
        let down = if self.down_revisions.is_empty() {
            "none".to_owned()
        } else {
            self.down_revisions.join(", ")
        };
        let _ = writeln!(text, "-- revision: {}\n-- down_revision: {down}", self.id);
        for (key, values) in [
            ("branch_labels", &self.branch_labels),
            ("depends_on", &self.depends_on),
            ("replaces", &self.replaces),
        ] {
            if !values.is_empty() {
                let _ = writeln!(text, "-- {key}: {}", values.join(", "));
            }
        }
        if !self.created.is_empty() {
            let _ = writeln!(text, "-- created: {}", self.created);
        }
        for section in &self.sections {
            let dialect = section.dialect.map(|name| format!(" {name}")).unwrap_or_default();
            let _ = writeln!(text, "\n-- aludel: {}{dialect}", section.direction);
            if !section.body.trim().is_empty() {
                let _ = writeln!(text, "{}", section.body.trim_end());
            }
        }
        text
    }
}

/// Returns the text of a revision file with other parents. Everything else is kept byte for byte.
pub fn with_down_revisions(text: &str, down_revisions: &[String]) -> String {
    let down =
        if down_revisions.is_empty() { "none".to_owned() } else { down_revisions.join(", ") };
    let mut out = String::with_capacity(text.len());
    let mut done = false;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches('\u{feff}').trim_end();
        let key = content.trim_start().strip_prefix("--").and_then(|rest| rest.split_once(':'));
        if !done && key.is_some_and(|(key, _)| key.trim() == "down_revision") {
            done = true;
            let end = &line[line.trim_end().len()..];
            out.push_str(&format!("-- down_revision: {down}{end}"));
        } else {
            out.push_str(line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::file::Revision;

    #[test]
    fn a_message_is_read_back_whatever_it_says() {
        for (message, read) in [
            ("add users", "add users"),
            ("created: by hand", "created: by hand"),
            ("revision: x", "revision: x"),
            ("replaces: the old index", "replaces: the old index"),
            ("message: to all", "message: to all"),
            ("fix: add status", "fix: add status"),
            ("-- a comment", "-- a comment"),
            ("--", "--"),
            ("aludel: upgrade", "aludel: upgrade"),
            ("aludel: something", "aludel: something"),
            ("  spaces around  ", "spaces around"),
            ("\n\nthe third line\nrevision: y", "the third line"),
            ("two\r\nlines", "two"),
            ("a\u{b}b \u{85}c", "a\u{b}b \u{85}c"),
            ("", "empty message"),
            (" \t", "empty message"),
        ] {
            let new = NewRevision { id: "a1".to_owned(), message: message.to_owned(), ..sample() };
            let text = new.render();
            let revision = Revision::parse(Path::new("x.sql"), text.clone().into_bytes()).unwrap();
            assert_eq!(revision.message, read, "{message:?} in\n{text}");
            assert_eq!((revision.id.as_str(), revision.sections().unwrap().len()), ("a1", 2));
            let moved = with_down_revisions(&text, &["z".to_owned()]);
            let moved = Revision::parse(Path::new("x.sql"), moved.into_bytes()).unwrap();
            assert_eq!(
                (moved.message.as_str(), moved.down_revisions),
                (read, vec!["z".to_owned()])
            );
        }
    }

    fn sample() -> NewRevision {
        let sections = [Direction::Upgrade, Direction::Downgrade].map(|direction| NewSection {
            direction,
            dialect: None,
            body: String::new(),
        });
        NewRevision { sections: sections.to_vec(), ..NewRevision::default() }
    }

    #[test]
    fn parents_are_changed_and_nothing_else() {
        let text = "-- m\r\n-- revision: b\r\n-- down_revision: a\r\n\r\n-- aludel: upgrade\r\n-- down_revision: x\r\n";
        let changed = with_down_revisions(text, &["c".to_owned(), "d".to_owned()]);
        assert_eq!(changed, text.replacen("down_revision: a", "down_revision: c, d", 1));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let new = NewRevision {
            id: "ae1027a6acf1".to_owned(),
            message: "Add status".to_owned(),
            down_revisions: vec!["a1".to_owned()],
            branch_labels: vec!["billing".to_owned()],
            depends_on: Vec::new(),
            replaces: Vec::new(),
            created: "2026-11-22T08:31:00Z".to_owned(),
            sections: vec![
                NewSection {
                    direction: Direction::Upgrade,
                    dialect: None,
                    body: "SELECT 1;\n".to_owned(),
                },
                NewSection { direction: Direction::Downgrade, dialect: None, body: String::new() },
            ],
        };
        assert_eq!(new.file_name(), "ae1027a6acf1_add_status.sql");
        let read = Revision::parse(Path::new("x"), new.render().into_bytes()).unwrap();
        assert_eq!((read.id, read.message), (new.id.clone(), new.message.clone()));
        assert_eq!(read.branch_labels, ["billing"]);
        let read = Revision::parse(Path::new("x"), new.render().into_bytes()).unwrap();
        assert_eq!(read.section(Direction::Upgrade, "sqlite").unwrap().body, "SELECT 1;\n\n");
    }
}
