//! Constraints.

use std::fmt::Write as _;

use aludel_schema::{
    Action, Constraint, ConstraintKind, Deferrable, ForeignKey, ObjectId, QualifiedName,
};

use super::clause::push_include;
use crate::dialect::Dialect::Postgres as PG;
use crate::hazard::Hazard;
use crate::lock::LockMode;
use crate::step::Rendered;

/// Renders ADD CONSTRAINT. A foreign key blocks only writers, but on both tables; every other
/// constraint blocks readers and writers of its table. Existing rows are checked unless the
/// constraint is NOT VALID.
pub(super) fn add(table: &QualifiedName, constraint: &Constraint) -> Rendered {
    let clause = format!("ADD {}", definition(constraint));
    let rendered = Rendered::clauses(vec![clause]);
    let rendered = match constraint.foreign_key() {
        Some(key) => rendered
            .lock(ObjectId::table(table), LockMode::ShareRowExclusive)
            .lock(ObjectId::table(&key.references), LockMode::ShareRowExclusive),
        None => rendered.lock(ObjectId::table(table), LockMode::AccessExclusive),
    };
    let scans = !is_not_valid(constraint);
    rendered.hazards(scans.then(|| Hazard::Scans { table: table.clone() }))
}

/// Renders DROP CONSTRAINT. Dropping a foreign key locks the referenced table too, because the key
/// has triggers there.
pub(super) fn drop(table: &QualifiedName, constraint: &Constraint) -> Rendered {
    let rendered =
        Rendered::clauses(vec![format!("DROP CONSTRAINT {}", PG.quote(&constraint.label()))])
            .lock(ObjectId::table(table), LockMode::AccessExclusive);
    match constraint.foreign_key() {
        Some(key) => rendered.lock(ObjectId::table(&key.references), LockMode::AccessExclusive),
        None => rendered,
    }
}

/// Renders VALIDATE CONSTRAINT, which blocks neither readers nor writers.
pub(super) fn validate(table: &QualifiedName, constraint: &Constraint) -> Rendered {
    let clause = format!("VALIDATE CONSTRAINT {}", PG.quote(&constraint.label()));
    let rendered = Rendered::clauses(vec![clause])
        .lock(ObjectId::table(table), LockMode::ShareUpdateExclusive)
        .hazard(Hazard::Scans { table: table.clone() });
    match constraint.foreign_key() {
        Some(key) => rendered.lock(ObjectId::table(&key.references), LockMode::RowShare),
        None => rendered,
    }
}

/// Renders a constraint with its name, for CREATE TABLE and ADD.
pub(super) fn definition(constraint: &Constraint) -> String {
    let mut sql = String::new();
    if let Some(name) = &constraint.name {
        let _ = write!(sql, "CONSTRAINT {} ", PG.quote(name));
    }
    match &constraint.kind {
        ConstraintKind::PrimaryKey { columns, include } => {
            let _ = write!(sql, "PRIMARY KEY ({})", PG.quote_list(columns));
            push_include(&mut sql, include);
        }
        ConstraintKind::Unique { columns, include, nulls_not_distinct } => {
            let nulls = if *nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
            let _ = write!(sql, "UNIQUE{nulls} ({})", PG.quote_list(columns));
            push_include(&mut sql, include);
        }
        ConstraintKind::ForeignKey(key) => sql.push_str(&foreign_key(key)),
        ConstraintKind::Check { expression, no_inherit, .. } => {
            let _ = write!(sql, "CHECK ({expression})");
            sql.push_str(if *no_inherit { " NO INHERIT" } else { "" });
        }
        ConstraintKind::Exclusion { definition } => {
            let _ = write!(sql, "EXCLUDE {definition}");
        }
    }
    sql.push_str(match constraint.deferrable {
        Deferrable::No => "",
        Deferrable::InitiallyImmediate => " DEFERRABLE",
        Deferrable::InitiallyDeferred => " DEFERRABLE INITIALLY DEFERRED",
    });
    if is_not_valid(constraint) {
        sql.push_str(" NOT VALID");
    }
    sql
}

/// Returns true if the constraint is NOT VALID.
fn is_not_valid(constraint: &Constraint) -> bool {
    match &constraint.kind {
        ConstraintKind::ForeignKey(key) => key.not_valid,
        ConstraintKind::Check { not_valid, .. } => *not_valid,
        ConstraintKind::PrimaryKey { .. }
        | ConstraintKind::Unique { .. }
        | ConstraintKind::Exclusion { .. } => false,
    }
}

fn foreign_key(key: &ForeignKey) -> String {
    let mut sql = format!(
        "FOREIGN KEY ({}) REFERENCES {} ({})",
        PG.quote_list(&key.columns),
        PG.quote_name(&key.references),
        PG.quote_list(&key.referenced_columns)
    );
    if key.match_full {
        sql.push_str(" MATCH FULL");
    }
    if key.on_update != Action::NoAction {
        let _ = write!(sql, " ON UPDATE {}", key.on_update.as_sql());
    }
    if key.on_delete != Action::NoAction {
        let _ = write!(sql, " ON DELETE {}", key.on_delete.as_sql());
        if !key.set_columns.is_empty() {
            let _ = write!(sql, " ({})", PG.quote_list(&key.set_columns));
        }
    }
    sql
}
