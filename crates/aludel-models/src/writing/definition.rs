//! Conversion of definitions to object files.

use std::collections::BTreeMap;

use aludel_dialect::{Dialect, Unsupported};
use aludel_operations::{Object, Operation};
use aludel_schema::{Definition, Kind, Metadata, ObjectId};

/// An object file that is not written yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectFile {
    /// The name, such as `views.sql`.
    pub name: String,
    /// The text.
    pub text: String,
}

/// Returns the object files that declare the definitions of `metadata`, one for each kind. Kinds
/// that the dialect does not manage are left out.
///
/// # Errors
///
/// Fails if the dialect has no statement for a definition or its comments.
pub fn object_files(metadata: &Metadata, dialect: Dialect) -> Result<Vec<ObjectFile>, Unsupported> {
    let mut files: BTreeMap<Kind, String> = BTreeMap::new();
    for definition in metadata.definitions.values() {
        for sql in statements(definition, dialect)? {
            let text = files.entry(definition.id.kind).or_default();
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&sql);
            text.push_str(";\n");
        }
    }
    let name = |kind: Kind| match kind {
        Kind::Policy => "policies.sql".to_owned(),
        Kind::Index => "indexes.sql".to_owned(),
        Kind::TextSearchDictionary => "text_search_dictionaries.sql".to_owned(),
        Kind::Statistics => "statistics.sql".to_owned(),
        kind => format!("{}s.sql", kind.noun().replace([' ', '-'], "_")),
    };
    Ok(files.into_iter().map(|(kind, text)| ObjectFile { name: name(kind), text }).collect())
}

/// Returns the CREATE and COMMENT statements; none for a kind that the dialect does not manage.
fn statements(definition: &Definition, dialect: Dialect) -> Result<Vec<String>, Unsupported> {
    if dialect.kind_facts(definition.id.kind).is_none() {
        return Ok(Vec::new());
    }
    let mut plain = definition.clone();
    plain.belongings = Default::default();
    let mut operations = vec![Operation::Create(Object::Definition(Box::new(plain)))];
    if dialect.capabilities().comments {
        let comment = definition.comment.clone();
        let on = definition.id.clone();
        operations.extend(comment.map(|text| Operation::Comment { on, comment: Some(text) }));
        for (column, text) in &definition.column_comments {
            let on = ObjectId::column(&definition.id.name, column.as_str());
            operations.push(Operation::Comment { on, comment: Some(text.clone()) });
        }
    }
    let steps = dialect.steps(&operations)?;
    Ok(steps.into_iter().flat_map(|step| step.statements).collect())
}
