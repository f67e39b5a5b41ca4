//! The models of all files.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use aludel_dialect::Dialect;
use aludel_schema::{
    Extension, Hint, Hints, Kind, Metadata, NamePool, ObjectId, QualifiedName, Scope,
};

use super::origins::{Member, Origins, Place, TableOrigin};
use super::sequence::{self, NamedSequence};
use super::table::Built;
use crate::error::ModelError;
use crate::notation::context::{Context, KnownEnum, Names};
use crate::notation::{check, definition, enum_type, namespace, table, threads};
use crate::source::attribute::{Attribute, check_words, for_dialect};
use crate::source::file::Source;
use crate::source::item::{FileItems, StructItem, TypeRef};
use crate::source::parse;

/// The usual size of a field in a source, in bytes.
const FIELD: usize = 100;

/// The number of tables that are built at a time.
const BATCH: usize = 256;

/// The declarations of all files, before a dialect is chosen.
#[derive(Clone, Debug)]
pub struct Models {
    paths: Vec<PathBuf>,
    files: Vec<FileItems>,
    objects: Vec<Source>,
    scope: Scope,
}

/// The metadata of one dialect, and the positions of its parts in the source.
#[derive(Debug)]
pub struct Resolved {
    /// The metadata.
    pub metadata: Metadata,
    /// The positions of the objects.
    pub origins: Origins,
    /// True if there are object files. Objects that they do not declare are then to be dropped.
    pub has_object_files: bool,
}

impl Models {
    /// Parses the sources and keeps the object files. A source is only parsed if it seems to
    /// declare a model, or a type that a field names.
    ///
    /// # Errors
    ///
    /// Fails with all places that can't be read, file by file.
    pub fn parse(sources: &[Source], objects: Vec<Source>) -> Result<Self, Vec<ModelError>> {
        let (paths, files) = (Vec::new(), Vec::new());
        let mut models = Self { paths, files, objects, scope: Scope::default() };
        let (mut first, mut rest): (Vec<&Source>, Vec<&Source>) =
            sources.iter().partition(|source| declares(&source.text));
        models.take(&first)?;
        loop {
            let wanted = models.unknown_types();
            first = rest
                .iter()
                .copied()
                .filter(|s| wanted.iter().any(|name| names(&s.text, name)))
                .collect();
            if first.is_empty() {
                return Ok(models);
            }
            rest.retain(|source| !first.iter().any(|taken| taken.path == source.path));
            models.take(&first)?;
        }
    }

