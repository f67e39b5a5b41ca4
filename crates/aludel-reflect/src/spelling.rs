//! How the server itself spells an expression, an index or a type.
//!
//! Two texts may mean the same: `amount >= 0` is `amount >= (0)::numeric` to the catalogue. Instead
//! of guessing, the text is given to the server, as a default, check or index of a temporary table,
//! and read back. Everything happens in one transaction that is rolled back.

use std::collections::BTreeMap;

use aludel_dialect::{Answer, Dialect, Question, Subject, collation_name, without_parentheses};
use aludel_driver::{Connection, DriverError};
use aludel_operations::Operation;
use aludel_schema::{ConstraintKind, EnumType, Extension, KeyPart, QualifiedName, Table};

use crate::postgres;

/// A text that the server refuses.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct SpellError {
    /// Which question it was; `None` if the preparation failed.
    pub question: Option<usize>,
    /// What the server said.
    pub source: DriverError,
}

impl From<DriverError> for SpellError {
    fn from(source: DriverError) -> Self {
        Self { question: None, source }
    }
}

/// What has to exist for the questions to make sense, and does not yet.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Extensions that the models add.
    pub extensions: Vec<Extension>,
    /// Enum types that the models add or change.
    pub enums: Vec<EnumType>,
    /// Those of them that are there already, in a schema of their own.
    pub replaced: Vec<QualifiedName>,
    /// Sequences that the models add.
    pub sequences: Vec<QualifiedName>,
}

/// Asks the server; one answer a question, in order. The same question is asked once.
pub async fn spell(
    connection: &Connection,
    surroundings: &Surroundings,
    questions: &[Question],
) -> Result<Vec<Answer>, SpellError> {
    if questions.is_empty() {
        return Ok(Vec::new());
    }
    let (unique, places) = without_repetitions(questions);
    connection.run("BEGIN").await?;
    let asked = ask(connection, surroundings, &unique).await;
    connection.run("ROLLBACK").await?;
    let answers = asked.map_err(|error| SpellError {
        question: error.question.and_then(|at| places.iter().position(|place| *place == at)),
        source: error.source,
    })?;
    let named = |(question, place): (&Question, &usize)| match (&question.subject, &answers[*place])
    {
        (Subject::Index(asked), Answer::Index(answer)) => {
            let mut answer = answer.clone();
            answer.name.clone_from(&asked.name);
            Answer::Index(answer)
        }
        (_, answer) => answer.clone(),
    };
    Ok(questions.iter().zip(&places).map(named).collect())
}

/// Each question once, and for every question which of those it is.
fn without_repetitions(questions: &[Question]) -> (Vec<Question>, Vec<usize>) {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut unique = Vec::new();
    let mut places = Vec::with_capacity(questions.len());
    for question in questions {
        let mut question = question.clone();
        if let Subject::Index(index) = &mut question.subject {
            // Neither name nor comment has a say in how it is spelt.
            index.name.clear();
            index.comment = None;
        }
        let place = *known.entry(format!("{question:?}")).or_insert(unique.len());
        if place == unique.len() {
            unique.push(question);
        }
        places.push(place);
    }
    (unique, places)
}

async fn ask(
    connection: &Connection,
    surroundings: &Surroundings,
    questions: &[Question],
) -> Result<Vec<Answer>, SpellError> {
    let mut script = Script::default();
    script.prepare(surroundings);
    for (at, question) in questions.iter().enumerate() {
        script.add(at, question);
    }
    let statements = script.statements();
    let texts: Vec<&str> = statements.iter().map(|(_, sql)| sql.as_str()).collect();
    connection.run_all(&texts).await.map_err(|(at, source)| SpellError {
        question: statements.get(at).and_then(|s| s.0),
        source,
    })?;
    let tables = postgres::temporary_tables(connection).await?;
    questions
        .iter()
        .enumerate()
        .map(|(at, question)| {
            let place = script.places[at];
            let table = tables.get(&QualifiedName::unqualified(table_name(place)));
            table.and_then(|table| answer(table, at, question)).ok_or_else(|| SpellError {
                question: Some(at),
                source: DriverError::Lost("the server kept no trace of the text".to_owned()),
            })
        })
        .collect()
}

fn table_name(number: usize) -> String {
    format!("aludel_scratch_{number}")
}

fn object_name(question: usize) -> String {
    format!("aludel_q{question}")
}

/// The temporary tables, each with columns that questions share as long as they agree on them.
#[derive(Default)]
struct Script {
    before: Vec<String>,
    tables: Vec<Scratch>,
    places: Vec<usize>,
}

#[derive(Default)]
struct Scratch {
    columns: Vec<(String, String, Option<String>)>,
    asked: Vec<(usize, String)>,
}

impl Scratch {
    /// PostgreSQL allows 1,600 columns in a table.
    const ROOM: usize = 1000;

    fn takes(&self, question: &Question) -> bool {
        self.columns.len() + self.asked.len() + question.columns.len() < Self::ROOM
            && question.columns.iter().all(|column| {
                self.columns
                    .iter()
                    .find(|have| have.0 == column.0)
                    .is_none_or(|have| have == column)
            })
    }
}

