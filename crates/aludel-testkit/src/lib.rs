//! What tests share: a real PostgreSQL server, projects in temporary folders, sessions of the
//! program, and dumps to compare.
//!
//! A server is started once for each test binary, from `ALUDEL_TEST_POSTGRES` (a folder with
//! `initdb` and `postgres`) or from binaries that `tools/get-postgres.sh` fetches. There is no way
//! to run without one: a test that skips its database proves nothing.

mod alembic;
mod dump;
mod folder;
mod project;
mod server;
mod tool;

pub use alembic::{Alembic, alembic};
pub use dump::{Dump, dump, normalised_sqlite, sqlite_schema};
pub use folder::Folder;
pub use project::{Outcome, TestProject};
pub use server::{Server, TestDatabase, server};
pub use tool::sqlite3;

use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap_or_default()
}

/// Real schemas and histories next to the checkout; absent in a user's clone.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = workspace().join("../shared").join(name);
    path.exists().then_some(path)
}
