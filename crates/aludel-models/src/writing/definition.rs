//! Conversion of definitions to object files.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Dialect, Unsupported};
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Belongings, Definition, Kind, Manage, Metadata, ObjectId};

use crate::case::plural;

/// An object file that is not written yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectFile {
    /// The name, such as `views.sql`.
    pub name: String,
    /// The text.
    pub text: String,
}

/// Returns the object files that declare the definitions of `metadata`, one for each kind, and one
/// for the owners and the privileges of all objects as far as the scope manages them. Kinds that
/// the dialect does not manage are left out.
///
/// # Errors
///
/// Fails if the dialect has no statement for a definition or its comments.
pub fn object_files(
    metadata: &Metadata,
    dialect: Dialect,
    manage: Manage,
) -> Result<Vec<ObjectFile>, Unsupported> {
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
    let name = |kind: Kind| {
        let several = match kind {
            Kind::Index => "indexes".to_owned(),
            Kind::Statistics | Kind::DefaultPrivileges => kind.noun().to_owned(),
            kind => plural(kind.noun()),
        };
        format!("{}.sql", several.replace([' ', '-'], "_"))
    };
    let files = files.into_iter().map(|(kind, text)| ObjectFile { name: name(kind), text });
    let access = access(metadata, dialect, manage)?;
    Ok(files.chain(comments(metadata, dialect)?).chain(access).collect())
}

/// Returns the file of comments on what no object file declares; `None` if there are none.
fn comments(metadata: &Metadata, dialect: Dialect) -> Result<Option<ObjectFile>, Unsupported> {
    let there = metadata.comments.iter().filter(|(id, _)| metadata.has_commented(id));
    let comment = |(id, text): (&ObjectId, &String)| Operation::Comment {
        on: id.clone(),
        comment: Some(text.clone()),
    };
    let steps = dialect.steps(&there.map(comment).collect::<Vec<_>>())?;
    let statements = steps.into_iter().flat_map(|step| step.statements);
    let text: String = statements.map(|sql| format!("{sql};\n")).collect();
    Ok((!text.is_empty()).then(|| ObjectFile { name: "comments.sql".to_owned(), text }))
}

/// Returns the file of owners and privileges; `None` if there is nothing to say.
fn access(
    metadata: &Metadata,
    dialect: Dialect,
    manage: Manage,
) -> Result<Option<ObjectFile>, Unsupported> {
    if !dialect.capabilities().roles {
        return Ok(None);
    }
    let definitions = metadata.definitions.iter().map(|(id, own)| (id, &own.belongings));
    let definitions = definitions.filter(|(id, _)| dialect.kind_facts(id.kind).is_some());
    let all = metadata.belongings.iter().filter(|(id, _)| has(metadata, id)).chain(definitions);
    let of_columns: BTreeSet<ObjectId> = metadata.sequences_of_columns().collect();
    let operations: Vec<Operation> = all
        .map(|(id, own)| {
            let mut to = own.clone();
            (to.has_secret, to.is_unread, to.is_populated) = (false, false, None);
            to.constructors.clear();
            // Who grants a privilege is not declared.
            to.grants.iter_mut().for_each(|grant| grant.grantor = None);
            to.settle_grantors(None);
            if !manage.grants {
                (to.grants, to.revoked_from_public) = (Vec::new(), false);
            }
            // The schema that each database has belongs to whoever made the database.
            let is_public = id.kind == Kind::Schema && id.name.name == "public";
            let is_said = manage.owners && !is_public && !of_columns.contains(id);
            to.owner = to.owner.filter(|_| is_said);
            let from = Box::new(Belongings::default());
            Operation::Alter(Alter::Access { on: id.clone(), from, to: Box::new(to) })
        })
        .collect();
    let steps = dialect.steps(&operations)?;
    let statements = steps.into_iter().flat_map(|step| step.statements);
    let text: String = statements.map(|sql| format!("{sql};\n")).collect();
    Ok((!text.is_empty()).then(|| ObjectFile { name: "access.sql".to_owned(), text }))
}

/// Returns true if the metadata has the object itself, and not only its belongings.
fn has(metadata: &Metadata, id: &ObjectId) -> bool {
    match id.kind {
        Kind::Table => metadata.tables.contains_key(&id.name),
        Kind::Enum => metadata.enums.contains_key(&id.name),
        Kind::Sequence => metadata.contains(id),
        Kind::Schema => id.name.name == "public" || metadata.schemas.contains(&id.name.name),
        _ => false,
    }
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
    let fill = dialect.fill(definition);
    let statements = dialect.steps(&operations)?.into_iter().flat_map(|step| step.statements);
    Ok(statements.filter(|sql| Some(sql) != fill.as_ref()).collect())
}
