//! Renames: objects that are the same on both sides under different names.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Dialect, IdentifierCase, attributes, multirange};
use aludel_operations::{Alter, Move, Operation};
use aludel_schema::{Definition, Hint, Kind, Metadata, ObjectId, QualifiedName};

use crate::extension::move_extension;
use crate::impossible::Impossible;
use crate::inheritance::{inherit, torn};
use crate::names::known_names::KnownNames;
use crate::names::moving::{self, Clash};
use crate::pair::Pair;
use crate::partitions::bound;
use crate::privileges::access;
use crate::renaming::applied::{
    rename_definition, rename_multirange, rename_sequence, rename_table, rename_type,
};
use crate::renaming::attribute_names::{composite, rename_attribute, typed_tables};
use crate::renaming::column_names::{ColumnRename, Leaving, rename_column};
use crate::renaming::hints::{Conflict, Wish, taken_apart, third_name, untangled};
use crate::renaming::label_names::rename_label;
use crate::renaming::labels::LabelRename;
use crate::renaming::object_rename::ObjectRename;
use crate::renaming::{constructors, index_names, labels, rebound, sequence_names, view_columns};

/// The renames of a comparison, in an order in which each name is free before it is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renames {
    /// The renames: first tables, then types, definitions and columns, then sequences.
    pub renames: Vec<ObjectRename>,
    /// The renames of labels, which come after those of their types.
    pub labels: Vec<LabelRename>,
    /// Rename hints that contradict the database. They are not ignored, because then the object
    /// could be dropped.
    pub conflicts: Vec<Impossible>,
}

/// The database side of a comparison under the names of the target side.
///
/// It is computed once per comparison, and everything that pairs the sides by name uses it.
#[derive(Clone, Debug)]
pub struct Renamed<'m> {
    /// The dialect of both sides.
    pub dialect: Dialect,
    /// The metadata of the database side with the renames applied.
    pub metadata: Cow<'m, Metadata>,
    /// The renames that were applied.
    pub renames: Renames,
    /// The operations of the renames.
    operations: Vec<Operation>,
    /// The tables that no longer inherit from others, or are no longer of their types.
    pub(crate) leaving: Leaving,
    /// The renames of columns, each with those of tables below.
    pub(crate) columns: Vec<ColumnRename>,
    pub(crate) known: KnownNames,
    /// The objects that went aside for one of another kind, with their third names. What is asked for of such an
    /// object begins there.
    pub(super) aside: BTreeMap<ObjectId, QualifiedName>,
}

impl<'m> Renamed<'m> {
    /// Creates the database side without renames.
    pub fn nothing(dialect: Dialect, database: &'m Metadata) -> Self {
        let (metadata, renames) = (Cow::Borrowed(database), Renames::default());
        let (operations, leaving, columns) = (Vec::new(), Leaving::new(), Vec::new());
        let (known, aside) = (KnownNames::default(), BTreeMap::new());
        Self { dialect, metadata, renames, operations, leaving, columns, known, aside }
    }

    /// Creates the database side with the given renames applied, on the way to a target.
    pub fn by(
        dialect: Dialect,
        database: &'m Metadata,
        target: &Metadata,
        renames: Renames,
    ) -> Self {
        let mut renamed = Self::nothing(dialect, database);
        for rename in renames.renames {
            if rename.from.kind == Kind::Column {
                // The tables have their names by then.
                renamed.leaving = inherit::leaving(Pair::new(&renamed.metadata, target));
            }
            renamed.add(rename);
        }
        renames.labels.into_iter().for_each(|rename| renamed.add_label(rename));
        renamed.renames.conflicts = renames.conflicts;
        let done = &renamed.renames.renames;
        rebound::mark(&mut renamed.metadata, done, database, database, None, dialect);
        renamed
    }

