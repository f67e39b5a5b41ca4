//! Properties of the database that models do not state, which the target takes over under the new names.

use aludel_schema::{Definition, Metadata, ObjectId};

use crate::extension;
use crate::not_nulls::passed_on;
use crate::renaming::renames::Renamed;
use crate::sequences::sequence;

impl Renamed<'_> {
    /// Copies properties of the database to the target that models do not state: clauses that a
    /// rebuild would lose, and names of sequences behind identity columns. A database whose NOT NULL
    /// constraints have no names can't get those of the models. Objects of kinds that are data
    /// but not `managed` are copied too, so that they make room and are never dropped, except with a
    /// table that they belong to.
    pub fn carry_over(&self, target: &mut Metadata, managed: impl Fn(&ObjectId) -> bool) {
        target.default_schema.clone_from(&self.metadata.default_schema);
        target.names_not_null = self.metadata.names_not_null;
        target.shares_identities = self.metadata.shares_identities;
        target.sets_expressions = self.metadata.sets_expressions;
        target.has_unlogged_sequences = self.metadata.has_unlogged_sequences;
        extension::carry_over(&self.metadata, target);
        sequence::settle_identities(target);
        for table in target.tables.values_mut() {
            let Some(same) = self.metadata.tables.get(&table.name) else { continue };
            table.unsaid.clone_from(&same.unsaid);
            for column in &mut table.columns {
                let before = same.column(&column.name);
                if before.is_some() && !self.metadata.names_not_null {
                    // The server is asked whether it has a limited one.
                    column.not_null.take_if(|own| !own.is_limited());
                }
                let before = before.and_then(|c| c.identity.as_ref());
                if let (Some(identity), Some(before)) = (&mut column.identity, before)
                    && identity.sequence.is_none()
                {
                    identity.sequence.clone_from(&before.sequence);
                }
            }
        }
        if target.names_not_null {
            passed_on::carry_over(&self.metadata, target, self.dialect);
        }
        for definition in self.metadata.definitions.values() {
            if !managed(&definition.id) {
                if self.stays(definition, target) {
                    target.add_definition(definition.clone());
                }
            } else if let Some(same) = target.definitions.get_mut(&definition.id) {
                same.belongings.clone_from(&definition.belongings);
            }
        }
    }

    /// Returns true unless a definition belongs to a table that the target does not have.
    fn stays(&self, definition: &Definition, target: &Metadata) -> bool {
        let Some(table) = &definition.id.table else { return true };
        !self.metadata.tables.contains_key(table) || target.tables.contains_key(table)
    }
}
