//! A session whose transactions all begin with the same statement.

use std::ops::Deref;
use std::path::PathBuf;

use crate::error::DriverError;
use crate::notice::Notice;
use crate::row::{Row, RowError};
use crate::script::{ScriptAnswer, ScriptFailure};
use crate::session::{DatabaseKind, Pending, Session};

/// A session that is owned or borrowed, for reading. The statement, such as `SET LOCAL ROLE`, goes with
/// the query or with the BEGIN in one message. It ends with their transaction, so that a pooler which
/// gives the session to others for each transaction gives nothing of it away.
pub(crate) struct Led<S> {
    session: S,
    /// The statement; `None` for a session that needs none.
    statement: Option<String>,
}

impl<S> Led<S> {
    pub(crate) fn new(session: S, statement: Option<String>) -> Self {
        Self { session, statement }
    }

    /// Returns a message with the statement in it, and the number of characters before `sql`.
    fn message(&self, sql: &str) -> (String, usize) {
        match &self.statement {
            None => (sql.to_owned(), 0),
            Some(statement) if begins(sql) => (format!("{sql}; {statement}"), 0),
            Some(statement) => {
                (format!("{statement}; {sql}"), statement.chars().count() + "; ".len())
            }
        }
    }
}

/// Returns true for a statement that begins a transaction.
fn begins(sql: &str) -> bool {
    sql.starts_with("BEGIN")
}

/// Returns an error with its position in the statement that stands behind `before` characters.
fn placed(mut error: DriverError, before: usize) -> DriverError {
    if let DriverError::Statement(refused) = &mut error {
        refused.position = refused.position.and_then(|at| at.checked_sub(before));
    }
    error
}

impl<'c, S> Led<S>
where
    S: Deref<Target = dyn Session + 'c> + Send + Sync,
{
    /// Runs a query on a session that takes no more than one statement with a query.
    async fn query_between(&self, sql: &str, statement: &str) -> Result<Vec<Row>, DriverError> {
        let opening = format!("BEGIN; {statement}");
        let rows = match self.session.run_script(&opening).await {
            Ok(_) => self.session.query(sql).await,
            Err(failure) => Err(failure.error),
        };
        let closed = self.session.run("ROLLBACK").await;
        let rows = rows?;
        closed?;
        Ok(rows)
    }
}

