//! Object files: CREATE statements of the kinds that a dialect manages, and comments on their
//! objects.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aludel_dialect::{
    DefaultPrivileges, Dialect, OperatorFamily, altered, change_default_privileges, commented,
    created, default_privileges, moved_by, names_constraint, object_statements, parse_definition,
    significant, tokens, unknown_kind, unnamed,
};
use aludel_schema::{
    Constraint, ConstraintKind, Definition, Kind, Metadata, ObjectId, QualifiedName,
};

use super::access::{self, Said};
use super::origins::{Origins, Place};
use crate::error::{ModelError, Position};
use crate::source::file::Source;

/// Adds the declarations of object files for a dialect. `first` is the number of the first file.
pub(super) fn read(
    files: &[Source],
    first: usize,
    dialect: Dialect,
    metadata: &mut Metadata,
    origins: &mut Origins,
) -> Vec<ModelError> {
    let mut reader = Reader {
        dialect,
        metadata,
        origins,
        problems: Vec::new(),
        comments: Vec::new(),
        attributes: Vec::new(),
        access: Vec::new(),
    };
    for (at, file) in files.iter().enumerate() {
        reader.file(file, first + at);
    }
    reader.families();
    reader.attributes();
    reader.comments();
    reader.access();
    reader.indexes();
    reader.problems
}

/// Returns the names of the partitions that object files declare for a dialect. A file that can't be split into
/// statements has none here: its problem is reported when the file is read.
pub(super) fn partitions(files: &[Source], dialect: Dialect) -> BTreeSet<QualifiedName> {
    let statements =
        files.iter().flat_map(|file| object_statements(&file.text).unwrap_or_default());
    let of_dialect = statements.filter(|own| own.dialect.is_none_or(|own| own == dialect));
    let created = of_dialect.filter_map(|own| created(&own.sql, dialect));
    let partitions = created.filter(|own| own.object.kind == Kind::Partition);
    partitions.map(|own| own.object.name).collect()
}

/// The help for a statement about owners and privileges that is refused.
const ACCESS: &str = "object files say the owners of objects that models and object files declare, \
     and the privileges of named roles on them";

/// The help for an owner of a sequence that the table does not have.
const OF_TABLE: &str = "`ALTER TABLE … OWNER TO` in an object file says it for both";

struct Reader<'a> {
    dialect: Dialect,
    metadata: &'a mut Metadata,
    origins: &'a mut Origins,
    problems: Vec<ModelError>,
    /// Comments and attributes are resolved when all definitions are known, because they may be in
    /// another file.
    comments: Vec<Comment>,
    attributes: Vec<Attribute>,
    access: Vec<Said>,
}

/// An ALTER statement that sets an attribute of an object.
struct Attribute {
    file: usize,
    at: Position,
    on: ObjectId,
    sql: String,
}

struct Comment {
    file: usize,
    at: Position,
    on: ObjectId,
    text: Option<String>,
    sql: String,
}

