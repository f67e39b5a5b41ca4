//! The fate of a transaction whose connection was lost while COMMIT was on its way.

use std::time::{Duration, Instant};

use aludel_driver::{Connection, DriverError, Row, RowError};

use crate::begun;
use crate::error::Fate;
use crate::execution::Execution;
use crate::schedule::Transaction;

/// The longest time to look for the outcome, and the time between two looks.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(250);

/// The marks by which another connection recognises a transaction.
#[derive(Clone, Debug)]
pub(crate) struct Witness {
    /// The transaction id.
    xid: Option<String>,
    /// The process id of the session.
    pub(crate) pid: i64,
}

impl Witness {
    pub(crate) fn read(row: &Row) -> Result<Self, RowError> {
        Ok(Self { xid: row.optional("xid")?.map(str::to_owned), pid: row.number("pid")? })
    }
}

/// Returns the fate of a transaction, as another connection sees it.
pub(crate) async fn fate(
    execution: &Execution<'_>,
    transaction: &Transaction<'_>,
    witness: Option<&Witness>,
) -> Fate {
    let until = Instant::now() + PATIENCE;
    loop {
        // Neither a refused connection nor a lost one says anything about the transaction.
        let seen = match execution.run.connection.another().await {
            Ok(Some(other)) => look(execution, &other, transaction, witness).await,
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        match seen {
            Ok(Some(fate)) => return fate,
            Ok(None) | Err(_) if Instant::now() < until => tokio::time::sleep(PAUSE).await,
            Ok(None) | Err(_) => return Fate::Unknown,
        }
    }
}

/// Looks once; returns `None` if the transaction has no outcome yet.
async fn look(
    execution: &Execution<'_>,
    other: &Connection<'_>,
    transaction: &Transaction<'_>,
    witness: Option<&Witness>,
) -> Result<Option<Fate>, DriverError> {
    // The status is asked for first: a transaction that has ended then shows its rows.
    let status = match witness.and_then(|witness| witness.xid.as_deref()) {
        Some(xid) => {
            let rows =
                other.query(&format!("SELECT pg_xact_status('{xid}'::xid8) AS status")).await?;
            match rows.first() {
                Some(row) => row.optional("status")?.map(str::to_owned),
                None => None,
            }
        }
        None => None,
    };
    if is_recorded(execution, other, transaction).await? {
        return Ok(Some(Fate::Committed));
    }
    Ok(match status.as_deref() {
        Some("in progress") => None,
        Some("aborted") => Some(Fate::RolledBack),
        // After a failover the ids of transactions mean something else.
        Some(_) | None => Some(Fate::Unknown),
    })
}

/// Returns true if the records of the transaction are there.
async fn is_recorded(
    execution: &Execution<'_>,
    other: &Connection<'_>,
    transaction: &Transaction<'_>,
) -> Result<bool, DriverError> {
    let transition = execution.transition;
    if transaction.ends_transition {
        let heads = execution.run.table.heads(other).await?;
        return Ok(transition.from != transition.to && heads == transition.to);
    }
    let begun = begun::begun(other, execution.run.journal).await?;
    let ours = begun.iter().find(|b| b.is_of(&transition.revision.id, transition.direction));
    Ok(ours.is_some_and(|begun| begun.done > transaction.done))
}
