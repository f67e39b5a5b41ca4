//! Inheritance: the changes of a table that the server makes in the tables that inherit from it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use aludel_schema::{Column, ColumnStorage, Metadata, QualifiedName, Table};

use crate::pair::Pair;

/// Returns the database side after the server has carried the changes of each table over to its
/// heirs. What then still differs in an heir is a change of its own.
pub(crate) fn followed<'m>(pair: Pair<&'m Metadata>) -> Cow<'m, Metadata> {
    let mut followed = Cow::Borrowed(pair.database);
    let mut done = BTreeSet::new();
    for table in pair.target.tables.values() {
        follow(pair, &mut followed, table, &mut done);
    }
    followed
}

/// Carries changes over to one table, after those to the tables that it inherits from.
fn follow<'m>(
    pair: Pair<&'m Metadata>,
    followed: &mut Cow<'m, Metadata>,
    heir: &'m Table,
    done: &mut BTreeSet<&'m QualifiedName>,
) {
    if heir.options.inherits.is_empty() || !done.insert(&heir.name) {
        return;
    }
    let Some(before) = pair.database.tables.get(&heir.name) else { return };
    for name in &heir.options.inherits {
        let Some(target) = pair.target.tables.get(name) else { continue };
        follow(pair, followed, target, done);
        let Some(database) = pair.database.tables.get(name) else { continue };
        if before.options.inherits.contains(name)
            && let Some(own) = followed.to_mut().tables.get_mut(&heir.name)
        {
            carry(Pair::new(database, target), own);
        }
    }
}

/// Carries the changes of a table over to an heir.
fn carry(parent: Pair<&Table>, heir: &mut Table) {
    for database in &parent.database.columns {
        match parent.target.column(&database.name) {
            // A column that the heir has of its own stays.
            None => heir.columns.retain(|own| own.name != database.name || !own.inherited),
            Some(target) => {
                let own = heir.columns.iter_mut().find(|own| own.name == database.name);
                own.into_iter().for_each(|own| change(Pair::new(database, target), own));
            }
        }
    }
    for target in &parent.target.columns {
        if parent.database.column(&target.name).is_none() && heir.column(&target.name).is_none() {
            // The statements that follow ADD COLUMN reach the heir too.
            let mut storage = inherited(target).effective_storage();
            storage.statistics = target.effective_storage().statistics;
            heir.columns.push(Column { storage: boxed(storage), ..inherited(target) });
        }
    }
}

/// Carries the changes of a column over to that of an heir.
fn change(parent: Pair<&Column>, own: &mut Column) {
    let target = parent.target;
    let is_retyped = parent.differs(|column| (&column.sql_type, &column.collation));
    if is_retyped {
        own.sql_type.clone_from(&target.sql_type);
        own.collation.clone_from(&target.collation);
    }
    if parent.differs(|column| column.nullable) {
        own.nullable = target.nullable;
        own.not_null = None;
    }
    // A new type takes the default away and gives it back, in the heirs too.
    if parent.differs(|column| &column.default) || (is_retyped && target.default.is_some()) {
        own.default.clone_from(&target.default);
    }
    if parent.differs(|column| &column.generated) {
        own.generated.clone_from(&target.generated);
    }
    let (before, after) = (parent.database.effective_storage(), target.effective_storage());
    let mut storage = own.effective_storage();
    if before.mode != after.mode {
        storage.mode = after.mode;
    }
    if before.statistics != after.statistics {
        storage.statistics = after.statistics;
    }
    own.storage = boxed(storage);
}

fn boxed(storage: ColumnStorage) -> Option<Box<ColumnStorage>> {
    Some(storage).filter(|storage| *storage != ColumnStorage::default()).map(Box::new)
}

/// Returns what a column is like in a new heir, or a new column in an heir.
pub(crate) fn inherited(parent: &Column) -> Column {
    let stored = parent.effective_storage();
    let storage = ColumnStorage { mode: stored.mode, ..ColumnStorage::default() };
    Column {
        identity: None,
        comment: None,
        renamed_from: None,
        not_null: None,
        storage: boxed(storage),
        inherited: true,
        nullable: parent.nullable
            || parent.not_null.as_ref().is_some_and(|not_null| not_null.no_inherit),
        ..parent.clone()
    }
}