    /// Creates the database side with the renames that the target hints at. A hint counts if the
    /// database has the old name and not the new one, or if another hint moves the new one away.
    pub fn hinted(dialect: Dialect, database: &'m Metadata, target: &Metadata) -> Self {
        let mut renamed = Self::nothing(dialect, database);
        renamed.extensions(target);
        renamed.hinted_tables(target);
        renamed.hinted_types(target);
        renamed.hinted_definitions(target);
        renamed.multiranges(target);
        renamed.leaving = inherit::leaving(Pair::new(&renamed.metadata, target));
        renamed.hinted_attributes(target);
        let first = renamed.metadata.clone();
        for table in target.tables.values() {
            renamed.hinted_columns(target, table, &first);
        }
        renamed.hinted_columns_of_partitions(target, &first);
        let torn = torn::columns(&renamed, &first, target);
        renamed.renames.conflicts.extend(torn);
        renamed.hinted_sequences(target);
        renamed.hinted_labels(target);
        let done = &renamed.renames.renames;
        rebound::mark(&mut renamed.metadata, done, database, target, Some(target), dialect);
        renamed
    }

    /// Moves the extensions for which the target states another schema.
    fn extensions(&mut self, target: &Metadata) {
        let default = self.metadata.default_schema.clone();
        let stated = target.extensions.values().filter_map(|own| {
            let schema = Some(own.schema.clone()?).filter(|own| Some(own) != default.as_ref());
            let before = self.metadata.extensions.get(&own.name)?;
            (before.schema != schema).then(|| (before.clone(), schema))
        });
        for (before, schema) in stated.collect::<Vec<_>>() {
            if before.is_fixed {
                let reason = "the models state another schema, and PostgreSQL does not move it to one: \
                              drop it and create it again in a revision written by hand, or state the \
                              schema that it has";
                let (object, reason) = (before.id(), reason.to_owned());
                self.renames.conflicts.push(Impossible { object, reason });
                continue;
            }
            let name = QualifiedName::new(before.schema.clone(), before.name.as_str());
            let from = ObjectId::new(Kind::Extension, name);
            self.add(ObjectRename { from, to: QualifiedName::new(schema, before.name) });
        }
    }

    fn hinted_tables(&mut self, target: &Metadata) {
        let hints = target.tables.values().map(|table| {
            (ObjectId::table(&table.name), table.renamed_from.clone().map(Hint::lasting))
        });
        // A table may become a partition of another name.
        let parts = target.hints.objects.keys().filter(|id| bound::is_part(target, id)).cloned();
        let hints = hints.chain(parts.map(|id| (id, None)));
        let in_database = |id: &ObjectId, now: &Metadata| now.tables.contains_key(&id.name);
        self.hinted_in_schemas(target, hints.collect(), in_database);
    }

    fn hinted_types(&mut self, target: &Metadata) {
        let hints = target.enums.values().map(|own| (own.id(), None)).collect();
        let in_database = |id: &ObjectId, now: &Metadata| now.enums.contains_key(&id.name);
        self.hinted_in_schemas(target, hints, in_database);
    }

    fn hinted_definitions(&mut self, target: &Metadata) {
        let hints = target.hints.objects.keys();
        let hints = hints.filter(|id| target.definitions.contains_key(id));
        let kinds: BTreeSet<Kind> = hints.map(|id| id.kind).collect();
        for kind in kinds {
            let hints = target.definitions.keys().filter(|id| id.kind == kind);
            let hints = hints.map(|id| (id.clone(), None)).collect();
            let in_database = |id: &ObjectId, now: &Metadata| now.definitions.contains_key(id);
            self.hinted_in_schemas(target, hints, in_database);
        }
    }

    /// Renames the multirange types that have other names in the target, or are in other schemas. Which one
    /// is meant is never a guess, because each comes with its range type.
    fn multiranges(&mut self, target: &Metadata) {
        let default = self.metadata.default_schema.clone();
        let named =
            |range: &Definition| Some(multirange(range, self.dialect)?.short(default.as_deref()));
        let ranges = target.definitions.values().filter(|own| !target.leaves_alone(&own.id));
        let names = ranges.filter_map(|own| {
            let before = self.metadata.definitions.get(&own.id)?;
            Some((named(before)?, named(own)?))
        });
        let others = names.filter(|(old, new)| old != new).map(|(old, to)| {
            let from = ObjectId::new(Kind::Type, old);
            ObjectRename { from, to }
        });
        let is_taken = |name: &QualifiedName| !self.is_free(target, Kind::Type, name);
        let renames = untangled(others.collect(), IdentifierCase::Sensitive, is_taken);
        renames.into_iter().for_each(|rename| self.add_between(rename, target));
    }

