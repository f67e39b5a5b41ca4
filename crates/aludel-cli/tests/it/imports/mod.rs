//! Histories of other tools, taken over.

mod alembic;
mod lines;
mod real;
mod refusals;

use aludel_testkit::{Dump, TestDatabase, TestProject, dump, server};
use serde_json::Value;

use crate::PROGRAM;

/// A database that another tool manages, and a project that takes it over.
struct Place {
    database: TestDatabase,
    project: TestProject,
}

impl Place {
    fn new() -> Self {
        let database = server().database();
        let project = TestProject::new(PROGRAM, &database.url());
        Self { database, project }
    }

    /// A place with these files.
    fn with(files: &[(&str, &str)]) -> Self {
        let place = Self::new();
        files.iter().for_each(|(name, text)| place.project.write(name, text));
        place
    }

    fn sql(&self, sql: &str) -> String {
        self.database.sql(sql).trim().to_owned()
    }

    fn import(&self, arguments: &str) -> Value {
        let text = self.project.run(&format!("import {arguments} --json")).ok();
        serde_json::from_str(&text).unwrap()
    }

    /// Returns the rows of the version table.
    fn current(&self) -> String {
        self.project.run("current").ok().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The schema without the books of the other tool.
    fn schema(&self, books: &str) -> Dump {
        without(dump(&self.database), books)
    }

    /// Asserts that the revisions make the same schema in an empty database, and undo it if they
    /// have a way back.
    #[track_caller]
    fn builds_the_same(&self, books: &str, goes_back: bool) {
        let expected = self.schema(books);
        let empty = server().database();
        let run = |arguments: &str| {
            self.project.run(&format!("{arguments} --database-url {}", empty.url())).ok()
        };
        run("upgrade heads");
        assert_eq!(without(dump(&empty), books), expected);
        if goes_back {
            run("downgrade base --yes");
            assert_eq!(without(dump(&empty), books), Dump::new());
        }
    }
}

/// Returns a dump without the objects of a table. Objects that every database has are left out too.
fn without(mut dump: Dump, books: &str) -> Dump {
    dump.retain(|(_, name), _| !name.contains(books));
    dump
}