    /// Sets the scope of the project. Models may refer to tables outside of it without declaring
    /// them.
    #[must_use]
    pub fn within(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    fn take(&mut self, sources: &[&Source]) -> Result<(), Vec<ModelError>> {
        let mut problems = Vec::new();
        let threads = threads::worth(sources.iter().map(|source| source.text.len()).sum());
        let results = threads::each(threads, sources, |source| parse::file_items(&source.text));
        for (source, result) in sources.iter().zip(results) {
            match result {
                Ok(items) => {
                    self.paths.push(source.path.clone());
                    self.files.push(items);
                }
                Err(problem) => problems.push(problem.in_file(&source.path)),
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Returns the names of types that fields use and that no parsed source declares.
    fn unknown_types(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let fields = self.files.iter().flat_map(|f| &f.tables).flat_map(|table| &table.fields);
        let aliases = self.files.iter().flat_map(|f| &f.aliases);
        fields.for_each(|field| collect_names(&field.rust_type, &mut names));
        aliases.for_each(|alias| collect_names(&alias.target, &mut names));
        for file in &self.files {
            for (local, path) in &file.uses {
                if names.remove(local.as_str()) {
                    names.extend(path.last().map(String::as_str));
                }
            }
        }
        for file in &self.files {
            file.enums.iter().for_each(|e| _ = names.remove(e.name.as_str()));
            file.aliases.iter().for_each(|alias| _ = names.remove(alias.name.as_str()));
        }
        names.into_iter().map(str::to_owned).collect()
    }

    /// Returns the number of tables.
    pub fn table_count(&self) -> usize {
        self.files.iter().map(|file| file.tables.len()).sum()
    }

    /// Takes the structs out of the files, each with the number of its file.
    fn take_tables(&mut self) -> Vec<(usize, StructItem)> {
        let files = self.files.iter_mut().enumerate();
        let tables = files.flat_map(|(file, items)| {
            std::mem::take(&mut items.tables).into_iter().map(move |item| (file, item))
        });
        tables.collect()
    }

    /// Returns the metadata for a dialect. `types` maps names of Rust types to SQL types.
    ///
    /// # Errors
    ///
    /// Fails with all places that can't be resolved, in the order of the files.
    pub fn metadata(
        mut self,
        dialect: Dialect,
        types: &BTreeMap<String, String>,
    ) -> Result<Resolved, Vec<ModelError>> {
        let mut problems = Vec::new();
        let mut metadata = Metadata::default();
        let items = self.take_tables();
        let enums = self.enums(dialect, &mut metadata.hints, &mut problems);
        let names = Names::of(&self.files, &enums);
        let files = &self.files;
        let cx = Context { dialect, files, enums, names, configured: types, lenient: false };
        let objects = self.objects.iter().map(|file| file.path.clone());
        let paths = self.paths.iter().cloned().chain(objects).collect();
        let origins = Origins { paths, ..Origins::default() };
        let has_object_files = !self.objects.is_empty();
        let mut resolved = Resolved { metadata, origins, has_object_files };
        self.database(dialect, &mut resolved, &mut problems);
        if dialect.capabilities().enums {
            for known in &cx.enums {
                let (name, enum_type) = (known.enum_type.name.clone(), known.enum_type.clone());
                resolved.metadata.schemas.extend(name.schema.clone());
                let place = Place { file: known.file, at: known.at };
                resolved.origins.objects.entry(enum_type.id()).or_insert(place);
                resolved.metadata.enums.insert(name, enum_type);
            }
        }
        self.tables(&cx, items, &mut resolved, &mut problems);
        problems.extend(definition::read(
            &self.objects,
            self.paths.len(),
            dialect,
            &mut resolved.metadata,
            &mut resolved.origins,
        ));
        if problems.is_empty() {
            problems = namespace::check(dialect, &resolved.metadata, &resolved.origins);
        }
        if problems.is_empty() {
            return Ok(resolved);
        }
        problems.sort();
        problems.dedup();
        Err(problems)
    }

    fn enums(
        &self,
        dialect: Dialect,
        hints: &mut Hints,
        problems: &mut Vec<ModelError>,
    ) -> Vec<KnownEnum> {
        let mut known: Vec<KnownEnum> = Vec::new();
        for (file, items) in self.files.iter().enumerate() {
            for item in &items.enums {
                match enum_type::enum_type(item, dialect) {
                    Ok(enum_type) => {
                        let clash = known.iter().find(|k| k.enum_type.name == enum_type.name);
                        if clash.is_some_and(|k| k.enum_type.labels != enum_type.labels) {
                            let message = format!(
                                "two enums are type {}, with different labels",
                                enum_type.name
                            );
                            problems
                                .push(ModelError::new(item.at, message).in_file(&self.paths[file]));
                        }
                        let (name, at) = (item.name.clone(), item.at);
                        let hinted = enum_type::hints(item, &enum_type, dialect, hints);
                        let hinted = hinted.map_err(|problem| problem.in_file(&self.paths[file]));
                        problems.extend(hinted.err());
                        known.push(KnownEnum { file, at, name, enum_type });
                    }
                    Err(problem) => problems.push(problem.in_file(&self.paths[file])),
                }
            }
        }
        known
    }

    fn database(&self, dialect: Dialect, resolved: &mut Resolved, problems: &mut Vec<ModelError>) {
        for (file, (items, path)) in self.files.iter().zip(&self.paths).enumerate() {
            let checked = check_words(
                &items.database,
                &["extension", "schema", "sequence"],
                "database!",
                false,
            );
            problems.extend(checked.err().map(|problem| problem.in_file(path)));
            for attribute in for_dialect(&items.database, dialect) {
                if !dialect.capabilities().schemas {
                    continue;
                }
                let place = Place { file, at: attribute.at };
                match database_item(attribute, &mut resolved.metadata) {
                    Ok(DatabaseItem::Schema) => {}
                    Ok(DatabaseItem::Extension(id)) => {
                        resolved.origins.objects.entry(id).or_insert(place);
                    }
                    Ok(DatabaseItem::Sequence(sequence)) => {
                        problems.extend(add_sequence(resolved, *sequence, place));
                    }
                    Err(problem) => problems.push(problem.in_file(path)),
                }
            }
        }
    }

    /// Returns true if a model may refer to a table without a model of it. `named` are the schemas
    /// that models name.
    fn is_elsewhere(
        &self,
        dialect: Dialect,
        table: &QualifiedName,
        named: &BTreeSet<String>,
        partitions: &OnceCell<BTreeSet<QualifiedName>>,
    ) -> bool {
        let is_sayable = dialect.capabilities().schemas || table.schema.is_none();
        let partitions =
            || partitions.get_or_init(|| definition::partitions(&self.objects, dialect));
        (is_sayable && self.scope.is_elsewhere(table, named)) || partitions().contains(table)
    }

    /// Builds the tables. The items are many, so that those which are done are freed.
    fn tables(
        &self,
        cx: &Context<'_>,
        items: Vec<(usize, StructItem)>,
        resolved: &mut Resolved,
        problems: &mut Vec<ModelError>,
    ) {
        let mut taken: BTreeMap<Option<String>, NamePool> = BTreeMap::new();
        let size: usize = items.iter().map(|(_, item)| item.fields.len() * FIELD).sum();
        items.iter().for_each(|(_, item)| table::reserve_given(item, cx.dialect, &mut taken));
        let mut built = Vec::with_capacity(items.len());
        let mut items = items.into_iter();
        loop {
            let batch: Vec<(usize, StructItem)> = items.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                break;
            }
            let threads = threads::worth(size);
            let drafts =
                threads::each(threads, &batch, |(file, item)| table::draft(cx, *file, item));
            for ((file, item), draft) in batch.iter().zip(drafts) {
                let schema = table::table_name(item, cx.dialect).ok().and_then(|name| name.schema);
                let names = taken.entry(schema).or_default();
                match draft.and_then(|d| d.map(|d| table::build(cx, item, &d, names)).transpose()) {
                    Ok(None) => {}
                    Ok(Some(table)) => built.push((*file, item.at, table)),
                    Err(found) => {
                        problems.extend(found.into_iter().map(|p| p.in_file(&self.paths[*file])));
                    }
                }
            }
        }
        if !problems.is_empty() {
            // References to tables that could not be read would only repeat the problems found so
            // far.
            return;
        }
        let keys = built
            .iter()
            .map(|(_, _, b)| (b.table.name.clone(), check::Key::of(&b.table)))
            .collect();
        let mut named = resolved.metadata.schemas.clone();
        named.extend(built.iter().filter_map(|(_, _, b)| b.table.name.schema.clone()));
        let partitions = OnceCell::new();
        let elsewhere =
            |table: &QualifiedName| self.is_elsewhere(cx.dialect, table, &named, &partitions);
        for (file, at, mut table) in built {
            let path = &self.paths[file];
            let mut found = check::columns(&table);
            found.extend(check::partition_key(&table.table, at));
            found.extend(check::references(&mut table, &keys, &elsewhere));
            found.extend(check::parents(&mut table, &keys, &elsewhere));
            found.extend(check::duplicate(&resolved.metadata, &table.table.name, at));
            problems.extend(found.into_iter().map(|problem| problem.in_file(path)));
            let name = &table.table.name;
            let origin = TableOrigin { place: Place { file, at }, members: members(&table) };
            resolved.origins.tables.insert(name.clone(), origin);
            resolved.metadata.schemas.extend(name.schema.clone());
            for (sequence, at) in table.sequences {
                let place = Place { file, at };
                problems.extend(add_sequence(resolved, sequence, place));
            }
            resolved.metadata.hints.extend(table.hints);
            resolved.metadata.add_table(table.table);
        }
    }
}

/// Returns the positions of the parts of a table.
fn members(built: &Built) -> Vec<Member> {
    let table = &built.table;
    let columns = table.columns.iter().zip(&built.columns_at).zip(&built.attributes_at);
    let columns = columns.map(|((column, at), attributes)| Member {
        kind: Kind::Column,
        name: column.name.as_str().into(),
        at: *at,
        attributes: attributes.clone(),
    });
    let constraints = table.constraints.iter().zip(&built.constraints_at);
    let constraints = constraints.map(|(own, at)| (Kind::Constraint, own.label(), *at));
    let indexes = table.indexes.iter().zip(&built.indexes_at);
    let indexes = indexes.map(|(index, at)| (Kind::Index, index.name.clone(), *at));
    let others = constraints.chain(indexes).map(|(kind, name, at)| {
        let attributes = Box::default();
        Member { kind, name: name.into(), at, attributes }
    });
    columns.chain(others).collect()
}

/// Adds a sequence, or returns the problem that another one has its name.
fn add_sequence(
    resolved: &mut Resolved,
    sequence: NamedSequence,
    place: Place,
) -> Option<ModelError> {
    let NamedSequence { sequence, renamed_from } = sequence;
    let (id, paths) = (sequence.id(), &resolved.origins.paths);
    if let Some(other) = resolved.origins.objects.get(&id) {
        let path = paths.get(other.file).map(|path| path.display().to_string()).unwrap_or_default();
        let (line, column) = (other.at.line, other.at.column);
        let problem = ModelError::new(place.at, format!("{id} is declared twice"))
            .help(format!("the other one is at {path}:{line}:{column}"));
        return Some(problem.in_file(paths.get(place.file)?));
    }
    if let Some(from) = renamed_from {
        resolved.metadata.hints.objects.insert(id.clone(), Hint::lasting(from));
    }
    resolved.origins.objects.insert(id, place);
    resolved.metadata.sequences.insert(sequence.name.clone(), sequence);
    None
}

/// An element of `database!`.
enum DatabaseItem {
    Schema,
    Extension(ObjectId),
    /// A sequence, which is not part of the metadata yet.
    Sequence(Box<NamedSequence>),
}

/// Reads an element of `database!`, and adds it to the metadata unless it is a sequence.
fn database_item(
    attribute: &Attribute,
    metadata: &mut Metadata,
) -> Result<DatabaseItem, ModelError> {
    match attribute.name.as_deref() {
        Some("schema") => {
            metadata.schemas.insert(attribute.text()?.to_owned());
            Ok(DatabaseItem::Schema)
        }
        Some("sequence") => {
            let sequence = sequence::sequence(attribute)?;
            if let Some(owner) = &sequence.sequence.owned_by {
                let message = format!(
                    "a sequence that belongs to a column stands at its table: \
                     #[table(sequence(name = \"{}\", owned_by = \"…\"))], and not owned_by = \"{}\" here",
                    sequence.sequence.name, owner.column
                );
                return Err(ModelError::new(attribute.at, message));
            }
            metadata.schemas.extend(sequence.sequence.name.schema.clone());
            Ok(DatabaseItem::Sequence(Box::new(sequence)))
        }
        _ => {
            let mut extension = Extension::new("");
            if let Some(name) = &attribute.value {
                extension.name.clone_from(name);
            }
            for element in attribute.items() {
                match (element.name.as_deref(), &element.value) {
                    (None, Some(name)) => extension.name.clone_from(name),
                    (Some("schema"), Some(schema)) => extension.schema = Some(schema.clone()),
                    (Some("version"), Some(version)) => extension.version = Some(version.clone()),
                    _ => {
                        return Err(ModelError::new(
                            element.at,
                            "write extension(\"name\", schema = \"…\", version = \"…\")",
                        ));
                    }
                }
            }
            metadata.schemas.extend(extension.schema.clone());
            let id = extension.id();
            metadata.extensions.insert(extension.name.clone(), extension);
            Ok(DatabaseItem::Extension(id))
        }
    }
}

/// Returns true if a file may hold models. Its text is searched, which is much cheaper than a
/// parse.
fn declares(text: &str) -> bool {
    (text.contains("derive") && (text.contains("Table") || text.contains("Enum")))
        || text.contains("database!")
}

/// Returns true if a file may declare a type of this name.
fn names(text: &str, name: &str) -> bool {
    ["struct ", "enum ", "type "].iter().any(|word| text.contains(&format!("{word}{name}")))
}

fn collect_names<'a>(ty: &'a TypeRef, names: &mut BTreeSet<&'a str>) {
    names.insert(ty.name());
    ty.arguments.iter().for_each(|argument| collect_names(argument, names));
}
