//! Reports of runs that stopped: what is known of the outcome, and how to go on.

use std::path::Path;

use aludel::{
    Cause, Direction, DriverError, Fate, Rounds, RunError, Session, Stage, StatementError,
    StatementFailure,
};

use crate::failure::Context;
use crate::report_text::{AHEAD, FILES, Report, placed, resolve, server_facts, three};
use crate::server_help::{of_driver, server_help};
use crate::step_report;

const ROLLED_BACK: &str = "the revision was rolled back; the database is as it was before it";
const ROLLED_BACK_PART: &str = "the transaction that ran was rolled back";
const WHOLE_RUN: &str =
    "every revision of the run was rolled back; the database is as it was before the run";
const MEND: &str = "mend what is broken in the revision: change or delete the rows, or drop and create the view or trigger";
const AGAIN: &str = "run the command again to go on";

pub(crate) fn run(error: &RunError, context: &Context) -> Report {
    let root = context.root.as_path();
    let what = error.to_string();
    match error {
        RunError::Statement(failure) => statement(failure, root),
        RunError::Driver(error) => of_driver(error, context),
        RunError::Resolve(error) => resolve(error),
        RunError::File(problem) => {
            let shown = problem.path.strip_prefix(root).unwrap_or(&problem.path);
            let report = placed(&problem.message, root, shown, problem.line, None);
            Report { help: FILES.to_owned(), ..report }
        }
        RunError::UnknownInDatabase { table, .. } => {
            three(&what, &[format!("it is in {table}, and no revision file has that id")], AHEAD)
        }
        RunError::AtTheEnd { source, is_bookkeeping, stays, .. } => {
            at_the_end(&what, source, *is_bookkeeping, *stays)
        }
        RunError::ConnectionLost { fate, committing, stays, .. } => {
            let (fact, help) = lost(*fate, *committing);
            let mut facts = vec![fact.to_owned()];
            facts.extend(done_before(*stays));
            three(&what, &facts, help)
        }
        RunError::Interrupted { stage, stays, .. } if *stays > 0 => {
            partly_done(&what, *stays, stopped_behind(*stage), AGAIN)
        }
        RunError::Damage { stays, .. } if *stays > 0 => {
            partly_done(&what, *stays, ROLLED_BACK_PART, MEND)
        }
        RunError::OutcomeUnknown { path, line, direction, is_open, is_same, sql, .. } => {
            let shown = path.strip_prefix(root).unwrap_or(path);
            let report = placed(&what, root, shown, *line, None);
            let mut facts = unknown(*is_open).map(str::to_owned).to_vec();
            if !is_same {
                facts.insert(
                    0,
                    format!("the file has something else in its place now; it was: {sql}"),
                );
            }
            Report { facts, help: ways_on(*direction), ..report }
        }
        RunError::UnknownStep { at, registered, meant } => {
            step_report::unknown(at, registered, meant.as_deref(), root)
        }
        RunError::StepOffline(at) => step_report::in_script(at, root),
        RunError::LockWait { holder, .. } => {
            let facts = holder.as_ref().map(session).unwrap_or_default();
            three(
                &what,
                &facts,
                "wait for longer with `--lock-wait TIME`, or see what that session does",
            )
        }
        other => advised(other, &what, root),
    }
}

/// Returns the report of an error that has one fact and one remedy.
fn advised(error: &RunError, what: &str, root: &Path) -> Report {
    let (fact, help) = advice(error);
    let report = match place(error) {
        Some((path, line)) => {
            placed(what, root, path.strip_prefix(root).unwrap_or(path), line, None)
        }
        None => three(what, &[], ""),
    };
    Report { facts: vec![fact.into()], help, ..report }
}

/// Returns the file and the line that stop a run before it begins.
fn place(error: &RunError) -> Option<(&Path, usize)> {
    match error {
        RunError::Gap { path, line, .. }
        | RunError::Irreversible { path, line, .. }
        | RunError::NoCopy { path, line, .. } => Some((path, *line)),
        _ => None,
    }
}

/// Returns the report of a transaction that failed behind its statements: in a deferred constraint, or in
/// the bookkeeping, which the revision can't mend.
fn at_the_end(what: &str, source: &Cause, is_bookkeeping: bool, stays: usize) -> Report {
    let mut facts = source.database().map(server_facts).unwrap_or_default();
    let (place, help) = if is_bookkeeping {
        let help = source.database().map(bookkeeping_help).unwrap_or_default();
        ("the version row is moved and the journal is written there", help)
    } else {
        let help = "mend the revision, then run the command again";
        ("deferred constraints are checked there", help.to_owned())
    };
    facts.push(place.into());
    facts.push("the transaction was rolled back".into());
    facts.extend(done_before(stays));
    three(what, &facts, &help)
}

