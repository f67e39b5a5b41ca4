//! Rows that a plan may fail on: those that break a constraint or a unique index that is new, or
//! that is made over columns whose values are new.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, Hazard, Step};
use aludel_operations::{
    Alter, AttributeChange, ColumnChange, Object, Operation, TableRebuild, TypeColumn,
    TypeReplacement,
};
use aludel_schema::{
    Clause, Column, Constraint, Definition, Kind, ObjectId, QualifiedName, Validity,
};

use crate::change::in_new_names;
use crate::depends::World;
use crate::hazards::domain_rules::{
    checks, domain, domains_of_value, gives_a_value, is_checked, not_null_rules, rules,
};
use crate::hazards::rows::Rows;
use crate::hazards::{computed, replaced_values, replication};
use crate::pair::Pair;
use crate::partitions::{bound, partition};
use crate::tables::recomputed;

/// Adds a hazard for each rule that the rows of an existing table may break.
pub(crate) fn say(steps: &mut [Step], world: &World<'_>) {
    for step in steps {
        let mut found = refused_updates(step, world);
        let filled = step.operations.iter().filter(|own| is_filled_by_domain(own, world));
        let filled: Vec<ObjectId> = filled.map(Operation::object).collect();
        step.hazards.retain(
            |hazard| !matches!(hazard, Hazard::FailsOnRows { column } if filled.contains(column)),
        );
        for operation in &step.operations {
            found.extend(hazards(operation, world));
            match operation {
                Operation::Alter(Alter::Column(change)) => {
                    found.extend(broken_by_change(change, &step.hazards, world));
                    found.extend(recomputed(change, world));
                }
                Operation::Alter(Alter::ReplaceType(replacement)) => {
                    found.extend(broken_by_replaced(replacement, &step.hazards, world));
                }
                Operation::Alter(Alter::Rebuild(rebuild)) => {
                    found.extend(broken_by_rebuilt(rebuild, &step.hazards, world.dialect));
                }
                Operation::Alter(_)
                | Operation::Create(_)
                | Operation::Drop(_)
                | Operation::Rename { .. }
                | Operation::Restore(_)
                | Operation::Comment { .. } => {}
            }
        }
        found.retain(|hazard| !step.hazards.contains(hazard));
        step.hazards.extend(found);
    }
}

/// Returns true for a new column that gets values from the default of its domain.
fn is_filled_by_domain(operation: &Operation, world: &World<'_>) -> bool {
    matches!(operation, Operation::Create(Object::Column { column, .. }) if gives_a_value(column, world))
}

/// Returns a text that hazards have in common if the same rows fail, perhaps by two rules.
pub(crate) fn rows(hazard: &Hazard) -> String {
    match hazard {
        Hazard::FailsOnRule { rows, .. } => rows.clone(),
        other => format!("{other:?}"),
    }
}

/// Returns the hazards of the statements that give rows other values, which a publication may forbid.
fn refused_updates(step: &Step, world: &World<'_>) -> Vec<Hazard> {
    if !step.statements.iter().any(|statement| statement.starts_with("UPDATE ")) {
        return Vec::new();
    }
    let tables: BTreeSet<QualifiedName> =
        step.operations.iter().filter_map(Operation::table).collect();
    tables.iter().filter_map(|table| replication::refused_update(world, table)).collect()
}

