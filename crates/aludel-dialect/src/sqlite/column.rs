//! Columns.

use std::fmt::Write as _;

use aludel_schema::{Column, Constraint, ObjectId, QualifiedName, SqlText};

use super::clause::collate;
use super::constraint;
use crate::dialect::Dialect::Sqlite;
use crate::expression::{in_parentheses, without_comments, without_parentheses};
use crate::hazard::Hazard;
use crate::lexer::significant;
use crate::step::Rendered;
use crate::token::TokenKind;

pub(super) fn add(table: &QualifiedName, column: &Column, own: &[Constraint]) -> Rendered {
    let (table, column) = (Sqlite.quote(&table.name), definition(column, None));
    let own: String = own.iter().map(|own| format!(" {}", constraint::of_column(own))).collect();
    Rendered::statement(format!("ALTER TABLE {table} ADD COLUMN {column}{own}"))
}

pub(super) fn drop(table: &QualifiedName, column: &Column) -> Rendered {
    let columns = vec![ObjectId::column(table, column.name.as_str())];
    let lost = column.generated.is_none().then_some(Hazard::DropsValues { columns });
    let (table, column) = (Sqlite.quote(&table.name), Sqlite.quote(&column.name));
    Rendered::statement(format!("ALTER TABLE {table} DROP COLUMN {column}")).hazards(lost)
}

/// Renders a column for CREATE TABLE and ADD COLUMN.
pub(super) fn definition(column: &Column, key: Option<&Constraint>) -> String {
    let mut sql = Sqlite.quote(&column.name);
    if !column.sql_type.written.is_empty() {
        let _ = write!(sql, " {}", column.sql_type);
    }
    if !column.nullable && !column.not_null.as_ref().is_some_and(|own| own.unsaid) {
        sql.push_str(" NOT NULL");
    }
    if let Some(key) = key {
        let name = key.name.as_ref().map(|n| format!(" CONSTRAINT {}", Sqlite.quote(n)));
        let _ = write!(sql, "{} PRIMARY KEY AUTOINCREMENT", name.unwrap_or_default());
    }
    if let Some(default) = &column.default {
        let _ = write!(sql, " DEFAULT {}", default_value(default));
    }
    sql.push_str(&collate(column.collation.as_ref()));
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        let _ = write!(
            sql,
            " GENERATED ALWAYS AS {} {kind}",
            in_parentheses(&generated.expression.written, Sqlite)
        );
    }
    sql
}

/// Renders a default: a literal as it is, any other expression, and one with comments around it, in the
/// parentheses that the grammar requires.
pub(super) fn default_value(default: &SqlText) -> String {
    let written = default.written.trim();
    let is_bare = without_comments(written, Sqlite) == written;
    match is_bare && is_literal(written) {
        true => written.to_owned(),
        false => in_parentheses(without_parentheses(written, Sqlite), Sqlite),
    }
}

/// Returns true if the default is a literal or one of the keywords that need no parentheses.
pub(super) fn is_literal(expression: &str) -> bool {
    let tokens = significant(expression, Sqlite);
    match tokens.as_slice() {
        [one] if one.kind == TokenKind::Word => {
            ["null", "true", "false"].iter().any(|word| one.is_word(word)) || is_clock(expression)
        }
        [one] => matches!(one.kind, TokenKind::String | TokenKind::Number),
        [sign, number] => {
            (sign.is_symbol("-") || sign.is_symbol("+")) && number.kind == TokenKind::Number
        }
        _ => false,
    }
}

/// Returns true for `CURRENT_TIMESTAMP` and similar keywords, which need no parentheses but are not
/// constant.
pub(super) fn is_clock(expression: &str) -> bool {
    let words = ["current_timestamp", "current_date", "current_time"];
    words.iter().any(|word| expression.trim().eq_ignore_ascii_case(word))
}
