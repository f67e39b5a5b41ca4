//! SeaORM's entities: `Model` with `#[sea_orm(table_name = "…")]`, `Relation`, and active enums.

use std::collections::BTreeMap;

use aludel_dialect::Dialect;
use aludel_schema::{Action, Column, EnumType, ForeignKey, QualifiedName, SqlText, Table};

use crate::case::snake_case;
use crate::error::ModelError;
use crate::foreign::ForeignModels;
use crate::foreign::draft::{
    Draft, counts, foreign_key, identity, in_dialect, index, primary_key, qualified, unique,
};
use crate::foreign::items::{Item, Member, Members, items};
use crate::foreign::sea_orm_types::{column_type, default_expr, rust_type};
use crate::source::attribute::Attribute;
use crate::source::file::Source;
use crate::source::item::TypeRef;
use crate::source::token::{Cursor, tokens};

/// The maximal length of a chain of newtypes.
const LONGEST_CHAIN: usize = 8;

/// The declarations of all files.
struct Known<'a> {
    configured: &'a BTreeMap<String, String>,
    /// The SQL types of active enums.
    enums: BTreeMap<String, String>,
    /// The types behind newtypes.
    newtypes: BTreeMap<String, TypeRef>,
    dialect: Dialect,
}

/// An entity, before its relations are known.
struct Entity {
    module: String,
    table: QualifiedName,
    /// The name of the column of each field.
    columns: BTreeMap<String, String>,
}

/// A `belongs_to`.
struct Relation {
    module: String,
    target: String,
    from: Vec<String>,
    to: Vec<String>,
    on_delete: Action,
    on_update: Action,
}

/// The attributes of one item.
struct Attributes(Vec<Attribute>);

impl Attributes {
    fn of(list: Result<Vec<Attribute>, ModelError>) -> Result<Self, ModelError> {
        Ok(Self(list?))
    }

    fn find(&self, name: &str) -> Option<&Attribute> {
        self.0.iter().find(|attribute| attribute.name.as_deref() == Some(name))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.find(name).and_then(|attribute| attribute.value.as_deref())
    }

    /// Returns true for `name` and `name = true`.
    fn flag(&self, name: &str) -> bool {
        self.find(name).is_some_and(|attribute| attribute.value.as_deref() != Some("false"))
    }
}

pub(crate) fn read(
    files: &[Source],
    configured: &BTreeMap<String, String>,
    dialect: Dialect,
) -> Result<ForeignModels, Vec<ModelError>> {
    let mut draft = Draft::default();
    let (enums, newtypes) = (BTreeMap::new(), BTreeMap::new());
    let mut known = Known { configured, enums, newtypes, dialect };
    for file in files {
        each_item(file, &mut draft, &mut |item, _, draft| known.learn(item, draft));
    }
    let (mut entities, mut relations) = (Vec::new(), Vec::new());
    for file in files {
        each_item(file, &mut draft, &mut |item, module, draft| {
            entities.extend(entity(item, module, &known, draft, &mut relations)?);
            relations.append(&mut of_enum(item, module)?);
            Ok(())
        });
    }
    for relation in &relations {
        add_key(relation, &entities, &mut draft);
    }
    if !entities.is_empty() {
        draft.note(
            "checks, partial indexes, and the names of constraints and indexes are not in entities; \
             names are those that PostgreSQL gives",
        );
    }
    draft.finish()
}

