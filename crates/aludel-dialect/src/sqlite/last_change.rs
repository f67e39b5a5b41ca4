//! The functions of SQLite that tell of the last change of a connection.

use crate::dialect::Dialect;
use crate::lexer::{leading_words, significant};
use crate::split::SqlStatement;

/// The functions, each with the statements after which it has a new value.
const FUNCTIONS: [(&str, &[&str]); 3] = [
    ("last_insert_rowid", &["INSERT", "REPLACE"]),
    ("changes", &["INSERT", "REPLACE", "UPDATE", "DELETE"]),
    ("total_changes", &["INSERT", "REPLACE", "UPDATE", "DELETE"]),
];

/// Returns the first of the statements of a transaction that calls such a function although no
/// statement before it has set the value, and the name of the function.
pub(crate) fn unset<'s>(
    statements: &'s [SqlStatement<'s>],
) -> Option<(&'s SqlStatement<'s>, &'static str)> {
    statements.iter().enumerate().find_map(|(at, statement)| {
        let name = |(name, setters): &(&'static str, &[&str])| {
            let is_set = || statements[..at].iter().any(|before| sets(before, setters));
            (calls(statement.sql, name) && !is_set()).then_some((statement, *name))
        };
        FUNCTIONS.iter().find_map(name)
    })
}

/// Returns true if a statement may be one of `setters`. What a step in Rust does is not known.
fn sets(statement: &SqlStatement<'_>, setters: &[&str]) -> bool {
    let words = leading_words(statement.sql, Dialect::Sqlite, 1);
    let is_setter = |word: &str| setters.iter().any(|setter| setter.eq_ignore_ascii_case(word));
    let first = words.first().map_or("", String::as_str);
    let has_one = || {
        let tokens = significant(statement.sql, Dialect::Sqlite);
        tokens.iter().any(|token| is_setter(token.text))
    };
    statement.step().is_some() || is_setter(first) || (first == "WITH" && has_one())
}

/// Returns true if a statement calls a function without arguments. A definition does not call it.
fn calls(sql: &str, name: &str) -> bool {
    let mut windows = sql.as_bytes().windows(name.len());
    if !windows.any(|window| window.eq_ignore_ascii_case(name.as_bytes())) {
        return false;
    }
    let words = leading_words(sql, Dialect::Sqlite, 3);
    if words.iter().any(|word| word == "TRIGGER" || word == "VIEW") {
        return false;
    }
    let tokens = significant(sql, Dialect::Sqlite);
    tokens
        .windows(3)
        .any(|three| three[0].is_word(name) && three[1].is_symbol("(") && three[2].is_symbol(")"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::split;

    #[test]
    fn a_value_that_no_statement_before_has_set_is_found() {
        for (sql, expected) in [
            ("INSERT INTO p VALUES (1); INSERT INTO c VALUES (last_insert_rowid())", None),
            ("INSERT INTO c VALUES (Last_Insert_RowID ( ))", Some("last_insert_rowid")),
            ("UPDATE p SET a = 1; SELECT changes()", None),
            ("UPDATE p SET a = 1; SELECT last_insert_rowid()", Some("last_insert_rowid")),
            ("CREATE TABLE t (x); SELECT total_changes()", Some("total_changes")),
            ("WITH n AS (SELECT 1) INSERT INTO p SELECT * FROM n; SELECT changes()", None),
            ("CREATE TEMP TRIGGER t AFTER INSERT ON p BEGIN SELECT changes(); END", None),
            ("INSERT INTO changes (a) SELECT 1", None),
            ("SELECT 'changes()' -- changes()", None),
        ] {
            let statements = split(sql, Dialect::Sqlite).unwrap();
            assert_eq!(unset(&statements).map(|(_, name)| name), expected, "{sql}");
        }
    }
}
