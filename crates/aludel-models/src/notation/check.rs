//! Checks that need all tables: unknown columns, references without a target, and duplicate names.

use std::collections::BTreeMap;

use aludel_dialect::significant;
use aludel_schema::{
    ConstraintKind, KeyPart, Metadata, NamePool, QualifiedName, ReplicaIdentity, Table,
};

use strsim::levenshtein;

use super::{NOTATION, enum_type};
use crate::error::{ModelError, Position};
use crate::notation::context::{Context, Names};
use crate::notation::table::{self, Built};
use crate::source::attribute::for_dialect;
use crate::source::item::{EnumItem, StructItem};

/// Checks one struct by itself, as the derive macro sees it, and returns its problems.
pub fn check_struct(item: &StructItem) -> Vec<ModelError> {
    let configured = BTreeMap::new();
    let cx = Context {
        dialect: NOTATION,
        files: &[],
        enums: Vec::new(),
        names: Names::default(),
        configured: &configured,
        lenient: true,
    };
    let built = table::draft(&cx, 0, item).and_then(|draft| {
        draft.map(|draft| table::build(&cx, item, &draft, &mut NamePool::default())).transpose()
    });
    match built {
        Err(problems) => problems,
        Ok(built) => built.iter().flat_map(columns).collect(),
    }
}

/// Returns a problem for each column that a constraint or an index names and the table does not
/// have.
pub(crate) fn columns(built: &Built) -> Vec<ModelError> {
    let table = &built.table;
    let missing = |name: &str, at, what: &str| {
        let message =
            format!("{what} names column {name}, and table {} has none of that name", table.name);
        let near =
            table.columns.iter().map(|c| c.name.as_str()).min_by_key(|c| levenshtein(c, name));
        let error = ModelError::new(at, message);
        match near.filter(|near| levenshtein(near, name) <= 3) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error,
        }
    };
    let mut problems = Vec::new();
    for (constraint, at) in table.constraints.iter().zip(&built.constraints_at) {
        let include: &[String] = match &constraint.kind {
            ConstraintKind::PrimaryKey { include, .. } | ConstraintKind::Unique { include, .. } => {
                include
            }
            ConstraintKind::ForeignKey(key) => &key.set_columns,
            _ => &[],
        };
        for name in constraint.columns().iter().chain(include) {
            if table.column(name).is_none() {
                problems.push(missing(name, *at, constraint.noun()));
            }
        }
    }
    for (index, at) in table.indexes.iter().zip(&built.indexes_at) {
        for name in index.columns() {
            if table.column(name).is_none() {
                problems.push(missing(name, *at, "index"));
            }
        }
    }
    for (named, at) in &built.sequences {
        let owner = named.sequence.owned_by.iter().map(|owner| &owner.column);
        for name in owner.filter(|name| table.column(name).is_none()) {
            problems.push(missing(name, *at, "`owned_by`"));
        }
    }
    problems.extend(roles(built));
    problems
}

/// Returns a problem for each index that has a part in the whole table and that the table does not
/// have.
fn roles(built: &Built) -> Vec<ModelError> {
    let table = &built.table;
    let identity = match &table.roles.replica_identity {
        ReplicaIdentity::Index(name) => Some(("replica_identity", name)),
        ReplicaIdentity::PrimaryKey | ReplicaIdentity::Full | ReplicaIdentity::Nothing => None,
    };
    let clustered = table.roles.clustered_on.as_ref().map(|name| ("clustered_on", name));
    let of_constraint = |name: &str| {
        table.constraints.iter().any(|c| c.has_index() && c.name.as_deref() == Some(name))
    };
    let missing = |name: &String| table.index(name).is_none() && !of_constraint(name);
    let named = identity.into_iter().chain(clustered).filter(|(_, name)| missing(name));
    let problem = |(word, name)| {
        let message =
            format!("`{word}` names index {name}, and table {} has none of that name", table.name);
        ModelError::new(built.at, message)
    };
    named.map(problem).collect()
}

