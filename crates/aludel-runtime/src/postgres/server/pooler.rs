//! Poolers that share a session of the server between clients.

use std::pin::pin;
use std::time::{Duration, Instant};

use aludel_driver::{Connection, DriverError};

/// The server process behind a connection.
pub(crate) struct Backend {
    /// The process id.
    pub(crate) pid: i64,
    /// True if another connection is served by the same process, or if statements of this one are
    /// served by several. `None` without a second connection to find out.
    pub(crate) is_shared: Option<bool>,
}

/// Returns the server process of a connection, and whether a pooler shares it between clients, which a
/// second connection shows.
pub(crate) async fn backend(connection: &Connection<'_>) -> Result<Backend, DriverError> {
    let own = pid(connection).await?;
    let is_shared = match second(connection).await {
        Second::Never => None,
        Second::Open(other) => beside(connection, other, own).await?,
        Second::NotSoon => (!keeps_state(connection, own).await?).then_some(true),
    };
    Ok(Backend { pid: own, is_shared })
}

/// Compares a connection with a second one; returns `None` if that does not tell. While the second one has
/// a transaction open, it can't have the process of the first one unless the process is lent for single
/// transactions. By chance they differ nevertheless, and then a process that is lent does not pass on what
/// it hears to the client that made it listen.
async fn beside(
    connection: &Connection<'_>,
    other: Connection<'static>,
    own: i64,
) -> Result<Option<bool>, DriverError> {
    let theirs = soon(async {
        other.run("BEGIN").await?;
        pid(&other).await
    });
    let Ok(theirs) = theirs.await else { return Ok(None) };
    if theirs == own {
        return Ok(Some(true));
    }
    let mut again = pin!(pid(connection));
    let again = match tokio::time::timeout(BRIEFLY, &mut again).await {
        Ok(again) => again?,
        // All processes of the pool are taken, perhaps by second connections like this one.
        Err(_) => {
            drop(other);
            return Ok((again.await? != own).then_some(true));
        }
    };
    if again != own {
        return Ok(Some(true));
    }
    soon(other.run("ROLLBACK")).await?;
    match hears(connection, &other, own).await {
        Ok(hears) => Ok(Some(!hears)),
        // A standby does not let a session listen.
        Err(DriverError::Statement(_)) => Ok(Some(false)),
        Err(error) => Err(error),
    }
}

/// Returns true if a notification from another connection reaches a connection.
async fn hears(
    connection: &Connection<'_>,
    other: &Connection<'_>,
    own: i64,
) -> Result<bool, DriverError> {
    let channel = format!("aludel_{own}_{}", std::process::id());
    connection.run(&format!("LISTEN {channel}")).await?;
    let end = Instant::now() + PATIENCE;
    let mut heard = false;
    if soon(other.run(&format!("NOTIFY {channel}"))).await.is_ok() {
        while !heard && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(1)).await;
            heard = connection.has_heard(&channel);
        }
    }
    connection.run(&format!("UNLISTEN {channel}")).await?;
    Ok(heard)
}

/// Returns true if what a statement sets is there for all of the next ones, and none of them has another
/// process. The pool of a connection without a second one is full, so that other clients would show.
async fn keeps_state(connection: &Connection<'_>, own: i64) -> Result<bool, DriverError> {
    let token = format!("{own}.{}", std::process::id());
    let set = format!("SELECT pg_catalog.set_config('aludel.session', '{token}', false)");
    connection.query(&set).await?;
    for _ in 0..PROBES {
        tokio::time::sleep(BETWEEN).await;
        let query = "SELECT pg_catalog.pg_backend_pid() AS pid, \
             pg_catalog.current_setting('aludel.session', true) AS token";
        let rows = connection.query(query).await?;
        let Some(row) = rows.first() else { return Ok(false) };
        if row.number("pid")? != own || row.optional("token")? != Some(token.as_str()) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The longest time to wait for a second connection. A pool of sessions with no session left lets a
/// client wait until another one goes.
const PATIENCE: Duration = Duration::from_secs(3);

/// The longest time for an answer while a second connection has a transaction open. It holds a process of the
/// pool meanwhile.
const BRIEFLY: Duration = Duration::from_secs(1);

/// The number of looks at the state of a connection.
const PROBES: u32 = 20;

/// The time between two of them.
const BETWEEN: Duration = Duration::from_millis(50);

/// A second connection.
enum Second {
    Open(Connection<'static>),
    /// There is none to be had soon.
    NotSoon,
    /// The driver opens none.
    Never,
}

/// Opens a second connection. A pooler accepts a client before it has a session for it, so that only an
/// answer shows that the connection is of use.
async fn second(connection: &Connection<'_>) -> Second {
    let opened = async {
        let other = connection.another().await?;
        if let Some(other) = &other {
            pid(other).await?;
        }
        Ok(other)
    };
    match soon(opened).await {
        Ok(Some(other)) => Second::Open(other),
        Ok(None) => Second::Never,
        Err(_) => Second::NotSoon,
    }
}

/// Opens a second connection; `None` if there is none to be had soon.
pub(crate) async fn another(connection: &Connection<'_>) -> Option<Connection<'static>> {
    match second(connection).await {
        Second::Open(other) => Some(other),
        Second::NotSoon | Second::Never => None,
    }
}

/// Waits for the answer of a second connection, for as long as for the connection itself.
pub(crate) async fn soon<T>(
    answer: impl Future<Output = Result<T, DriverError>>,
) -> Result<T, DriverError> {
    let answer = tokio::time::timeout(PATIENCE, answer).await;
    answer.unwrap_or_else(|_| Err(DriverError::Lost("no answer".to_owned())))
}

/// Returns the server process of a connection.
pub(crate) async fn pid(connection: &Connection<'_>) -> Result<i64, DriverError> {
    let rows = connection.query("SELECT pg_catalog.pg_backend_pid() AS pid").await?;
    match rows.first() {
        Some(row) => Ok(row.number("pid")?),
        None => Ok(0),
    }
}