impl Reader<'_> {
    fn file(&mut self, file: &Source, number: usize) {
        let statements = match object_statements(file.text.trim_start_matches('\u{feff}')) {
            Ok(statements) => statements,
            Err(error) => {
                let at = Position::new(error.line, error.column);
                return self.problem(ModelError::new(at, error.message), &file.path);
            }
        };
        for statement in statements {
            if statement.dialect.is_some_and(|dialect| dialect != self.dialect) {
                continue;
            }
            let at = Position::new(statement.line, statement.column);
            let place = Place { file: number, at };
            if let Err(problem) = self.statement(&statement.sql, place) {
                self.problem(problem, &file.path);
            }
        }
    }

    fn problem(&mut self, problem: ModelError, path: &Path) {
        self.problems.push(problem.in_file(path));
    }

    fn statement(&mut self, sql: &str, place: Place) -> Result<(), ModelError> {
        self.names_are_short(sql, place.at)?;
        if let Some(comment) = commented(sql, self.dialect) {
            // The server takes an empty comment for none.
            let (on, text) = (comment.object, comment.comment.filter(|text| !text.is_empty()));
            let sql = sql.to_owned();
            self.comments.push(Comment { file: place.file, at: place.at, on, text, sql });
            return Ok(());
        }
        if let Some(said) = default_privileges(sql, self.dialect) {
            let refused = |message| ModelError::new(place.at, message).help(ACCESS);
            return self.default_privileges(said.map_err(refused)?, place);
        }
        if let Some(said) = aludel_dialect::access(sql, self.dialect) {
            let refused = |message| ModelError::new(place.at, message).help(ACCESS);
            let statement = said.map_err(refused)?;
            if !self.dialect.capabilities().roles {
                let message = format!("{} has no roles", self.dialect);
                return Err(ModelError::new(place.at, message)
                    .help("`-- aludel: dialect postgres` above a statement limits it"));
            }
            self.access.push(Said { place, statement });
            return Ok(());
        }
        if let Some(words) = moved_by(sql, self.dialect) {
            let message = format!("`ALTER … {words}` can't stand in an object file");
            return Err(ModelError::new(place.at, message).help(
                "the CREATE statement states the name, the schema and the columns; \
                 a rename of an object that is there is said by `--rename old=new`",
            ));
        }
        if let Some(on) = altered(sql, self.dialect) {
            let sql = sql.to_owned();
            self.attributes.push(Attribute { file: place.file, at: place.at, on, sql });
            return Ok(());
        }
        if let Some(kind) = unnamed(sql, self.dialect) {
            let message = format!("{} without a name", kind.noun());
            return Err(ModelError::new(place.at, message).help(
                "an object file names what it makes; the server would choose a name of its own",
            ));
        }
        let Some(definition) = parse_definition(sql, self.dialect) else {
            return Err(not_managed(sql, self.dialect, place.at));
        };
        let id = definition.id.clone();
        if created(sql, self.dialect).is_some_and(|created| created.temporary) {
            let message = format!("{id} is temporary, and ends with the session that creates it");
            return Err(ModelError::new(place.at, message).help("leave TEMPORARY out"));
        }
        if let Some(other) = self.origins.objects.get(&id) {
            let message = format!("{id} is declared twice");
            let path = self.origins.paths.get(other.file);
            let path = path.map(|path| path.display().to_string()).unwrap_or_default();
            return Err(ModelError::new(place.at, message)
                .help(format!("the other one is at {path}:{}", other.at.line)));
        }
        self.metadata.schemas.extend(id.name.schema.clone());
        self.origins.objects.insert(id, place);
        self.metadata.add_definition(definition);
        Ok(())
    }

    /// Refuses a statement with a name that the server would cut, be it that of an attribute, of a column or
    /// of a constraint.
    fn names_are_short(&self, sql: &str, mut at: Position) -> Result<(), ModelError> {
        let Some(longest) = self.dialect.capabilities().longest_name else { return Ok(()) };
        if sql.len() <= longest {
            return Ok(());
        }
        for token in tokens(sql, self.dialect) {
            if let Some(name) = token.identifier().filter(|name| name.len() > longest) {
                let message = format!(
                    "the name {name} has {} bytes, and {} cuts names to {longest}",
                    name.len(),
                    self.dialect
                );
                return Err(ModelError::new(at, message).help("give it a shorter name"));
            }
            at = at.after(token.text);
        }
        Ok(())
    }

    /// Adds what a statement says of the privileges on new objects to what other statements say of
    /// them.
    fn default_privileges(
        &mut self,
        said: Vec<DefaultPrivileges>,
        place: Place,
    ) -> Result<(), ModelError> {
        if !self.dialect.capabilities().roles {
            let message = format!("{} has no roles", self.dialect);
            return Err(ModelError::new(place.at, message)
                .help("`-- aludel: dialect postgres` above a statement limits it"));
        }
        for DefaultPrivileges { id, maker, schema, changes } in said {
            let roles = changes.iter().filter_map(|change| change.grant.role.as_deref());
            roles.chain([maker.as_str()]).for_each(|role| self.role(role, place));
            self.origins.objects.entry(id.clone()).or_insert(place);
            self.metadata.schemas.extend(schema.clone());
            let new = || {
                let schema = schema
                    .map(|name| ObjectId::new(Kind::Schema, QualifiedName::unqualified(name)));
                let depends_on = schema.into_iter().collect();
                Definition { depends_on, ..Definition::new(id.clone(), "") }
            };
            let definition = self.metadata.definitions.entry(id.clone()).or_insert_with(new);
            changes.iter().for_each(|change| change_default_privileges(definition, change));
        }
        Ok(())
    }

    /// Adds the operator families that come with operator classes.
    fn families(&mut self) {
        let definitions = self.metadata.definitions.values();
        let families = definitions.filter_map(|class| {
            let family = OperatorFamily::of(class, self.dialect).filter(|own| !own.is_stated)?;
            Some((class.id.clone(), family.definition(self.dialect)?))
        });
        for (class, family) in families.collect::<Vec<_>>() {
            let place = self.origins.objects.get(&class).copied();
            if !self.metadata.definitions.contains_key(&family.id) {
                self.origins.objects.extend(place.map(|place| (family.id.clone(), place)));
                self.metadata.add_definition(family);
            }
        }
    }

    /// Notes a role, and the first statement that names it.
    fn role(&mut self, name: &str, place: Place) {
        let id = ObjectId::new(Kind::Role, QualifiedName::unqualified(name));
        self.origins.objects.entry(id).or_insert(place);
        self.metadata.roles.insert(name.to_owned());
    }

    /// Notes what statements say of owners and privileges.
    fn access(&mut self) {
        let all = std::mem::take(&mut self.access);
        let mut refused = Vec::new();
        for said in &all {
            said.statement.change.roles().for_each(|role| self.role(role, said.place));
            let noted = access::note(self.metadata, &said.statement);
            refused.extend(noted.err().map(|message| (said.place, message, ACCESS)));
        }
        if refused.is_empty() {
            let differs = |said: &Said| {
                let problem = access::owner_is_of_table(self.metadata, &said.statement).err()?;
                Some((said.place, problem, OF_TABLE))
            };
            refused.extend(all.iter().filter_map(differs));
        }
        for (place, message, help) in refused {
            let path = self.origins.paths.get(place.file).cloned().unwrap_or_default();
            self.problem(ModelError::new(place.at, message).help(help), &path);
        }
    }

    fn attributes(&mut self) {
        // A statement about an index of a constraint comes behind the one that adds the constraint.
        let all = std::mem::take(&mut self.attributes).into_iter();
        let (last, first): (Vec<_>, Vec<_>) = all.partition(|own| own.on.kind == Kind::Index);
        for Attribute { file, at, on, sql } in first.into_iter().chain(last) {
            let on = self.with_part(on);
            let Some(definition) = self.named(&on) else {
                let problem =
                    ModelError::new(at, format!("{on} is altered, and no object file makes it"))
                        .help("attributes of tables and their columns stand in the models");
                let path = self.origins.paths.get(file).cloned().unwrap_or_default();
                self.problem(problem, &path);
                continue;
            };
            definition.attributes.push(sql);
            let id = definition.id.clone();
            self.origins.attributes.entry(id).or_default().push(Place { file, at });
        }
    }

    /// Returns the partition that a statement is about, if it names a trigger that is declared for the table above the
    /// partition, or the index of one of its constraints; otherwise the object itself.
    fn with_part(&mut self, on: ObjectId) -> ObjectId {
        let partition = on.table.clone().map(|name| ObjectId::new(Kind::Partition, name));
        let Some(partition) = partition.filter(|_| self.named(&on).is_none()) else { return on };
        let is_there = match on.kind {
            Kind::Trigger => self.named(&partition).is_some(),
            Kind::Index => self.with_constraint(&on).is_some(),
            _ => false,
        };
        if is_there { partition } else { on }
    }

    /// Refuses indexes of anything but a materialized view or a partition.
    fn indexes(&mut self) {
        let definitions = self.metadata.definitions.keys();
        let indexes = definitions.filter(|id| id.kind == Kind::Index).cloned();
        for id in indexes.collect::<Vec<ObjectId>>() {
            let owners = [Kind::MaterializedView, Kind::Partition];
            let named = |kind| id.table.clone().map(|name| ObjectId::new(kind, name));
            let mut owners = owners.into_iter().filter_map(named);
            if owners.any(|owner| self.named(&owner).is_some()) {
                continue;
            }
            let Some(place) = self.origins.objects.get(&id).copied() else { continue };
            let problem = ModelError::new(place.at, format!("{id} can't stand in an object file"))
                .help("indexes of tables stand in the models: `#[table(index(…))]`");
            let path = self.origins.paths.get(place.file).cloned().unwrap_or_default();
            self.problem(problem, &path);
        }
    }

    fn comments(&mut self) {
        let comments = std::mem::take(&mut self.comments);
        let mut first: BTreeMap<&ObjectId, &Comment> = BTreeMap::new();
        for comment in &comments {
            let other = *first.entry(&comment.on).or_insert(comment);
            let done = self.only_comment(comment, other).and_then(|()| self.comment(comment));
            if let Err(problem) = done {
                let path = self.origins.paths.get(comment.file).cloned().unwrap_or_default();
                self.problem(problem, &path);
            }
        }
    }

    /// Refuses a comment that is not the text of one in another file on the same object: no file comes before
    /// another one. In one file, the last comment counts.
    fn only_comment(&self, comment: &Comment, other: &Comment) -> Result<(), ModelError> {
        if comment.text == other.text || comment.file == other.file {
            return Ok(());
        }
        let message = format!("{} gets two comments", comment.on);
        let path = self.origins.paths.get(other.file);
        let path = path.map(|path| path.display().to_string()).unwrap_or_default();
        let help = format!("the other one is at {path}:{}", other.at.line);
        Err(ModelError::new(comment.at, message).help(help))
    }

    fn comment(&mut self, comment: &Comment) -> Result<(), ModelError> {
        if matches!(comment.on.kind, Kind::Schema | Kind::Extension | Kind::Sequence) {
            self.keep_comment(comment);
            return Ok(());
        }
        if let Some(partition) = self.with_constraint(&comment.on) {
            partition.attributes.push(comment.sql.clone());
            let id = partition.id.clone();
            let place = Place { file: comment.file, at: comment.at };
            self.origins.attributes.entry(id).or_default().push(place);
            return Ok(());
        }
        let (wanted, column) = match (comment.on.kind, &comment.on.table) {
            // A partition has the checks of the table above it.
            (Kind::Constraint, Some(table)) if self.is_passed_on(table, &comment.on.name.name) => {
                self.keep_comment(comment);
                return Ok(());
            }
            (Kind::Column, Some(relation)) => {
                (self.with_columns(relation), Some(comment.on.name.name.clone()))
            }
            _ => (comment.on.clone(), None),
        };
        let Some(definition) = self.named(&wanted) else {
            let message = format!("a comment on {}, which no object file makes", comment.on);
            let help = match comment.on.kind {
                Kind::Constraint | Kind::Index => {
                    "comments on constraints and indexes of tables stand in the models; an object file has those on \
                     what it adds to a partition under a name: `ALTER TABLE … ADD CONSTRAINT`"
                }
                _ => "comments on tables and their columns stand in the models",
            };
            return Err(ModelError::new(comment.at, message).help(help));
        };
        match column {
            Some(name) => {
                let text = comment.text.clone();
                let id = ObjectId::column(&definition.id.name, name.as_str());
                definition.column_comments.extend(text.map(|text| (name, text)));
                let place = Place { file: comment.file, at: comment.at };
                self.origins.objects.entry(id).or_insert(place);
            }
            None => definition.comment.clone_from(&comment.text),
        }
        Ok(())
    }

    /// Keeps a comment beside the object that it is about.
    fn keep_comment(&mut self, comment: &Comment) {
        let text = comment.text.clone();
        let place = Place { file: comment.file, at: comment.at };
        self.origins.objects.entry(comment.on.clone()).or_insert(place);
        self.metadata.comments.extend(text.map(|text| (comment.on.clone(), text)));
    }

    /// Returns true if a constraint of a partition may be a check that it has from above. One without a name gets it
    /// later.
    fn is_passed_on(&mut self, table: &QualifiedName, name: &str) -> bool {
        let part = ObjectId::new(Kind::Partition, table.clone());
        let Some(part) = self.named(&part).map(|own| own.id.clone()) else { return false };
        let tables = self.metadata.tables.values();
        let tables = tables.filter(|table| table.options.partition_by.is_some());
        let is_it = |own: &Constraint| {
            matches!(own.kind, ConstraintKind::Check { .. })
                && own.name.as_deref().is_none_or(|own| own == name)
        };
        let others = self.metadata.definitions.values().filter(|own| own.id != part);
        let parts = others.filter(|own| own.id.kind == Kind::Partition);
        let mut statements = parts.flat_map(|own| &own.attributes);
        tables.flat_map(|table| &table.constraints).any(is_it)
            || statements.any(|sql| names_constraint(sql, name, self.dialect))
    }

    /// Returns the partition that has the constraint which a comment is about, or whose index it is about, as one of
    /// its own. The one of a usual NOT NULL constraint has no name in an object file.
    fn with_constraint(&mut self, on: &ObjectId) -> Option<&mut Definition> {
        if !matches!(on.kind, Kind::Constraint | Kind::Index) || self.named(on).is_some() {
            return None;
        }
        let dialect = self.dialect;
        let names_it = |own: &Definition| {
            let name = on.name.name.as_str();
            let usual = format!("{}_", own.id.name.name);
            let is_usual = name.starts_with(&usual) && name.ends_with("_not_null");
            let mut statements = own.source.iter().chain(&own.attributes);
            !is_usual && statements.any(|sql| names_constraint(sql, name, dialect))
        };
        let partition = match &on.table {
            Some(table) => self.named(&ObjectId::new(Kind::Partition, table.clone()))?,
            None => {
                let is_there = |own: &Definition| {
                    let schemas = [&own.id.name.schema, &on.name.schema];
                    own.id.kind == Kind::Partition
                        && (schemas.contains(&&None) || schemas[0] == schemas[1])
                };
                let all = self.metadata.definitions.values_mut();
                let found = all.filter(|own| is_there(own) && names_it(own));
                // One that states the same schema comes before one that may be in it.
                found.min_by_key(|own| own.id.name.schema != on.name.schema)?
            }
        };
        names_it(partition).then_some(partition)
    }

    /// Returns the identity of the relation or type of that name, which has columns.
    fn with_columns(&mut self, name: &QualifiedName) -> ObjectId {
        let kinds =
            [Kind::MaterializedView, Kind::CompositeType, Kind::ForeignTable, Kind::Partition];
        let ids = kinds.map(|kind| ObjectId::new(kind, name.clone()));
        let found = ids.into_iter().find(|id| self.named(id).is_some());
        found.unwrap_or_else(|| ObjectId::new(Kind::View, name.clone()))
    }

    /// Returns the definition that a name means: the one with exactly this id, or the only one that
    /// differs by stating the schema or leaving it out, or by the spelling of its signature. A type
    /// of an unknown sort is any type.
    fn named(&mut self, id: &ObjectId) -> Option<&mut Definition> {
        let definitions = &mut self.metadata.definitions;
        let partition = ObjectId { kind: Kind::Partition, ..id.clone() };
        let exact = [Some(id), Some(&partition).filter(|_| id.kind == Kind::Table)];
        if let Some(id) = exact.into_iter().flatten().find(|id| definitions.contains_key(id)) {
            return definitions.get_mut(id);
        }
        let types = [Kind::CompositeType, Kind::RangeType, Kind::BaseType];
        let same_kind = |kind: Kind| {
            kind == id.kind
                || (id.kind == Kind::Type && types.contains(&kind))
                || (id.kind == Kind::Table && kind == Kind::Partition)
        };
        let alike = |other: &&mut Definition| {
            let (a, b) = (&other.id.name, &id.name);
            same_kind(other.id.kind)
                && a.name == b.name
                && (a.schema.is_none() || b.schema.is_none() || a.schema == b.schema)
                && id.table.as_ref().is_none_or(|table| {
                    other.id.table.as_ref().is_some_and(|other| other.name == table.name)
                })
        };
        let mut found = definitions.values_mut().filter(alike);
        let only = found.next()?;
        found.next().is_none().then_some(only)
    }
}

