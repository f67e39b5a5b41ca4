//! Names of NOT NULL constraints, and their changes.

use std::collections::{BTreeMap, BTreeSet};

use aludel_operations::{Alter, ColumnChange, Operation};
use aludel_schema::{Column, Kind, Metadata, NotNull, QualifiedName, object_name};

use crate::depends::World;
use crate::renaming::hints::third_name;

/// Lets the names of NOT NULL constraints that change places do so by way of a third name.
pub(crate) fn untangle(world: &World<'_>, operations: &mut Vec<Operation>) {
    if !world.pair.target.names_not_null {
        return;
    }
    let (mut all, mut names) = (Vec::new(), Vec::new());
    for operation in std::mem::take(operations) {
        all.extend(apart(operation, &mut names));
    }
    all.extend(names);
    let closing = closing(&all);
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for (at, operation) in all.into_iter().enumerate() {
        let Operation::Alter(Alter::Column(change)) = &operation else {
            operations.push(operation);
            continue;
        };
        if !closing.contains(&at) {
            operations.push(operation);
            continue;
        }
        let name = change.from.not_null_name(&change.table);
        let is_taken = |name: &str| {
            let sides = [world.pair.database, world.pair.target].into_iter();
            let tables = sides.filter_map(|side| side.tables.get(&change.table));
            let mut columns = tables.flat_map(|table| &table.columns);
            columns.any(|column| column.not_null_name(&change.table) == name)
        };
        let between = named(&change.from, &third_name(&name, is_taken));
        let away = ColumnChange { to: Box::new(between.clone()), ..change.clone() };
        let back = ColumnChange { from: Box::new(between), ..change.clone() };
        first.push(Operation::Alter(Alter::Column(away)));
        last.push(Operation::Alter(Alter::Column(back)));
    }
    operations.splice(0..0, first);
    operations.extend(last);
}

/// Takes the new name of a NOT NULL constraint apart from the other changes of its column, each of which
/// has its own statement and hazards. The name comes first, because another column may wait for the old one,
/// and that of a column with a new identity last: the column whose counter passes on to it goes only afterwards,
/// and may have the new name until then.
fn apart(operation: Operation, last: &mut Vec<Operation>) -> Vec<Operation> {
    let Operation::Alter(Alter::Column(change)) = &operation else { return vec![operation] };
    let [old, new] = [&change.from, &change.to].map(|column| column.not_null_name(&change.table));
    if old == new || change.from.nullable || change.to.nullable {
        return vec![operation];
    }
    let between = named_like(&change.from, &change.to);
    let renamed = ColumnChange { from: Box::new(between.clone()), ..change.clone() };
    if is_name_alone(&renamed) {
        return vec![operation];
    }
    if change.from.identity.is_none() && change.to.identity.is_some() {
        let between = Box::new(named_like(&change.to, &change.from));
        let begun = ColumnChange { to: between.clone(), ..change.clone() };
        last.push(Operation::Alter(Alter::Column(ColumnChange {
            from: between,
            ..change.clone()
        })));
        return vec![Operation::Alter(Alter::Column(begun))];
    }
    let name = ColumnChange { to: Box::new(between), ..change.clone() };
    [name, renamed].map(|change| Operation::Alter(Alter::Column(change))).to_vec()
}

/// Returns true if a change is one of the name or the options of a NOT NULL constraint, and of nothing
/// else.
pub(crate) fn is_name_alone(change: &ColumnChange) -> bool {
    // The models' words on a rename, a conversion and a comment are no changes of the column itself, nor is it
    // whether another table has it too.
    let itself = |column: &Column| Column {
        not_null: None,
        inherited: false,
        renamed_from: None,
        using: None,
        comment: None,
        ..column.clone()
    };
    itself(&change.from) == itself(&change.to)
}

/// Returns true for the usual name of the NOT NULL constraint of a column with a number. A long name is
/// cut to make room for that.
pub(crate) fn is_numbered(table: &QualifiedName, column: &Column, name: &str) -> bool {
    let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let mut numbers = (1..=digits).map(|count| &name[name.len() - count..]);
    let named = |number: &str| object_name(&table.name, &column.name, &format!("not_null{number}"));
    numbers.any(|number| named(number) == name)
}

/// Returns true if tables below have the NOT NULL constraint of a column.
pub(crate) fn is_passed_on(column: &Column) -> bool {
    !column.nullable && column.not_null.as_ref().is_none_or(|own| !own.no_inherit)
}

