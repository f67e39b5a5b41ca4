//! The only mapping from URLs and names to dialects.

use aludel_dialect::Dialect;
use aludel_driver::DatabaseUrl;

use crate::config::DatabaseConfig;
use crate::error::Error;

/// Returns the dialect of a URL's database.
pub(crate) fn dialect_of(url: &DatabaseUrl) -> Dialect {
    if url.is_postgres() { Dialect::Postgres } else { Dialect::Sqlite }
}

/// The dialect for which models are read when no database is asked and nothing says which one is meant. It
/// has all kinds of objects.
pub(crate) const OF_MODELS_ALONE: Dialect = Dialect::Postgres;

/// Returns the dialect of a name in the configuration.
pub(crate) fn named(name: &str) -> Result<Dialect, Error> {
    Dialect::from_name(name).ok_or_else(|| Error::NoDialect { name: name.to_owned() })
}

/// Returns the dialect of a section of a revision file. A section without a dialect holds SQL that
/// every dialect accepts, and is read by the rules of PostgreSQL.
pub(crate) fn of_section(name: Option<&str>) -> Result<Dialect, Error> {
    name.map_or(Ok(Dialect::Postgres), named)
}

/// The substitute for the database of a dialect that is not the dialect of the project's own URL.
pub(crate) enum StandIn<'c> {
    /// A database that the configuration names.
    Url(&'c str),
    /// An empty in-memory database to which all revisions are applied.
    Replay,
    /// No database.
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
