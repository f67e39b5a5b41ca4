//! Labels of enum types in texts that the server keeps as trees.

use aludel_schema::QualifiedName;

use crate::dialect::Dialect;
use crate::lexer::tokens;
use crate::token::{Token, TokenKind};

/// Replaces a label of an enum type in the literals of the type and of its arrays. PostgreSQL prints such
/// a constant as a literal with a cast, such as `'open'::state` or `'{open,done}'::state[]`. A literal of
/// another type that is the same word stays, and so does the code in a string.
///
/// ```
/// use aludel_dialect::{Dialect, rename_label_literal};
/// use aludel_schema::QualifiedName;
///
/// let text = "state = 'open'::state AND kind = 'open'::text";
/// let of = QualifiedName::unqualified("state");
/// assert_eq!(
///     rename_label_literal(text, &of, "open", "new", Dialect::Postgres),
///     "state = 'new'::state AND kind = 'open'::text",
/// );
/// ```
pub fn rename_label_literal(
    text: &str,
    of: &QualifiedName,
    from: &str,
    to: &str,
    dialect: Dialect,
) -> String {
    let name = dialect.quote_name(of);
    let name: Vec<&str> = tokens(&name, dialect).map(|token| token.text).collect();
    let all: Vec<Token<'_>> = tokens(text, dialect).collect();
    let mut out = String::with_capacity(text.len());
    for (at, token) in all.iter().enumerate() {
        let cast = all.get(at + 1..).and_then(|behind| cast(behind, &name));
        let renamed = match cast {
            Some(Cast::Label) if token.text == dialect.literal(from) => Some(dialect.literal(to)),
            Some(Cast::Array) if token.kind == TokenKind::String => in_array(token.text, from, to),
            Some(Cast::Label | Cast::Array) | None => None,
        };
        out.push_str(renamed.as_deref().unwrap_or(token.text));
    }
    out
}

/// The type that a literal is cast to.
enum Cast {
    Label,
    Array,
}

/// Returns the cast that tokens begin with, if it is one to the type of the name or to arrays of it.
fn cast(tokens: &[Token<'_>], name: &[&str]) -> Option<Cast> {
    let rest = tokens.split_first().filter(|(first, _)| first.is_symbol("::"))?.1;
    let (own, rest) = rest.split_at_checked(name.len())?;
    let is_it = own.iter().map(|token| token.text).eq(name.iter().copied());
    let is_symbol = |symbol: &str| rest.first().is_some_and(|token| token.is_symbol(symbol));
    match (is_it && !is_symbol("."), is_symbol("[")) {
        (false, _) => None,
        (true, true) => Some(Cast::Array),
        (true, false) => Some(Cast::Label),
    }
}

/// Replaces the elements of an array literal that are the label. Returns nothing if there is none.
fn in_array(literal: &str, from: &str, to: &str) -> Option<String> {
    let [from, to] = [from, to].map(|label| element(label).replace('\'', "''"));
    let mut out = String::with_capacity(literal.len());
    let (mut own, mut is_quoted, mut is_escaped, mut is_found) =
        (String::new(), false, false, false);
    for character in literal.chars() {
        let ends = !is_quoted && matches!(character, '{' | '}' | ',');
        if !ends {
            own.push(character);
            is_quoted ^= character == '"' && !is_escaped;
            is_escaped = character == '\\' && !is_escaped;
            continue;
        }
        is_found |= own == from;
        out.push_str(if own == from { &to } else { &own });
        out.push(character);
        own.clear();
    }
    out.push_str(&own);
    is_found.then_some(out)
}

/// Returns an element of an array as `array_out` prints it.
fn element(label: &str) -> String {
    let is_special = |c: char| c.is_ascii_whitespace() || matches!(c, '{' | '}' | ',' | '"' | '\\');
    let is_quoted =
        label.is_empty() || label.contains(is_special) || label.eq_ignore_ascii_case("null");
    match is_quoted {
        true => format!("\"{}\"", label.replace('\\', "\\\\").replace('"', "\\\"")),
        false => label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_renamed_in_literals_of_the_type() {
        let plain = QualifiedName::unqualified("st");
        let odd = QualifiedName::new(Some("App".to_owned()), "st");
        for (of, text, expected) in [
            (&plain, "s = 'new'::st", "s = 'old one'::st"),
            (&plain, "s = 'new'::st2 OR s = 'new'::st.x", "s = 'new'::st2 OR s = 'new'::st.x"),
            (&plain, "s = 'new'::app.st", "s = 'new'::app.st"),
            (&odd, "s = 'new'::\"App\".st", "s = 'old one'::\"App\".st"),
            (&plain, "ARRAY['new'::st, 'x'::st]", "ARRAY['old one'::st, 'x'::st]"),
            (
                &plain,
                "'{new,\"a \\\"new\",{news,new}}'::st[]",
                "'{\"old one\",\"a \\\"new\",{news,\"old one\"}}'::st[]",
            ),
            (&plain, "'{new}'::text[]", "'{new}'::text[]"),
            (
                &plain,
                "AS $function$ SELECT 'new'::st $function$",
                "AS $function$ SELECT 'new'::st $function$",
            ),
        ] {
            assert_eq!(
                rename_label_literal(text, of, "new", "old one", Dialect::Postgres),
                expected
            );
        }
        assert_eq!(
            rename_label_literal(
                "'{\"it''s\",b}'::st[] = 'it''s'::st",
                &plain,
                "it's",
                "b'",
                Dialect::Postgres
            ),
            "'{\"it''s\",b}'::st[] = 'b'''::st",
            "a label that needs no quotes in an array is not quoted there"
        );
    }
}