    /// Applies the hints of objects of one kind that live in schemas.
    fn hinted_in_schemas(
        &mut self,
        target: &Metadata,
        objects: Vec<(ObjectId, Option<Hint>)>,
        in_database: impl Fn(&ObjectId, &Metadata) -> bool,
    ) {
        let mut by_space: BTreeMap<ObjectId, Vec<(ObjectId, Option<Hint>)>> = BTreeMap::new();
        for (id, hint) in objects {
            let hint = target.hints.objects.get(&id).cloned().or(hint);
            // Objects share a namespace if nothing but their names and schemas differs.
            let space = ObjectId { name: QualifiedName::unqualified(""), ..id.clone() };
            by_space.entry(space).or_default().push((id, hint));
        }
        for (one, objects) in by_space {
            let named = |name: &QualifiedName| ObjectId { name: name.clone(), ..one.clone() };
            let now = self.metadata.as_ref();
            let has = |name: &QualifiedName| in_database(&named(name), now);
            let default = now.default_schema.as_deref();
            let names = objects.iter().map(|(id, hint)| {
                let former = |hint: &Hint| {
                    let former = self.former(&id.name, hint);
                    let aside = self.aside.get(&named(&former)).cloned();
                    aside.unwrap_or_else(|| former.as_known(default, has))
                };
                let former = hint.as_ref().map(|hint| (former(hint), hint.once));
                (id.name.clone(), former)
            });
            let (pending, conflicts) = taken_apart(names.collect(), has);
            let is_taken = |name: &QualifiedName| has(name) || in_database(&named(name), target);
            let renames = pending.into_iter();
            let renames = renames.map(|w| ObjectRename { from: named(&w.old), to: w.new });
            let case = self.dialect.capabilities().identifier_case;
            let renames = untangled(renames.collect(), case, is_taken);
            renames.into_iter().for_each(|rename| self.add_between(rename, target));
            for (wish, conflict) in conflicts {
                let (object, old) = (named(&wish.new), named(&wish.old));
                if conflict == Conflict::Stays && !wish.once && target.leaves_alone(&old) {
                    // The old name is somebody else's, on both sides.
                    continue;
                }
                let names = InWords {
                    path: old.name.to_string(),
                    old: old.to_string(),
                    new: object.name.to_string(),
                };
                self.conflict(object, &wish, conflict, &names);
            }
        }
    }

    /// Reports a hint that can't be carried out.
    pub(crate) fn conflict(
        &mut self,
        object: ObjectId,
        wish: &Wish,
        conflict: Conflict,
        names: &InWords,
    ) {
        let InWords { old, new, .. } = names;
        let says = if wish.once { "--rename" } else { "renamed_from" };
        let reason = match conflict {
            Conflict::Both => format!(
                "{says} says that {old} became {new}, and the database has both; {}",
                match wish.once {
                    true => "the models have both too: take the hint away".to_owned(),
                    false => format!(
                        "take the hint away, or if {new} of the database goes, say it once, on the \
                         command line: --rename {}={}",
                        names.path, wish.new.name
                    ),
                }
            ),
            Conflict::Stays => format!(
                "{says} says that {old} became {new}, and the models have {old} too; \
                 rename first, in a revision of its own"
            ),
            Conflict::Twice => format!(
                "{says} says that {old} became {new}, and another hint says that it became something \
                 else; take one of them away"
            ),
            Conflict::Circle => format!(
                "renamed_from says that {old} became {new}, and other hints that names change places, \
                 which looks the same before and after; take these hints away, and say it once, on the \
                 command line: --rename {}={}",
                names.path, wish.new.name
            ),
        };
        self.renames.conflicts.push(Impossible { object, reason });
    }