/// Returns the remedy for an error of the bookkeeping.
fn bookkeeping_help(error: &DriverError) -> String {
    // undefined_table, invalid_schema_name: they were there at the beginning of the run
    let is_gone = |error: &StatementError| ["42P01", "3F000"].contains(&error.code.as_str());
    if error.statement().is_some_and(is_gone) {
        return "the revision has dropped or renamed a table of the runner, or its schema: take that out, or keep \
                these tables in a schema of their own (`version_table = \"aludel.version\"`)"
            .to_owned();
    }
    let help = server_help(error, "");
    if help.is_empty() {
        return "mend the version table or the journal, then run the command again".to_owned();
    }
    help
}

/// Returns the report of a run that stopped behind statements that stay completed.
fn partly_done(what: &str, stays: usize, fact: &str, help: &str) -> Report {
    let mut facts = vec![fact.to_owned()];
    facts.extend(done_before(stays));
    three(what, &facts, help)
}

/// Returns the state of the part of a revision at which an interruption stopped the run.
fn stopped_behind(stage: Stage) -> &'static str {
    match stage {
        Stage::RolledBack => ROLLED_BACK_PART,
        Stage::Before | Stage::Cancelled | Stage::Paused => interrupted(stage),
    }
}

/// Returns the facts about a statement with an unknown outcome.
fn unknown(is_open: bool) -> [&'static str; 2] {
    let why = match is_open {
        true => {
            "an earlier run began it outside a transaction, and nothing shows whether it was completed"
        }
        false => {
            "it failed or was cancelled in an earlier run, and may have committed a part of its work"
        }
    };
    [why, "nothing was run"]
}

/// Returns the ways on from a statement whose outcome is unknown.
fn ways_on(direction: Direction) -> String {
    format!(
        "look at what it did. If it is done: `aludel {direction} … --assume-done` goes on behind it; \
         if not: `aludel {direction} … --run-again` executes it again"
    )
}

/// Returns the facts about a session of the server.
fn session(holder: &Session) -> Vec<String> {
    let Session { pid, user, client, since, query } = holder;
    let user = user.as_deref().unwrap_or("unknown");
    let since = since.as_deref().map(|since| format!(", since {since}")).unwrap_or_default();
    let mut facts = vec![format!("held by pid {pid}, user {user}, {client}{since}")];
    facts.extend(query.as_ref().map(|query| format!("running: {query}")));
    facts
}

/// Returns what is known after the loss of a connection, and how to go on.
fn lost(fate: Fate, committing: bool) -> (&'static str, &'static str) {
    match fate {
        Fate::RolledBack if committing => (
            "COMMIT was sent, and the server has rolled the revision back, as another connection has seen",
            "run the command again",
        ),
        Fate::RolledBack => (
            "COMMIT was not sent: the server rolls the revision back",
            "run the command again when the server answers",
        ),
        Fate::Committed => (
            "the revision is committed, as another connection has seen",
            "run the command again to go on behind it",
        ),
        Fate::Unknown => (
            "whether the revision was or will be committed is not known",
            "`aludel status` shows it when the server answers again; then run the command again",
        ),
    }
}

/// Returns the state after an interruption.
fn interrupted(stage: Stage) -> &'static str {
    match stage {
        Stage::Before => "what ran before it stays applied",
        Stage::RolledBack => ROLLED_BACK,
        Stage::Cancelled => "it ran outside a transaction: what is done before it stays",
        Stage::Paused => "the rounds before the interruption stay",
    }
}

/// Returns the state after a run that stopped, and a remedy.
fn advice(error: &RunError) -> (&'static str, String) {
    let (fact, help) = match error {
        RunError::Irreversible { .. } => {
            ("nothing was changed", "restore a backup, or write the section")
        }
        RunError::Gap { .. } => (
            "nothing was changed",
            "write the section in place of the line `-- aludel: missing`; `aludel check --heads` lists all gaps",
        ),
        RunError::Lock { .. } => {
            ("", "a runner locks a file beside the database while it runs; may it write there?")
        }
        RunError::Edited { .. } => {
            ("nothing was run", "put the files back, or accept them: `aludel stamp --rebless`")
        }
        RunError::NoBatchOffline { .. } => {
            ("", "run it by `aludel upgrade`, or print the range before it")
        }
        RunError::NotRecorded { .. } => (
            "what was in its transaction was rolled back; what ran outside of one before it stays",
            "a trigger on that table takes rows away: drop it, then run the command again",
        ),
        RunError::DoneStatementsChanged { .. } => (
            "what has changed is done and was committed; the rest is not",
            "put the text back as it was and mend what is behind it, or finish by hand and `aludel stamp REV`",
        ),
        RunError::Interrupted { stage, .. } => (interrupted(*stage), AGAIN),
        other => advice_in_the_middle(other),
    };
    (fact, help.to_owned())
}

