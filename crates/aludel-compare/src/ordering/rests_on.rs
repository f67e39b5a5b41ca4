//! The objects that an object of a plan rests on: those that its texts name, and those that its table has.

use aludel_operations::Object;
use aludel_schema::{Column, Constraint, Definition, Kind, ObjectId, QualifiedName, Table};

use crate::ordering::order::Orderer;
use crate::ordering::states::{Side, options_of, schema_id};
use crate::partitions::{bound, firing, partition};

impl<'m> Orderer<'_, 'm> {
    /// Returns the objects that an object rests on.
    pub(super) fn rests_on(&self, object: &Object, side: Side) -> Vec<ObjectId> {
        let mut on = match object {
            Object::Schema(_) | Object::Enum(_) | Object::Sequence(_) => Vec::new(),
            Object::Extension(extension) => {
                let schema = extension.schema.iter();
                schema.map(|name| schema_id(name.as_str())).collect()
            }
            Object::Table(table) => {
                let mut on = self.table(table);
                if side == Side::Database {
                    // The indexes end with the table.
                    let indexes = table.indexes.iter();
                    let of_indexes = indexes.flat_map(|index| self.world.index(table, index));
                    on.extend(of_indexes.filter(|id| id.table.is_none()));
                }
                on
            }
            Object::Column { table, column, constraints } => {
                let own = constraints.iter().flat_map(|own| self.constraint(table, own, side));
                own.chain(self.column(table, column)).collect()
            }
            Object::Constraint { table, constraint } => self.constraint(table, constraint, side),
            Object::Index { table, index } => match self.table_of(table, side) {
                Some(table) => self.world.index(table, index),
                None => Vec::new(),
            },
            Object::Definition(definition) => {
                let mut on = definition.depends_on.clone();
                on.extend(self.relations(definition.id.table.as_ref()));
                on.extend(definition.id.table.as_ref().map(ObjectId::table));
                if side == Side::Target {
                    on.extend(self.parts_above(definition));
                }
                let bare = bound::bare(definition);
                on.extend(partition::keys_of(self.world, definition, &bare));
                on.extend(firing::triggers_of(self.world, definition, &bare));
                on
            }
        };
        on.extend(object.id().name.schema.as_deref().map(schema_id));
        if side == Side::Database {
            self.with_replaced(&mut on);
        }
        on
    }

    /// Returns the columns, indexes and constraints of the table that a partition is one of. The server gives
    /// the partition the same, and they come before those that it has of its own.
    fn parts_above(&self, definition: &Definition) -> Vec<ObjectId> {
        let target = self.world.pair.target;
        let own = definition.id.table.as_ref().map(|name| {
            let partition = ObjectId::new(Kind::Partition, name.clone());
            target.definitions.get(&partition)
        });
        let partition = own.unwrap_or(Some(definition));
        let parent = partition.and_then(|own| bound::parent(own, self.world.dialect));
        let table = parent.and_then(|parent| target.tables.get(parent));
        let ids = table.into_iter().flat_map(|table| {
            let columns = table.columns.iter();
            let columns = columns.map(|own| ObjectId::column(&table.name, own.name.as_str()));
            let constraints = table.constraints.iter().map(|own| own.id(&table.name));
            let indexes = table.indexes.iter().map(|own| own.id(&table.name));
            columns.chain(constraints).chain(indexes)
        });
        ids.collect()
    }

    fn table_of(&self, table: &QualifiedName, side: Side) -> Option<&'m Table> {
        match side {
            Side::Database => self.world.pair.database.tables.get(table),
            Side::Target => self.world.pair.target.tables.get(table),
        }
    }

    pub(super) fn table(&self, table: &Table) -> Vec<ObjectId> {
        let own = ObjectId::table(&table.name);
        let columns = table.columns.iter().flat_map(|column| self.world.column(table, column));
        let rows = table.columns.iter().filter_map(|column| self.world.rows_in(column).cloned());
        let mut on: Vec<ObjectId> = columns.chain(rows).filter(|id| *id != own).collect();
        on.retain(|id| id.table.as_ref() != Some(&table.name));
        let texts = table.constraints.iter().filter_map(Constraint::text);
        on.extend(texts.flat_map(|text| self.world.named(text)));
        on.extend(self.world.called_by_key(table));
        on.extend(table.constraints.iter().flat_map(|own| self.world.key_classes(table, own)));
        on.extend(table.options.depends_on());
        for (_, key) in table.foreign_keys().filter(|(_, key)| key.references != table.name) {
            on.extend(self.world.key(&key.references, &key.referenced_columns));
            on.push(options_of(&key.references));
        }
        on
    }

    pub(super) fn column(&self, table: &QualifiedName, column: &Column) -> Vec<ObjectId> {
        // The generation expression uses the names of the target, which may include new columns.
        let sides = [Side::Target, Side::Database];
        let mut on: Vec<ObjectId> = sides
            .into_iter()
            .filter_map(|side| self.table_of(table, side))
            .flat_map(|table| self.world.column(table, column))
            .collect();
        on.extend(self.world.rows_in(column).cloned());
        on.sort();
        on.dedup();
        on
    }

    pub(super) fn constraint(
        &self,
        table: &QualifiedName,
        constraint: &Constraint,
        side: Side,
    ) -> Vec<ObjectId> {
        let Some(table) = self.table_of(table, side) else { return Vec::new() };
        let mut on = self.world.constraint(table, constraint);
        if let Some(key) = constraint.foreign_key() {
            on.extend(self.world.key(&key.references, &key.referenced_columns));
            on.extend([&table.name, &key.references].map(options_of));
        }
        on
    }

    /// Adds the temporary names of types that are replaced.
    pub(super) fn with_replaced(&self, ids: &mut Vec<ObjectId>) {
        let old = ids.iter().filter_map(|id| self.replaced.get(id).cloned());
        ids.extend(old.collect::<Vec<ObjectId>>());
    }
}
