//! Schedules: the transactions and the statements outside of transactions for a transition, with the
//! bookkeeping.

use aludel_dialect::SqlStatement;
use aludel_revision::{Direction, Transition};

use crate::journal::{Entry, Kind, LineText};
use crate::script::{Group, Script};
use crate::version_table::{Move, VersionTable};

/// The remaining parts of a transition.
#[derive(Debug)]
pub(crate) struct Schedule<'s> {
    /// The parts, in order. The last one is always a transaction, which changes the version table.
    pub(crate) parts: Vec<Part<'s>>,
    /// True if the statements may change settings of the session, which must not affect the next
    /// transition.
    pub(crate) changes_settings: bool,
}

/// A part of a schedule.
#[derive(Debug)]
pub(crate) enum Part<'s> {
    /// Statements in a transaction.
    Transaction(Transaction<'s>),
    /// A statement outside of a transaction.
    Alone(Alone<'s>),
    /// A statement that is repeated until it affects no row.
    Batch(Alone<'s>),
}

impl Part<'_> {
    /// Returns the number of statements that are completed before.
    pub(crate) fn done(&self) -> usize {
        match self {
            Self::Transaction(transaction) => transaction.done,
            Self::Alone(alone) | Self::Batch(alone) => alone.done,
        }
    }
}

/// A transaction: statements and their bookkeeping, which take effect together.
#[derive(Debug)]
pub(crate) struct Transaction<'s> {
    /// The statements; may be empty.
    pub(crate) statements: &'s [SqlStatement<'s>],
    /// The number of statements of the transition that are completed before.
    pub(crate) done: usize,
    /// The changes of the version table; empty unless this is the last part.
    pub(crate) moves: Vec<Move>,
    /// True if this is the last part of the transition.
    pub(crate) ends_transition: bool,
    /// The line of the journal.
    pub(crate) line: Entry<'s>,
    /// True if the bookkeeping comes first, because the statements may change the search path and
    /// with it the meaning of names.
    pub(crate) line_first: bool,
}

/// A statement outside of a transaction, with the bookkeeping around it.
#[derive(Debug)]
pub(crate) struct Alone<'s> {
    /// The statement.
    pub(crate) statement: &'s SqlStatement<'s>,
    /// The number of statements of the transition that are completed before.
    pub(crate) done: usize,
    /// The line of the journal before the statement.
    pub(crate) begin: Entry<'s>,
    /// The line of the journal after it.
    pub(crate) line: Entry<'s>,
}

/// A message of a transaction, in the form that a dialect chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message<'s> {
    Begin(&'static str),
    Statement(&'s SqlStatement<'s>),
    /// A step in Rust.
    Step(&'s SqlStatement<'s>, &'s str),
    /// A change of the version table, which must affect exactly one row.
    Move(String),
    /// A line of the journal, which may include the changes of the version table.
    Bookkeeping(String),
    /// A condition that must hold at this point.
    Guard(Guard),
    Commit,
}

/// A condition that must hold at a point of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// The version table has these rows before the statements.
    From(Vec<String>),
    /// The version table has these rows at the end.
    To(Vec<String>),
    /// The damage at this point is recorded.
    WholeBefore,
    /// There is no damage that was not recorded before.
    WholeAfter,
}

impl<'s> Message<'s> {
    /// Returns the message for what stands in a section: a statement, or a step.
    pub(crate) fn of(statement: &'s SqlStatement<'s>) -> Self {
        match statement.step() {
            Some(name) => Self::Step(statement, name),
            None => Self::Statement(statement),
        }
    }
}

impl<'s> Schedule<'s> {
    /// Creates the schedule for the statements of a transition after the first `already` ones.
    pub(crate) fn of(
        transition: &'s Transition<'s>,
        script: &'s Script<'s>,
        already: usize,
        table: &VersionTable,
    ) -> Self {
        let changes_settings = script.changes_settings;
        let line_first = changes_settings && !table.has_schema();
        let mut parts = Vec::new();
        let mut done = 0;
        for group in script.groups() {
            let before = done;
            match group {
                Group::Together(statements) => {
                    let skip = already.saturating_sub(done).min(statements.len());
                    done += statements.len();
                    let (statements, done_before) = (&statements[skip..], before + skip);
                    if !statements.is_empty() {
                        parts.push(Part::Transaction(Transaction {
                            statements,
                            done: done_before,
                            moves: Vec::new(),
                            ends_transition: false,
                            line: line(transition, script, done, done == script.statements.len()),
                            line_first,
                        }));
                    }
                }
                Group::Alone(statement) | Group::Batch(statement) => {
                    done += 1;
                    if done > already {
                        let part = alone(transition, script, statement, before);
                        parts.push(match group {
                            Group::Batch(_) => Part::Batch(part),
                            Group::Alone(_) | Group::Together(_) => Part::Alone(part),
                        });
                    }
                }
            }
        }
        if !matches!(parts.last(), Some(Part::Transaction(_))) {
            let (statements, moves) = (&[][..], Vec::new());
            let line = line(transition, script, done, false);
            let ends_transition = true;
            let empty = Transaction { statements, done, moves, ends_transition, line, line_first };
            parts.push(Part::Transaction(empty));
        }
        if let Some(Part::Transaction(last)) = parts.last_mut() {
            last.ends_transition = true;
            last.moves = VersionTable::moves(&transition.from, &transition.to);
            last.line = line(transition, script, done, true);
        }
        Self { parts, changes_settings }
    }
}