/// Calls a function for each item of a file, with the name of its module. Problems are collected.
fn each_item(
    file: &Source,
    draft: &mut Draft,
    take: &mut dyn FnMut(&Item<'_>, &str, &mut Draft) -> Result<(), ModelError>,
) {
    let stem = file.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let folder = file.path.parent().and_then(|folder| folder.file_name());
    let module = match stem.as_deref() {
        Some("mod") => folder.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        stem => stem.unwrap_or_default().to_owned(),
    };
    let tokens = match tokens(&file.text) {
        Ok(tokens) => tokens,
        Err(problem) => return push(draft, problem, file),
    };
    let found = match items(&mut Cursor::new(&tokens)) {
        Ok(found) => found,
        Err(problem) => return push(draft, problem, file),
    };
    for item in &found {
        if let Err(problem) = take(item, item.module.unwrap_or(&module), draft) {
            push(draft, problem, file);
        }
        let placed =
            draft.problems.iter_mut().filter(|problem| problem.path.as_os_str().is_empty());
        placed.for_each(|problem| problem.path.clone_from(&file.path));
    }
}

fn push(draft: &mut Draft, problem: ModelError, file: &Source) {
    let problem = problem.in_file(&file.path);
    if !draft.problems.contains(&problem) {
        draft.problems.push(problem);
    }
}

impl Known<'_> {
    /// Learns the SQL type of an active enum or a newtype.
    fn learn(&mut self, item: &Item<'_>, draft: &mut Draft) -> Result<(), ModelError> {
        let name = item.name.text.to_owned();
        match &item.members {
            Members::Wraps(target) => {
                self.newtypes.insert(name, target.clone());
            }
            Members::Variants(variants) if item.marks.derives("DeriveActiveEnum") => {
                let attributes = Attributes::of(item.marks.lists("sea_orm"))?;
                let db_type = attributes.text("db_type").unwrap_or_default();
                let sql_type = match attributes.text("enum_name") {
                    Some(enum_name) if db_type == "Enum" => {
                        self.enum_type(enum_name, variants, draft)?
                    }
                    _ => column_type(db_type).ok_or_else(|| {
                        let message = format!("unknown db_type of the enum {name}");
                        ModelError::new(item.name.at, message)
                    })?,
                };
                self.enums.insert(name, sql_type);
            }
            Members::Variants(_) | Members::Fields(_) | Members::Nothing => {}
        }
        Ok(())
    }

    /// Adds an enum type, and returns the type of its columns.
    fn enum_type(
        &self,
        name: &str,
        variants: &[Member<'_>],
        draft: &mut Draft,
    ) -> Result<String, ModelError> {
        let mut labels = Vec::new();
        for variant in variants {
            let attributes = Attributes::of(variant.marks.lists("sea_orm"))?;
            let label = attributes.text("string_value").map(str::to_owned);
            labels.push(label.ok_or_else(|| {
                let message = format!("the label of {} is not stated", variant.name.text);
                ModelError::new(variant.at, message).help("#[sea_orm(string_value = \"…\")]")
            })?);
        }
        if !self.dialect.capabilities().schemas {
            return Ok("text".to_owned());
        }
        let name = qualified(None, name);
        let text = name.to_string();
        let enum_type = EnumType { name: name.clone(), labels, comment: None };
        draft.models.metadata.enums.insert(name, enum_type);
        Ok(text)
    }

    fn resolve(&self, ty: &TypeRef, depth: usize) -> Result<String, ModelError> {
        let name = ty.name();
        if let Some(known) = self.configured.get(name).or_else(|| self.enums.get(name)) {
            return Ok(known.clone());
        }
        if let Some(known) = rust_type(ty) {
            return Ok(known.to_owned());
        }
        match (name, ty.arguments.first()) {
            ("Vec", Some(element)) if depth > 0 => {
                return Ok(format!("{}[]", self.resolve(element, depth - 1)?));
            }
            ("Box" | "Arc", Some(inner)) if depth > 0 => return self.resolve(inner, depth - 1),
            _ => {}
        }
        match self.newtypes.get(name).filter(|_| depth > 0) {
            Some(target) => {
                let resolved = self.resolve(target, depth - 1);
                resolved.map_err(|problem| ModelError { at: ty.at, ..problem })
            }
            None => Err(ModelError::new(ty.at, format!("unknown type {ty}"))
                .help(format!("say it once in aludel.toml: [types] {name} = \"…\""))),
        }
    }
}

/// Reads an entity; `None` for any other item.
fn entity(
    item: &Item<'_>,
    module: &str,
    known: &Known<'_>,
    draft: &mut Draft,
    relations: &mut Vec<Relation>,
) -> Result<Option<Entity>, ModelError> {
    let Members::Fields(fields) = &item.members else { return Ok(None) };
    if !item.marks.derives("DeriveEntityModel") {
        return Ok(None);
    }
    let attributes = Attributes::of(item.marks.lists("sea_orm"))?;
    let name = attributes.text("table_name").ok_or_else(|| {
        ModelError::new(item.name.at, "the entity has no #[sea_orm(table_name = \"…\")]")
    })?;
    let name = qualified(attributes.text("schema_name"), name);
    let mut table = Table::new(name.clone());
    table.comment = attributes.text("comment").map(str::to_owned);
    let mut reader = Fields::default();
    for field in fields {
        if let Err(problem) = reader.field(field, module, &mut table, known, draft) {
            draft.problems.push(problem);
        }
    }
    let Fields { columns, key, groups, counter, relations: found } = reader;
    relations.extend(found);
    if let ([only], true) = (key.as_slice(), counter)
        && let Some(column) = table.columns.iter_mut().find(|column| column.name == *only)
        && counts(&column.sql_type.written.to_lowercase())
    {
        identity(column);
        draft.note("counters are taken as identity columns; serial is not in entities");
    }
    primary_key(&mut table, key);
    groups.into_values().for_each(|columns| unique(&mut table, columns));
    if let Some(schema) = &name.schema {
        draft.models.metadata.schemas.insert(schema.clone());
    }
    draft.models.metadata.add_table(table);
    Ok(Some(Entity { module: module.to_owned(), table: name, columns }))
}

/// The parts of a table that the fields of an entity give.
#[derive(Default)]
struct Fields {
    columns: BTreeMap<String, String>,
    key: Vec<String>,
    /// The columns of each `unique_key`.
    groups: BTreeMap<String, Vec<String>>,
    counter: bool,
    relations: Vec<Relation>,
}

impl Fields {
    fn field(
        &mut self,
        field: &Member<'_>,
        module: &str,
        table: &mut Table,
        known: &Known<'_>,
        draft: &mut Draft,
    ) -> Result<(), ModelError> {
        let attributes = Attributes::of(field.marks.lists("sea_orm"))?;
        let Some(ty) = &field.rust_type else {
            return Err(ModelError::new(field.at, "a type without a name says nothing"));
        };
        if matches!(ty.name(), "HasOne" | "HasMany" | "BelongsTo") {
            self.relations.extend(of_field(&attributes, ty, module)?);
            return Ok(());
        }
        if attributes.flag("ignore") {
            return Ok(());
        }
        let (nullable, inner) = match ty.arguments.first().filter(|_| ty.name() == "Option") {
            Some(inner) => (true, inner),
            None => (attributes.flag("nullable"), ty),
        };
        let sql_type = match attributes.find("column_type").and_then(|a| a.value.as_deref()) {
            Some(text) => column_type(text).or_else(|| known.resolve(inner, LONGEST_CHAIN).ok()),
            None => Some(known.resolve(inner, LONGEST_CHAIN)?),
        };
        let sql_type = sql_type.ok_or_else(|| {
            ModelError::new(field.at, format!("unknown column_type of {}", field.name.text))
        })?;
        if inner.name() == "String" && attributes.find("column_type").is_none() {
            draft.note(
                "lengths of strings are not stated where column_type is missing: text is taken",
            );
        }
        let name = attributes.text("column_name");
        let name = name.map_or_else(|| snake_case(field.name.text), str::to_owned);
        let mut column = Column::new(name.clone(), in_dialect(&sql_type, known.dialect));
        column.nullable = nullable;
        column.comment = attributes.text("comment").map(str::to_owned);
        column.renamed_from = attributes.text("renamed_from").map(str::to_owned);
        column.default = default(&attributes, &sql_type, table, &name, draft).map(Box::new);
        table.columns.push(column);
        self.columns.insert(field.name.text.to_owned(), name.clone());
        if attributes.flag("primary_key") {
            self.key.push(name.clone());
            self.counter |= attributes.text("auto_increment") != Some("false");
        }
        if attributes.flag("unique") {
            unique(table, vec![name.clone()]);
        }
        if attributes.flag("indexed") {
            index(table, &name);
        }
        if let Some(group) = attributes.text("unique_key") {
            self.groups.entry(group.to_owned()).or_default().push(name);
        }
        Ok(())
    }
}

/// Returns the default that attributes state.
fn default(
    attributes: &Attributes,
    sql_type: &str,
    table: &Table,
    column: &str,
    draft: &mut Draft,
) -> Option<SqlText> {
    if let Some(value) = attributes.text("default_value") {
        let is_bare = counts(sql_type)
            || sql_type.starts_with("numeric")
            || matches!(sql_type, "real" | "double precision" | "boolean");
        let literal = format!("'{}'", value.replace('\'', "''"));
        return Some(SqlText::new(if is_bare { value.to_owned() } else { literal }));
    }
    let text = attributes.text("default_expr")?;
    let known = default_expr(text);
    if known.is_none() {
        let place = format!("{}.{column}", table.name);
        draft.note(format!("the default of {place} is Rust, and left out: {text}"));
    }
    known.map(SqlText::new)
}

/// Reads the relations of an `enum Relation`.
fn of_enum(item: &Item<'_>, module: &str) -> Result<Vec<Relation>, ModelError> {
    let Members::Variants(variants) = &item.members else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    if item.marks.derives("DeriveRelation") {
        for variant in variants {
            let attributes = Attributes::of(variant.marks.lists("sea_orm"))?;
            if let Some(target) = attributes.text("belongs_to") {
                found.push(relation(&attributes, module, target)?);
            }
        }
    }
    Ok(found)
}

/// Reads a relation that is a field, as `#[sea_orm::model]` has them.
fn of_field(
    attributes: &Attributes,
    ty: &TypeRef,
    module: &str,
) -> Result<Option<Relation>, ModelError> {
    match (attributes.find("belongs_to"), ty.arguments.first()) {
        (Some(_), Some(target)) => relation(attributes, module, &target.path.join("::")).map(Some),
        (Some(_), None) | (None, _) => Ok(None),
    }
}

fn relation(attributes: &Attributes, module: &str, target: &str) -> Result<Relation, ModelError> {
    let columns = |name: &str| {
        let text = attributes.text(name).unwrap_or_default();
        let names = text.split([',', '(', ')']).map(str::trim).filter(|name| !name.is_empty());
        let last = |name: &str| snake_case(name.rsplit("::").next().unwrap_or(name));
        names.map(last).collect::<Vec<String>>()
    };
    let action = |name: &str| {
        let Some(attribute) = attributes.find(name) else { return Ok(Action::default()) };
        let text = attribute.text()?;
        let words = snake_case(text).replace('_', " ");
        Action::parse(&words).ok_or_else(|| {
            ModelError::new(attribute.at, format!("`{text}` is no action of a foreign key"))
        })
    };
    let mut path = target.rsplit("::");
    // `super::cake::Entity` names the module before its last segment.
    let last = path.next().unwrap_or_default();
    let target = if last == "Entity" { path.next().unwrap_or(last) } else { last };
    Ok(Relation {
        module: module.to_owned(),
        target: target.to_owned(),
        from: columns("from"),
        to: columns("to"),
        on_delete: action("on_delete")?,
        on_update: action("on_update")?,
    })
}

fn add_key(relation: &Relation, entities: &[Entity], draft: &mut Draft) {
    let find = |module: &str| entities.iter().find(|entity| entity.module == module);
    let Relation { module, target, from, to, .. } = relation;
    let columns = |entity: &Entity, fields: &[String]| {
        let column = |field: &String| {
            let found = entity.columns.iter().find(|(name, _)| snake_case(name) == *field);
            found.map(|(_, column)| column.clone())
        };
        fields.iter().map(column).collect::<Option<Vec<String>>>()
    };
    let ends = find(module).zip(find(target)).and_then(|(child, parent)| {
        Some((
            child.table.clone(),
            columns(child, from)?,
            parent.table.clone(),
            columns(parent, to)?,
        ))
    });
    let whole = ends.filter(|(_, from, _, to)| !from.is_empty() && from.len() == to.len());
    let Some((child, from, parent, to)) = whole else {
        draft.note(format!("left out: the relation of {module} to {target}, which is not read"));
        return;
    };
    let mut key = ForeignKey::new(from, parent, to);
    (key.on_delete, key.on_update) = (relation.on_delete, relation.on_update);
    if let Some(table) = draft.models.metadata.tables.get_mut(&child) {
        foreign_key(table, key);
    }
}