/// Finds the tables that a table inherits from, whose names may lack the schema of the table. Tables
/// `elsewhere` need no model.
pub(crate) fn parents(
    built: &mut Built,
    metadata: &BTreeMap<QualifiedName, Key>,
    elsewhere: &dyn Fn(&QualifiedName) -> bool,
) -> Vec<ModelError> {
    let own = built.table.name.clone();
    let mut problems = Vec::new();
    for parent in &mut built.table.options.inherits {
        let sibling = own.sibling(parent.name.clone());
        if parent.schema.is_none()
            && !metadata.contains_key(parent)
            && metadata.contains_key(&sibling)
        {
            *parent = sibling;
        }
        if !metadata.contains_key(parent) && !elsewhere(parent) {
            let message = format!("`inherits` names table {parent}, and no model has that name");
            problems.push(ModelError::new(built.at, message));
        }
    }
    if let Some(by_way_of) = circle(&own, &built.table.options.inherits, metadata) {
        let message = match by_way_of == own {
            true => format!("table {own} inherits from itself"),
            false => format!("table {own} inherits from {by_way_of}, which inherits from {own}"),
        };
        problems.push(ModelError::new(built.at, message));
        // What such a table inherits is unknown.
        return problems;
    }
    let options = &built.table.options;
    let has = |name: &String| {
        let parents = options.inherits.iter().filter_map(|parent| metadata.get(parent));
        let is_unknown = |parent| !metadata.contains_key(parent);
        options.of_type.is_some()
            || options.inherits.iter().any(is_unknown)
            || parents.into_iter().any(|key| key.columns.contains(name))
    };
    for (column, at) in built.table.columns.iter().zip(&built.columns_at) {
        if column.inherited && !has(&column.name) {
            let message = format!("no table that {own} inherits from has column {}", column.name);
            problems.push(ModelError::new(*at, message));
        }
    }
    let is_listed = |name: &String| built.table.column(name).is_some();
    for parent in &options.inherits {
        let columns = metadata.get(parent).into_iter().flat_map(|key| &key.columns);
        for column in columns.filter(|name| !is_listed(name)) {
            let message = format!(
                "table {own} inherits column {column} of {parent}, and has no field for it"
            );
            let help = "add the field, with `#[column(inherited)]`";
            problems.push(ModelError::new(built.at, message).help(help));
        }
    }
    problems
}

/// Returns the table by way of which a table inherits from itself; `None` if it does not.
fn circle(
    own: &QualifiedName,
    parents: &[QualifiedName],
    metadata: &BTreeMap<QualifiedName, Key>,
) -> Option<QualifiedName> {
    let mut above: Vec<QualifiedName> = parents.to_vec();
    let mut at = 0;
    while let Some(name) = above.get(at).cloned() {
        if name == *own {
            return Some(name);
        }
        for parent in metadata.get(&name).into_iter().flat_map(|key| &key.inherits) {
            let sibling = name.sibling(parent.name.clone());
            let is_sibling = parent.schema.is_none() && !metadata.contains_key(parent);
            let parent = if is_sibling { sibling } else { parent.clone() };
            if parent == *own {
                return Some(name);
            }
            if !above.contains(&parent) {
                above.push(parent);
            }
        }
        at += 1;
    }
    None
}

/// Returns a problem for each column of the partition key that the table does not have, and for each
/// key that does not contain the partition key, because a server can't enforce it.
pub(crate) fn partition_key(table: &Table, at: Position) -> Vec<ModelError> {
    let Some(key) = &table.options.partition_by else { return Vec::new() };
    let columns = key_columns(&key.written);
    let mut problems = Vec::new();
    for name in columns.iter().flatten() {
        if table.column(name).is_none() {
            let message = format!(
                "partition_by names column {name}, and table {} has none of that name",
                table.name
            );
            problems.push(ModelError::new(at, message));
        }
    }
    let keys = table.constraints.iter().filter_map(|constraint| {
        let noun = constraint.noun();
        constraint.key_columns().map(|columns| (format!("the {noun} of {}", table.name), columns))
    });
    let indexes = table.indexes.iter().filter_map(|index| {
        index.key_columns().map(|columns| (format!("unique index {}", index.name), columns))
    });
    for (what, own) in keys.chain(indexes) {
        let lacks = columns.iter().find(|column| match column {
            Some(name) => !own.contains(name),
            None => true,
        });
        let message = match lacks {
            None => continue,
            Some(Some(name)) => {
                format!("{what} has to contain column {name}, by which it is partitioned")
            }
            Some(None) => {
                format!("{what} is not possible, because the table is partitioned by an expression")
            }
        };
        problems.push(ModelError::new(at, message));
    }
    problems
}

/// Returns the columns of a partition key; `None` stands for an expression.
fn key_columns(key: &str) -> Vec<Option<String>> {
    let inner = key.find('(').map_or("", |start| &key[start + 1..]);
    let tokens = significant(inner, NOTATION);
    let (mut depth, mut found, mut is_first) = (0_usize, Vec::new(), true);
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" => depth += 1,
            ")" if depth == 0 => break,
            ")" => depth -= 1,
            _ => {}
        }
        if is_first {
            // A name with a schema is that of a function.
            let is_call = tokens.get(at + 1).is_some_and(|next| matches!(next.text, "(" | "."));
            found.push(token.identifier().filter(|_| !is_call));
        }
        is_first = depth == 0 && token.text == ",";
    }
    found
}

