//! Work on several threads.

/// The amount of work below which a thread, with the memory that it takes, does not pay off.
const WORTH_A_THREAD: usize = 2 * 1024 * 1024;

/// Returns the number of threads that an amount of work is worth, in bytes of source.
pub(crate) fn worth(size: usize) -> usize {
    if size < WORTH_A_THREAD {
        return 1;
    }
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Applies `work` to every item, on a number of threads, and returns the results in order.
pub(crate) fn each<'i, T: Sync, R: Send>(
    threads: usize,
    items: &'i [T],
    work: impl Fn(&'i T) -> R + Sync,
) -> Vec<R> {
    if threads == 1 || items.is_empty() {
        return items.iter().map(work).collect();
    }
    let run = |part: &'i [T]| part.iter().map(&work).collect::<Vec<R>>();
    std::thread::scope(|scope| {
        let parts = items.chunks(items.len().div_ceil(threads));
        let workers: Vec<_> = parts.map(|part| scope.spawn(move || run(part))).collect();
        workers
            .into_iter()
            .flat_map(|worker| {
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    })
}
