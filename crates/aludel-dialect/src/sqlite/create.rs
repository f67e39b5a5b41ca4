//! CREATE statements of SQLite.

use std::fmt::Write as _;

use aludel_schema::{
    Action, Column, Constraint, ConstraintKind, Deferrable, Index, KeyPart, QualifiedName, SqlText,
    Table,
};

use crate::{Dialect::Sqlite, TokenKind, dialect::quoted, expression::as_index_key, significant};

/// CREATE TABLE under the name `name`, which is quoted as ALTER TABLE RENAME would leave it.
pub(super) fn create_table(table: &Table, name: &str) -> String {
    let mut lines: Vec<String> =
        table.columns.iter().map(|c| column(c, inline_key(table, c))).collect();
    lines.extend(table.constraints.iter().filter(|c| !is_inline_key(table, c)).map(constraint));
    let mut options = Vec::new();
    if table.options.without_rowid {
        options.push("WITHOUT ROWID");
    }
    if table.options.strict {
        options.push("STRICT");
    }
    let options =
        if options.is_empty() { String::new() } else { format!(" {}", options.join(", ")) };
    format!("CREATE TABLE {} (\n    {}\n){options}", quoted(name), lines.join(",\n    "))
}

/// The primary key constraint, if it has to be written at the column: AUTOINCREMENT stands there.
fn inline_key<'t>(table: &'t Table, column: &Column) -> Option<&'t Constraint> {
    column.identity.as_ref()?;
    table.constraints.iter().find(|c| is_key_of(c, &column.name))
}

fn is_inline_key(table: &Table, constraint: &Constraint) -> bool {
    table.columns.iter().any(|c| c.identity.is_some() && is_key_of(constraint, &c.name))
}

fn is_key_of(constraint: &Constraint, column: &str) -> bool {
    matches!(&constraint.kind, ConstraintKind::PrimaryKey { columns, .. } if columns == &[column])
}

/// A column as CREATE TABLE and ADD COLUMN take it.
pub(super) fn column(column: &Column, key: Option<&Constraint>) -> String {
    let mut sql = Sqlite.quote(&column.name);
    if !column.sql_type.written.is_empty() {
        let _ = write!(sql, " {}", column.sql_type);
    }
    if !column.nullable {
        sql.push_str(" NOT NULL");
    }
    if let Some(key) = key {
        let name = key.name.as_ref().map(|n| format!(" CONSTRAINT {}", Sqlite.quote(n)));
        let _ = write!(sql, "{} PRIMARY KEY AUTOINCREMENT", name.unwrap_or_default());
    }
    if let Some(default) = &column.default {
        let _ = write!(sql, " DEFAULT {}", default_value(default));
    }
    if let Some(collation) = &column.collation {
        let _ = write!(sql, " COLLATE {}", Sqlite.quote(collation));
    }
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        let _ = write!(sql, " GENERATED ALWAYS AS ({}) {kind}", generated.expression);
    }
    sql
}

/// A literal as it is, anything else in parentheses, as the grammar wants it.
pub(super) fn default_value(default: &SqlText) -> String {
    if is_literal(&default.written) { default.written.clone() } else { format!("({default})") }
}

/// Whether the default is a literal or one of the words that need no parentheses.
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

/// `CURRENT_TIMESTAMP` and its kin: no parentheses, yet not constant.
pub(super) fn is_clock(expression: &str) -> bool {
    let words = ["current_timestamp", "current_date", "current_time"];
    words.iter().any(|word| expression.trim().eq_ignore_ascii_case(word))
}

fn constraint(constraint: &Constraint) -> String {
    let mut sql = String::new();
    if let Some(name) = &constraint.name {
        let _ = write!(sql, "CONSTRAINT {} ", Sqlite.quote(name));
    }
    match &constraint.kind {
        ConstraintKind::PrimaryKey { columns, .. } => {
            let _ = write!(sql, "PRIMARY KEY ({})", Sqlite.quote_list(columns));
        }
        ConstraintKind::Unique { columns, .. } => {
            let _ = write!(sql, "UNIQUE ({})", Sqlite.quote_list(columns));
        }
        ConstraintKind::Check { expression, .. } => {
            let _ = write!(sql, "CHECK ({expression})");
        }
        ConstraintKind::ForeignKey(key) => {
            let _ = write!(
                sql,
                "FOREIGN KEY ({}) REFERENCES {} ({})",
                Sqlite.quote_list(&key.columns),
                Sqlite.quote(&key.references.name),
                Sqlite.quote_list(&key.referenced_columns)
            );
            for (when, action) in [("UPDATE", key.on_update), ("DELETE", key.on_delete)] {
                if action != Action::NoAction {
                    let _ = write!(sql, " ON {when} {}", action.as_sql());
                }
            }
        }
        // The model reader refuses it for SQLite.
        ConstraintKind::Exclusion { definition } => {
            let _ = write!(sql, "EXCLUDE {definition}");
        }
    }
    sql.push_str(match constraint.deferrable {
        Deferrable::No => "",
        Deferrable::InitiallyImmediate => " DEFERRABLE INITIALLY IMMEDIATE",
        Deferrable::InitiallyDeferred => " DEFERRABLE INITIALLY DEFERRED",
    });
    sql
}

pub(super) fn create_index(table: &QualifiedName, index: &Index) -> String {
    let keys: Vec<String> = index
        .keys
        .iter()
        .map(|key| {
            let mut sql = match &key.part {
                KeyPart::Column(name) => Sqlite.quote(name),
                KeyPart::Expression(expression) => as_index_key(&expression.written, Sqlite),
            };
            if let Some(collation) = &key.collation {
                let _ = write!(sql, " COLLATE {}", Sqlite.quote(collation));
            }
            sql.push_str(if key.descending { " DESC" } else { "" });
            sql
        })
        .collect();
    let unique = if index.unique { "UNIQUE " } else { "" };
    let predicate = index.predicate.as_ref().map(|p| format!(" WHERE {p}")).unwrap_or_default();
    format!(
        "CREATE {unique}INDEX {} ON {} ({}){predicate}",
        Sqlite.quote(&index.name),
        Sqlite.quote(&table.name),
        keys.join(", ")
    )
}
