//! Which database speaks which dialect: the one place that goes from URLs and names to dialects.

use aludel_dialect::Dialect;
use aludel_driver::DatabaseUrl;

use crate::config::DatabaseConfig;
use crate::error::Error;

/// The dialect that a URL speaks.
pub(crate) fn dialect_of(url: &DatabaseUrl) -> Dialect {
    if url.is_postgres() { Dialect::Postgres } else { Dialect::Sqlite }
}

/// The dialect of a name in the configuration.
pub(crate) fn named(name: &str) -> Result<Dialect, Error> {
    Dialect::from_name(name).ok_or_else(|| Error::NoDialect { name: name.to_owned() })
}

/// The dialect of a section of a revision file. A section without one holds SQL that every dialect
/// takes, and is read by the rules of PostgreSQL.
pub(crate) fn of_section(name: Option<&str>) -> Result<Dialect, Error> {
    name.map_or(Ok(Dialect::Postgres), named)
}

/// What stands in for the database of a dialect that the project's own URL does not speak.
pub(crate) enum StandIn<'c> {
    /// A database that the configuration names.
    Url(&'c str),
    /// All revisions in an empty database in memory.
    Replay,
    /// Nothing.
    None,
}

impl<'c> StandIn<'c> {
    pub(crate) fn of(config: &'c DatabaseConfig, dialect: Dialect) -> Self {
        let (url, otherwise) = match dialect {
            Dialect::Postgres => (&config.postgres_url, Self::None),
            Dialect::Sqlite => (&config.sqlite_url, Self::Replay),
        };
        url.as_deref().map_or(otherwise, Self::Url)
    }
}
