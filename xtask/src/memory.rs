//! The run time and the peak memory of a command.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs a command and returns its run time and its peak memory in MiB. The memory is polled from
/// /proc, because the system reports it for a child only after its end.
pub(crate) fn with_peak(command: &mut Command) -> (Duration, u64) {
    let start = Instant::now();
    let spawned = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => {
            eprintln!("{:?}: {error}", command.get_program());
            return (Duration::ZERO, 0);
        }
    };
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0_u64;
    let ended = loop {
        match child.try_wait() {
            Ok(None) => {}
            Ok(Some(ended)) => break ended.success(),
            Err(_) => break false,
        }
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(now.unwrap_or_default());
        std::thread::sleep(Duration::from_millis(2));
    };
    if !ended {
        eprintln!("{:?} failed", command.get_program());
    }
    (start.elapsed(), peak / 1024)
}
