//! Shared parts of the tests: a real PostgreSQL server, projects in temporary folders, runs of the
//! program, the real Alembic, and dumps of schemas to compare.
//!
//! The function [`server()`] starts a server once for each test binary, and [`Server::database`]
//! creates an empty database on it. The programs come from the folder in `ALUDEL_TEST_POSTGRES`,
//! which has `initdb` and `postgres`, or are fetched by `tools/get-postgres.sh`. Tests can't run
//! without a server, because a test that skips its database proves nothing.
//!
//! A [`TestProject`] is a folder with a configuration, models and revision files. It runs the
//! program and returns an [`Outcome`], whose methods assert the exit code and the output.
//! [`dump()`] and [`sqlite_schema`] return the resulting schema.

mod alembic;
mod application;
mod bouncer;
mod case;
mod dump;
mod folder;
mod place;
mod project;
mod proxy;
mod server;
mod state;
mod tool;

pub use alembic::{Alembic, alembic};
pub use application::Application;
pub use bouncer::Bouncer;
pub use case::{Case, CaseDialect, CaseDowngrade, CaseOutcome};
pub use dump::{Dump, dump, normalised_sqlite, sqlite_schema};
pub use folder::Folder;
pub use place::Place;
pub use project::{Outcome, TestProject};
pub use proxy::{Moment, Proxy};
pub use server::{Server, ServerOptions, TestDatabase, server};
pub use state::State;
pub use tool::sqlite3;

use std::path::{Path, PathBuf};

/// Returns the root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap_or_default()
}

/// Returns the path of a real schema or history next to the checkout; `None` if it is absent, as in
/// a user's clone.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = workspace().join("../shared").join(name);
    path.exists().then_some(path)
}
