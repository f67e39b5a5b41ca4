//! The state of the session: kept in the journal, restored by a later run, and reset at the end of a
//! transition.

use std::collections::BTreeMap;

use aludel_dialect::{Dialect, Effect, SqlStatement, significant};
use aludel_driver::{Connection, DriverError};
use serde::Deserialize;

use crate::error::RunError;
use crate::execution::{Execution, Run};
use crate::journal::STEP;
use crate::script::may_change_session;
use crate::session_facts::{SessionFacts, Timeouts};
use crate::settings::RunSettings;

use super::server::{custom, encoding, pooler, reindexed, role, timeouts};

/// The dialect of this module.
const PG: Dialect = Dialect::Postgres;

/// The expression for the state that [`keep`] has kept in the transaction.
pub(crate) const KEPT: &str = "nullif(current_setting('aludel.session', true), '')";

/// The state of a session, as a line of the journal has it.
#[derive(Debug, Deserialize)]
struct State {
    settings: BTreeMap<String, String>,
    temporary: Vec<String>,
    /// The names of prepared statements.
    #[serde(default)]
    prepared: Vec<String>,
}

/// Returns the statements before a line of the journal. They keep the state of the session for the
/// line, and then take the role of the runner until the end of the transaction. `before` are the
/// statements of the revision in the same transaction.
pub(crate) fn keep(
    execution: &Execution<'_>,
    before: &[SqlStatement<'_>],
    note: Option<Note<'_>>,
) -> Vec<String> {
    let mut statements = Vec::new();
    if execution.script.group_count() > 1 || note.is_some() {
        let mut local: Vec<String> =
            before.iter().filter_map(|statement| PG.local_setting(statement.sql)).collect();
        if !before.is_empty() {
            local.extend(timeouts::names(execution));
        }
        statements.push(format!(
            "SELECT set_config('aludel.session', ({}), true)",
            state(execution, local, note)
        ));
    }
    statements.extend(role::own(execution.run.settings));
    statements
}

/// Returns the query for the state of the session: its settings and the names of its temporary
/// tables. Settings with LOCAL end with the transaction and are no part of it.
fn state(execution: &Execution<'_>, mut local: Vec<String>, note: Option<Note<'_>>) -> String {
    let literal = |text: &String| PG.literal(text);
    local.extend(
        ["transaction_isolation", "transaction_read_only", "transaction_deferrable"]
            .map(str::to_owned),
    );
    let local: Vec<String> = local.iter().map(literal).collect();
    let custom = custom::names(&execution.script.statements);
    format!(
        "SELECT pg_catalog.json_build_object('settings', (SELECT coalesce(pg_catalog.json_object_agg(s.name, s.setting), '{{}}') \
         FROM (SELECT name, setting FROM pg_catalog.pg_settings WHERE source = 'session' AND name <> ALL (ARRAY[{}]::text[]) \
         UNION ALL SELECT 'session_authorization', session_user::text WHERE session_user::text <> {} \
         UNION ALL SELECT 'role', pg_catalog.current_setting('role') \
         UNION ALL SELECT c.name, pg_catalog.current_setting(c.name, true) FROM ({custom}) c(name) \
         WHERE pg_catalog.current_setting(c.name, true) IS NOT NULL) s), \
         'temporary', (SELECT coalesce(pg_catalog.json_agg(relname), '[]') FROM pg_catalog.pg_class \
         WHERE relnamespace = pg_catalog.pg_my_temp_schema() AND relkind IN ('r', 'v', 'S', 'p')), \
         'prepared', (SELECT coalesce(pg_catalog.json_agg(name), '[]') \
         FROM pg_catalog.pg_prepared_statements WHERE from_sql AND name <> {}){})::text",
        local.join(", "),
        PG.literal(&execution.run.facts.user),
        PG.literal(STEP),
        note.map(noted).unwrap_or_default()
    )
}

/// A note that a line of the journal has beside the state of the session.
#[derive(Clone, Copy)]
pub(crate) enum Note<'a> {
    /// The statement outside of a transaction that comes next.
    Attempt(&'a str),
    /// The progress that a batch has made.
    Progress(&'a str),
}

fn noted(note: Note<'_>) -> String {
    match note {
        Note::Attempt(sql) => memory(sql),
        Note::Progress(progress) => format!(", 'progress', {}::text", PG.literal(progress)),
    }
}

/// Returns the elements of the state that describe a statement before it runs: its text, and the
/// indexes that it must be able to tell from its own.
fn memory(sql: &str) -> String {
    let indexes = match PG.effect(sql) {
        Effect::NamelessIndexBuilt { table } => format!(
            ", 'indexes', (SELECT coalesce(pg_catalog.json_agg(c.relname), '[]') FROM pg_catalog.pg_index i \
             JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass({}))",
            PG.literal(&PG.quote_name(&table))
        ),
        Effect::Reindexed(what) => {
            format!(", 'indexes', ({})", reindexed::known(&what))
        }
        Effect::IndexBuilt { .. }
        | Effect::IndexesDropped(_)
        | Effect::PartitionDetached { .. }
        | Effect::Database(..)
        | Effect::Tablespace(..)
        | Effect::Subscription(..)
        | Effect::Repeatable
        | Effect::Unseen => String::new(),
    };
    format!(", 'sql', {}::text{indexes}", PG.literal(sql))
}

/// Restores the state of the session behind the completed statements of an earlier run.
pub(crate) async fn restore(execution: &Execution<'_>) -> Result<(), RunError> {
    let Some(begun) = &execution.begun else { return Ok(()) };
    let gone = |what: String| RunError::SessionGone {
        revision: begun.revision.clone(),
        done: begun.done,
        what,
    };
    let Some(text) = &begun.session else {
        let done = execution.script.statements.iter().take(begun.done);
        let changes = done.into_iter().any(|statement| may_change_session(statement, PG));
        return if changes {
            Err(gone("settings that are not recorded".to_owned()))
        } else {
            Ok(())
        };
    };
    let state: State = serde_json::from_str(text)
        .map_err(|_| gone("a state that can't be read from the journal".to_owned()))?;
    let rest = execution.script.statements.get(begun.done..).unwrap_or_default();
    // Code may use a table that no statement names.
    let runs_code = rest.iter().any(|statement| PG.may_run_code(statement.sql));
    let mut needed =
        state.temporary.iter().filter(|name| runs_code || execution.script.mentions(rest, name));
    if let Some(name) = needed.next() {
        return Err(gone(format!("the temporary table {name}")));
    }
    let reads = runs_code || execution.script.mentions(rest, "current_setting");
    if reads && sets_unknown_settings(execution, begun.done).await? {
        return Err(gone("a setting whose name is put together, which is not recorded".to_owned()));
    }
    // Only the role that has connected may set some of the settings, and a session authorization
    // ends the role.
    let rank = |name: &str| match name {
        "session_authorization" => 1,
        "role" => 2,
        _ => 0,
    };
    let mut settings: Vec<(&String, &String)> = state.settings.iter().collect();
    settings.sort_by_key(|(name, _)| rank(name));
    let set: Vec<String> = settings.into_iter().map(set).collect();
    let set: Vec<&str> = set.iter().map(String::as_str).collect();
    if !set.is_empty() {
        execution
            .run
            .connection
            .run_script(&set.join(";\n"))
            .await
            .map_err(|failure| failure.error)?;
    }
    for name in
        state.prepared.iter().filter(|name| runs_code || execution.script.mentions(rest, name))
    {
        prepare_again(execution, begun.done, name)
            .await
            .map_err(|why| gone(format!("the prepared statement {name}, which {why}")))?;
    }
    Ok(())
}

/// Returns true if the first `done` statements may have made a setting with a class under a name that is
/// written nowhere. The server lists no such settings.
async fn sets_unknown_settings(execution: &Execution<'_>, done: usize) -> Result<bool, RunError> {
    let before = execution.script.statements.get(..done).unwrap_or_default();
    match custom::put_together(before) {
        Some(query) => Ok(!execution.run.connection.query(&query).await?.is_empty()),
        None => Ok(false),
    }
}

/// Prepares a statement again that the first `done` ones have prepared, behind the settings that
/// its names may need. The server knows its text only with what was sent together with it.
async fn prepare_again(execution: &Execution<'_>, done: usize, name: &str) -> Result<(), String> {
    let before = execution.script.statements.get(..done).unwrap_or_default();
    let prepares = |statement: &&SqlStatement<'_>| {
        let tokens = significant(statement.sql, PG);
        let [prepare, named, ..] = tokens.as_slice() else { return false };
        prepare.is_word("PREPARE") && named.identifier().as_deref() == Some(name)
    };
    let Some(statement) = before.iter().rfind(prepares) else {
        return Err("no statement of the file prepares by itself".to_owned());
    };
    let prepared = execution.run.connection.run(statement.sql).await;
    prepared.map(|_| ()).map_err(|error| format!("can't be made again: {error}"))
}

fn set((name, value): (&String, &String)) -> String {
    format!("SELECT pg_catalog.set_config({}, {}, false)", PG.literal(name), PG.literal(value))
}

/// Returns the statements that bring the session back to the state in which the run began, so that
/// a revision can't affect the next one.
pub(crate) fn reset(run: &Run<'_>) -> Vec<String> {
    let mut statements = vec![
        "RESET SESSION AUTHORIZATION".to_owned(),
        "RESET ROLE".to_owned(),
        "RESET ALL".to_owned(),
        "DISCARD TEMP".to_owned(),
        "CLOSE ALL".to_owned(),
        "UNLISTEN *".to_owned(),
    ];
    statements.extend(own(run.settings, &run.facts.timeouts));
    statements.extend(PG.usual_search_path().map(str::to_owned));
    statements
}

/// Returns the statements for what a run sets in its session.
fn own(settings: &RunSettings, timeouts: &Timeouts) -> Vec<String> {
    let role = settings.role.as_ref().map(|role| format!("SET ROLE {}", PG.quote(role)));
    timeouts::of_session(timeouts).into_iter().chain(role).collect()
}

/// Prepares the session of a run: refuses one that a pooler shares between clients, reads its
/// timeouts and takes the role.
pub(crate) async fn prepare(
    connection: &Connection<'_>,
    settings: &RunSettings,
) -> Result<SessionFacts, RunError> {
    let backend = pooler::backend(connection).await?;
    // Without an answer, each transaction compares the process.
    if backend.is_shared == Some(true) {
        return Err(RunError::Pooled);
    }
    let query = "SELECT session_user::text AS name, \
                 pg_catalog.current_setting('server_encoding') AS encoding";
    let path = PG.usual_search_path().unwrap_or_default();
    let answers = connection.query_all(&[path, query]).await?;
    let (user, lacks_characters) = match answers.last().and_then(|rows| rows.first()) {
        Some(row) => {
            let text = |column| row.text(column).map_err(DriverError::from);
            (text("name")?.to_owned(), !encoding::holds_all(text("encoding")?))
        }
        None => (String::new(), false),
    };
    let timeouts = timeouts::read(connection).await?;
    let own = own(settings, &timeouts);
    if !own.is_empty() {
        connection.run_script(&own.join(";\n")).await.map_err(|failure| failure.error)?;
    }
    Ok(SessionFacts { pid: backend.pid.into(), user, lacks_characters, timeouts })
}

/// Resets the session after a transition that failed.
pub(crate) async fn forget(execution: &Execution<'_>) -> Result<(), DriverError> {
    let reset = reset(&execution.run).join(";\n");
    execution.run.connection.run_script(&reset).await.map_err(|failure| failure.error)?;
    Ok(())
}