/// Returns the ways on from a revision that a run in a direction has begun.
fn complete(direction: Direction) -> &'static str {
    match direction {
        Direction::Upgrade => {
            "complete it (`aludel upgrade head`); or undo what is done by hand, and say where the database \
             is: `aludel stamp REV`"
        }
        Direction::Downgrade => {
            "complete it (`aludel downgrade …`); or do again by hand what is undone, and say where the \
             database is: `aludel stamp REV`"
        }
    }
}

/// Returns the same for a run that stopped in or before a revision.
fn advice_in_the_middle(error: &RunError) -> (&'static str, &'static str) {
    match error {
        RunError::SessionGone { .. } => (
            "nothing was run: the rest of the revision would run without it",
            "finish the revision by hand, then `aludel stamp REV`; or undo what is done by hand, and stamp the \
             revision before it: `aludel stamp` forgets what was begun",
        ),
        RunError::BegunOtherWay { direction, .. } => (
            "nothing was run: a part of its statements is done, and the version table does not show it",
            complete(*direction),
        ),
        RunError::InvalidIndex { .. } => (
            "a build that failed leaves such an index; no run of this revision is recorded as its maker",
            "drop it (`DROP INDEX CONCURRENTLY …`), then run the command again",
        ),
        RunError::LockReleased { .. } => (
            "the revision is applied; nothing behind it was run",
            "take `pg_advisory_unlock…` and DISCARD out of the revision, then run the command again",
        ),
        RunError::Pooled => (
            "nothing was run: the lock and the settings of a run need a session of their own",
            "connect to the server itself, or to a pool in session mode: `migration_url` under [database], \
             or MIGRATION_DATABASE_URL beside DATABASE_URL",
        ),
        RunError::NotOneTransaction { .. } => {
            ("nothing was run", "run it without `--single-transaction`")
        }
        RunError::NoCopy { .. } => ("nothing was run", "run it on a connection by a URL"),
        RunError::EndlessBatch { .. } => (
            "the rounds so far stay",
            "the statement has to leave out the rows that it has changed: add a condition, then run the \
             command again",
        ),
        RunError::Damage { .. } => (ROLLED_BACK, MEND),
        RunError::VersionChanged { .. } => {
            (ROLLED_BACK, "that table is the runner's: take the statement out of the revision")
        }
        RunError::VersionMoved { .. } => (
            "what this run had not committed was rolled back",
            "see `aludel current`, then run the command again; a trigger on that table may take rows away too",
        ),
        // `run` reports these on its own.
        RunError::Driver(_)
        | RunError::Resolve(_)
        | RunError::File(_)
        | RunError::Statement(_)
        | RunError::UnknownInDatabase { .. }
        | RunError::ConnectionLost { .. }
        | RunError::OutcomeUnknown { .. }
        | RunError::LockWait { .. }
        | RunError::UnknownStep { .. }
        | RunError::StepOffline(_)
        | RunError::AtTheEnd { .. }
        // The first half of the advice.
        | RunError::Irreversible { .. }
        | RunError::Gap { .. }
        | RunError::Lock { .. }
        | RunError::Edited { .. }
        | RunError::NoBatchOffline { .. }
        | RunError::NotRecorded { .. }
        | RunError::DoneStatementsChanged { .. }
        | RunError::Interrupted { .. } => ("", ""),
    }
}

fn statement(failure: &StatementFailure, root: &Path) -> Report {
    let shown = failure.path.strip_prefix(root).unwrap_or(&failure.path);
    let title = failure.to_string();
    let database = failure.source.database();
    let mut facts = database.map(server_facts).unwrap_or_default();
    match (failure.alone, failure.fate) {
        (true, Fate::Unknown) => facts.push(
            "the connection was lost: whether the server completed the statement is not known".to_owned(),
        ),
        (true, Fate::RolledBack | Fate::Committed) if failure.rounds.is_some() => {
            facts.push("the round that failed was rolled back".to_owned());
        }
        (true, Fate::RolledBack | Fate::Committed) => facts.push(
            "it ran outside a transaction: part of what it did may stay (an invalid index, for one, \
             which the next run removes)"
                .to_owned(),
        ),
        (false, fate) if database.is_some_and(is_lost) => facts.push(lost(fate, false).0.to_owned()),
        (false, _) if failure.whole_run => facts.push(WHOLE_RUN.to_owned()),
        (false, _) if failure.stays == 0 => facts.push(ROLLED_BACK.to_owned()),
        (false, _) => {}
    }
    if let Some(Rounds { count, rows }) = failure.rounds.filter(|rounds| rounds.count > 0) {
        let rounds = if count == 1 { "round of the batch is" } else { "rounds of the batch are" };
        let noun = if rows == 1 { "row" } else { "rows" };
        facts.push(format!("{count} {rounds} committed and stay: {rows} {noun}"));
    }
    let before = done_before(failure.stays);
    if before.is_none() && failure.alone && failure.rounds.is_none() {
        facts.push("nothing before it stays".to_owned());
    }
    facts.extend(before);
    let report =
        placed(&title, root, shown, failure.line + line_of(failure), column_of(failure, root));
    Report { facts, help: statement_help(failure), ..report }
}

