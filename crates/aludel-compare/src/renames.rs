//! Renames: objects that are the same on both sides under different names.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Dialect, IdentifierCase};
use aludel_operations::{Alter, Operation};
use aludel_schema::{
    Constraint, Definition, EnumType, Hint, Kind, Metadata, ObjectId, QualifiedName, Sequence,
    Table,
};

use crate::access;
use crate::applied::{
    rename_column, rename_definition, rename_label, rename_sequence, rename_table, rename_type,
};
use crate::hints::{Conflict, Step, Wish, Wishes, third_name, untangled};
use crate::impossible::Impossible;
use crate::pair::Pair;
use crate::{not_null, sequence};

/// An object of the database side with its name on the target side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRename {
    /// The object under its old name. A column refers to its table by the table's new name.
    pub from: ObjectId,
    /// The new name.
    pub to: String,
}

/// A label of an enum type on the database side, with its name on the target side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelRename {
    /// The enum type, by its new name.
    pub of: QualifiedName,
    /// The old label.
    pub from: String,
    /// The new label.
    pub to: String,
}

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
}

impl<'m> Renamed<'m> {
    /// Creates the database side without renames.
    pub fn nothing(dialect: Dialect, database: &'m Metadata) -> Self {
        Self { dialect, metadata: Cow::Borrowed(database), renames: Renames::default() }
    }

    /// Creates the database side with the given renames applied.
    pub fn by(dialect: Dialect, database: &'m Metadata, renames: Renames) -> Self {
        let mut renamed = Self::nothing(dialect, database);
        renames.renames.into_iter().for_each(|rename| renamed.add(rename));
        renames.labels.into_iter().for_each(|rename| renamed.add_label(rename));
        renamed.renames.conflicts = renames.conflicts;
        renamed
    }

    /// Creates the database side with the renames that the target hints at. A hint counts if the
    /// database has the old name and not the new one, or if another hint moves the new one away.
    pub fn hinted(dialect: Dialect, database: &'m Metadata, target: &Metadata) -> Self {
        let mut renamed = Self::nothing(dialect, database);
        renamed.hinted_tables(target);
        renamed.hinted_types(target);
        renamed.hinted_definitions(target);
        for table in target.tables.values() {
            renamed.hinted_columns(target, table);
        }
        renamed.hinted_sequences(target);
        for own in target.enums.values() {
            renamed.hinted_labels(target, own);
        }
        renamed
    }

