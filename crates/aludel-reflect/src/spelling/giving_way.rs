//! Objects of the database that give way to those of a scratch.

use std::collections::BTreeSet;

use aludel_operations::{Alter, Move, Object, Operation};
use aludel_schema::{Definition, EnumType, Kind, Metadata, ObjectId, QualifiedName};

use super::place::{Part, Place};
use super::scratch::Scratch;
use super::statement::ScratchStatement;

impl Scratch {
    /// Takes the names from the objects that go, so that nothing in the scratch is made over one. Only
    /// those of kinds give way whose new name no reader waits for.
    pub(super) fn hide(&mut self, database: &Metadata, renamed: &Metadata, target: &Metadata) {
        let names: BTreeSet<(Kind, &QualifiedName)> =
            target.definitions.keys().map(|id| (id.kind, &id.name)).collect();
        // A routine under another name does not have the former one, and one over a renamed type is the same.
        let is_renamed =
            |id: &ObjectId| id.kind.is_called() && !names.contains(&(id.kind, &id.name));
        let goes = |id: &ObjectId| !target.contains(id) && (renamed.contains(id) || is_renamed(id));
        let gone = database.definitions.values();
        let gone = gone.filter(|own| gives_way_unseen(own.id.kind) && goes(&own.id));
        let mut gone: Vec<&Definition> = gone.collect();
        // The statement for a function names the types of its arguments.
        gone.sort_by_key(|own| self.dialect.kind_facts(own.id.kind).is_some_and(|f| f.is_type));
        self.in_the_way.extend(gone.iter().map(|own| (own.id.clone(), (*own).clone())));
        for own in gone {
            let statements = self.giving_way(&own.id);
            self.hidden.extend(self.if_allowed(&own.id, &statements));
        }
        let enums = database.enums.values().map(EnumType::id).filter(goes);
        for (number, from) in enums.enumerate() {
            let to = format!("aludel_live_enum_{number}");
            let rename = Operation::Rename { from: from.clone(), to };
            let statements = self.statements_of(&[rename]);
            self.hidden.extend(self.if_allowed(&from, &statements));
        }
    }

    /// Takes the names from the routines of the database in place of which the scratch has some over
    /// types of its own: `usual('ok')` could mean either.
    pub(super) fn hide_overloads(&mut self, live: &Metadata, target: &Metadata) {
        let is_routine = |id: &ObjectId| id.kind.is_called() && id.kind != Kind::Operator;
        let is_over_own = |id: &ObjectId| {
            let types = id.signature.as_deref().unwrap_or_default();
            self.names.has_named(types, self.dialect)
        };
        let own = self.definitions.iter().map(|own| &own.id);
        let own: BTreeSet<&ObjectId> = own.filter(|id| is_routine(id)).collect();
        let is_replaced = |there: &ObjectId| {
            let mut alike =
                own.iter().filter(|id| (id.kind, &id.name) == (there.kind, &there.name));
            let stays = target.definitions.contains_key(there) && !own.contains(there);
            let is_hidden = self.in_the_way.contains_key(there);
            is_routine(there) && !stays && !is_hidden && alike.any(|id| is_over_own(id))
        };
        let replaced = live.definitions.keys().filter(|id| is_replaced(id)).cloned();
        let replaced = replaced.chain(self.constructors_of_replaced(live));
        let hidden = replaced.enumerate().filter_map(|(number, from)| {
            let to = format!("aludel_live_routine_{number}");
            let rename = Operation::Rename { from: from.clone(), to };
            self.if_allowed(&from, &self.statements_of(&[rename]))
        });
        let hidden: Vec<ScratchStatement> = hidden.collect();
        // Their statements name types that may have to give way too.
        self.hidden.splice(..0, hidden);
    }

    /// Returns the constructors of the range types of the database in place of which the scratch has some.
    fn constructors_of_replaced(&self, live: &Metadata) -> Vec<ObjectId> {
        let own = self.definitions.iter().filter_map(|own| live.definitions.get(&own.id));
        own.flat_map(|own| own.belongings.constructors.clone()).collect()
    }

    /// Returns a statement that runs these and does nothing if the role may not. It could not remove
    /// the object either, so the plan is one for another role, which is asked nothing here.
    fn if_allowed(&self, object: &ObjectId, statements: &[String]) -> Option<ScratchStatement> {
        if statements.is_empty() {
            return None;
        }
        let code: String = statements.iter().map(|sql| format!("{sql}; ")).collect();
        let code = format!("BEGIN {code}EXCEPTION WHEN insufficient_privilege THEN NULL; END");
        let sql = format!("DO {}", self.dialect.literal(&code));
        let place = Place { object: object.clone(), part: Part::Whole };
        Some(ScratchStatement::new(sql, Some(place)))
    }

    /// Returns the statements by which an object of the database makes its name free. It gets
    /// another name, because others may rest on it. What can't be renamed has none resting on it,
    /// and is dropped.
    pub(super) fn giving_way(&self, id: &ObjectId) -> Vec<String> {
        let Some(live) = self.in_the_way.get(id) else { return Vec::new() };
        let Some(facts) = self.dialect.kind_facts(id.kind) else { return Vec::new() };
        if id.kind == Kind::Operator {
            let types = id.signature.as_deref().unwrap_or_default();
            if self.names.has_named(types, self.dialect) {
                // The one of the scratch is about other types.
                return Vec::new();
            }
            let schema = "aludel_live".to_owned();
            let create = format!("CREATE SCHEMA IF NOT EXISTS {schema}");
            let to = QualifiedName::new(Some(schema.clone()), id.name.name.as_str());
            let moves = Move { from: id.clone(), to, schema, along: Vec::new() };
            let moved = self.statements_of(&[Operation::Alter(Alter::Move(moves))]);
            return std::iter::once(create).chain(moved).collect();
        }
        let operation = match facts.renames {
            true => {
                let number = self.in_the_way.range(..id).count();
                let to = format!("aludel_live_{number}");
                Operation::Rename { from: id.clone(), to }
            }
            false => Operation::Drop(Object::Definition(Box::new(live.clone()))),
        };
        let statements = self.statements_of(&[operation]).into_iter();
        let drop = format!("DROP {}", facts.keyword);
        // A cast between types of the scratch is another one.
        statements.map(|sql| sql.replacen(&drop, &format!("{drop} IF EXISTS"), 1)).collect()
    }
}

/// Returns true if another name for an object of the kind locks no relation.
fn gives_way_unseen(kind: Kind) -> bool {
    let kinds = [
        Kind::Function,
        Kind::Procedure,
        Kind::Aggregate,
        Kind::Operator,
        Kind::Domain,
        Kind::Collation,
        Kind::TextSearchConfiguration,
        Kind::TextSearchDictionary,
    ];
    kinds.contains(&kind)
}
