//! The indexes of a table.

use aludel_operations::{Object, Operation};
use aludel_schema::{Index, QualifiedName, Table};

use crate::pair::Pair;

/// The indexes of a table, paired between both sides.
#[derive(Debug, Default)]
pub(crate) struct Matched<'a> {
    /// The indexes with equal definitions. Names and comments may differ.
    pub(crate) kept: Vec<Pair<&'a Index>>,
    /// The indexes to drop.
    pub(crate) gone: Vec<&'a Index>,
    new: Vec<&'a Index>,
}

/// Pairs indexes by name, and the remaining ones by definition.
pub(crate) fn matched(tables: Pair<&Table>) -> Matched<'_> {
    let mut matched = Matched::default();
    let mut left: Vec<&Index> = tables.database.indexes.iter().collect();
    let mut unmatched = Vec::new();
    for target in &tables.target.indexes {
        match left.iter().position(|index| index.name == target.name).map(|at| left.remove(at)) {
            Some(database) if database.same_definition(target) => {
                matched.kept.push(Pair::new(database, target));
            }
            Some(database) => {
                matched.gone.push(database);
                matched.new.push(target);
            }
            None => unmatched.push(target),
        }
    }
    for target in unmatched {
        match left.iter().position(|database| database.same_definition(target)) {
            Some(at) => matched.kept.push(Pair::new(left.remove(at), target)),
            None => matched.new.push(target),
        }
    }
    matched.gone.extend(left);
    matched
}

impl Matched<'_> {
    /// Returns the operations for the indexes. An unchanged index for which `rests` is true is
    /// dropped and made again, because an object that it rests on changes.
    pub(crate) fn operations(
        &self,
        table: &QualifiedName,
        rests: impl Fn(&Index) -> bool,
    ) -> Vec<Operation> {
        let mut operations: Vec<Operation> =
            self.gone.iter().map(|index| drop(table, index)).collect();
        for pair in &self.kept {
            if rests(pair.target) {
                operations.push(drop(table, pair.database));
                operations.extend(create(table, pair.target));
                continue;
            }
            if pair.differs(|index| &index.name) {
                let to = pair.target.name.clone();
                operations.push(Operation::Rename { from: pair.database.id(table), to });
            }
            if pair.differs(|index| &index.comment) {
                operations.push(comment(table, pair.target));
            }
        }
        operations.extend(self.new.iter().flat_map(|index| create(table, index)));
        operations
    }
}

/// Returns CREATE INDEX, followed by the comment if there is one.
pub(crate) fn create(table: &QualifiedName, index: &Index) -> Vec<Operation> {
    let mut operations = vec![Operation::Create(object(table, index))];
    if index.comment.is_some() {
        operations.push(comment(table, index));
    }
    operations
}

fn drop(table: &QualifiedName, index: &Index) -> Operation {
    Operation::Drop(object(table, index))
}

fn object(table: &QualifiedName, index: &Index) -> Object {
    Object::Index { table: table.clone(), index: Box::new(index.clone()) }
}

fn comment(table: &QualifiedName, index: &Index) -> Operation {
    Operation::Comment { on: index.id(table), comment: index.comment.clone() }
}
