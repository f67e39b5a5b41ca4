/// Runs a future of a [`Migrator`](crate::Migrator) to its end, for a program that has no runtime of
/// tokio.
///
/// # Errors
///
/// Fails if the system refuses what a runtime needs.
pub fn block_on<T>(future: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(future))
}
