//! The search path that a function sets for its own code, as in `SET search_path TO app, pg_temp`.

use aludel_dialect::{Dialect, Token, TokenKind};

/// The schemas of a search path in a statement.
pub(super) struct SearchPath<'t> {
    /// The schemas, as they are written.
    schemas: Vec<&'t str>,
    /// The place of the first token behind the last schema.
    pub(super) end: usize,
}

impl<'t> SearchPath<'t> {
    /// Returns the search path whose first schema is at a place of the tokens of a statement.
    pub(super) fn at(all: &[Token<'t>], first: usize) -> Option<Self> {
        let mut before = all[..first].iter().rev().filter(|token| token.is_significant());
        let is_set = before.next().is_some_and(|token| token.is_symbol("=") || token.is_word("TO"))
            && before.next().is_some_and(|token| token.is_word("search_path"))
            && before.next().is_some_and(|token| token.is_word("SET"));
        if !is_set || !all.get(first)?.is_significant() {
            return None;
        }
        let mut path = Self { schemas: Vec::new(), end: first };
        let significant = all.iter().enumerate().skip(first).filter(|(_, t)| t.is_significant());
        let mut is_next = true;
        for (at, token) in significant {
            let is_schema = token.kind == TokenKind::String || token.identifier().is_some();
            match (is_next, is_schema) {
                (true, true) => {
                    path.schemas.push(token.text);
                    path.end = at + 1;
                }
                (false, _) if token.is_symbol(",") => {}
                (true | false, _) => break,
            }
            is_next = !is_next;
        }
        (!path.schemas.is_empty()).then_some(path)
    }

    /// Returns the path with the schemas of a scratch, each before the one that it stands for.
    pub(super) fn there(
        &self,
        stand_in: impl Fn(&str) -> Option<String>,
        dialect: Dialect,
    ) -> String {
        let both = self.schemas.iter().flat_map(|written| {
            let stand_in = stand_in(&name(written, dialect));
            let stand_in = stand_in.map(|schema| dialect.quote(&schema));
            stand_in.into_iter().chain([(*written).to_owned()])
        });
        both.collect::<Vec<String>>().join(", ")
    }
}

/// Returns the name of a schema that is written as a word, in double quotes or as a string.
fn name(written: &str, dialect: Dialect) -> String {
    match written.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        Some(text) => text.replace("''", "'"),
        None => {
            let mut tokens = aludel_dialect::significant(written, dialect).into_iter();
            tokens.next().and_then(|token| token.identifier()).unwrap_or_default()
        }
    }
}
