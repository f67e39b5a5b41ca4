//! The temporary objects by which questions are asked.
//!
//! All objects are created in schemas of their own, one of which is searched first. They include new
//! enum types and sequences of the models, tables whose columns change, tables to which a definition
//! in question belongs, and the definitions in question. Tables and views of the user are not touched;
//! a function or type that goes gets another name in the transaction.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Dialect, as_default, mentions, without_rows};
use aludel_operations::{Object, Operation};
use aludel_schema::{
    Column, Definition, EnumType, Extension, Index, Kind, Metadata, ObjectId, QualifiedName, Table,
};

use super::DatabaseSide;
use super::create::{as_table, on_index_in, or_replace, with_schema};
use super::gone::Gone;
use super::items::{Item, in_order, same_columns};
use super::names::Names;
use super::numbered::{object_name, piece_prefix, table_name};
use super::piece::PIECE;
use super::place::{Part, Place};
use super::question::{Question, ScratchColumn, Subject};
use super::scratch_table::{Asked, ScratchTable};
use super::statement::{ScratchStatement, StandIns};
use super::upserts::{has_new_key, upserts};

/// The temporary objects for one round of questions.
pub(super) struct Scratch {
    pub(super) dialect: Dialect,
    /// The statements that create new extensions, in the schemas where they will be.
    pub(super) extensions: Vec<ScratchStatement>,
    /// The statements that take the names from objects that go.
    pub(super) hidden: Vec<ScratchStatement>,
    before: Vec<ScratchStatement>,
    /// The enums that the database lacks or has with other labels.
    pub(super) enums: Vec<QualifiedName>,
    /// The definitions in question, and those that they read.
    pub(super) definitions: Vec<Definition>,
    pub(super) asked: BTreeSet<ObjectId>,
    /// The definitions of the database beside which the scratch can't have another object of their
    /// name: those that no schema holds, operators, and those that go.
    pub(super) in_the_way: BTreeMap<ObjectId, Definition>,
    /// The columns of the tables of the database, in order.
    columns: BTreeMap<QualifiedName, Vec<String>>,
    /// The tables whose columns differ from those in the database.
    pub(super) changed: Vec<Table>,
    /// The tables among them that inherit from each other in the scratch.
    pub(super) published: BTreeSet<QualifiedName>,
    /// The sequences of the new identity columns of the target, which only a few texts name.
    pub(super) counters: Vec<QualifiedName>,
    pub(super) names: Names,
    /// The functions whose code is read with more schemas in the search path.
    pub(super) wide: BTreeSet<ObjectId>,
    /// The schemas that hold the objects of extensions, which such code may name as well.
    pub(super) of_extensions: BTreeSet<String>,
    /// The names that the code of definitions can't use afterwards.
    pub(super) gone: Gone,
    /// True if the database has extensions that the target lacks.
    pub(super) has_undeclared: bool,
    tables: Vec<ScratchTable>,
    places: Vec<usize>,
}

/// The form in which the questions about a table are put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    /// As one statement, as far as possible. A refusal says nothing about the place.
    Together,
    /// As a statement for each question.
    Apart,
}

