//! The temporary objects by which questions are asked.
//!
//! All objects are created in the temporary schema, which is searched first, so the user's objects
//! are not touched. They include new enum types and sequences of the models, tables whose columns
//! change, and the definitions in question under their own names. The temporary schema has no place
//! for a name with a schema. Such an object is called `"schema.name"` there, and texts are
//! rewritten in both directions.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Created, Dialect, Token, created, mentions, significant, tokens};
use aludel_operations::{Object, Operation};
use aludel_schema::{
    Column, ConstraintKind, Definition, EnumType, Extension, Index, Metadata, ObjectId,
    QualifiedName, Table,
};

use super::SpellingError;
use super::place::{Part, Place};
use super::question::{Question, ScratchColumn, Subject};

/// A statement, and the place to blame if the server refuses it.
#[derive(Clone, Debug)]
pub(super) struct ScratchStatement {
    pub(super) sql: String,
    pub(super) place: Option<Place>,
}

/// The temporary objects for one round of questions.
pub(super) struct Scratch {
    pub(super) dialect: Dialect,
    before: Vec<ScratchStatement>,
    /// The definitions in question, and those that they read.
    definitions: Vec<Definition>,
    asked: BTreeSet<ObjectId>,
    /// The tables whose columns differ from those in the database.
    changed: Vec<Table>,
    names: Names,
    tables: Vec<ScratchTable>,
    places: Vec<usize>,
}

/// A temporary table, with columns that several questions share if they agree on the columns.
#[derive(Default)]
struct ScratchTable {
    columns: Vec<ScratchColumn>,
    asked: Vec<ScratchStatement>,
}

impl ScratchTable {
    /// The number of columns that a table may get, well below PostgreSQL's limit of 1,600 (appendix
    /// "PostgreSQL Limits").
    const ROOM: usize = 1000;

    fn takes(&self, question: &Question) -> bool {
        self.columns.len() + self.asked.len() + question.columns.len() < Self::ROOM
            && question.columns.iter().all(|column| {
                let have = self.columns.iter().find(|have| have.name == column.name);
                have.is_none_or(|have| have == column)
            })
    }
}

pub(super) fn table_name(number: usize) -> String {
    format!("aludel_scratch_{number}")
}

pub(super) fn object_name(question: usize) -> String {
    format!("aludel_q{question}")
}

impl Scratch {
    /// Creates a scratch with the objects that questions may rest on and that the database lacks or
    /// has in another form than the target.
    pub(super) fn new(
        dialect: Dialect,
        database: &Metadata,
        target: &Metadata,
        default_schema: &str,
    ) -> Self {
        let mut scratch = Self::nothing(dialect);
        scratch.names.default_schema = default_schema.to_owned();
        let sequences = target.sequences.keys().filter(|n| !database.sequences.contains_key(n));
        sequences.for_each(|name| scratch.sequence(name));
        let extensions = target.extensions.values();
        let extensions = extensions.filter(|e| !database.extensions.contains_key(&e.name));
        extensions.for_each(|extension| scratch.extension(extension));
        let mut new_types = Vec::new();
        for enum_type in target.enums.values() {
            let old = database.enums.get(&enum_type.name);
            if old.is_none_or(|old| old.labels != enum_type.labels) {
                scratch.enum_type(enum_type, old.is_some());
                new_types.push(enum_type.name.name.as_str());
            }
        }
        let is_new = |column: &Column| {
            let sql_type = &column.sql_type.written;
            new_types.iter().any(|name| mentions(sql_type, name, dialect))
        };
        let changed = target.tables.values().filter(|table| {
            let before = database.tables.get(&table.name);
            before.is_none_or(|before| !same_columns(before, table))
                || table.columns.iter().any(is_new)
        });
        scratch.changed = changed.cloned().collect();
        scratch
    }

