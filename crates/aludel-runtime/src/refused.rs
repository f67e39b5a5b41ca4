//! Errors of a database that refuses to write, with the reason.

use aludel_driver::{Connection, DriverError, StatementError};

use crate::database;
use crate::error::RunError;

/// Returns the result of a run, with the reason in an error that says no more than "read-only". If
/// the database does not answer, the error stays as it is.
pub(crate) async fn explained<T>(
    connection: &Connection<'_>,
    result: Result<T, RunError>,
) -> Result<T, RunError> {
    let mut error = match result {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    if let Some(refused) = refused(&mut error) {
        explain(connection, refused).await;
    }
    Err(error)
}

/// Returns the error of a statement outside of a run, with the reason in the same way.
pub async fn explained_error(connection: &Connection<'_>, error: DriverError) -> DriverError {
    match error {
        DriverError::Statement(mut error) => {
            explain(connection, &mut error).await;
            DriverError::Statement(error)
        }
        DriverError::Url(_)
        | DriverError::Connect(_)
        | DriverError::Row(_)
        | DriverError::Lost(_) => error,
    }
}

async fn explain(connection: &Connection<'_>, error: &mut StatementError) {
    /// `read_only_sql_transaction`.
    const READ_ONLY: &str = "25006";
    if error.code == READ_ONLY
        && let Ok(reason) = database::read_only(connection).await
    {
        error.hint = reason.map(|reason| reason.as_str().to_owned());
    }
}

/// Returns the error of the database in the error of a run.
fn refused(error: &mut RunError) -> Option<&mut StatementError> {
    let error = match error {
        RunError::Driver(error) => error,
        RunError::Statement(failure) => failure.source.database_mut()?,
        RunError::AtTheEnd { source, .. } => source.database_mut()?,
        _ => return None,
    };
    match error {
        DriverError::Statement(error) => Some(error),
        DriverError::Url(_)
        | DriverError::Connect(_)
        | DriverError::Row(_)
        | DriverError::Lost(_) => None,
    }
}