fn hazards(operation: &Operation, world: &World<'_>) -> Vec<Hazard> {
    let sides = |table| rows_of(world, table);
    let broken = |table, constraint: &Constraint| {
        sides(table).and_then(|rows| rows.broken(constraint)).into_iter().collect()
    };
    match operation {
        Operation::Create(Object::Constraint { table, constraint }) => {
            constrained(world, table, constraint).into_iter().collect()
        }
        Operation::Create(Object::Index { table, index }) => {
            sides(table).and_then(|rows| rows.index(index)).into_iter().collect()
        }
        Operation::Create(Object::Column { table, column, constraints }) => {
            let Some(rows) = sides(table) else { return Vec::new() };
            let table = table.clone();
            let rewrites = is_checked(column, world).then_some(Hazard::Rewrites { table });
            let broken = constraints.iter().filter_map(|own| rows.constraint(own));
            let nulls = not_null_rules(&operation.object(), column, world).into_iter();
            let computed = computed::generated(world, rows.before, rows.target, column);
            broken.chain(nulls).chain(rewrites).chain(computed).collect()
        }
        Operation::Restore(restored) => {
            let id = ObjectId::column(&restored.table, restored.column.name.as_str());
            let domains = domains_of_value(&restored.column, world).into_iter();
            domains.flat_map(|domain| checks(domain, &id)).collect()
        }
        Operation::Alter(Alter::Column(change)) if change.from.sql_type != change.to.sql_type => {
            retyped(change, &operation.object(), world)
        }
        Operation::Alter(Alter::ReplaceType(replacement)) => {
            replaced_values::hazards(replacement, world)
        }
        Operation::Alter(Alter::Rebuild(rebuild)) => rebuilt(rebuild, world.dialect),
        Operation::Alter(Alter::Validate { table, constraint }) => broken(table, constraint),
        Operation::Alter(Alter::Enforcement { table, from, to })
            if from.validity() == Validity::NotEnforced =>
        {
            broken(table, to)
        }
        Operation::Create(Object::Definition(new)) => {
            let beside = partition::beside_default(world, new);
            beside.into_iter().chain(computed::same_key(world, new)).collect()
        }
        Operation::Alter(Alter::Definition { from, to, used_by, .. }) => {
            redefined(world, Pair::new(from, to), !used_by.is_empty())
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Comment { .. } => Vec::new(),
    }
}

/// Returns a table that is on both sides.
fn rows_of<'m>(world: &World<'m>, table: &QualifiedName) -> Option<Rows<'m>> {
    let Pair { database, target } = world.pair.map(|side| side.tables.get(table));
    Some(Rows { dialect: world.dialect, before: database?, target: target? })
}

/// Returns what a new constraint may fail on. A foreign key looks at values of another table, which may be computed
/// anew.
fn constrained(
    world: &World<'_>,
    table: &QualifiedName,
    constraint: &Constraint,
) -> Option<Hazard> {
    let rows = rows_of(world, table)?;
    let key = constraint.foreign_key();
    let above = key.and_then(|key| Some((key, rows_of(world, &key.references)?)));
    let is_moved = above.is_some_and(|(key, above)| {
        key.referenced_columns.iter().any(|name| above.has_other_values(name))
    });
    if is_moved { rows.broken(constraint) } else { rows.constraint(constraint) }
}

/// Returns what a definition that changes may fail on: a partition that comes or leaves, and the rules of a
/// domain that is in use.
fn redefined(world: &World<'_>, pair: Pair<&Definition>, is_used: bool) -> Vec<Hazard> {
    let Pair { database: from, target: to } = pair;
    if bound::leaves(from, to) {
        return partition::referenced(world, from);
    }
    if bound::comes(from, to) {
        return partition::beside_default(world, to).into_iter().collect();
    }
    match is_used {
        true => domain(&in_new_names(world, from, to), to),
        false => Vec::new(),
    }
}

/// Returns the rules of the domain that a column gets.
fn retyped(change: &ColumnChange, column: &ObjectId, world: &World<'_>) -> Vec<Hazard> {
    let before = world.domains_of(&change.from, world.pair.database);
    let has = |domain: &&Definition| before.iter().any(|other| other.id == domain.id);
    let domains = world.domains_of(&change.to, world.pair.target);
    let new = domains.into_iter().filter(|domain| !has(domain));
    let is_inside = change.to.sql_type.written.ends_with("[]");
    let found = new.flat_map(|domain| rules(domain, &[], column, is_inside));
    let table = change.table.clone();
    let rewrites = is_checked(&change.to, world).then_some(Hazard::Rewrites { table });
    found.chain(rewrites).collect()
}

