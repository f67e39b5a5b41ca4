//! Analysis of SQL expressions by their tokens alone.

use crate::dialect::Dialect;
use crate::lexer::{Token, TokenKind, significant, tokens};

/// Returns true if `column` is one of the identifiers in `expression`.
pub fn mentions(expression: &str, column: &str, dialect: Dialect) -> bool {
    significant(expression, dialect)
        .iter()
        .any(|token| token.identifier().as_deref() == Some(column))
}

/// Returns the columns of `columns` that are identifiers in `expression`, in the order of
/// `columns`.
pub fn name_columns<'a>(
    expression: &str,
    columns: impl Iterator<Item = &'a str>,
    dialect: Dialect,
) -> Vec<&'a str> {
    let tokens = significant(expression, dialect);
    columns
        .filter(|column| tokens.iter().any(|token| token.identifier().as_deref() == Some(*column)))
        .collect()
}

/// Returns the tokens of an expression with one space between them, keywords and plain identifiers
/// in lower case, without redundant quotes and without parentheses around the whole.
///
/// Expressions with equal normal forms have the same meaning. The converse does not hold.
pub fn normal_form(expression: &str, dialect: Dialect) -> String {
    let tokens = significant(expression, dialect);
    let mut tokens = tokens.as_slice();
    while let Some(inner) = strip_parentheses(tokens) {
        tokens = inner;
    }
    let words: Vec<String> = tokens.iter().map(|token| normal_token(token, dialect)).collect();
    words.join(" ")
}

/// Removes the parentheses that enclose the whole of `expression`.
pub fn without_parentheses(expression: &str, dialect: Dialect) -> &str {
    let tokens = significant(expression, dialect);
    let mut inner = tokens.as_slice();
    while let Some(stripped) = strip_parentheses(inner) {
        inner = stripped;
    }
    match (inner.first(), inner.last()) {
        (Some(first), Some(last)) if inner.len() < tokens.len() => {
            &expression[first.start..last.end()]
        }
        _ => expression.trim(),
    }
}

/// Renders an expression as an index key: in parentheses, except for a function call, which needs
/// none.
pub(crate) fn as_index_key(expression: &str, dialect: Dialect) -> String {
    let tokens = significant(expression, dialect);
    let is_call = match tokens.as_slice() {
        [name, arguments @ ..]
            if name.kind == TokenKind::Word
                && dialect.quote(&name.text.to_ascii_lowercase())
                    == name.text.to_ascii_lowercase() =>
        {
            strip_parentheses(arguments).is_some()
        }
        _ => false,
    };
    if is_call { expression.to_owned() } else { format!("({expression})") }
}

fn normal_token(token: &Token<'_>, dialect: Dialect) -> String {
    match token.kind {
        TokenKind::Word => token.text.to_ascii_lowercase(),
        TokenKind::Quoted => dialect.quote(&token.identifier().unwrap_or_default()),
        _ => token.text.to_owned(),
    }
}

/// Returns the tokens inside, if one pair of parentheses encloses all tokens.
fn strip_parentheses<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    let (first, rest) = tokens.split_first()?;
    let (last, inner) = rest.split_last()?;
    if !first.is_symbol("(") || !last.is_symbol(")") {
        return None;
    }
    let mut depth = 0_usize;
    for token in inner {
        match token.text {
            "(" if token.kind == TokenKind::Symbol => depth += 1,
            ")" if token.kind == TokenKind::Symbol => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    Some(inner)
}

/// The old and the new name of a column.
#[derive(Clone, Copy, Debug)]
pub struct Rename<'a> {
    /// The old name.
    pub from: &'a str,
    /// The new name.
    pub to: &'a str,
}

/// Replaces the identifiers in `expression` that a rename affects.
pub fn rename_columns(expression: &str, renames: &[Rename<'_>], dialect: Dialect) -> String {
    let mut out = String::with_capacity(expression.len());
    for token in tokens(expression, dialect) {
        let name = token.identifier();
        match renames.iter().find(|rename| Some(rename.from) == name.as_deref()) {
            Some(rename) => out.push_str(&dialect.quote(rename.to)),
            None => out.push_str(token.text),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_forms_ignore_spelling() {
        for (a, b) in [
            ("(A > 0)", "a>0"),
            ("((lower( \"name\" )))", "LOWER(name)"),
            ("(a) = (b)", "(a) = (b)"),
        ] {
            assert_eq!(normal_form(a, Dialect::Sqlite), normal_form(b, Dialect::Sqlite), "{a} {b}");
        }
        assert_ne!(normal_form("'A'", Dialect::Sqlite), normal_form("'a'", Dialect::Sqlite));
        assert_ne!(normal_form("\"A\"", Dialect::Sqlite), normal_form("a", Dialect::Sqlite));
    }

    #[test]
    fn a_string_does_not_mention_a_column() {
        assert!(mentions("lower(Title) = 'x'", "title", Dialect::Postgres));
        assert!(!mentions("'title' = x", "title", Dialect::Postgres));
    }
}
