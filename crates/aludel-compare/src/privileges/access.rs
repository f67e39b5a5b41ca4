//! Owners and privileges.
//!
//! They are compared where an object file says them, or for all objects if the scope says so. The
//! target gets everything else from the database, so that no difference arises from it, and an
//! object that is made again gets it back.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, Hazard, Step, privileges};
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{
    Access, Belongings, EnumType, Grant, GrantVerb, Kind, Manage, Metadata, ObjectId,
    QualifiedName, Sequence,
};

use crate::depends::World;
use crate::pair::Pair;
use crate::privileges::{owners, withheld};
use crate::renaming::constructors;

/// Gives the target the owners and privileges of the database where nothing is said of them, and
/// what is said everywhere else.
pub fn carry_over(dialect: Dialect, database: &Metadata, target: &mut Metadata, manage: Manage) {
    target.role.clone_from(&database.role);
    target.has_maintain = database.has_maintain;
    let said = std::mem::take(&mut target.access);
    let tables = target.tables.keys().map(ObjectId::table);
    let enums = target.enums.values().map(EnumType::id);
    let counters = target.counters().map(|name| ObjectId::new(Kind::Sequence, name));
    let sequences = target.sequences.values().map(Sequence::id).chain(counters);
    let declared = tables.chain(enums).chain(sequences).chain(target.definitions.keys().cloned());
    let schemas = target.schemas.iter().map(|name| schema_id(name));
    let mut declared: BTreeSet<ObjectId> = declared.chain(schemas).collect();
    if declared.iter().any(|id| is_in_public(id, database)) {
        declared.insert(schema_id(PUBLIC));
    }
    let others = database.belongings.keys().chain(said.keys());
    let all: BTreeSet<ObjectId> = declared.iter().chain(others).cloned().collect();
    // The owner of a table is that of its sequences too.
    let of_columns: BTreeSet<ObjectId> = target.sequences_of_columns().collect();
    let owners = owners::tables(target);
    let counters: BTreeSet<QualifiedName> = database.counters().collect();
    let (last, first): (Vec<_>, Vec<_>) = all.into_iter().partition(|id| of_columns.contains(id));
    for id in first.into_iter().chain(last) {
        let managed = declared.contains(&id) && !target.leaves_alone(&id);
        let follows_table = of_columns.contains(&id);
        let table = owners.get(&id);
        let table = table.map(|table| target.belongings_of(table).cloned().unwrap_or_default());
        let is_there = is_there(&id, database, &counters);
        let own = Target { id: &id, is_there, managed, follows_table, table, manage, database };
        let belongings = own.belongings(said.get(&id));
        match target.definitions.get_mut(&id) {
            Some(definition) => definition.belongings = belongings,
            None if belongings == Belongings::default() => {}
            None => {
                target.belongings.insert(id, belongings);
            }
        }
    }
    constructors::settle(dialect, database, target);
}

/// Returns true if the database, whose identity columns have the sequences `counters`, has the object.
fn is_there(id: &ObjectId, database: &Metadata, counters: &BTreeSet<QualifiedName>) -> bool {
    match id.kind {
        Kind::Schema => database.has_commented(id),
        // To ask for one identity column after the other would take a time that grows with their square.
        Kind::Sequence => database.sequences.contains_key(&id.name) || counters.contains(&id.name),
        _ => database.contains(id),
    }
}

/// Kinds that share their names, and most of their privileges.
const LIKE_KINDS: [&[Kind]; 3] = [
    &[Kind::Table, Kind::View, Kind::MaterializedView, Kind::ForeignTable],
    &[Kind::Function, Kind::Procedure, Kind::Aggregate],
    &[Kind::Enum, Kind::Domain, Kind::CompositeType, Kind::RangeType, Kind::BaseType],
];

/// An object of the target.
struct Target<'m> {
    id: &'m ObjectId,
    /// True if the database has the object. It may have no belongings that are known.
    is_there: bool,
    /// True if it is declared, and not somebody else's.
    managed: bool,
    /// True for the sequence of a column, which has the owner of the table (PostgreSQL, "ALTER SEQUENCE").
    follows_table: bool,
    /// The belongings of that table, if it is known.
    table: Option<Belongings>,
    manage: Manage,
    database: &'m Metadata,
}

