//! Plans as SQL, for those who run it themselves: by `psql` or by `sqlite3`, which stop at the first
//! error. The statements are those of the revisions, byte for byte.

use std::fmt::Write as _;

use aludel_dialect::{Dialect, Directive, SqlStatement};
use aludel_revision::{Direction, Step};

use crate::journal::{Entry, Journal, Kind};
use crate::runner::Identity;
use crate::script::{Part, Script};
use crate::{RunError, VersionTable};

/// The SQL of `steps`, which begin at `rows`.
pub fn offline(
    table: &VersionTable,
    rows: &[String],
    steps: &[Step<'_>],
    identity: Identity,
) -> Result<String, RunError> {
    let mut writer = Writer::new(table, identity);
    writer.begin(rows);
    for step in steps {
        writer.step(step)?;
    }
    Ok(writer.out)
}

/// The SQL that says that a database at `from` is at `to`.
pub fn offline_stamp(
    table: &VersionTable,
    from: &[String],
    to: &[String],
    identity: Identity,
) -> String {
    let mut writer = Writer::new(table, identity);
    writer.begin(from);
    writer.line("");
    writer.line(&format!("-- Running stamp {} -> {}", list(from), list(to)));
    writer.statement(table.dialect.capabilities().begin);
    writer.moves(from, to);
    writer.statement("COMMIT");
    writer.out
}

struct Writer<'a> {
    table: &'a VersionTable,
    journal: Journal,
    out: String,
}

fn list(ids: &[String]) -> String {
    if ids.is_empty() { "base".to_owned() } else { ids.join(", ") }
}

