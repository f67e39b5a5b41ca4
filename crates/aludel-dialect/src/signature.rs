//! Signatures of routines, operators and casts: the types that distinguish objects of one name.
//!
//! A signature is spelt as the server spells it as long as its types are built in or named in the
//! usual way. A server that is asked for the object tells the exact one.

use crate::dialect::Dialect;
use crate::lexer::significant;
use crate::postgres::types::canonical;
use crate::token::{Token, TokenKind};

/// Returns the signature for a list of parameters: the types of those that a call states.
pub(crate) fn parameters(tokens: &[Token<'_>]) -> String {
    if let [only] = tokens
        && only.is_symbol("*")
    {
        return "*".to_owned();
    }
    let aggregated = tokens.iter().position(|token| token.is_word("ORDER"));
    match aggregated.and_then(|at| Some((tokens.get(..at)?, tokens.get(at + 2..)?))) {
        Some((direct, ordered)) => {
            let lists = [direct, ordered];
            let is_shared = lists.iter().all(|list| is_variadic(list));
            let list = |list| if is_shared { with_variadic(types(list)) } else { types(list) };
            let [direct, ordered] = lists.map(|tokens| list(tokens).join(", "));
            format!("{direct} ORDER BY {ordered}").trim_start().to_owned()
        }
        None => types(tokens).join(", "),
    }
}

/// Returns true if the last parameter takes any number of arguments. If that of both lists of an
/// aggregate does, the server has a single parameter for them, and only the word says so.
fn is_variadic(tokens: &[Token<'_>]) -> bool {
    let items = items(tokens);
    items.last().and_then(|last| last.first()).is_some_and(|first| first.is_word("VARIADIC"))
}

fn with_variadic(mut types: Vec<String>) -> Vec<String> {
    types.iter_mut().next_back().into_iter().for_each(|last| last.insert_str(0, "VARIADIC "));
    types
}

/// Returns the operands of an operator, from `(left, right)` or from `(…, LEFTARG = left, …)`.
pub(crate) fn operands(tokens: &[Token<'_>]) -> String {
    let items = items(tokens);
    let option = |name: &str| {
        let mut items = items.iter().filter(|item| item.first().is_some_and(|t| t.is_word(name)));
        let value = items.next().and_then(|item| item.get(2..));
        value.map_or("NONE".to_owned(), type_name)
    };
    if items.iter().any(|item| item.get(1).is_some_and(|token| token.is_symbol("="))) {
        return format!("{}, {}", option("LEFTARG"), option("RIGHTARG"));
    }
    items.iter().map(|item| type_name(item)).collect::<Vec<_>>().join(", ")
}

fn types(tokens: &[Token<'_>]) -> Vec<String> {
    items(tokens).into_iter().filter_map(parameter).collect()
}

/// Splits tokens at commas outside of parentheses.
fn items<'t, 'a>(tokens: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let (mut items, mut depth, mut first) = (Vec::new(), 0_usize, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "," if depth == 0 => {
                items.extend(tokens.get(first..at));
                first = at + 1;
            }
            _ => {}
        }
    }
    items.extend(tokens.get(first..).filter(|rest| !rest.is_empty()));
    items
}

/// Returns the type of a parameter; `None` for a parameter of the result.
fn parameter(mut tokens: &[Token<'_>]) -> Option<String> {
    while let Some((first, rest)) = tokens.split_first() {
        if first.is_word("OUT") && !rest.is_empty() {
            return None;
        }
        let is_mode = ["IN", "INOUT", "VARIADIC"].iter().any(|mode| first.is_word(mode));
        if !is_mode || rest.is_empty() {
            break;
        }
        tokens = match rest.split_first() {
            Some((second, rest)) if second.is_word("OUT") && !rest.is_empty() => rest,
            _ => rest,
        };
    }
    let is_default = |token: &Token<'_>| {
        token.is_word("DEFAULT") || token.is_symbol("=") || token.is_symbol(":=")
    };
    let end = tokens.iter().position(is_default).unwrap_or(tokens.len());
    let tokens = tokens.get(..end)?;
    let is_name = tokens.get(1).is_some_and(|second| {
        matches!(second.kind, TokenKind::Word | TokenKind::Quoted)
            && !second.is_word("ARRAY")
            && !is_built_in(tokens)
    });
    Some(type_name(if is_name { tokens.get(1..)? } else { tokens }))
}

/// Returns true if the words are the name of a built-in type of several words.
fn is_built_in(tokens: &[Token<'_>]) -> bool {
    const FIRST: [&str; 9] = [
        "double",
        "character",
        "char",
        "national",
        "bit",
        "timestamp",
        "time",
        "interval",
        "setof",
    ];
    const SECOND: [&str; 13] = [
        "precision",
        "varying",
        "character",
        "char",
        "with",
        "without",
        "year",
        "month",
        "day",
        "hour",
        "minute",
        "second",
        "of",
    ];
    let is_one_of = |at: usize, words: &[&str]| {
        tokens.get(at).is_some_and(|token| words.iter().any(|word| token.is_word(word)))
    };
    is_one_of(0, &FIRST) && is_one_of(1, &SECOND)
}

/// Returns the name of a type as a signature has it: without modifiers.
pub(crate) fn type_name(tokens: &[Token<'_>]) -> String {
    let mut text = String::new();
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let close = |token: &Token<'_>| matches!(token.kind, TokenKind::Symbol);
        if before.is_some_and(|before| !close(before)) && !close(token) {
            text.push(' ');
        }
        text.push_str(&spelt(token));
    }
    let spelt = canonical(&text);
    without_modifiers(&spelt)
}

fn spelt(token: &Token<'_>) -> String {
    match token.identifier() {
        Some(name) if token.kind == TokenKind::Quoted => Dialect::Postgres.quote(&name),
        Some(name) => name,
        None => token.text.to_owned(),
    }
}

fn without_modifiers(name: &str) -> String {
    let mut depth = 0_usize;
    let mut out = String::with_capacity(name.len());
    for token in significant(name, Dialect::Postgres) {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            text => {
                let word = |text: &str| text.starts_with(|c: char| c.is_alphanumeric() || c == '_');
                if word(text) && out.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                    out.push(' ');
                }
                out.push_str(text);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{operands, parameters};
    use crate::dialect::Dialect;
    use crate::lexer::significant;

    #[test]
    fn a_signature_has_the_types_of_the_arguments() {
        for (list, expected) in [
            ("", ""),
            ("a int, b text DEFAULT 'x, y'", "integer, text"),
            ("int, double precision", "integer, double precision"),
            (
                "x double precision, y timestamp(3) with time zone",
                "double precision, timestamp with time zone",
            ),
            (
                "IN a varchar(3), OUT b text, INOUT c numeric(3, 1) = 1.0",
                "character varying, numeric",
            ),
            ("VARIADIC items text[]", "text[]"),
            ("app.mood, m app.\"Mood\"[]", "app.mood, app.\"Mood\"[]"),
            ("timestamp, name", "timestamp without time zone, name"),
            ("*", "*"),
            ("double precision ORDER BY anyelement", "double precision ORDER BY anyelement"),
            ("double precision ORDER BY VARIADIC \"any\"", "double precision ORDER BY \"any\""),
            (
                "int, VARIADIC a \"any\" ORDER BY VARIADIC b \"any\"",
                "integer, VARIADIC \"any\" ORDER BY VARIADIC \"any\"",
            ),
        ] {
            let tokens = significant(list, Dialect::Postgres);
            assert_eq!(parameters(&tokens), expected, "{list}");
        }
        for (list, expected) in [
            ("FUNCTION = f, LEFTARG = int, RIGHTARG = app.x", "integer, app.x"),
            ("procedure = f, rightarg = int8", "NONE, bigint"),
            ("int, text", "integer, text"),
        ] {
            let tokens = significant(list, Dialect::Postgres);
            assert_eq!(operands(&tokens), expected, "{list}");
        }
    }
}
