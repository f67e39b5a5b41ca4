//! The states in which partitions have the triggers of the tables above them.

use aludel_dialect::{altered, partitioned};
use aludel_schema::{Definition, Kind, Metadata, ObjectId};

use super::items::Item;
use super::scratch::Scratch;
use super::statement::ScratchStatement;

impl Scratch {
    /// Returns the triggers of the tables above a partition whose states it says.
    pub(super) fn triggers_above(
        &self,
        partition: &Definition,
        known: &[Definition],
        target: &Metadata,
    ) -> Vec<Definition> {
        let mut found = Vec::new();
        for id in partition.attributes.iter().filter_map(|sql| self.trigger(partition, sql)) {
            let mut below = Some(partition);
            while let Some(own) = below {
                let source = own.source.as_deref();
                let table = source.and_then(|sql| partitioned(sql, self.dialect));
                let Some(mut table) = table else { break };
                table.schema.take_if(|schema| schema == self.names.default_schema());
                let wanted = ObjectId::within(Kind::Trigger, &table, id.name.name.as_str());
                let is_known = known.iter().chain(&found).any(|own: &Definition| own.id == wanted);
                found.extend(target.definitions.get(&wanted).filter(|_| !is_known).cloned());
                below = target.definitions.get(&ObjectId::new(Kind::Partition, table));
            }
        }
        found
    }

    /// Returns the statements about the triggers of a partition, which come after those that make them.
    pub(super) fn trigger_states(&self, item: Item<'_>) -> Vec<ScratchStatement> {
        let Item::Definition(definition) = item else { return Vec::new() };
        let declared = self.declared(definition);
        declared.filter(|own| self.is_trigger_state(definition, own)).collect()
    }

    /// Returns true if a statement of a partition is about a trigger that the partition has from above.
    pub(super) fn is_trigger_state(
        &self,
        definition: &Definition,
        statement: &ScratchStatement,
    ) -> bool {
        let sql = statement.declared.as_deref();
        sql.is_some_and(|sql| self.trigger(definition, sql).is_some())
    }

    /// Returns the trigger that a statement of a partition is about.
    fn trigger(&self, partition: &Definition, sql: &str) -> Option<ObjectId> {
        let is_partition = partition.id.kind == Kind::Partition;
        altered(sql, self.dialect).filter(|id| is_partition && id.kind == Kind::Trigger)
    }
}
