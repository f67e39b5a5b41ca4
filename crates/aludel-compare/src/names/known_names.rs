//! The names by which the author knows objects that have third names when they end.
//!
//! An object whose name passes on has a third name for as long as it is still there. The marks of a plan, its
//! reasons and the renames that it suggests call the object as it was called before.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use aludel_dialect::{Hazard, Step};
use aludel_operations::Operation;
use aludel_schema::{ObjectId, QualifiedName};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::names::third_names;

/// The third names of a plan, with the names of before.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownNames {
    objects: BTreeMap<ObjectId, QualifiedName>,
    /// The labels, by their types or columns.
    labels: BTreeMap<(ObjectId, String), String>,
}

impl KnownNames {
    /// Notes that an object gets a third name.
    pub(crate) fn set_aside(&mut self, object: &ObjectId, third: &QualifiedName) {
        let known = self.objects.get(object).unwrap_or(&object.name).clone();
        self.objects.insert(ObjectId { name: third.clone(), ..object.clone() }, known);
    }

    /// Notes that a label gets a third name.
    pub(crate) fn set_label_aside(&mut self, of: &ObjectId, label: &str, third: &str) {
        let known = self.label(of, label);
        self.labels.insert((of.clone(), third.to_owned()), known);
    }

    /// Adds the objects that operations set aside before they end.
    pub(crate) fn with_ending(&self, world: &World<'_>, operations: &[Operation]) -> Self {
        let mut all = self.clone();
        for (former, third) in third_names::ending(world, operations.iter()) {
            all.set_aside(&former, &third.name);
        }
        all
    }

    /// Returns an object as the author knows it.
    pub(crate) fn object(&self, id: &ObjectId) -> ObjectId {
        let name = self.objects.get(id).unwrap_or(&id.name).clone();
        ObjectId {
            kind: id.kind,
            name,
            table: id.table.as_ref().map(|own| self.table(own)),
            signature: id.signature.as_ref().map(|types| self.text(types)),
        }
    }

    /// Calls what the hazards of steps are about as the author knows it.
    pub(crate) fn say(&self, steps: &mut [Step]) {
        if self.is_empty() {
            return;
        }
        for hazard in steps.iter_mut().flat_map(|step| &mut step.hazards) {
            self.say_in(hazard);
        }
    }

    /// Calls what differences are about as the author knows it.
    pub(crate) fn explain(&self, differences: &mut [Impossible]) {
        for difference in differences.iter_mut().filter(|_| !self.is_empty()) {
            difference.object = self.object(&difference.object);
            difference.reason = self.text(&difference.reason);
        }
    }

    /// Returns a text with the names that the author knows. A third name is part of no other word.
    fn text(&self, text: &str) -> String {
        let objects = self.objects.iter();
        let objects = objects.map(|(third, known)| (&third.name.name, &known.name));
        let labels = self.labels.iter().map(|((_, third), known)| (third, known));
        let mut names: Vec<(&String, &String)> = objects.chain(labels).collect();
        // One may begin like another one.
        names.sort_by_key(|(third, _)| Reverse(third.len()));
        let known = |text: String, (third, known): (&String, &String)| text.replace(third, known);
        names.into_iter().fold(text.to_owned(), known)
    }

    fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.labels.is_empty()
    }

    fn label(&self, of: &ObjectId, label: &str) -> String {
        let known = self.labels.get(&(of.clone(), label.to_owned()));
        known.cloned().unwrap_or_else(|| label.to_owned())
    }

    /// Returns the name of a table, or of another relation that has columns.
    fn table(&self, name: &QualifiedName) -> QualifiedName {
        let mut objects = self.objects.iter().filter(|(third, _)| third.table.is_none());
        let known = objects.find(|(third, _)| third.name == *name).map(|(_, known)| known);
        known.unwrap_or(name).clone()
    }

    fn say_in(&self, hazard: &mut Hazard) {
        match hazard {
            Hazard::DropsRows { table }
            | Hazard::ForgetsCounter { table }
            | Hazard::LeavesPublication { table, .. } => *table = self.table(table),
            Hazard::DropsCounter { sequence } => *sequence = self.table(sequence),
            Hazard::DropsValues { columns } => {
                columns.iter_mut().for_each(|own| *own = self.object(own));
            }
            Hazard::DropsAttributes { of, attributes } => {
                for own in attributes {
                    *own = self.object(&ObjectId::column(&of.name, own.as_str())).name.name;
                }
                *of = self.object(of);
            }
            Hazard::FailsOnLabels { object, labels } => {
                labels.iter_mut().for_each(|own| *own = self.label(object, own));
                *object = self.object(object);
            }
            Hazard::DropsObject { object }
            | Hazard::LosesAccess { object, .. }
            | Hazard::Remakes { because: object, .. } => *object = self.object(object),
            // All else is about what stays, or comes.
            Hazard::LosesPrecision { .. }
            | Hazard::KeepsValues { .. }
            | Hazard::ReplacesNulls { .. }
            | Hazard::FailsOnValues { .. }
            | Hazard::FailsOnRule { .. }
            | Hazard::LostValues { .. }
            | Hazard::MovesAttributes { .. }
            | Hazard::MovesColumns { .. }
            | Hazard::KeepsAsOwn { .. }
            | Hazard::KeepsComputed { .. }
            | Hazard::LostCounter { .. }
            | Hazard::FailsOnRows { .. }
            | Hazard::FailsOnNulls { .. }
            | Hazard::NotPublished { .. }
            | Hazard::GrantsAs { .. }
            | Hazard::KeepsName { .. }
            | Hazard::StaysEmpty { .. }
            | Hazard::KeepsResults { .. }
            | Hazard::Rebuilds { .. }
            | Hazard::Rewrites { .. }
            | Hazard::Updates { .. }
            | Hazard::Fires { .. }
            | Hazard::Scans { .. }
            | Hazard::Blocks { .. } => {}
        }
    }
}
