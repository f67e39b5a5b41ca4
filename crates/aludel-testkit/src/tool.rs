//! Programs of the system that tests need.

use std::process::Command;

/// Returns the command-line shell of SQLite.
#[expect(clippy::panic, reason = "CI must not pass without it")]
pub fn sqlite3() -> Command {
    if !provide(Command::new("sqlite3").arg("--version"), "sqlite3") {
        panic!(
            "the tests run scripts by `sqlite3`, and it is not here (Debian: apt-get install sqlite3)"
        );
    }
    Command::new("sqlite3")
}

/// Returns true if a program works. Otherwise its package is installed first, which only root can
/// do.
pub(crate) fn provide(check: &mut Command, package: &str) -> bool {
    let mut works = || check.output().is_ok_and(|output| output.status.success());
    if works() {
        return true;
    }
    let install = "apt-get update -qq && apt-get install -y -qq --no-install-recommends \"$1\"";
    let installed = Command::new("sh").args(["-c", install, "sh", package]).output();
    installed.is_ok_and(|output| output.status.success()) && works()
}
