//! Enum types.

use aludel_driver::{Row, RowError};
use aludel_schema::{EnumType, Kind, Metadata, ObjectId, QualifiedName};

use super::catalog::Catalog;
use crate::array;

/// Reads all enum types that do not belong to an extension.
pub(super) fn read_all(
    metadata: &mut Metadata,
    rows: &[Row],
    catalog: &Catalog,
) -> Result<(), RowError> {
    for row in rows {
        if catalog.is_member("pg_type", row.number("oid")?) {
            continue;
        }
        let schema = catalog.schema(row.optional("nspname")?);
        let name = QualifiedName::new(schema, row.text("typname")?);
        let name = catalog.findable(ObjectId::new(Kind::Enum, name)).name;
        let labels = array::texts(row, "labels")?;
        let comment = row.optional("comment")?.map(str::to_owned);
        metadata.enums.insert(name.clone(), EnumType { name, labels, comment });
    }
    Ok(())
}
