//! Declarations that can't be compared, because the server does not let the role ask.

use std::collections::BTreeSet;
use std::fmt;

use aludel_dialect::Dialect;
use aludel_driver::StatementError;
use aludel_schema::{Definition, Kind, Metadata, ObjectId};

use super::SpellingError;
use super::known::take;
use super::place::{Part, Place};
use super::question::{self, Question, Side, Subject};
use super::schema::ScratchSchema;
use super::tokens::Known;

/// A part of the target that could not be compared with the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncompared {
    /// The part that was not compared.
    pub place: Place,
    /// The reason: what the role may not do, or the server can't.
    pub reason: String,
}

/// The texts and objects that are not compared, with the reasons.
#[derive(Default)]
pub(super) struct LeftOut {
    parts: Vec<Uncompared>,
    /// The objects among them that are made in another form, because others rest on them.
    stand_ins: BTreeSet<ObjectId>,
}

impl fmt::Display for Uncompared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

impl LeftOut {
    /// Leaves out all questions and definitions for one reason.
    pub(super) fn all(questions: &[Question], definitions: &[Definition], reason: &str) -> Self {
        let asked = questions.iter().map(|question| question.place.clone());
        let whole = |d: &Definition| Place { object: d.id.clone(), part: Part::Whole };
        let places = asked.chain(definitions.iter().map(whole));
        let parts = places.map(|place| Uncompared { place, reason: reason.to_owned() });
        Self { parts: parts.collect(), stand_ins: BTreeSet::new() }
    }

    /// Leaves out the definitions that the schema of a scratch can't hold, or in which the server never
    /// looks for them. In the temporary one, a table stands in for a materialized view.
    pub(super) fn of(
        schema: &ScratchSchema,
        definitions: &[Definition],
        target: &Metadata,
    ) -> Self {
        if !schema.is_temporary {
            return Self::default();
        }
        let is_of_view = |id: &ObjectId| {
            let view = |table| ObjectId::new(Kind::MaterializedView, table);
            let table = id.table.clone().filter(|_| id.kind == Kind::Index);
            table.is_some_and(|table| target.definitions.contains_key(&view(table)))
        };
        let left_out = definitions.iter();
        let left_out = left_out.filter(|own| is_never_temporary(&own.id) || is_of_view(&own.id));
        let left_out: Vec<Definition> = left_out.cloned().collect();
        let reason = "the role may not create schemas, and it can't be temporary";
        let ids = left_out.iter().map(|own| &own.id);
        let stand_ins = ids.filter(|id| id.kind == Kind::MaterializedView || is_of_view(id));
        let stand_ins = stand_ins.cloned().collect();
        Self { stand_ins, ..Self::all(&[], &left_out, reason) }
    }

    /// Leaves out the place that the server refuses for want of a right, or for want of something
    /// that is left out already.
    ///
    /// # Errors
    ///
    /// Returns any other error.
    pub(super) fn add(&mut self, error: SpellingError) -> Result<(), SpellingError> {
        let Some(refused) = error.source.statement() else { return Err(error) };
        let reason = match self.wanted(refused) {
            _ if refused.code == NO_RIGHT => {
                format!("the role may not create it: {}", error.source)
            }
            Some(first) => format!("it may rest on {first}, which the role may not create"),
            None => return Err(error),
        };
        match error.place {
            Some(place) if self.stand_ins.remove(&place.object) => Ok(()),
            Some(place) if !self.has(&place) => {
                self.parts.push(Uncompared { place, reason });
                Ok(())
            }
            place => Err(SpellingError { place, source: error.source }),
        }
    }

    /// Returns the place that is left out and that the server misses. Its message names what is not
    /// there. What an extension or a cast brings has other names.
    fn wanted(&self, refused: &StatementError) -> Option<&Place> {
        let code = refused.code.as_str();
        let is_wanted = |place: &&Place| match place.object.kind {
            Kind::Extension | Kind::Schema => UNDEFINED.contains(&code),
            Kind::Cast => UNDEFINED.contains(&code) || NO_CAST.contains(&code),
            _ => UNDEFINED.contains(&code) && has_word(&refused.message, &place.object.name.name),
        };
        let mut places = self.parts.iter().map(|left_out| &left_out.place);
        places.find(|place| place.part.is_whole() && is_wanted(place))
    }

    /// Leaves out the questions over columns whose types are left out.
    pub(super) fn spread(&mut self, questions: &[Question]) {
        for question in questions.iter().filter(|question| question.place.part != Part::Type) {
            let types = question.columns.iter().map(|column| question.place.type_of(&column.name));
            let refused = types.into_iter().find_map(|place| {
                self.parts.iter().find(|left_out| left_out.place == place).cloned()
            });
            if let Some(refused) = refused.filter(|_| !self.has(&question.place)) {
                self.parts.push(Uncompared { place: question.place.clone(), ..refused });
            }
        }
    }

    pub(super) fn has(&self, place: &Place) -> bool {
        self.parts.iter().any(|left_out| left_out.place == *place)
    }

