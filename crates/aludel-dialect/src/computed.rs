//! Expressions that have a value in every row, as far as that can be seen without asking.

use aludel_schema::{CastContext, Column, Table};

use crate::dialect::Dialect;
use crate::expression::without_parentheses;
use crate::lexer::significant;
use crate::postgres::retype::conversion::{Retyping, conversion};
use crate::token::{Token, TokenKind};

/// The functions of PostgreSQL that give a value, or NULL, for whatever they get.
const TOTAL: &[&str] = &[
    "array_length",
    "array_to_string",
    "ascii",
    "btrim",
    "cardinality",
    "char_length",
    "coalesce",
    "concat",
    "concat_ws",
    "daterange",
    "extract",
    "greatest",
    "initcap",
    "jsonb_extract_path",
    "jsonb_extract_path_text",
    "jsonb_typeof",
    "least",
    "left",
    "length",
    "lower",
    "ltrim",
    "md5",
    "nullif",
    "octet_length",
    "position",
    "replace",
    "reverse",
    "right",
    "rtrim",
    "setweight",
    "starts_with",
    "strpos",
    "substr",
    "substring",
    "to_tsvector",
    "translate",
    "trim",
    "upper",
];

/// The signs of PostgreSQL that do so too, for the types to which they are usually applied.
const TOTAL_SIGNS: &[&str] = &[
    "(", ")", "[", "]", ",", ".", "||", "=", "<>", "!=", "<", ">", "<=", ">=", "->", "->>", "#>",
    "#>>", "@>", "<@", "?", "&&", "::",
];

/// The words before a parenthesis that call nothing.
const KEYWORDS: &[&str] = &["and", "or", "not", "case", "when", "then", "else", "in", "any", "all"];

impl Dialect {
    /// Returns true if the server is known to compute a generated column of a table in every row. False says
    /// nothing.
    pub fn always_computes(self, column: &Column, table: &Table) -> bool {
        let Some(generated) = &column.generated else { return true };
        let text = without_parentheses(generated.expression.spelling(), self);
        match self {
            Self::Postgres => {
                let tokens = significant(text, self);
                let (sql_type, is_cut) = (column.sql_type.spelling(), has_limit(column));
                match tokens.as_slice() {
                    [name] => match name.identifier().and_then(|name| table.column(&name)) {
                        Some(read) => takes_all(read.sql_type.spelling(), sql_type),
                        None => true,
                    },
                    tokens => !is_cut && is_total(tokens),
                }
            }
            // A number that is too large becomes a float there, and the quotient of zero NULL.
            Self::Sqlite => true,
        }
    }

    /// Returns true if each value of one type can be assigned to a column of another one. False says nothing.
    pub fn takes_all(self, from: &str, to: &str) -> bool {
        match self {
            Self::Postgres => takes_all(from, to),
            Self::Sqlite => true,
        }
    }
}

/// Returns true if values can be too large for a type, as `varchar(3)` and `numeric(5,1)`.
fn has_limit(column: &Column) -> bool {
    column.sql_type.spelling().contains('(')
}

fn takes_all(from: &str, to: &str) -> bool {
    let cast = Some(CastContext::Assignment);
    let found = conversion(&Retyping { column: "", from, to, cast });
    from == to || (!found.is_missing && found.effects.refusal().is_none())
}

/// Returns true if an expression consists of what has a value in every row. Only literals, which are known to
/// have their types, and texts are cast.
fn is_total(tokens: &[Token<'_>]) -> bool {
    let at = |at: Option<usize>| at.and_then(|at| tokens.get(at));
    tokens.iter().enumerate().all(|(place, token)| match token.kind {
        TokenKind::Symbol if token.text == "::" => {
            let is_literal = at(place.checked_sub(1))
                .is_some_and(|own| matches!(own.kind, TokenKind::String | TokenKind::Number));
            is_literal || is_text(&tokens[place + 1..])
        }
        TokenKind::Symbol => TOTAL_SIGNS.contains(&token.text),
        TokenKind::Word | TokenKind::Quoted => {
            let is_called = at(Some(place + 1)).is_some_and(|next| next.is_symbol("("));
            let is_type = at(place.checked_sub(1)).is_some_and(|own| own.is_symbol("::"));
            let is_one_of = |words: &[&str]| words.iter().any(|word| token.is_word(word));
            !is_called || is_type || is_one_of(TOTAL) || is_one_of(KEYWORDS)
        }
        TokenKind::String | TokenKind::Number => true,
        TokenKind::Comment | TokenKind::Space | TokenKind::Data => true,
    })
}

/// Returns true if the tokens begin with the name of a type that takes each value as its text.
fn is_text(tokens: &[Token<'_>]) -> bool {
    match tokens {
        [name, ..] if name.is_word("text") => true,
        [name, varying, rest @ ..] if name.is_word("character") && varying.is_word("varying") => {
            !rest.first().is_some_and(|next| next.is_symbol("("))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use aludel_schema::{Generated, QualifiedName, SqlText};

    use super::*;

    fn computes(expression: &str, sql_type: &str) -> bool {
        let mut table = Table::new(QualifiedName::unqualified("t"));
        table.columns = vec![
            Column::new("a", "integer"),
            Column::new("b", "bigint"),
            Column::new("c", "text"),
            Column::new("d", "character varying(5)"),
        ];
        let mut column = Column::new("g", sql_type);
        let expression = SqlText::new(expression);
        column.generated = Some(Box::new(Generated { expression, stored: true }));
        Dialect::Postgres.always_computes(&column, &table)
    }

    #[test]
    fn texts_and_comparisons_always_have_a_value() {
        for (expression, sql_type) in [
            ("(a)", "integer"),
            ("a", "bigint"),
            ("d", "character varying(9)"),
            ("lower(c)", "text"),
            ("((lower(c) || ' '::text) || (a)::text)", "text"),
            (
                "setweight(to_tsvector('english'::regconfig, COALESCE(c, ''::text)), 'A'::\"char\")",
                "tsvector",
            ),
            ("(a > 3) AND (c IS NOT NULL)", "boolean"),
            ("CASE WHEN (a = 1) THEN 'x'::text ELSE c END", "text"),
            ("c", "text"),
        ] {
            assert!(computes(expression, sql_type), "{expression}");
        }
    }

    #[test]
    fn numbers_and_conversions_may_not() {
        for (expression, sql_type) in [
            ("b", "integer"),
            ("c", "character varying(3)"),
            ("lower(c)", "character varying(9)"),
            ("a * 2", "integer"),
            ("(10 / a)", "integer"),
            ("(c)::integer", "integer"),
            ("app.price(a)", "integer"),
            ("(c)::character varying(3)", "text"),
            ("- a", "integer"),
        ] {
            assert!(!computes(expression, sql_type), "{expression}");
        }
    }
}
