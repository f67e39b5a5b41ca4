//! Comments between the parts of a CREATE TABLE statement, and in them. Those in expressions are a part of these.

use aludel_schema::{Remarks, Table};

use crate::dialect::Dialect::Sqlite;
use crate::lexer::tokens;
use crate::token::{Token, TokenKind};

/// A part of the body of a CREATE TABLE statement.
#[derive(Clone, Copy, Debug)]
pub(super) struct TablePart {
    pub(super) of: PartOf,
    /// The offset of its first byte.
    pub(super) start: usize,
    /// The offset behind its last byte.
    pub(super) end: usize,
}

/// The declaration that a part of a statement makes, by its number in the table.
#[derive(Clone, Copy, Debug)]
pub(super) enum PartOf {
    Column(usize),
    Constraint(usize),
}

/// Gives the parts of a table the comments of its statement.
pub(super) fn keep(source: &str, parts: &[TablePart], table: &mut Table) {
    let mut inside = Inside::default();
    for token in tokens(source, Sqlite) {
        let behind = parts.iter().rposition(|part| part.start <= token.start);
        let own = behind.and_then(|at| Some((at, parts.get(at)?)));
        if own.is_none_or(|(_, part)| token.start >= part.end) {
            inside = Inside::default();
        }
        if token.kind != TokenKind::Comment {
            inside.follow(&token);
            continue;
        }
        let text = text(&token);
        let next = parts.get(behind.map_or(0, |at| at + 1));
        match own {
            Some((_, part)) if token.start < part.end => {
                if !inside.is_expression() && !is_in_type(table, part.of, token.text) {
                    remarks(table, part.of).add_behind(text);
                }
            }
            Some((_, part)) if next.is_none_or(|next| is_near(source, part, &token, next)) => {
                remarks(table, part.of).add_behind(text);
            }
            _ => {
                if let Some(next) = next {
                    remarks(table, next.of).add_above(text);
                }
            }
        }
    }
}

/// Returns the text of a comment. One that would be a directive in a revision gets another form.
fn text(comment: &Token<'_>) -> String {
    let text = comment.text.trim_end();
    match text.strip_prefix("--") {
        Some(inner) if comment.directive().is_some() && !inner.contains("*/") => {
            format!("/*{inner} */")
        }
        _ => text.to_owned(),
    }
}

/// Returns true if a comment between two parts is about the first one: it stands before the comma, or ends the line.
fn is_near(source: &str, part: &TablePart, comment: &Token<'_>, next: &TablePart) -> bool {
    let between = |from: usize, to: usize| source.get(from..to).unwrap_or_default();
    let before = between(part.end, comment.start);
    let is_comma = |token: Token<'_>| token.is_symbol(",");
    !tokens(before, Sqlite).any(is_comma)
        || (!before.contains('\n') && between(comment.end(), next.start).contains('\n'))
        || (!before.contains('\n') && comment.text.ends_with('\n'))
}

/// Returns true if a comment is a part of a column's type, as which the database reads it.
fn is_in_type(table: &Table, of: PartOf, comment: &str) -> bool {
    match of {
        PartOf::Column(at) => table.columns[at].sql_type.written.contains(comment),
        PartOf::Constraint(_) => false,
    }
}

fn remarks(table: &mut Table, of: PartOf) -> &mut Remarks {
    match of {
        PartOf::Column(at) => &mut table.columns[at].remarks,
        PartOf::Constraint(at) => &mut table.constraints[at].remarks,
    }
}

/// The place in a part, by the parentheses that are open.
#[derive(Default)]
struct Inside {
    depth: usize,
    /// True if the last word begins an expression.
    begins: bool,
    /// The depth outside of the expression.
    expression: Option<usize>,
}

impl Inside {
    fn is_expression(&self) -> bool {
        self.expression.is_some()
    }

    fn follow(&mut self, token: &Token<'_>) {
        if token.is_symbol("(") {
            if self.begins && self.expression.is_none() {
                self.expression = Some(self.depth);
            }
            self.depth += 1;
        } else if token.is_symbol(")") {
            self.depth = self.depth.saturating_sub(1);
            self.expression.take_if(|outside| *outside == self.depth);
        }
        if token.is_significant() {
            self.begins = ["check", "as", "default"].iter().any(|word| token.is_word(word));
        }
    }
}