/// Returns the name of the NOT NULL constraint that a table passes on for a column.
pub(crate) fn called(side: &Metadata, table: &QualifiedName, column: &str) -> Option<String> {
    let column = side.tables.get(table)?.column(column).filter(|own| is_passed_on(own))?;
    Some(column.not_null_name(table))
}

/// Returns one change of a column of each circle of names, which other constraints of the table may be in.
fn closing(operations: &[Operation]) -> Vec<usize> {
    let mut by_old: BTreeMap<(&QualifiedName, String), usize> = BTreeMap::new();
    let mut next: BTreeMap<usize, (&QualifiedName, String)> = BTreeMap::new();
    let mut starts = Vec::new();
    for (at, operation) in operations.iter().enumerate() {
        let (table, old, new) = match operation {
            Operation::Alter(Alter::Column(change)) => {
                let names = [&change.from, &change.to];
                let [old, new] = names.map(|column| column.not_null_name(&change.table));
                if old == new || change.from.nullable || change.to.nullable {
                    continue;
                }
                starts.push(at);
                (&change.table, old, new)
            }
            Operation::Rename { from, to } if from.kind == Kind::Constraint => match &from.table {
                Some(table) => (table, from.name.name.clone(), to.clone()),
                None => continue,
            },
            Operation::Create(_)
            | Operation::Alter(_)
            | Operation::Drop(_)
            | Operation::Rename { .. }
            | Operation::Restore(_)
            | Operation::Comment { .. } => continue,
        };
        by_old.insert((table, old), at);
        next.insert(at, (table, new));
    }
    let (mut seen, mut closing) = (BTreeSet::new(), Vec::new());
    for start in &starts {
        let mut at = Some(*start);
        while let Some(own) = at.filter(|own| seen.insert(*own)) {
            at = next.get(&own).and_then(|name| by_old.get(name)).copied();
            closing.extend(at.filter(|next| next == start));
        }
    }
    closing
}

/// Returns a column whose NOT NULL constraint has the name that it has in another state of the column. A usual
/// name is not said, so that the two states differ in nothing that they have in common.
fn named_like(column: &Column, other: &Column) -> Column {
    let name = other.not_null.as_ref().and_then(|own| own.name.clone());
    let own = NotNull { name, ..column.not_null.as_deref().cloned().unwrap_or_default() };
    let not_null = (own != NotNull::default()).then(|| Box::new(own));
    Column { not_null, ..column.clone() }
}

fn named(column: &Column, name: &str) -> Column {
    let mut column = column.clone();
    column.not_null.get_or_insert_default().name = Some(name.to_owned());
    column
}

#[cfg(test)]
mod tests {
    use aludel_operations::{Alter, ColumnChange, Operation};
    use aludel_schema::{Column, Identity, NotNull, QualifiedName};

    use super::apart;

    fn column(sql_type: &str, name: Option<&str>) -> Column {
        let name = name.map(str::to_owned);
        let not_null =
            name.map(|name| Box::new(NotNull { name: Some(name), ..NotNull::default() }));
        Column { nullable: false, not_null, ..Column::new("size", sql_type) }
    }

    fn told(from: Column, to: Column) -> [Vec<String>; 2] {
        let change = ColumnChange::new(QualifiedName::unqualified("items"), from, to);
        let mut last = Vec::new();
        let first = apart(Operation::Alter(Alter::Column(change)), &mut last);
        [first, last].map(|all| all.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn each_part_of_a_change_is_told_once() {
        let [first, last] =
            told(column("integer", Some("items_count_not_null")), column("bigint", None));
        assert_eq!(
            first,
            [
                "alter column items.size: NOT NULL constraint",
                "alter column items.size: type integer to bigint"
            ]
        );
        assert_eq!(last, [""; 0]);
    }

    #[test]
    fn a_new_identity_comes_before_the_name() {
        let identity = Identity { always: true, sequence: None, options: Default::default() };
        let identity = Column { identity: Some(Box::new(identity)), ..column("integer", None) };
        let [first, last] = told(column("integer", Some("items_count_not_null")), identity);
        assert_eq!(first, ["alter column items.size: identity"]);
        assert_eq!(last, ["alter column items.size: NOT NULL constraint"]);
    }
}
