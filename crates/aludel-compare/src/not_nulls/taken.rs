//! Names of NOT NULL constraints that another constraint of the schema has already. The server would
//! add a number to the usual name, so that it would depend on the history of a database.

use std::collections::{BTreeMap, BTreeSet};

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{
    Clause, Column, Constraint, Definition, Kind, Metadata, QualifiedName, Table, object_name, path,
};

use crate::depends::World;

/// Says the usual name of each new NOT NULL constraint whose name another table or type of the schema has
/// by then. Operations come in their order.
pub(crate) fn say(world: &World<'_>, operations: &mut [Operation]) {
    if !world.dialect.capabilities().not_null_constraints {
        return;
    }
    // Domains have names for them in servers whose tables have none.
    let is_named = world.pair.target.names_not_null;
    let mut held = Held::of(world.pair.database);
    for operation in operations {
        held.free(operation);
        if let Some(made) = domain(operation) {
            held.say_in_domain(made);
        }
        for (table, column) in forbidding(operation).into_iter().filter(|_| is_named) {
            let name = column.not_null_name(&table);
            if held.is_elsewhere(&table, &name) {
                column.not_null.get_or_insert_default().name = Some(name);
            }
        }
        held.take(operation);
    }
}

/// A domain that an operation makes or changes.
struct Made<'o> {
    domain: &'o mut Definition,
    /// The clauses that it has before.
    before: Vec<Clause>,
    /// The clauses of one whose place it takes, and which is there until then.
    beside: Vec<Clause>,
}

fn domain(operation: &mut Operation) -> Option<Made<'_>> {
    let (domain, before, beside) = match operation {
        Operation::Create(Object::Definition(own)) => (own, Vec::new(), Vec::new()),
        Operation::Alter(Alter::Definition { from, to, .. }) => {
            (to, from.clauses.clone(), Vec::new())
        }
        Operation::Alter(Alter::ReplaceType(replacement)) => {
            match (&replacement.from, &mut replacement.to) {
                (Object::Definition(from), Object::Definition(to)) => {
                    (to, Vec::new(), from.clauses.clone())
                }
                _ => return None,
            }
        }
        Operation::Create(_)
        | Operation::Alter(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Restore(_)
        | Operation::Comment { .. } => return None,
    };
    (domain.id.kind == Kind::Domain).then_some(Made { domain, before, beside })
}

