//! CREATE statements in the forms that a scratch needs.

use aludel_dialect::{Dialect, significant};

/// Returns the CREATE statement of a materialized view in the form that does not run its query.
pub(super) fn without_rows(sql: &str, dialect: Dialect) -> String {
    let words = significant(sql, dialect);
    let is_created = words.first().is_some_and(|word| word.is_word("CREATE"));
    let (last, before) = (words.last(), words.iter().nth_back(1));
    let ends =
        |word: &str, end| before.zip(last).filter(|(a, b)| a.is_word(word) && b.is_word(end));
    match ends("WITH", "DATA") {
        _ if !is_created || ends("NO", "DATA").is_some() => sql.to_owned(),
        Some((with, _)) => format!("{} NO DATA", sql.get(..with.end()).unwrap_or_default()),
        None => format!("{sql}\nWITH NO DATA"),
    }
}

/// Returns the CREATE statement of a materialized view as that of a table without rows.
pub(super) fn as_table(sql: &str, dialect: Dialect) -> String {
    let sql = without_rows(sql, dialect);
    let words = significant(&sql, dialect);
    match (words.get(1), words.get(2)) {
        (Some(first), Some(second)) if first.is_word("MATERIALIZED") => {
            let (before, after) = (sql.get(..first.start), sql.get(second.end()..));
            format!("{}TABLE{}", before.unwrap_or_default(), after.unwrap_or_default())
        }
        _ => sql,
    }
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