    /// Creates a scratch for questions that rest on no new objects.
    pub(super) fn nothing(dialect: Dialect) -> Self {
        Self {
            dialect,
            before: Vec::new(),
            definitions: Vec::new(),
            asked: BTreeSet::new(),
            changed: Vec::new(),
            names: Names::default(),
            tables: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Returns true if there are no definitions to ask for.
    pub(super) fn is_empty(&self) -> bool {
        self.definitions.is_empty()
    }

    fn before(&mut self, sql: String) {
        self.before.push(ScratchStatement { sql, place: None });
    }

    fn create(&mut self, object: Object) {
        // All objects created here have a statement.
        let steps = self.dialect.steps(&[Operation::Create(object)]).unwrap_or_default();
        steps.into_iter().flat_map(|step| step.statements).for_each(|sql| self.before(sql));
    }

    /// Adds a sequence. The one behind an identity column may have the name already.
    fn sequence(&mut self, name: &QualifiedName) {
        self.schema(name.schema.as_ref());
        let schema = name.schema.clone().unwrap_or_else(|| "pg_temp".to_owned());
        let name = QualifiedName::new(Some(schema), name.name.clone());
        self.before(format!("CREATE SEQUENCE IF NOT EXISTS {}", self.dialect.quote_name(&name)));
    }

    fn schema(&mut self, name: Option<&String>) {
        if let Some(schema) = name {
            let schema = self.dialect.quote(schema);
            self.before(format!("CREATE SCHEMA IF NOT EXISTS {schema}"));
        }
    }

    fn extension(&mut self, extension: &Extension) {
        self.schema(extension.schema.as_ref());
        self.create(Object::Extension(extension.clone()));
    }

    /// Adds an enum type. One with a schema has to be created in that schema, so an existing type
    /// of the name is renamed first.
    fn enum_type(&mut self, enum_type: &EnumType, is_there: bool) {
        let mut enum_type = enum_type.clone();
        self.schema(enum_type.name.schema.as_ref());
        if enum_type.name.schema.is_none() {
            enum_type.name.schema = Some("pg_temp".to_owned());
        } else if is_there {
            let name = self.dialect.quote_name(&enum_type.name);
            let old = format!("aludel_scratch_old_{}", self.before.len());
            self.before(format!("ALTER TYPE {name} RENAME TO {old}"));
        }
        self.create(Object::Enum(enum_type));
    }

    /// Adds the definitions in question, each after those that it names, and with them the settled
    /// ones that they read: over a changed table, those are other objects than in the database.
    pub(super) fn define(&mut self, asked: &[Definition], target: &Metadata) {
        let mut definitions = asked.to_vec();
        if !self.changed.is_empty() {
            self.add_read(&mut definitions, target);
        }
        self.asked = asked.iter().map(|definition| definition.id.clone()).collect();
        self.definitions = self.in_order(&definitions);
        let named = |table: &Table| {
            let texts = self.definitions.iter().filter_map(|d| d.source.as_deref());
            texts.into_iter().any(|text| mentions(text, &table.name.name, self.dialect))
        };
        let changed = std::mem::take(&mut self.changed);
        self.changed = changed.into_iter().filter(|table| named(table)).collect();
        let ids = self.definitions.iter().map(|definition| &definition.id.name);
        let names: Vec<QualifiedName> =
            ids.chain(self.changed.iter().map(|table| &table.name)).cloned().collect();
        names.into_iter().for_each(|name| self.names.add(name));
    }

    fn add_read(&self, definitions: &mut Vec<Definition>, target: &Metadata) {
        let is_relation = |definition: &&Definition| {
            let facts = self.dialect.kind_facts(definition.id.kind);
            definition.source.is_some() && facts.is_some_and(|facts| !facts.is_type)
        };
        let mut at = 0;
        while let Some(reader) = definitions.get(at).cloned() {
            for read in target.definitions.values().filter(is_relation) {
                let is_new = definitions.iter().all(|known| known.id != read.id);
                if is_new && self.reads(&reader, &read.id.name) {
                    definitions.push(read.clone());
                }
            }
            at += 1;
        }
    }

    /// Returns true if the statement of a definition names an object.
    fn reads(&self, definition: &Definition, name: &QualifiedName) -> bool {
        let text = definition.source.as_deref().unwrap_or_default();
        self.names.named_in(text, name, self.dialect)
    }

    /// Sorts definitions so that each one follows those that its text names. The server will refuse
    /// a cycle.
    fn in_order(&self, definitions: &[Definition]) -> Vec<Definition> {
        let mut left: Vec<&Definition> = definitions.iter().collect();
        let mut out: Vec<Definition> = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let names_another = |definition: &&Definition| {
                let mut others = left.iter().filter(|other| other.id != definition.id);
                others.any(|other| self.reads(definition, &other.id.name))
            };
            let next = left.iter().position(|definition| !names_another(definition)).unwrap_or(0);
            out.push(left.remove(next).clone());
        }
        out
    }

    /// Adds a question.
    pub(super) fn add(&mut self, at: usize, question: &Question) {
        let place =
            self.tables.iter().position(|table| table.takes(question)).unwrap_or_else(|| {
                self.tables.push(ScratchTable::default());
                self.tables.len() - 1
            });
        let sql = self.statement(place, at, &question.subject);
        let table = &mut self.tables[place];
        for column in &question.columns {
            if !table.columns.contains(column) {
                table.columns.push(column.clone());
            }
        }
        table.asked.push(ScratchStatement { sql, place: Some(question.place.clone()) });
        self.places.push(place);
    }

    /// Returns the number of the table that has a question.
    pub(super) fn place(&self, question: usize) -> usize {
        self.places[question]
    }

    /// Returns all statements: first the objects that questions rest on, then types, tables and
    /// views.
    pub(super) fn statements(&self) -> Vec<ScratchStatement> {
        let mut out = self.before.clone();
        let is_type = |definition: &&Definition| {
            self.dialect.kind_facts(definition.id.kind).is_some_and(|facts| facts.is_type)
        };
        let (types, others): (Vec<_>, Vec<_>) = self.definitions.iter().partition(is_type);
        out.extend(types.into_iter().filter_map(|definition| self.definition(definition)));
        for (place, table) in self.tables.iter().enumerate() {
            let columns: Vec<String> = table.columns.iter().map(|c| self.column(c)).collect();
            let sql = format!("CREATE TEMP TABLE {} ({})", table_name(place), columns.join(", "));
            let fault = table.asked.first().and_then(|asked| asked.place.clone());
            out.push(ScratchStatement { sql, place: fault });
            out.extend(table.asked.iter().cloned());
        }
        out.extend(self.changed.iter().map(|table| self.changed_table(table)));
        out.extend(others.into_iter().filter_map(|definition| self.definition(definition)));
        out
    }

    fn column(&self, column: &ScratchColumn) -> String {
        let collation = column.collation.as_ref();
        let collation = collation.map(|c| format!(" COLLATE {}", self.dialect.collation_name(c)));
        format!(
            "{} {}{}",
            self.dialect.quote(&column.name),
            self.names.there(&column.sql_type, self.dialect),
            collation.unwrap_or_default()
        )
    }

    /// Returns the target form of a table, as far as views depend on it: its columns, and the
    /// primary key, by which GROUP BY determines the other columns.
    fn changed_table(&self, table: &Table) -> ScratchStatement {
        let columns = table.columns.iter().map(|c| self.column(&ScratchColumn::of(c)));
        let mut lines: Vec<String> = columns.collect();
        if !table.primary_key().is_empty() {
            let key = self.dialect.quote_list(table.primary_key());
            lines.push(format!("PRIMARY KEY ({key})"));
        }
        let name = self.dialect.quote(&self.names.alias(&table.name));
        let place = Place { object: ObjectId::table(&table.name), part: Part::Whole };
        ScratchStatement {
            sql: format!("CREATE TEMP TABLE {name} ({})", lines.join(", ")),
            place: Some(place),
        }
    }

    fn definition(&self, definition: &Definition) -> Option<ScratchStatement> {
        let source = definition.source.as_deref()?;
        let Created { name, .. } = created(source, self.dialect)?;
        let alias = self.dialect.quote(&self.names.alias(&definition.id.name));
        let (head, tail) = (&source[..name.start], &source[name.end..]);
        let tail = self.names.there(tail, self.dialect);
        let place = Place { object: definition.id.clone(), part: Part::Whole };
        Some(ScratchStatement { sql: format!("{head}pg_temp.{alias}{tail}"), place: Some(place) })
    }

    fn statement(&self, place: usize, at: usize, subject: &Subject) -> String {
        let (table, name) = (format!("pg_temp.{}", table_name(place)), object_name(at));
        let add = format!("ALTER TABLE {table} ADD");
        match subject {
            Subject::Type(sql_type) => {
                format!("{add} COLUMN {name} {}", self.names.there(sql_type, self.dialect))
            }
            Subject::Default { sql_type, expression } => {
                let sql_type = self.names.there(sql_type, self.dialect);
                format!("{add} COLUMN {name} {sql_type} DEFAULT {expression}")
            }
            Subject::Generated { sql_type, expression, stored } => {
                let sql_type = self.names.there(sql_type, self.dialect);
                let kind = if *stored { "STORED" } else { "VIRTUAL" };
                format!("{add} COLUMN {name} {sql_type} GENERATED ALWAYS AS ({expression}) {kind}")
            }
            Subject::Check(expression) => format!("{add} CONSTRAINT {name} CHECK ({expression})"),
            Subject::Exclusion(definition) => {
                format!("{add} CONSTRAINT {name} EXCLUDE {definition}")
            }
            Subject::Index(index) => self.index(place, name, index),
        }
    }

    fn index(&self, place: usize, name: String, index: &Index) -> String {
        let index = Box::new(Index { name, ..index.clone() });
        let table = QualifiedName::new(Some("pg_temp".to_owned()), table_name(place));
        let create = Operation::Create(Object::Index { table, index });
        // CREATE INDEX is a single statement.
        let steps = self.dialect.steps(&[create]).unwrap_or_default();
        steps.into_iter().flat_map(|step| step.statements).collect()
    }

    /// Returns a text of the server with the names that the objects have outside of the scratch.
    pub(super) fn original_text(&self, text: &str) -> String {
        self.names.back(text, self.dialect)
    }

    /// Returns the server's spelling of the definitions, under their own names.
    pub(super) fn answers(
        &self,
        found: &Metadata,
        no_trace: impl Fn(&Place) -> SpellingError,
    ) -> Result<Vec<Definition>, SpellingError> {
        let answer = |asked: &Definition| {
            let alias = QualifiedName::unqualified(self.names.alias(&asked.id.name));
            let answer = found.definitions.get(&ObjectId::new(asked.id.kind, alias));
            let place = Place { object: asked.id.clone(), part: Part::Whole };
            Ok(self.back(answer.ok_or_else(|| no_trace(&place))?.clone(), asked))
        };
        let asked = self.definitions.iter().filter(|d| self.asked.contains(&d.id));
        asked.map(answer).collect()
    }

    fn back(&self, mut answer: Definition, asked: &Definition) -> Definition {
        let text = |text: &mut String| *text = self.names.back(text, self.dialect);
        text(&mut answer.body.written);
        let (alias, own) = (answer.id.name.name.clone(), &asked.id.name.name);
        for clause in &mut answer.clauses {
            text(&mut clause.text.written);
            // The name of an unnamed constraint begins with the name of its object.
            let rest = clause.name.as_ref().and_then(|name| name.strip_prefix(&alias));
            clause.name = rest.map(|rest| format!("{own}{rest}")).or(clause.name.take());
        }
        answer.shape.iter_mut().for_each(|column| text(&mut column.sql_type));
        for id in &mut answer.depends_on {
            match id.table.as_ref().map(|table| self.names.original(table)) {
                Some(table) => *id = ObjectId::within(id.kind, &table, id.name.name.as_str()),
                None => id.name = self.names.original(&id.name),
            }
        }
        answer.id = asked.id.clone();
        answer
    }
}

/// Returns true if views can't distinguish the two tables.
fn same_columns(a: &Table, b: &Table) -> bool {
    let key = |table: &Table| {
        let keys = table.constraints.iter();
        let mut keys = keys.filter(|c| matches!(c.kind, ConstraintKind::PrimaryKey { .. }));
        keys.next().map(|key| key.columns().to_vec())
    };
    let same = |(a, b): (&Column, &Column)| {
        (&a.name, &a.sql_type, &a.collation) == (&b.name, &b.sql_type, &b.collation)
    };
    // A new column is the last one in the database, wherever the struct has it.
    let sorted = |table: &Table| {
        let mut columns = table.columns.to_vec();
        columns.sort_by(|a, b| a.name.cmp(&b.name));
        columns
    };
    a.columns.len() == b.columns.len()
        && sorted(a).iter().zip(&sorted(b)).all(same)
        && key(a) == key(b)
}

/// The names of the objects in a scratch.
#[derive(Default)]
struct Names {
    default_schema: String,
    /// The names of the objects by their aliases.
    originals: BTreeMap<String, QualifiedName>,
}

impl Names {
    fn add(&mut self, name: QualifiedName) {
        self.originals.insert(self.alias(&name), name);
    }

