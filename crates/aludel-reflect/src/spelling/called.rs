//! Calls: what the server calls for the texts of the target.
//!
//! The answers about texts say it. A text that nobody had to ask about agrees with that of the database,
//! and calls the same, unless that goes: the text then calls another one of the name. A text that converts by a cast
//! calls the function of the cast.

use std::collections::{BTreeMap, BTreeSet};

use aludel_schema::{Constraint, Definition, Kind, Metadata, ObjectId, SqlText, Table};

/// Gives texts of the target that agree with those of the database what the server calls for these.
pub(super) fn as_in_database(database: &Metadata, target: &mut Metadata) {
    let definitions = database.definitions.keys();
    let gone = definitions.filter(|id| !target.definitions.contains_key(*id)).collect();
    let calls = Calls { gone, of_casts: of_casts(database, target) };
    for table in target.tables.values_mut() {
        if let Some(before) = database.tables.get(&table.name) {
            calls.of_columns(before, table);
            calls.of_parts(before, table);
        }
    }
}

/// The rule for calls.
struct Calls<'m> {
    /// The definitions of the database that the target does not have.
    gone: BTreeSet<&'m ObjectId>,
    /// The functions of casts of the database that have other functions in the target, and these.
    of_casts: BTreeMap<&'m ObjectId, ObjectId>,
}

/// Returns the functions of casts that are other ones in the target.
fn of_casts<'m>(database: &'m Metadata, target: &Metadata) -> BTreeMap<&'m ObjectId, ObjectId> {
    fn function(cast: &Definition) -> Option<&ObjectId> {
        cast.depends_on.iter().find(|id| id.kind.is_called())
    }
    let casts = database.definitions.values().filter(|own| own.id.kind == Kind::Cast);
    let functions = casts.filter_map(|cast| {
        let other = target.definitions.get(&cast.id).and_then(function)?;
        Some((function(cast)?, other.clone()))
    });
    functions.filter(|(before, after)| *before != after).collect()
}

impl Calls<'_> {
    fn of_columns(&self, before: &Table, table: &mut Table) {
        for column in &mut table.columns {
            let Some(before) = before.column(&column.name) else { continue };
            self.take(before.default.as_deref(), column.default.as_deref_mut());
            let expression = before.generated.as_ref().map(|own| &own.expression);
            self.take(expression, column.generated.as_mut().map(|own| &mut own.expression));
        }
    }

    fn of_parts(&self, before: &Table, table: &mut Table) {
        for constraint in &mut table.constraints {
            let mut there = before.constraints.iter().filter_map(Constraint::text);
            let own = constraint.text_mut();
            let same = own.as_ref().and_then(|own| there.find(|text| *text == &**own));
            self.take(same, own);
        }
        for index in &mut table.indexes {
            let mut there = before.indexes.iter().filter(|there| there.same_definition(index));
            let is_said = index.expressions().all(|text| text.calls.is_some());
            let calls = there
                .find_map(|there| { there.expressions() }.find_map(|text| text.calls.as_ref()));
            if let Some(calls) = calls.filter(|_| !is_said).and_then(|calls| self.afterwards(calls))
            {
                index.say_calls(&calls);
            }
        }
    }

    fn take(&self, before: Option<&SqlText>, own: Option<&mut SqlText>) {
        if let (Some(before), Some(own)) = (before, own)
            && own == before
            && own.calls.is_none()
        {
            own.calls = before.calls.as_ref().and_then(|calls| self.afterwards(calls));
        }
    }

    /// Returns what the same text calls in the target; `None` if that is not known.
    fn afterwards(&self, calls: &[ObjectId]) -> Option<Vec<ObjectId>> {
        let mut after = Vec::new();
        for id in calls {
            let of_cast = self.of_casts.get(id);
            if of_cast.is_none() && self.gone.contains(id) {
                return None;
            }
            // A text may convert by a cast, and call the function of it by its name.
            after.extend(of_cast.cloned());
            after.extend(Some(id.clone()).filter(|id| !self.gone.contains(id)));
        }
        Some(after)
    }
}
