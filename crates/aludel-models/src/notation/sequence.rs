//! The sequences of `serial` and identity columns, and the attribute `sequence(…)` on a table or in
//! `database!`.

use aludel_schema::{
    Column, ConstraintLabel, NamePool, OwnerColumn, QualifiedName, Sequence, SequenceOptions,
    SqlText, Table,
};

use crate::error::{ModelError, Position};
use crate::notation::column::{self, DraftColumn};
use crate::notation::context::Context;
use crate::source::attribute::Attribute;

/// A sequence, and its former name.
pub(crate) struct NamedSequence {
    pub(crate) sequence: Sequence,
    pub(crate) renamed_from: Option<String>,
}

/// Parses `sequence(name = "…", owned_by = "column", start = 1, …)`.
pub(crate) fn sequence(attribute: &Attribute) -> Result<NamedSequence, ModelError> {
    let (mut name, mut owner, mut options) = (None, None, SequenceOptions::default());
    let mut renamed_from = None;
    for element in attribute.items() {
        match element.name.as_deref() {
            Some("name") => name = Some(QualifiedName::parse(element.text()?)),
            Some("owned_by") => owner = Some(element.text()?.to_owned()),
            Some("renamed_from") => renamed_from = Some(element.text()?.to_owned()),
            _ => column::sequence_option(&mut options, element)?,
        }
    }
    let name = name.ok_or_else(|| ModelError::new(attribute.at, "a sequence needs a name"))?;
    let data_type = options.data_type.clone().unwrap_or_else(|| "bigint".to_owned());
    let options = column::without_defaults(options, &data_type);
    let table = QualifiedName::unqualified("");
    let owned_by = owner.map(|column| OwnerColumn { table, column });
    Ok(NamedSequence { sequence: Sequence { name, options, owned_by }, renamed_from })
}

/// Returns the sequences of a table that are objects of their own, and names those behind identity columns.
pub(crate) fn of_table(
    cx: &Context<'_>,
    table: &mut Table,
    attributes: &[&Attribute],
    drafts: &[DraftColumn<'_>],
    taken: &mut NamePool,
) -> Result<Vec<(NamedSequence, Position)>, ModelError> {
    let mut found = Vec::new();
    if !cx.dialect.capabilities().sequences {
        return Ok(found);
    }
    for (column, draft) in table.columns.iter_mut().zip(drafts) {
        name_identity(&table.name, column, taken);
        if draft.serial.is_some() {
            let sequence = serial(cx, &table.name, column, taken);
            found.push((NamedSequence { sequence, renamed_from: None }, draft.at));
        }
    }
    for attribute in attributes.iter().filter(|attribute| attribute.is("sequence")) {
        let mut named = sequence(attribute)?;
        named.sequence.name.schema.clone_from(&table.name.schema);
        if let Some(column) = &mut named.sequence.owned_by {
            column.table.clone_from(&table.name);
        }
        found.push((named, attribute.at));
    }
    Ok(found)
}

/// States the name of the sequence behind an identity column if the usual one is taken. The server would add
/// a number to it as well, but to that of the table that comes later in the history of a database.
fn name_identity(table: &QualifiedName, column: &mut Column, taken: &mut NamePool) {
    let usual = column.identity_sequence(table);
    if let Some(identity) = column.identity.as_mut().filter(|own| own.sequence.is_none()) {
        let name = taken.choose(&table.name, &column.name, ConstraintLabel::Sequence);
        let name = Some(table.sibling(name)).filter(|name| usual.as_ref() != Some(name));
        identity.sequence = name.map(|name| name.to_string());
    }
}

/// Returns the sequence of a serial column, and lets the column draw from it.
fn serial(
    cx: &Context<'_>,
    table: &QualifiedName,
    column: &mut Column,
    taken: &mut NamePool,
) -> Sequence {
    let name = table.sibling(taken.choose(&table.name, &column.name, ConstraintLabel::Sequence));
    let data_type = Some(column.sql_type.spelling().to_owned()).filter(|name| name != "bigint");
    let options = SequenceOptions { data_type, ..SequenceOptions::default() };
    let literal = cx.dialect.literal(&cx.dialect.quote_name(&name));
    column.default = Some(Box::new(SqlText::new(format!("nextval({literal}::regclass)"))));
    column.nullable = false;
    let owned_by = Some(OwnerColumn { table: table.clone(), column: column.name.clone() });
    Sequence { name, options, owned_by }
}