impl<'a> Writer<'a> {
    fn new(table: &'a VersionTable, identity: Identity) -> Self {
        Self { table, journal: Journal::new(table, identity), out: String::new() }
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn statement(&mut self, sql: &str) {
        // A comment at the end would swallow the semicolon.
        let last = sql.lines().next_back().unwrap_or_default();
        let end = if last.contains("--") { "\n;\n" } else { ";\n" };
        let _ = write!(self.out, "{sql}{end}");
    }

    /// The tables, and what stops the script in a database that is somewhere else.
    fn begin(&mut self, rows: &[String]) {
        let mut rows = rows.to_vec();
        rows.sort();
        let at = list(&rows);
        let (program, stop) = match self.table.dialect {
            Dialect::Postgres => ("psql", "\\set ON_ERROR_STOP on"),
            Dialect::Sqlite => ("sqlite3", ".bail on"),
        };
        self.line(&format!(
            "-- For a database at {at}. Run it by {program}, which stops at the first error."
        ));
        self.line(stop);
        self.line("");
        let (version, journal) = (self.table.create_sql(), self.journal.create_sql());
        self.statement(&version);
        self.statement(&journal);
        self.line("");
        let name = self.table.sql_name();
        let literal = |text: &str| self.table.dialect.literal(text);
        let has = format!("the database is not at {at}");
        match self.table.dialect {
            Dialect::Postgres => {
                let wanted: Vec<String> = rows.iter().map(|row| literal(row)).collect();
                let guard = format!(
                    "DO $aludel$\nBEGIN\n    IF (SELECT coalesce(array_agg(version_num::text ORDER BY version_num::text COLLATE \"C\"), '{{}}') FROM {name})\n        \
                     <> ARRAY[{}]::text[] THEN\n        RAISE EXCEPTION {};\n    END IF;\nEND\n$aludel$",
                    wanted.join(", "),
                    literal(&has)
                );
                self.statement(&guard);
            }
            Dialect::Sqlite => {
                self.statement("PRAGMA foreign_keys = OFF");
                self.statement(&format!(
                    "CREATE TEMP TABLE aludel_guard (place integer CONSTRAINT {} CHECK (place), \
                     moved integer CONSTRAINT \"the version table was changed meanwhile\" CHECK (moved), \
                     whole integer CONSTRAINT \"the revision leaves rows without their parents\" CHECK (whole))",
                    self.table.dialect.quote(&has)
                ));
                self.statement(&format!(
                    "INSERT INTO temp.aludel_guard (place) SELECT (SELECT coalesce(group_concat(version_num, ' '), '') FROM (SELECT version_num FROM {name} ORDER BY version_num)) = {}",
                    literal(&rows.join(" "))
                ));
                self.statement("CREATE TEMP TABLE aludel_before (broken integer)");
            }
        }
    }

    fn step(&mut self, step: &Step<'_>) -> Result<(), RunError> {
        let script = Script::read(step.revision, step.direction, self.table.dialect)?;
        if let Some(reason) = &script.section.irreversible {
            let (revision, reason) = (step.revision.id.clone(), reason.clone());
            return Err(RunError::Irreversible { revision, reason });
        }
        self.line("");
        let (id, parents) = (step.revision.id.clone(), list(&step.revision.down_revisions));
        let (from, to) = match step.direction {
            Direction::Upgrade => (parents, id),
            Direction::Downgrade => (id, parents),
        };
        let (direction, message) = (step.direction, &step.revision.message);
        self.line(&format!("-- Running {direction} {from} -> {to}, {message}"));
        let parts = script.parts();
        let mut done = 0;
        let mut finished = false;
        for (at, part) in parts.iter().enumerate() {
            match part {
                Part::Together(statements) => {
                    done += statements.len();
                    finished = at + 1 == parts.len();
                    self.together(step, &script, statements, done, finished);
                }
                Part::Alone(statement) => {
                    done += 1;
                    self.alone(step, &script, statement, done)?;
                }
            }
        }
        if !finished {
            self.together(step, &script, &[], done, true);
        }
        if self.table.dialect == Dialect::Postgres && script.changes_settings() {
            self.statement("RESET ROLE");
            self.statement("RESET ALL");
        }
        Ok(())
    }

    fn together(
        &mut self,
        step: &Step<'_>,
        script: &Script,
        statements: &[SqlStatement],
        done: usize,
        last: bool,
    ) {
        let lite = self.table.dialect == Dialect::Sqlite;
        if lite {
            self.statement("DELETE FROM temp.aludel_before");
            self.statement(
                "INSERT INTO temp.aludel_before SELECT count(*) FROM pragma_foreign_key_check",
            );
        }
        self.statement(self.table.dialect.capabilities().begin);
        // A search path of the revision's own would lead the bookkeeping astray.
        let before = !lite && script.changes_settings();
        if !before {
            statements.iter().for_each(|statement| self.statement(&statement.sql));
        }
        let checksum = if last { script.checksum.clone() } else { script.checksum_of(done) };
        let entry = entry(step, &checksum, (!last).then_some(done));
        if lite {
            if last {
                self.moves(&step.from, &step.to);
            }
            let line = self.journal.insert(&entry);
            self.statement(&line);
            self.statement("INSERT INTO temp.aludel_guard (whole) SELECT (SELECT count(*) FROM pragma_foreign_key_check) <= (SELECT broken FROM temp.aludel_before)");
        } else {
            let moves = if last { VersionTable::moves(&step.from, &step.to) } else { Vec::new() };
            let line = self.journal.insert_after(self.table, &moves, &entry);
            self.statement(&line);
        }
        if before {
            statements.iter().for_each(|statement| self.statement(&statement.sql));
        }
        self.statement("COMMIT");
    }

    fn alone(
        &mut self,
        step: &Step<'_>,
        script: &Script,
        statement: &SqlStatement,
        done: usize,
    ) -> Result<(), RunError> {
        if !statement.has(Directive::Batch) {
            self.statement(&statement.sql);
        } else if self.table.dialect == Dialect::Postgres {
            self.statement(&format!(
                "DO $aludel_batch$\nDECLARE\n    touched bigint;\nBEGIN\n    LOOP\n{};\n        GET DIAGNOSTICS touched = ROW_COUNT;\n        \
                 COMMIT;\n        EXIT WHEN touched = 0;\n    END LOOP;\nEND\n$aludel_batch$",
                statement.sql
            ));
        } else {
            return Err(RunError::NoBatchOffline { revision: step.revision.id.clone() });
        }
        let checksum = script.checksum_of(done);
        let line = self.journal.insert(&entry(step, &checksum, Some(done)));
        self.statement(&line);
        Ok(())
    }

    /// The rows of the version table.
    fn moves(&mut self, from: &[String], to: &[String]) {
        for change in VersionTable::moves(from, to) {
            let sql = self.table.statement(&change);
            self.statement(&sql);
            if self.table.dialect == Dialect::Sqlite {
                self.statement("INSERT INTO temp.aludel_guard (moved) SELECT changes() = 1");
            }
        }
    }
}

fn entry<'e>(step: &'e Step<'_>, checksum: &'e str, statement: Option<usize>) -> Entry<'e> {
    let whole = statement.is_none() && step.direction == Direction::Upgrade;
    Entry {
        revision: &step.revision.id,
        kind: Kind::Ran(step.direction),
        statement,
        checksum,
        started: None,
        error: None,
        text: whole.then(|| step.revision.text()),
    }
}