/// Returns the rules that forbid equal values in a column, if values that differ may become equal by
/// its new type or collation, the checks of a column whose values lose something, and all rules about other
/// rows for a column that is filled.
fn broken_by_change(change: &ColumnChange, known: &[Hazard], world: &World<'_>) -> Vec<Hazard> {
    let Some(rows) = rows_of(world, &change.table) else { return Vec::new() };
    let name = &change.to.name;
    if is_filled(change, known) {
        return rows.keys_of(name).into_iter().chain(rows.references_of(name)).collect();
    }
    match rows.loses(name, known) {
        true => rows.rules_of(name),
        false if may_become_equal(change, world) => rows.keys_of(name),
        false => Vec::new(),
    }
}

/// Returns what the new values of a generated column may fail on that gets another expression in place.
fn recomputed(change: &ColumnChange, world: &World<'_>) -> Vec<Hazard> {
    let rows = rows_of(world, &change.table).filter(|_| recomputed::is_one(change));
    let Some(rows) = rows else { return Vec::new() };
    let (name, table) = (&change.to.name, rows.target);
    let constraints = table.constraints.iter().filter(|own| rows.columns(own).contains(name));
    let indexes = table.indexes.iter().filter(|own| rows.reads(own, name));
    let computed = computed::generated(world, rows.before, table, &change.to).into_iter();
    computed
        .chain(referring(world, &change.table, name))
        .chain(constraints.filter_map(|own| rows.constraint(own)))
        .chain(indexes.filter_map(|own| rows.index(own)))
        .collect()
}

/// Returns what the foreign keys of tables with rows may fail on that refer to a column.
fn referring(world: &World<'_>, table: &QualifiedName, column: &String) -> Vec<Hazard> {
    let others = world.pair.target.tables.keys().filter_map(|name| rows_of(world, name));
    let broken = others.flat_map(|rows| {
        let keys = rows
            .target
            .foreign_keys()
            .filter(|(_, key)| key.references == *table && key.referenced_columns.contains(column));
        keys.filter_map(|(own, _)| rows.broken(own)).collect::<Vec<_>>()
    });
    broken.collect()
}

/// Returns true if rows get the default of a column, which may be in a row already or refer to none.
fn is_filled(change: &ColumnChange, known: &[Hazard]) -> bool {
    let updates =
        |hazard: &Hazard| matches!(hazard, Hazard::Updates { table } if *table == change.table);
    change.from.nullable && !change.to.nullable && known.iter().any(updates)
}

/// Returns the rules that forbid equal values in columns of a type that is made again, if values that differ
/// may become equal, and the checks of columns of a composite type if values lose something.
fn broken_by_replaced(
    replacement: &TypeReplacement,
    known: &[Hazard],
    world: &World<'_>,
) -> Vec<Hazard> {
    let is_loss = |hazard: &Hazard| matches!(hazard, Hazard::LosesPrecision { .. });
    let is_reshaped = !replacement.attributes.is_empty();
    let loses = is_reshaped && known.iter().any(is_loss);
    let may_equal = loses || values_may_become_equal(replacement, world);
    let is_given = |moved: &&TypeColumn| replacement.conversion(moved).is_some();
    let found = replacement.columns.iter().filter(|own| may_equal || is_given(own));
    let found = found.flat_map(|moved| {
        let rows = rows_of(world, &moved.table).into_iter();
        let (of, loses) = (&moved.column.name, loses || is_given(&moved));
        rows.flat_map(move |rows| if loses { rows.rules_of(of) } else { rows.keys_of(of) })
    });
    found.collect()
}

