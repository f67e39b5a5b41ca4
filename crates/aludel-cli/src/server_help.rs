//! Remedies for errors of the database, by their codes.

use aludel::{DriverError, ReadOnly, StatementError};

use crate::failure::Context;
use crate::report_text::{Report, connect_help, from, server_facts, three};

/// Returns the report of an error that a database or the way to it gave to one of Aludel's own statements.
pub(crate) fn of_driver(error: &DriverError, context: &Context) -> Report {
    let what = error.to_string();
    match error {
        DriverError::Connect(error) => {
            three(&what, &from(context.source_of(&error.target)), &connect_help(error))
        }
        DriverError::Url(_)
        | DriverError::Statement(_)
        | DriverError::Row(_)
        | DriverError::Lost(_) => {
            let help = server_help(error, context.own_statement());
            three(&what, &server_facts(error), &help)
        }
    }
}

/// Returns a remedy for an error of the database; empty if there is no general one. `sql` is the
/// statement, or empty for one of Aludel's own.
pub(crate) fn server_help(error: &DriverError, sql: &str) -> String {
    let Some(error) = error.statement() else { return String::new() };
    let help = match error.code.as_str() {
        // active_sql_transaction, of a statement that is about its transaction
        "25001" if error.message.starts_with("SET TRANSACTION") => {
            "the isolation of a transaction is set before its first query: make it the first statement of the \
             revision, or of what follows a statement outside of a transaction"
        }
        // invalid_transaction_termination, active_sql_transaction
        "2D000" | "25001" => {
            "the statement can't be in a transaction: write `-- aludel: no-transaction` on the line before it"
        }
        // unsafe_new_value_usage
        "55P04" => {
            "a new label can be used after its transaction: write `-- aludel: no-transaction` on the line \
             before the ALTER TYPE … ADD VALUE, or use the label in the next revision"
        }
        // lock_not_available
        "55P03" => {
            "another session holds the lock: run the command again when it has ended, or wait for longer \
             with `--lock-timeout TIME`"
        }
        "57014" if error.message.contains("statement timeout") => {
            "run the command again with more time: `-- aludel: statement_timeout = 30min` in the revision"
        }
        "57014" => "run the command again to go on",
        // read_only_sql_transaction
        "25006" => read_only(ReadOnly::of(error)),
        "42501" => return privilege(error, sql),
        // untranslatable_character
        "22P05" => {
            "the encoding of the database lacks a character of the revision's file, perhaps in a comment: take it \
             out, or write it as an escape"
        }
        // object_in_use
        "55006" if error.message.contains("is being accessed by other users") => {
            "close them, or end them with `--force`"
        }
        "3F000" => "make the schema first, or set search_path for the role",
        "SQLITE_BUSY" | "SQLITE_LOCKED" => {
            "another connection holds the database file: run the command again when it has ended"
        }
        "SQLITE_READONLY" | "SQLITE_CANTOPEN" | "SQLITE_PERM" => {
            "the file and its folder must be writable for this user, because SQLite makes files beside it; \
             and a URL with `mode=ro` never writes"
        }
        "SQLITE_FULL" | "SQLITE_IOERR" => {
            "make space on the disk of the database file, then run the command again"
        }
        // protocol_violation, by which PgBouncer refuses
        "08P01"
            if error.message.contains("pooling mode")
                || error.message.contains("query_wait_timeout") =>
        {
            "a pooler is in front of the server: connect to the server itself, or to a pool in session mode with \
             sessions left: `migration_url` under [database], or MIGRATION_DATABASE_URL beside DATABASE_URL"
        }
        // deadlock_detected, serialization_failure
        "40P01" | "40001" => "another session was in the way: run the command again",
        _ => "",
    };
    help.to_owned()
}