    fn hinted_tables(&mut self, target: &Metadata) {
        let hints = target.tables.values().map(|table| {
            let hint = table.renamed_from.as_ref().map(|from| Hint::lasting(from.as_str()));
            (ObjectId::table(&table.name), hint)
        });
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
            // Objects share a namespace if nothing but their names differs.
            let space = ObjectId { name: id.name.sibling(""), ..id.clone() };
            by_space.entry(space).or_default().push((id, hint));
        }
        for (one, objects) in by_space {
            let sibling = |name: &str| ObjectId { name: one.name.sibling(name), ..one.clone() };
            let names = objects.iter().map(|(id, hint)| (id.name.name.as_str(), hint.as_ref()));
            let now = self.metadata.as_ref();
            let has = |name: &str| in_database(&sibling(name), now);
            let (pending, conflicts) = taken_apart(names, has);
            let is_taken = |name: &str| has(name) || in_database(&sibling(name), target);
            let renames = pending.into_iter();
            let renames = renames.map(|w| ObjectRename { from: sibling(&w.old), to: w.new });
            let case = self.dialect.capabilities().identifier_case;
            let renames = untangled(renames.collect(), case, is_taken);
            renames.into_iter().for_each(|rename| self.add(rename));
            for (wish, conflict) in conflicts {
                if conflict == Conflict::Stays && !wish.once {
                    // The models still have the old object, so that the new one is another.
                    continue;
                }
                let (object, old) = (sibling(&wish.new), sibling(&wish.old));
                let names = InWords {
                    path: old.name.to_string(),
                    old: old.to_string(),
                    new: object.name.to_string(),
                };
                self.conflict(object, &wish, conflict, &names);
            }
        }
    }

    fn hinted_columns(&mut self, target: &Metadata, table: &Table) {
        let now = self.metadata.clone();
        let Some(before) = now.tables.get(&table.name) else { return };
        let id = |name: &str| ObjectId::column(&table.name, name);
        let hints: Vec<(&str, Option<Hint>)> = table
            .columns
            .iter()
            .map(|column| {
                let lasting =
                    || column.renamed_from.as_ref().map(|from| Hint::lasting(from.as_str()));
                let hint = target.hints.objects.get(&id(&column.name)).cloned().or_else(lasting);
                (column.name.as_str(), hint)
            })
            .collect();
        // An inherited column is renamed together with that of the other table.
        let has = |name: &str| before.column(name).is_some_and(|column| !column.inherited);
        let names = hints.iter().map(|(name, hint)| (*name, hint.as_ref()));
        let (pending, conflicts) = taken_apart(names, has);
        let is_taken = |name: &str| has(name) || table.column(name).is_some();
        let renames = pending.into_iter();
        let renames = renames.map(|w| ObjectRename { from: id(&w.old), to: w.new });
        let case = self.dialect.capabilities().identifier_case;
        let renames = untangled(renames.collect(), case, is_taken);
        renames.into_iter().for_each(|rename| self.add(rename));
        for (wish, conflict) in conflicts {
            let names = InWords {
                path: format!("{}.{}", table.name, wish.old),
                old: format!("column {}", wish.old),
                new: wish.new.clone(),
            };
            self.conflict(ObjectId::table(&table.name), &wish, conflict, &names);
        }
    }

    fn hinted_labels(&mut self, target: &Metadata, own: &EnumType) {
        let (Some(hints), Some(before)) =
            (target.hints.labels.get(&own.name), self.metadata.enums.get(&own.name).cloned())
        else {
            return;
        };
        let has = |label: &str| before.labels.iter().any(|own| own == label);
        let names = own.labels.iter().map(|label| (label.as_str(), hints.get(label)));
        let (pending, conflicts) = taken_apart(names, has);
        let is_taken = |label: &str| has(label) || own.labels.iter().any(|own| own == label);
        let renames = pending.into_iter();
        let renames =
            renames.map(|w| LabelRename { of: own.name.clone(), from: w.old, to: w.new }).collect();
        let renames = untangled(renames, IdentifierCase::Sensitive, is_taken);
        renames.into_iter().for_each(|rename| self.add_label(rename));
        for (wish, conflict) in conflicts {
            let names = InWords {
                path: format!("label:{}.{}", own.name, wish.old),
                old: format!("label '{}'", wish.old),
                new: format!("'{}'", wish.new),
            };
            self.conflict(own.id(), &wish, conflict, &names);
        }
    }

    fn conflict(&mut self, object: ObjectId, wish: &Wish, conflict: Conflict, names: &InWords) {
        let InWords { old, new, .. } = names;
        let says = if wish.once { "--rename" } else { "renamed_from" };
        let reason = match conflict {
            Conflict::Both => format!(
                "{says} says that {old} became {new}, and the database has both; \
                 take the hint away, or write this revision by hand"
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
                names.path, wish.new
            ),
        };
        self.renames.conflicts.push(Impossible { object, reason });
    }

    /// Applies the hints of sequences, and renames sequences that the same column owns on both
    /// sides: the name of one behind `serial` contains those of table and column.
    fn hinted_sequences(&mut self, target: &Metadata) {
        let hints = target.sequences.values().map(|own| (own.id(), None)).collect();
        let in_database = |id: &ObjectId, now: &Metadata| now.sequences.contains_key(&id.name);
        self.hinted_in_schemas(target, hints, in_database);
        let now = &self.metadata.sequences;
        let mut renames: BTreeMap<Option<String>, Vec<ObjectRename>> = BTreeMap::new();
        for sequence in target.sequences.values().filter(|own| own.owned_by.is_some()) {
            let owned_alike = |other: &&Sequence| other.owned_by == sequence.owned_by;
            if now.get(&sequence.name).is_some_and(|same| owned_alike(&same)) {
                continue;
            }
            // One that the target keeps for the same owner is another one of several.
            let moves = |old: &&Sequence| {
                owned_alike(old)
                    && old.name.schema == sequence.name.schema
                    && !target.sequences.get(&old.name).is_some_and(|kept| owned_alike(&kept))
            };
            if let Some(same) = now.values().find(moves) {
                let to = sequence.name.name.clone();
                let of_schema = renames.entry(sequence.name.schema.clone()).or_default();
                if !of_schema.iter().any(|rename| rename.from == same.id()) {
                    of_schema.push(ObjectRename { from: same.id(), to });
                }
            }
        }
        for (schema, renames) in renames {
            let id = |name: &str| QualifiedName::new(schema.clone(), name);
            let now = &self.metadata.sequences;
            let is_taken = |name: &str| {
                now.contains_key(&id(name)) || target.sequences.contains_key(&id(name))
            };
            let renames = untangled(renames, IdentifierCase::Sensitive, is_taken);
            renames.into_iter().for_each(|rename| self.add(rename));
        }
    }

    /// Moves a sequence without a counterpart out of the way of another one that gets its name.
    fn displace_sequence(&mut self, name: &QualifiedName) {
        let Some(displaced) = self.metadata.sequences.get(name) else { return };
        let from = displaced.id();
        let is_taken = |other: &str| self.metadata.sequences.contains_key(&name.sibling(other));
        let to = third_name(&name.name, is_taken);
        rename_sequence(self.metadata.to_mut(), name, &name.sibling(to.as_str()), self.dialect);
        self.renames.renames.push(ObjectRename { from, to });
    }

    /// Applies one more rename.
    fn add(&mut self, rename: ObjectRename) {
        let to = rename.from.name.sibling(rename.to.as_str());
        if rename.from.kind == Kind::Sequence {
            if !self.metadata.sequences.contains_key(&rename.from.name) {
                // It was only moved out of the way before it was dropped.
                return;
            }
            self.displace_sequence(&to);
        }
        let (metadata, dialect) = (self.metadata.to_mut(), self.dialect);
        access::rename(metadata, &rename.from, &rename.to);
        match (rename.from.kind, &rename.from.table) {
            (Kind::Table, _) => rename_table(metadata, &rename.from.name, &to, dialect),
            (Kind::Column, Some(table)) => {
                rename_column(metadata, table, &rename.from.name.name, &rename.to, dialect);
            }
            (Kind::Sequence, _) => rename_sequence(metadata, &rename.from.name, &to, dialect),
            (Kind::Enum, _) => rename_type(metadata, &rename.from.name, &to, dialect),
            (kind, None) if dialect.kind_facts(kind).is_some() => {
                let is_type = dialect.kind_facts(kind).is_some_and(|facts| facts.is_type);
                if is_type {
                    rename_type(metadata, &rename.from.name, &to, dialect);
                }
                let new = ObjectId { name: to, ..rename.from.clone() };
                rename_definition(metadata, &rename.from, &new, dialect);
            }
            // There are no hints for other kinds.
            _ => return,
        }
        self.renames.renames.push(rename);
    }

    fn add_label(&mut self, rename: LabelRename) {
        let (metadata, dialect) = (self.metadata.to_mut(), self.dialect);
        rename_label(metadata, &rename.of, &rename.from, &rename.to, dialect);
        self.renames.labels.push(rename);
    }

    /// Returns the rename operations, in order.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        let renames = self.renames.renames.iter();
        let renames = renames.map(|r| Operation::Rename { from: r.from.clone(), to: r.to.clone() });
        let labels = self.renames.labels.iter().map(|label| {
            let (name, from, to) = (label.of.clone(), label.from.clone(), label.to.clone());
            Operation::Alter(Alter::RenameLabel { name, from, to })
        });
        renames.chain(labels).collect()
    }

    /// Copies properties of the database to the target that models do not state: clauses that a
    /// rebuild would lose, and names of sequences behind identity columns. A database whose NOT NULL
    /// constraints have no properties can't get those of the models. Objects of kinds that are data
    /// but not `managed` are copied too, so that they make room and are never dropped, except with a
    /// table that they belong to.
    pub fn carry_over(&self, target: &mut Metadata, managed: impl Fn(&ObjectId) -> bool) {
        target.names_not_null = self.metadata.names_not_null;
        target.has_unlogged_sequences = self.metadata.has_unlogged_sequences;
        sequence::settle_identities(target);
        for table in target.tables.values_mut() {
            let Some(same) = self.metadata.tables.get(&table.name) else { continue };
            table.unsaid.clone_from(&same.unsaid);
            let name = table.name.clone();
            for column in &mut table.columns {
                let before = same.column(&column.name);
                match before {
                    Some(_) if !self.metadata.names_not_null => column.not_null = None,
                    Some(before) => not_null::carry_over(&name, before, column),
                    None => {}
                }
                let before = before.and_then(|c| c.identity.as_ref());
                if let (Some(identity), Some(before)) = (&mut column.identity, before)
                    && identity.sequence.is_none()
                {
                    identity.sequence.clone_from(&before.sequence);
                }
            }
        }
        for definition in self.metadata.definitions.values() {
            if !managed(&definition.id) {
                if self.stays(definition, target) {
                    target.add_definition(definition.clone());
                }
            } else if let Some(same) = target.definitions.get_mut(&definition.id) {
                same.belongings.clone_from(&definition.belongings);
            }
        }
    }

    /// Returns true unless a definition belongs to a table that the target does not have.
    fn stays(&self, definition: &Definition, target: &Metadata) -> bool {
        let Some(table) = &definition.id.table else { return true };
        !self.metadata.tables.contains_key(table) || target.tables.contains_key(table)
    }
}

