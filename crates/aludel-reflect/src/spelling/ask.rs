//! Questions to the server, by objects in a transaction that is rolled back.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Dialect, without_parentheses};
use aludel_driver::{Connection, DriverError, RowError};
use aludel_schema::{
    ConstraintKind, Definition, KeyPart, Metadata, ObjectId, QualifiedName, SqlText, Table,
};

use super::code_path::CodePaths;
use super::created;
use super::gone::Gone;
use super::known::{self, take};
use super::names::Names;
use super::not_null;
use super::numbered::{SCRATCH_TABLE, object_name, table_name};
use super::question::{self, Answer, Question, Side, Subject};
use super::reread::{changed_calls, names_one, recalled, reread};
use super::roles::roles;
use super::schema::ScratchSchema;
use super::scratch::{Asking, Scratch};
use super::spelt::SpeltDefinition;
use super::statement::ScratchStatement;
use super::uncompared::{LeftOut, is_never_temporary};
use super::undeclared;
use super::{DatabaseSide, Place, Settled, SpellingError};
use crate::postgres;

/// The answer about a default of which the server keeps nothing. It has no default of this spelling.
const NO_DEFAULT: &str = "NULL";

/// The answers of the server other than spellings.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) settled: Settled,
    /// The extensions that the objects of the scratch need, as far as the target does not declare them.
    pub(super) needed: BTreeSet<String>,
}

/// Asks for the spelling of texts that differ. The text of a database dump may reach its final form
/// only when it is read a second time, so texts that still differ are read once more on both sides.
pub(super) async fn settle(
    connection: &Connection<'_>,
    dialect: Dialect,
    sides: DatabaseSide<'_>,
    target: &mut Metadata,
    default_schema: &str,
) -> Result<Asked, SpellingError> {
    let database = sides.renamed;
    let gone = Gone::of(dialect, sides.live, target);
    let settled = known::settle(dialect, sides, &gone, target);
    let questions = compared(dialect, database, target);
    let mut created = created::created(dialect, database, target);
    created.extend(roles(dialect, database, target));
    created.extend(reread(dialect, database, target, &settled));
    // The server would look for the table of an ownerless one in the schemas of the user.
    let ownerless = target.ownerless(QualifiedName::clone);
    let open = |own: &&Definition| {
        own.source.is_some() && !settled.contains(&own.id) && !ownerless.contains(&&own.id)
    };
    let definitions: Vec<Definition> = target.definitions.values().filter(open).cloned().collect();
    let has_extensions = order_extensions(connection, database, target).await?;
    if questions.is_empty() && definitions.is_empty() && created.is_empty() && has_extensions {
        return Ok(Asked::default());
    }
    if questions.iter().any(|question| matches!(question.subject, Subject::Type(_))) {
        target.casts = postgres::casts(connection).await?;
    }
    let schema = match ScratchSchema::choose(connection, dialect).await? {
        Ok(schema) => schema,
        Err(reason) => {
            let uncompared = LeftOut::all(&questions, &definitions, &reason);
            let uncompared = uncompared.keep(dialect, database, target);
            let settled = Settled { uncompared, seen_by: Vec::new() };
            return Ok(Asked { settled, ..Asked::default() });
        }
    };
    let place = ScratchPlace { connection, schema: &schema, default_schema };
    let mut left_out = LeftOut::of(&schema, &definitions, target);
    let mut code_paths = CodePaths::default();
    let (questions, answers) = loop {
        let asked = questions.iter().filter(|question| !left_out.has(&question.place));
        let questions: Vec<Question> = asked.cloned().collect();
        let both = [questions.as_slice(), created.as_slice()].concat();
        let names = Names::new(&schema, default_schema);
        let mut scratch = Scratch::new(dialect, sides, target, names);
        scratch.define(&definitions, &both, target);
        scratch.add_gone(&gone);
        scratch.has_undeclared = undeclared::are_there(sides.live, target);
        scratch.hide_overloads(sides.live, target);
        scratch.leave_out(&not_made(&schema, &left_out, target));
        scratch.ask_not(left_out.stand_ins());
        scratch.wide = code_paths.wide();
        match spell(place, scratch, &both).await {
            Ok(answers) => break (questions, answers),
            Err(error) if !schema.is_temporary && code_paths.take(&error, target) => {}
            Err(error) => left_out.add(error)?,
        }
        left_out.spread(&questions);
        created.retain(|question| !left_out.has(&question.place));
    };
    code_paths.say(target);
    take_texts(target, &questions, &created, answers.texts);
    answers.definitions.into_iter().for_each(|answer| define(dialect, database, target, answer));
    let uncompared = left_out.keep(dialect, database, target);
    settle_again(place, dialect, database, target).await?;
    Ok(Asked { settled: Settled { uncompared, seen_by: schema.seen_by }, needed: answers.needed })
}

