//! Objects of kinds that are data. The query has a branch for each kind; the reader has none.

use aludel_driver::{Row, RowError};
use aludel_schema::{
    Belongings, Clause, Definition, Grant, Kind, Metadata, ObjectId, QualifiedName, ShapeColumn,
    SqlText,
};

use super::catalog::Catalog;
use crate::array;

/// Reads all definitions.
pub(super) fn read_all(
    metadata: &mut Metadata,
    rows: &[Row],
    catalog: &Catalog,
) -> Result<(), RowError> {
    for row in rows {
        metadata.add_definition(definition(row, catalog)?);
    }
    Ok(())
}

fn definition(row: &Row, catalog: &Catalog) -> Result<Definition, RowError> {
    let schema = catalog.schema(row.optional("namespace")?);
    let name = QualifiedName::new(schema, row.text("name")?);
    let id = ObjectId::new(kind(row.text("kind")?, "kind")?, name);
    let body = row.text("body")?.trim().trim_end_matches(';');
    let mut definition = Definition::new(id, body);
    for [word, name, text] in array::rows(row, "clauses")? {
        let name = Some(name).filter(|name| !name.is_empty());
        definition.clauses.push(Clause { word, name, text: SqlText::new(text) });
    }
    for [name, sql_type] in array::rows(row, "shape")? {
        definition.shape.push(ShapeColumn { name, sql_type });
    }
    for [noun, schema, table, name] in array::rows(row, "depends_on")? {
        let (kind, schema) = (kind(&noun, "depends_on")?, catalog.schema(Some(&schema)));
        definition.depends_on.push(match table.as_str() {
            "" => ObjectId::new(kind, QualifiedName::new(schema, name)),
            table => ObjectId::within(kind, &QualifiedName::new(schema, table), name),
        });
    }
    definition.comment = row.optional("comment")?.map(str::to_owned);
    for [column, comment] in array::rows(row, "column_comments")? {
        definition.column_comments.insert(column, comment);
    }
    definition.belongings = belongings(row, &definition.id)?;
    Ok(definition)
}

fn belongings(row: &Row, id: &ObjectId) -> Result<Belongings, RowError> {
    let mut belongings = Belongings::default();
    for [privilege, column, role, grantable] in array::rows(row, "grants")? {
        let said = |text: String| Some(text).filter(|text| !text.is_empty());
        let (column, role) = (said(column), said(role));
        belongings.grants.push(Grant { privilege, column, role, grantable: grantable == "true" });
    }
    belongings.owner = row.optional("owner")?.map(str::to_owned);
    for [noun, name] in array::rows(row, "lost")? {
        belongings.lost.push(ObjectId::within(kind(&noun, "lost")?, &id.name, name));
    }
    Ok(belongings)
}

fn kind(noun: &str, column: &str) -> Result<Kind, RowError> {
    Kind::from_noun(noun).ok_or_else(|| array::error(column, "names no kind of object"))
}