impl Scratch {
    /// Creates a scratch with the objects that questions may rest on and that the database lacks or
    /// has in another form than the target.
    ///
    /// `renamed` is the database under the names of the target.
    pub(super) fn new(
        dialect: Dialect,
        DatabaseSide { live: database, renamed }: DatabaseSide<'_>,
        target: &Metadata,
        names: Names,
    ) -> Self {
        let mut scratch = Self::nothing(dialect, names);
        let columns = |table: &Table| table.columns.iter().map(|own| own.name.clone()).collect();
        let tables = renamed.tables.values();
        scratch.columns = tables.map(|table| (table.name.clone(), columns(table))).collect();
        let sequences = target.sequences.keys().filter(|n| !database.sequences.contains_key(n));
        sequences.for_each(|name| scratch.sequence(name));
        let there: BTreeSet<QualifiedName> = database.counters().collect();
        scratch.counters = target.counters().filter(|name| !there.contains(name)).collect();
        let schemas = target.extensions.values().filter_map(|own| own.schema.clone());
        scratch.of_extensions = schemas.collect();
        let extensions = target.extensions.values();
        let extensions = extensions.filter(|e| !database.extensions.contains_key(&e.name));
        let mut extensions: Vec<&Extension> = extensions.collect();
        extensions.sort_by_key(|extension| target.extensions_below(&extension.name).len());
        extensions.into_iter().for_each(|extension| scratch.extension(extension));
        for (name, moved) in &renamed.extensions {
            if database.extensions.get(name).is_some_and(|own| own.schema != moved.schema) {
                scratch.moved_extension(moved);
            }
        }
        if target.definitions.keys().any(|id| id.kind == Kind::Publication) {
            // A publication of all tables of a schema names nothing else.
            let new = target.schemas.difference(&database.schemas);
            new.for_each(|name| scratch.schema(Some(name)));
        }
        for enum_type in target.enums.values() {
            let old = database.enums.get(&enum_type.name);
            if old.is_none_or(|old| old.labels != enum_type.labels) {
                scratch.enum_type(enum_type);
            }
        }
        let of_new = |sql_type: &str, own: &QualifiedName| mentions(sql_type, &own.name, dialect);
        let is_new =
            |column: &Column| scratch.enums.iter().any(|own| of_new(&column.sql_type.written, own));
        let upserts: Vec<&str> = upserts(target.definitions.values()).collect();
        let changed = target.tables.values().filter(|table| {
            let before = database.tables.get(&table.name);
            before.is_none_or(|before| {
                !same_columns(before, table) || has_new_key(before, table, &upserts)
            }) || table.columns.iter().any(is_new)
        });
        let changed = changed.map(|table| scratch.in_place(table)).collect();
        scratch.changed = changed;
        let is_in_the_way = |id: &ObjectId| {
            // The commutator of an operator may be the operator itself, of which there must be one.
            id.kind.has_no_schema() || (id.kind == Kind::Operator && id.name.schema.is_none())
        };
        let others = database.definitions.values().filter(|own| is_in_the_way(&own.id));
        scratch.in_the_way = others.map(|d| (d.id.clone(), d.clone())).collect();
        scratch.hide(database, renamed, target);
        scratch
    }