/// Returns true if values of a composite type that differ may be equal in its new form, beside those that
/// are rounded.
fn values_may_become_equal(replacement: &TypeReplacement, world: &World<'_>) -> bool {
    let (Object::Definition(from), Object::Definition(to)) = (&replacement.from, &replacement.to)
    else {
        return false;
    };
    let attributes = &replacement.attributes;
    let is_gone = |old: &&Clause| !to.clauses.iter().any(|own| own.is_same_part(old));
    let may_equal = |own: &AttributeChange| {
        let Some(from) = own.from.as_ref() else { return false };
        let [from, to] = [(&own.from_base, from), (&own.to_base, &own.to)]
            .map(|(base, own)| base.as_ref().unwrap_or(own).spelling());
        from != to && !world.dialect.keeps_apart(from, to)
    };
    let gets_vague = |clause: &Clause| {
        let collation = clause.text.spelling().split_once(" COLLATE ");
        let is_new = !from.clauses.contains(clause);
        is_new && collation.is_some_and(|(_, name)| is_vague(&name.replace('"', ""), world))
    };
    !attributes.is_empty()
        && (from.clauses.iter().any(|old| is_gone(&old))
            || attributes.iter().any(may_equal)
            || to.clauses.iter().any(gets_vague))
}

/// Returns the rules of a table that is rebuilt that forbid equal values in columns whose values lose
/// something, or get a collation to which more is equal, the checks of those that lose something, and all rules
/// about other rows for a column that is filled.
fn broken_by_rebuilt(rebuild: &TableRebuild, known: &[Hazard], dialect: Dialect) -> Vec<Hazard> {
    let rows = Rows { dialect, before: &rebuild.from, target: &rebuild.to };
    let is_vague = |column: &Column| {
        let before = rebuild.from.column(&column.name).map(|before| &before.collation);
        before != Some(&column.collation)
            && column.collation.as_ref().is_some_and(|own| dialect.equates_texts(own))
    };
    let columns = rebuild.to.columns.iter();
    let is_filled = |column: &Column| {
        let was_nullable = rebuild.from.column(&column.name).is_some_and(|before| before.nullable);
        was_nullable && !column.nullable && column.default.is_some()
    };
    let found = columns.flat_map(|column| match is_filled(column) {
        true => [rows.keys_of(&column.name), rows.references_of(&column.name)].concat(),
        false if rows.loses(&column.name, known) => rows.rules_of(&column.name),
        false if is_vague(column) => rows.keys_of(&column.name),
        false => Vec::new(),
    });
    found.collect()
}

/// Returns true if values of a column that differ may be equal after a change, beside those that are
/// rounded: they are parsed, or get a type or collation to which more is equal.
fn may_become_equal(change: &ColumnChange, world: &World<'_>) -> bool {
    let ColumnChange { from, to, .. } = change;
    if to.collation != from.collation && to.collation.as_ref().is_some_and(|c| is_vague(c, world)) {
        return true;
    }
    if from.sql_type == to.sql_type {
        return false;
    }
    let old = change.from_base.as_ref().unwrap_or(&from.sql_type).spelling();
    let new = change.to_base.as_ref().unwrap_or(&to.sql_type).spelling();
    // A label has one text.
    let is_enum = world.type_of(to).is_some_and(|id| id.kind == Kind::Enum);
    to.using.is_some() || (old != new && !is_enum && !world.dialect.keeps_apart(old, new))
}

/// Returns true if texts that differ may be equal by a collation.
fn is_vague(collation: &str, world: &World<'_>) -> bool {
    let target = world.pair.target;
    let mut found =
        world.collation(collation).into_iter().filter_map(|id| target.definitions.get(&id));
    found.any(|own| own.body.spelling().contains("deterministic = false"))
}

fn rebuilt(rebuild: &TableRebuild, dialect: Dialect) -> Vec<Hazard> {
    let rows = Rows { dialect, before: &rebuild.from, target: &rebuild.to };
    let constraints = rebuild.to.constraints.iter().filter_map(|c| rows.constraint(c));
    let indexes = rebuild.to.indexes.iter().filter_map(|index| rows.index(index));
    let becomes_strict = rebuild.to.options.strict && !rebuild.from.options.strict;
    let (object, name) = (ObjectId::table(&rebuild.to.name), &rebuild.to.name);
    let rows = format!("a value of {name} does not have the type of its column");
    let strict = becomes_strict.then_some(Hazard::FailsOnRule { object, rows });
    constraints.chain(indexes).chain(strict).collect()
}
