//! The statements of a scratch.

use aludel_schema::Definition;

use super::place::{Part, Place};

/// A statement, and the place to blame if the server refuses it.
#[derive(Clone, Debug)]
pub(super) struct ScratchStatement {
    pub(super) sql: String,
    pub(super) place: Option<Place>,
    /// The statement of the object file that it was made from.
    pub(super) declared: Option<String>,
}

impl ScratchStatement {
    pub(super) fn new(sql: String, place: Option<Place>) -> Self {
        Self { sql, place, declared: None }
    }

    /// Creates a statement that is made from the CREATE statement of a definition.
    pub(super) fn of(definition: &Definition, sql: String) -> Self {
        let place = Place { object: definition.id.clone(), part: Part::Whole };
        Self { sql, place: Some(place), declared: definition.source.clone() }
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
