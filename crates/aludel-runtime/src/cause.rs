//! The cause of a failure in a revision.

use std::fmt;

use aludel_driver::DriverError;

/// The error of a step in Rust: any error that may move between threads.
pub type StepError = Box<dyn std::error::Error + Send + Sync>;

/// The cause for which a statement or a step in Rust failed.
#[derive(Debug)]
pub enum Cause {
    /// The database refused the statement, or did not answer.
    Database(DriverError),
    /// A step in Rust failed.
    Step {
        /// The name of the step.
        name: String,
        /// The error that it returned.
        error: StepError,
        /// The error of the database in the step, if there was one.
        database: Option<DriverError>,
    },
}

impl Cause {
    /// Returns the error of the database, if there is one.
    pub fn database(&self) -> Option<&DriverError> {
        match self {
            Self::Database(error) => Some(error),
            Self::Step { database, .. } => database.as_ref(),
        }
    }

    pub(crate) fn database_mut(&mut self) -> Option<&mut DriverError> {
        match self {
            Self::Database(error) => Some(error),
            Self::Step { database, .. } => database.as_mut(),
        }
    }

    /// Returns true if a statement was cancelled.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.database().is_some_and(DriverError::is_cancelled)
    }
}

impl From<DriverError> for Cause {
    fn from(error: DriverError) -> Self {
        Self::Database(error)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "{error}"),
            Self::Step { name, error, .. } => {
                write!(f, "step {name}: {error}")?;
                let mut told = error.to_string();
                let mut next = error.source();
                while let Some(source) = next {
                    // Some errors repeat their cause in their own words.
                    let words = source.to_string();
                    if !told.contains(&words) {
                        write!(f, ": {words}")?;
                    }
                    told = words;
                    next = source.source();
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Database(error) => Some(error),
            Self::Step { error, .. } => Some(error.as_ref()),
        }
    }
}
