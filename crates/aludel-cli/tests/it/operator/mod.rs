//! Runs as an operator sees them: crashes, interruptions, lost connections, locks and poolers.

mod alone;
mod books;
mod copies;
mod crowds;
mod interrupts;
mod journal;
mod locks;
mod losses;
mod poolers;
mod replicas;
mod resumed;
mod role;
mod session;
mod tenants;

use std::process::Child;
use std::time::{Duration, Instant};

use aludel_testkit::{TestDatabase, TestProject, server};

use crate::PROGRAM;

/// A database, and a project on it.
struct Place {
    database: TestDatabase,
    project: TestProject,
}

impl Place {
    fn new() -> Self {
        let database = server().database();
        let project = TestProject::new(PROGRAM, &database.url());
        Self { database, project }
    }

    /// A place with one revision.
    fn with(upgrade: &str) -> Self {
        let place = Self::new();
        place.project.revision("a1", "none", upgrade, "");
        place
    }

    fn sql(&self, sql: &str) -> String {
        self.database.sql(sql).trim().to_owned()
    }

    /// Waits until a query answers `t`.
    #[track_caller]
    fn until(&self, condition: &str) {
        let end = Instant::now() + Duration::from_secs(30);
        while self.sql(&format!("SELECT ({condition})")) != "t" {
            assert!(Instant::now() < end, "never: {condition}");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Starts `upgrade head` and waits until its session runs a statement that begins so.
    #[track_caller]
    fn upgrade_until(&self, statement: &str) -> Child {
        let child = self.project.spawn(&["upgrade", "head"]);
        self.until(&format!(
            "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() \
             AND application_name = 'aludel' AND state = 'active' AND query LIKE '%{statement}%')"
        ));
        child
    }

    /// Ends the sessions of the program, as a crash of the server's machine would.
    fn end_sessions(&self) {
        self.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name = 'aludel'",
        );
        self.until(
            "NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() \
             AND application_name = 'aludel')",
        );
    }
}
