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
    let outer = outer(tokens);
    if let [first, last] = outer.as_slice()
        && tokens[*first].is_word("case")
        && tokens[*last].is_word("end")
    {
        return Some(of_case(tokens));
    }
    let is_operator = |at: &usize| {
        let token = &tokens[*at];
        let signs = ["::", ".", "(", ")", "[", "]", ","];
        let is_sign = token.kind == TokenKind::Symbol && !signs.contains(&token.text);
        let follows_dot = at.checked_sub(1).is_some_and(|before| tokens[before].is_symbol("."));
        is_sign || (!follows_dot && OPERATORS.iter().any(|word| token.is_word(word)))
    };
    let operators: Vec<&Token<'_>> =
        outer.iter().filter(|at| is_operator(at)).map(|at| &tokens[*at]).collect();
    if !operators.is_empty() {
        return of_operator(&operators, tokens);
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
    if let Some(at) = outer.iter().rfind(|at| tokens[**at].is_symbol("::")) {
        return of_cast(&tokens[..*at], &tokens[at + 1..]);
    }
    // The type of a typed literal stands in front of it: `date '2020-01-01'`.
    let first = outer.iter().find(|at| tokens[**at].kind == TokenKind::String);
    match first {
        Some(0) => tokens[0].text.starts_with(['n', 'N']).then(|| Label::weak("bpchar")),
        Some(at) => type_name(&tokens[..*at]).map(Label::weak),
        None => of_primary(tokens),
    }
}

/// Returns the name of an expression with operators. PostgreSQL's grammar turns two of them into calls.
fn of_operator(operators: &[&Token<'_>], tokens: &[Token<'_>]) -> Option<Label> {
    let is_logic = |token: &&Token<'_>| ["and", "or", "not"].iter().any(|word| token.is_word(word));
    let is_test = tokens.last().is_some_and(|last| last.is_word("normalized"));
    match operators {
        [only] if only.is_word("overlaps") => Some(Label::strong("overlaps")),
        [.., last] if last.is_word("is") && is_test && !operators.iter().any(is_logic) => {
            Some(Label::strong("is_normalized"))
        }
        _ => None,
    }
}

/// Returns the places of the tokens that stand in no brackets. The brackets themselves, and the first and last
/// word of a CASE, are among them.
fn outer(tokens: &[Token<'_>]) -> Vec<usize> {
    let mut depth = 0_usize;
    let mut found = Vec::new();
    let mut is_field = false;
    for (at, token) in tokens.iter().enumerate() {
        let is = |symbols: [&str; 2], word: &str| {
            symbols.iter().any(|own| token.is_symbol(own)) || (token.is_word(word) && !is_field)
        };
        if is([")", "]"], "end") {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 {
            found.push(at);
        }
        if is(["(", "["], "case") {
            depth += 1;
        }
        is_field = token.is_symbol(".");
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
    let mut found = None;
    let mut rest = tokens;
    if rest.first()?.is_symbol("(") {
        let behind = behind_brackets(rest)?;
        found = label(&rest[1..rest.len() - behind.len() - 1]);
        rest = behind;
    }
    while let Some((first, behind)) = rest.split_first() {
        if first.is_symbol(".") {
            rest = behind;
        } else if first.is_symbol("[") {
            rest = behind_brackets(rest)?;
        } else if first.is_symbol("(") {
            let behind = behind_brackets(rest)?;
            let arguments = &rest[1..rest.len() - behind.len() - 1];
            found = of_call(found?.name, arguments);
            rest = behind;
        } else if first.is_word("array") && behind.first().is_some_and(|next| next.is_symbol("[")) {
            return Some(Label::strong("array"));
        } else if ["null", "true", "false"].iter().any(|word| first.is_word(word)) {
            return None;
        } else {
            found = Some(Label::strong(first.identifier()?));
            rest = behind;
        }
    }
    found
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
        "treat" => {
            let places = outer(arguments);
            let at = *places.iter().rfind(|at| arguments[**at].is_word("as"))?;
            Label::strong(type_name(&arguments[at + 1..])?)
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
        ["float", ..] if is_short_float(tokens) => "float4",
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

/// Returns true for `float(n)` with so few binary digits that it is `real`.
fn is_short_float(tokens: &[Token<'_>]) -> bool {
    let digits = tokens.iter().find(|token| token.kind == TokenKind::Number);
    digits.and_then(|token| token.text.parse::<u32>().ok()).is_some_and(|digits| digits < 25)
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
        ] {
            assert_eq!(expression_label(expression), expected, "{expression}");
        }
    }

    #[test]
    fn forms_of_the_grammar_have_names_of_their_own() {
        for (expression, expected) in [
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
            ("(f(a))[1]", "f"),
            ("('{1}'::int[])[1]", "int4"),
            ("(array[b])[1]", "array"),
            ("case when b > 1 then 'x' end::text", "text"),
            ("case when b > 1 then 'x' end || case when c then 'y' end", "expr"),
            ("(case when b > 1 then a else 'x' end) collate \"C\"", "case"),
            ("date '2020-01-01'", "date"),
            ("timestamp(3) with time zone '2020-01-01'", "timestamptz"),
            ("interval '1' year", "interval"),
            ("app.mood 'ok'", "mood"),
            ("date '2020-01-01'::text", "text"),
            ("lower(text 'X')", "lower"),
            ("e'x'", "expr"),
            ("n'x'", "bpchar"),
            ("true", "expr"),
            ("null::text", "text"),
            ("(xpath('/a', x))[1]::text", "xpath"),
            ("(j['a'])::text", "j"),
            ("treat(b as numeric)", "numeric"),
            ("a is nfc normalized", "is_normalized"),
            ("a is not normalized", "expr"),
            ("(a, b) overlaps (c, d)", "overlaps"),
            ("(a || '1')::float(24)", "float4"),
            ("'x'", "expr"),
            ("", "expr"),
            ("(", "expr"),
        ] {
            assert_eq!(expression_label(expression), expected, "{expression}");
        }
    }
}
