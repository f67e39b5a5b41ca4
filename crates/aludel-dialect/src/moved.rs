//! Names of objects that move to another schema, in texts that name them.

use aludel_schema::QualifiedName;

use crate::dialect::Dialect;
use crate::lexer::tokens;
use crate::token::{Token, TokenKind};

/// The places of a text in which a name without a schema is that of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedAs {
    /// Behind `::`. Elsewhere in an expression it is a column.
    CastType,
    /// Behind `COLLATE`.
    Collation,
    /// Before a parenthesis, or behind an equals sign.
    Routine,
    /// Behind a word such as `FROM`, a comma or a parenthesis.
    Relation,
    /// The type in a declaration such as that of a parameter, which may have the name of its type.
    Declared,
    /// Anywhere.
    Anything,
}

/// Replaces the name of an object that moves to another schema. A name without a schema is that of
/// the object in the places of `named_as`, unless it qualifies another name.
pub fn move_names(
    text: &str,
    from: &QualifiedName,
    to: &QualifiedName,
    named_as: NamedAs,
    dialect: Dialect,
) -> String {
    let all: Vec<Token<'_>> = tokens(text, dialect).collect();
    let name = dialect.quote_name(to);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(token) = all.get(at) {
        let length = match &from.schema {
            Some(schema) => is_qualified(&all, at, schema, &from.name).then_some(3),
            None => is_plain(&all, at, &from.name, named_as).then_some(1),
        };
        out.push_str(if length.is_some() { &name } else { token.text });
        at += length.unwrap_or(1);
    }
    out
}

fn is_name(token: Option<&Token<'_>>, wanted: &str) -> bool {
    token.and_then(Token::identifier).as_deref() == Some(wanted)
}

fn is_dot(token: Option<&Token<'_>>) -> bool {
    token.is_some_and(|token| token.is_symbol("."))
}

/// Returns true if `schema.name` begins at a token.
fn is_qualified(all: &[Token<'_>], at: usize, schema: &str, name: &str) -> bool {
    !is_dot(at.checked_sub(1).and_then(|at| all.get(at)))
        && is_name(all.get(at), schema)
        && is_dot(all.get(at + 1))
        && is_name(all.get(at + 2), name)
}

/// Returns true if a token is the name, in one of the places.
fn is_plain(all: &[Token<'_>], at: usize, name: &str, named_as: NamedAs) -> bool {
    let is_word = |token: &&Token<'_>| token.kind != TokenKind::Space;
    let before = all.iter().take(at).rev().find(is_word);
    let after = all.iter().skip(at + 1).find(is_word);
    if !is_name(all.get(at), name) || is_dot(before) || is_dot(after) {
        return false;
    }
    let follows = |symbols: &[&str]| {
        before.is_some_and(|before| symbols.iter().any(|symbol| before.is_symbol(symbol)))
    };
    match named_as {
        NamedAs::CastType => follows(&["::"]),
        NamedAs::Collation => before.is_some_and(|before| before.is_word("COLLATE")),
        NamedAs::Routine => after.is_some_and(|next| next.is_symbol("(")) || follows(&["="]),
        NamedAs::Relation => {
            const WORDS: [&str; 9] =
                ["FROM", "JOIN", "ONLY", "INTO", "UPDATE", "ON", "OF", "LIKE", "TABLE"];
            let word = |before: &Token<'_>| WORDS.iter().any(|word| before.is_word(word));
            before.is_none_or(word) || follows(&[",", "(", "::"])
        }
        NamedAs::Declared => {
            const MODES: [&str; 4] = ["IN", "OUT", "INOUT", "VARIADIC"];
            let mode = |before: &Token<'_>| MODES.iter().any(|word| before.is_word(word));
            let begins = before.is_none_or(mode) || follows(&["(", ","]);
            let is_of_type =
                |next: &Token<'_>| next.identifier().is_some() && !next.is_word("DEFAULT");
            let is_parameter = begins && after.is_some_and(is_of_type);
            let is_call = after.is_some_and(|next| next.is_symbol("(")) && !follows(&["::"]);
            !is_parameter && !is_call
        }
        NamedAs::Anything => true,
    }
}

/// Returns the length of what comes before the code in the text of a routine: its parameters, its result and its
/// properties. The code is a string behind AS, or statements that the server keeps as trees.
pub fn declaration_length(routine: &str, dialect: Dialect) -> usize {
    let mut depth = 0_usize;
    for token in tokens(routine, dialect) {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            _ if ["AS", "BEGIN", "RETURN"].iter().any(|word| token.is_word(word)) => {
                return token.start;
            }
            _ => {}
        }
    }
    routine.len()
}

#[cfg(test)]
mod tests {
    use super::{NamedAs, declaration_length, move_names};
    use crate::dialect::Dialect;
    use aludel_schema::QualifiedName;

    #[test]
    fn names_follow_where_they_are_names_of_the_object() {
        use NamedAs::{Anything, CastType, Collation, Declared, Relation, Routine};
        for (from, to, named_as, text, expected) in [
            ("a.x", "b.x", Anything, "SELECT x, a.x FROM a.x", "SELECT x, b.x FROM b.x"),
            (
                "a.x",
                "x",
                Anything,
                "SELECT z.a.x FROM \"a\" . x, a.x",
                "SELECT z.a.x FROM \"a\" . x, x",
            ),
            ("x", "b.x", CastType, "x = 'x'::x AND y.x <> 1", "x = 'x'::b.x AND y.x <> 1"),
            ("x", "b.x", Collation, "x = 'x' COLLATE x", "x = 'x' COLLATE b.x"),
            ("x", "b.x", Routine, "x + x(1) + c.x(1)", "x + b.x(1) + c.x(1)"),
            ("x", "b.x", Relation, "SELECT x.id FROM x JOIN y", "SELECT x.id FROM b.x JOIN y"),
            ("x", "b.x", Anything, "(one x, 'x')", "(one b.x, 'x')"),
            ("x", "b.x", Declared, "(x, x x[], OUT x x)", "(b.x, x b.x[], OUT x b.x)"),
            ("x", "b.x", Declared, "(x DEFAULT NULL::x)", "(b.x DEFAULT NULL::b.x)"),
            ("x", "b.x", Declared, "(a int DEFAULT x(1))", "(a int DEFAULT x(1))"),
            ("x", "b.x", Declared, "() RETURNS SETOF x COST 1", "() RETURNS SETOF b.x COST 1"),
            ("x", "b.x", Declared, "RETURNS TABLE(x x, y x)", "RETURNS TABLE(x b.x, y b.x)"),
            ("a.x", "b.x", Declared, "(x a.x)", "(x b.x)"),
        ] {
            let [from, to] = [from, to].map(QualifiedName::parse);
            assert_eq!(move_names(text, &from, &to, named_as, Dialect::Postgres), expected);
        }
    }

    #[test]
    fn a_declaration_ends_where_the_code_begins() {
        for (declaration, code) in [
            ("(\"as\" int) RETURNS int LANGUAGE sql\n", "AS $$ RETURN $$"),
            ("(a int DEFAULT CAST(1 AS int)) RETURNS int ", "RETURN 1 AS x"),
            ("() LANGUAGE sql ", "BEGIN ATOMIC SELECT 1 AS x; END"),
            ("(SFUNC = f, STYPE = x)", ""),
        ] {
            let text = format!("{declaration}{code}");
            assert_eq!(declaration_length(&text, Dialect::Postgres), declaration.len(), "{text}");
        }
    }
}
