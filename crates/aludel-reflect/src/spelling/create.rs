//! CREATE statements in the forms that a scratch needs.

use aludel_dialect::{Dialect, significant};

/// Returns the CREATE statement of a materialized view in the form that does not run its query.
pub(super) fn without_rows(sql: &str, dialect: Dialect) -> String {
    let words = significant(sql, dialect);
    let is_said = words.last().is_some_and(|word| word.is_word("DATA"));
    let is_created = words.first().is_some_and(|word| word.is_word("CREATE"));
    if is_created && !is_said { format!("{sql}\nWITH NO DATA") } else { sql.to_owned() }
}

/// Returns a CREATE statement as CREATE OR REPLACE.
pub(super) fn or_replace(sql: &str, dialect: Dialect) -> String {
    let words = significant(sql, dialect);
    match (words.first(), words.get(1)) {
        (Some(create), Some(second)) if !second.is_word("OR") => {
            format!("CREATE OR REPLACE{}", sql.get(create.end()..).unwrap_or_default())
        }
        _ => sql.to_owned(),
    }
}