/// Fills in the columns of references to a primary key, and checks that every reference leads to a
/// key. Tables `elsewhere` need no model; what is in them is left to the comparison.
pub(crate) fn references(
    built: &mut Built,
    metadata: &BTreeMap<QualifiedName, Key>,
    elsewhere: &dyn Fn(&QualifiedName) -> bool,
) -> Vec<ModelError> {
    let mut problems = Vec::new();
    let name = built.table.name.clone();
    let ats = built.constraints_at.clone();
    for (constraint, at) in built.table.constraints.iter_mut().zip(ats) {
        let ConstraintKind::ForeignKey(key) = &mut constraint.kind else { continue };
        // A name without a schema may mean the schema of the referring table.
        let sibling = name.sibling(key.references.name.clone());
        if key.references.schema.is_none()
            && !metadata.contains_key(&key.references)
            && metadata.contains_key(&sibling)
        {
            key.references = sibling;
        }
        let Some(target) = metadata.get(&key.references) else {
            if elsewhere(&key.references) {
                problems.extend(key.referenced_columns.is_empty().then(|| {
                    let message = format!(
                        "reference to table {}, whose key is unknown, because no model has that name",
                        key.references
                    );
                    ModelError::new(at, message).help("name the column: \"table.column\"")
                }));
                continue;
            }
            let near = metadata.keys().min_by_key(|t| levenshtein(&t.name, &key.references.name));
            let error = ModelError::new(
                at,
                format!("reference to table {}, and no model has that name", key.references),
            );
            problems.push(
                match near.filter(|near| levenshtein(&near.name, &key.references.name) <= 3) {
                    Some(near) => error.help(format!("did you mean `{near}`?")),
                    None => error,
                },
            );
            continue;
        };
        if key.referenced_columns.is_empty() {
            key.referenced_columns.clone_from(&target.primary);
        }
        problems.extend(
            target
                .problem(&key.references, &key.columns, &key.referenced_columns)
                .map(|m| ModelError::new(at, m)),
        );
    }
    problems
}

/// The parts of a table that references to it need: its columns, those that a foreign key may refer to, and
/// the tables that it inherits from.
pub(crate) struct Key {
    primary: Vec<String>,
    unique: Vec<Vec<String>>,
    columns: Vec<String>,
    inherits: Vec<QualifiedName>,
}

impl Key {
    pub(crate) fn of(table: &Table) -> Self {
        let mut unique: Vec<Vec<String>> = table
            .constraints
            .iter()
            .filter_map(|constraint| match &constraint.kind {
                ConstraintKind::PrimaryKey { columns, .. }
                | ConstraintKind::Unique { columns, .. } => Some(columns.clone()),
                _ => None,
            })
            .collect();
        let indexes = table.indexes.iter().filter(|i| i.unique && i.predicate.is_none());
        // The INCLUDE columns of an index are not part of its key.
        unique.extend(indexes.filter_map(|index| {
            index
                .keys
                .iter()
                .map(|key| match &key.part {
                    KeyPart::Column(name) => Some(name.clone()),
                    KeyPart::Expression(_) => None,
                })
                .collect::<Option<Vec<String>>>()
        }));
        unique.iter_mut().for_each(|columns| columns.sort());
        Self {
            primary: table.primary_key().to_vec(),
            unique,
            columns: table.columns.iter().map(|column| column.name.clone()).collect(),
            inherits: table.options.inherits.clone(),
        }
    }

    fn problem(
        &self,
        table: &QualifiedName,
        columns: &[String],
        referenced: &[String],
    ) -> Option<String> {
        if let Some(missing) = referenced.iter().find(|name| !self.columns.contains(name)) {
            return Some(format!("reference to column {table}.{missing}, which does not exist"));
        }
        if columns.len() != referenced.len() {
            return Some(format!(
                "{} columns refer to {} columns of {table}",
                columns.len(),
                referenced.len()
            ));
        }
        let mut sorted = referenced.to_vec();
        sorted.sort();
        let list = referenced.join(", ");
        (!self.unique.contains(&sorted)).then(|| {
            format!("reference to {table} ({list}), which is neither its primary key nor unique")
        })
    }
}

/// Returns a problem if another model declares the same table. Unknown SQL types are not checked,
/// but left to the server.
pub(crate) fn duplicate(
    metadata: &Metadata,
    name: &QualifiedName,
    at: Position,
) -> Option<ModelError> {
    metadata.tables.contains_key(name).then(|| {
        ModelError::new(at, format!("two models are table {name}"))
            .help("name one of them: #[table(name = \"…\")]")
    })
}

/// Returns the names of a struct's table and columns on PostgreSQL, for use by the application.
pub fn names(item: &StructItem) -> (String, Vec<String>) {
    // `check_struct` reports names that can't be read.
    let table = table::table_name(item, NOTATION).map(|name| name.to_string());
    let columns = item
        .fields
        .iter()
        .filter_map(|field| {
            let attributes = for_dialect(&field.attributes, NOTATION);
            if attributes.iter().any(|a| a.is("skip")) {
                return None;
            }
            let named =
                attributes.iter().rev().find(|a| a.is("name")).and_then(|a| a.value.clone());
            Some(named.unwrap_or_else(|| field.name.clone()))
        })
        .collect();
    (table.unwrap_or_default(), columns)
}

/// Returns the name and the labels of an enum's type.
///
/// # Errors
///
/// Fails if an attribute of the enum is invalid, or if it has duplicate labels or no variant.
pub fn enum_names(item: &EnumItem) -> Result<(String, Vec<String>), ModelError> {
    let enum_type = enum_type::enum_type(item, NOTATION)?;
    Ok((enum_type.name.to_string(), enum_type.labels))
}
