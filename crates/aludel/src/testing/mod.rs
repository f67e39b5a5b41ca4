//! Databases for the tests of an application: `docs/testing.md` describes them.
//!
//! [`#[aludel::test]`](crate::test) gives each test a database of its own. It is a copy of a template,
//! which is migrated once for a set of revision files. It is dropped when the test succeeds, and kept
//! and named when it fails.
//!
//! [`stairway`] tests the revisions themselves.

mod database;
mod error;
mod from;
mod in_file;
mod mark;
mod on_server;
mod run;
mod setup;
mod stairway;

pub use database::TestDatabase;
pub use error::TestError;
pub use from::FromTestDatabase;
#[doc(hidden)]
pub use run::{run, run_plain};
#[doc(hidden)]
pub use setup::Setup;
pub use stairway::{StairwayError, stairway};
