//! Statistics objects.

use crate::dialect::Dialect;
use crate::lexer::significant;
use crate::token::Token;

impl Dialect {
    /// Returns true if a statistics object, by its text from `ON`, computes an expression from a column. Statistics of
    /// the column itself do not.
    pub fn computes_statistics(self, text: &str, column: &str) -> bool {
        let tokens = significant(text, self);
        let on = tokens.iter().position(|token| token.is_word("ON"));
        let from = tokens.iter().rposition(|token| token.is_word("FROM"));
        let Some(items) = on.zip(from).and_then(|(on, from)| tokens.get(on + 1..from)) else {
            return false;
        };
        let mut depth = 0_usize;
        let ends = |token: &Token<'_>| {
            if token.is_symbol("(") {
                depth += 1;
            } else if token.is_symbol(")") {
                depth = depth.saturating_sub(1);
            }
            depth == 0 && token.is_symbol(",")
        };
        let mut expressions = items.split(ends).filter(|item| item.len() > 1);
        expressions.any(|item| item.iter().any(|token| token.is_name(column, self)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_told_from_columns() {
        for (text, computes) in [
            ("ON size, id FROM t", false),
            ("(ndistinct) ON id, (size + 2) FROM t", true),
            ("ON (id + 2), size FROM t", false),
            ("ON lower(size), id FROM t", true),
            ("ON (coalesce(id, size)), id FROM t", true),
        ] {
            assert_eq!(Dialect::Postgres.computes_statistics(text, "size"), computes, "{text}");
        }
    }
}
