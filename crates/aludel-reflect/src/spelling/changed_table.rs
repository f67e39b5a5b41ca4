//! Tables of a scratch that stand for those of the target which the database has in another form.

use aludel_dialect::{as_default, without_table};
use aludel_schema::{Column, Generated, ObjectId, Table};

use super::place::{Part, Place};
use super::question::ScratchColumn;
use super::scratch::Scratch;
use super::statement::ScratchStatement;
use super::upserts::{key_line, unique_line, upserts};

impl Scratch {
    /// Returns the target form of a table, as far as definitions depend on it: its columns, and its
    /// keys. By the primary key, GROUP BY determines the other columns, and foreign keys need
    /// either.
    pub(super) fn changed_table(&self, table: &Table) -> ScratchStatement {
        let is_partitioned = table.options.partition_by.is_some();
        let columns = table.columns.iter().map(|column| {
            let own = self.column(&ScratchColumn::of(column));
            match &column.generated {
                Some(generated) => own + &self.generated(table, column, generated),
                None if is_partitioned => own + &self.inherited(table, column),
                None => own,
            }
        });
        let mut lines: Vec<String> = columns.collect();
        let (keys, upserts) = (table.constraints.iter(), upserts(self.definitions.iter()));
        let upserts: Vec<&str> = upserts.collect();
        lines.extend(keys.filter_map(|own| key_line(own, &upserts, &self.names, self.dialect)));
        lines.extend(table.indexes.iter().filter_map(|own| unique_line(own, self.dialect)));
        let name = self.dialect.quote_name(&self.names.in_scratch(&table.name));
        let place = Place { object: ObjectId::table(&table.name), part: Part::Whole };
        let key = table.options.partition_by.as_ref();
        let key = key
            .map(|key| format!(" PARTITION BY {}", self.names.there(&key.written, self.dialect)));
        // No table of the temporary schema is unlogged.
        let is_unlogged = table.options.unlogged && !self.names.are_temporary();
        let word = if is_unlogged { "UNLOGGED " } else { "" };
        let key = key.unwrap_or_default();
        let parents = self.published_parents(table);
        let inherits = (!parents.is_empty()).then(|| format!(" INHERITS ({})", parents.join(", ")));
        let inherits = inherits.unwrap_or_default();
        let sql = format!("CREATE {word}TABLE {name} ({}){inherits}{key}", lines.join(", "));
        ScratchStatement::new(sql, Some(place))
    }

    /// Returns what makes a column a generated one. The expression takes the place of a column that is
    /// computed on read, and calls no functions of the models then. Otherwise it does not matter.
    fn generated(&self, table: &Table, column: &Column, generated: &Generated) -> String {
        let (expression, kind) = match generated.stored {
            true => (format!("CAST(NULL AS {})", column.sql_type.written), "STORED"),
            false => {
                let text = generated.expression.spelling();
                (without_table(text, &table.name.name, self.dialect), "VIRTUAL")
            }
        };
        let expression = self.names.there(&expression, self.dialect);
        format!(" GENERATED ALWAYS AS ({expression}) {kind}")
    }

    /// Returns what a new partition takes over from a column of its table.
    ///
    /// A partition states the name of a NOT NULL constraint only if its table has another one.
    fn inherited(&self, table: &Table, column: &Column) -> String {
        let default = column.default.as_ref().map(|default| {
            let text = self.names.there(&default.written, self.dialect);
            format!(" DEFAULT {}", as_default(&text, self.dialect))
        });
        let not_null = (!column.nullable).then(|| {
            let name = column.not_null_name(&table.name);
            format!(" CONSTRAINT {} NOT NULL", self.dialect.quote(&name))
        });
        format!("{}{}", default.unwrap_or_default(), not_null.unwrap_or_default())
    }
}
