//! Rename hints of the parts of an object: the columns of a table, the attributes of a composite type, and
//! the labels of an enum type.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Dialect, IdentifierCase, attributes};
use aludel_schema::{Hint, Kind, Metadata, ObjectId, QualifiedName, Table};

use crate::inheritance::inherit;
use crate::making_room::clauses::ATTRIBUTE;
use crate::pair::Pair;
use crate::partitions::bound::{self, part};
use crate::partitions::exchange;
use crate::renaming::hints::{taken_apart, untangled};
use crate::renaming::labels::{self, LabelRename};
use crate::renaming::object_rename::ObjectRename;
use crate::renaming::renames::{InWords, Renamed};

/// Returns the tables above one in the database whose renames of columns do not reach it, because it leaves them: those
/// that it inherits from no longer, and those that it is a partition of.
fn left<'m>(
    database: &'m Metadata,
    target: &'m Metadata,
    name: &QualifiedName,
    dialect: Dialect,
) -> Vec<&'m Table> {
    let inherited = |side: &'m Metadata| {
        let own = side.tables.get(name).into_iter();
        own.flat_map(|own| inherit::above(side, own))
    };
    let stay: BTreeSet<&QualifiedName> = inherited(target).map(|own| &own.name).collect();
    let part = database.definitions.get(&part(name)).into_iter();
    let part = part.flat_map(|own| bound::above(database, own, dialect));
    let part = part.filter_map(|name| database.tables.get(name));
    inherited(database).filter(|own| !stay.contains(&own.name)).chain(part).collect()
}

/// Returns the hint of a column above for the column of a table that leaves, if the table goes on to be like the one
/// above in these names.
fn follows(
    target: &Metadata,
    above: &[&Table],
    tables: Pair<&Table>,
    column: &str,
) -> Option<Hint> {
    above.iter().find_map(|before| {
        let after = target.tables.get(&before.name)?;
        let own = after.column(column)?;
        let hint = target.hints.objects.get(&ObjectId::column(&before.name, column)).cloned();
        let hint = hint.or_else(|| own.renamed_from.clone().map(Hint::lasting))?;
        let has = |table: &Table, name: &str| table.column(name).is_some();
        let had = before.column(&hint.from).is_some() && has(tables.database, &hint.from);
        let is_alike = has(before, column) == has(tables.database, column)
            && has(after, &hint.from) == has(tables.target, &hint.from);
        (had && is_alike).then_some(hint)
    })
}

