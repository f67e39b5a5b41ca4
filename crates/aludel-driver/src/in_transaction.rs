//! Whether a connection of the application is inside of a transaction.

use crate::error::DriverError;
use crate::session::Session;

/// SQLSTATE of a SAVEPOINT outside of a transaction, and of a statement in a failed one.
const NO_TRANSACTION: &str = "25P01";
const FAILED_TRANSACTION: &str = "25P02";

/// Asks a PostgreSQL server, by a statement that is refused outside of a transaction.
pub(crate) async fn on_postgres(session: &dyn Session) -> Result<bool, DriverError> {
    let error = match session.run("SAVEPOINT aludel_transaction").await {
        Ok(_) => {
            session.run("RELEASE SAVEPOINT aludel_transaction").await?;
            return Ok(true);
        }
        Err(error) => error,
    };
    match error.statement().map(|error| error.code.as_str()) {
        Some(NO_TRANSACTION) => Ok(false),
        Some(FAILED_TRANSACTION) => Ok(true),
        Some(_) | None => Err(error),
    }
}