    /// Creates a scratch for questions that rest on no new objects.
    pub(super) fn nothing(dialect: Dialect, names: Names) -> Self {
        Self {
            dialect,
            extensions: Vec::new(),
            hidden: Vec::new(),
            before: Vec::new(),
            enums: Vec::new(),
            definitions: Vec::new(),
            asked: BTreeSet::new(),
            in_the_way: BTreeMap::new(),
            columns: BTreeMap::new(),
            changed: Vec::new(),
            published: BTreeSet::new(),
            counters: Vec::new(),
            names,
            wide: BTreeSet::new(),
            of_extensions: BTreeSet::new(),
            gone: Gone::default(),
            has_undeclared: false,
            tables: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Returns a table with its columns in the order that the database will have: a new one comes last.
    /// `SELECT *` depends on that.
    pub(super) fn in_place(&self, table: &Table) -> Table {
        let mut table = table.clone();
        if let Some(there) = self.columns.get(&table.name) {
            let place = |column: &Column| there.iter().position(|name| *name == column.name);
            table.columns.sort_by_key(|column| place(column).unwrap_or(usize::MAX));
        }
        table
    }

    /// Returns true if there are no definitions and no extensions to ask for.
    pub(super) fn is_empty(&self) -> bool {
        self.definitions.is_empty() && self.extensions.is_empty()
    }

    fn before(&mut self, object: ObjectId, sql: String) {
        let place = Some(Place { object, part: Part::Whole });
        self.before.push(ScratchStatement::new(sql, place));
    }

    fn create(&mut self, id: &ObjectId, object: Object) {
        let statements = self.statements_of(&[Operation::Create(object)]).into_iter();
        statements.for_each(|sql| self.before(id.clone(), sql));
    }

    /// Adds a sequence. The one behind an identity column may have the name already.
    pub(super) fn sequence(&mut self, name: &QualifiedName) {
        self.schema(name.schema.as_ref());
        let create = format!("CREATE SEQUENCE IF NOT EXISTS {}", self.dialect.quote_name(name));
        self.before(ObjectId::new(Kind::Sequence, name.clone()), create);
    }

    /// Adds a sequence that stands for one of the database.
    pub(super) fn stand_in_sequence(&mut self, name: &QualifiedName) {
        self.names.add(name.clone());
        let there = self.dialect.quote_name(&self.names.in_scratch(name));
        let create = format!("CREATE SEQUENCE IF NOT EXISTS {there}");
        self.before(ObjectId::new(Kind::Sequence, name.clone()), create);
    }

    fn schema(&mut self, name: Option<&String>) {
        if let Some(schema) = name {
            let id = ObjectId::new(Kind::Schema, QualifiedName::unqualified(schema.as_str()));
            let schema = self.dialect.quote(schema);
            self.before(id, format!("CREATE SCHEMA IF NOT EXISTS {schema}"));
        }
    }

    fn extension(&mut self, extension: &Extension) {
        let before = std::mem::take(&mut self.before);
        self.schema(extension.schema.as_ref());
        self.create(&extension.id(), Object::Extension(extension.clone()));
        self.extensions.extend(std::mem::replace(&mut self.before, before));
    }

    /// Adds the move of an extension to its new schema, where the texts of the target name its objects.
    fn moved_extension(&mut self, extension: &Extension) {
        let before = std::mem::take(&mut self.before);
        self.schema(extension.schema.as_ref());
        let default = self.names.default_schema().to_owned();
        let schema = self.dialect.quote(extension.schema.as_ref().unwrap_or(&default));
        let name = self.dialect.quote(&extension.name);
        self.before(extension.id(), format!("ALTER EXTENSION {name} SET SCHEMA {schema}"));
        self.extensions.extend(std::mem::replace(&mut self.before, before));
    }

    pub(super) fn enum_type(&mut self, enum_type: &EnumType) {
        self.names.add(enum_type.name.clone());
        self.enums.push(enum_type.name.clone());
        let name = self.names.in_scratch(&enum_type.name);
        let id = ObjectId::new(Kind::Enum, enum_type.name.clone());
        self.create(&id, Object::Enum(EnumType { name, ..enum_type.clone() }));
    }

    /// Takes out what the role may not create.
    pub(super) fn leave_out(&mut self, objects: &BTreeSet<ObjectId>) {
        let is_made = |id: &ObjectId| !objects.contains(id);
        for statements in [&mut self.extensions, &mut self.before] {
            statements.retain(|s| s.place.as_ref().is_none_or(|place| is_made(&place.object)));
        }
        self.changed.retain(|table| is_made(&ObjectId::table(&table.name)));
        self.definitions.retain(|definition| is_made(&definition.id));
        self.asked.retain(is_made);
    }

    /// Makes these objects only for others to rest on.
    pub(super) fn ask_not(&mut self, objects: &BTreeSet<ObjectId>) {
        self.asked.retain(|id| !objects.contains(id));
    }

    /// Prepares the scratch for the temporary schema, which has to be stated where functions are called.
    pub(super) fn move_to_temporary_schema(&mut self) {
        let kinds = [Kind::Function, Kind::Procedure, Kind::Aggregate];
        let is_called = |kind: Kind| kinds.contains(&kind);
        let functions = self.definitions.iter().map(|own| &own.id);
        let functions = functions.filter(|id| is_called(id.kind) && id.name.schema.is_none());
        let names = functions.map(|id| id.name.name.clone()).collect();
        self.names.call_in_temporary_schema(names);
    }

    /// Adds a question.
    pub(super) fn add(&mut self, at: usize, question: &Question) {
        let place =
            self.tables.iter().position(|table| table.takes(question)).unwrap_or_else(|| {
                self.tables.push(ScratchTable::default());
                self.tables.len() - 1
            });
        let subject = question.over_columns(self.dialect);
        let line = self.line(at, &subject);
        let alone = self.alone(place, at, &subject, line.as_deref());
        let stand_ins = match &question.subject {
            Subject::Piece(piece) => {
                Some(StandIns { prefix: piece_prefix(at), names: piece.names.clone() })
            }
            _ => None,
        };
        let alone = alone.into_iter().map(|sql| {
            let sql = self.names.there(&sql, self.dialect);
            let statement = ScratchStatement::new(sql, Some(question.place.clone()));
            ScratchStatement { stand_ins: stand_ins.clone(), ..statement }
        });
        let alone = alone.collect();
        let line = line.map(|line| self.names.there(&line, self.dialect));
        let table = &mut self.tables[place];
        for column in &question.columns {
            if !table.columns.contains(column) {
                table.add(column.clone(), question.place.type_of(&column.name));
            }
        }
        if let Subject::Using { sql_type, .. } = &question.subject {
            let (name, sql_type) = (object_name(at), sql_type.clone());
            let column = ScratchColumn { name, sql_type, collation: None };
            table.add(column, question.place.clone());
        }
        table.asked.push(Asked { line, alone });
        self.places.push(place);
    }

    /// Returns the number of the table that has a question.
    pub(super) fn place(&self, question: usize) -> usize {
        self.places[question]
    }

    /// Returns all statements: the objects that questions rest on, definitions and tables, questions.
    pub(super) fn statements(&self, asking: Asking) -> Vec<ScratchStatement> {
        let schemas = self.names.stand_ins().map(|schema| {
            let create = format!("CREATE SCHEMA {}", self.dialect.quote(&schema));
            ScratchStatement::new(create, None)
        });
        let mut out: Vec<ScratchStatement> = schemas.collect();
        out.extend([self.hidden.as_slice(), self.before.as_slice()].concat());
        let tables = self.changed.iter().map(Item::Table);
        let items = tables.chain(self.definitions.iter().map(Item::Definition));
        let items = in_order(items, self.names.default_schema(), self.dialect);
        let (last, items): (Vec<&Item<'_>>, Vec<&Item<'_>>) =
            items.iter().partition(|item| item.is_event_trigger());
        out.extend(items.iter().flat_map(|item| self.item(**item)));
        out.extend(items.iter().flat_map(|item| self.trigger_states(**item)));
        for (place, table) in self.tables.iter().enumerate() {
            out.extend(self.scratch_table(place, table, asking));
        }
        out.extend(self.with_code().filter_map(|(definition, source)| {
            let source = self.said(definition, source);
            let own = self.names.there(&source, self.dialect);
            let runs = self.names.there_in_code(&source, self.dialect) == own;
            (!runs).then(|| ScratchStatement::of(definition, or_replace(&own, self.dialect)))
        }));
        out.extend(last.into_iter().flat_map(|item| self.item(*item)));
        out
    }

    /// Returns the statements for a table of questions. If they are asked apart, each column is added
    /// apart, too, so that a type that is refused is told from the questions.
    fn scratch_table(
        &self,
        place: usize,
        table: &ScratchTable,
        asking: Asking,
    ) -> Vec<ScratchStatement> {
        let is_line = |asked: &&Asked| asking == Asking::Together && asked.line.is_some();
        let (inside, behind): (Vec<&Asked>, Vec<&Asked>) = table.asked.iter().partition(is_line);
        let columns = table.columns.iter().map(|column| self.column(column));
        let name = table_name(place);
        let mut statements: Vec<ScratchStatement> = match asking {
            Asking::Together => {
                let lines = inside.iter().filter_map(|asked| asked.line.clone());
                let lines: Vec<String> = columns.chain(lines).collect();
                let sql = format!("CREATE TABLE {name} ({})", lines.join(", "));
                vec![ScratchStatement::new(sql, None)]
            }
            Asking::Apart => {
                let create = ScratchStatement::new(format!("CREATE TABLE {name} ()"), None);
                let add = |(column, place): (String, &Place)| {
                    let sql = format!("ALTER TABLE {name} ADD {column}");
                    ScratchStatement::new(sql, Some(place.clone()))
                };
                std::iter::once(create).chain(columns.zip(&table.places).map(add)).collect()
            }
        };
        statements.extend(behind.iter().flat_map(|asked| asked.alone.clone()));
        statements
    }

    fn item(&self, item: Item<'_>) -> Vec<ScratchStatement> {
        match item {
            Item::Table(table) => self.with_storage(self.changed_table(table), table),
            Item::Definition(definition) => self.definition(definition),
        }
    }

    /// Returns the definitions that have code, with their statements.
    pub(super) fn with_code(&self) -> impl Iterator<Item = (&Definition, &str)> {
        let with_code = self.definitions.iter().filter(|definition| self.has_code(definition));
        with_code.filter_map(|definition| Some((definition, definition.source.as_deref()?)))
    }

    /// Returns a statement about a definition. It states the default schema if that is a part of the name.
    pub(super) fn said<'s>(&self, definition: &Definition, sql: &'s str) -> Cow<'s, str> {
        let name = &definition.id.name;
        match name.schema.as_deref() == Some(self.names.default_schema()) {
            true => with_schema(sql, name, self.dialect),
            false => Cow::Borrowed(sql),
        }
    }