impl Renamed<'_> {
    /// Applies the hints of the columns of a table.
    pub(crate) fn hinted_columns(&mut self, target: &Metadata, table: &Table, first: &Metadata) {
        let now = self.metadata.as_ref();
        let Some(before) = now.tables.get(&table.name) else { return };
        let left = left(first, target, &table.name, self.dialect);
        let columns = table.columns.iter().map(|column| {
            let lasting = || column.renamed_from.as_ref().map(|from| Hint::lasting(from.as_str()));
            let id = ObjectId::column(&table.name, column.name.as_str());
            let hint = target.hints.objects.get(&id).cloned().or_else(lasting);
            let along = || follows(target, &left, Pair::new(before, table), &column.name);
            (column.name.clone(), hint.or_else(along))
        });
        let columns: Vec<(String, Option<Hint>)> = columns.collect();
        // An inherited column is renamed together with that of the other table, or the attribute of the type.
        let of_type = &before.options.of_type;
        let leaves_type = of_type.is_some() && *of_type != table.options.of_type;
        let leaves =
            |name: &str| of_type.is_none() && !inherit::stays_inherited(now, before, table, name);
        let own =
            before.columns.iter().filter(|own| !own.inherited || leaves_type || leaves(&own.name));
        let own: BTreeSet<String> = own.map(|own| own.name.clone()).collect();
        let has = |name: &str| own.contains(name);
        self.hinted_parts(&ObjectId::table(&table.name), "column", columns, has);
    }

    /// Applies the hints of the columns of tables that become partitions, which have the columns of the tables above
    /// them.
    pub(crate) fn hinted_columns_of_partitions(&mut self, target: &Metadata, first: &Metadata) {
        let default = first.default_schema.as_deref();
        for name in first.tables.keys().filter(|name| !target.tables.contains_key(*name)) {
            let above = exchange::declared(self.dialect, target, name, default);
            let before = self.metadata.tables.get(name).cloned();
            let Some((before, above)) = before.zip(above) else { continue };
            let left = left(first, target, name, self.dialect);
            let columns = above.columns.iter().map(|column| {
                let id = ObjectId::column(name, column.name.as_str());
                let hint = target.hints.objects.get(&id).cloned();
                let along = || follows(target, &left, Pair::new(&before, above), &column.name);
                (column.name.clone(), hint.or_else(along))
            });
            let has = |name: &str| before.column(name).is_some_and(|own| !own.inherited);
            self.hinted_parts(&ObjectId::table(name), "column", columns.collect(), has);
        }
    }

    /// Applies the hints of the attributes of composite types.
    pub(crate) fn hinted_attributes(&mut self, target: &Metadata) {
        let types = target.definitions.values().filter(|own| own.id.kind == Kind::CompositeType);
        for own in types {
            let names = attributes(own, self.dialect).into_iter();
            let hinted = names.map(|name| {
                let id = ObjectId::column(&own.id.name, name.as_str());
                (name, target.hints.objects.get(&id).cloned())
            });
            let hinted: Vec<(String, Option<Hint>)> = hinted.collect();
            let before = self.metadata.definitions.get(&own.id);
            let Some(before) = before.filter(|_| hinted.iter().any(|(_, hint)| hint.is_some()))
            else {
                continue;
            };
            let before = attributes(before, self.dialect);
            let has = |name: &str| before.iter().any(|own| own == name);
            self.hinted_parts(&own.id, ATTRIBUTE, hinted, has);
        }
        self.columns_of_leaving(target);
    }

    /// Gives the columns of tables that leave their types the new names of the attributes, where the target has
    /// them under these.
    fn columns_of_leaving(&mut self, target: &Metadata) {
        let mut renames = Vec::new();
        for rename in self.renames.renames.iter().filter(|own| own.from.kind == Kind::Column) {
            for [name, _] in
                self.leaving.iter().filter(|left| Some(&left[1]) == rename.from.table.as_ref())
            {
                let both = [target, &*self.metadata].map(|side| side.tables.get(name));
                let [Some(after), Some(before)] = both else { continue };
                let (from, to) = (rename.from.name.name.as_str(), rename.to.name.as_str());
                let is_it = |table: &Table, has: &str, lacks: &str| {
                    table.column(has).is_some() && table.column(lacks).is_none()
                };
                if is_it(before, from, to) && is_it(after, to, from) {
                    let from = ObjectId::column(name, from);
                    renames.push(ObjectRename { from, to: name.sibling(to) });
                }
            }
        }
        renames.into_iter().for_each(|rename| self.add(rename));
    }

    /// Applies the hints of the columns of a table, or of the attributes of a type.
    fn hinted_parts(
        &mut self,
        of: &ObjectId,
        noun: &str,
        parts: Vec<(String, Option<Hint>)>,
        in_database: impl Fn(&str) -> bool,
    ) {
        let own = |name: String| of.name.sibling(name);
        let in_target: BTreeSet<String> = parts.iter().map(|(name, _)| name.clone()).collect();
        let names = parts
            .into_iter()
            .map(|(name, hint)| (own(name), hint.map(|hint| (own(hint.from), hint.once))));
        let has = |name: &QualifiedName| in_database(&name.name);
        let (pending, conflicts) = taken_apart(names.collect(), has);
        let is_taken = |name: &QualifiedName| has(name) || in_target.contains(&name.name);
        let from = |old: &QualifiedName| ObjectId::column(&of.name, old.name.as_str());
        let renames = pending.into_iter().map(|w| ObjectRename { from: from(&w.old), to: w.new });
        let case = self.dialect.capabilities().identifier_case;
        let renames = untangled(renames.collect(), case, is_taken);
        renames.into_iter().for_each(|rename| self.add(rename));
        for (wish, conflict) in conflicts {
            let names = InWords {
                path: format!("{}.{}", of.name, wish.old.name),
                old: format!("{noun} {}", wish.old.name),
                new: wish.new.name.clone(),
            };
            self.conflict(of.clone(), &wish, conflict, &names);
        }
    }

    pub(crate) fn hinted_labels(&mut self, target: &Metadata) {
        let own = target.enums.values().map(|own| (own.id(), own.name.clone()));
        let stored = target.hints.stored.iter().map(|(id, of)| (id.clone(), of.clone()));
        for (id, of) in own.chain(stored) {
            let Some(hints) = target.hints.labels.get(&of) else { continue };
            let before = labels::of(&self.metadata, &id, self.dialect);
            let after = labels::of(target, &id, self.dialect);
            if let (Some(before), Some(after)) = (before, after) {
                self.hinted_labels_of(&id, &of, hints, Pair::new(&before, &after));
            }
        }
    }

    fn hinted_labels_of(
        &mut self,
        id: &ObjectId,
        of: &QualifiedName,
        hints: &BTreeMap<String, Hint>,
        labels: Pair<&Vec<String>>,
    ) {
        let label = |text: &str| QualifiedName::unqualified(text);
        let has = |name: &QualifiedName| labels.database.contains(&name.name);
        let names = labels
            .target
            .iter()
            .map(|own| (label(own), hints.get(own).map(|hint| (label(&hint.from), hint.once))));
        let (pending, conflicts) = taken_apart(names.collect(), has);
        let is_taken = |name: &QualifiedName| has(name) || labels.target.contains(&name.name);
        let renames = pending.into_iter();
        let renames = renames
            .map(|w| LabelRename { of: id.clone(), from: w.old.name, to: w.new.name })
            .collect();
        let renames = untangled(renames, IdentifierCase::Sensitive, is_taken);
        renames.into_iter().for_each(|rename| self.add_label(rename));
        for (wish, conflict) in conflicts {
            let names = InWords {
                path: format!("label:{of}.{}", wish.old.name),
                old: format!("label '{}'", wish.old.name),
                new: format!("'{}'", wish.new.name),
            };
            self.conflict(id.clone(), &wish, conflict, &names);
        }
    }
}
