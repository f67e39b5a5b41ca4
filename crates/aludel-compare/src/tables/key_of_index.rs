//! Unique indexes that become the indexes of primary keys and unique constraints, without being built again.

use aludel_operations::{Alter, Operation};
use aludel_schema::{
    Constraint, ConstraintKind, Deferrable, Index, IndexKey, KeyPart, ObjectId, QualifiedName,
    Table,
};

use crate::depends::World;
use crate::names::name;
use crate::pair::Pair;
use crate::tables::{constraint, index};

/// A unique index of the database that becomes that of a constraint of the target.
#[derive(Debug)]
pub(crate) struct KeyOfIndex<'m> {
    index: &'m Index,
    constraint: &'m Constraint,
}

/// Pairs the indexes to drop with the constraints to add, and takes both out of the lists. What refers to the
/// columns of the index, such as a foreign key, stays meanwhile.
pub(crate) fn matched<'m>(
    world: &World<'m>,
    tables: Pair<&'m Table>,
    constraints: &mut constraint::Matched<'m>,
    indexes: &mut index::Matched<'m>,
) -> Vec<KeyOfIndex<'m>> {
    let is_plain = |table: &Table| table.options.partition_by.is_none();
    let can_be = world.dialect.capabilities().key_of_index
        && is_plain(tables.database)
        && is_plain(tables.target);
    let mut keys = Vec::new();
    if !can_be {
        return keys;
    }
    constraints.new.retain(|own| {
        let fits = |index: &&Index| {
            let place = tables.database.name.sibling(own.label());
            let has_name = index.name == place.name || !name::is_there(world, &place);
            let same = !world.dialect.shapes_index(&index.settings.with, &own.index.with);
            has_name && same && is_index_of(index.spelling(), own)
        };
        let named = indexes.gone.iter().position(|index| index.name == own.label() && fits(index));
        let at = named.or_else(|| indexes.gone.iter().position(fits));
        keys.extend(at.map(|at| KeyOfIndex { index: indexes.gone.remove(at), constraint: own }));
        at.is_none()
    });
    keys
}

/// Returns true if the index is the one that the constraint would get.
fn is_index_of(index: &Index, constraint: &Constraint) -> bool {
    let (columns, include, nulls_not_distinct) = match &constraint.kind {
        ConstraintKind::PrimaryKey { columns, include, without_overlaps: false } => {
            (columns, include, false)
        }
        ConstraintKind::Unique {
            columns,
            include,
            nulls_not_distinct,
            without_overlaps: false,
        } => (columns, include, *nulls_not_distinct),
        ConstraintKind::PrimaryKey { .. }
        | ConstraintKind::Unique { .. }
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Check { .. }
        | ConstraintKind::Exclusion { .. } => return false,
    };
    let keys = columns.iter().map(|name| IndexKey::new(KeyPart::Column(name.clone())));
    // A foreign key can't refer to a key that is checked later.
    constraint.deferrable == Deferrable::No
        && index.unique
        && index.method == "btree"
        && index.predicate.is_none()
        && index.include == *include
        && index.nulls_not_distinct == nulls_not_distinct
        && index.keys.iter().cloned().eq(keys)
}

impl KeyOfIndex<'_> {
    /// Returns the names of the index before and afterwards, unless it is made again.
    pub(crate) fn names(
        &self,
        table: &QualifiedName,
        is_remade: impl Fn(&ObjectId) -> bool,
    ) -> Option<(String, String)> {
        let Self { index, constraint } = self;
        // The index goes with its columns.
        let columns = index.columns().map(|name| ObjectId::column(table, name));
        let mut parts = [index.id(table), constraint.id(table)].into_iter().chain(columns);
        (!parts.any(|id| is_remade(&id))).then(|| (index.name.clone(), constraint.label()))
    }

    /// Returns the operations. An index that has to be made again is dropped, and comes with the constraint.
    pub(crate) fn operations(
        &self,
        table: &QualifiedName,
        is_remade: impl Fn(&ObjectId) -> bool,
    ) -> Vec<Operation> {
        let Self { index: own, constraint } = self;
        if self.names(table, is_remade).is_none() {
            let drop = index::drop(table, own);
            return [drop].into_iter().chain(constraint::create(table, constraint)).collect();
        }
        let (from, to) = (own.id(table), constraint.label());
        let rename = (own.name != to).then_some(Operation::Rename { from, to });
        let key = Box::new(Constraint::clone(constraint));
        let add = Operation::Alter(Alter::KeyOfIndex { table: table.clone(), constraint: key });
        let made = Constraint {
            comment: None,
            index: own.settings.clone(),
            index_comment: own.comment.clone(),
            ..Constraint::clone(constraint)
        };
        let others = constraint::changes(table, Pair::new(&made, constraint));
        rename.into_iter().chain([add]).chain(others).collect()
    }
}
