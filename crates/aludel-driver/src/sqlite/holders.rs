//! The processes that hold a lock on the file of a database.

use std::path::Path;

/// Returns the words for the processes that hold a lock on a file, or on what SQLite keeps beside it, as
/// far as the system tells. `None` if it tells of none.
#[cfg(target_os = "linux")]
pub(crate) fn holders(file: &Path) -> Option<String> {
    use std::collections::BTreeSet;
    use std::os::unix::fs::MetadataExt as _;

    let file = file.canonicalize().ok()?;
    let beside = ["", "-wal", "-shm"].map(|suffix| {
        let mut path = file.as_os_str().to_owned();
        path.push(suffix);
        std::path::PathBuf::from(path)
    });
    let inodes: Vec<u64> =
        beside.iter().filter_map(|path| Some(std::fs::metadata(path).ok()?.ino())).collect();
    // A line is `1: POSIX  ADVISORY  WRITE 4711 08:01:123456 0 EOF`.
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    let processes: BTreeSet<u32> = locks
        .lines()
        .filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().filter(|word| *word != "->").collect();
            let inode: u64 = words.get(5)?.rsplit(':').next()?.parse().ok()?;
            inodes.contains(&inode).then(|| words.get(4)?.parse().ok())?
        })
        .filter(|process| *process != std::process::id())
        .collect();
    let each = processes.into_iter().filter_map(|process| {
        // The number of a file is that of one file system only.
        let mut open = std::fs::read_dir(format!("/proc/{process}/fd")).ok()?.flatten();
        let is_open =
            open.any(|one| std::fs::read_link(one.path()).is_ok_and(|path| beside.contains(&path)));
        let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
        is_open.then(|| format!("process {process} ({})", name.trim()))
    });
    let words = each.collect::<Vec<_>>().join(", ");
    (!words.is_empty()).then_some(words)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn holders(_: &Path) -> Option<String> {
    None
}
