//! The attribute `sequence(…)`, on a table or in `database!`.

use aludel_schema::{OwnerColumn, QualifiedName, Sequence, SequenceOptions};

use crate::error::ModelError;
use crate::notation::column;
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
