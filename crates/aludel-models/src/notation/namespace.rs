//! Names that the server would cut or refuse, and names that two objects of a schema share.

use std::borrow::Cow;
use std::collections::BTreeMap;

use aludel_dialect::{Dialect, IdentifierCase};
use aludel_schema::{
    Column, Definition, EnumType, Kind, Metadata, Namespace, ObjectId, QualifiedName, Sequence,
    Table,
};

use super::origins::Origins;
use crate::error::{ModelError, Position};

/// Checks the names of all objects.
pub(super) fn check(dialect: Dialect, metadata: &Metadata, origins: &Origins) -> Vec<ModelError> {
    let checker = Checker { dialect, origins, metadata };
    let (mut problems, mut sharing) = (Vec::new(), Vec::new());
    for named in checker.named() {
        problems.extend(checker.too_long(&named));
        problems.extend(checker.of_system_column(&named));
        problems.extend(checker.of_system_schema(&named));
        if !named.namespaces.is_empty() {
            sharing.push(named);
        }
    }
    problems.extend(checker.shared(&sharing));
    problems
}

/// An object with a name of its own, and the namespaces of the schema in which it has that name.
struct Named {
    id: ObjectId,
    namespaces: &'static [Namespace],
    /// The object whose place is that of the name, if it is another one.
    said_by: Option<ObjectId>,
}

impl From<ObjectId> for Named {
    fn from(id: ObjectId) -> Self {
        Self { namespaces: id.kind.namespaces(), id, said_by: None }
    }
}

/// Returns the objects with names, without those inside of tables whose names nobody can object to.
fn named(dialect: Dialect, metadata: &Metadata) -> impl Iterator<Item = Named> {
    let schemas = metadata.schemas.iter();
    let schemas =
        schemas.map(|name| ObjectId::new(Kind::Schema, QualifiedName::unqualified(name.as_str())));
    let own = schemas
        .chain(metadata.enums.values().map(EnumType::id))
        .chain(metadata.sequences.values().map(Sequence::id))
        .chain(metadata.definitions.keys().filter(|id| has_name(id)).cloned());
    let along = metadata.definitions.values().flat_map(move |own| along(dialect, own));
    let tables = metadata.tables.values().flat_map(move |table| of_table(dialect, table));
    own.map(Named::from).chain(along).chain(tables)
}

/// Returns the tables that belong to an object and that no user can make.
fn along(dialect: Dialect, definition: &Definition) -> Vec<Named> {
    let said_by = || Some(definition.id.clone());
    let named = |name| Named { said_by: said_by(), ..Named::from(ObjectId::table(&name)) };
    dialect.tables_along(definition).into_iter().map(named).collect()
}

/// Returns false for objects that are known by what they are between, such as two types.
fn has_name(id: &ObjectId) -> bool {
    !matches!(id.kind, Kind::Cast | Kind::Transform | Kind::UserMapping | Kind::DefaultPrivileges)
}

/// Returns true if the server takes the name as it is, for a column too.
fn is_plain(name: &str, dialect: Dialect) -> bool {
    let capabilities = dialect.capabilities();
    capabilities.longest_name.is_none_or(|longest| name.len() <= longest)
        && !capabilities.system_columns.contains(&name)
}

fn of_table(dialect: Dialect, table: &Table) -> Vec<Named> {
    let name = &table.name;
    // Columns share their names with nothing outside of the table, and there are many.
    let columns = table.columns.iter().filter(|own| !is_plain(&own.name, dialect));
    let columns = columns.map(|own| ObjectId::column(name, own.name.as_str()));
    let indexes = table.indexes.iter().map(|index| index.id(name));
    let own = std::iter::once(ObjectId::table(name)).chain(columns).chain(indexes);
    let constraints = table.constraints.iter().map(|constraint| {
        // A key has an index of its own name.
        let index = constraint.has_index().then(|| Kind::Index.namespaces());
        Named { id: constraint.id(name), namespaces: index.unwrap_or_default(), said_by: None }
    });
    let of_columns = table.columns.iter().flat_map(|own| of_column(name, own));
    own.map(Named::from).chain(constraints).chain(of_columns).collect()
}

/// Returns the sequence behind an identity column, and a NOT NULL constraint with a name.
fn of_column(table: &QualifiedName, column: &Column) -> Vec<Named> {
    let counter = column.identity_sequence(table).map(|name| ObjectId::new(Kind::Sequence, name));
    let name = column.not_null.as_ref().and_then(|own| own.name.as_deref());
    let constraint = name.map(|name| ObjectId::within(Kind::Constraint, table, name));
    let said_by = || Some(ObjectId::column(table, column.name.as_str()));
    let named = |id: ObjectId| Named { said_by: said_by(), ..Named::from(id) };
    counter.into_iter().chain(constraint).map(named).collect()
}

