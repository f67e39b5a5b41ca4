//! Rows that a plan may fail on: those that break a constraint or a unique index that is new, or
//! that is made over columns whose values are new.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, Hazard, Step, mentions};
use aludel_operations::{
    Alter, AttributeChange, ColumnChange, Object, Operation, TableRebuild, TypeReplacement,
};
use aludel_schema::{
    Clause, Column, Constraint, ConstraintKind, Definition, ForeignKey, Index, IndexKey, KeyPart,
    Kind, ObjectId, QualifiedName, Table, Validity,
};

use crate::change::in_new_names;
use crate::depends::World;
use crate::domain_rules::{
    checks, domain, domains_of_value, gives_a_value, is_checked, not_null_rules, rules,
};
use crate::pair::Pair;
use crate::{bound, computed, partition, replaced_values, replication};

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
                    found.extend(same_keys(change, &step.hazards, world));
                }
                Operation::Alter(Alter::ReplaceType(replacement)) => {
                    found.extend(same_keys_replaced(replacement, &step.hazards, world));
                }
                Operation::Alter(Alter::Rebuild(rebuild)) => {
                    found.extend(same_keys_rebuilt(rebuild, &step.hazards, world.dialect));
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
    let sides = |table| {
        let target = world.pair.target.tables.get(table)?;
        Some(Rows {
            dialect: world.dialect,
            before: world.pair.database.tables.get(table)?,
            target,
        })
    };
    let broken = |table, constraint: &Constraint| {
        sides(table).and_then(|rows| rows.broken(constraint)).into_iter().collect()
    };
    match operation {
        Operation::Create(Object::Constraint { table, constraint }) => {
            sides(table).and_then(|rows| rows.constraint(constraint)).into_iter().collect()
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

/// Returns true if rows that are within one constraint are within another one as well.
fn is_as_strict(old: &Constraint, new: &Constraint) -> bool {
    match (&old.kind, &new.kind) {
        (ConstraintKind::ForeignKey(old), ConstraintKind::ForeignKey(new)) => {
            let is_met = old.validity == Validity::Valid && (old.match_full || !new.match_full);
            let ends = |key: &ForeignKey| {
                (
                    key.columns.clone(),
                    key.references.clone(),
                    key.referenced_columns.clone(),
                    key.period,
                )
            };
            old == new || (is_met && ends(old) == ends(new))
        }
        (old, new) => old == new || is_key_within(old, new),
    }
}

/// Returns the rows that break a key whose last column is a period, which may not be empty (PostgreSQL 18).
fn overlapping(table: &QualifiedName, columns: &[String]) -> String {
    match columns {
        [same @ .., period] => format!(
            "two rows of {table} with the same {} overlap in {period}, or {period} is empty in one",
            same.join(", ")
        ),
        [] => format!("rows of {table} overlap"),
    }
}

/// Returns the unique constraint that forbids the same rows as a unique index; `None` for any other index.
fn key_of(index: &Index) -> Option<ConstraintKind> {
    let is_plain = |key: &IndexKey| key.opclass.is_none() && key.collation.is_none();
    let columns = index.key_columns().filter(|_| index.keys.iter().all(is_plain))?;
    Some(ConstraintKind::Unique {
        columns,
        include: Vec::new(),
        nulls_not_distinct: index.nulls_not_distinct,
        without_overlaps: false,
    })
}

/// Returns true if rows that differ by a unique index differ in a key, which has all of its columns.
fn is_within(old: &Index, new: &ConstraintKind) -> bool {
    key_of(old).is_some_and(|old| is_key_within(&old, new))
}

/// Returns true if rows that differ in one key differ in another one, which has all of its columns.
fn is_key_within(old: &ConstraintKind, new: &ConstraintKind) -> bool {
    let key = |kind: &ConstraintKind| match kind {
        ConstraintKind::PrimaryKey { columns, without_overlaps: false, .. } => {
            Some((columns.clone(), true))
        }
        ConstraintKind::Unique { columns, without_overlaps: false, nulls_not_distinct, .. } => {
            Some((columns.clone(), *nulls_not_distinct))
        }
        ConstraintKind::PrimaryKey { .. }
        | ConstraintKind::Unique { .. }
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Check { .. }
        | ConstraintKind::Exclusion { .. } => None,
    };
    // NULL in a new primary key is said of its column.
    let has_to = matches!(new, ConstraintKind::Unique { nulls_not_distinct: true, .. });
    let (Some((old, counts_nulls)), Some((new, _))) = (key(old), key(new)) else {
        return false;
    };
    old.iter().all(|column| new.contains(column)) && (counts_nulls || !has_to)
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
/// its new type or collation, and all rules about other rows for a column that is filled.
fn same_keys(change: &ColumnChange, known: &[Hazard], world: &World<'_>) -> Vec<Hazard> {
    let tables = (
        world.pair.database.tables.get(&change.table),
        world.pair.target.tables.get(&change.table),
    );
    let (Some(before), Some(target)) = tables else { return Vec::new() };
    let rows = Rows { dialect: world.dialect, before, target };
    let name = &change.to.name;
    if is_filled(change, known) {
        return rows.keys_of(name).into_iter().chain(rows.references_of(name)).collect();
    }
    match rows.loses(name, known) || may_become_equal(change, world) {
        true => rows.keys_of(name),
        false => Vec::new(),
    }
}

/// Returns true if rows get the default of a column, which may be in a row already or refer to none.
fn is_filled(change: &ColumnChange, known: &[Hazard]) -> bool {
    let updates =
        |hazard: &Hazard| matches!(hazard, Hazard::Updates { table } if *table == change.table);
    change.from.nullable && !change.to.nullable && known.iter().any(updates)
}

/// Returns the rules that forbid equal values in columns of a composite type that is made again, if values
/// that differ may become equal.
fn same_keys_replaced(
    replacement: &TypeReplacement,
    known: &[Hazard],
    world: &World<'_>,
) -> Vec<Hazard> {
    let is_loss = |hazard: &Hazard| matches!(hazard, Hazard::LosesPrecision { .. });
    let is_reshaped = !replacement.attributes.is_empty();
    let loses = is_reshaped && known.iter().any(is_loss);
    if !loses && !values_may_become_equal(replacement, world) {
        return Vec::new();
    }
    let found = replacement.columns.iter().flat_map(|moved| {
        let tables = world.pair.map(|side| side.tables.get(&moved.table));
        let rows = tables.database.zip(tables.target);
        let rows = rows.map(|(before, target)| Rows { dialect: world.dialect, before, target });
        rows.map(|rows| rows.keys_of(&moved.column.name)).unwrap_or_default()
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
/// something, or get a collation to which more is equal, and all rules about other rows for a column that is
/// filled.
fn same_keys_rebuilt(rebuild: &TableRebuild, known: &[Hazard], dialect: Dialect) -> Vec<Hazard> {
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
        false if rows.loses(&column.name, known) || is_vague(column) => rows.keys_of(&column.name),
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

/// A table with rows, before and after a change.
struct Rows<'t> {
    dialect: Dialect,
    before: &'t Table,
    target: &'t Table,
}

impl Rows<'_> {
    fn constraint(&self, constraint: &Constraint) -> Option<Hazard> {
        let was_there = self.before.constraints.iter().any(|old| is_as_strict(old, constraint))
            || self.before.indexes.iter().any(|old| is_within(old, &constraint.kind));
        let columns = self.columns(constraint);
        let has_new_values = columns.iter().any(|column| self.has_new_values(column));
        if (was_there || self.widens_a_list(constraint)) && !has_new_values {
            return None;
        }
        if self.permits_first_value(constraint) {
            return None;
        }
        let mut nulls = columns.iter().map(|column| self.is_all_null(column));
        let accepts_null = match &constraint.kind {
            // A row with NULL in one of the columns is none that is compared.
            ConstraintKind::Unique { nulls_not_distinct: false, .. } => nulls.any(|null| null),
            ConstraintKind::ForeignKey(key) if key.validity == Validity::Valid => {
                if key.match_full { nulls.all(|null| null) } else { nulls.any(|null| null) }
            }
            ConstraintKind::Check { expression, .. } if asks_for_null(&expression.written) => false,
            ConstraintKind::Check { .. } | ConstraintKind::Exclusion { .. } => {
                !columns.is_empty() && nulls.all(|null| null)
            }
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::ForeignKey(_) => false,
        };
        if accepts_null {
            return None;
        }
        let is_key = matches!(
            constraint.kind,
            ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. }
        );
        if is_key && columns.iter().any(|column| self.is_counted(column)) {
            return None;
        }
        self.broken(constraint)
    }

    /// Returns true for a check `column IN (…)` that permits all that a check of before permits.
    fn widens_a_list(&self, constraint: &Constraint) -> bool {
        let Some((column, permitted)) = self.listed(constraint) else { return false };
        let mut before = self.before.constraints.iter().filter_map(|own| self.listed(own));
        before.any(|(of, old)| of == column && old.iter().all(|value| permitted.contains(value)))
    }

    /// Returns true for a check `column IN (…)` that permits the one value that a new column has in all rows:
    /// its default, or the first value that a check of it lists.
    fn permits_first_value(&self, constraint: &Constraint) -> bool {
        let Some((name, permitted)) = self.listed(constraint) else { return false };
        let Some(column) = self.target.column(&name).filter(|_| self.is_new(&name)) else {
            return false;
        };
        let mut listed = self.target.constraints.iter().filter_map(|own| self.listed(own));
        let listed =
            || listed.find_map(|(of, values)| values.into_iter().next().filter(|_| of == name));
        let value = column.default.as_ref().map(|default| default.written.clone()).or_else(listed);
        value.is_some_and(|value| permitted.contains(&value))
    }

    /// Returns the column and the values of a check `column IN (…)`.
    fn listed(&self, constraint: &Constraint) -> Option<(String, Vec<String>)> {
        match &constraint.kind {
            ConstraintKind::Check { expression, validity: Validity::Valid, .. } => {
                self.dialect.listed(&expression.written)
            }
            ConstraintKind::Check { .. }
            | ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::ForeignKey(_)
            | ConstraintKind::Exclusion { .. } => None,
        }
    }

    /// Returns the hazard of rows that break a constraint; `None` if the server does not look at
    /// them.
    fn broken(&self, constraint: &Constraint) -> Option<Hazard> {
        let table = &self.target.name;
        let rows = match &constraint.kind {
            ConstraintKind::Check {
                validity: Validity::NotValid | Validity::NotEnforced, ..
            } => return None,
            ConstraintKind::ForeignKey(key) if key.validity != Validity::Valid => return None,
            ConstraintKind::PrimaryKey { columns, without_overlaps: true, .. }
            | ConstraintKind::Unique { columns, without_overlaps: true, .. } => {
                overlapping(table, columns)
            }
            ConstraintKind::PrimaryKey { columns, .. } | ConstraintKind::Unique { columns, .. } => {
                format!("two rows of {table} have the same {}", columns.join(", "))
            }
            ConstraintKind::ForeignKey(key) => {
                format!("a row of {table} refers to no row of {}", key.references)
            }
            ConstraintKind::Check { .. } => {
                format!("a row of {table} breaks {}", constraint.label())
            }
            ConstraintKind::Exclusion { .. } => {
                format!("two rows of {table} exclude each other by {}", constraint.label())
            }
        };
        Some(Hazard::FailsOnRule { object: constraint.id(table), rows })
    }

    fn index(&self, index: &Index) -> Option<Hazard> {
        let old = self.before.index(&index.name);
        let has_new_values = index.columns().any(|column| self.has_new_values(column));
        let key = key_of(&Index { predicate: None, ..index.clone() });
        let mut keys = self.before.constraints.iter().map(|own| &own.kind);
        let was_there = old.is_some_and(|old| old.same_definition(index))
            || key.is_some_and(|key| keys.any(|old| is_key_within(old, &key)));
        let nulls = index.columns().any(|column| self.is_all_null(column));
        let harmless = nulls && !index.nulls_not_distinct;
        if !index.unique || (was_there && !has_new_values) || harmless {
            return None;
        }
        Some(self.same_key(index))
    }

    fn same_key(&self, index: &Index) -> Hazard {
        let table = &self.target.name;
        let rows = format!("two rows of {table} have the same key in {}", index.name);
        Hazard::FailsOnRule { object: index.id(table), rows }
    }

    /// Returns true if the values of a column are known to lose something.
    fn loses(&self, column: &str, known: &[Hazard]) -> bool {
        let id = ObjectId::column(&self.target.name, column);
        let is_loss = |hazard: &Hazard| matches!(hazard, Hazard::LosesPrecision { column, .. } if *column == id);
        known.iter().any(is_loss)
    }

    /// Returns the rules that forbid equal values in a column.
    fn keys_of(&self, column: &str) -> Vec<Hazard> {
        let covers = |own: &Constraint| self.columns(own).iter().any(|name| name == column);
        let forbids = |own: &&Constraint| match own.kind {
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::Exclusion { .. } => covers(own),
            ConstraintKind::ForeignKey(_) | ConstraintKind::Check { .. } => false,
        };
        let constraints = self.target.constraints.iter().filter(forbids);
        let constraints = constraints.filter_map(|own| self.broken(own));
        let indexes = self.target.indexes.iter();
        let indexes = indexes.filter(|index| index.unique && self.reads(index, column));
        constraints.chain(indexes.map(|index| self.same_key(index))).collect()
    }

    /// Returns the foreign keys of a column.
    fn references_of(&self, column: &str) -> Vec<Hazard> {
        let own = self.target.foreign_keys();
        let own = own.filter(|(_, key)| key.columns.iter().any(|name| name == column));
        own.filter_map(|(own, _)| self.broken(own)).collect()
    }

    /// Returns true if a key of an index is a column, or is computed from it.
    fn reads(&self, index: &Index, column: &str) -> bool {
        index.keys.iter().any(|key| match &key.part {
            KeyPart::Column(name) => *name == column,
            KeyPart::Expression(text) => mentions(&text.written, column, self.dialect),
        })
    }

    /// Returns the columns that a constraint looks at.
    fn columns(&self, constraint: &Constraint) -> Vec<String> {
        let all = self.target.columns.iter().map(|column| column.name.as_str());
        let named = |text: &str| {
            let read = all.clone().filter(|name| mentions(text, name, self.dialect));
            read.map(str::to_owned).collect()
        };
        match &constraint.kind {
            ConstraintKind::Check { expression: text, .. }
            | ConstraintKind::Exclusion { definition: text } => named(&text.written),
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::ForeignKey(_) => constraint.columns().to_vec(),
        }
    }

    /// Returns true if the rows have no former value in a column.
    fn is_new(&self, column: &str) -> bool {
        self.before.column(column).is_none()
    }

    /// Returns true if the rows have other values in a column than before: it is new, or is computed anew.
    fn has_new_values(&self, column: &str) -> bool {
        let sides = self.before.column(column).zip(self.target.column(column));
        let is_other = |(before, after)| computed::has_other_values(before, after, self.dialect);
        sides.map_or(self.is_new(column), is_other)
    }

    /// Returns true for a new column that is NULL in all rows.
    fn is_all_null(&self, column: &str) -> bool {
        self.is_new(column) && self.target.column(column).is_some_and(Column::is_null_at_first)
    }

    /// Returns true for a new column that counts the rows.
    fn is_counted(&self, column: &str) -> bool {
        let counts = |column: &Column| {
            let default = column.default.as_ref();
            column.identity.is_some()
                || default.is_some_and(|d| d.written.contains("nextval"))
                || self.dialect.numbers_rows(self.target, column)
        };
        self.is_new(column) && self.target.column(column).is_some_and(counts)
    }
}

/// Returns true if a condition may be false for NULL.
fn asks_for_null(condition: &str) -> bool {
    let condition = condition.to_ascii_lowercase();
    ["null", "coalesce", "distinct"].iter().any(|word| condition.contains(word))
}
