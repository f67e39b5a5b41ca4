//! Reflection of SQLite: parses the statements in `sqlite_schema`, which contain more than the
//! PRAGMAs report.

mod damage;
pub(crate) mod filled;
mod names;

use std::collections::BTreeMap;

use aludel_dialect::{Dialect, parse_create_index, parse_create_table, parse_definition};
use aludel_driver::{Connection, DriverError, Row, RowError};
use aludel_schema::{Definition, Index, Kind, Metadata, ObjectId, QualifiedName, Table};

use crate::array;
use crate::reflection::{Leftover, Reflection};
use crate::spelling::normalise;

pub use damage::damage;
pub(crate) use damage::trigger_probe;

/// The dialect of this module.
const SQLITE: Dialect = Dialect::Sqlite;

/// The objects of the database. `pragma_table_list` distinguishes virtual tables and their shadow
/// tables from ordinary ones.
const OBJECTS: &str = "
SELECT s.type, s.name, s.tbl_name, s.sql, t.type AS table_type
FROM sqlite_schema s LEFT JOIN pragma_table_list t ON t.schema = 'main' AND t.name = s.name AND s.type = 'table'
WHERE s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
ORDER BY s.rowid";

/// Reads the whole database.
pub(crate) async fn reflect(connection: &Connection<'_>) -> Result<Reflection, DriverError> {
    let rows = connection.query(OBJECTS).await?;
    let mut reader = Reader::default();
    for row in &rows {
        reader.take(row)?;
    }
    Ok(reader.finish())
}

#[derive(Default)]
struct Reader {
    tables: BTreeMap<String, Table>,
    indexes: Vec<(String, Index)>,
    definitions: Vec<Definition>,
    leftovers: Vec<Leftover>,
}

impl Reader {
    fn take(&mut self, row: &Row) -> Result<(), RowError> {
        let (name, table, sql) = (row.text("name")?, row.text("tbl_name")?, row.text("sql")?);
        let in_schema = |kind| ObjectId::new(kind, QualifiedName::unqualified(name));
        let in_table = |kind| ObjectId::within(kind, &QualifiedName::unqualified(table), name);
        match (row.text("type")?, row.optional("table_type")?) {
            ("table", Some("virtual")) => self.definition(sql, in_schema(Kind::VirtualTable)),
            ("table", Some("shadow")) => {}
            ("table", _) => self.table(name, sql),
            ("index", _) => match parse_create_index(sql) {
                Ok((_, index)) => self.indexes.push((table.to_owned(), index)),
                Err(_) => self.leftover(in_table(Kind::Index), Some("index that can't be read")),
            },
            // All other kinds are looked up in the dialect's table of kinds.
            (noun, _) => {
                let kind = Kind::from_noun(noun);
                let kind = kind.ok_or_else(|| array::error("type", "names no kind of object"))?;
                self.definition(sql, in_schema(kind));
            }
        }
        Ok(())
    }

    fn definition(&mut self, sql: &str, object: ObjectId) {
        match parse_definition(sql, SQLITE) {
            // Only definitions from object files have a source.
            Some(found) => self.definitions.push(Definition { source: None, ..found }),
            None => self.leftover(object, None),
        }
    }

    fn table(&mut self, name: &str, sql: &str) {
        let id = ObjectId::table(&QualifiedName::unqualified(name));
        match parse_create_table(sql) {
            Ok(parsed) => {
                for clause in &parsed.lost {
                    self.leftover(id.clone(), Some(clause));
                }
                let table = Table { unsaid: parsed.lost, ..parsed.table };
                self.tables.insert(name.to_owned(), table);
            }
            Err(_) => self.leftover(id, Some("table that can't be read")),
        }
    }

    fn leftover(&mut self, object: ObjectId, aspect: Option<&str>) {
        self.leftovers.push(Leftover { object, aspect: aspect.map(str::to_owned) });
    }

    fn finish(mut self) -> Reflection {
        for (table, index) in std::mem::take(&mut self.indexes) {
            if let Some(table) = self.tables.get_mut(&table) {
                table.indexes.push(index);
            }
        }
        for reference in names::resolve(&mut self.tables) {
            self.leftover(reference, Some("foreign key"));
        }
        let mut metadata = Metadata::default();
        self.tables.into_values().for_each(|table| metadata.add_table(table));
        self.definitions.into_iter().for_each(|view| metadata.add_definition(view));
        normalise(&mut metadata, SQLITE);
        self.leftovers.sort();
        Reflection { metadata, leftovers: self.leftovers, ..Reflection::default() }
    }
}
