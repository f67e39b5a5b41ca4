//! diesel's `table!` and `joinable!`, as `diesel print-schema` writes them.
//!
//! They state names, types, NULL and primary keys, and which column refers to which table. Defaults,
//! unique constraints, checks, indexes and the actions of foreign keys are not in them.

use std::collections::BTreeMap;

use aludel_dialect::Dialect;
use aludel_schema::{Column, ForeignKey, QualifiedName, Table};

use crate::error::ModelError;
use crate::foreign::ForeignModels;
use crate::foreign::diesel_types::{range, sql_type};
use crate::foreign::draft::{Draft, foreign_key, in_dialect, key_of, primary_key, qualified};
use crate::foreign::items::items;
use crate::source::attribute::{self, Attribute};
use crate::source::file::Source;
use crate::source::item::TypeRef;
use crate::source::token::{Cursor, Kind, tokens};
use crate::source::type_ref::type_ref;

/// The maximal nesting of types.
const DEEPEST: usize = 32;

/// A `joinable!(child -> parent (column))`.
struct Join {
    child: String,
    parent: String,
    column: String,
}

/// The types of a project that diesel itself does not have.
struct Types<'a> {
    configured: &'a BTreeMap<String, String>,
    /// Those of `#[diesel(postgres_type(name = "…"))]`.
    declared: BTreeMap<String, String>,
    dialect: Dialect,
}

pub(crate) fn read(
    files: &[Source],
    configured: &BTreeMap<String, String>,
    dialect: Dialect,
) -> Result<ForeignModels, Vec<ModelError>> {
    let mut draft = Draft::default();
    let mut types = Types { configured, declared: BTreeMap::new(), dialect };
    let mut joins = Vec::new();
    // The names in Rust, by which `joinable!` refers to tables.
    let mut names: BTreeMap<String, QualifiedName> = BTreeMap::new();
    for file in files {
        if let Err(problem) = read_file(file, &mut types, &mut draft, &mut names, &mut joins) {
            draft.problems.push(problem.in_file(&file.path));
        }
    }
    for join in &joins {
        add_key(join, &names, &mut draft);
    }
    if !draft.models.metadata.tables.is_empty() {
        draft.note(
            "defaults, counters, unique constraints, checks and indexes are not in schema.rs",
        );
    }
    if !joins.is_empty() {
        draft.note("ON DELETE and ON UPDATE are not in schema.rs");
    }
    draft.finish()
}