impl<'c, S> Session for Led<S>
where
    S: Deref<Target = dyn Session + 'c> + Send + Sync,
{
    fn kind(&self) -> DatabaseKind {
        self.session.kind()
    }

    fn run<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<u64, DriverError>> {
        Box::pin(async move {
            match begins(sql) {
                true => self.session.run(&self.message(sql).0).await,
                false => self.session.run(sql).await,
            }
        })
    }

    fn run_script<'a>(
        &'a self,
        statements: &'a str,
    ) -> Pending<'a, Result<ScriptAnswer, ScriptFailure>> {
        Box::pin(async move { self.session.run_script(statements).await })
    }

    fn query<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<Vec<Row>, DriverError>> {
        Box::pin(async move {
            if let Some(statement) = &self.statement
                && !self.session.takes_scripts_as_queries()
            {
                return self.query_between(sql, statement).await;
            }
            let (message, before) = self.message(sql);
            self.session.query(&message).await.map_err(|error| placed(error, before))
        })
    }

    fn run_all<'a>(
        &'a self,
        statements: &'a [&'a str],
    ) -> Pending<'a, Result<Vec<u64>, (usize, DriverError)>> {
        Box::pin(async move { self.session.run_all(statements).await })
    }

    fn query_all<'a>(
        &'a self,
        queries: &'a [&'a str],
    ) -> Pending<'a, Result<Vec<Vec<Row>>, DriverError>> {
        Box::pin(async move {
            let messages: Vec<String> = queries.iter().map(|sql| self.message(sql).0).collect();
            let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
            self.session.query_all(&messages).await
        })
    }

    fn for_each_row<'a>(
        &'a self,
        sql: &'a str,
        read: &'a mut (dyn FnMut(Row) -> Result<(), RowError> + Send),
    ) -> Pending<'a, Result<(), DriverError>> {
        Box::pin(async move {
            if let Some(statement) = &self.statement
                && !self.session.takes_scripts_as_queries()
            {
                let rows = self.query_between(sql, statement).await?;
                return Ok(rows.into_iter().try_for_each(read)?);
            }
            let (message, before) = self.message(sql);
            let answered = self.session.for_each_row(&message, read).await;
            answered.map_err(|error| placed(error, before))
        })
    }

    fn is_in_transaction(&self) -> Pending<'_, Result<bool, DriverError>> {
        Box::pin(async move { self.session.is_in_transaction().await })
    }

    fn can_copy(&self) -> bool {
        self.session.can_copy()
    }

    fn copy_in<'a>(&'a self, sql: &'a str, data: &'a str) -> Pending<'a, Result<u64, DriverError>> {
        Box::pin(async move { self.session.copy_in(sql, data).await })
    }

    fn take_notices(&self) -> Vec<Notice> {
        self.session.take_notices()
    }

    fn has_heard(&self, channel: &str) -> bool {
        self.session.has_heard(channel)
    }

    fn takes_scripts_as_queries(&self) -> bool {
        self.session.takes_scripts_as_queries()
    }

    fn another(&self) -> Pending<'_, Result<Option<Box<dyn Session>>, DriverError>> {
        Box::pin(async move { self.session.another().await })
    }

    fn file(&self) -> Option<PathBuf> {
        self.session.file()
    }

    fn is_read_only(&self) -> bool {
        self.session.is_read_only()
    }

    fn cancel(&self) -> Pending<'_, ()> {
        Box::pin(async move { self.session.cancel().await })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::error::StatementError;

    /// A session that keeps what it is sent, and refuses what asks for it.
    #[derive(Default)]
    struct Kept {
        sent: Mutex<Vec<String>>,
        takes_scripts: bool,
    }

    impl Kept {
        fn keep(&self, sql: &str) -> Result<(), DriverError> {
            self.sent.lock().unwrap().push(sql.to_owned());
            let Some(at) = sql.find("wrong") else { return Ok(()) };
            let error = StatementError { position: Some(at + 1), ..StatementError::default() };
            Err(DriverError::Statement(Box::new(error)))
        }
    }

    impl Session for Kept {
        fn kind(&self) -> DatabaseKind {
            DatabaseKind::Postgres
        }

        fn run<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<u64, DriverError>> {
            Box::pin(async move { self.keep(sql).map(|()| 0) })
        }

        fn run_script<'a>(
            &'a self,
            statements: &'a str,
        ) -> Pending<'a, Result<ScriptAnswer, ScriptFailure>> {
            Box::pin(async move { ScriptAnswer::of_one(self.run(statements).await) })
        }

        fn query<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<Vec<Row>, DriverError>> {
            Box::pin(async move { self.keep(sql).map(|()| Vec::new()) })
        }

        fn takes_scripts_as_queries(&self) -> bool {
            self.takes_scripts
        }
    }

    #[tokio::test]
    async fn the_statement_stands_at_the_beginning_of_each_transaction() {
        for (takes_scripts, led, expected) in [
            (true, false, "SELECT 1 | BEGIN READ ONLY | SELECT 2 | ROLLBACK | SELECT wrong"),
            (
                true,
                true,
                "LEAD; SELECT 1 | BEGIN READ ONLY; LEAD | LEAD; SELECT 2 | ROLLBACK | LEAD; SELECT wrong",
            ),
        ] {
            let kept = Kept { takes_scripts, ..Kept::default() };
            let borrowed: &dyn Session = &kept;
            let session = Led::new(borrowed, led.then(|| "LEAD".to_owned()));
            session.query("SELECT 1").await.unwrap();
            session.run("BEGIN READ ONLY").await.unwrap();
            session.query_all(&["SELECT 2"]).await.unwrap();
            session.run("ROLLBACK").await.unwrap();
            let error = session.query("SELECT wrong").await.unwrap_err();
            assert_eq!(error.statement().unwrap().position, Some(8));
            assert_eq!(kept.sent.into_inner().unwrap().join(" | "), expected);
        }
    }

    #[tokio::test]
    async fn a_driver_with_one_statement_at_a_time_gets_a_transaction() {
        let kept = Kept::default();
        let borrowed: &dyn Session = &kept;
        let session = Led::new(borrowed, Some("LEAD".to_owned()));
        session.query("SELECT 1").await.unwrap();
        session.query("SELECT wrong").await.unwrap_err();
        assert_eq!(
            kept.sent.into_inner().unwrap().join(" | "),
            "BEGIN; LEAD | SELECT 1 | ROLLBACK | BEGIN; LEAD | SELECT wrong | ROLLBACK"
        );
    }
}
