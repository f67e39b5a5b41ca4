//! Sequences that are objects of their own, and the options of those behind identity columns.

use aludel_dialect::sequence_defaults;
use aludel_driver::{Row, RowError};
use aludel_schema::{
    Kind, Metadata, ObjectId, OwnerColumn, QualifiedName, Sequence, SequenceOptions, object_name,
};

use super::catalog::Catalog;

/// Reads all sequences that do not belong to an extension.
pub(super) fn read_all(
    metadata: &mut Metadata,
    rows: &[Row],
    catalog: &Catalog,
) -> Result<(), RowError> {
    for row in rows {
        let Some(relation) = catalog.relations.get(&row.number("seqrelid")?) else { continue };
        let name = relation.name.clone();
        let owned_by = owner(row, catalog)?;
        let mut options = options(row)?;
        if metadata.has_unlogged_sequences {
            let table = owned_by.as_ref().and_then(|owner| metadata.tables.get(&owner.table));
            let usual = table.is_some_and(|table| table.options.unlogged);
            options.unlogged = Some(row.flag("is_unlogged")?).filter(|own| *own != usual);
        }
        if let Some(comment) = row.optional("comment")? {
            let id = ObjectId::new(Kind::Sequence, name.clone());
            metadata.comments.insert(id, comment.to_owned());
        }
        if row.optional("deptype")? == Some("i") {
            identity_sequence(metadata, owned_by, &name, options);
        } else {
            metadata.sequences.insert(name.clone(), Sequence { name, options, owned_by });
        }
    }
    Ok(())
}

fn owner(row: &Row, catalog: &Catalog) -> Result<Option<OwnerColumn>, RowError> {
    if row.optional("refobjid")?.is_none() {
        return Ok(None);
    }
    let table = row.number("refobjid")?;
    let Some(relation) = catalog.relations.get(&table) else { return Ok(None) };
    let column = catalog.column_name(table, row.number("refobjsubid")?)?;
    Ok(Some(OwnerColumn { table: relation.name.clone(), column }))
}

fn options(row: &Row) -> Result<SequenceOptions, RowError> {
    let data_type = row.text("data_type")?;
    let increment = row.number("seqincrement")?;
    let defaults = sequence_defaults(data_type, increment);
    let (max, min) = (row.number("seqmax")?, row.number("seqmin")?);
    let differs = |value: i64, default: Option<i64>| Some(value).filter(|_| default != Some(value));
    Ok(SequenceOptions {
        data_type: Some(data_type.to_owned()).filter(|name| name != "bigint"),
        start: differs(row.number("seqstart")?, Some(if increment < 0 { max } else { min })),
        increment: differs(increment, defaults.increment),
        min: differs(min, defaults.min),
        max: differs(max, defaults.max),
        cache: differs(row.number("seqcache")?, defaults.cache),
        cycle: row.flag("seqcycle")?,
        unlogged: None,
    })
}

fn identity_sequence(
    metadata: &mut Metadata,
    owner: Option<OwnerColumn>,
    name: &QualifiedName,
    mut options: SequenceOptions,
) {
    let Some(OwnerColumn { table, column }) = owner else { return };
    let Some(table) = metadata.tables.get_mut(&table) else { return };
    let usual = table.name.sibling(object_name(&table.name.name, &column, "seq"));
    let Some(column) = table.columns.iter_mut().find(|c| c.name == column) else { return };
    if let Some(identity) = &mut column.identity {
        // The sequence of an identity column has the type of the column.
        options.data_type = None;
        identity.options = options;
        identity.sequence = Some(name.to_string()).filter(|_| *name != usual);
    }
}