fn read_file(
    file: &Source,
    types: &mut Types<'_>,
    draft: &mut Draft,
    names: &mut BTreeMap<String, QualifiedName>,
    joins: &mut Vec<Join>,
) -> Result<(), ModelError> {
    let tokens = tokens(&file.text)?;
    declared(&mut Cursor::new(&tokens), types)?;
    let mut cursor = Cursor::new(&tokens);
    while let Some(token) = cursor.next() {
        let is_macro = token.kind == Kind::Word && cursor.eat("!");
        let body = |cursor: &mut Cursor<'_>| {
            ["{", "(", "["].into_iter().find(|open| cursor.is_symbol(open))
        };
        let Some(open) = is_macro.then(|| body(&mut cursor)).flatten() else { continue };
        match token.text {
            "table" => {
                if let Some(mut inner) = cursor.inside(open) {
                    table(&mut inner, types, draft, names)
                        .unwrap_or_else(|problem| draft.problems.push(problem.in_file(&file.path)));
                }
            }
            "joinable" => {
                let inner = cursor.inside(open);
                joins.extend(inner.and_then(|mut inner| join(&mut inner)));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Notes the structs that stand for types of the database.
fn declared<'t>(cursor: &mut Cursor<'t>, types: &mut Types<'_>) -> Result<(), ModelError> {
    for item in items(cursor)? {
        for attribute in item.marks.lists("diesel")? {
            if attribute.name.as_deref() != Some("postgres_type") {
                continue;
            }
            let text = |name: &str| {
                let list = attribute.list.iter().flatten();
                let found = list.filter(|a| a.name.as_deref() == Some(name));
                found.filter_map(|a| a.value.clone()).next()
            };
            if let Some(name) = text("name") {
                let name = match text("schema").filter(|schema| schema != "public") {
                    Some(schema) => format!("{schema}.{name}"),
                    None => name,
                };
                types.declared.insert(item.name.text.to_owned(), name);
            }
        }
    }
    Ok(())
}

/// Reads `child -> parent (column)`.
fn join(cursor: &mut Cursor<'_>) -> Option<Join> {
    let child = path(cursor)?;
    if !(cursor.eat("-") && cursor.eat(">")) {
        return None;
    }
    let parent = path(cursor)?;
    let column = cursor.inside("(")?.word()?.text.to_owned();
    Some(Join { child, parent, column })
}

/// Returns the last segment of a path.
fn path(cursor: &mut Cursor<'_>) -> Option<String> {
    let mut last = cursor.word()?;
    while cursor.eat(":") || cursor.eat(".") {
        if let Some(next) = cursor.word() {
            last = next;
        }
    }
    Some(last.text.to_owned())
}

/// The comment and the attributes before a table or a column.
#[derive(Default)]
struct Lead {
    attributes: Vec<Attribute>,
}

impl Lead {
    /// Reads `#[name = value]` and steps over comments. diesel's own comments say nothing of the
    /// database that is not in the rest.
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, ModelError> {
        let mut lead = Self::default();
        loop {
            if cursor.peek().is_some_and(|token| token.kind == Kind::Doc) {
                cursor.next();
            } else if cursor.eat("#") {
                if let Some(mut inner) = cursor.inside("[") {
                    lead.attributes.append(&mut attribute::list(&mut inner)?);
                }
            } else {
                return Ok(lead);
            }
        }
    }

    fn value(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|a| a.name.as_deref() == Some(name));
        found.and_then(|attribute| attribute.value.as_deref())
    }
}

fn table(
    cursor: &mut Cursor<'_>,
    types: &Types<'_>,
    draft: &mut Draft,
    names: &mut BTreeMap<String, QualifiedName>,
) -> Result<(), ModelError> {
    while cursor.eat_word("use") {
        cursor.skip_to(";");
        cursor.eat(";");
    }
    let lead = Lead::read(cursor)?;
    let wrong = |cursor: &Cursor<'_>, what: &str| ModelError::new(cursor.position(), what);
    let first = cursor.word().ok_or_else(|| wrong(cursor, "expected the name of a table"))?;
    let second = if cursor.eat(".") { cursor.word() } else { None };
    let (schema, name) = match second {
        Some(name) => (Some(first.text), name.text),
        None => (None, first.text),
    };
    let key: Vec<&str> = match cursor.inside("(") {
        Some(mut inner) => std::iter::from_fn(|| {
            let word = inner.word().map(|word| word.text);
            inner.eat(",");
            word
        })
        .collect(),
        None => vec!["id"],
    };
    let Some(mut body) = cursor.inside("{") else {
        return Err(wrong(cursor, "expected `{` and the columns of the table"));
    };
    let table_name = qualified(schema, lead.value("sql_name").unwrap_or(name));
    let mut table = Table::new(table_name.clone());
    let mut sql_names: BTreeMap<&str, String> = BTreeMap::new();
    while !body.is_empty() {
        let (name, column) = column(&mut body, types, draft)?;
        sql_names.insert(name, column.name.clone());
        table.columns.push(column);
    }
    let key = key.into_iter().map(|name| sql_names.get(name).cloned().unwrap_or(name.to_owned()));
    primary_key(&mut table, key.collect());
    if let Some(schema) = &table_name.schema {
        draft.models.metadata.schemas.insert(schema.clone());
    }
    names.insert(name.to_owned(), table_name);
    draft.models.metadata.add_table(table);
    Ok(())
}

/// Reads a column, and returns it with its name in Rust.
fn column<'t>(
    body: &mut Cursor<'t>,
    types: &Types<'_>,
    draft: &mut Draft,
) -> Result<(&'t str, Column), ModelError> {
    let lead = Lead::read(body)?;
    let at = body.position();
    let name = body.word().ok_or_else(|| ModelError::new(at, "expected a column"))?;
    if !(body.eat("-") && body.eat(">")) {
        let message = "expected `->` and the type of the column";
        return Err(ModelError::new(body.position(), message));
    }
    let at = body.position();
    let ty = type_ref(body, DEEPEST);
    body.skip_to(",");
    body.eat(",");
    let sql_name = lead.value("sql_name").unwrap_or(name.text);
    let ty = ty.ok_or_else(|| ModelError::new(at, "expected a type"))?;
    let (nullable, inner) = without_null(&ty);
    let sql_type = types.resolve(inner, lead.value("max_length"))?;
    if types.declared.contains_key(innermost(inner).name()) {
        draft.note(format!(
            "the type {sql_type} is known by its name only: declare it by #[derive(Enum)], or in an \
             object file"
        ));
    }
    let mut column = Column::new(sql_name, in_dialect(&sql_type, types.dialect));
    column.nullable = nullable;
    Ok((name.text, column))
}

fn without_null(ty: &TypeRef) -> (bool, &TypeRef) {
    match ty.arguments.first().filter(|_| ty.name() == "Nullable") {
        Some(inner) => (true, inner),
        None => (false, ty),
    }
}

/// Returns the type of the elements of an array or range, or the type itself.
fn innermost(ty: &TypeRef) -> &TypeRef {
    ty.arguments.first().map_or(ty, |inner| innermost(inner))
}

impl Types<'_> {
    fn resolve(&self, ty: &TypeRef, length: Option<&str>) -> Result<String, ModelError> {
        let argument = || ty.arguments.first().map(|inner| without_null(inner).1);
        let name = ty.name();
        if name == "Array"
            && let Some(element) = argument()
        {
            return Ok(format!("{}[]", self.resolve(element, length)?));
        }
        if name == "Range"
            && let Some(element) = argument()
            && let Some(found) = range(&self.resolve(element, None)?)
        {
            return Ok(found.to_owned());
        }
        let known = || self.configured.get(name).or_else(|| self.declared.get(name)).cloned();
        known().or_else(|| sql_type(name, length)).ok_or_else(|| {
            ModelError::new(ty.at, format!("unknown type {ty}"))
                .help(format!("say it once in aludel.toml: [types] {name} = \"…\""))
        })
    }
}

/// Adds the foreign key of a `joinable!`. It refers to the primary key of the parent.
fn add_key(join: &Join, names: &BTreeMap<String, QualifiedName>, draft: &mut Draft) {
    let metadata = &mut draft.models.metadata;
    let parent = names.get(&join.parent).and_then(|name| metadata.tables.get(name));
    let target = parent.map(|table| (table.name.clone(), key_of(table)));
    let child = names.get(&join.child).and_then(|name| metadata.tables.get_mut(name));
    match (child, target) {
        (Some(child), Some((parent, key))) if key.len() == 1 => {
            let columns = vec![join.column.clone()];
            foreign_key(child, ForeignKey::new(columns, parent, key));
        }
        (_, _) => {
            let Join { child, parent, column } = join;
            draft.note(format!("left out: {child}.{column}, which refers to {parent}"));
        }
    }
}
