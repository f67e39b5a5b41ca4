//! Type names on SQLite, where any words are a type and only the affinity matters.

use crate::{Dialect, TokenKind, significant};

/// Upper case, single spaces, no space before or inside parentheses.
pub(crate) fn canonical(written: &str) -> String {
    let mut out = String::new();
    for token in significant(written, Dialect::Sqlite) {
        let symbol = token.kind == TokenKind::Symbol;
        if !out.is_empty() && !symbol && !out.ends_with(['(', ',']) {
            out.push(' ');
        }
        out.push_str(&token.text.to_ascii_uppercase());
    }
    out
}