    /// Applies the hints of sequences, and renames those that follow the names of their columns.
    fn hinted_sequences(&mut self, target: &Metadata) {
        let hints = target.sequences.values().map(|own| (own.id(), None)).collect();
        let in_database = |id: &ObjectId, now: &Metadata| now.sequences.contains_key(&id.name);
        self.hinted_in_schemas(target, hints, in_database);
        if !self.dialect.capabilities().sequences {
            return;
        }
        let now = self.metadata.clone();
        let pair = Pair::new(now.as_ref(), target);
        for renames in sequence_names::followed(pair, |id| self.renames.former(id), self.dialect) {
            let id = |name| ObjectId::new(Kind::Sequence, name);
            let renames = renames.into_iter();
            let renames = renames.map(|own| ObjectRename { from: id(own.from), to: own.to });
            let is_taken = |name: &QualifiedName| sequence_names::is_taken(pair, name);
            let renames = untangled(renames.collect(), IdentifierCase::Sensitive, is_taken);
            renames.into_iter().for_each(|rename| self.add(rename));
        }
    }

    /// Returns the former name that a hint states.
    fn former(&self, now: &QualifiedName, hint: &Hint) -> QualifiedName {
        let former = hint.former(now, self.metadata.default_schema.as_deref());
        match self.dialect.capabilities().schemas {
            true => former,
            false => QualifiedName::unqualified(former.name),
        }
    }

    /// Returns true if an object or an attribute is there.
    pub(super) fn has(&self, id: &ObjectId) -> bool {
        let of = id.table.as_ref().filter(|_| id.kind == Kind::Column);
        match of.and_then(|of| composite(&self.metadata, of)) {
            Some(of) => attributes(of, self.dialect).contains(&id.name.name),
            // It may be that of an identity column.
            None if id.kind == Kind::Sequence => moving::is_sequence(&self.metadata, &id.name),
            None => self.metadata.contains(id),
        }
    }

    /// Returns true for an object that was only moved out of the way before it was dropped.
    fn is_gone(&self, id: &ObjectId) -> bool {
        match id.kind {
            // No side has these by their names.
            Kind::Extension | Kind::Type => false,
            Kind::Table => !self.has(id) && !self.has(&bound::part(&id.name)),
            _ => !self.has(id),
        }
    }

    /// Applies a rename. One that gives an object another name and another schema is a rename and a
    /// move, of which the first is the one that finds its name free.
    fn add_between(&mut self, rename: ObjectRename, target: &Metadata) {
        let (from, to) = (rename.from.name.clone(), rename.to.clone());
        if self.are_in_one_schema(&from, &to) || from.name == to.name {
            return self.add(rename);
        }
        let kind = rename.from.kind;
        let is_free = |name: &QualifiedName| self.is_free(target, kind, name);
        let third = || {
            from.sibling(third_name(&from.name, |name| {
                let both = [from.sibling(name), to.sibling(name)];
                !both.iter().all(is_free)
            }))
        };
        let candidates = [from.sibling(to.name.as_str()), to.sibling(from.name.as_str())];
        let way = match candidates.map(|name| is_free(&name).then_some(name)) {
            [Some(renamed), _] => vec![renamed, to],
            [None, Some(moved)] => vec![moved, to],
            [None, None] => {
                let third = third();
                vec![third.clone(), to.sibling(third.name), to]
            }
        };
        let mut from = rename.from;
        for to in way {
            self.add(ObjectRename { from: from.clone(), to: to.clone() });
            from.name = to;
        }
    }

    /// Returns true if no side has a name that objects of a kind can't have as well.
    fn is_free(&self, target: &Metadata, kind: Kind, name: &QualifiedName) -> bool {
        let default = self.metadata.default_schema.as_deref();
        let is_range = |own: &Definition| {
            let multirange = multirange(own, self.dialect).filter(|_| kind == Kind::Type);
            multirange.is_some_and(|own| own.short(default) == *name)
        };
        let has = |side: &Metadata| {
            moving::is_taken(side, kind, name) || side.definitions.values().any(is_range)
        };
        !has(&self.metadata) && !has(target)
    }