    /// Returns the objects that a scratch must not make.
    pub(super) fn objects(&self) -> BTreeSet<ObjectId> {
        let whole = self.parts.iter().filter(|left_out| left_out.place.part.is_whole());
        let ids = whole.map(|left_out| left_out.place.object.clone());
        ids.filter(|id| !self.stand_ins.contains(id)).collect()
    }

    /// Returns the objects that a scratch makes in another form, so that it has no answer about them.
    pub(super) fn stand_ins(&self) -> &BTreeSet<ObjectId> {
        &self.stand_ins
    }

    /// Gives the target the texts and definitions of the database where they could not be compared,
    /// so that no difference arises from them. Returns what that is. A definition that the
    /// database does not have is a difference, and rests on all that its statement names.
    pub(super) fn keep(
        self,
        dialect: Dialect,
        database: &Metadata,
        target: &mut Metadata,
    ) -> Vec<Uncompared> {
        let theirs = question::questions(dialect, database, target, Side::Database);
        let known = Known::of(target);
        let mut uncompared = Vec::new();
        for left_out in self.parts {
            let place = &left_out.place;
            let is_kept = match target.definitions.remove(&place.object) {
                Some(definition) => match there(database, target, &definition.id) {
                    Some(before) => {
                        keep_definition(dialect, target, definition, before);
                        true
                    }
                    None => {
                        target.add_definition(known.guessed(definition, dialect));
                        false
                    }
                },
                None => {
                    let question = theirs.iter().find(|question| question.place == *place);
                    question.is_some_and(|question| keep_text(dialect, target, question))
                }
            };
            uncompared.extend(is_kept.then_some(left_out));
        }
        uncompared
    }
}

/// Returns true for objects that the temporary schema can't hold, or in which the server never looks
/// for them.
pub(super) fn is_never_temporary(id: &ObjectId) -> bool {
    let kinds = [
        Kind::MaterializedView,
        Kind::TextSearchConfiguration,
        Kind::Operator,
        Kind::OperatorClass,
    ];
    kinds.contains(&id.kind)
}

/// The SQLSTATE of a missing right.
const NO_RIGHT: &str = "42501";

/// The SQLSTATEs of a name that leads to nothing: of a table, a column, a function, a schema, or of
/// anything else.
pub(super) const UNDEFINED: [&str; 5] = ["42P01", "42703", "42883", "3F000", "42704"];

/// The SQLSTATEs of a cast that is not there.
const NO_CAST: [&str; 2] = ["42846", "42804"];

/// Returns true if a message has a name that is no part of another word.
fn has_word(message: &str, name: &str) -> bool {
    let is_inside = |c: char| c.is_alphanumeric() || c == '_';
    message.match_indices(name).any(|(at, _)| {
        let before = message[..at].chars().next_back();
        let after = message[at + name.len()..].chars().next();
        let begins = name.starts_with(is_inside) && before.is_some_and(is_inside);
        let ends = name.ends_with(is_inside) && after.is_some_and(is_inside);
        !begins && !ends
    })
}

/// Returns the definition of the database with an identity. The object file may write a signature in
/// other words, so one of the same name counts if the target does not declare it otherwise.
fn there<'d>(database: &'d Metadata, target: &Metadata, id: &ObjectId) -> Option<&'d Definition> {
    let is_alike = |other: &&Definition| {
        (other.id.kind, &other.id.name, &other.id.table) == (id.kind, &id.name, &id.table)
            && !target.definitions.contains_key(&other.id)
    };
    database.definitions.get(id).or_else(|| database.definitions.values().find(is_alike))
}

fn keep_definition(
    dialect: Dialect,
    target: &mut Metadata,
    mut definition: Definition,
    before: &Definition,
) {
    take(dialect, &mut definition, before);
    if let Some(said) = target.access.remove(&definition.id) {
        target.access.insert(before.id.clone(), said);
    }
    definition.id = before.id.clone();
    target.add_definition(definition);
}

/// Keeps a text of the database. Returns false if it does not mean the same as that of the target,
/// which is known of types of the server itself.
fn keep_text(dialect: Dialect, target: &mut Metadata, theirs: &Question) -> bool {
    if let Subject::Type(_) = &theirs.subject
        && is_own_type(dialect, target, &theirs.place)
    {
        return false;
    }
    question::settle(target, &theirs.place, theirs.subject.as_answer());
    true
}

/// Returns true if the column has a type of the server itself, or one that the models declare.
fn is_own_type(dialect: Dialect, target: &Metadata, place: &Place) -> bool {
    let table = place.object.table.as_ref().and_then(|name| target.tables.get(name));
    let column = table.and_then(|table| table.column(&place.object.name.name));
    column.is_some_and(|column| {
        let name = column.sql_type.spelling();
        let plain = name.strip_suffix("[]").unwrap_or(name);
        dialect.is_own_type(name)
            || target.enums.keys().any(|declared| dialect.quote_name(declared) == plain)
    })
}
