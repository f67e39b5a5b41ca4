//! The renames of the way back.

use aludel_schema::{Kind, ObjectId, QualifiedName};

use crate::renaming::labels::LabelRename;
use crate::renaming::object_rename::ObjectRename;
use crate::renaming::renames::Renames;

impl Renames {
    /// Returns the identity that a table, an enum type or a column had before the renames.
    pub fn former(&self, now: &ObjectId) -> ObjectId {
        let mut id = now.clone();
        for rename in self.renames.iter().rev().filter(|rename| rename.from.kind == now.kind) {
            let is_it = match &id.table {
                Some(_) => rename.to.name == id.name.name,
                None => rename.to == id.name,
            };
            if is_it && rename.from.table == id.table {
                id.name = rename.from.name.clone();
            }
        }
        let tables = self.renames.iter().rev().filter(|rename| rename.from.kind == Kind::Table);
        for rename in tables {
            if id.table.as_ref() == Some(&rename.to) {
                id = ObjectId::column(&rename.from.name, id.name.name);
            }
        }
        id
    }

    /// Returns the reverse: the target side under the names of the database side.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let has_columns = |kind: Kind| matches!(kind, Kind::Table | Kind::CompositeType);
        let before = |name: &QualifiedName| {
            let renames = self.renames.iter().rev();
            let renames = renames.filter(|rename| has_columns(rename.from.kind));
            renames.fold(name.clone(), |name, rename| match rename.to == name {
                true => rename.from.name.clone(),
                false => name,
            })
        };
        let back = |rename: &ObjectRename| {
            let mut from = ObjectId { name: rename.to.clone(), ..rename.from.clone() };
            let mut to = rename.from.name.clone();
            if let Some(table) = &rename.from.table {
                let table = before(table);
                (from.name.schema, to.schema) = (table.schema.clone(), table.schema.clone());
                from.table = Some(table);
            }
            ObjectRename { from, to }
        };
        // The renames of columns and attributes name their tables and types as they are called afterwards. Those of
        // sequences state the schemas that they got with their tables, and those of functions the types of their
        // arguments as they are called afterwards.
        let mut tables = self.renames.iter().filter(|rename| rename.from.kind == Kind::Table);
        let moves = tables.any(|rename| rename.from.name.schema != rename.to.schema);
        let rank = |kind: Kind| match kind {
            Kind::Sequence if moves => 0,
            kind if kind.is_called() => 0,
            kind if has_columns(kind) => 1,
            _ => 2,
        };
        // What went aside for one of another kind goes there before that one.
        let is_back = |at: usize, rename: &ObjectRename| {
            let is_away = |away: &ObjectRename| {
                away.from.kind == rename.from.kind && away.to == rename.from.name
            };
            rename.from.table.is_none() && self.renames[..at].iter().any(is_away)
        };
        let mut renames: Vec<(usize, &ObjectRename)> =
            self.renames.iter().enumerate().rev().collect();
        renames.sort_by_key(|(at, rename)| match is_back(*at, rename) {
            true => rank(rename.from.kind).min(1),
            false => rank(rename.from.kind),
        });
        let labels = self.labels.iter().rev().map(|label| LabelRename {
            of: self.former(&label.of),
            from: label.to.clone(),
            to: label.from.clone(),
        });
        Self {
            renames: renames.into_iter().map(|(_, rename)| back(rename)).collect(),
            labels: labels.collect(),
            conflicts: Vec::new(),
        }
    }
}
