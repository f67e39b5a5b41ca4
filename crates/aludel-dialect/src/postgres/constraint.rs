//! Constraints.

use std::fmt::Write as _;

use aludel_schema::{
    Action, Constraint, ConstraintKind, Deferrable, ForeignKey, IndexSettings, ObjectId,
    QualifiedName, Validity,
};

use super::clause::{parameters, push_include};
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
    let scans = constraint.validity() == Validity::Valid;
    rendered.hazards(scans.then(|| Hazard::Scans { table: table.clone() }))
}

/// Renders ADD for a key whose index, of the same name, is there already. No row is read.
pub(super) fn of_index(table: &QualifiedName, constraint: &Constraint) -> Rendered {
    let name = PG.quote(&constraint.label());
    let key = match constraint.kind {
        ConstraintKind::PrimaryKey { .. } => "PRIMARY KEY",
        ConstraintKind::Unique { .. }
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Check { .. }
        | ConstraintKind::Exclusion { .. } => "UNIQUE",
    };
    Rendered::clauses(vec![format!("ADD CONSTRAINT {name} {key} USING INDEX {name}")])
        .lock(ObjectId::table(table), LockMode::AccessExclusive)
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

/// Renders ALTER CONSTRAINT for a foreign key. One that becomes enforced is checked.
pub(super) fn enforce(table: &QualifiedName, from: &Constraint, to: &Constraint) -> Rendered {
    let mut clause = format!("ALTER CONSTRAINT {}", PG.quote(&to.label()));
    if from.deferrable != to.deferrable {
        clause.push_str(match to.deferrable {
            Deferrable::No => " NOT DEFERRABLE",
            Deferrable::InitiallyImmediate => " DEFERRABLE INITIALLY IMMEDIATE",
            Deferrable::InitiallyDeferred => " DEFERRABLE INITIALLY DEFERRED",
        });
    }
    let (was, is) = (from.validity(), to.validity());
    if was != is {
        clause.push_str(match is {
            Validity::NotEnforced => " NOT ENFORCED",
            Validity::Valid | Validity::NotValid => " ENFORCED",
        });
    }
    let scans = was == Validity::NotEnforced && is != was;
    let rendered = Rendered::clauses(vec![clause])
        .lock(ObjectId::table(table), LockMode::AccessExclusive)
        .hazards(scans.then(|| Hazard::Scans { table: table.clone() }));
    // The triggers on the referenced table come or go.
    let other = match is {
        Validity::NotEnforced => LockMode::AccessExclusive,
        Validity::Valid | Validity::NotValid => LockMode::ShareRowExclusive,
    };
    match to.foreign_key().filter(|_| was != is) {
        Some(key) => rendered.lock(ObjectId::table(&key.references), other),
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
        ConstraintKind::PrimaryKey { columns, include, without_overlaps } => {
            let _ = write!(sql, "PRIMARY KEY ({})", key(columns, *without_overlaps));
            push_include(&mut sql, include);
            push_settings(&mut sql, &constraint.index);
        }
        ConstraintKind::Unique { columns, include, nulls_not_distinct, without_overlaps } => {
            let nulls = if *nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
            let _ = write!(sql, "UNIQUE{nulls} ({})", key(columns, *without_overlaps));
            push_include(&mut sql, include);
            push_settings(&mut sql, &constraint.index);
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
    sql.push_str(match constraint.validity() {
        Validity::Valid => "",
        Validity::NotValid => " NOT VALID",
        Validity::NotEnforced => " NOT ENFORCED",
    });
    sql
}

/// Renders the columns of a key.
fn key(columns: &[String], without_overlaps: bool) -> String {
    let overlaps = if without_overlaps { " WITHOUT OVERLAPS" } else { "" };
    format!("{}{overlaps}", PG.quote_list(columns))
}

/// Adds the storage parameters and the tablespace of the index of a key.
fn push_settings(sql: &mut String, settings: &IndexSettings) {
    if !settings.with.is_empty() {
        let _ = write!(sql, " WITH ({})", parameters(&settings.with));
    }
    if let Some(tablespace) = &settings.tablespace {
        let _ = write!(sql, " USING INDEX TABLESPACE {}", PG.quote(tablespace));
    }
}

/// Renders one end of a foreign key; in a temporal key the last column is the period.
fn end(columns: &[String], period: bool) -> String {
    let quoted = columns.iter().enumerate().map(|(at, name)| {
        let word = if period && at + 1 == columns.len() { "PERIOD " } else { "" };
        format!("{word}{}", PG.quote(name))
    });
    quoted.collect::<Vec<_>>().join(", ")
}

fn foreign_key(key: &ForeignKey) -> String {
    let mut sql = format!(
        "FOREIGN KEY ({}) REFERENCES {} ({})",
        end(&key.columns, key.period),
        PG.quote_name(&key.references),
        end(&key.referenced_columns, key.period)
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
