//! The models' texts in the server's own words, so that equal ones are equal.

use aludel_compare::{Asked, Pair, Renames, Side};
use aludel_dialect::{Answer, Dialect, Question, Subject};
use aludel_driver::Connection;
use aludel_models::Origins;
use aludel_reflect::{SpellError, Surroundings};
use aludel_schema::Metadata;

use crate::Error;

/// Asks the server for the spelling of texts that differ. A text that came out of a dump may settle
/// only at the second reading, so what still differs then is read once more on both sides.
pub(crate) async fn settle(
    connection: &Connection,
    dialect: Dialect,
    database: &Metadata,
    target: &mut Metadata,
    renames: &Renames,
    origins: &Origins,
) -> Result<(), Error> {
    let asked =
        aludel_compare::questions(dialect, Pair::new(database, target), renames, Side::Target);
    let answers =
        aludel_reflect::spell(connection, &surroundings(database, target), &questions(&asked))
            .await
            .map_err(|error| refused(error, &asked, origins))?;
    for (asked, answer) in asked.iter().zip(answers) {
        aludel_compare::settle(target, &asked.place, answer);
    }
    settle_again(connection, dialect, database, target, renames).await;
    Ok(())
}

/// The second reading. What can't be asked again stays different: the first reading has said what
/// is wrong.
async fn settle_again(
    connection: &Connection,
    dialect: Dialect,
    database: &Metadata,
    target: &mut Metadata,
    renames: &Renames,
) {
    let side =
        |side| aludel_compare::questions(dialect, Pair::new(database, target), renames, side);
    let (ours, theirs) = (side(Side::Target), side(Side::Database));
    let both = [questions(&ours), questions(&theirs)].concat();
    let Ok(answers) = aludel_reflect::spell(connection, &Surroundings::default(), &both).await
    else {
        return;
    };
    let (our_answers, their_answers) = answers.split_at(ours.len());
    for ((asked, theirs), (our, their)) in
        ours.iter().zip(&theirs).zip(our_answers.iter().zip(their_answers))
    {
        if same(our, their) {
            aludel_compare::settle(target, &asked.place, as_asked(&theirs.question.subject));
        }
    }
}

fn questions(asked: &[Asked]) -> Vec<Question> {
    asked.iter().map(|asked| asked.question.clone()).collect()
}

/// What the questions rest on and the database does not have as the models do.
fn surroundings(database: &Metadata, target: &Metadata) -> Surroundings {
    let extensions =
        target.extensions.values().filter(|e| !database.extensions.contains_key(&e.name));
    let enums = target
        .enums
        .values()
        .filter(|e| database.enums.get(&e.name).is_none_or(|old| old.labels != e.labels));
    let replaced = target
        .enums
        .keys()
        .filter(|name| name.schema.is_some() && database.enums.contains_key(name));
    let sequences = target.sequences.keys().filter(|name| !database.sequences.contains_key(name));
    Surroundings {
        extensions: extensions.cloned().collect(),
        enums: enums.cloned().collect(),
        replaced: replaced.cloned().collect(),
        sequences: sequences.cloned().collect(),
    }
}

fn same(a: &Answer, b: &Answer) -> bool {
    match (a, b) {
        (Answer::Text(a), Answer::Text(b)) => a == b,
        (Answer::Index(a), Answer::Index(b)) => a.same_definition(b),
        _ => false,
    }
}

/// The text of a question, as an answer.
fn as_asked(subject: &Subject) -> Answer {
    match subject {
        Subject::Type(text) | Subject::Check(text) | Subject::Exclusion(text) => {
            Answer::Text(text.clone())
        }
        Subject::Default { expression, .. } | Subject::Generated { expression, .. } => {
            Answer::Text(expression.clone())
        }
        Subject::Index(index) => Answer::Index(index.clone()),
    }
}

fn refused(error: SpellError, asked: &[Asked], origins: &Origins) -> Error {
    let Some(asked) = error.question.and_then(|at| asked.get(at)) else {
        return error.source.into();
    };
    let (table, column) = asked.place.table_and_column();
    let found = origins.find(table, column);
    Error::Refused {
        place: asked.place.to_string(),
        path: found.map(|(path, _)| path.to_owned()),
        line: found.map_or(0, |(_, at)| at.line),
        column: found.map_or(0, |(_, at)| at.column),
        source: error.source,
    }
}
