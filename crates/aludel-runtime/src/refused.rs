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
    /// `read_only_sql_transaction`.
    const READ_ONLY: &str = "25006";
    let mut error = match result {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let refused = refused(&mut error).filter(|error| error.code == READ_ONLY);
    if let Some(refused) = refused
        && let Ok(reason) = database::read_only(connection).await
    {
        refused.hint = reason.map(|reason| reason.as_str().to_owned());
    }
    Err(error)
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