    fn has_code(&self, definition: &Definition) -> bool {
        self.dialect.kind_facts(definition.id.kind).is_some_and(|facts| facts.has_code)
    }

    pub(super) fn column(&self, column: &ScratchColumn) -> String {
        let collation = column.collation.as_ref();
        let collation = collation.map(|c| format!(" COLLATE {}", self.dialect.collation_name(c)));
        let sql_type = format!("{}{}", column.sql_type, collation.unwrap_or_default());
        let name = self.dialect.quote(&column.name);
        format!("{name} {}", self.names.there(&sql_type, self.dialect))
    }

    /// Returns the statements of a definition. An object that no schema holds gives way first.
    ///
    /// The code of a function leads to the scratch for now, because an index that is made runs it.
    fn definition(&self, definition: &Definition) -> Vec<ScratchStatement> {
        let giving_way = self.giving_way(&definition.id).into_iter();
        let giving_way = giving_way.map(|sql| ScratchStatement::of(definition, sql));
        let made =
            self.declared(definition).filter(|made| !self.is_trigger_state(definition, made));
        giving_way.chain(made).collect()
    }

    /// Returns the statements of object files for a definition.
    pub(super) fn declared(
        &self,
        definition: &Definition,
    ) -> impl Iterator<Item = ScratchStatement> {
        let there = |text: &str| self.names.there(text, self.dialect);
        let parts = std::iter::once(Part::Whole).chain((0..).map(Part::Attribute));
        let is_table = self.names.are_temporary() && definition.id.kind == Kind::MaterializedView;
        let attributes = definition.attributes.iter().filter(move |_| !is_table);
        let declared = definition.source.iter().chain(attributes);
        declared.zip(parts).map(move |(text, part)| {
            let said = self.said(definition, text);
            let sql = match definition.id.kind {
                _ if self.has_code(definition) => self.names.there_in_code(&said, self.dialect),
                Kind::Aggregate | Kind::RangeType => {
                    self.names.there_in_parameters(&said, self.dialect)
                }
                Kind::MaterializedView if is_table => as_table(&there(&said), self.dialect),
                Kind::MaterializedView => without_rows(&there(&said), self.dialect),
                Kind::Partition => {
                    let table = self.names.in_scratch(&definition.id.name);
                    let comment = on_index_in(text, table.schema.as_deref(), self.dialect);
                    comment.unwrap_or_else(|| there(&said))
                }
                _ => there(&said),
            };
            let place = Place { object: definition.id.clone(), part };
            let declared = Some(text.clone());
            ScratchStatement { declared, ..ScratchStatement::new(sql, Some(place)) }
        })
    }

