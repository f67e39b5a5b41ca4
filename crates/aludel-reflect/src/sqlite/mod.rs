//! SQLite: the texts of `sqlite_schema`, which know more than the PRAGMAs do.

use std::collections::BTreeMap;

use aludel_dialect::{Dialect, parse_create_index, parse_create_table, settle_by_tokens};
use aludel_driver::{Connection, DriverError, Row};
use aludel_schema::{ConstraintKind, Index, Metadata, QualifiedName, Table, Trigger};

use crate::{Leftover, Reflection};

/// `pragma_table_list` tells virtual tables and their shadows from real ones.
const OBJECTS: &str = "
SELECT s.type, s.name, s.tbl_name, s.sql, t.type
FROM sqlite_schema s LEFT JOIN pragma_table_list t ON t.schema = 'main' AND t.name = s.name AND s.type = 'table'
WHERE s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
ORDER BY s.rowid";

/// Reads the whole database.
pub(crate) async fn reflect(connection: &Connection) -> Result<Reflection, DriverError> {
    let rows = connection.query(OBJECTS).await?;
    let mut reader = Reader::default();
    for row in &rows {
        reader.take(row);
    }
    Ok(reader.finish())
}

#[derive(Default)]
struct Reader {
    tables: BTreeMap<String, Table>,
    indexes: Vec<(String, Index)>,
    triggers: Vec<(String, Trigger)>,
    leftovers: Vec<Leftover>,
}

impl Reader {
    fn take(&mut self, row: &Row) {
        let (name, sql) = (row.text(1), row.text(3));
        match (row.text(0), row.text(4)) {
            ("table", "virtual") => self.leftover("virtual table", name),
            ("table", "shadow") => {}
            ("table", _) => self.table(name, sql),
            ("index", _) => match parse_create_index(sql) {
                Ok((_, index)) => self.indexes.push((row.text(2).to_owned(), index)),
                Err(_) => self.leftover("index that can't be read", name),
            },
            ("trigger", _) => {
                self.leftover("trigger", &format!("{}.{name}", row.text(2)));
                let trigger = Trigger { name: name.to_owned(), sql: sql.to_owned() };
                self.triggers.push((row.text(2).to_owned(), trigger));
            }
            (kind, _) => self.leftover(kind, name),
        }
    }

    fn table(&mut self, name: &str, sql: &str) {
        match parse_create_table(sql) {
            Ok(parsed) => {
                for clause in &parsed.lost {
                    self.leftover(clause, name);
                }
                let table = Table { unsaid: parsed.lost, ..parsed.table };
                self.tables.insert(name.to_owned(), table);
            }
            Err(_) => self.leftover("table that can't be read", name),
        }
    }

    fn leftover(&mut self, kind: &str, name: &str) {
        let name = QualifiedName::unqualified(name);
        self.leftovers.push(Leftover { kind: kind.to_owned(), name });
    }

    fn finish(mut self) -> Reflection {
        for (table, index) in std::mem::take(&mut self.indexes) {
            if let Some(table) = self.tables.get_mut(&table) {
                table.indexes.push(index);
            }
        }
        for (table, trigger) in std::mem::take(&mut self.triggers) {
            if let Some(table) = self.tables.get_mut(&table) {
                table.triggers.push(trigger);
            }
        }
        let keys: BTreeMap<String, Vec<String>> = self
            .tables
            .iter()
            .map(|(name, table)| (name.clone(), table.primary_key().to_vec()))
            .collect();
        let mut metadata = Metadata::default();
        for (_, mut table) in self.tables {
            resolve_keys(&mut table, &keys);
            settle_by_tokens(&mut table, Dialect::Sqlite);
            metadata.add_table(table);
        }
        self.leftovers.sort();
        Reflection { metadata, leftovers: self.leftovers, default_schema: String::new() }
    }
}

/// A reference without columns means the primary key of the other table.
fn resolve_keys(table: &mut Table, keys: &BTreeMap<String, Vec<String>>) {
    for constraint in &mut table.constraints {
        if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
            && key.referenced_columns.is_empty()
        {
            key.referenced_columns = keys.get(&key.references.name).cloned().unwrap_or_default();
        }
    }
}