impl Target<'_> {
    fn belongings(&self, said: Option<&Access>) -> Belongings {
        let mut own = self.before();
        own.owner = self.owner(own.owner.take(), said);
        let owner = own.owner.clone().or(self.database.role.clone());
        let changes = said.map(|said| said.changes.as_slice()).unwrap_or_default();
        let manages = self.manage.grants && self.managed && !self.privileges().is_empty();
        let not_owners = |grant: &Grant| grant.role.is_none() || grant.role != owner;
        if changes.is_empty() && !manages {
            own.grants.retain(not_owners);
            own.settle_grantors(owner.as_deref());
            return own;
        }
        let granted = own.grants.clone();
        own.grants.retain(|grant| changes.is_empty() && self.is_public() && grant.role.is_none());
        own.revoked_from_public = false;
        for change in changes {
            for grant in self.expanded(&change.grant) {
                self.apply(&mut own, change.verb, grant);
            }
        }
        own.grants.retain(not_owners);
        let grants = std::mem::take(&mut own.grants).into_iter();
        own.grants = grants.flat_map(|grant| as_granted(grant, &granted)).collect();
        own.settle_grantors(owner.as_deref());
        own
    }

    /// Returns the belongings in the database: those of the object, or of one of a like kind that it takes the place
    /// of, as a materialized view that of a view.
    fn before(&self) -> Belongings {
        if self.is_there {
            return self.database.belongings_of(self.id).cloned().unwrap_or_default();
        }
        let kinds = LIKE_KINDS.iter().filter(|kinds| kinds.contains(&self.id.kind));
        let mut others = kinds
            .flat_map(|kinds| kinds.iter())
            .map(|kind| ObjectId { kind: *kind, ..self.id.clone() });
        let mut own =
            others.find_map(|id| self.database.belongings_of(&id)).cloned().unwrap_or_default();
        own.grants.retain(|grant| self.privileges().contains(&&*grant.privilege));
        own
    }

    fn owner(&self, before: Option<String>, said: Option<&Access>) -> Option<String> {
        let is_role = |name: &String| self.database.role.as_ref() == Some(name);
        if let Some(table) = &self.table {
            return table.owner.clone().filter(|name| !is_role(name));
        }
        let said = said.filter(|_| !self.follows_table);
        let manages =
            self.manage.owners && self.managed && !self.is_public() && !self.follows_table;
        match said.and_then(|said| said.owner.as_ref()) {
            // An existing object of the connection's own role has no owner here.
            Some(owner) => Some(owner.clone()).filter(|name| !self.is_there || !is_role(name)),
            None => before.filter(|_| !manages),
        }
    }

    /// Returns true for the schema that each database has.
    fn is_public(&self) -> bool {
        self.id.kind == Kind::Schema && self.id.name.name == PUBLIC
    }

    fn privileges(&self) -> &'static [&'static str] {
        privileges(self.id.kind, self.database.has_maintain)
    }

    /// Returns true if all roles have the privilege on a new object of the kind.
    fn is_default(&self, grant: &Grant) -> bool {
        let has_default = match self.id.kind {
            Kind::Function
            | Kind::Procedure
            | Kind::Aggregate
            | Kind::Enum
            | Kind::Domain
            | Kind::CompositeType
            | Kind::RangeType
            | Kind::BaseType => true,
            _ => self.is_public(),
        };
        has_default && grant.role.is_none() && self.privileges().first() == Some(&&*grant.privilege)
    }

    /// Returns the single privileges that a privilege stands for.
    fn expanded(&self, grant: &Grant) -> Vec<Grant> {
        if grant.privilege != "ALL" {
            return vec![grant.clone()];
        }
        let all = match grant.column {
            Some(_) => privileges(Kind::Column, false),
            None => self.privileges(),
        };
        let all = all.iter().map(|name| Grant { privilege: (*name).to_owned(), ..grant.clone() });
        all.collect()
    }

    fn apply(&self, own: &mut Belongings, verb: GrantVerb, grant: Grant) {
        if self.is_default(&grant) {
            own.revoked_from_public = verb == GrantVerb::Revoke;
            return;
        }
        let is_same = |other: &Grant| {
            (&other.privilege, &other.role) == (&grant.privilege, &grant.role)
                && (other.column == grant.column
                    || (verb == GrantVerb::Revoke && grant.column.is_none()))
        };
        match verb {
            GrantVerb::Grant => {
                let grantable = own.grants.iter().any(|other| is_same(other) && other.grantable);
                own.grants.retain(|other| !is_same(other));
                own.grants.push(Grant { grantable: grant.grantable || grantable, ..grant });
            }
            GrantVerb::Revoke => own.grants.retain(|other| !is_same(other)),
            GrantVerb::RevokeOption => {
                let same = own.grants.iter_mut().filter(|other| is_same(other));
                same.for_each(|other| other.grantable = false);
            }
        }
    }
}

