//! The constraints of a table.

use aludel_dialect::Dialect;
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Constraint, ConstraintKind, Kind, ObjectId, QualifiedName, Table};

use crate::pair::Pair;

/// The constraints of a table, paired between both sides.
#[derive(Debug, Default)]
pub(crate) struct Matched<'a> {
    /// The constraints that are equal on both sides.
    pub(crate) kept: Vec<Pair<&'a Constraint>>,
    /// The constraints that differ only in their name.
    pub(crate) renamed: Vec<Pair<&'a Constraint>>,
    /// The constraints that are equal except that they are `NOT VALID` in the database.
    pub(crate) to_validate: Vec<&'a Constraint>,
    /// The constraints to drop.
    pub(crate) gone: Vec<&'a Constraint>,
    /// The constraints to add.
    pub(crate) new: Vec<&'a Constraint>,
}

/// Pairs constraints by name, and the remaining ones by rule. If the dialect allows unnamed
/// constraints, a difference in the name alone is ignored, because it would require a rebuild of
/// the table.
pub(crate) fn matched(dialect: Dialect, tables: Pair<&Table>) -> Matched<'_> {
    let names_matter = dialect.capabilities().constraint_names;
    let mut matched = Matched::default();
    let mut left: Vec<&Constraint> = tables.database.constraints.iter().collect();
    let mut unmatched = Vec::new();
    for target in &tables.target.constraints {
        let same_name = left.iter().position(|c| c.name.is_some() && c.name == target.name);
        match same_name.map(|at| left.remove(at)) {
            Some(database) if database.same_demand(target) => {
                matched.kept.push(Pair::new(database, target));
            }
            Some(database) if only_validates(database, target) => matched.to_validate.push(target),
            Some(database) => {
                matched.gone.push(database);
                matched.new.push(target);
            }
            None => unmatched.push(target),
        }
    }
    for target in unmatched {
        match left.iter().position(|database| database.same_demand(target)) {
            Some(at) => {
                let database = left.remove(at);
                let named = names_matter && database.name.is_some() && target.name.is_some();
                let pairs = if named { &mut matched.renamed } else { &mut matched.kept };
                pairs.push(Pair::new(database, target));
            }
            None => matched.new.push(target),
        }
    }
    matched.gone.extend(left);
    matched
}

fn only_validates(database: &Constraint, target: &Constraint) -> bool {
    let mut validated = database.clone();
    match &mut validated.kind {
        ConstraintKind::ForeignKey(key) => key.not_valid = false,
        ConstraintKind::Check { not_valid, .. } => *not_valid = false,
        ConstraintKind::PrimaryKey { .. }
        | ConstraintKind::Unique { .. }
        | ConstraintKind::Exclusion { .. } => {}
    }
    validated != *database && validated.same_demand(target)
}

impl Matched<'_> {
    /// Returns the operations for the constraints. An unchanged constraint for which `rests` is
    /// true is dropped and made again, because an object that it rests on changes.
    pub(crate) fn operations(
        &self,
        table: &QualifiedName,
        rests: impl Fn(&Constraint) -> bool,
    ) -> Vec<Operation> {
        let mut operations: Vec<Operation> =
            self.gone.iter().map(|constraint| drop(table, constraint)).collect();
        for pair in self.kept.iter().chain(&self.renamed) {
            if rests(pair.target) {
                operations.push(drop(table, pair.database));
                operations.push(add(table, pair.target));
            }
        }
        for pair in self.renamed.iter().filter(|pair| !rests(pair.target)) {
            if let (Some(from), Some(to)) = (&pair.database.name, &pair.target.name) {
                let from = ObjectId::within(Kind::Constraint, table, from.as_str());
                operations.push(Operation::Rename { from, to: to.clone() });
            }
        }
        operations.extend(self.to_validate.iter().map(|constraint| {
            let (table, constraint) = (table.clone(), Box::new((*constraint).clone()));
            Operation::Alter(Alter::Validate { table, constraint })
        }));
        operations.extend(self.new.iter().map(|constraint| add(table, constraint)));
        operations
    }
}

pub(crate) fn add(table: &QualifiedName, constraint: &Constraint) -> Operation {
    Operation::Create(object(table, constraint))
}

pub(crate) fn drop(table: &QualifiedName, constraint: &Constraint) -> Operation {
    Operation::Drop(object(table, constraint))
}

fn object(table: &QualifiedName, constraint: &Constraint) -> Object {
    Object::Constraint { table: table.clone(), constraint: Box::new(constraint.clone()) }
}
