//! Canonical spellings: decides whether two texts have the same meaning.
//!
//! PostgreSQL's catalogue has `amount >= (0)::numeric` for `amount >= 0`. A text of the models that
//! differs from the database's is therefore given to the server as a default, check, index or
//! object in a schema of its own, and is read back. All of this happens in one transaction that is
//! rolled back. Texts that are equal cost nothing, and all others together cost a fixed number of
//! round trips. For databases without a server, tokens are compared. A text that the database has no
//! counterpart of is given to it too, to see whether it is accepted, and so is a piece of a table for
//! each new part that is no text.
//!
//! Only this module deals with spellings. [`settle`] gives the target the database's spelling
//! wherever both mean the same, so that texts can be compared for equality afterwards.

mod ask;
mod called;
mod changed_table;
mod code_path;
mod create;
mod created;
mod event_triggers;
mod firing;
mod first_values;
mod gather;
mod giving_way;
mod gone;
mod heirs;
mod items;
mod keys;
mod known;
mod names;
mod not_null;
mod noted;
mod numbered;
mod parts;
mod piece;
mod pieces;
mod place;
mod question;
mod reread;
mod roles;
mod schema;
mod scratch;
mod scratch_table;
mod search_path;
mod shadows;
mod spelt;
mod statement;
mod storing;
mod tokens;
mod trial;
mod tried;
mod uncompared;
mod undeclared;
mod unread_code;
mod upserts;

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, Spelling, is_null};
use aludel_driver::{Connection, DriverError};
use aludel_schema::{ColumnStorage, Metadata, SqlText};

pub use first_values::{OfDefaults, passed};
pub use place::{Part, Place};
pub(crate) use tokens::normalise;
pub use uncompared::Uncompared;
pub use unread_code::unread_code;

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

/// The findings of a comparison by the server beside the spellings.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    /// The texts that could not be compared, because the role may not make the objects by which the server is asked.
    pub uncompared: Vec<Uncompared>,
    /// The event triggers that saw these objects, because the role can't keep them back.
    pub seen_by: Vec<String>,
}

/// The database side of a comparison, before and after the renames of the plan.
#[derive(Clone, Copy, Debug)]
pub struct DatabaseSide<'m> {
    /// The database under the names that it has now, which are those that the server knows.
    pub live: &'m Metadata,
    /// The database under the names of the target.
    pub renamed: &'m Metadata,
}

/// Takes away defaults that are NULL: without a default, a column has NULL too. The default of a column of
/// a domain takes the place of the domain's own one, so it stays. A server that is asked says itself what
/// becomes of a NULL that is cast to a type: it keeps one that it has to convert, such as
/// `NULL::character varying` of a `varchar(20)`.
fn settle_null_defaults(database: &Metadata, target: &mut Metadata, dialect: Dialect) {
    let definitions = target.definitions.keys().chain(database.definitions.keys());
    let types = definitions.filter(|id| dialect.kind_facts(id.kind).is_some_and(|f| f.is_type));
    let types: BTreeSet<String> = types.map(|id| dialect.quote_name(&id.name)).collect();
    let is_nothing = |text: &SqlText| match dialect.capabilities().spelling {
        Spelling::AskServer => text.spelling().eq_ignore_ascii_case("null"),
        Spelling::CompareTokens => is_null(text.spelling(), dialect),
    };
    for table in target.tables.values_mut() {
        let before = database.tables.get(&table.name);
        let columns = table.columns.iter_mut();
        for column in columns.filter(|own| !types.contains(own.sql_type.spelling())) {
            let before = before.and_then(|before| before.column(&column.name));
            let before =
                before.and_then(|before| before.default.clone()).filter(|own| is_nothing(own));
            if column.default.as_deref().is_none_or(is_nothing) {
                column.default = before;
            }
        }
    }
}

/// The access method of a table that states none.
const USUAL_METHOD: &str = "heap";

/// The collation of the server's own types.
const USUAL_COLLATION: &str = "default";

/// Takes away storage modes that the types of the columns have by themselves, of which the catalogue has
/// no other trace, the schema of the server's own collations, the usual collation, and the usual access method.
fn settle_usual(target: &mut Metadata, dialect: Dialect) {
    for table in target.tables.values_mut() {
        table.options.access_method.take_if(|method| method == USUAL_METHOD);
    }
    for column in target.tables.values_mut().flat_map(|table| &mut table.columns) {
        if let Some(own) = column.collation.as_ref().and_then(|c| c.strip_prefix("pg_catalog.")) {
            column.collation = Some(own.to_owned());
        }
        let is_usual = |collation: &mut String| collation == USUAL_COLLATION;
        column
            .collation
            .take_if(|own| is_usual(own) && dialect.is_own_type(column.sql_type.spelling()));
        if let Some(storage) = &mut column.storage {
            let usual = dialect.usual_storage(column.sql_type.spelling());
            storage.mode.take_if(|mode| Some(mode.as_str()) == usual);
            if **storage == ColumnStorage::default() {
                column.storage = None;
            }
        }
    }
}

/// Gives every text of `target` the spelling of the database if both have the same meaning, and
/// otherwise the server's own spelling.
///
/// `default_schema` is the schema of names without a schema. Where the role may not make the objects by
/// which the server is asked, the target has the text of the database.
///
/// # Errors
///
/// Fails if the server refuses a text or a view, whose place is part of the error, or if the
/// connection fails.
pub async fn settle(
    connection: &Connection<'_>,
    dialect: Dialect,
    database: DatabaseSide<'_>,
    target: &mut Metadata,
    default_schema: &str,
) -> Result<Settled, SpellingError> {
    settle_null_defaults(database.renamed, target, dialect);
    settle_usual(target, dialect);
    match dialect.capabilities().spelling {
        Spelling::AskServer => {
            let settled = ask::settle(connection, dialect, database, target, default_schema);
            let ask::Asked { settled, needed } = settled.await?;
            if undeclared::are_there(database.live, target) {
                undeclared::keep(connection, database, target, needed, default_schema).await?;
            }
            called::as_in_database(database.renamed, target);
            Ok(settled)
        }
        Spelling::CompareTokens => {
            normalise(target, dialect);
            tokens::keep_words(database.renamed, target);
            tried::hold(dialect, database, target).await?;
            trial::hold(connection, dialect, database, target).await?;
            Ok(Settled::default())
        }
    }
}
