//! Taking over what another tool has applied.

use std::collections::BTreeSet;

use aludel_driver::DriverError;
use aludel_revision::{Direction, Revision, RevisionMap};

use crate::checksum::checksum;
use crate::error::RunError;
use crate::journal::{Entry, Kind, LineText};
use crate::observer::Observer;
use crate::runner::Runner;
use crate::version_table::{VersionTable, is_missing_table};

impl Runner<'_> {
    /// Records revisions as applied that another tool has applied, and returns the rows of the
    /// version table. The rows and a line of the journal for each revision, with its text, are
    /// written in one transaction. A revision that the journal knows gets no second line.
    ///
    /// # Errors
    ///
    /// Fails if the version table has unknown rows, if a revision can't be read, or if the lock or
    /// the database fails. Nothing is changed then.
    pub async fn adopt(
        &self,
        applied: &[String],
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, RunError> {
        let this = self.prepared().await?;
        let lock = this.lock(observer).await?;
        let result = this.record_adopted(applied, observer).await;
        this.unlock(lock, result, observer).await
    }

    async fn record_adopted(
        &self,
        applied: &[String],
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, RunError> {
        let before = self.rows(observer).await?.unwrap_or_default();
        let (map, here) = self.map.seen_from(&before)?;
        self.check_known(&map, &here)?;
        let after = rows_adopted(&map, &here, applied);
        let known = self.journalled().await?;
        let mut statements: Vec<String> =
            VersionTable::moves(&before, &after).iter().map(|m| self.table.statement(m)).collect();
        for revision in map.applied(&after) {
            if applied.contains(&revision.id) && !known.contains(&revision.id) {
                statements.push(self.adoption(revision)?);
            }
        }
        if !statements.is_empty() {
            self.in_one_transaction(&statements, &before, &after).await?;
        }
        Ok(after)
    }

    /// Returns the statement that writes the line of a revision.
    fn adoption(&self, revision: &Revision) -> Result<String, RunError> {
        let dialect = self.table.dialect;
        let revision = revision.unread();
        let section = revision.section(Direction::Upgrade, dialect.name())?;
        // A gap is filled later, which is no edit of what was applied.
        let sum = section.missing.is_none().then(|| checksum(section.body, dialect));
        Ok(self.journal.insert(&Entry {
            revision: &revision.id,
            kind: Kind::Import,
            statement: None,
            checksum: sum.unwrap_or_default(),
            started: None,
            error: None,
            text: LineText::File(&revision.kept()?),
        }))
    }

    /// Returns the revisions that have a line in the journal.
    async fn journalled(&self) -> Result<BTreeSet<String>, DriverError> {
        let query = format!("SELECT DISTINCT revision FROM {}", self.journal.sql_name());
        let rows = match self.connection.query(&query).await {
            Ok(rows) => rows,
            Err(error) if is_missing_table(&error) => Vec::new(),
            Err(error) => return Err(error),
        };
        rows.iter().map(|row| Ok(row.text("revision")?.to_owned())).collect()
    }

    /// Executes statements that write one row each, and creates the two tables before them unless they
    /// are there.
    async fn in_one_transaction(
        &self,
        statements: &[String],
        before: &[String],
        after: &[String],
    ) -> Result<(), RunError> {
        let mut all = vec![self.table.dialect.capabilities().begin.to_owned()];
        if !self.has_tables().await? {
            all.extend([self.table.create_sql(), self.journal.create_sql()]);
        }
        all.extend_from_slice(statements);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let wrong = match self.connection.run_all(&all).await {
            Ok(touched) if touched.iter().rev().take(statements.len()).all(|rows| *rows == 1) => {
                None
            }
            Ok(_) => Some(RunError::VersionMoved { from: before.to_vec(), to: after.to_vec() }),
            Err((_, error)) => Some(error.into()),
        };
        if let Some(error) = wrong {
            // The error is that of the statement; a lost connection has rolled back by itself.
            let _ = self.connection.run("ROLLBACK").await;
            return Err(error);
        }
        self.connection.run("COMMIT").await?;
        Ok(())
    }
}

/// Returns the rows of a version table that had the rows `here`, when the revisions in `applied`
/// count as applied too.
pub fn rows_adopted(map: &RevisionMap, here: &[String], applied: &[String]) -> Vec<String> {
    let all: Vec<String> = here.iter().chain(applied).cloned().collect();
    let all: BTreeSet<&str> = map.applied(&all).iter().map(|r| r.id.as_str()).collect();
    let is_tip = |id: &&&str| !map.dependents(id).iter().any(|other| all.contains(other));
    all.iter().filter(is_tip).map(|id| (*id).to_owned()).collect()
}
