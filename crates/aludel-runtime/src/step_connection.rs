//! The connection of a step in Rust, inside of the transaction that the runner has begun.

use std::sync::{Mutex, MutexGuard, PoisonError};

use aludel_dialect::{Dialect, Value, batch_target, significant, split};
use aludel_driver::{Connection, DatabaseKind, DriverError, Row, StatementError};

use crate::flag::Flag;

/// The connection of a step in Rust. What it executes belongs to the transaction of the revision, or
/// of one round of a batch, which the runner commits or rolls back.
///
/// After a statement that failed, the step can only roll back to a savepoint of its own. A step that
/// goes on without that has failed, also if it returns `Ok`: a database may have undone a part of the
/// transaction.
#[derive(Clone, Copy, Debug)]
pub struct StepConnection<'a>(&'a StepSession<'a>);

impl StepConnection<'_> {
    /// Returns the kind of the database.
    pub fn kind(&self) -> DatabaseKind {
        self.0.connection.kind()
    }

    /// Executes one statement, and returns the number of rows that it affected. `values` take the
    /// places of `$1`, `$2` and so on, on SQLite too. Each is written into the text as a literal, by
    /// the rules of the database.
    ///
    /// # Errors
    ///
    /// Fails if the database refuses the statement, if a placeholder has no value, if the text is
    /// not one statement, if it begins or ends a transaction, or if the run has been asked to stop.
    pub async fn execute(&self, sql: &str, values: &[Value]) -> Result<u64, DriverError> {
        let sql = self.0.admitted(sql, values)?;
        let answer = self.0.connection.run(&sql).await;
        self.0.noted(&sql, answer)
    }

    /// Executes one query, and returns its rows, with their values as text.
    ///
    /// # Errors
    ///
    /// Fails for the same reasons as [`execute`](Self::execute).
    pub async fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, DriverError> {
        let sql = self.0.admitted(sql, values)?;
        let answer = self.0.connection.query(&sql).await;
        self.0.noted(&sql, answer)
    }
}

/// The state of a step while it runs, which the runner reads afterwards.
#[derive(Debug)]
pub(crate) struct StepSession<'a> {
    connection: &'a Connection<'a>,
    dialect: Dialect,
    /// True after the run has been asked to stop.
    pub(crate) is_stopped: Flag,
    failed: Mutex<Option<DriverError>>,
    last_change: Mutex<Option<String>>,
}

impl<'a> StepSession<'a> {
    pub(crate) fn new(connection: &'a Connection<'a>, dialect: Dialect) -> Self {
        let (failed, last_change) = (Mutex::default(), Mutex::default());
        Self { connection, dialect, is_stopped: Flag::default(), failed, last_change }
    }

    pub(crate) fn connection(&'a self) -> StepConnection<'a> {
        StepConnection(self)
    }

    /// Returns what the database has refused, unless the step has rolled back to a savepoint since.
    pub(crate) fn take_failure(&self) -> Option<DriverError> {
        held(&self.failed).take()
    }

    /// Returns the last statement that changes the rows of a table.
    pub(crate) fn last_change(&self) -> Option<String> {
        held(&self.last_change).clone()
    }

    /// Returns the text of a statement that may be executed.
    fn admitted(&self, sql: &str, values: &[Value]) -> Result<String, DriverError> {
        if self.is_stopped.get() {
            return Err(stopped());
        }
        let failed = held(&self.failed).as_ref().map(ToString::to_string);
        if let Some(reason) = failed.filter(|_| !goes_back(sql, self.dialect)) {
            return Err(refused(&format!(
                "an earlier statement of the step failed, so that nothing is executed until it has rolled \
                 back to a savepoint: {reason}"
            )));
        }
        self.bound(sql, values).map_err(|message| {
            let error = refused(&message);
            // A step that does not look at the error has failed nevertheless.
            held(&self.failed).get_or_insert_with(|| refused(&message));
            error
        })
    }

    fn bound(&self, sql: &str, values: &[Value]) -> Result<String, String> {
        let statements = split(sql, self.dialect).map_err(|error| error.message)?;
        let [statement] = statements.as_slice() else {
            let count = statements.len();
            return Err(format!("a step executes one statement at a time, and these are {count}"));
        };
        if statement.step().is_some() || statement.data().is_some() {
            return Err("a step executes neither another step nor a COPY with data".to_owned());
        }
        if let Some(word) = self.dialect.transaction_control(statement.sql) {
            return Err(format!(
                "`{word}`: the runner begins and ends the transaction of a step; a part of it can be \
                 undone by SAVEPOINT and ROLLBACK TO"
            ));
        }
        self.dialect.bind(statement.sql, values)
    }

    fn noted<T>(&self, sql: &str, answer: Result<T, DriverError>) -> Result<T, DriverError> {
        match &answer {
            Ok(_) if goes_back(sql, self.dialect) => *held(&self.failed) = None,
            Ok(_) if batch_target(sql, self.dialect).is_some() => {
                *held(&self.last_change) = Some(sql.to_owned());
            }
            Ok(_) => {}
            Err(error) => *held(&self.failed) = Some(copy(error)),
        }
        answer
    }
}

/// Returns the error of a statement that is not executed because the run has to stop.
pub(crate) fn stopped() -> DriverError {
    /// `query_canceled`.
    const CANCELLED: &str = "57014";
    let message = "the run was asked to stop".to_owned();
    let error = StatementError { message, code: CANCELLED.to_owned(), ..StatementError::default() };
    DriverError::Statement(Box::new(error))
}

fn refused(message: &str) -> DriverError {
    let message = message.to_owned();
    DriverError::Statement(Box::new(StatementError { message, ..StatementError::default() }))
}

/// Returns true if a statement rolls back to a savepoint.
fn goes_back(sql: &str, dialect: Dialect) -> bool {
    significant(sql, dialect).first().is_some_and(|first| first.is_word("ROLLBACK"))
        && dialect.transaction_control(sql).is_none()
}

/// Returns a copy of an error, with what decides about the run.
fn copy(error: &DriverError) -> DriverError {
    match error {
        DriverError::Statement(error) => DriverError::Statement(error.clone()),
        DriverError::Lost(reason) => DriverError::Lost(reason.clone()),
        DriverError::Row(error) => DriverError::Row(error.clone()),
        DriverError::Url(_) | DriverError::Connect(_) => refused(&error.to_string()),
    }
}

/// Returns the value behind a lock, also after a panic of a step.
fn held<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