/// Gives the target the answers about texts. Those about new texts come last, and are compared with nothing.
fn take_texts(
    target: &mut Metadata,
    questions: &[Question],
    created: &[Question],
    answers: Vec<Answer>,
) {
    let mut answers = answers.into_iter();
    for (question, answer) in questions.iter().zip(&mut answers) {
        question::settle(target, &question.place, answer);
    }
    drop_no_defaults(target);
    for (question, answer) in created.iter().zip(answers) {
        question::say_calls(target, &question.place, &answer);
    }
}

/// Returns the objects that the scratch does not make: those that the role may not, and those that are never
/// temporary if the scratch is.
fn not_made(schema: &ScratchSchema, left_out: &LeftOut, target: &Metadata) -> BTreeSet<ObjectId> {
    let mut objects = left_out.objects();
    if schema.is_temporary {
        let never = target.definitions.keys().filter(|id| is_never_temporary(id));
        objects.extend(never.filter(|id| !left_out.stand_ins().contains(id)).cloned());
    }
    objects
}

/// Takes away the defaults of which the server keeps nothing.
fn drop_no_defaults(target: &mut Metadata) {
    for column in target.tables.values_mut().flat_map(|table| &mut table.columns) {
        column.default.take_if(|default| default.canonical.as_deref() == Some(NO_DEFAULT));
    }
}

/// Tells new extensions which other ones they need. Returns true if none is new.
async fn order_extensions(
    connection: &Connection<'_>,
    database: &Metadata,
    target: &mut Metadata,
) -> Result<bool, DriverError> {
    if target.extensions.keys().all(|name| database.extensions.contains_key(name)) {
        return Ok(true);
    }
    let mut requirements = postgres::requirements(connection).await?;
    for (name, extension) in &mut target.extensions {
        extension.requires = requirements.remove(name).unwrap_or_default();
    }
    Ok(false)
}

/// Returns the questions whose answers count.
fn compared(dialect: Dialect, database: &Metadata, target: &Metadata) -> Vec<Question> {
    let mut questions = question::questions(dialect, database, target, Side::Target);
    questions.extend(question::conversions(dialect, database, target));
    questions.extend(recalled(dialect, database, target));
    questions
}

/// Gives a definition of the target the server's spelling.
fn define(dialect: Dialect, database: &Metadata, target: &mut Metadata, answer: SpeltDefinition) {
    let Some(mut definition) = target.definitions.remove(&answer.declared) else { return };
    take(dialect, &mut definition, &answer.definition);
    definition.id = answer.definition.id;
    if let Some(said) = target.access.remove(&answer.declared) {
        target.access.insert(definition.id.clone(), said);
    }
    let before = database.definitions.get(&definition.id);
    not_null::name(&mut definition, before);
    target.add_definition(definition);
}

