//! Schedules as SQL scripts for `psql` or `sqlite3`, which stop at the first error.

use std::fmt::Write as _;

use aludel_dialect::Directive;
use aludel_revision::{Direction, Transition};

use crate::database;
use crate::error::RunError;
use crate::journal::{Identity, Journal};
use crate::schedule::{Alone, Message, Part, Schedule, Transaction};
use crate::script::{Script, with_data};
use crate::script_head::ScriptHead;
use crate::version_table::VersionTable;

/// Returns a script for `transitions`, to be run on a database whose version table has `rows`.
///
/// # Errors
///
/// Fails if a section is missing or can't be parsed, if a transition is irreversible or has a step in
/// Rust, or if a statement with the directive `batch` can't be part of a script for the database.
pub fn offline(
    table: &VersionTable,
    rows: &[String],
    transitions: &[Transition<'_>],
    identity: Identity,
) -> Result<String, RunError> {
    let mut writer = Writer::new(table, identity);
    writer.begin(rows);
    for transition in transitions {
        writer.transition(transition)?;
    }
    Ok(writer.out)
}

/// Returns a script that changes the version table from `from` to `to` and runs no revision.
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
        Self { table, journal: database::journal(table, identity).for_script(), out: String::new() }
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn statement(&mut self, sql: &str) {
        // A comment at the end would include the semicolon.
        let last = sql.lines().next_back().unwrap_or_default();
        let end = if last.contains("--") { "\n;\n" } else { ";\n" };
        let _ = write!(self.out, "{sql}{end}");
    }

    /// Writes the tables, and the guard that refuses a database with other rows.
    fn begin(&mut self, rows: &[String]) {
        let mut rows = rows.to_vec();
        rows.sort();
        let at = list(&rows);
        let refusal = format!("the database is not at {at}");
        let ScriptHead { program, stop, guard } =
            database::script_head(self.table, &rows, &refusal);
        self.line(&format!(
            "-- For a database at {at}. Run it by {program}, which stops at the first error."
        ));
        self.line(stop);
        self.line("");
        let (version, journal) = (self.table.create_sql(), self.journal.create_sql());
        self.statement(&version);
        self.statement(&journal);
        self.line("");
        guard.iter().for_each(|sql| self.statement(sql));
    }

    fn transition(&mut self, transition: &Transition<'_>) -> Result<(), RunError> {
        let script = Script::read(transition.revision, transition.direction, self.table.dialect)?;
        if let Some(reason) = &script.section.irreversible {
            let (revision, reason) = (transition.revision.id.clone(), reason.clone());
            let (path, line) = (transition.revision.path.clone(), script.section.line);
            return Err(RunError::Irreversible { revision, reason, path, line });
        }
        if let Some((statement, step)) = script.steps().next() {
            let at = script.place_of(statement, step, transition.revision);
            return Err(RunError::StepOffline(Box::new(at)));
        }
        self.line("");
        let (id, parents) =
            (transition.revision.id.clone(), list(&transition.revision.down_revisions));
        let (from, to) = match transition.direction {
            Direction::Upgrade => (parents, id),
            Direction::Downgrade => (id, parents),
        };
        let (direction, message) = (transition.direction, &transition.revision.message);
        self.line(&format!("-- Running {direction} {from} -> {to}, {message}"));
        let schedule = Schedule::of(transition, &script, 0, self.table);
        for part in &schedule.parts {
            match part {
                Part::Transaction(part) => self.transaction(transition, part),
                Part::Alone(alone) | Part::Batch(alone) => self.alone(transition, alone)?,
            }
        }
        if schedule.changes_settings {
            let reset = database::reset_settings(self.table.dialect);
            reset.iter().for_each(|sql| self.statement(sql));
        }
        Ok(())
    }

    fn transaction(&mut self, transition: &Transition<'_>, transaction: &Transaction<'_>) {
        let messages = database::messages(
            transaction,
            self.table,
            &self.journal,
            &transition.from,
            &transition.to,
        );
        for message in messages {
            match message {
                Message::Begin(begin) => self.statement(begin),
                Message::Statement(statement) if statement.data().is_some() => {
                    self.out.push_str(&with_data(statement));
                }
                // A script with a step is refused before.
                Message::Statement(statement) | Message::Step(statement, _) => {
                    self.statement(statement.sql);
                }
                Message::Move(sql) => self.moved(&sql),
                Message::Bookkeeping(sql) => self.statement(&sql),
                Message::Guard(guard) => {
                    let guard = database::script_guard(self.table.dialect, &guard);
                    guard.into_iter().for_each(|sql| self.statement(sql));
                }
                Message::Commit => self.statement("COMMIT"),
            }
        }
    }

    fn alone(&mut self, transition: &Transition<'_>, alone: &Alone<'_>) -> Result<(), RunError> {
        let sql = alone.statement.sql;
        let begin = self.journal.insert(&alone.begin);
        self.statement(&begin);
        if alone.statement.has(Directive::Batch) {
            let batch = database::script_batch(self.table.dialect, sql);
            let refused = || RunError::NoBatchOffline { revision: transition.revision.id.clone() };
            self.statement(&batch.ok_or_else(refused)?);
        } else {
            self.statement(sql);
        }
        let line = self.journal.insert(&alone.line);
        self.statement(&line);
        Ok(())
    }

    /// Writes the changes of the version table.
    fn moves(&mut self, from: &[String], to: &[String]) {
        for change in VersionTable::moves(from, to) {
            let sql = self.table.statement(&change);
            self.moved(&sql);
        }
    }

    /// Writes a change of the version table, and the check that it affected exactly one row.
    fn moved(&mut self, sql: &str) {
        self.statement(sql);
        let check = database::script_moved(self.table.dialect);
        check.into_iter().for_each(|sql| self.statement(sql));
    }
}