impl Script {
    /// Types go to the temporary schema, which is searched first, so nothing of the user's is
    /// touched; those of a named schema can only be made there.
    fn prepare(&mut self, surroundings: &Surroundings) {
        let render = |operation: Operation| {
            Dialect::Postgres.render(&[operation]).into_iter().map(|s| s.sql)
        };
        let quote = |name: &QualifiedName| Dialect::Postgres.quote_name(name);
        for name in &surroundings.sequences {
            let schema = name.schema.clone().unwrap_or_else(|| "pg_temp".to_owned());
            let name = QualifiedName::new(Some(schema), name.name.clone());
            self.before.push(format!("CREATE SEQUENCE {}", quote(&name)));
        }
        for extension in &surroundings.extensions {
            if let Some(schema) = &extension.schema {
                self.before.push(format!(
                    "CREATE SCHEMA IF NOT EXISTS {}",
                    Dialect::Postgres.quote(schema)
                ));
            }
            self.before.extend(render(Operation::CreateExtension { extension: extension.clone() }));
        }
        for enum_type in &surroundings.enums {
            let mut enum_type = enum_type.clone();
            if let Some(schema) = &enum_type.name.schema {
                self.before.push(format!(
                    "CREATE SCHEMA IF NOT EXISTS {}",
                    Dialect::Postgres.quote(schema)
                ));
            } else {
                enum_type.name.schema = Some("pg_temp".to_owned());
            }
            if surroundings.replaced.contains(&enum_type.name) {
                let name = quote(&enum_type.name);
                let old = format!("aludel_scratch_old_{}", self.before.len());
                self.before.push(format!("ALTER TYPE {name} RENAME TO {old}"));
            }
            self.before.extend(render(Operation::CreateEnum { enum_type }));
        }
    }

    fn add(&mut self, at: usize, question: &Question) {
        let place =
            self.tables.iter().position(|table| table.takes(question)).unwrap_or_else(|| {
                self.tables.push(Scratch::default());
                self.tables.len() - 1
            });
        let table = &mut self.tables[place];
        for column in &question.columns {
            if !table.columns.contains(column) {
                table.columns.push(column.clone());
            }
        }
        table.asked.push((at, statement(place, at, &question.subject)));
        self.places.push(place);
    }

    fn statements(&self) -> Vec<(Option<usize>, String)> {
        let mut out: Vec<(Option<usize>, String)> =
            self.before.iter().map(|sql| (None, sql.clone())).collect();
        for (place, table) in self.tables.iter().enumerate() {
            let columns: Vec<String> = table
                .columns
                .iter()
                .map(|(name, sql_type, collation)| {
                    let collation =
                        collation.as_ref().map(|c| format!(" COLLATE {}", collation_name(c)));
                    format!(
                        "{} {sql_type}{}",
                        Dialect::Postgres.quote(name),
                        collation.unwrap_or_default()
                    )
                })
                .collect();
            let first = table.asked.first().map(|(at, _)| *at);
            out.push((
                first,
                format!("CREATE TEMP TABLE {} ({})", table_name(place), columns.join(", ")),
            ));
            out.extend(table.asked.iter().map(|(at, sql)| (Some(*at), sql.clone())));
        }
        out
    }
}

fn statement(place: usize, at: usize, subject: &Subject) -> String {
    let (table, name) = (format!("pg_temp.{}", table_name(place)), object_name(at));
    let add = format!("ALTER TABLE {table} ADD");
    match subject {
        Subject::Type(sql_type) => format!("{add} COLUMN {name} {sql_type}"),
        Subject::Default { sql_type, expression } => {
            format!("{add} COLUMN {name} {sql_type} DEFAULT {expression}")
        }
        Subject::Generated { sql_type, expression, stored } => {
            let kind = if *stored { "STORED" } else { "VIRTUAL" };
            format!("{add} COLUMN {name} {sql_type} GENERATED ALWAYS AS ({expression}) {kind}")
        }
        Subject::Check(expression) => format!("{add} CONSTRAINT {name} CHECK ({expression})"),
        Subject::Exclusion(definition) => format!("{add} CONSTRAINT {name} EXCLUDE {definition}"),
        Subject::Index(index) => {
            let mut index = index.clone();
            index.name = name;
            let table = QualifiedName::new(Some("pg_temp".to_owned()), table_name(place));
            let statements = Dialect::Postgres.render(&[Operation::CreateIndex { table, index }]);
            statements.into_iter().map(|statement| statement.sql).collect()
        }
    }
}

fn answer(table: &Table, at: usize, question: &Question) -> Option<Answer> {
    let name = object_name(at);
    let constraint = || table.constraints.iter().find(|c| c.name.as_deref() == Some(&name));
    let text = match &question.subject {
        Subject::Type(_) => table.column(&name)?.sql_type.written.clone(),
        Subject::Default { expression, .. } => match &table.column(&name)?.default {
            Some(default) => default.written.clone(),
            // DEFAULT NULL is no default to the server.
            None => expression.clone(),
        },
        Subject::Generated { .. } => {
            table.column(&name)?.generated.as_ref()?.expression.written.clone()
        }
        Subject::Check(_) => match &constraint()?.kind {
            ConstraintKind::Check { expression, .. } => expression.written.clone(),
            _ => return None,
        },
        Subject::Exclusion(_) => match &constraint()?.kind {
            ConstraintKind::Exclusion { definition } => definition.written.clone(),
            _ => return None,
        },
        Subject::Index(asked) => {
            let mut index = table.index(&name)?.clone();
            index.name.clone_from(&asked.name);
            for key in &mut index.keys {
                if let KeyPart::Expression(text) = &mut key.part {
                    text.written = without_parentheses(&text.written, Dialect::Postgres).to_owned();
                }
            }
            return Some(Answer::Index(Box::new(index)));
        }
    };
    Some(Answer::Text(text))
}
