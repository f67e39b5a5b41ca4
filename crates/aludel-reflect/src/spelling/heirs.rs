//! Tables that inherit, as far as publications distinguish them.

use std::collections::BTreeSet;

use aludel_schema::{Definition, Kind, Metadata, QualifiedName, Table};

use super::items::words;
use super::scratch::Scratch;

impl Scratch {
    /// Adds the heirs and parents of the tables that publications name, where one of them is changed. A
    /// publication of a table is one of the heirs that the table has at that time.
    pub(super) fn add_published_heirs(&mut self, definitions: &[Definition], target: &Metadata) {
        let is_publication = |own: &&Definition| own.id.kind == Kind::Publication;
        let publications = definitions.iter().filter(is_publication);
        let named: BTreeSet<String> =
            publications.flat_map(|own| words(own, self.dialect).outside).collect();
        for table in target.tables.keys().filter(|name| named.contains(&name.name)) {
            let family = family(table, target);
            let is_changed = self.changed.iter().any(|own| family.contains(&own.name));
            if family.len() == 1 || !is_changed {
                continue;
            }
            for member in target.tables.values().filter(|own| family.contains(&own.name)) {
                if self.changed.iter().all(|own| own.name != member.name) {
                    self.changed.push(self.in_place(member));
                }
            }
            self.published.extend(family.into_iter().cloned());
        }
    }

    /// Returns the tables of the scratch that a table in it inherits from.
    pub(super) fn published_parents(&self, table: &Table) -> Vec<String> {
        let is_published = self.published.contains(&table.name);
        let parents = table.options.inherits.iter().filter(|_| is_published);
        let parents = parents.filter(|parent| self.published.contains(parent));
        parents.map(|parent| self.dialect.quote_name(&self.names.in_scratch(parent))).collect()
    }
}

/// Returns a table with all that it inherits from or passes on to, over any number of steps.
fn family<'a>(table: &'a QualifiedName, target: &'a Metadata) -> BTreeSet<&'a QualifiedName> {
    let mut found = BTreeSet::from([table]);
    loop {
        let before = found.len();
        for heir in target.tables.values() {
            let links = || heir.options.inherits.iter().chain([&heir.name]);
            if links().count() > 1 && links().any(|name| found.contains(name)) {
                found.extend(links());
            }
        }
        if found.len() == before {
            return found;
        }
    }
}
