//! Execution of a step in Rust.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use aludel_dialect::SqlStatement;

use crate::cause::{Cause, StepError};
use crate::database;
use crate::execution::Execution;
use crate::flag::Flag;
use crate::observer::{Event, Observer};
use crate::step_connection::{StepSession, stopped};
use crate::watch::answered;

/// The result of a step that has ended.
pub(crate) struct Done {
    /// The number of rows that it reports.
    pub(crate) rows: u64,
    /// The last statement of it that changes the rows of a table.
    pub(crate) change: Option<String>,
}

/// Runs a step in the open transaction.
pub(crate) async fn run(
    execution: &Execution<'_>,
    name: &str,
    observer: &mut dyn Observer,
) -> Result<Done, Cause> {
    let run = &execution.run;
    let failed =
        |error: StepError, database| Cause::Step { name: name.to_owned(), error, database };
    let Some(step) = run.steps.get(name) else {
        return Err(failed("it is not registered".into(), None));
    };
    let session = StepSession::new(run.connection, run.table.dialect);
    let mut observer = Listening { observer, is_stopped: &session.is_stopped };
    let result = caught(step.run(session.connection()));
    let result = answered(run.watched(), &mut observer, result).await;
    if observer.stop() {
        return Err(stopped().into());
    }
    match (result, session.take_failure()) {
        (Err(error), database) => Err(failed(error, database)),
        (Ok(_), Some(database)) => {
            let words = format!("it goes on although a statement of it failed: {database}");
            Err(failed(words.into(), Some(database)))
        }
        (Ok(rows), None) => Ok(Done { rows, change: session.last_change() }),
    }
}

/// Runs a round of a step in a transaction of its own.
pub(crate) async fn round(
    execution: &Execution<'_>,
    statement: &SqlStatement<'_>,
    name: &str,
    observer: &mut dyn Observer,
) -> Result<Done, Cause> {
    let result = in_transaction(execution, statement, name, observer).await;
    if result.is_err() {
        execution.rollback().await;
    }
    result
}

async fn in_transaction(
    execution: &Execution<'_>,
    statement: &SqlStatement<'_>,
    name: &str,
    observer: &mut dyn Observer,
) -> Result<Done, Cause> {
    let connection = execution.run.connection;
    for sql in database::begin_round(execution, statement) {
        answered(execution.run.watched(), observer, connection.run(&sql)).await?;
    }
    let done = run(execution, name, observer).await?;
    observer.event(Event::Committing);
    let answer = answered(execution.run.watched(), observer, connection.run("COMMIT")).await;
    observer.event(Event::Committed);
    answer?;
    Ok(done)
}

/// An observer that also tells the step when the run has to stop.
struct Listening<'o> {
    observer: &'o mut dyn Observer,
    is_stopped: &'o Flag,
}

impl Observer for Listening<'_> {
    fn event(&mut self, event: Event<'_>) {
        self.observer.event(event);
    }

    fn stop(&self) -> bool {
        let stop = self.observer.stop();
        self.is_stopped.set(stop || self.is_stopped.get());
        stop
    }
}

/// Turns a panic of a step into an error, so that its transaction is rolled back.
async fn caught<T>(step: impl Future<Output = Result<T, StepError>>) -> Result<T, StepError> {
    let mut step = pin!(step);
    std::future::poll_fn(move |context| {
        let polled = catch_unwind(AssertUnwindSafe(|| step.as_mut().poll(context)));
        polled.unwrap_or_else(|panic| Poll::Ready(Err(words(panic.as_ref()).into())))
    })
    .await
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("it panicked: {}", text.unwrap_or("without a message"))
}
