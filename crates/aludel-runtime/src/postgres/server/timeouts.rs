//! The timeouts of a transaction or a lone statement, and the errors after which it is tried again.

use std::time::Duration;

use aludel_dialect::{SqlStatement, significant};
use aludel_driver::{Connection, DriverError};

use crate::execution::Execution;
use crate::session_facts::Timeouts;

/// The `lock_timeout` of statements that keep others out, if neither the run nor the connection has
/// one.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);

/// Reads the timeouts that a connection has by itself.
pub(crate) async fn read(connection: &Connection<'_>) -> Result<Timeouts, DriverError> {
    let query = "SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN ('lock_timeout', \
                 'statement_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout', \
                 'idle_session_timeout', 'transaction_read_only') \
                 AND setting NOT IN ('0', 'off') ORDER BY name";
    let mut timeouts = Timeouts::default();
    for row in connection.query(query).await? {
        match row.text("name")? {
            // The setting is in milliseconds.
            "lock_timeout" => {
                let millis = u64::try_from(row.number("setting")?).unwrap_or_default();
                timeouts.lock = Duration::from_millis(millis);
            }
            "idle_session_timeout" => timeouts.ends_idle = true,
            // Also on a standby.
            "transaction_read_only" => timeouts.is_read_only = true,
            name => timeouts.ending.push(name.to_owned()),
        }
    }
    Ok(timeouts)
}

/// Returns the statement that lets a session wait between two statements, as it does in the pause of a
/// batch and before another attempt.
pub(crate) fn of_session(timeouts: &Timeouts) -> Option<String> {
    timeouts.ends_idle.then(|| "SET idle_session_timeout = 0".to_owned())
}

/// Returns the statements that set the timeouts of a transaction.
pub(crate) fn local(execution: &Execution<'_>, statements: &[SqlStatement<'_>]) -> Vec<String> {
    let dialect = execution.run.table.dialect;
    let blocks = statements.iter().any(|statement| dialect.may_block_others(statement.sql));
    settings(execution, blocks).into_iter().map(|setting| format!("SET LOCAL {setting}")).collect()
}

/// The timeouts around a statement outside of a transaction.
pub(crate) struct Around {
    pub(crate) before: Vec<String>,
    pub(crate) after: Vec<String>,
}

/// Returns the statements that set the timeouts of a statement outside of a transaction, and those
/// that reset them.
pub(crate) fn around(execution: &Execution<'_>, statement: &SqlStatement<'_>) -> Around {
    let dialect = execution.run.table.dialect;
    let tokens = significant(statement.sql, dialect);
    // CONCURRENTLY and VACUUM wait for others and keep nobody out. After a timeout they would have
    // to begin again.
    let is_patient = tokens.iter().any(|token| token.is_word("CONCURRENTLY"))
        || tokens.first().is_some_and(|token| token.is_word("VACUUM"));
    let mut settings = settings(execution, !is_patient && dialect.may_block_others(statement.sql));
    if is_patient
        && !execution.run.facts.timeouts.lock.is_zero()
        && !mentions(execution, "lock_timeout")
    {
        settings.push("lock_timeout = 0".to_owned());
    }
    let name = |setting: &String| setting.split(' ').next().unwrap_or_default().to_owned();
    Around {
        after: settings.iter().map(|setting| format!("RESET {}", name(setting))).collect(),
        before: settings.into_iter().map(|setting| format!("SET {setting}")).collect(),
    }
}

/// Returns the settings in the form `name = value`. What the revision sets by itself stays.
fn settings(execution: &Execution<'_>, blocks: bool) -> Vec<String> {
    let (run, script) = (&execution.run, &execution.script);
    let mut settings = Vec::new();
    let set = |name: &str, time: Duration| format!("{name} = {}", time.as_millis());
    let lock = match (script.lock_timeout(), run.settings.lock_timeout) {
        (Some(stated), _) => Some(stated),
        (None, Some(stated)) => blocks.then_some(stated),
        (None, None) => (blocks && run.facts.timeouts.lock.is_zero()).then_some(LOCK_TIMEOUT),
    };
    if let Some(time) = lock.filter(|_| !mentions(execution, "lock_timeout")) {
        settings.push(set("lock_timeout", time));
    }
    for name in run.facts.timeouts.ending.iter().filter(|name| !mentions(execution, name)) {
        settings.push(format!("{name} = 0"));
    }
    if let Some(time) = script.statement_timeout() {
        settings.retain(|setting| !setting.starts_with("statement_timeout "));
        settings.push(set("statement_timeout", time));
    }
    settings
}

/// Returns the statement that begins a transaction. Each has bookkeeping in it, which writes whatever
/// the revision has set before. What was read-only before the run stays so, unless the revision says
/// otherwise.
pub(crate) fn begin(execution: &Execution<'_>) -> &'static str {
    let stays = !mentions(execution, "default_transaction_read_only");
    if execution.run.facts.timeouts.is_read_only && stays { "BEGIN" } else { "BEGIN READ WRITE" }
}

/// Returns the statements that keep timeouts of a revision away from the rest of a transaction, which
/// belongs to the bookkeeping.
pub(crate) fn of_bookkeeping(execution: &Execution<'_>) -> Vec<String> {
    let ending = ["lock_timeout", "statement_timeout"].into_iter();
    ending
        .filter(|name| mentions(execution, name))
        .map(|name| format!("SET LOCAL {name} = 0"))
        .collect()
}

fn mentions(execution: &Execution<'_>, name: &str) -> bool {
    execution.script.mentions(&execution.script.statements, name)
}

/// Returns the names of the settings that the runner may set for a transaction.
pub(crate) fn names(execution: &Execution<'_>) -> Vec<String> {
    let all = [
        "lock_timeout",
        "statement_timeout",
        "transaction_timeout",
        "idle_in_transaction_session_timeout",
    ];
    all.into_iter().filter(|name| !mentions(execution, name)).map(str::to_owned).collect()
}

/// Returns true if the transaction was rolled back for a reason that may be gone the next time.
pub(crate) fn may_repeat(error: &DriverError) -> bool {
    /// `lock_not_available`, `deadlock_detected` and `serialization_failure`.
    const PASSING: [&str; 3] = ["55P03", "40P01", "40001"];
    error.statement().is_some_and(|error| PASSING.contains(&error.code.as_str()))
}
