//! Typed tables under attributes that get other types.
//!
//! PostgreSQL gives the columns of a typed table the types of the attributes only by casts that it applies
//! by itself, and its statement has no place for another one. Such a table is apart from its type for a
//! while, in which its columns change as those of any table. So is one that becomes a table of another type, and
//! one whose constraints get other names.

use std::borrow::Cow;
use std::collections::BTreeSet;

use aludel_dialect::attributes;
use aludel_operations::{Alter, Operation};
use aludel_schema::{
    Constraint, Definition, Kind, Metadata, ObjectId, QualifiedName, Table, TableOptions,
};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::ordering::graph::Graph;
use crate::pair::Pair;

/// Returns the typed tables that leave their types, and come back to them or to others.
pub(crate) fn leaving(pair: Pair<&Metadata>) -> BTreeSet<QualifiedName> {
    let changes = |target: &&Definition| {
        let database = pair.database.definitions.get(&target.id);
        let database = database.filter(|_| target.id.kind == Kind::CompositeType);
        database.is_some_and(|database| {
            target
                .clauses
                .iter()
                .any(|own| database.clauses.iter().any(|old| old.is_same_part(own) && old != own))
        })
    };
    let types = pair.target.definitions.values().filter(changes);
    let types: BTreeSet<&QualifiedName> = types.map(|own| &own.id.name).collect();
    let is_left = |table: &&Table| {
        let Some(before) = pair.database.tables.get(&table.name) else { return false };
        let of = before.options.of_type.as_ref().zip(table.options.of_type.as_ref());
        of.is_some_and(|(old, of)| {
            old != of || types.contains(of) || renames_constraints(before, table)
        })
    };
    pair.target.tables.values().filter(is_left).map(|table| table.name.clone()).collect()
}

/// Returns true if constraints of a table get other names, for which PostgreSQL has no statement while the table is
/// of a type.
fn renames_constraints(before: &Table, after: &Table) -> bool {
    let has = |table: &Table, own: &Constraint| {
        table.constraints.iter().any(|other| other.name == own.name)
    };
    let mut new = after.constraints.iter().filter(|own| !has(before, own));
    new.any(|own| {
        let mut gone = before.constraints.iter().filter(|other| !has(after, other));
        gone.any(|other| other.same_demand(own))
    })
}

/// Reports the columns that tables of types would have beside those of the types.
pub(crate) fn impossible(target: &Metadata) -> impl Iterator<Item = Impossible> {
    target.tables.values().filter_map(|table| {
        let of_type = table.options.of_type.as_ref()?;
        let own = table.columns.iter().find(|column| !column.inherited)?;
        let object = ObjectId::column(&table.name, own.name.as_str());
        let reason = format!(
            "a table of a type has the columns of the type and no other ones; mark the column as \
             `inherited`, or add an attribute to {of_type}"
        );
        Some(Impossible { object, reason })
    })
}

/// Reports the tables that become tables of types and whose columns do not have the order of the attributes by
/// then, which the server asks for.
pub(crate) fn unordered(world: &World<'_>) -> Vec<Impossible> {
    let Pair { database, target } = world.pair;
    let tables = target.tables.values().filter_map(|table| {
        let before = database.tables.get(&table.name)?;
        let of = table.options.of_type.as_ref();
        let of = of.filter(|of| before.options.of_type.as_ref() != Some(of))?;
        let id = ObjectId::new(Kind::CompositeType, of.clone());
        let attributes = attributes(target.definitions.get(&id)?, world.dialect);
        let stay = before.columns.iter().map(|own| &own.name);
        let stay: Vec<&String> = stay.filter(|own| table.column(own).is_some()).collect();
        let come = attributes.iter().filter(|own| before.column(own).is_none());
        let columns: Vec<&String> = stay.into_iter().chain(come).collect();
        (!columns.iter().copied().eq(&attributes)).then(|| Impossible {
            object: ObjectId::table(&table.name),
            reason: format!(
                "PostgreSQL makes it a table of {of} only if its columns are the attributes in their order, but \
                 they would be {}; make a new table of the type, in a revision written by hand",
                columns.iter().map(|own| own.as_str()).collect::<Vec<_>>().join(", ")
            ),
        })
    });
    tables.collect()
}

/// Returns a side in which tables have their columns of their own.
pub(crate) fn apart<'m>(
    mut side: Cow<'m, Metadata>,
    names: &BTreeSet<QualifiedName>,
) -> Cow<'m, Metadata> {
    for name in names {
        if let Some(table) = side.to_mut().tables.get_mut(name) {
            table.columns.iter_mut().for_each(|column| column.inherited = false);
        }
    }
    side
}

/// Returns the operations by which tables leave their types and come back to them. Those of tables that get
/// other types are among the ones of their options.
pub(crate) fn operations(pair: Pair<&Metadata>, names: &BTreeSet<QualifiedName>) -> Vec<Operation> {
    let all = names.iter().filter_map(|name| {
        let table = pair.map(|side| side.tables.get(name));
        let Pair { database, target } = Pair::new(&table.database?.options, &table.target?.options);
        if database.of_type != target.of_type {
            return None;
        }
        let apart = |options: &TableOptions| TableOptions { of_type: None, ..options.clone() };
        let change = |from: TableOptions, to: TableOptions| {
            let (from, to) = (Box::new(from), Box::new(to));
            Operation::Alter(Alter::TableOptions { table: name.clone(), from, to })
        };
        let leaves = change(database.clone(), apart(database));
        Some([leaves, change(apart(target), target.clone())])
    });
    all.flatten().collect()
}

/// Adds edges that give constraints of a table other names while it is apart from its type.
pub(crate) fn edges(operations: &[Operation], graph: &mut Graph) {
    let renames = |of: &QualifiedName, operation: &Operation| match operation {
        Operation::Rename { from, .. } => {
            from.kind == Kind::Constraint && from.table.as_ref() == Some(of)
        }
        _ => false,
    };
    for (at, operation) in operations.iter().enumerate() {
        let Operation::Alter(Alter::TableOptions { table, from, to }) = operation else { continue };
        let all = operations.iter().enumerate().filter(|(_, own)| renames(table, own));
        for (rename, _) in all.filter(|_| from.of_type != to.of_type) {
            match to.of_type {
                None => graph.edge(at, rename),
                Some(_) => graph.edge(rename, at),
            }
        }
    }
}
