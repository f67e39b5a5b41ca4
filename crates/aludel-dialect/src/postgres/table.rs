//! Tables and their options.

use std::fmt::Write as _;

use aludel_schema::{ObjectId, QualifiedName, Table, TableOptions};

use super::clause::parameters;
use super::{column, constraint};
use crate::dialect::Dialect::Postgres as PG;
use crate::hazard::Hazard;
use crate::lock::LockMode;
use crate::step::Rendered;

/// Renders CREATE TABLE with the columns and constraints of `table`.
pub(super) fn create(table: &Table) -> Rendered {
    let mut lines: Vec<String> = table.columns.iter().map(column::definition).collect();
    lines.extend(table.constraints.iter().map(constraint::definition));
    let unlogged = if table.options.unlogged { "UNLOGGED " } else { "" };
    let name = PG.quote_name(&table.name);
    let mut sql = if lines.is_empty() {
        format!("CREATE {unlogged}TABLE {name} ()")
    } else {
        format!("CREATE {unlogged}TABLE {name} (\n    {}\n)", lines.join(",\n    "))
    };
    if let Some(key) = &table.options.partition_by {
        let _ = write!(sql, " PARTITION BY {key}");
    }
    if !table.options.with.is_empty() {
        let _ = write!(sql, " WITH ({})", parameters(&table.options.with));
    }
    // A foreign key creates triggers on both of its tables.
    let others = table.foreign_keys().map(|(_, key)| &key.references);
    let others = others.filter(|other| **other != table.name);
    others.fold(Rendered::statement(sql), |rendered, other| {
        rendered.lock(ObjectId::table(other), LockMode::ShareRowExclusive)
    })
}

pub(super) fn drop(table: &Table) -> Rendered {
    let rendered = Rendered::statement(format!("DROP TABLE {}", PG.quote_name(&table.name)))
        .hazard(Hazard::DropsRows { table: table.name.clone() })
        .lock(ObjectId::table(&table.name), LockMode::AccessExclusive);
    table.foreign_keys().fold(rendered, |rendered, (_, key)| {
        rendered.lock(ObjectId::table(&key.references), LockMode::AccessExclusive)
    })
}

/// Renders DROP for a schema or an extension.
pub(super) fn drop_container(keyword: &str, name: &str, object: ObjectId) -> Rendered {
    Rendered::statement(format!("DROP {keyword} {name}")).hazard(Hazard::DropsObject { object })
}

pub(super) fn options(table: &QualifiedName, from: &TableOptions, to: &TableOptions) -> Rendered {
    let mut clauses = Vec::new();
    let (mut mode, mut hazard) = (LockMode::ShareUpdateExclusive, None);
    if from.unlogged != to.unlogged {
        clauses.push(if to.unlogged { "SET UNLOGGED" } else { "SET LOGGED" }.to_owned());
        mode = LockMode::AccessExclusive;
        hazard = Some(Hazard::Rewrites { table: table.clone() });
    }
    let gone: Vec<&str> =
        from.with.iter().map(|(name, _)| name).filter(|name| !to.with.has(name)).collect();
    if !gone.is_empty() {
        clauses.push(format!("RESET ({})", gone.join(", ")));
    }
    if to.with != from.with && !to.with.is_empty() {
        clauses.push(format!("SET ({})", parameters(&to.with)));
    }
    Rendered::clauses(clauses).lock(ObjectId::table(table), mode).hazards(hazard)
}