    /// Returns the part of a CREATE TABLE that asks a question; `None` if there is none.
    fn line(&self, at: usize, subject: &Subject) -> Option<String> {
        let name = object_name(at);
        match subject {
            Subject::Type(sql_type) => Some(format!("{name} {sql_type}")),
            // A line is not evaluated.
            Subject::Default { evaluated: true, .. } => None,
            Subject::Default { sql_type, expression, evaluated: false } => {
                let default = as_default(expression, self.dialect);
                Some(format!("{name} {sql_type} DEFAULT {default}"))
            }
            Subject::Generated { sql_type, expression, stored } => {
                let kind = if *stored { "STORED" } else { "VIRTUAL" };
                Some(format!("{name} {sql_type} GENERATED ALWAYS AS ({expression}) {kind}"))
            }
            Subject::Check(expression) => Some(format!("CONSTRAINT {name} CHECK ({expression})")),
            Subject::Exclusion(definition) => {
                Some(format!("CONSTRAINT {name} EXCLUDE {definition}"))
            }
            Subject::Using { .. }
            | Subject::Index(_)
            | Subject::PartitionKey(_)
            | Subject::Piece(_)
            | Subject::Role { .. } => None,
        }
    }

    /// Returns the statements that ask a question on their own.
    fn alone(&self, place: usize, at: usize, subject: &Subject, line: Option<&str>) -> Vec<String> {
        let (table, name) = (table_name(place), object_name(at));
        match subject {
            Subject::Default { sql_type, expression, evaluated } => {
                let default = as_default(expression, self.dialect);
                let add = format!("ALTER TABLE {table} ADD {name} {sql_type}");
                vec![match evaluated {
                    true => format!("{add} DEFAULT {default}"),
                    false => format!("{add}, ALTER {name} SET DEFAULT {default}"),
                }]
            }
            Subject::Using { sql_type, expression } => {
                vec![format!("ALTER TABLE {table} ALTER {name} TYPE {sql_type} USING {expression}")]
            }
            Subject::Index(index) => {
                let index = Box::new(Index { name, ..(**index).clone() });
                let table = QualifiedName::unqualified(table);
                self.statements_of(&[Operation::Create(Object::Index { table, index })])
            }
            Subject::PartitionKey(key) => {
                vec![format!("CREATE TABLE {name} (LIKE {table}) PARTITION BY {key}")]
            }
            Subject::Piece(piece) => {
                let piece =
                    if self.names.are_temporary() { piece.temporary() } else { piece.clone() };
                let own = piece_prefix(at);
                let statements = self.statements_of(&piece.operations).into_iter();
                statements.map(|sql| sql.replace(PIECE, &own)).collect()
            }
            Subject::Role { name, is_superuser } => vec![self.role(name, *is_superuser)],
            Subject::Type(_)
            | Subject::Generated { .. }
            | Subject::Check(_)
            | Subject::Exclusion(_) => {
                vec![format!("ALTER TABLE {table} ADD {}", line.unwrap_or_default())]
            }
        }
    }

    /// Returns the statement that asks for a role.
    fn role(&self, name: &str, is_superuser: bool) -> String {
        let role = self.dialect.literal(&self.dialect.quote(name));
        if !is_superuser {
            return format!("SELECT CAST({role} AS regrole)");
        }
        let refusal =
            format!("RAISE EXCEPTION 'the owner must be a superuser, and % is none', {role}");
        let is_one = format!("SELECT rolsuper FROM pg_roles WHERE oid = {role}::regrole");
        let code = format!("BEGIN IF NOT ({is_one}) THEN {refusal}; END IF; END");
        format!("DO {}", self.dialect.literal(&code))
    }

    pub(super) fn statements_of(&self, operations: &[Operation]) -> Vec<String> {
        // All operations on questions have statements.
        let steps = self.dialect.steps(operations).unwrap_or_default();
        steps.into_iter().flat_map(|step| step.statements).collect()
    }

    /// Returns a text of the server with the names that the objects have outside of the scratch.
    pub(super) fn original_text(&self, text: &str) -> String {
        self.names.back(text, self.dialect)
    }
}