/// Returns the columns whose NOT NULL constraints an operation makes, with their tables.
fn forbidding(operation: &mut Operation) -> Vec<(QualifiedName, &mut Column)> {
    let (table, columns) = match operation {
        Operation::Create(Object::Table(table)) => {
            let columns = table.columns.iter_mut().filter(|column| !column.inherited);
            (table.name.clone(), columns.collect())
        }
        Operation::Create(Object::Column { table, column, .. }) => {
            (table.clone(), vec![&mut **column])
        }
        Operation::Restore(restored) => (restored.table.clone(), vec![&mut *restored.column]),
        Operation::Alter(Alter::Column(change)) if change.from.nullable => {
            (change.table.clone(), vec![&mut *change.to])
        }
        Operation::Create(_)
        | Operation::Alter(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Comment { .. } => return Vec::new(),
    };
    let columns = columns.into_iter().filter(|column: &&mut Column| !column.nullable);
    columns.map(|column| (table.clone(), column)).collect()
}

/// The names of constraints, with the tables and types that have them.
#[derive(Debug, Default)]
struct Held(BTreeMap<QualifiedName, BTreeSet<QualifiedName>>);

impl Held {
    fn of(side: &Metadata) -> Self {
        let mut held = Self::default();
        for table in side.tables.values() {
            names_of_table(table).for_each(|name| held.add(&table.name, &name));
        }
        for own in side.definitions.values() {
            names_of_definition(own).for_each(|name| held.add(&own.id.name, &name));
        }
        held
    }

    fn is_elsewhere(&self, owner: &QualifiedName, name: &str) -> bool {
        let owners = self.0.get(&owner.sibling(name));
        // One table can't have two constraints of a name.
        owners.is_some_and(|owners| !owners.is_empty() && !owners.contains(owner))
    }

    fn say_in_domain(&self, made: Made<'_>) {
        let Made { domain, before, beside } = made;
        for clause in domain.clauses.iter_mut().filter(|own| own.word == "not null") {
            let is_elsewhere = |name: &String| self.is_elsewhere(&domain.id.name, name);
            let is_taken =
                beside.contains(clause) || clause.name.as_ref().is_some_and(is_elsewhere);
            if is_taken && clause.name.is_some() && !before.contains(clause) {
                "not null name".clone_into(&mut clause.word);
            }
        }
    }

    fn add(&mut self, owner: &QualifiedName, name: &str) {
        self.0.entry(owner.sibling(name)).or_default().insert(owner.clone());
    }

    fn remove(&mut self, owner: &QualifiedName, name: &str) {
        if let Some(owners) = self.0.get_mut(&owner.sibling(name)) {
            owners.remove(owner);
        }
    }

    fn free(&mut self, operation: &Operation) {
        match operation {
            Operation::Drop(object) => {
                let (owner, names) = names_of(object);
                names.iter().for_each(|name| self.remove(&owner, name));
            }
            Operation::Rename { from, .. } => {
                let table = from.table.as_ref().filter(|_| from.kind == Kind::Constraint);
                table.into_iter().for_each(|table| self.remove(table, &from.name.name));
            }
            Operation::Alter(Alter::Column(change)) => {
                let name = not_null(&change.table, &change.from);
                name.into_iter().for_each(|name| self.remove(&change.table, &name));
            }
            Operation::Alter(Alter::Definition { from, .. }) => {
                names_of_definition(from).for_each(|name| self.remove(&from.id.name, &name));
            }
            Operation::Create(_)
            | Operation::Alter(_)
            | Operation::Restore(_)
            | Operation::Comment { .. } => {}
        }
    }

    fn take(&mut self, operation: &Operation) {
        match operation {
            Operation::Create(object) => {
                let (owner, names) = names_of(object);
                names.iter().for_each(|name| self.add(&owner, name));
            }
            Operation::Restore(restored) => {
                let name = not_null(&restored.table, &restored.column);
                name.into_iter().for_each(|name| self.add(&restored.table, &name));
            }
            Operation::Rename { from, to } => {
                let table = from.table.as_ref().filter(|_| from.kind == Kind::Constraint);
                table.into_iter().for_each(|table| self.add(table, to));
            }
            Operation::Alter(Alter::Column(change)) => {
                let name = not_null(&change.table, &change.to);
                name.into_iter().for_each(|name| self.add(&change.table, &name));
            }
            Operation::Alter(Alter::Definition { to, .. }) => {
                names_of_definition(to).for_each(|name| self.add(&to.id.name, &name));
            }
            Operation::Drop(_) | Operation::Alter(_) | Operation::Comment { .. } => {}
        }
    }
}

/// Returns the table or type of an object, and the names of the constraints that come and go with it.
fn names_of(object: &Object) -> (QualifiedName, Vec<String>) {
    match object {
        Object::Table(table) => (table.name.clone(), names_of_table(table).collect()),
        Object::Column { table, column, constraints } => {
            let constraints = constraints.iter().filter_map(|own| own.name.clone());
            (table.clone(), constraints.chain(not_null(table, column)).collect())
        }
        Object::Constraint { table, constraint } => {
            (table.clone(), constraint.name.clone().into_iter().collect())
        }
        Object::Definition(own) => (own.id.name.clone(), names_of_definition(own).collect()),
        Object::Schema(_)
        | Object::Extension(_)
        | Object::Enum(_)
        | Object::Sequence(_)
        | Object::Index { .. } => (object.id().name, Vec::new()),
    }
}

/// Returns the names of the constraints of a table. Those that it inherits are held by the tables above.
fn names_of_table(table: &Table) -> impl Iterator<Item = String> {
    let own = table.columns.iter().filter(|column| !column.inherited);
    let not_null = own.filter_map(|column| not_null(&table.name, column));
    let named = |own: &Constraint| own.name.clone();
    table.constraints.iter().filter_map(named).chain(not_null)
}

fn names_of_definition(own: &Definition) -> impl Iterator<Item = String> {
    own.clauses.iter().filter_map(|Clause { word, name, text }| match word.as_str() {
        "constraint" | "not null name" => name.clone(),
        "named not null" => path(text.spelling()).and_then(|mut path| path.pop()),
        "not null" if own.id.kind == Kind::Domain => name.clone(),
        "not null" => {
            let part = name.as_deref().unwrap_or_default();
            Some(object_name(&own.id.name.name, part, "not_null"))
        }
        _ => None,
    })
}

fn not_null(table: &QualifiedName, column: &Column) -> Option<String> {
    (!column.nullable).then(|| column.not_null_name(table))
}
