//! Columns.

use std::fmt::Write as _;

use aludel_operations::{ColumnChange, RestoredColumn};
use aludel_schema::{Column, ObjectId, QualifiedName, SequenceOptions, SqlText};

use super::clause::{alter_table, collate};
use super::{sequence, types};
use crate::dialect::Dialect::Postgres as PG;
use crate::hazard::Hazard;
use crate::lock::LockMode;
use crate::step::Rendered;

/// Renders a column for CREATE TABLE and ADD COLUMN.
pub(super) fn definition(column: &Column) -> String {
    let mut sql = format!("{} {}", PG.quote(&column.name), column.sql_type);
    sql.push_str(&collate(column.collation.as_ref()));
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        let _ = write!(sql, " GENERATED ALWAYS AS ({}) {kind}", generated.expression);
    }
    if let Some(identity) = &column.identity {
        let _ = write!(sql, " {}", sequence::identity_clause(identity));
    }
    if let Some(default) = &column.default {
        let _ = write!(sql, " DEFAULT {default}");
    }
    if !column.nullable {
        sql.push_str(" NOT NULL");
    }
    sql
}

/// Renders ADD COLUMN. All rows are rewritten if the column has a value of its own in each of them.
pub(super) fn add(table: &QualifiedName, column: &Column) -> Rendered {
    let id = ObjectId::column(table, column.name.as_str());
    let fills = column.nullable
        || column.default.is_some()
        || column.generated.is_some()
        || column.identity.is_some();
    Rendered::clauses(vec![format!("ADD COLUMN {}", definition(column))])
        .lock(ObjectId::table(table), LockMode::AccessExclusive)
        .hazards((!fills).then(|| Hazard::Scans { table: table.clone() }))
        .hazards((!fills).then_some(Hazard::FailsOnRows { column: id }))
        .hazards(computes_values(column).then(|| Hazard::Rewrites { table: table.clone() }))
}

/// Returns true if a new column has a value of its own in each row. A default that is the same for
/// all rows is stored in the catalogue (PostgreSQL's page on ALTER TABLE, "Notes").
fn computes_values(column: &Column) -> bool {
    column.identity.is_some()
        || column.generated.as_ref().is_some_and(|generated| generated.stored)
        || column.default.as_ref().is_some_and(|default| types::may_be_volatile(&default.written))
}

/// Adds a dropped column again. Existing rows get the fill value, and the default is removed
/// afterwards.
pub(super) fn restore(restored: &RestoredColumn) -> Rendered {
    let RestoredColumn { table, column, fill } = restored;
    let id = ObjectId::column(table, column.name.as_str());
    let filled = Column { default: Some(fill.as_str().into()), ..column.as_ref().clone() };
    let add = alter_table(table, &[format!("ADD COLUMN {}", definition(&filled))]);
    let forget =
        alter_table(table, &[format!("ALTER COLUMN {} DROP DEFAULT", PG.quote(&column.name))]);
    Rendered::statements(vec![add, forget])
        .lock(ObjectId::table(table), LockMode::AccessExclusive)
        .hazard(Hazard::LostValues { column: id })
}

pub(super) fn drop(table: &QualifiedName, column: &Column) -> Rendered {
    let columns = vec![ObjectId::column(table, column.name.as_str())];
    // The values of a generated column can be computed again.
    let lost = column.generated.is_none().then_some(Hazard::DropsValues { columns });
    Rendered::clauses(vec![format!("DROP COLUMN {}", PG.quote(&column.name))])
        .lock(ObjectId::table(table), LockMode::AccessExclusive)
        .hazards(lost)
}