/// Returns the fact about the statements that stay completed.
fn done_before(stays: usize) -> Option<String> {
    let statements = if stays == 1 { "statement" } else { "statements" };
    (stays > 0).then(|| {
        format!(
            "done before it, outside of its transaction: {stays} {statements}; the next run goes on behind"
        )
    })
}

fn statement_help(failure: &StatementFailure) -> String {
    if failure.source.database().is_some_and(is_lost) {
        return match failure.fate {
            Fate::Unknown => {
                "run the command again when the server answers: it looks at the database for the outcome"
            }
            Fate::RolledBack | Fate::Committed => "run the command again when the server answers",
        }
        .to_owned();
    }
    let help = match &failure.source {
        Cause::Database(error) => server_help(error, &failure.sql),
        Cause::Step { name, .. } => {
            format!("mend the step `{name}` in the program, then run the command again")
        }
    };
    if help.is_empty() { "mend the revision, then run the command again".to_owned() } else { help }
}

/// Returns true if the server did not answer.
fn is_lost(error: &DriverError) -> bool {
    match error {
        DriverError::Lost(_) => true,
        DriverError::Url(_)
        | DriverError::Statement(_)
        | DriverError::Connect(_)
        | DriverError::Row(_) => false,
    }
}

/// Returns the column of the file that the server points at, counted from 1; `None` without a
/// position.
fn column_of(failure: &StatementFailure, root: &Path) -> Option<usize> {
    let at = position(failure)?;
    let before: String = failure.sql.chars().take(at.saturating_sub(1)).collect();
    match before.rsplit_once('\n') {
        Some((_, line)) => Some(line.chars().count() + 1),
        // The statement may not begin at the start of its line.
        None => {
            let text = std::fs::read_to_string(root.join(&failure.path)).ok()?;
            let line = text.lines().nth(failure.line.checked_sub(1)?)?;
            let indent = line.find(failure.sql.lines().next()?)?;
            Some(line[..indent].chars().count() + at)
        }
    }
}

/// Returns the position in a statement that the server points at.
fn position(failure: &StatementFailure) -> Option<usize> {
    match &failure.source {
        Cause::Database(error) => error.statement().and_then(|error| error.position),
        // The statement that it refused is in the program.
        Cause::Step { .. } => None,
    }
}

/// Returns the line of the statement that the server points at, counted from 0.
fn line_of(failure: &StatementFailure) -> usize {
    position(failure).map_or(0, |at| {
        failure.sql.chars().take(at.saturating_sub(1)).filter(|c| *c == '\n').count()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A lost connection leaves the outcome open; only an answer of the server settles it.
    #[test]
    fn rolled_back_is_said_only_where_it_is_known() {
        let lost = |fate| {
            let (revision, direction) = ("a1".to_owned(), Direction::Upgrade);
            let reason = "connection closed".to_owned();
            run(
                &RunError::ConnectionLost {
                    revision,
                    direction,
                    reason,
                    fate,
                    stays: 0,
                    committing: false,
                },
                &Context::default(),
            )
            .to_string()
        };
        let unknown = lost(Fate::Unknown);
        assert!(unknown.contains("not known") && !unknown.contains("rolls"), "{unknown}");
        assert!(lost(Fate::RolledBack).contains("rolls the revision back"));
        assert!(lost(Fate::Committed).contains("is committed"));
        let (revision, direction) = ("a1".to_owned(), Direction::Upgrade);
        let source = DriverError::Statement(Box::default()).into();
        let refused = run(
            &RunError::AtTheEnd { revision, direction, source, is_bookkeeping: false, stays: 0 },
            &Context::default(),
        )
        .to_string();
        assert!(refused.contains("the transaction was rolled back"), "{refused}");
    }
}
