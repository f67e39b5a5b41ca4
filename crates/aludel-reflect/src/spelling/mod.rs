//! Whether two spellings mean the same.
//!
//! `amount >= 0` is `amount >= (0)::numeric` to the catalogue. Instead of guessing, a text of the
//! models that differs from the database's is given to the server, as a default, check, index or
//! object of the temporary schema, and read back; everything happens in one transaction that is
//! rolled back. Texts that agree cost nothing, and all others together cost a fixed number of round
//! trips. Where there is no server to ask, tokens are compared.
//!
//! This is the one place that knows of spellings: [`settle`] gives the target the database's words
//! wherever both mean the same, and from then on equal texts are equal.

mod ask;
mod known;
mod place;
mod question;
mod scratch;
mod tokens;

use aludel_dialect::{Dialect, Spelling};
use aludel_driver::{Connection, DriverError};
use aludel_schema::Metadata;

pub use place::{Part, Place};
pub(crate) use tokens::normalise;

/// A text that the server refuses.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct SpellingError {
    /// Which text it was; `None` if the preparation failed.
    pub place: Option<Place>,
    /// What the server said.
    pub source: DriverError,
}

impl From<DriverError> for SpellingError {
    fn from(source: DriverError) -> Self {
        Self { place: None, source }
    }
}

/// Gives every text of `target` the spelling of the database where both mean the same, and the
/// server's own spelling where they do not.
///
/// `database` is the other side under the names of the target; `default_schema` is the schema that
/// names without one live in.
///
/// # Errors
///
/// The server refuses a text; the error says which.
pub async fn settle(
    connection: &Connection,
    dialect: Dialect,
    database: &Metadata,
    target: &mut Metadata,
    default_schema: &str,
) -> Result<(), SpellingError> {
    match dialect.capabilities().spelling {
        Spelling::AskServer => {
            known::settle(dialect, database, target);
            ask::settle(connection, dialect, database, target, default_schema).await
        }
        Spelling::CompareTokens => {
            normalise(target, dialect);
            Ok(())
        }
    }
}