    /// Returns true if both names are in one schema, which may be stated by one of them only.
    fn are_in_one_schema(&self, from: &QualifiedName, to: &QualifiedName) -> bool {
        let default = self.metadata.default_schema.as_deref();
        let [from, to] = [from, to].map(|name| name.clone().short(default).schema);
        from == to
    }

    /// Applies one more rename.
    pub(crate) fn add(&mut self, mut rename: ObjectRename) {
        if let Some(third) = self.aside.remove(&rename.from) {
            rename.from.name = third;
        }
        if self.is_gone(&rename.from) {
            return;
        }
        self.displace(&rename);
        self.make_way(&rename);
        let to = &rename.to;
        let along = moving::along(&self.metadata, &rename.from, to);
        let (metadata, dialect) = (self.metadata.to_mut(), self.dialect);
        access::rename(metadata, &rename.from, to);
        match (rename.from.kind, &rename.from.table) {
            (Kind::Table, _) => rename_table(metadata, &rename.from.name, to, dialect),
            (Kind::Column, Some(of)) if composite(metadata, of).is_some() => {
                return self.add_attribute(rename);
            }
            (Kind::Column, Some(table)) => {
                let leaving = &self.leaving;
                let from = &rename.from.name.name;
                let columns = rename_column(metadata, table, from, &to.name, leaving, dialect);
                self.columns.extend(columns);
            }
            (Kind::Sequence, _) => rename_sequence(metadata, &rename.from.name, to, dialect),
            (Kind::Enum, _) => rename_type(metadata, &rename.from.name, to, dialect),
            (Kind::Extension, _) => move_extension(metadata, &rename.from.name, to, dialect),
            (Kind::Type, _) => {
                let new = ObjectId { name: to.clone(), ..rename.from.clone() };
                rename_multirange(metadata, &rename.from, &new, dialect);
            }
            (kind, None) if dialect.kind_facts(kind).is_some() => {
                let is_type = dialect.kind_facts(kind).is_some_and(|facts| facts.is_type);
                if is_type {
                    rename_type(metadata, &rename.from.name, to, dialect);
                }
                let new = ObjectId { name: to.clone(), ..rename.from.clone() };
                rename_definition(metadata, &rename.from, &new, dialect);
            }
            // There are no hints for other kinds.
            _ => return,
        }
        let named = (rename.from.kind, rename.from.name.clone(), rename.to.clone());
        self.note(rename, along);
        if let (Kind::RangeType | Kind::Type, from, to) = named {
            let renames = constructors::follow(self.metadata.to_mut(), &from, &to, self.dialect);
            let operations = renames.into_iter().map(|own| self.operation(own, Vec::new()));
            let operations: Vec<Operation> = operations.collect();
            self.operations.extend(operations);
        }
    }

    /// Applies the rename of an attribute, which the columns of typed tables follow.
    fn add_attribute(&mut self, rename: ObjectRename) {
        let Some(of) = rename.from.table.clone() else { return };
        let (from, to) = (rename.from.name.name.clone(), rename.to.name.clone());
        let typed = typed_tables(&self.metadata, &of, &self.leaving);
        let (metadata, leaving) = (self.metadata.to_mut(), &self.leaving);
        let columns = rename_attribute(metadata, &of, &from, &to, leaving, self.dialect);
        self.columns.extend(columns);
        let of = ObjectId::new(Kind::CompositeType, of);
        self.operations.push(Operation::Alter(Alter::RenameAttribute { of, from, to, typed }));
        self.renames.renames.push(rename);
    }