/// Returns the remedy for a database that refuses to write.
fn read_only(reason: Option<ReadOnly>) -> &'static str {
    match reason {
        Some(ReadOnly::Standby) => {
            "connect to the primary (`target_session_attrs=read-write` in the URL chooses it)"
        }
        Some(ReadOnly::Default) => {
            "turn it off for the role that runs revisions: `ALTER ROLE … SET default_transaction_read_only = off`"
        }
        Some(ReadOnly::Transaction) => {
            "take `SET TRANSACTION READ ONLY`, or what else makes it so, out of the revision"
        }
        None => {
            "the server is a standby, or default_transaction_read_only is on, or the revision has made its \
             transaction read-only: connect to the primary (`target_session_attrs=read-write` in the URL \
             chooses it), or turn the setting off"
        }
    }
}

/// Returns the privilege that a statement needs. The server names the object, but not the
/// privilege.
fn privilege(error: &StatementError, sql: &str) -> String {
    if let Some(object) = error.message.strip_prefix("must be owner of ") {
        return format!(
            "only the owner of {object} may do that: connect as the owner, or as a member of that role \
             with `role = \"…\"` under [database]"
        );
    }
    let Some(object) = error.message.strip_prefix("permission denied for ") else {
        return "grant the role the right to do that, or connect as one that has it".to_owned();
    };
    let mut words = sql.split_whitespace().map(str::to_uppercase);
    let first = words.next().unwrap_or_default();
    // The rows come by way of views, each of which reads for its owner.
    let fills = first == "CREATE" && words.next().as_deref() == Some("MATERIALIZED");
    let (kind, name) = object.split_once(' ').unwrap_or((object, ""));
    let rights = match (kind, first.as_str()) {
        ("schema", "CREATE" | "ALTER" | "") => "USAGE, CREATE",
        ("schema", _) => "USAGE",
        ("database", _) => "CREATE",
        ("table" | "view", "INSERT" | "UPDATE" | "DELETE" | "TRUNCATE" | "SELECT") => &first,
        ("table" | "view", _) if fills => "SELECT",
        ("table" | "view", "ALTER" | "CREATE") => "REFERENCES",
        ("table" | "view", _) => "SELECT, INSERT, UPDATE, DELETE",
        ("sequence" | "type" | "language", _) => "USAGE",
        ("function" | "procedure", _) => "EXECUTE",
        _ => return format!("grant the role the right on {object}, or connect as one that has it"),
    };
    let who = if fills { "the role, or the owner of a view that it reads," } else { "the role" };
    format!(
        "{who} needs {rights} on {kind} {name}: `GRANT {rights} ON {} {name} TO …`",
        kind.to_uppercase()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_way_on() {
        for (code, message, sql, words) in [
            ("25001", "", "VACUUM", "`-- aludel: no-transaction`"),
            (
                "25001",
                "SET TRANSACTION ISOLATION LEVEL must be called before any query",
                "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
                "the first statement of the revision",
            ),
            ("55P04", "", "INSERT", "ALTER TYPE"),
            ("57014", "canceling statement due to statement timeout", "", "statement_timeout ="),
            ("57014", "canceling statement due to user request", "", "again to go on"),
            ("25006", "", "", "standby"),
            (
                "42501",
                "permission denied for schema app",
                "CREATE TABLE app.t ()",
                "USAGE, CREATE on schema app",
            ),
            (
                "42501",
                "permission denied for table t",
                "update t set a = 1",
                "GRANT UPDATE ON TABLE t",
            ),
            (
                "42501",
                "permission denied for table t",
                "CREATE MATERIALIZED VIEW m AS SELECT s FROM v",
                "the owner of a view that it reads, needs SELECT on table t",
            ),
            ("42501", "must be owner of table t", "ALTER TABLE t", "the owner of table t"),
        ] {
            let error = StatementError {
                code: code.to_owned(),
                message: message.to_owned(),
                ..StatementError::default()
            };
            let help = server_help(&DriverError::Statement(Box::new(error)), sql);
            assert!(help.contains(words), "{code}: {help}");
        }
    }
}
