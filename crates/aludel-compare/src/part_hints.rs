//! Rename hints of the parts of an object: the columns of a table, the attributes of a composite type, and
//! the labels of an enum type.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{IdentifierCase, attributes};
use aludel_schema::{Hint, Kind, Metadata, ObjectId, QualifiedName, Table};

use crate::clauses::ATTRIBUTE;
use crate::hints::untangled;
use crate::labels::{self, LabelRename};
use crate::object_rename::ObjectRename;
use crate::pair::Pair;
use crate::renames::{InWords, Renamed, taken_apart};
use crate::{exchange, inherit};

/// Returns the hint of a column above for the column of a table that leaves, if the column gets the same name as
/// there.
fn follows(
    target: &Metadata,
    database: &Metadata,
    tables: Pair<&Table>,
    column: &str,
) -> Option<Hint> {
    let stay = inherit::above(target, tables.target);
    let left = inherit::above(database, tables.database).into_iter();
    let mut left = left.filter(|own| stay.iter().all(|other| other.name != own.name));
    left.find_map(|own| {
        let above = target.tables.get(&own.name)?.column(column)?;
        let hint = target.hints.objects.get(&ObjectId::column(&own.name, column)).cloned();
        let hint = hint.or_else(|| above.renamed_from.clone().map(Hint::lasting))?;
        let before = tables.database.column(&hint.from).is_some_and(|old| old.inherited);
        let is_free = tables.map(|table| table.column(column).is_none()).database
            && tables.target.column(&hint.from).is_none();
        (before && is_free).then_some(hint)
    })
}

impl Renamed<'_> {
    /// Applies the hints of the columns of a table.
    pub(crate) fn hinted_columns(&mut self, target: &Metadata, table: &Table) {
        let now = self.metadata.clone();
        let Some(before) = now.tables.get(&table.name) else { return };
        let columns = table.columns.iter().map(|column| {
            let lasting = || column.renamed_from.as_ref().map(|from| Hint::lasting(from.as_str()));
            let id = ObjectId::column(&table.name, column.name.as_str());
            let hint = target.hints.objects.get(&id).cloned().or_else(lasting);
            let along = || follows(target, &now, Pair::new(before, table), &column.name);
            (column.name.clone(), hint.or_else(along))
        });
        // An inherited column is renamed together with that of the other table, or the attribute of the type.
        let of_type = &before.options.of_type;
        let leaves_type = of_type.is_some() && *of_type != table.options.of_type;
        let leaves =
            |name: &str| of_type.is_none() && !inherit::stays_inherited(&now, before, table, name);
        let has = |name: &str| {
            before.column(name).is_some_and(|own| !own.inherited || leaves_type || leaves(name))
        };
        self.hinted_parts(&ObjectId::table(&table.name), "column", columns.collect(), has);
    }

    /// Applies the hints of the columns of tables that become partitions, which have the columns of the tables above
    /// them.
    pub(crate) fn hinted_columns_of_partitions(&mut self, target: &Metadata) {
        let hints = target.hints.objects.keys().filter(|id| id.kind == Kind::Column);
        let names: BTreeSet<&QualifiedName> = hints.filter_map(|id| id.table.as_ref()).collect();
        let default = self.metadata.default_schema.clone();
        for name in names.into_iter().filter(|name| !target.tables.contains_key(*name)) {
            let above = exchange::declared(self.dialect, target, name, default.as_deref());
            let before = self.metadata.tables.get(name).cloned();
            let Some((before, above)) = before.zip(above) else { continue };
            let columns = above.columns.iter().map(|column| {
                let id = ObjectId::column(name, column.name.as_str());
                (column.name.clone(), target.hints.objects.get(&id).cloned())
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
