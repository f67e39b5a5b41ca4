//! Event triggers, and what they see of a scratch.
//!
//! The functions that they call may have effects that no rollback takes back, such as a number from a
//! sequence, so that they are kept from seeing a scratch wherever the server lets the role do so.

use aludel_driver::{Connection, DriverError};

/// Keeps the event triggers of the database and of the models back, for the transaction, as far as the role may.
///
/// A superuser may, and since PostgreSQL 15 any role that was granted SET on the parameter. PostgreSQL 17 has
/// `event_triggers`, which keeps back all of them. Before, `session_replication_role` does so for all but those
/// that are enabled as ALWAYS or REPLICA, which their owner can disable.
pub(super) const KEEP_BACK: &str = "DO $$
DECLARE
    own name;
BEGIN
    BEGIN
        PERFORM set_config('event_triggers', 'off', true);
    EXCEPTION WHEN insufficient_privilege OR undefined_object THEN
        NULL;
    END;
    BEGIN
        PERFORM set_config('session_replication_role', 'replica', true);
    EXCEPTION WHEN insufficient_privilege THEN
        NULL;
    END;
    IF current_setting('event_triggers', true) = 'off' THEN
        RETURN;
    END IF;
    FOR own IN
        SELECT evtname FROM pg_event_trigger
        WHERE evtenabled IN ('A', CASE current_setting('session_replication_role') WHEN 'replica' THEN 'R' ELSE 'O' END)
    LOOP
        BEGIN
            EXECUTE format('ALTER EVENT TRIGGER %I DISABLE', own);
        EXCEPTION WHEN insufficient_privilege THEN
            NULL;
        END;
    END LOOP;
END $$";

/// Returns the event triggers that fire for DDL all the same.
const SEEING: &str = "SELECT evtname AS name FROM pg_event_trigger \
    WHERE current_setting('event_triggers', true) IS DISTINCT FROM 'off' AND evtevent <> 'login' \
    AND evtenabled IN ('A', CASE current_setting('session_replication_role') WHEN 'replica' THEN 'R' ELSE 'O' END) \
    ORDER BY evtname";

/// Returns the event triggers that see a scratch which `statements` make, or the reason why there can be none: an
/// event trigger may refuse it.
pub(super) async fn seeing(
    connection: &Connection<'_>,
    statements: &[String],
) -> Result<Result<Vec<String>, String>, DriverError> {
    connection.run("BEGIN").await?;
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    let asked = match connection.run_all(&statements).await {
        Ok(_) => connection.query(SEEING).await,
        Err((_, error)) => Err(error),
    };
    connection.run("ROLLBACK").await?;
    match asked {
        Ok(rows) => {
            let names = rows.iter().map(|row| Ok(row.text("name")?.to_owned()));
            Ok(Ok(names.collect::<Result<_, DriverError>>()?))
        }
        Err(DriverError::Statement(refused)) => {
            Ok(Err(format!("an event trigger refuses what is made for it: {}", refused.message)))
        }
        Err(error) => Err(error),
    }
}