/// Reads texts a second time. A text that the server refuses here stays different, because the
/// first reading has reported the invalid texts of the models already.
async fn settle_again(
    place: ScratchPlace<'_>,
    dialect: Dialect,
    database: &Metadata,
    target: &mut Metadata,
) -> Result<(), SpellingError> {
    let changed = changed_calls(database, target);
    let calls = |text: &str| names_one(text, dialect, |word| changed.contains(word));
    let side = |side| {
        let mut asked = question::questions(dialect, database, target, side);
        // The functions of before would be called.
        asked.retain(|question| !question.subject.texts().any(calls));
        asked
    };
    let (ours, theirs) = (side(Side::Target), side(Side::Database));
    let both = [ours.clone(), theirs.clone()].concat();
    let scratch = Scratch::nothing(dialect, Names::new(place.schema, place.default_schema));
    let answers = match spell(place, scratch, &both).await {
        Ok(answers) => answers.texts,
        Err(SpellingError { source: DriverError::Statement(_), .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    let (our_answers, their_answers) = answers.split_at(ours.len());
    for ((our, their), (our_answer, their_answer)) in
        ours.iter().zip(&theirs).zip(our_answers.iter().zip(their_answers))
    {
        if same(our_answer, their_answer) {
            question::settle(target, &our.place, their.subject.as_answer());
        }
    }
    Ok(())
}

fn same(a: &Answer, b: &Answer) -> bool {
    match (a, b) {
        (Answer::Text(a), Answer::Text(b)) => a == b,
        (Answer::Index(a), Answer::Index(b)) => a.same_definition(b),
        (Answer::Text(_), Answer::Index(_)) | (Answer::Index(_), Answer::Text(_)) => false,
    }
}

/// The answers of the server.
#[derive(Default)]
struct Answers {
    /// The answer to each question, in order.
    texts: Vec<Answer>,
    /// The spellings of the definitions in question.
    definitions: Vec<SpeltDefinition>,
    /// The extensions that the objects of the scratch need, as far as the target does not declare them.
    needed: BTreeSet<String>,
}

/// The place of a scratch: the connection, and the schema in the database.
#[derive(Clone, Copy)]
struct ScratchPlace<'a> {
    connection: &'a Connection<'a>,
    schema: &'a ScratchSchema,
    /// The schema of names without a schema.
    default_schema: &'a str,
}

/// Asks the server. Equal questions are asked once.
async fn spell(
    place: ScratchPlace<'_>,
    mut scratch: Scratch,
    questions: &[Question],
) -> Result<Answers, SpellingError> {
    if questions.is_empty() && scratch.is_empty() {
        return Ok(Answers::default());
    }
    let (unique, places) = without_repetitions(questions);
    if place.schema.is_temporary {
        scratch.move_to_temporary_schema();
    }
    for (at, question) in unique.iter().enumerate() {
        scratch.add(at, question);
    }
    let asked = match ask(place, &scratch, &unique, Asking::Together).await {
        // The server has refused one of several texts.
        Err(SpellingError { place: None, source: DriverError::Statement(_) }) => {
            ask(place, &scratch, &unique, Asking::Apart).await
        }
        asked => asked,
    };
    let Answers { texts, definitions, needed } = asked?;
    let named = |(question, place): (&Question, &usize)| match (&question.subject, &texts[*place]) {
        (Subject::Index(asked), Answer::Index(answer)) => {
            let mut answer = answer.clone();
            answer.name.clone_from(&asked.name);
            Answer::Index(answer)
        }
        (_, answer) => answer.clone(),
    };
    let texts = questions.iter().zip(&places).map(named).collect();
    Ok(Answers { texts, definitions, needed })
}

/// Returns the distinct questions, and for each question the index of its distinct one.
fn without_repetitions(questions: &[Question]) -> (Vec<Question>, Vec<usize>) {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut unique = Vec::new();
    let mut places = Vec::with_capacity(questions.len());
    for question in questions {
        let mut question = question.clone();
        if let Subject::Index(index) = &mut question.subject {
            // The spelling does not depend on name and comment.
            index.name.clear();
            index.comment = None;
        }
        let key = format!("{:?}{:?}", question.columns, question.subject);
        let place = *known.entry(key).or_insert(unique.len());
        if place == unique.len() {
            unique.push(question);
        }
        places.push(place);
    }
    (unique, places)
}

/// Asks in a transaction that is rolled back.
async fn ask(
    place: ScratchPlace<'_>,
    scratch: &Scratch,
    questions: &[Question],
    asking: Asking,
) -> Result<Answers, SpellingError> {
    place.connection.run("BEGIN").await?;
    let asked = ask_inside(place, scratch, questions, asking).await;
    place.connection.run("ROLLBACK").await?;
    asked
}

async fn ask_inside(
    place: ScratchPlace<'_>,
    scratch: &Scratch,
    questions: &[Question],
    asking: Asking,
) -> Result<Answers, SpellingError> {
    let ScratchPlace { connection, schema, default_schema } = place;
    let mut statements = scratch.extensions.clone();
    statements.extend(schema.enter(|name| scratch.names.schema_in_scratch(name), scratch.dialect));
    statements.extend(scratch.statements(asking));
    run(connection, scratch, &statements).await?;
    let found = postgres::scratch(connection, &schema.name, default_schema).await?;
    let needed = match scratch.has_undeclared {
        true => undeclared::needed_in(connection, schema).await?,
        false => BTreeSet::new(),
    };
    // A check replaces the function, so that it comes after the reading.
    run(connection, scratch, &scratch.code_checks()).await?;
    let no_trace = |place: &Place| SpellingError {
        place: Some(place.clone()),
        source: DriverError::Row(RowError {
            column: "text".to_owned(),
            problem: "the server kept no trace of the text",
        }),
    };
    let texts = questions.iter().enumerate().map(|(at, question)| {
        // A key is in a partitioned table of its own.
        let is_own = matches!(question.subject, Subject::PartitionKey(_));
        let name = if is_own { object_name(at) } else { table_name(scratch.place(at)) };
        let table = found.tables.get(&QualifiedName::unqualified(name));
        let answer = table.and_then(|table| answer(scratch, table, at, question));
        answer.ok_or_else(|| no_trace(&question.place))
    });
    let texts = texts.collect::<Result<_, _>>()?;
    Ok(Answers { texts, definitions: scratch.answers(&found, no_trace)?, needed })
}

/// Runs statements of a scratch in one round trip.
async fn run(
    connection: &Connection<'_>,
    scratch: &Scratch,
    statements: &[ScratchStatement],
) -> Result<(), SpellingError> {
    let texts: Vec<&str> = statements.iter().map(|statement| statement.sql.as_str()).collect();
    connection.run_all(&texts).await.map_err(|(at, source)| {
        let statement = statements.get(at);
        let place = statement.and_then(|statement| statement.place.clone());
        SpellingError { place, source: without_scratch(source, scratch, statement) }
    })?;
    Ok(())
}

/// Returns an error without the names of tables and schemas that only a scratch has, and with the
/// position in the statement of the object file.
fn without_scratch(
    mut error: DriverError,
    Scratch { names, gone, dialect, .. }: &Scratch,
    statement: Option<&ScratchStatement>,
) -> DriverError {
    let DriverError::Statement(refused) = &mut error else { return error };
    gone.say_missing(refused);
    refused.message = names.original_message(&refused.message);
    for text in [&mut refused.detail, &mut refused.hint].into_iter().flatten() {
        *text = names.original_message(text);
    }
    let position = refused.position.take();
    let declared = statement.zip(position);
    refused.position =
        declared.and_then(|(statement, at)| statement.declared_position(at, *dialect));
    if let Some(statement) = statement {
        refused.message = statement.original(&refused.message);
        refused.detail = refused.detail.as_ref().map(|detail| statement.original(detail));
    }
    if let Some(hint) = &mut refused.hint
        && let Some(at) = hint.find(SCRATCH_TABLE)
        && let Some(dot) = hint[at..].find('.')
    {
        hint.replace_range(at..=at + dot, "");
    }
    error
}

fn answer(scratch: &Scratch, table: &Table, at: usize, question: &Question) -> Option<Answer> {
    let (name, dialect) = (object_name(at), scratch.dialect);
    let constraint = || table.constraints.iter().find(|c| c.name.as_deref() == Some(&name));
    let text = match &question.subject {
        Subject::Type(_) => SqlText::new(table.column(&name)?.sql_type.written.as_str()),
        Subject::Using { expression, .. } => SqlText::new(expression),
        Subject::PartitionKey(_) => table.options.partition_by.clone()?,
        Subject::Piece(_) | Subject::Role { .. } => SqlText::new(""),
        Subject::Default { .. } => match &table.column(&name)?.default {
            Some(default) => default.as_ref().clone(),
            // The server treats DEFAULT NULL as no default.
            None => SqlText::new(NO_DEFAULT),
        },
        Subject::Generated { .. } => table.column(&name)?.generated.as_ref()?.expression.clone(),
        Subject::Check(_) => match &constraint()?.kind {
            ConstraintKind::Check { expression, .. } => expression.clone(),
            _ => return None,
        },
        Subject::Exclusion(_) => match &constraint()?.kind {
            ConstraintKind::Exclusion { definition } => definition.clone(),
            _ => return None,
        },
        Subject::Index(asked) => {
            let mut index = table.index(&name)?.clone();
            index.name.clone_from(&asked.name);
            for key in &mut index.keys {
                if let KeyPart::Expression(text) = &mut key.part {
                    let own = question.over_row(scratch.original_text(&text.written), dialect);
                    text.written = without_parentheses(&own, dialect).to_owned();
                    text.calls = original_calls(scratch, text);
                }
            }
            if let Some(text) = &mut index.predicate {
                text.written = question.over_row(scratch.original_text(&text.written), dialect);
                text.calls = original_calls(scratch, text);
            }
            return Some(Answer::Index(Box::new(index)));
        }
    };
    let written = question.over_row(scratch.original_text(&text.written), dialect);
    let calls = original_calls(scratch, &text);
    Some(Answer::Text(SqlText { written, canonical: None, calls }))
}

/// Returns what the server calls for a text, under the names outside of the scratch.
fn original_calls(scratch: &Scratch, text: &SqlText) -> Option<Vec<ObjectId>> {
    let original = |id: &ObjectId| scratch.names.original_id(id, scratch.dialect);
    text.calls.as_ref().map(|calls| calls.iter().map(original).collect())
}
