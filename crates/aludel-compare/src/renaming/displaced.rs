//! Objects that are in the way of others, which get their names.

use std::collections::BTreeSet;

use aludel_schema::{Kind, Namespace, ObjectId};

use crate::names::moving;
use crate::renaming::applied::rename_sequence;
use crate::renaming::hints::third_name;
use crate::renaming::object_rename::ObjectRename;
use crate::renaming::renames::Renamed;

impl Renamed<'_> {
    /// Moves an object without a counterpart, or one of another kind, out of the way of another one that gets its
    /// name.
    pub(super) fn displace(&mut self, rename: &ObjectRename) {
        let same = ObjectId { name: rename.to.clone(), ..rename.from.clone() };
        let displaced = Some(same).filter(|id| self.has(id)).or_else(|| self.namesake(rename));
        let Some(displaced) = displaced else { return };
        let name = &rename.to;
        let is_taken =
            |other: &str| self.has(&ObjectId { name: name.sibling(other), ..displaced.clone() });
        let to = name.sibling(third_name(&name.name, is_taken));
        self.known.set_aside(&displaced, &to);
        if displaced.kind == Kind::Sequence {
            rename_sequence(self.metadata.to_mut(), name, &to, self.dialect);
            self.note(ObjectRename { from: displaced, to }, Vec::new());
        } else {
            self.add(ObjectRename { from: displaced.clone(), to: to.clone() });
            if displaced.kind != rename.from.kind {
                self.aside.insert(displaced, to);
            }
        }
    }

    /// Returns the object of another kind that has the new name of one, if functions of a name take values of both,
    /// which would be the same function by their arguments, or if columns are of the type that gets the name: no
    /// column says of which kind its type is.
    fn namesake(&self, rename: &ObjectRename) -> Option<ObjectId> {
        let holder = moving::holder(&self.metadata, rename.from.kind, &rename.to)?;
        let over = |id: &ObjectId| -> BTreeSet<&String> {
            let functions = self.metadata.definitions.values();
            let functions =
                functions.filter(|own| own.id.kind.is_called() && own.depends_on.contains(id));
            functions.map(|own| &own.id.name.name).collect()
        };
        let is_shared = || !over(&rename.from).is_disjoint(&over(&holder));
        let is_type = holder.kind.namespaces().contains(&Namespace::Types);
        let is_aside = is_shared() || is_type && self.is_type_of_columns(&rename.from);
        (holder.kind != Kind::Partition && is_aside).then_some(holder)
    }

    /// Returns true if columns are of a type, or hold rows of a relation.
    fn is_type_of_columns(&self, id: &ObjectId) -> bool {
        let name = self.dialect.quote_name(&id.name);
        let mut columns = self.metadata.tables.values().flat_map(|table| &table.columns);
        columns.any(|own| own.sql_type.spelling().trim_end_matches("[]") == name)
    }
}
