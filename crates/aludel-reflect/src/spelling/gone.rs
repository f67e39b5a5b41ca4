//! Names that go, because what has them is dropped or gets another one: code that still uses them is wrong, though
//! the database has them until then.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::Dialect;
use aludel_driver::StatementError;
use aludel_schema::{Kind, Metadata, ObjectId, QualifiedName};

/// The names that the database has and the target does not.
#[derive(Clone, Debug, Default)]
pub(super) struct Gone {
    pub(super) names: Vec<GoneName>,
    /// The names of routines, without their schemas.
    routines: BTreeSet<String>,
    /// The columns that a table of the name, which is without its schema, does not have any longer.
    columns: BTreeMap<String, BTreeSet<String>>,
}

/// The name of a relation or type that goes.
#[derive(Clone, Debug)]
pub(super) struct GoneName {
    pub(super) name: QualifiedName,
    pub(super) has: Has,
    /// True if another schema has something of the name. Code without a schema may mean that.
    pub(super) is_elsewhere: bool,
}

/// The sort of an object, which decides how the server refuses a name that the object has lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Has {
    Relation,
    Type,
}

impl Gone {
    pub(super) fn of(dialect: Dialect, live: &Metadata, target: &Metadata) -> Self {
        let stay: BTreeSet<&QualifiedName> = named(target, dialect).map(|(name, _)| name).collect();
        let elsewhere: BTreeSet<&str> = stay.iter().map(|name| name.name.as_str()).collect();
        let names = named(live, dialect).filter(|(name, _)| !stay.contains(name));
        let names = names.map(|(name, has)| {
            let is_elsewhere = elsewhere.contains(name.name.as_str());
            GoneName { name: name.clone(), has, is_elsewhere }
        });
        let kept: BTreeSet<&str> = routines(target, dialect).collect();
        let routines = routines(live, dialect).filter(|name| !kept.contains(name));
        let mut columns: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for table in live.tables.values().filter(|own| stay.contains(&own.name)) {
            let after = target.tables.get(&table.name);
            let stays = |name: &str| after.is_some_and(|after| after.column(name).is_some());
            let went = table.columns.iter().map(|own| &own.name).filter(|name| !stays(name));
            columns.entry(table.name.name.clone()).or_default().extend(went.cloned());
        }
        columns.retain(|_, went| !went.is_empty());
        Self { names: names.collect(), routines: routines.map(str::to_owned).collect(), columns }
    }

    /// Returns the relations and types that go and have their names in code with these words.
    pub(super) fn named_in(&self, code: &BTreeSet<String>) -> Self {
        let names = self.names.iter().filter(|gone| code.contains(&gone.name.name));
        Self { names: names.cloned().collect(), ..Self::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.routines.is_empty() && self.columns.is_empty()
    }

    /// Returns true if code with these words may use such a name.
    pub(super) fn may_be_in(&self, code: &BTreeSet<String>) -> bool {
        let is_used = |name: &String| code.contains(name);
        self.routines.iter().any(is_used)
            || self.names.iter().any(|gone| is_used(&gone.name.name))
            || self.columns.iter().any(|(table, own)| is_used(table) && own.iter().any(is_used))
    }

    /// Gives a refusal the words that the server would have for it if nothing had the name.
    pub(super) fn say_missing(&self, refused: &mut StatementError) {
        let is_about =
            |gone: &&GoneName| refused.message.contains(&format!("\"{}\"", gone.name.name));
        let Some(gone) = self.names.iter().find(is_about) else { return };
        let (word, code) = match gone.has {
            Has::Relation if refused.code == WRONG_OBJECT => ("relation", "42P01"),
            Has::Type if refused.message.ends_with(" is only a shell") => ("type", "42704"),
            Has::Relation | Has::Type => return,
        };
        refused.message = format!("{word} \"{}\" does not exist", gone.name.name);
        code.clone_into(&mut refused.code);
        refused.detail = None;
    }
}

/// The code of the error about a relation without rows, such as a composite type.
const WRONG_OBJECT: &str = "42809";

/// Returns the relations and types.
fn named(metadata: &Metadata, dialect: Dialect) -> impl Iterator<Item = (&QualifiedName, Has)> {
    let is_type = move |id: &&ObjectId| dialect.kind_facts(id.kind).is_some_and(|f| f.is_type);
    let ids = || metadata.definitions.keys();
    let types = ids().filter(is_type).map(|id| (&id.name, Has::Type));
    let others = ids().filter(|id| id.kind.is_other_relation());
    let others = others.map(|id| (&id.name, Has::Relation));
    let tables = metadata.tables.keys().map(|name| (name, Has::Relation));
    let enums = metadata.enums.keys().map(|name| (name, Has::Type));
    tables.chain(enums).chain(types).chain(others)
}

fn routines(metadata: &Metadata, dialect: Dialect) -> impl Iterator<Item = &str> {
    let has_code = move |kind: Kind| dialect.kind_facts(kind).is_some_and(|facts| facts.has_code);
    let ids = metadata.definitions.keys().filter(move |id| has_code(id.kind));
    ids.map(|id| id.name.name.as_str())
}