/// The names of a rename, as messages have them.
struct InWords {
    /// The old name, as the command line has it.
    path: String,
    old: String,
    new: String,
}

/// Takes the hints of a namespace apart; `names` are those of the target.
fn taken_apart<'n>(
    names: impl Iterator<Item = (&'n str, Option<&'n Hint>)> + Clone,
    in_database: impl Fn(&str) -> bool,
) -> (Vec<Wish>, Vec<(Wish, Conflict)>) {
    let in_target: BTreeSet<&str> = names.clone().map(|(name, _)| name).collect();
    let wishes = names.filter_map(|(new, hint)| {
        let Hint { from, once } = hint?;
        Some(Wish { old: from.clone(), new: new.to_owned(), once: *once })
    });
    let wishes = Wishes::of(wishes.collect(), in_database, |name| in_target.contains(name));
    (wishes.pending, wishes.conflicts)
}

impl Step for ObjectRename {
    fn from(&self) -> &str {
        &self.from.name.name
    }

    fn to(&self) -> &str {
        &self.to
    }

    fn by_way_of(self, third: &str) -> [Self; 2] {
        let between = ObjectId { name: self.from.name.sibling(third), ..self.from.clone() };
        [Self { from: self.from, to: third.to_owned() }, Self { from: between, to: self.to }]
    }
}

