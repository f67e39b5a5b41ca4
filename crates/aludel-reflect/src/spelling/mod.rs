//! Canonical spellings: decides whether two texts have the same meaning.
//!
//! PostgreSQL's catalogue has `amount >= (0)::numeric` for `amount >= 0`. A text of the models that
//! differs from the database's is therefore given to the server as a default, check, index or
//! object in a schema of its own, and is read back. All of this happens in one transaction that is
//! rolled back. Texts that are equal cost nothing, and all others together cost a fixed number of
//! round trips. For databases without a server, tokens are compared.
//!
//! Only this module deals with spellings. [`settle`] gives the target the database's spelling
//! wherever both mean the same, so that texts can be compared for equality afterwards.

mod ask;
mod known;
mod names;
mod place;
mod question;
mod schema;
mod scratch;
mod tokens;
mod trial;

use aludel_dialect::{Dialect, Spelling};
use aludel_driver::{Connection, DriverError};
use aludel_schema::Metadata;

pub use place::{Part, Place};
pub(crate) use tokens::normalise;

/// An error about a text that the server refuses.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct SpellingError {
    /// The place of the text; `None` if the preparation failed.
    pub place: Option<Place>,
    /// The error of the server.
    pub source: DriverError,
}

impl From<DriverError> for SpellingError {
    fn from(source: DriverError) -> Self {
        Self { place: None, source }
    }
}

/// The database side of a comparison, before and after the renames of the plan.
#[derive(Clone, Copy, Debug)]
pub struct DatabaseSide<'m> {
    /// The database under the names that it has now, which are those that the server knows.
    pub live: &'m Metadata,
    /// The database under the names of the target.
    pub renamed: &'m Metadata,
}

/// Gives every text of `target` the spelling of the database if both have the same meaning, and
/// otherwise the server's own spelling.
///
/// `default_schema` is the schema of names without a schema.
///
/// # Errors
///
/// Fails if the server refuses a text or a view, whose place is part of the error, or if the
/// connection fails.
pub async fn settle(
    connection: &Connection,
    dialect: Dialect,
    database: DatabaseSide<'_>,
    target: &mut Metadata,
    default_schema: &str,
) -> Result<(), SpellingError> {
    match dialect.capabilities().spelling {
        Spelling::AskServer => {
            ask::settle(connection, dialect, database, target, default_schema).await
        }
        Spelling::CompareTokens => {
            normalise(target, dialect);
            trial::hold(connection, dialect, database, target).await
        }
    }
}
