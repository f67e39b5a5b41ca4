//! The storage with which partitions begin.

use aludel_schema::{ColumnStorage, ObjectId, Table};

use super::parts::{bare, store};
use super::place::{Part, Place};
use super::scratch::Scratch;
use super::statement::ScratchStatement;

impl Scratch {
    /// Returns the statement of a table with those that give its columns their modes and compression methods,
    /// with which the partitions of the table begin.
    pub(super) fn with_storage(
        &self,
        create: ScratchStatement,
        table: &Table,
    ) -> Vec<ScratchStatement> {
        let mut statements = vec![create];
        if table.options.partition_by.is_none() {
            return statements;
        }
        let name = self.names.in_scratch(&table.name);
        for column in &table.columns {
            let ColumnStorage { mode, compression, .. } = column.effective_storage();
            let storage = ColumnStorage { mode, compression, ..ColumnStorage::default() };
            if storage == ColumnStorage::default() {
                continue;
            }
            let object = ObjectId::column(&table.name, column.name.as_str());
            let place = Place { object, part: Part::Whole };
            let own = self.statements_of(&[store(&name, bare(column), storage)]).into_iter();
            statements.extend(own.map(|sql| ScratchStatement::new(sql, Some(place.clone()))));
        }
        statements
    }
}
