//! The statements of a scratch.

use aludel_dialect::{Code, Dialect, Token, code, tokens};
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
    /// refuses this one; `None` if the two differ in more than names.
    pub(super) fn declared_position(&self, position: usize, dialect: Dialect) -> Option<usize> {
        let declared = self.declared.as_ref()?;
        let before = self.sql.chars().take(position.checked_sub(1)?).map(char::len_utf8).sum();
        let byte = counterpart(&self.sql, declared, before, dialect)?;
        Some(declared.get(..byte)?.chars().count() + 1)
    }
}

/// Returns the byte of a text that corresponds to one of another text, which has names of the scratch in
/// it, and may begin or end otherwise, as `CREATE OR REPLACE` and `WITH NO DATA` do.
fn counterpart(own: &str, declared: &str, byte: usize, dialect: Dialect) -> Option<usize> {
    if byte == own.len() {
        return Some(declared.len());
    }
    let ours: Vec<Token<'_>> = tokens(own, dialect).collect();
    let theirs: Vec<Token<'_>> = tokens(declared, dialect).collect();
    let at = ours.iter().position(|token| (token.start..token.end()).contains(&byte))?;
    let alike = |(own, their): (&Token<'_>, &Token<'_>)| {
        own.text == their.text
            || own.text.contains(SCRATCH_TABLE)
            || both_code(own, their).is_some()
    };
    let begins_alike = ours[..=at].iter().zip(&theirs).all(alike);
    let from_end = ours.len() - at;
    let ends_alike = ours[at..].iter().rev().zip(theirs.iter().rev()).all(alike);
    let other = match begins_alike {
        true => at,
        false => theirs.len().checked_sub(from_end).filter(|_| ends_alike)?,
    };
    let (own, their) = (ours.get(at)?, theirs.get(other)?);
    if own.text == their.text {
        return Some(their.start + byte - own.start);
    }
    let inside = both_code(own, their).and_then(|(own_code, their_code)| {
        let byte = (byte - own.start).checked_sub(own_code.quote.len())?;
        let found = counterpart(own_code.text, their_code.text, byte, dialect)?;
        Some(found + their_code.quote.len())
    });
    Some(their.start + inside.unwrap_or_default())
}

/// Returns the code of two tokens if both are code.
fn both_code<'t>(own: &Token<'t>, their: &Token<'t>) -> Option<(Code<'t>, Code<'t>)> {
    code(own).zip(code(their))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_its_place_in_the_object_file() {
        let function =
            "CREATE FUNCTION app.f() RETURNS app.t LANGUAGE sql AS $$ SELECT wrong FROM app.t $$";
        for (declared, own, at) in [
            ("CREATE VIEW v AS SELECT wrong", "CREATE VIEW v AS SELECT wrong", "wrong"),
            (
                "CREATE VIEW app.v AS SELECT wrong FROM app.t",
                "CREATE VIEW aludel_scratch_7_of_0.v AS SELECT wrong FROM aludel_scratch_7_of_0.t",
                "wrong",
            ),
            (
                function,
                "CREATE OR REPLACE FUNCTION aludel_scratch_7_of_0.f() RETURNS aludel_scratch_7_of_0.t \
                 LANGUAGE sql AS $$ SELECT wrong FROM aludel_scratch_7_of_0.t $$",
                "wrong",
            ),
            (
                "CREATE MATERIALIZED VIEW app.v AS SELECT wrong",
                "CREATE MATERIALIZED VIEW aludel_scratch_7_of_0.v AS SELECT wrong WITH NO DATA",
                "wrong",
            ),
        ] {
            let statement = ScratchStatement {
                declared: Some(declared.to_owned()),
                ..ScratchStatement::new(own.to_owned(), None)
            };
            let found = statement.declared_position(own.find(at).unwrap() + 1, Dialect::Postgres);
            assert_eq!(found, Some(declared.find(at).unwrap() + 1), "{own}");
        }
    }
}