    /// Gives the indexes and sequences of a table that moves other names for as long as the new schema
    /// has their names. The comparison gives them the names of the target.
    fn make_way(&mut self, rename: &ObjectRename) {
        let along = moving::along(&self.metadata, &rename.from, &rename.to);
        for Clash { id, holder } in moving::clashes(&self.metadata, &along, &rename.to) {
            let from = id.name.clone();
            let is_free = |name: &str| {
                let both = [from.sibling(name), rename.to.sibling(name)];
                !both.iter().any(|name| moving::is_taken(&self.metadata, id.kind, name))
            };
            let third = third_name(&from.name, |name| !is_free(name));
            let metadata = self.metadata.to_mut();
            if let Some(table) = id.table.as_ref().and_then(|name| metadata.tables.get_mut(name)) {
                let kind = moving::rename_index(table, &from.name, &third);
                let from = ObjectId { kind, ..id };
                self.operations.push(Operation::Rename { from, to: third });
            } else if metadata.sequences.contains_key(&from) {
                let to = from.sibling(third);
                rename_sequence(metadata, &from, &to, self.dialect);
                self.note(ObjectRename { from: id, to }, Vec::new());
            } else {
                let reason = format!(
                    "it moves to another schema together with {id}, and the database has {holder}, \
                     which has the name already; rename one of them first, in a revision of its own"
                );
                let object = ObjectId { name: rename.to.clone(), ..rename.from.clone() };
                self.renames.conflicts.push(Impossible { object, reason });
            }
        }
    }

    /// Notes a rename that was applied, with what moves along.
    pub(super) fn note(&mut self, rename: ObjectRename, along: Vec<ObjectId>) {
        self.operations.push(self.operation(rename.clone(), along));
        self.renames.renames.push(rename);
    }

    fn operation(&self, rename: ObjectRename, along: Vec<ObjectId>) -> Operation {
        let ObjectRename { from, to } = rename;
        if from.name.schema == to.schema {
            return Operation::Rename { from, to: to.name };
        }
        let default = || self.metadata.default_schema.clone();
        let schema = to.schema.clone().or_else(default).unwrap_or_else(|| "public".to_owned());
        Operation::Alter(Alter::Move(Move { from, to, schema, along }))
    }

    pub(crate) fn add_label(&mut self, rename: LabelRename) {
        let taken = labels::of(&self.metadata, &rename.of, self.dialect).unwrap_or_default();
        if !taken.contains(&rename.from) {
            // It was only moved out of the way before it was dropped.
            return;
        }
        if taken.contains(&rename.to) {
            let to = third_name(&rename.to, |name| taken.iter().any(|own| own == name));
            self.known.set_label_aside(&rename.of, &rename.to, &to);
            self.add_label(LabelRename { from: rename.to.clone(), to, ..rename.clone() });
        }
        let (metadata, dialect) = (self.metadata.to_mut(), self.dialect);
        let LabelRename { of, from, to } = rename.clone();
        rename_label(metadata, &of, &from, &to, dialect);
        self.operations.push(Operation::Alter(Alter::RenameLabel { of, from, to }));
        self.renames.labels.push(rename);
    }

    /// Renames the columns of views whose queries stay the same, and indexes of definitions. The texts of the target are in the
    /// words of the server by then.
    pub fn follow_views(&mut self, target: &Metadata) {
        // The texts of views have the new names of attributes already, but not those of the columns that
        // follow attributes.
        let is_done = |own: &&ObjectRename| {
            let of = own.from.table.as_ref().filter(|_| own.from.kind == Kind::Column);
            let of = of.filter(|of| composite(&self.metadata, of).is_some());
            of.is_some_and(|of| typed_tables(&self.metadata, of, &self.leaving).is_empty())
        };
        let (done, others): (Vec<_>, Vec<_>) = self.renames.renames.iter().partition(is_done);
        let [done, others] = [done, others].map(|renames| {
            let names = renames.into_iter();
            names.map(|own| (own.from.name.name.clone(), own.to.name.clone())).collect()
        });
        let operations =
            view_columns::follow(&mut self.metadata, target, done, others, self.dialect);
        self.operations.extend(operations);
        self.operations.extend(index_names::follow(&mut self.metadata, target));
    }

    /// Returns the rename operations, in order.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        self.operations.clone()
    }
}

/// The names of a rename, as messages have them.
pub(crate) struct InWords {
    /// The old name, as the command line has it.
    pub(crate) path: String,
    pub(crate) old: String,
    pub(crate) new: String,
}