/// Renders ALTER COLUMN. Expression, identity and default are removed first, because PostgreSQL
/// refuses other changes while they exist.
pub(super) fn alter(change: &ColumnChange) -> Rendered {
    let ColumnChange { table, from, to, .. } = change;
    let name = PG.quote(&to.name);
    let alter = |what: &str| format!("ALTER COLUMN {name} {what}");
    let retyped = from.sql_type != to.sql_type || from.collation != to.collation;
    let mut clauses = Vec::new();
    if from.generated.is_some() && to.generated.is_none() {
        clauses.push(alter("DROP EXPRESSION"));
    }
    if from.identity.is_some() && to.identity.is_none() {
        clauses.push(alter("DROP IDENTITY"));
    }
    if from.default.is_some() && (to.default.is_none() || retyped) {
        clauses.push(alter("DROP DEFAULT"));
    }
    if retyped {
        let collate = collate(to.collation.as_ref());
        clauses.push(alter(&format!("TYPE {}{collate}{}", to.sql_type, using(change))));
    }
    if let Some(default) = to.default.as_ref().filter(|_| from.default != to.default || retyped) {
        clauses.push(alter(&format!("SET DEFAULT {default}")));
    }
    if from.nullable != to.nullable {
        clauses.push(alter(if to.nullable { "DROP NOT NULL" } else { "SET NOT NULL" }));
    }
    let mut statements: Vec<String> = fill_nulls(table, from, to).into_iter().collect();
    let rendered = match (&from.identity, &to.identity) {
        (None, Some(identity)) => {
            clauses.push(alter(&format!("ADD {}", sequence::identity_clause(identity))));
            statements.push(alter_table(table, &clauses));
            statements.push(start_behind_rows(table, to));
            Rendered::statements(statements).hazard(Hazard::Scans { table: table.clone() })
        }
        (Some(old), Some(new)) if old != new => {
            clauses.push(alter(&sequence::identity_changes(new)));
            let literal = PG.literal(&PG.quote_name(table));
            let sequence = format!("pg_get_serial_sequence({literal}, {})", PG.literal(&to.name));
            let sequence = format!("{sequence}::regclass");
            statements.extend(sequence::lifted(&sequence, &old.options, &new.options));
            Rendered { statements, ..Rendered::clauses(clauses) }
        }
        _ => Rendered { statements, ..Rendered::clauses(clauses) },
    };
    rendered.lock(ObjectId::table(table), LockMode::AccessExclusive).hazards(hazards(change))
}

fn hazards(change: &ColumnChange) -> Vec<Hazard> {
    let ColumnChange { table, from, to, .. } = change;
    let column = ObjectId::column(table, to.name.as_str());
    let (old, new) = (from.sql_type.spelling(), to.sql_type.spelling());
    let mut hazards = Vec::new();
    if let Some(loss) = types::loses(below(&change.from_base, old), below(&change.to_base, new)) {
        hazards.push(Hazard::LosesPrecision { column: column.clone(), loss });
    }
    if from.sql_type != to.sql_type && types::rewrites(old, new) {
        hazards.push(Hazard::Rewrites { table: table.clone() });
    }
    if from.nullable && !to.nullable {
        match fill_nulls(table, from, to) {
            Some(_) => hazards.push(Hazard::Updates { table: table.clone() }),
            None => hazards.push(Hazard::FailsOnNulls { column }),
        }
        hazards.push(Hazard::Scans { table: table.clone() });
    }
    hazards
}

/// Returns the UPDATE that replaces NULLs by the new default before NOT NULL is set.
fn fill_nulls(table: &QualifiedName, from: &Column, to: &Column) -> Option<String> {
    let forbids = from.nullable && !to.nullable && from.sql_type == to.sql_type;
    let default = to.default.as_ref().filter(|_| forbids)?;
    let (table, name) = (PG.quote_name(table), PG.quote(&to.name));
    Some(format!("UPDATE {table} SET {name} = {default} WHERE {name} IS NULL"))
}

/// Returns the type below a domain, or the type itself.
fn below<'t>(base: &'t Option<SqlText>, own: &'t str) -> &'t str {
    base.as_ref().map_or(own, SqlText::spelling)
}

/// Returns the `USING` clause if no assignment cast converts the values. An explicit cast would cut
/// values that are too long, where an assignment refuses them.
fn using(change: &ColumnChange) -> String {
    let to = &change.to;
    let old = below(&change.from_base, change.from.sql_type.spelling());
    let new = below(&change.to_base, to.sql_type.spelling());
    let name = PG.quote(&to.name);
    if types::counts_truth(old, new) {
        // The only casts between booleans and numbers are those with integer.
        format!(" USING {name}::integer::{}", to.sql_type)
    } else if types::assigns(old, new) {
        String::new()
    } else if types::casts(old, new) {
        format!(" USING {name}::{}", to.sql_type)
    } else {
        format!(" USING {name}::text::{}", to.sql_type)
    }
}

/// Returns the query that makes a new identity column continue after the existing values.
fn start_behind_rows(table: &QualifiedName, column: &Column) -> String {
    let (name, quoted) = (PG.quote(&column.name), PG.quote_name(table));
    let none = SequenceOptions::default();
    let options = column.identity.as_ref().map_or(&none, |identity| &identity.options);
    format!(
        "SELECT setval(pg_get_serial_sequence({}, {}), {}",
        PG.literal(&quoted),
        PG.literal(&column.name),
        sequence::behind_rows(&name, &quoted, options)
    )
}
