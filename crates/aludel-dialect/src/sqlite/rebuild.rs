//! Changes that ALTER TABLE can't do: the procedure of section 7 of SQLite's ALTER TABLE page.
//!
//! The runner keeps foreign keys off while a revision runs, so that dropping the old table deletes
//! no row of a child table, and checks them all before it commits. `legacy_alter_table` keeps the
//! rename from touching, or tripping over, views, triggers and references that name the table.

use aludel_operations::TableRebuild;
use aludel_schema::{Column, Table};

use super::create;
use crate::{Dialect::Sqlite, Statement, dialect::quoted};

pub(super) fn render(rebuild: &TableRebuild, destroys: Option<String>) -> Vec<Statement> {
    let TableRebuild { from, to, .. } = rebuild;
    let (name, temporary) = (&to.name.name, format!("_aludel_new_{}", to.name.name));
    let mut first = Statement::new("PRAGMA legacy_alter_table = ON").note(format!(
        "rebuild {name}: a new table, the rows, the old name; children keep their rows"
    ));
    if let Some(lost) = destroys {
        first = first.note(format!("destructive: {lost}"));
    }
    let mut copy = Statement::new(copy_rows(rebuild, &temporary));
    copy.notes = copy_notes(rebuild);
    let mut out = vec![first, Statement::new(create::create_table(to, &temporary)), copy];
    if [from, to].iter().all(|table| table.columns.iter().any(|c| c.identity.is_some())) {
        out.extend(keep_sequence(name, &temporary));
    }
    out.push(Statement::new(format!("DROP TABLE {}", quoted(name))));
    out.push(Statement::new(format!(
        "ALTER TABLE {} RENAME TO {}",
        quoted(&temporary),
        quoted(name)
    )));
    out.push(Statement::new("PRAGMA legacy_alter_table = OFF"));
    out.extend(
        to.indexes.iter().map(|index| Statement::new(create::create_index(&to.name, index))),
    );
    out.extend(from.triggers.iter().map(|trigger| Statement::new(trigger.sql.clone())));
    out
}

/// AUTOINCREMENT never gives a number twice, so the counter moves with the rows.
fn keep_sequence(name: &str, temporary: &str) -> [Statement; 2] {
    let (name, temporary) = (Sqlite.literal(name), Sqlite.literal(temporary));
    [
        Statement::new(format!("DELETE FROM sqlite_sequence WHERE name = {temporary}")),
        Statement::new(format!(
            "INSERT INTO sqlite_sequence (name, seq) SELECT {temporary}, seq FROM sqlite_sequence WHERE name = {name}"
        )),
    ]
}

fn copy_rows(rebuild: &TableRebuild, temporary: &str) -> String {
    let kept: Vec<(&Column, &Column)> = kept_columns(rebuild).collect();
    let mut names: Vec<&str> = kept.iter().map(|(_, to)| to.name.as_str()).collect();
    let mut values: Vec<String> = kept.iter().map(|(from, to)| value(from, to)).collect();
    if has_hidden_rowid(&rebuild.from) && has_hidden_rowid(&rebuild.to) {
        // Somebody may count on it: a full-text table, for one.
        names.insert(0, "rowid");
        values.insert(0, "rowid".to_owned());
    }
    for (column, value) in &rebuild.fills {
        names.push(column);
        values.push(value.clone());
    }
    if names.is_empty() {
        return format!("SELECT count(*) FROM {}", quoted(&rebuild.from.name.name));
    }
    format!(
        "INSERT INTO {} ({})\nSELECT {} FROM {}",
        quoted(temporary),
        Sqlite.quote_list(&names),
        values.join(", "),
        quoted(&rebuild.from.name.name)
    )
}

/// Whether rows have a number that no column shows.
fn has_hidden_rowid(table: &Table) -> bool {
    let is_key = |column: &Column| {
        column.sql_type.spelling() == "INTEGER" && table.primary_key() == [column.name.clone()]
    };
    !table.options.without_rowid
        && !table.columns.iter().any(|c| is_key(c) || c.name.eq_ignore_ascii_case("rowid"))
}

/// The columns that both have, as they are and as they shall be, except generated ones.
fn kept_columns(rebuild: &TableRebuild) -> impl Iterator<Item = (&Column, &Column)> {
    rebuild
        .to
        .columns
        .iter()
        .filter(|to| to.generated.is_none())
        .filter_map(|to| rebuild.from.column(&to.name).map(|from| (from, to)))
}

fn value(from: &Column, to: &Column) -> String {
    let name = Sqlite.quote(&from.name);
    match &to.default {
        Some(default) if from.nullable && !to.nullable => {
            format!("coalesce({name}, {})", create::default_value(default))
        }
        _ => name,
    }
}

fn copy_notes(rebuild: &TableRebuild) -> Vec<String> {
    let table = &rebuild.to.name;
    let mut notes = Vec::new();
    for to in rebuild.to.columns.iter().filter(|c| !c.nullable && c.default.is_none()) {
        match rebuild.from.column(&to.name) {
            Some(from) if from.nullable => {
                notes.push(format!("fails if a row of {table} has NULL in {}", to.name));
            }
            None if rebuild.fills.iter().any(|(column, _)| *column == to.name) => {
                notes.push(format!("the values of {} are gone: rows get an empty one", to.name));
            }
            None if to.generated.is_none() && to.identity.is_none() => {
                notes.push(format!("fails if {table} has rows: give {} a default", to.name));
            }
            _ => {}
        }
    }
    notes
}
