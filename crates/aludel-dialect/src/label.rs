//! The names that PostgreSQL gives to expressions in the names of indexes.
//!
//! The rules are those of `FigureIndexColname` in PostgreSQL's source: a column, the function of a call or
//! the field of a row gives its name, and so does what is below a cast or a collation. A cast of anything
//! else has the name of its type. Operators give none.

use crate::dialect::Dialect::Postgres as PG;
use crate::expression::strip_parentheses;
use crate::lexer::significant;
use crate::token::{Token, TokenKind};

/// A name, with its weight.
struct Label {
    name: String,
    /// True for a name that is only taken if there is no better one around it: that of a type, or `case`.
    is_weak: bool,
}

impl Label {
    fn strong(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_weak: false }
    }

    fn weak(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_weak: true }
    }
}

/// Returns the name that an expression has in the name of an index: `lower` for `lower(email)`. An
/// expression without one is `expr`.
///
/// ```
/// use aludel_dialect::expression_label;
///
/// assert_eq!(expression_label("(payload ->> 'size')::int"), "int4");
/// assert_eq!(expression_label("a || b"), "expr");
/// ```
pub fn expression_label(expression: &str) -> String {
    let label = label(&significant(expression, PG));
    label.map_or_else(|| "expr".to_owned(), |label| label.name)
}

/// Words that are operators.
const OPERATORS: [&str; 13] = [
    "and", "or", "not", "is", "isnull", "notnull", "in", "like", "ilike", "similar", "between",
    "overlaps", "operator",
];