/// Returns the error for a statement that is not permitted in an object file.
fn not_managed(sql: &str, dialect: Dialect, at: Position) -> ModelError {
    let kinds = |dialect: Dialect| -> Vec<&'static str> {
        dialect.kinds().iter().map(|facts| facts.kind.noun()).collect()
    };
    let Some(created) = created(sql, dialect) else {
        let unknown = unknown_kind(sql, dialect);
        let first = sql.split_whitespace().next().unwrap_or_default();
        let said = unknown.and_then(|word| sql.get(..word.end())).unwrap_or(first);
        let words = significant(said, dialect).into_iter().map(|own| own.text.to_ascii_uppercase());
        let words = words.collect::<Vec<_>>().join(" ");
        let help = match words.starts_with("COMMENT") {
            true => {
                "comments on tables and their parts are said in their structs; object files have those on what they declare, \
                 on columns of views, and on constraints of domains"
            }
            false => {
                "there are CREATE, COMMENT ON, GRANT, REVOKE, and ALTER for what CREATE can't say"
            }
        };
        let before = unknown.and_then(|word| sql.get(..word.start)).unwrap_or_default();
        return ModelError::new(
            at.after(before),
            format!("`{words}` can't stand in an object file"),
        )
        .help(help);
    };
    let kind = created.object.kind;
    let has = |dialect: &Dialect| dialect.kind_facts(kind).is_some();
    let one = Some(dialect).filter(has).or_else(|| Dialect::ALL.into_iter().find(has));
    match one {
        Some(other) if other != dialect => ModelError::new(at, format!("{dialect} has no {kind}"))
            .help(format!(
                "say that it is for {other} only: `-- aludel: dialect {}` above it",
                other.name()
            )),
        Some(_) => ModelError::new(at, format!("this {kind} can't be read")),
        None if matches!(kind, Kind::Table | Kind::Enum | Kind::Sequence | Kind::Extension) => {
            ModelError::new(at, format!("{} can't stand in an object file", kind.with_article()))
                .help("models declare tables, enums, sequences and extensions")
        }
        None => {
            ModelError::new(at, format!("{} can't stand in an object file", kind.with_article()))
                .help(format!(
                    "Aludel manages these kinds of {dialect} there: {}",
                    kinds(dialect).join(", ")
                ))
        }
    }
}
