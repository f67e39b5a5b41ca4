//! New revision files.

use std::fmt::Write as _;

use crate::{Direction, slug};

/// What a new revision file says.
#[derive(Clone, Debug)]
pub struct NewRevision {
    /// Its id.
    pub id: String,
    /// Its first line.
    pub message: String,
    /// What it goes on top of.
    pub down_revisions: Vec<String>,
    /// Names for the branch that begins here.
    pub branch_labels: Vec<String>,
    /// Revisions of other branches that it needs.
    pub depends_on: Vec<String>,
    /// When: RFC 3339.
    pub created: String,
    /// Its sections.
    pub sections: Vec<NewSection>,
}

/// A section of a new file.
#[derive(Clone, Debug)]
pub struct NewSection {
    /// Which way.
    pub direction: Direction,
    /// For which dialect; `None` for all.
    pub dialect: Option<&'static str>,
    /// The SQL, statements ended by semicolons.
    pub body: String,
}

impl NewRevision {
    /// The name of its file.
    pub fn file_name(&self) -> String {
        match slug(&self.message).as_str() {
            "" => format!("{}.sql", self.id),
            slug => format!("{}_{slug}.sql", self.id),
        }
    }

    /// The text of its file.
    pub fn render(&self) -> String {
        let mut text = String::new();
        let message = self.message.lines().next().unwrap_or_default().trim();
        let _ =
            writeln!(text, "-- {}\n--", if message.is_empty() { "empty message" } else { message });
        let down = if self.down_revisions.is_empty() {
            "none".to_owned()
        } else {
            self.down_revisions.join(", ")
        };
        let _ = writeln!(text, "-- revision: {}\n-- down_revision: {down}", self.id);
        for (key, values) in
            [("branch_labels", &self.branch_labels), ("depends_on", &self.depends_on)]
        {
            if !values.is_empty() {
                let _ = writeln!(text, "-- {key}: {}", values.join(", "));
            }
        }
        let _ = writeln!(text, "-- created: {}", self.created);
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Revision;

    #[test]
    fn what_is_written_is_read_back() {
        let new = NewRevision {
            id: "ae1027a6acf1".to_owned(),
            message: "Add status".to_owned(),
            down_revisions: vec!["a1".to_owned()],
            branch_labels: vec!["billing".to_owned()],
            depends_on: Vec::new(),
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