/// Returns what a declared privilege is in the database. Nobody declares who grants it, and several
/// roles may have done so.
fn as_granted(said: Grant, granted: &[Grant]) -> Vec<Grant> {
    let same = granted.iter().filter(|grant| grant.is_same_right(&said));
    let limited =
        same.map(|grant| Grant { grantable: grant.grantable && said.grantable, ..grant.clone() });
    let mut grants: Vec<Grant> = limited.collect();
    if grants.iter().all(|grant| grant.grantable != said.grantable) {
        grants.retain(|grant| grant.grantor.is_some());
        grants.push(said);
    }
    grants
}

/// The schema that each new database has.
const PUBLIC: &str = "public";

/// Returns true if an object is in that schema, which then is one of the project's.
fn is_in_public(id: &ObjectId, database: &Metadata) -> bool {
    let schema = id.name.schema.as_ref().or(database.default_schema.as_ref());
    let has_one = id.kind != Kind::Schema && !id.kind.has_no_schema();
    has_one && schema.is_some_and(|schema| schema == PUBLIC)
}

fn schema_id(name: &str) -> ObjectId {
    ObjectId::new(Kind::Schema, QualifiedName::unqualified(name))
}

/// Compares owners and privileges. `operations` are all others: a definition that they make gets
/// its own by its CREATE, and any other object that they make has none yet.
pub(crate) fn compare(world: &World<'_>, operations: &[Operation]) -> Vec<Operation> {
    if !world.dialect.capabilities().roles {
        return Vec::new();
    }
    let mut made = owners::made(operations);
    let columns = made.iter().filter(|id| id.kind == Kind::Column);
    let with_heirs: Vec<ObjectId> =
        columns.flat_map(|id| world.with_heirs(vec![id.clone()])).collect();
    made.extend(with_heirs);
    let gone: BTreeSet<ObjectId> = operations.iter().filter_map(gone).collect();
    let none = Belongings::default();
    let pair = world.pair;
    let definitions = pair.target.definitions.iter();
    let definitions = definitions.filter(|(id, _)| {
        !made.contains(id)
            && pair.database.definitions.contains_key(id)
            && world.dialect.kind_facts(id.kind).is_some()
    });
    let definitions = definitions.map(|(id, definition)| (id, &definition.belongings));
    let others: BTreeSet<&ObjectId> =
        pair.database.belongings.keys().chain(pair.target.belongings.keys()).collect();
    let others = others.into_iter().filter(|id| !gone.contains(id) || made.contains(id));
    // A sequence may end with its table.
    let others = others.filter(|id| id.kind != Kind::Sequence || pair.target.contains(id));
    let others = others.map(|id| (id, pair.target.belongings.get(id).unwrap_or(&none)));
    let all = definitions.chain(others).filter(|(id, _)| !world.leaves_alone(id));
    let changes = all.filter_map(|(id, to)| {
        let before = pair.database.belongings_of(id).filter(|_| !made.contains(id));
        change(world, id, Pair::new(before.unwrap_or(&none), to), &made)
    });
    changes.chain(withheld::operations(world, &made)).collect()
}

fn gone(operation: &Operation) -> Option<ObjectId> {
    match operation {
        Operation::Drop(object) => Some(object.id()),
        _ => None,
    }
}

