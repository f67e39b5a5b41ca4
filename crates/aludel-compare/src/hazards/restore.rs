//! Values for columns that a downgrade adds again, whose former values are lost.

use aludel_operations::{Alter, ColumnFill, Object, Operation, RestoredColumn};
use aludel_schema::{Clause, Column, Constraint, ConstraintKind, Definition};

use crate::depends::World;
use crate::not_nulls::own_not_null;
use crate::partitions::partition;
use crate::types::holder::holder_of_rows;

/// Provides an empty value for existing rows in each added column that has no other value.
pub(crate) fn fill(world: &World<'_>, operations: &mut [Operation]) {
    for operation in operations {
        match operation {
            Operation::Create(Object::Column { table, column, .. }) => {
                let checks = world.pair.target.tables.get(table).map(|t| t.constraints.as_slice());
                if let Some(fill) = empty_value(world, column, checks.unwrap_or_default()) {
                    let in_steps = holder_of_rows(world, table).is_some();
                    let (table, column) = (table.clone(), column.clone());
                    *operation =
                        Operation::Restore(RestoredColumn { table, column, fill, in_steps });
                }
            }
            Operation::Alter(Alter::Rebuild(rebuild)) => {
                let from = &rebuild.from;
                let new = rebuild.to.columns.iter().filter(|c| from.column(&c.name).is_none());
                let fills = new.filter_map(|column| {
                    let value = empty_value(world, column, &rebuild.to.constraints)?;
                    Some(ColumnFill { column: column.name.clone(), value })
                });
                rebuild.fills = fills.collect();
            }
            Operation::Alter(Alter::Definition { from, to, fills, .. }) => {
                *fills = of_partition(world, from, to);
            }
            Operation::Create(_)
            | Operation::Drop(_)
            | Operation::Rename { .. }
            | Operation::Alter(_)
            | Operation::Restore(_)
            | Operation::Comment { .. } => {}
        }
    }
}

/// Returns values for columns that come back to the table above a partition, which is to have no NULL in them: its
/// own defaults, or empty ones.
fn of_partition(world: &World<'_>, from: &Definition, to: &Definition) -> Vec<ColumnFill> {
    let (database, target) = (world.pair.database, world.pair.target);
    let Some(above) = partition::top(world, to) else { return Vec::new() };
    let (before, after) = (database.tables.get(above), target.tables.get(above));
    let Some((before, after)) = before.zip(after) else { return Vec::new() };
    let forbids = |own: &Definition, column: &Column| {
        let mut columns = own.clauses.iter().filter_map(|clause| own_not_null::of(own, clause));
        columns.any(|name| name == column.name)
    };
    let come = after.columns.iter().filter(|own| before.column(&own.name).is_none());
    let come = come.filter(|own| own.nullable && forbids(to, own) && !forbids(from, own));
    let fills = come.filter_map(|column| {
        let is_default =
            |own: &&Clause| own.word == "default" && own.name.as_ref() == Some(&column.name);
        let default = to.clauses.iter().find(is_default).filter(|_| column.default.is_none());
        let strict = Column { nullable: false, not_null: None, ..column.clone() };
        let value = match default {
            Some(default) => default.text.written.clone(),
            None => empty_value(world, &strict, &after.constraints)?,
        };
        Some(ColumnFill { column: column.name.clone(), value })
    });
    fills.collect()
}

/// Returns a value for a column that has no other one: one that a check lists, the first label of an
/// enum, or the empty value of the type, which may be below a domain.
fn empty_value(world: &World<'_>, column: &Column, constraints: &[Constraint]) -> Option<String> {
    let has_one = column.nullable
        || column.may_still_be_null()
        || column.default.is_some()
        || column.generated.is_some()
        || column.identity.is_some();
    if has_one {
        return None;
    }
    let (dialect, target) = (world.dialect, world.pair.target);
    let listed = constraints.iter().find_map(|constraint| match &constraint.kind {
        ConstraintKind::Check { expression, .. } => {
            dialect.first_listed(&expression.written, &column.name)
        }
        ConstraintKind::PrimaryKey { .. }
        | ConstraintKind::Unique { .. }
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Exclusion { .. } => None,
    });
    if listed.is_some() {
        return listed;
    }
    let of_enum =
        target.enums.values().find(|e| dialect.quote_name(&e.name) == column.sql_type.written);
    match of_enum.and_then(|enum_type| enum_type.labels.first()) {
        Some(label) => Some(dialect.literal(label)),
        None => {
            let base = world.base_type(column, target);
            dialect.empty_value(base.as_ref().map_or(&column.sql_type.written, |b| &b.written))
        }
    }
}
