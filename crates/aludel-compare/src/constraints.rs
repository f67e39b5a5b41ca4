//! Constraints of one table.

use aludel_operations::Operation;
use aludel_schema::{Constraint, ConstraintKind, QualifiedName, Table};

use crate::Pair;

/// How a table's constraints pair up.
#[derive(Debug, Default)]
pub(crate) struct Matched<'a> {
    /// Alike on both sides.
    pub(crate) kept: Vec<Pair<&'a Constraint>>,
    /// Alike but for the name.
    pub(crate) renamed: Vec<Pair<&'a Constraint>>,
    /// Alike, but the database has not looked at its rows yet.
    pub(crate) to_validate: Vec<&'a Constraint>,
    /// To be dropped.
    pub(crate) gone: Vec<&'a Constraint>,
    /// To be added.
    pub(crate) new: Vec<&'a Constraint>,
}

/// Pairs by name, then what is left by what it demands.
pub(crate) fn matched(tables: Pair<&Table>) -> Matched<'_> {
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
                let named = database.name.is_some() && target.name.is_some();
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
        _ => {}
    }
    validated != *database && validated.same_demand(target)
}

impl Matched<'_> {
    /// The operations for what pairs up and what does not.
    pub(crate) fn operations(&self, table: &QualifiedName) -> Vec<Operation> {
        let gone = self.gone.iter().map(|constraint| drop(table, constraint));
        let renamed = self.renamed.iter().filter_map(|pair| {
            Some(Operation::RenameConstraint {
                table: table.clone(),
                from: pair.database.name.clone()?,
                to: pair.target.name.clone()?,
            })
        });
        let validated = self.to_validate.iter().map(|constraint| Operation::ValidateConstraint {
            table: table.clone(),
            constraint: (*constraint).clone(),
        });
        let new = self.new.iter().map(|constraint| add(table, constraint));
        gone.chain(renamed).chain(validated).chain(new).collect()
    }
}

pub(crate) fn add(table: &QualifiedName, constraint: &Constraint) -> Operation {
    Operation::AddConstraint { table: table.clone(), constraint: constraint.clone() }
}

pub(crate) fn drop(table: &QualifiedName, constraint: &Constraint) -> Operation {
    Operation::DropConstraint { table: table.clone(), constraint: constraint.clone() }
}
