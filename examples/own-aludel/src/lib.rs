//! An application whose revisions run Rust.

pub mod models;
mod steps;

use aludel::{Migrator, embed};

/// Returns the migrator of the application: its revisions, and the steps that they name.
pub fn migrator() -> Migrator {
    Migrator::new(embed!("migrations/versions"))
        .step("normalise_emails", steps::normalise_emails)
        .step("fill_domains", steps::fill_domains)
}
