//! Materialized views that are made without the rows of their queries.

use crate::dialect::Dialect;
use crate::lexer::significant;

/// Returns the CREATE statement of a materialized view in the form that does not run its query. A
/// statement that creates nothing stays as it is.
pub fn without_rows(sql: &str, dialect: Dialect) -> String {
    let words = significant(sql, dialect);
    let is_created = words.first().is_some_and(|word| word.is_word("CREATE"));
    let (last, before) = (words.last(), words.iter().nth_back(1));
    let with = before.zip(last).filter(|(a, b)| a.is_word("WITH") && b.is_word("DATA"));
    match with {
        _ if !is_created || says_no_data(sql, dialect) => sql.to_owned(),
        Some((with, _)) => format!("{} NO DATA", sql.get(..with.end()).unwrap_or_default()),
        None => format!("{sql}\nWITH NO DATA"),
    }
}

/// Returns true if the statement or the query of a materialized view ends with `NO DATA`.
pub fn says_no_data(sql: &str, dialect: Dialect) -> bool {
    let words = significant(sql, dialect);
    words.len() > 1 && words.iter().rev().zip(["DATA", "NO"]).all(|(word, own)| word.is_word(own))
}