/// Returns the change of owner and privileges. Privileges on columns that come or go do so with
/// them, and a column that is made again is in `made` and has none.
fn change(
    world: &World<'_>,
    id: &ObjectId,
    pair: Pair<&Belongings>,
    made: &BTreeSet<ObjectId>,
) -> Option<Operation> {
    let (mut from, mut to) = (pair.database.clone(), pair.target.clone());
    let has = |side: &Metadata, grant: &Grant| {
        grant.column.as_ref().is_none_or(|column| has_column(side, id, column))
    };
    let is_made = |grant: &Grant| {
        let column = grant.column.as_ref();
        column.is_some_and(|column| made.contains(&ObjectId::column(&id.name, column.as_str())))
    };
    let sides = world.pair;
    from.grants.retain(|grant| has(sides.database, grant) && has(sides.target, grant));
    from.grants.retain(|grant| !is_made(grant));
    to.grants.retain(|grant| has(sides.target, grant));
    for side in [&mut from, &mut to] {
        side.settle_grantors(None);
    }
    // What a drop would lose is no privilege.
    for side in [&mut from, &mut to] {
        (side.has_secret, side.is_unread, side.is_populated) = (false, false, None);
        side.constructors.clear();
    }
    if from.owner != to.owner {
        let role = sides.target.role.as_ref().or(sides.database.role.as_ref());
        to.owner = to.owner.or(role.cloned());
        from.grants.retain(|grant| grant.role != to.owner || grant.outlasts_ownership());
        from.settle_grantors(to.owner.as_deref());
        if owners::come_along(world, id, made) {
            from.owner.clone_from(&to.owner);
        }
    }
    if from == to {
        return None;
    }
    Some(Operation::Alter(Alter::Access { on: id.clone(), from: Box::new(from), to: Box::new(to) }))
}

fn has_column(side: &Metadata, id: &ObjectId, column: &str) -> bool {
    match (side.tables.get(&id.name), side.definitions.get(id)) {
        (Some(table), _) if id.kind == Kind::Table => table.column(column).is_some(),
        (_, Some(definition)) => definition.shape.iter().any(|own| own.name == column),
        _ => false,
    }
}

/// Says which privileges roles lose because no declaration gives them, or because an object that is
/// made again has no column of that name.
pub(crate) fn say_what_is_revoked(steps: &mut [Step], world: &World<'_>) {
    let before = &world.pair.database.definitions;
    // What an object that is made has by default is no privilege that anybody loses.
    let made = owners::made(steps.iter().flat_map(|step| &step.operations));
    for step in steps {
        for operation in &step.operations {
            let (on, from, to) = match operation {
                Operation::Alter(Alter::Access { on, from, to }) if !made.contains(on) => {
                    (on, &**from, &**to)
                }
                Operation::Create(Object::Definition(new)) => match before.get(&new.id) {
                    Some(old) => (&new.id, &old.belongings, &new.belongings),
                    None => continue,
                },
                Operation::Create(_)
                | Operation::Drop(_)
                | Operation::Rename { .. }
                | Operation::Alter(_)
                | Operation::Restore(_)
                | Operation::Comment { .. } => continue,
            };
            let is_in = |side: &Belongings, grant: &Grant| {
                let same = side.grants.iter().filter(|other| other.is_same_right(grant));
                same.clone().any(|other| other.grantable || !grant.grantable)
            };
            let lost = from.grants.iter().filter(|grant| !is_in(to, grant));
            let lost = lost.filter(|grant| grant.role.is_none() || grant.role != to.owner);
            let lost: Vec<String> = lost.map(Grant::to_string).collect();
            if !lost.is_empty() {
                let (object, what) = (on.clone(), lost.join(", "));
                step.hazards.push(Hazard::LosesAccess { object, what });
            }
        }
    }
}

/// Applies a rename to the privileges on columns, and to the names under which belongings are kept.
pub(crate) fn rename(metadata: &mut Metadata, from: &ObjectId, to: &QualifiedName) {
    let table = from.table.as_ref().filter(|_| from.kind == Kind::Column).map(ObjectId::table);
    if let Some(own) = table.and_then(|table| metadata.belongings.get_mut(&table)) {
        let renamed = |grant: &&mut Grant| grant.column.as_ref() == Some(&from.name.name);
        own.grants
            .iter_mut()
            .filter(renamed)
            .for_each(|grant| grant.column = Some(to.name.clone()));
    } else if let Some(own) = metadata.belongings.remove(from) {
        let id = ObjectId { name: to.clone(), ..from.clone() };
        metadata.belongings.insert(id, own);
    }
}
