//! Steps in Rust: functions of a program that its revisions name.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use aludel_dialect::{Dialect, Directive};
use aludel_driver::Pending;
use aludel_revision::{Direction, FileProblem, Revision};

use crate::cause::StepError;
use crate::error::RunError;
use crate::script::Script;
use crate::step_connection::StepConnection;

/// A function that is a step: `async fn(StepConnection<'_>) -> Result<R, E>`, or an async closure of
/// that form. `R` is `()`, or the number of changed rows as a `u64`, and `E` is any error that may
/// move between threads.
pub trait StepFn<'a>: Send + Sync {
    /// The value that the function returns on success.
    type Rows: StepRows;
    /// The error that it returns.
    type Error: Into<StepError>;
    /// The future of a call.
    type Future: Future<Output = Result<Self::Rows, Self::Error>> + Send + 'a;

    /// Calls the function.
    fn call(&self, connection: StepConnection<'a>) -> Self::Future;
}

impl<'a, F, T, R, E> StepFn<'a> for F
where
    F: Fn(StepConnection<'a>) -> T + Send + Sync,
    T: Future<Output = Result<R, E>> + Send + 'a,
    R: StepRows,
    E: Into<StepError>,
{
    type Rows = R;
    type Error = E;
    type Future = T;

    fn call(&self, connection: StepConnection<'a>) -> T {
        self(connection)
    }
}

/// The value that a step returns: nothing, or the number of rows that it has changed.
pub trait StepRows {
    /// True if it is a number. A batch needs one, to know its end.
    const IS_NUMBER: bool;

    /// Returns the number; 0 for none.
    fn rows(self) -> u64;
}

impl StepRows for () {
    const IS_NUMBER: bool = false;

    fn rows(self) -> u64 {
        0
    }
}

impl StepRows for u64 {
    const IS_NUMBER: bool = true;

    fn rows(self) -> u64 {
        self
    }
}

/// A step, whatever its type.
pub(crate) trait Step: Send + Sync {
    fn is_counting(&self) -> bool;

    fn run<'a>(&'a self, connection: StepConnection<'a>) -> Pending<'a, Result<u64, StepError>>;
}

impl<F: for<'a> StepFn<'a> + 'static> Step for F {
    fn is_counting(&self) -> bool {
        <<F as StepFn<'static>>::Rows as StepRows>::IS_NUMBER
    }

    fn run<'a>(&'a self, connection: StepConnection<'a>) -> Pending<'a, Result<u64, StepError>> {
        Box::pin(async move {
            match self.call(connection).await {
                Ok(rows) => Ok(rows.rows()),
                Err(error) => Err(error.into()),
            }
        })
    }
}

/// The steps of a program, by their names.
#[derive(Clone, Default)]
pub struct Steps(BTreeMap<String, Arc<dyn Step>>);

impl fmt::Debug for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Steps {
    /// Creates an empty collection.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Adds a step. A later one of the same name takes its place.
    pub fn insert<F>(&mut self, name: impl Into<String>, step: F)
    where
        F: for<'a> StepFn<'a> + 'static,
    {
        self.0.insert(name.into(), Arc::new(step));
    }

    /// Returns the names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Checks that the steps of a revision are there, without a database.
    ///
    /// # Errors
    ///
    /// Fails if one is not, if a batch names one that reports no rows, or if the section can't be
    /// parsed.
    pub fn check_revision(
        &self,
        revision: &Revision,
        direction: Direction,
        dialect: Dialect,
    ) -> Result<(), RunError> {
        let revision = revision.unread();
        self.check(&Script::read(&revision, direction, dialect)?, &revision)
    }

    /// Returns the name that is spelled almost as this one.
    fn closest(&self, name: &str) -> Option<&str> {
        let distance = |known: &&str| strsim::levenshtein(known, name);
        self.names().min_by_key(distance).filter(|known| distance(known) <= 3)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&dyn Step> {
        self.0.get(name).map(AsRef::as_ref)
    }

    /// Fails if a script names a step that is not there, or one that reports no rows as a batch.
    pub(crate) fn check(&self, script: &Script<'_>, revision: &Revision) -> Result<(), RunError> {
        for (statement, name) in script.steps() {
            let Some(step) = self.get(name) else {
                return Err(RunError::UnknownStep {
                    at: Box::new(script.place_of(statement, name, revision)),
                    registered: self.names().map(str::to_owned).collect(),
                    meant: self.closest(name).map(str::to_owned),
                });
            };
            if statement.has(Directive::Batch) && !step.is_counting() {
                let line = script.section.line + statement.line - 1;
                let message = format!(
                    "a batch repeats a step until it reports 0 rows, and `{name}` reports none: let it \
                     return `Ok(rows)`, or take the directive `batch` away"
                );
                return Err(FileProblem { path: revision.path.clone(), line, message }.into());
            }
        }
        Ok(())
    }
}
