//! The answers about definitions: what a scratch has made of them, under the names outside of it.

use std::collections::{BTreeMap, BTreeSet};

use aludel_schema::{Definition, Kind, Metadata, ObjectId};

use super::SpellingError;
use super::place::{Part, Place};
use super::scratch::Scratch;

/// The server's spelling of a definition.
pub(super) struct SpeltDefinition {
    /// The identity in the object file.
    pub(super) declared: ObjectId,
    /// The definition under the identity that the server gives it.
    pub(super) definition: Definition,
}

impl Scratch {
    /// Returns the server's spelling of the definitions, each with the identity that the object file
    /// states.
    pub(super) fn answers(
        &self,
        found: &Metadata,
        no_trace: impl Fn(&Place) -> SpellingError,
    ) -> Result<Vec<SpeltDefinition>, SpellingError> {
        let mut left: BTreeMap<ObjectId, &Definition> = found
            .definitions
            .values()
            .map(|found| (self.names.original_id(&found.id, self.dialect), found))
            .collect();
        let asked = self.definitions.iter().filter(|d| self.asked.contains(&d.id));
        let mut answers = Vec::new();
        for asked in asked.clone() {
            if let Some(exact) = left.remove(&asked.id) {
                answers.push(self.back(exact, asked, asked.id.clone()));
            }
        }
        // The server spells some signatures otherwise than the statement.
        let answered: BTreeSet<ObjectId> = answers.iter().map(|a| a.declared.clone()).collect();
        for asked in asked.filter(|asked| !answered.contains(&asked.id)) {
            let alike = left.keys().find(|id| {
                (id.kind, &id.name, &id.table) == (asked.id.kind, &asked.id.name, &asked.id.table)
            });
            let place = Place { object: asked.id.clone(), part: Part::Whole };
            let id = alike.cloned().ok_or_else(|| no_trace(&place))?;
            let found = left.remove(&id).ok_or_else(|| no_trace(&place))?;
            answers.push(self.back(found, asked, id));
        }
        Ok(answers)
    }

    /// Returns the object that a table stands in for, or that the column of such a table is of.
    fn in_its_form(&self, id: ObjectId) -> ObjectId {
        let name = id.table.as_ref().unwrap_or(&id.name);
        let view = ObjectId::new(Kind::MaterializedView, name.clone());
        let is_view =
            self.names.are_temporary() && self.definitions.iter().any(|own| own.id == view);
        if is_view && matches!(id.kind, Kind::Table | Kind::Column) { view } else { id }
    }

    fn back(&self, answer: &Definition, asked: &Definition, id: ObjectId) -> SpeltDefinition {
        let mut answer = answer.clone();
        let text = |text: &mut String| *text = self.names.back(text, self.dialect);
        text(&mut answer.body.written);
        let (alias, own) = (answer.id.name.name.clone(), &asked.id.name.name);
        for clause in &mut answer.clauses {
            text(&mut clause.text.written);
            // The name of an unnamed constraint begins with the name of its object.
            let rest = clause.name.as_ref().and_then(|name| name.strip_prefix(&alias));
            clause.name = rest.map(|rest| format!("{own}{rest}")).or(clause.name.take());
        }
        for column in &mut answer.shape {
            text(&mut column.sql_type);
            column.name = self.names.original_column(&column.name);
        }
        for on in &mut answer.depends_on {
            *on = self.in_its_form(self.names.original_id(on, self.dialect));
        }
        answer.id = id;
        SpeltDefinition { declared: asked.id.clone(), definition: answer }
    }
}
