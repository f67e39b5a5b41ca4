//! Unique indexes that are definitions, as keys of foreign keys.

use aludel_schema::{Definition, Kind};

use crate::dialect::Dialect;
use crate::lexer::significant;

/// Returns the columns of a unique index that a foreign key may refer to, sorted by name: it has all rows, and no
/// expressions.
pub fn unique_columns(index: &Definition, dialect: Dialect) -> Option<Vec<String>> {
    if index.id.kind != Kind::Index {
        return None;
    }
    // Before a server has parsed it, only the statement says so.
    let says_so = |sql: &str| {
        let tokens = significant(sql, dialect);
        tokens.get(1).is_some_and(|token| token.is_word("UNIQUE"))
    };
    let is_unique = index.clauses.iter().any(|clause| clause.word == "unique")
        || index.source.as_deref().is_some_and(says_so);
    if !is_unique {
        return None;
    }
    let tokens = significant(index.body.spelling(), dialect);
    let is_whole = !tokens.iter().any(|token| token.is_word("WHERE"));
    let list = tokens.split(|token| token.is_symbol("(")).nth(1).filter(|_| is_whole)?;
    // Another parenthesis within them begins an expression.
    let end = list.iter().position(|token| token.is_symbol(")"))?;
    let keys = list.get(..end)?.split(|token| token.is_symbol(","));
    let columns: Option<Vec<String>> = keys.map(|key| key.first()?.identifier()).collect();
    columns.map(|mut columns| {
        columns.sort();
        columns
    })
}
