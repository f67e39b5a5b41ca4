//! Code that reads or writes the columns of a row by their places rather than by their names.

use crate::dialect::Dialect;
use crate::lexer::significant;
use crate::token::{Token, TokenKind};
use crate::words::code;

/// Returns true if no query in a function takes all columns of a row (`*`), so that a query whose result is the row
/// of a table lists them in an order of its own.
///
/// ```
/// use aludel_dialect::{Dialect, lists_columns};
///
/// let of = |code: &str| format!("FUNCTION f() RETURNS t AS $$ {code} $$");
/// assert!(lists_columns(&of("SELECT a, count(*), 2 * b FROM t"), Dialect::Postgres));
/// assert!(!lists_columns(&of("SELECT t.* FROM t"), Dialect::Postgres));
/// ```
pub fn lists_columns(function: &str, dialect: Dialect) -> bool {
    let takes_all = |tokens: &[Token<'_>]| {
        let introduces = |token: &Token<'_>| {
            token.is_symbol(".")
                || token.is_symbol(",")
                || ["select", "distinct", "all", "returning"].iter().any(|word| token.is_word(word))
        };
        tokens.windows(2).any(|pair| pair[1].is_symbol("*") && introduces(&pair[0]))
    };
    !any(function, dialect, &takes_all)
}

/// Returns true if a function inserts rows into a table without the names of columns.
///
/// ```
/// use aludel_dialect::{Dialect, inserts_by_place};
///
/// let of = |code: &str| format!("FUNCTION f() RETURNS void AS $$ {code} $$");
/// assert!(inserts_by_place(&of("INSERT INTO s.t VALUES (1, 2)"), "t", Dialect::Postgres));
/// assert!(!inserts_by_place(&of("INSERT INTO s.t (a, b) VALUES (1, 2)"), "t", Dialect::Postgres));
/// ```
pub fn inserts_by_place(function: &str, table: &str, dialect: Dialect) -> bool {
    let inserts = |tokens: &[Token<'_>]| {
        let mut into = tokens.windows(2).enumerate().filter_map(|(at, pair)| {
            (pair[0].is_word("insert") && pair[1].is_word("into")).then_some(at + 2)
        });
        into.any(|at| {
            let after = named(tokens.get(at..).unwrap_or_default(), table);
            after.is_some_and(|token| !token.is_symbol("("))
        })
    };
    any(function, dialect, &inserts)
}

/// Returns true if a function returns a row of a table, or rows of it.
///
/// ```
/// use aludel_dialect::{Dialect, returns_row};
///
/// let of = |result: &str| format!("FUNCTION f(u) RETURNS {result} LANGUAGE sql AS 'SELECT 1'");
/// assert!(returns_row(&of("SETOF s.t"), "t", Dialect::Postgres));
/// assert!(!returns_row(&of("integer"), "u", Dialect::Postgres));
/// ```
pub fn returns_row(function: &str, table: &str, dialect: Dialect) -> bool {
    let tokens = significant(function, dialect);
    let returns = tokens.iter().position(|token| token.is_word("returns"));
    let result = returns.and_then(|at| tokens.get(at + 1..)).unwrap_or_default();
    let result = match result {
        [setof, result @ ..] if setof.is_word("setof") => result,
        result => result,
    };
    named(result, table).is_some()
}

/// Returns the token after a name that begins the tokens, if it is that of a table.
fn named<'t, 'a>(mut tokens: &'t [Token<'a>], table: &str) -> Option<&'t Token<'a>> {
    while let [_, dot, rest @ ..] = tokens
        && dot.is_symbol(".")
    {
        tokens = rest;
    }
    let [own, next, ..] = tokens else { return None };
    own.identifier().is_some_and(|name| name == table).then_some(next)
}

/// Returns true if something holds for the tokens of a text, or for those of the code in its strings.
fn any(text: &str, dialect: Dialect, holds: &dyn Fn(&[Token<'_>]) -> bool) -> bool {
    let tokens = significant(text, dialect);
    let in_code = |token: &Token<'_>| code(token).is_some_and(|own| any(own.text, dialect, holds));
    let strings = tokens.iter().filter(|token| token.kind == TokenKind::String);
    holds(&tokens) || { strings }.any(in_code)
}
