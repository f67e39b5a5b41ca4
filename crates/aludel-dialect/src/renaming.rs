//! Renames of columns and of other objects in texts.

use aludel_schema::SqlText;

use crate::capabilities::IdentifierCase;
use crate::dialect::Dialect;
use crate::lexer::{significant, tokens};
use crate::token::{Token, TokenKind};

/// An old and a new name.
#[derive(Clone, Copy, Debug)]
pub struct Rename<'a> {
    /// The old name.
    pub from: &'a str,
    /// The new name.
    pub to: &'a str,
}

/// Replaces the columns in a text that a rename affects, in each of its spellings.
pub fn rename_in(text: &mut SqlText, renames: &[Rename<'_>], dialect: Dialect) {
    replace_in(text, renames, dialect, may_be_column);
}

/// Replaces the identifiers in a text that a rename affects, whatever they name, in each of its spellings.
pub fn rename_words_in(text: &mut SqlText, renames: &[Rename<'_>], dialect: Dialect) {
    replace_in(text, renames, dialect, |_, _| true);
}

fn replace_in(
    text: &mut SqlText,
    renames: &[Rename<'_>],
    dialect: Dialect,
    is_meant: fn(&[Token<'_>], usize) -> bool,
) {
    text.written = replaced(&text.written, renames, dialect, is_meant);
    let Some(canonical) = &mut text.canonical else { return };
    // The normal form of a text has names as they are compared.
    let folded: Vec<String> = renames.iter().map(|rename| folded(rename.to, dialect)).collect();
    let renames = renames.iter().zip(&folded);
    let renames: Vec<Rename<'_>> = renames.map(|(own, to)| Rename { from: own.from, to }).collect();
    *canonical = replaced(canonical, &renames, dialect, is_meant);
}

/// Returns a name as it is compared.
pub(crate) fn folded(name: &str, dialect: Dialect) -> String {
    match dialect.capabilities().identifier_case {
        IdentifierCase::Sensitive => name.to_owned(),
        IdentifierCase::Insensitive => name.to_ascii_lowercase(),
    }
}

/// Replaces the columns in an expression that a rename affects. A function, a type or a collation may have the name
/// of a column, and keeps it.
///
/// ```
/// use aludel_dialect::{Dialect, Rename, rename_columns};
///
/// let renames = [Rename { from: "date", to: "day" }];
/// let renamed = rename_columns("date(at) > date OR at::date = date", &renames, Dialect::Postgres);
/// assert_eq!(renamed, "date(at) > day OR at::date = day");
/// ```
pub fn rename_columns(expression: &str, renames: &[Rename<'_>], dialect: Dialect) -> String {
    replaced(expression, renames, dialect, may_be_column)
}

/// Replaces the columns that a rename affects in a query as the server prints it. Aliases of columns, as in
/// `f() f(a, b)`, stay as they are.
pub fn rename_columns_in_query(query: &str, renames: &[Rename<'_>], dialect: Dialect) -> String {
    let aliases = column_aliases(&significant(query, dialect));
    replaced(query, renames, dialect, |words, at| {
        may_be_column(words, at) && !aliases.get(at).copied().unwrap_or_default()
    })
}

/// Replaces the identifiers in a text that a rename affects, whatever they name.
pub fn rename_words(text: &str, renames: &[Rename<'_>], dialect: Dialect) -> String {
    replaced(text, renames, dialect, |_, _| true)
}

/// Replaces identifiers. `is_meant` is asked about the words of the text and the place of one of them.
fn replaced(
    text: &str,
    renames: &[Rename<'_>],
    dialect: Dialect,
    is_meant: impl Fn(&[Token<'_>], usize) -> bool,
) -> String {
    let words = significant(text, dialect);
    let mut places = 0..words.len();
    let mut out = String::with_capacity(text.len());
    for token in tokens(text, dialect) {
        let at = token.is_significant().then(|| places.next()).flatten();
        let rename = renames.iter().find(|rename| token.is_name(rename.from, dialect));
        match rename.filter(|_| at.is_some_and(|at| is_meant(&words, at))) {
            Some(rename) => out.push_str(&dialect.quote(rename.to)),
            None => out.push_str(token.text),
        }
    }
    out
}

/// Returns false if the word at a place of an expression or a query is the name of a function, a type, a
/// collation, a parameter or an alias, or a word of the grammar, whatever columns there are.
pub(crate) fn may_be_column(words: &[Token<'_>], at: usize) -> bool {
    let Some(word) = words.get(at) else { return false };
    // The word and what it is qualified with.
    let mut first = at;
    while first > 1 && words.get(first - 1).is_some_and(|token| token.is_symbol(".")) {
        first -= 2;
    }
    let back = |steps: usize| first.checked_sub(steps).and_then(|place| words.get(place));
    let is_before = |word: &str| back(1).is_some_and(|token| token.is_word(word));
    let is_cast = back(1).is_some_and(|token| token.is_symbol("::"));
    let next = words.get(at + 1);
    let is_next = |symbol: &str| next.is_some_and(|token| token.is_symbol(symbol));
    let is_of_constant = next.is_some_and(|token| token.kind == TokenKind::String);
    let is_field = back(1).is_some_and(|token| token.is_symbol("("))
        && back(2).is_some_and(|token| token.is_word("EXTRACT"))
        && next.is_some_and(|token| token.is_word("FROM"));
    let is_of_zone = (word.is_word("ZONE") && is_before("TIME"))
        || (word.is_word("TIME") && ["AT", "WITH", "WITHOUT"].into_iter().any(is_before));
    let is_other = is_cast || is_before("COLLATE") || is_before("AS") || is_of_constant;
    !(is_other || is_next("(") || is_next("=>") || is_field || is_of_zone)
}

/// Returns for each token of a query, as the server prints it, whether it is in a list of aliases of columns, as
/// in `f() f(a, b)`.
pub fn column_aliases(tokens: &[Token<'_>]) -> Vec<bool> {
    // The server prints keywords in upper case.
    let is_alias = |token: &Token<'_>| {
        token.identifier().is_some() && !token.text.starts_with(|c: char| c.is_ascii_uppercase())
    };
    let mut is_inside = false;
    let mut found = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let follows_alias = at > 1 && is_alias(&tokens[at - 1]) && tokens[at - 2].is_symbol(")");
        is_inside = match token.is_symbol("(") {
            true => follows_alias,
            false => is_inside && !token.is_symbol(")"),
        };
        found.push(is_inside);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_of_columns_keep_their_names() {
        for (query, renamed) in [
            ("SELECT b FROM f() f(a, b)", "SELECT c FROM f() f(a, b)"),
            ("SELECT b FROM lower(b) \"F\"(a, b), t", "SELECT c FROM lower(c) \"F\"(a, b), t"),
            ("SELECT count(*) FILTER (WHERE b)", "SELECT count(*) FILTER (WHERE c)"),
            ("SELECT lower(b) IN (b)", "SELECT lower(c) IN (c)"),
            ("SELECT f((b)::text)", "SELECT f((c)::text)"),
        ] {
            let renames = [Rename { from: "b", to: "c" }];
            assert_eq!(rename_columns_in_query(query, &renames, Dialect::Postgres), renamed);
        }
    }

    #[test]
    fn only_columns_are_renamed() {
        let renames = ["length", "date", "text", "year", "time", "zone", "C"];
        let renames = renames.map(|from| Rename { from, to: "new" });
        for (text, renamed) in [
            ("length(name) > length", "length(name) > new"),
            ("at::date = date", "at::date = new"),
            ("lower((label)::text) <> text", "lower((label)::text) <> new"),
            ("CAST(at AS date) = t.date", "CAST(at AS date) = t.new"),
            ("a::pg_catalog.text || text::varchar", "a::pg_catalog.text || new::varchar"),
            ("EXTRACT(year FROM at) = (year)", "EXTRACT(year FROM at) = (new)"),
            ("(at AT TIME ZONE zone) > time", "(at AT TIME ZONE new) > new"),
            ("at::timestamp with time zone", "at::timestamp with time zone"),
            ("a COLLATE \"C\" < \"C\"", "a COLLATE \"C\" < new"),
            ("date '2020-01-01' < date", "date '2020-01-01' < new"),
            ("f(text => text)", "f(text => new)"),
        ] {
            assert_eq!(rename_columns(text, &renames, Dialect::Postgres), renamed);
        }
    }
}