fn label(tokens: &[Token<'_>]) -> Option<Label> {
    if let Some(inner) = strip_parentheses(tokens) {
        return label(inner);
    }
    if let [first, .., last] = tokens
        && first.is_word("case")
        && last.is_word("end")
    {
        return Some(of_case(tokens));
    }
    let outer = outer(tokens);
    let is_operator = |at: &usize| {
        let token = &tokens[*at];
        let signs = ["::", ".", "(", ")", "[", "]", ","];
        let is_sign = token.kind == TokenKind::Symbol && !signs.contains(&token.text);
        let follows_dot = at.checked_sub(1).is_some_and(|before| tokens[before].is_symbol("."));
        is_sign || (!follows_dot && OPERATORS.iter().any(|word| token.is_word(word)))
    };
    if outer.iter().any(is_operator) {
        return None;
    }
    let is_zone = |at: &usize| {
        tokens[*at].is_word("at")
            && tokens.get(at + 1).is_some_and(|next| next.is_word("time") || next.is_word("local"))
    };
    if outer.iter().any(is_zone) {
        return Some(Label::strong("timezone"));
    }
    if let Some(at) = outer.iter().rfind(|at| tokens[**at].is_word("collate")) {
        return label(&tokens[..*at]);
    }
    match outer.iter().rfind(|at| tokens[**at].is_symbol("::")) {
        Some(at) => of_cast(&tokens[..*at], &tokens[at + 1..]),
        None => of_primary(tokens),
    }
}

/// Returns the places of the tokens that stand in no brackets. The brackets themselves are among them.
fn outer(tokens: &[Token<'_>]) -> Vec<usize> {
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.is_symbol(")") || token.is_symbol("]") {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 {
            found.push(at);
        }
        if token.is_symbol("(") || token.is_symbol("[") {
            depth += 1;
        }
    }
    found
}

/// Returns the name of `CASE … ELSE value END`: that of the value, or `case`.
fn of_case(tokens: &[Token<'_>]) -> Label {
    let mut depth = 0_usize;
    let mut last = None;
    for (at, token) in tokens.iter().enumerate() {
        if token.is_word("case") {
            depth += 1;
        } else if token.is_word("end") {
            depth = depth.saturating_sub(1);
        } else if token.is_word("else") && depth == 1 {
            last = tokens.get(at + 1..tokens.len() - 1);
        }
    }
    last.and_then(label).filter(|label| !label.is_weak).unwrap_or_else(|| Label::weak("case"))
}

fn of_cast(value: &[Token<'_>], sql_type: &[Token<'_>]) -> Option<Label> {
    let own = label(value).filter(|label| !label.is_weak);
    own.or_else(|| Some(Label::weak(type_name(sql_type)?)))
}

/// Returns the name of a value without operators: a column, a call, a field or an element.
fn of_primary(tokens: &[Token<'_>]) -> Option<Label> {
    let mut name = None;
    let mut rest = tokens;
    if rest.first()?.is_symbol("(") {
        rest = behind_brackets(rest)?;
    }
    while let Some((first, behind)) = rest.split_first() {
        if first.is_symbol(".") {
            rest = behind;
        } else if first.is_symbol("[") && name.is_some() {
            rest = behind_brackets(rest)?;
        } else if first.is_symbol("(") {
            let called = name.take()?;
            let arguments = &rest[1..rest.len() - behind_brackets(rest)?.len() - 1];
            rest = behind_brackets(rest)?;
            if rest.is_empty() {
                return of_call(called, arguments);
            }
            name = Some(called);
        } else if first.is_word("array") && behind.first().is_some_and(|next| next.is_symbol("[")) {
            return Some(Label::strong("array"));
        } else {
            name = Some(first.identifier()?);
            rest = behind;
        }
    }
    name.map(Label::strong)
}

/// Returns the name of a call. Some functions have a grammar and a name of their own.
fn of_call(name: String, arguments: &[Token<'_>]) -> Option<Label> {
    let begins = |word: &str| arguments.first().is_some_and(|first| first.is_word(word));
    Some(match name.as_str() {
        "cast" => {
            let places = outer(arguments);
            let at = *places.iter().rfind(|at| arguments[**at].is_word("as"))?;
            return of_cast(&arguments[..at], &arguments[at + 1..]);
        }
        "trim" if begins("leading") => Label::strong("ltrim"),
        "trim" if begins("trailing") => Label::strong("rtrim"),
        "trim" => Label::strong("btrim"),
        _ => Label::strong(name),
    })
}

/// Returns the tokens behind the brackets that a text begins with.
fn behind_brackets<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    let end = *outer(tokens).get(1)?;
    tokens.get(end + 1..)
}

/// Returns the name of a type without its schema, as the catalogue has it.
fn type_name(tokens: &[Token<'_>]) -> Option<String> {
    let words: Vec<String> = tokens.iter().filter_map(Token::identifier).collect();
    let last_of_path = || {
        let dot = tokens.iter().rposition(|token| token.is_symbol("."))?;
        tokens.get(dot + 1)?.identifier()
    };
    if let Some(name) = last_of_path() {
        return Some(name);
    }
    let is_quoted = tokens.first().is_some_and(|first| first.text.starts_with('"'));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let name = match words.as_slice() {
        [name, ..] if is_quoted => name,
        ["smallint", ..] => "int2",
        ["int" | "integer", ..] => "int4",
        ["bigint", ..] => "int8",
        ["real", ..] => "float4",
        ["double", "precision", ..] | ["float", ..] => "float8",
        ["decimal" | "dec", ..] => "numeric",
        ["boolean", ..] => "bool",
        ["character" | "char" | "nchar" | "national", .., "varying"] | ["varchar", ..] => "varchar",
        ["character" | "char" | "nchar", ..] => "bpchar",
        ["bit", "varying", ..] => "varbit",
        ["timestamp", "with", ..] => "timestamptz",
        ["time", "with", ..] => "timetz",
        [name, ..] => name,
        [] => return None,
    };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_have_the_names_that_the_server_gives() {
        for (expression, expected) in [
            ("lower(a)", "lower"),
            ("pg_catalog.lower(a)", "lower"),
            ("\"Fn\"(a)", "Fn"),
            ("((b))", "b"),
            ("b::text", "b"),
            ("cast(b as text)", "b"),
            ("(j->>'x')::int", "int4"),
            ("(j->'x')::text", "text"),
            ("(j->>'x')::timestamp(3) with time zone", "timestamptz"),
            ("(j->>'x')::app.mood[]", "mood"),
            ("a COLLATE \"C\"", "a"),
            ("(a || b) COLLATE \"C\"", "expr"),
            ("case when b > 1 then 1 end", "case"),
            ("case when b > 1 then 1 else b end", "b"),
            ("case when b > 1 then 1 else case when c then 2 else lower(a) end end", "lower"),
            ("d at time zone 'utc'", "timezone"),
            ("array[b]", "array"),
            ("trim(a)", "btrim"),
            ("trim(leading 'x' from a)", "ltrim"),
            ("substring(a from 1 for 2)", "substring"),
            ("extract(year from d)", "extract"),
            ("lower(a)::varchar", "lower"),
            ("least(b,2)::text", "least"),
            ("nullif(a, '')", "nullif"),
            ("lower(a) || upper(a)", "expr"),
            ("a IS NULL", "expr"),
            ("a in ('x', 'y')", "expr"),
            ("b + 1", "expr"),
            ("-b", "expr"),
            ("l[1]", "l"),
            ("(r).f", "f"),
            ("(f(a)).x", "x"),
            ("'x'", "expr"),
            ("", "expr"),
            ("(", "expr"),
        ] {
            assert_eq!(expression_label(expression), expected, "{expression}");
        }
    }
}
