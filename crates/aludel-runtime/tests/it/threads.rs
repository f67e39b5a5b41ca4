//! A run may move between threads, as on tokio's multi-threaded runtime.

use aludel_driver::Connection;
use aludel_revision::{RevisionMap, Symbol};
use aludel_runtime::{Observer, RunError, Runner};

fn is_send<T: Send>(value: T) -> T {
    value
}

/// Compiles only if the futures of a runner are `Send`.
#[expect(dead_code, reason = "compiling it is the test")]
async fn futures_are_send(
    connection: &Connection<'_>,
    map: &RevisionMap,
    target: &Symbol,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let dialect = aludel_dialect::Dialect::Postgres;
    let runner =
        Runner::new(connection, map, crate::history::table(dialect), crate::history::identity());
    is_send(runner.upgrade(target, observer)).await?;
    is_send(runner.downgrade(target, observer)).await?;
    is_send(runner.stamp(std::slice::from_ref(target), false, observer)).await?;
    is_send(runner.rebless(&[], observer)).await?;
    is_send(runner.edited()).await?;
    Ok(())
}