    /// Returns the alias of an object.
    fn alias(&self, name: &QualifiedName) -> String {
        name.to_string()
    }

    /// Returns the name for an alias; a name that is not an alias is returned unchanged.
    fn original(&self, alias: &QualifiedName) -> QualifiedName {
        let known = self.originals.get(&alias.name).filter(|_| alias.schema.is_none());
        known.unwrap_or(alias).clone()
    }

    /// Returns true if a text names an object: with its schema, or without one if that is the
    /// default schema.
    fn named_in(&self, text: &str, name: &QualifiedName, dialect: Dialect) -> bool {
        let all: Vec<Token<'_>> = significant(text, dialect);
        let is = |at: usize, wanted: &str| {
            all.get(at).and_then(Token::identifier).is_some_and(|found| found == wanted)
        };
        let dot = |at: usize| all.get(at).is_some_and(|token| token.is_symbol("."));
        let schema = name.schema.as_deref().unwrap_or(&self.default_schema);
        (0..all.len()).filter(|at| is(*at, &name.name)).any(|at| {
            let qualified = at > 1 && dot(at - 1);
            if qualified { is(at - 2, schema) } else { schema == self.default_schema }
        })
    }

    /// Replaces names with a schema in a text by aliases.
    fn there(&self, text: &str, dialect: Dialect) -> String {
        let all: Vec<Token<'_>> = tokens(text, dialect).collect();
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(token) = all.get(at) {
            let qualified = all.get(at..at + 3).and_then(|three| {
                let dot = three[1].is_symbol(".");
                let (schema, name) = (three[0].identifier()?, three[2].identifier()?);
                let schema = Some(schema).filter(|schema| *schema != self.default_schema);
                let alias = self.alias(&QualifiedName::new(schema, name));
                (dot && self.originals.contains_key(&alias)).then_some(alias)
            });
            match qualified {
                Some(alias) => {
                    out.push_str(&dialect.quote(&alias));
                    at += 3;
                }
                None => {
                    out.push_str(token.text);
                    at += 1;
                }
            }
        }
        out
    }

    /// Replaces aliases in a text by names with a schema.
    fn back(&self, text: &str, dialect: Dialect) -> String {
        let own = |token: Token<'_>| {
            let original = token.identifier().and_then(|name| self.originals.get(&name).cloned());
            match original.filter(|name| name.schema.is_some()) {
                Some(name) => dialect.quote_name(&name),
                None => token.text.to_owned(),
            }
        };
        tokens(text, dialect).map(own).collect()
    }
}