impl Step for LabelRename {
    fn from(&self) -> &str {
        &self.from
    }

    fn to(&self) -> &str {
        &self.to
    }

    fn by_way_of(self, third: &str) -> [Self; 2] {
        let of = self.of.clone();
        let away = Self { of: self.of, from: self.from, to: third.to_owned() };
        [away, Self { of, from: third.to_owned(), to: self.to }]
    }
}

impl Renames {
    /// Returns the reverse: the target side under the names of the database side.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let original = |table: &QualifiedName| {
            let tables = self.renames.iter().rev().filter(|r| r.from.kind == Kind::Table);
            tables.fold(table.clone(), |name, rename| {
                let is_new = rename.from.name.sibling(rename.to.as_str()) == name;
                if is_new { rename.from.name.clone() } else { name }
            })
        };
        let back = |rename: &ObjectRename| {
            let mut from = rename.from.clone();
            from.name.name.clone_from(&rename.to);
            from.table = from.table.as_ref().map(original);
            ObjectRename { from, to: rename.from.name.name.clone() }
        };
        // The renames of columns name their tables as they are called afterwards.
        let (tables, others): (Vec<&ObjectRename>, Vec<&ObjectRename>) =
            self.renames.iter().rev().partition(|rename| rename.from.kind == Kind::Table);
        let type_before = |name: &QualifiedName| {
            let types = self.renames.iter().rev().filter(|r| r.from.kind == Kind::Enum);
            types.fold(name.clone(), |name, rename| {
                let is_new = rename.from.name.sibling(rename.to.as_str()) == name;
                if is_new { rename.from.name.clone() } else { name }
            })
        };
        let labels = self.labels.iter().rev().map(|label| LabelRename {
            of: type_before(&label.of),
            from: label.to.clone(),
            to: label.from.clone(),
        });
        Self {
            renames: tables.into_iter().chain(others).map(back).collect(),
            labels: labels.collect(),
            conflicts: Vec::new(),
        }
    }
}

