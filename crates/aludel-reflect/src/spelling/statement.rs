//! The statements of a scratch.

use aludel_schema::Definition;

use super::numbered::{OBJECT, SCRATCH_TABLE, with_name};
use super::piece::Piece;
use super::place::{Part, Place};

/// A statement, and the place to blame if the server refuses it.
#[derive(Clone, Debug)]
pub(super) struct ScratchStatement {
    pub(super) sql: String,
    pub(super) place: Option<Place>,
    /// The statement of the object file that it was made from.
    pub(super) declared: Option<String>,
    /// The names in it that stand for those of the models; `None` if there are none.
    pub(super) stand_ins: Option<StandIns>,
}

/// Names that stand for others: a beginning with a number.
#[derive(Clone, Debug)]
pub(super) struct StandIns {
    pub(super) prefix: String,
    pub(super) names: Vec<String>,
}

impl ScratchStatement {
    pub(super) fn new(sql: String, place: Option<Place>) -> Self {
        Self { sql, place, declared: None, stand_ins: None }
    }

    /// Returns a text of the server about the statement, with the names of the models.
    pub(super) fn original(&self, text: &str) -> String {
        let text = match &self.stand_ins {
            Some(stand_ins) => Piece::original(&stand_ins.names, &stand_ins.prefix, text),
            None => text.to_owned(),
        };
        let Some(Place { object, .. }) = &self.place else { return text };
        let table = object.table.as_ref().unwrap_or(&object.name);
        let text = with_name(&text, OBJECT, &object.name.name);
        with_name(&text, SCRATCH_TABLE, &table.name)
    }

    /// Creates a statement that is made from the CREATE statement of a definition.
    pub(super) fn of(definition: &Definition, sql: String) -> Self {
        let place = Place { object: definition.id.clone(), part: Part::Whole };
        let declared = definition.source.clone();
        Self { declared, ..Self::new(sql, Some(place)) }
    }

    /// Returns the place in the statement of the object file, in characters from 1, where the server
    /// refuses this one; `None` if the two differ there.
    pub(super) fn declared_position(&self, position: usize) -> Option<usize> {
        let declared: Vec<char> = self.declared.as_ref()?.chars().collect();
        let own: Vec<char> = self.sql.chars().collect();
        let rest = own.get(position.checked_sub(1)?..)?;
        let is_same_until = declared.get(..position).is_some_and(|until| own.starts_with(until));
        match is_same_until {
            true => Some(position),
            false => declared.ends_with(rest).then(|| declared.len() - rest.len() + 1),
        }
    }
}
