//! The order in which CREATE TABLE and DROP TABLE can name each other's tables, and the constraints
//! that have to wait for a statement of their own.

use std::collections::{BTreeMap, BTreeSet};

use aludel_schema::{Constraint, ConstraintKind, QualifiedName, Table, Validity};

/// Ranks of tables by their references: a table ranks after the tables that it references.
pub(crate) struct Ranks<'t> {
    tables: BTreeMap<&'t QualifiedName, &'t Table>,
    ranks: BTreeMap<&'t QualifiedName, usize>,
}

impl<'t> Ranks<'t> {
    /// Ranks the tables by a depth-first search along the foreign keys, in the order of the names.
    /// A key that closes a cycle is not followed.
    pub(crate) fn of(tables: &[&'t Table]) -> Self {
        let tables: BTreeMap<_, _> = tables.iter().map(|t| (&t.name, *t)).collect();
        let mut ranks = BTreeMap::new();
        let mut entered: BTreeSet<&QualifiedName> = BTreeSet::new();
        for start in tables.keys() {
            // The search uses an explicit stack, because a chain of keys may exceed the thread's
            // stack.
            let mut stack = vec![(*start, false)];
            while let Some((name, done)) = stack.pop() {
                if done {
                    let rank = ranks.len();
                    ranks.entry(name).or_insert(rank);
                } else if entered.insert(name) {
                    stack.push((name, true));
                    let parents = tables[name].foreign_keys().map(|(_, key)| &key.references);
                    let mut parents: Vec<&QualifiedName> = parents
                        .filter_map(|parent| tables.get_key_value(parent).map(|(name, _)| *name))
                        .filter(|parent| !entered.contains(parent))
                        .collect();
                    parents.sort();
                    parents.dedup();
                    stack.extend(parents.into_iter().rev().map(|parent| (parent, false)));
                }
            }
        }
        Self { tables, ranks }
    }

    /// Returns true if a key of `table` leads to a table that ranks after it.
    pub(crate) fn closes_circle(&self, table: &Table, references: &QualifiedName) -> bool {
        self.ranks.get(references) > self.ranks.get(&table.name)
    }

    /// Returns true if a constraint of a new table has to be added on its own.
    pub(crate) fn comes_later(&self, table: &Table, constraint: &Constraint) -> bool {
        match &constraint.kind {
            // CREATE TABLE accepts NOT VALID but does not preserve it.
            ConstraintKind::Check { validity, .. } => *validity == Validity::NotValid,
            ConstraintKind::ForeignKey(key) if key.validity == Validity::NotValid => true,
            ConstraintKind::ForeignKey(key) => match self.tables.get(&key.references) {
                // The key may be a unique index, which is created after its table.
                Some(target) => {
                    self.closes_circle(table, &key.references)
                        || !has_key(target, &key.referenced_columns)
                }
                None => false,
            },
            ConstraintKind::Unique { .. } => repeats_a_key(table, constraint),
            ConstraintKind::PrimaryKey { .. } | ConstraintKind::Exclusion { .. } => false,
        }
    }
}

/// Returns true if a constraint of CREATE TABLE makes these columns unique. Indexes do not count,
/// because they are created later.
fn has_key(table: &Table, columns: &[String]) -> bool {
    let mut wanted = columns.to_vec();
    wanted.sort();
    table.constraints.iter().any(|constraint| constraint.key_columns().as_ref() == Some(&wanted))
}

/// Returns true if a UNIQUE constraint repeats the columns of an earlier key, because CREATE TABLE
/// creates a single index for both.
fn repeats_a_key(table: &Table, unique: &Constraint) -> bool {
    table
        .constraints
        .iter()
        .take_while(|constraint| *constraint != unique)
        .any(|other| other.foreign_key().is_none() && other.columns() == unique.columns())
}