fn alone<'s>(
    transition: &'s Transition<'s>,
    script: &'s Script<'s>,
    statement: &'s SqlStatement<'s>,
    before: usize,
) -> Alone<'s> {
    let line = line(transition, script, before + 1, false);
    let begin = Entry {
        kind: Kind::Began(transition.direction),
        statement: Some(before),
        text: LineText::Attempt(statement.sql),
        ..line.clone()
    };
    Alone { statement, done: before, begin, line }
}

/// Returns the journal line after the first `done` statements, or at the end of the transition.
fn line<'s>(
    transition: &'s Transition<'s>,
    script: &'s Script<'s>,
    done: usize,
    last: bool,
) -> Entry<'s> {
    let upgraded = last && transition.direction == Direction::Upgrade;
    Entry {
        revision: &transition.revision.id,
        kind: Kind::Ran(transition.direction),
        statement: (!last).then_some(done),
        checksum: if last { script.checksum.clone() } else { script.checksum_of(done) },
        started: None,
        error: None,
        text: match (last, upgraded) {
            (true, true) => LineText::File(&script.kept),
            (true, false) => LineText::None,
            (false, _) => LineText::Session,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use aludel_dialect::Dialect;
    use aludel_revision::{Revision, RevisionMap, Symbol};

    use super::*;

    /// Renders each part as its statements, with `|` between parts and `*` for the version table.
    fn parts(upgrade: &str, already: usize) -> String {
        let text = format!(
            "-- m\n-- revision: a1\n-- down_revision: none\n\n-- aludel: upgrade\n{upgrade}\n\n-- aludel: downgrade\n"
        );
        let revision = Revision::parse(Path::new("a1.sql"), text.into_bytes()).unwrap();
        let map = RevisionMap::new(vec![revision]).unwrap();
        let head = Symbol::parse("head").unwrap();
        let goal = map.goal(Direction::Upgrade, &head, &[]).unwrap();
        let transitions = map.transitions(&[], &goal).unwrap();
        let table = VersionTable { name: "v".to_owned(), dialect: Dialect::Postgres };
        let script =
            Script::read(transitions[0].revision, transitions[0].direction, table.dialect).unwrap();
        let schedule = Schedule::of(&transitions[0], &script, already, &table);
        let words = |statements: &[SqlStatement<'_>]| {
            statements.iter().map(|s| s.sql).collect::<Vec<_>>().join(",")
        };
        let part = |part: &Part<'_>| match part {
            Part::Transaction(t) => {
                let star = if t.moves.is_empty() { "" } else { "*" };
                format!("{}:{}{star}", t.done, words(t.statements))
            }
            Part::Alone(alone) => format!("{}!{}", alone.done, alone.statement.sql),
            Part::Batch(batch) => format!("{}*{}", batch.done, batch.statement.sql),
        };
        schedule.parts.iter().map(part).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn statements_share_a_transaction_as_far_as_they_can() {
        for (upgrade, already, expected) in [
            ("", 0, "0:*"),
            ("a; b", 0, "0:a,b*"),
            ("a; VACUUM; b", 0, "0:a | 1!VACUUM | 2:b*"),
            ("VACUUM", 0, "0!VACUUM | 1:*"),
            ("a; VACUUM; b", 1, "1!VACUUM | 2:b*"),
            ("a; VACUUM; b", 2, "2:b*"),
            ("a; b; VACUUM", 1, "1:b | 2!VACUUM | 3:*"),
            ("a; VACUUM", 2, "2:*"),
            ("a;\n-- aludel: no-transaction\nINSERT; b", 0, "0:a | 1:INSERT | 2:b*"),
            ("a;\n-- aludel: no-transaction\nCALL p()", 0, "0:a | 1!CALL p() | 2:*"),
            ("-- aludel: batch\nDELETE", 0, "0*DELETE | 1:*"),
        ] {
            assert_eq!(parts(upgrade, already), expected, "{upgrade} behind {already}");
        }
    }
}