/// Puts the renames of constraints and indexes into an order in which each name is free before it is
/// taken. The other operations stay where they are.
pub(crate) fn in_order(
    dialect: Dialect,
    pair: Pair<&Metadata>,
    mut operations: Vec<Operation>,
) -> Vec<Operation> {
    if !dialect.capabilities().rename_index {
        // Indexes are dropped and created instead.
        return operations;
    }
    let mut groups: BTreeMap<(Option<String>, Option<QualifiedName>), Vec<usize>> = BTreeMap::new();
    for (at, operation) in operations.iter().enumerate() {
        if let Operation::Rename { from, .. } = operation {
            let has_index = has_index(pair.database, from);
            // A key shares the names of its schema with the indexes, and another constraint those of
            // its table.
            let table = from.table.clone().filter(|_| !has_index);
            groups.entry((from.name.schema.clone(), table)).or_default().push(at);
        }
    }
    let is_taken = |name: &str| {
        let tables = [pair.database, pair.target].into_iter().flat_map(|side| side.tables.values());
        tables.into_iter().any(|table| {
            let mut constraints = table.constraints.iter();
            table.index(name).is_some() || constraints.any(|own| own.name.as_deref() == Some(name))
        })
    };
    let mut renames: BTreeMap<usize, Vec<Operation>> = BTreeMap::new();
    for places in groups.into_values().filter(|places| places.len() > 1) {
        let group = places.iter().filter_map(|at| match &operations[*at] {
            Operation::Rename { from, to } => {
                Some(ObjectRename { from: from.clone(), to: to.clone() })
            }
            _ => None,
        });
        let case = dialect.capabilities().identifier_case;
        let ordered = untangled(group.collect(), case, is_taken).into_iter();
        let ordered = ordered.map(|r| Operation::Rename { from: r.from, to: r.to }).collect();
        places.iter().for_each(|at| _ = renames.insert(*at, Vec::new()));
        renames.insert(places[0], ordered);
    }
    let moved = operations.drain(..).enumerate();
    let moved = moved.flat_map(|(at, own)| renames.remove(&at).unwrap_or_else(|| vec![own]));
    moved.collect()
}

/// Returns true if a rename is that of an index, or of a constraint that has one.
fn has_index(database: &Metadata, from: &ObjectId) -> bool {
    let table = from.table.as_ref().and_then(|name| database.tables.get(name));
    let mut constraints = table.into_iter().flat_map(|table| &table.constraints);
    let is_key = |own: &Constraint| own.name.as_ref() == Some(&from.name.name) && own.has_index();
    from.kind == Kind::Index || constraints.any(is_key)
}