struct Checker<'a> {
    dialect: Dialect,
    origins: &'a Origins,
    metadata: &'a Metadata,
}

impl Checker<'_> {
    fn named(&self) -> impl Iterator<Item = Named> {
        named(self.dialect, self.metadata)
    }

    /// Returns a problem for each object that has the name of another one.
    fn shared(&self, sharing: &[Named]) -> Vec<ModelError> {
        let mut held: BTreeMap<(Namespace, Option<&str>, Cow<'_, str>), &Named> = BTreeMap::new();
        let mut problems = Vec::new();
        for named in sharing {
            let (id, mut other) = (&named.id, None);
            for namespace in named.namespaces {
                let key = (*namespace, id.name.schema.as_deref(), self.folded(&id.name.name));
                let holder = *held.entry(key).or_insert(named);
                let is_other = holder.id != *id || holder.said_by != named.said_by;
                other = other.or(Some(holder).filter(|_| is_other));
            }
            problems.extend(other.map(|other| self.namesakes(named, other)));
        }
        problems
    }

    /// Returns the name as the server compares it.
    fn folded<'n>(&self, name: &'n str) -> Cow<'n, str> {
        match self.dialect.capabilities().identifier_case {
            IdentifierCase::Sensitive => name.into(),
            IdentifierCase::Insensitive => name.to_ascii_lowercase().into(),
        }
    }

    /// Returns the problem of two objects with one name, at the place of the later one.
    fn namesakes(&self, one: &Named, other: &Named) -> ModelError {
        let place = |named| self.origins.find(&self.sayer(named)).map(|own| (own.path, own.at));
        let (first, second) = if place(other) <= place(one) { (other, one) } else { (one, other) };
        let message = match [first, second].into_iter().find_map(|own| own.said_by.as_ref()) {
            Some(owner) if first.id == second.id => {
                format!("{} has the name of one that belongs to {owner}", first.id)
            }
            _ => format!("{} has the name of {}", second.id, first.id),
        };
        let other = place(first).map_or_else(String::new, |(path, Position { line, column })| {
            format!("; the other one is at {}:{line}:{column}", path.display())
        });
        self.problem(&self.sayer(second), message).help(format!(
            "relations and types of a schema share their names; rename one of the two{other}"
        ))
    }

    /// Returns the problem of a name that the server would cut.
    fn too_long(&self, named: &Named) -> Option<ModelError> {
        let (id, longest) = (&named.id, self.dialect.capabilities().longest_name?);
        if id.name.name.len() <= longest {
            return None;
        }
        let message = format!(
            "the name of {} {} has {} bytes, and {} cuts names to {longest}",
            id.kind,
            id.name.name,
            id.name.name.len(),
            self.dialect
        );
        let is_identity = id.kind == Kind::Sequence && named.said_by.is_some();
        let attribute = if is_identity { "sequence" } else { "name" };
        let problem = self.problem(&self.sayer(named), message);
        Some(problem.help(format!("give it a shorter name: {attribute} = \"…\"")))
    }

    /// Returns the problem of a column with the name of one that every table has.
    fn of_system_column(&self, named: &Named) -> Option<ModelError> {
        let (id, system) = (&named.id, self.dialect.capabilities().system_columns);
        if id.kind != Kind::Column || !system.contains(&id.name.name.as_str()) {
            return None;
        }
        let message =
            format!("{id} has the name of a column that every table of {} has", self.dialect);
        let problem = self.problem(id, message);
        Some(problem.help("give it another name: #[column(name = \"…\")]"))
    }

    /// Returns the problem of a schema whose name the server keeps for its own ones.
    fn of_system_schema(&self, named: &Named) -> Option<ModelError> {
        let (id, start) = (&named.id, self.dialect.capabilities().system_schemas?);
        if id.kind != Kind::Schema || !id.name.name.starts_with(start) {
            return None;
        }
        let message = format!(
            "{id} has a name that begins with {start}, and {} keeps such names for itself",
            self.dialect
        );
        Some(self.problem(&self.sayer(named), message).help("give the schema another name"))
    }

    /// Returns the object that says the name of an object: a schema is named by the first one in it.
    fn sayer(&self, named: &Named) -> ObjectId {
        let inside = |of: &QualifiedName| of.schema.as_ref() == Some(&named.id.name.name);
        match &named.said_by {
            Some(sayer) => sayer.clone(),
            None if named.id.kind == Kind::Schema => {
                let first = self.named().map(|other| other.id).find(|other| inside(&other.name));
                first.unwrap_or_else(|| named.id.clone())
            }
            None => named.id.clone(),
        }
    }

    /// Returns a problem at the place of an object.
    fn problem(&self, id: &ObjectId, message: String) -> ModelError {
        match self.origins.find(id) {
            Some(origin) => ModelError::new(origin.at, message).in_file(origin.path),
            None => ModelError::new(Position::default(), message),
        }
    }
}
