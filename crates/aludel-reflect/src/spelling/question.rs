//! Questions: texts that differ but may have the same meaning.

use aludel_dialect::{
    Dialect, column_as_row, is_null, mentions, name_columns, row_as_column, without_table,
};
use aludel_operations::{Object, Operation};
use aludel_schema::{
    Column, Constraint, ConstraintKind, Index, IndexSettings, KeyPart, Kind, Metadata, ObjectId,
    SqlText, Table,
};

use super::piece::Piece;
use super::place::{Part, Place};

/// A text whose canonical spelling is needed.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// The columns that the text may read.
    pub(super) columns: Vec<ScratchColumn>,
    /// The text, with its role.
    pub(super) subject: Subject,
    /// The name of the table, if the text may read a whole row by it.
    pub(super) row: Option<String>,
    /// The place of the text in the metadata.
    pub(super) place: Place,
}

/// The properties of a column that affect the spelling of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ScratchColumn {
    pub(super) name: String,
    pub(super) sql_type: String,
    pub(super) collation: Option<String>,
}

impl ScratchColumn {
    pub(super) fn of(column: &Column) -> Self {
        Self {
            name: column.name.clone(),
            sql_type: column.sql_type.written.clone(),
            collation: column.collation.clone(),
        }
    }
}

impl Question {
    /// Returns the text with its role, with the column of a scratch that stands for the whole row.
    pub(super) fn over_columns(&self, dialect: Dialect) -> Subject {
        let mut subject = self.subject.clone();
        if let Some(table) = &self.row {
            subject.each_text(|text| *text = row_as_column(text, table, dialect));
        }
        subject
    }

    /// Returns the server's spelling of a text of the question over the table itself.
    pub(super) fn over_row(&self, text: String, dialect: Dialect) -> String {
        match &self.row {
            Some(table) => column_as_row(&text, table, dialect),
            None => text,
        }
    }

    /// Returns the question with another place.
    pub(super) fn about(self, object: ObjectId) -> Self {
        Self { place: Place { object, part: Part::Whole }, ..self }
    }
}

/// A text, with its role.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    /// The name of a type.
    Type(String),
    /// The default of a column.
    Default {
        sql_type: String,
        expression: String,
        /// True if the expression is evaluated, as for the rows of a table that gets the column.
        evaluated: bool,
    },
    /// The expression of a generated column.
    Generated { sql_type: String, expression: String, stored: bool },
    /// The values of a column that gets a type, from the columns of a row in their old types. It is
    /// asked only whether the server accepts it.
    Using { sql_type: String, expression: String },
    /// The condition of a check.
    Check(String),
    /// The text after `EXCLUDE`.
    Exclusion(String),
    /// A whole index.
    Index(Box<Index>),
    /// The text after `PARTITION BY`.
    PartitionKey(String),
    /// Objects that nothing else has.
    Piece(Piece),
    /// The name of a role. It is asked only whether there is one, and one that is a superuser.
    Role { name: String, is_superuser: bool },
}

impl Subject {
    /// Iterates over the texts of the question.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let own: Vec<&str> = match self {
            Self::Type(text)
            | Self::Check(text)
            | Self::Exclusion(text)
            | Self::PartitionKey(text) => vec![text],
            Self::Default { sql_type, expression, .. }
            | Self::Generated { sql_type, expression, .. }
            | Self::Using { sql_type, expression } => vec![sql_type, expression],
            Self::Index(index) => index.expressions().map(SqlText::spelling).collect(),
            Self::Role { .. } => Vec::new(),
            Self::Piece(piece) => piece.operations.iter().flat_map(column_types).collect(),
        };
        own.into_iter()
    }

    /// Changes the texts that read the columns of a row.
    fn each_text(&mut self, change: impl Fn(&mut String)) {
        match self {
            Self::Check(text) | Self::Exclusion(text) | Self::PartitionKey(text) => change(text),
            Self::Generated { expression, .. } | Self::Using { expression, .. } => {
                change(expression);
            }
            Self::Index(index) => {
                for key in &mut index.keys {
                    if let KeyPart::Expression(text) = &mut key.part {
                        change(&mut text.written);
                    }
                }
                index.predicate.iter_mut().for_each(|text| change(&mut text.written));
            }
            Self::Type(_) | Self::Default { .. } | Self::Piece(_) | Self::Role { .. } => {}
        }
    }

    /// Returns the text in the form of an answer.
    pub(super) fn as_answer(&self) -> Answer {
        match self {
            Self::Type(text)
            | Self::Check(text)
            | Self::Exclusion(text)
            | Self::PartitionKey(text)
            | Self::Default { expression: text, .. }
            | Self::Generated { expression: text, .. }
            | Self::Using { expression: text, .. } => Answer::Text(SqlText::new(text)),
            Self::Index(index) => Answer::Index(index.clone()),
            // Neither side has a text.
            Self::Piece(_) | Self::Role { .. } => Answer::Text(SqlText::new("")),
        }
    }
}

/// Returns the types of the columns of a table that is created. Other operations of a piece are about
/// such a table.
fn column_types(operation: &Operation) -> Vec<&str> {
    match operation {
        Operation::Create(Object::Table(table)) => {
            table.columns.iter().map(|column| column.sql_type.spelling()).collect()
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => Vec::new(),
    }
}

/// The server's spelling of a text or an index.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// The spelling of a type, default, generation expression, check, exclusion or partition key.
    Text(SqlText),
    /// The spelling of an index.
    Index(Box<Index>),
}

/// A value of the database side and its counterpart on the target side.
#[derive(Clone, Copy, Debug)]
struct Pair<T> {
    database: T,
    target: T,
}

/// A side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The state of the database.
    Database,
    /// The state after the change.
    Target,
}

impl<T: Copy> Pair<T> {
    fn side(self, side: Side) -> T {
        match side {
            Side::Database => self.database,
            Side::Target => self.target,
        }
    }
}

/// Returns a question for each text of `side` that differs from that of the other side, in its
/// present spelling.
pub(super) fn questions(
    dialect: Dialect,
    database: &Metadata,
    target: &Metadata,
    side: Side,
) -> Vec<Question> {
    let mut asked = Vec::new();
    for target in target.tables.values() {
        if let Some(database) = database.tables.get(&target.name) {
            let tables = Pair { database, target };
            Asker { dialect, side, table: tables.side(side), asked: &mut asked }.table(tables);
        }
    }
    asked
}

/// Returns a question for each conversion that the models give for a column of the server's own types.
/// A type of the models may not be there yet, or be another one by then.
pub(super) fn conversions(
    dialect: Dialect,
    database: &Metadata,
    target: &Metadata,
) -> Vec<Question> {
    let mut asked = Vec::new();
    let tables = target.tables.values();
    let both = tables.filter_map(|table| Some((database.tables.get(&table.name)?, table)));
    for (before, table) in both {
        for column in &table.columns {
            let (Some(using), Some(old)) = (&column.using, before.column(&column.name)) else {
                continue;
            };
            let asker = Asker { dialect, side: Side::Database, table: before, asked: &mut asked };
            let columns = asker.columns_in(&[using]);
            let own = |name: &str| dialect.is_own_type(name);
            let is_known = columns.iter().all(|column| own(&column.sql_type));
            let changes = old.sql_type.spelling() != column.sql_type.spelling();
            if changes && is_known && own(column.sql_type.spelling()) {
                let (sql_type, expression) = (column.sql_type.written.clone(), using.clone());
                let object = ObjectId::column(&table.name, column.name.as_str());
                let place = Place { object, part: Part::Using };
                asker.asked.push(Question {
                    columns,
                    subject: Subject::Using { sql_type, expression },
                    row: None,
                    place,
                });
            }
        }
    }
    asked
}

/// Asks about the texts of a table.
pub(super) struct Asker<'a> {
    pub(super) dialect: Dialect,
    pub(super) side: Side,
    pub(super) table: &'a Table,
    pub(super) asked: &'a mut Vec<Question>,
}

impl Asker<'_> {
    fn table(&mut self, tables: Pair<&Table>) {
        for target in &tables.target.columns {
            if let Some(database) = tables.database.column(&target.name) {
                self.column(Pair { database, target });
            }
        }
        for target in &tables.target.constraints {
            let database = tables.database.constraints.iter().find(|c| c.name == target.name);
            if let Some(database) = database.filter(|database| database.kind != target.kind) {
                self.constraint(Pair { database, target });
            }
        }
        for target in &tables.target.indexes {
            let database = tables.database.index(&target.name);
            if let Some(database) = database.filter(|database| !database.same_definition(target)) {
                self.index(Pair { database, target }.side(self.side));
            }
        }
        self.partition_key(tables);
        self.renamed(tables);
    }

    fn partition_key(&mut self, tables: Pair<&Table>) {
        let key = |table: &Table| table.options.partition_by.clone();
        let keys = [key(tables.database), key(tables.target)];
        let own =
            key(self.table).filter(|_| keys.iter().all(Option::is_some) && keys[0] != keys[1]);
        if let Some(own) = own {
            let text = self.without_table(&own);
            let object = ObjectId::table(&self.table.name);
            let place = Place { object, part: Part::PartitionKey };
            self.push(self.columns_in(&[&text]), Subject::PartitionKey(text), place);
        }
    }

    /// Asks about the texts of constraints and indexes that have no counterpart of their name, if one of
    /// the other side may be the same under another name.
    fn renamed(&mut self, tables: Pair<&Table>) {
        let Pair { database, target } = tables;
        let (own, other) = match self.side {
            Side::Target => (target, database),
            Side::Database => (database, target),
        };
        let is_left = |constraint: &&Constraint, in_other: &Table| {
            constraint.text().is_some()
                && in_other.constraints.iter().all(|c| c.name != constraint.name)
        };
        let sort = |constraint: &Constraint| std::mem::discriminant(&constraint.kind);
        let theirs: Vec<&Constraint> =
            other.constraints.iter().filter(|constraint| is_left(constraint, own)).collect();
        for constraint in own.constraints.iter().filter(|constraint| is_left(constraint, other)) {
            if theirs.iter().any(|other| sort(other) == sort(constraint)) {
                self.text_of_constraint(constraint);
            }
        }
        let has_text =
            |index: &&Index| index.predicate.is_some() || index.expressions().next().is_some();
        let is_left = |index: &&Index, in_other: &Table| {
            has_text(index) && in_other.index(&index.name).is_none()
        };
        if other.indexes.iter().any(|index| is_left(&index, own)) {
            for index in own.indexes.iter().filter(|index| is_left(index, other)) {
                self.index(index);
            }
        }
    }

    fn column(&mut self, pair: Pair<&Column>) {
        let column = pair.side(self.side);
        if pair.database.sql_type != pair.target.sql_type {
            self.text_of_column(column, Part::Type);
        }
        let is_open = match (&pair.database.default, &pair.target.default) {
            (Some(database), Some(target)) => database != target,
            // The server keeps a NULL as a default only if it has to be converted.
            (None, Some(target)) => {
                target.canonical.is_none() && is_null(target.spelling(), self.dialect)
            }
            (_, None) => false,
        };
        if is_open {
            self.text_of_column(column, Part::Default);
        }
        if let (Some(database), Some(target)) = (&pair.database.generated, &pair.target.generated)
            && database.expression != target.expression
        {
            self.text_of_column(column, Part::Generated);
        }
    }

    /// Asks about a part of a column, if the column has it.
    pub(super) fn text_of_column(&mut self, column: &Column, part: Part) {
        let object = ObjectId::column(&self.table.name, column.name.as_str());
        let sql_type = column.sql_type.written.clone();
        let (columns, subject) = match part {
            Part::Type => (Vec::new(), Subject::Type(sql_type)),
            Part::Default => {
                let Some(default) = &column.default else { return };
                let expression = default.spelling().to_owned();
                (Vec::new(), Subject::Default { sql_type, expression, evaluated: false })
            }
            Part::Generated => {
                let Some(generated) = &column.generated else { return };
                let expression = self.without_table(&generated.expression);
                let columns = self.columns_in(&[&expression]);
                (columns, Subject::Generated { sql_type, expression, stored: generated.stored })
            }
            // A conversion is asked about with the old types, and a column is no text as a whole.
            Part::Using | Part::PartitionKey | Part::Options | Part::Whole | Part::Attribute(_) => {
                return;
            }
        };
        self.push(columns, subject, Place { object, part });
    }

    fn constraint(&mut self, pair: Pair<&Constraint>) {
        let sort = |constraint: &Constraint| std::mem::discriminant(&constraint.kind);
        if sort(pair.database) == sort(pair.target) {
            self.text_of_constraint(pair.side(self.side));
        }
    }

    /// Asks about the text of a constraint. Columns and references have a single spelling.
    pub(super) fn text_of_constraint(&mut self, constraint: &Constraint) {
        let place = Place { object: constraint.id(&self.table.name), part: Part::Whole };
        let (text, subject): (_, fn(String) -> Subject) = match &constraint.kind {
            ConstraintKind::Check { expression, .. } => (expression, Subject::Check),
            ConstraintKind::Exclusion { definition } => (definition, Subject::Exclusion),
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::ForeignKey(_) => return,
        };
        let text = self.without_table(text);
        self.push(self.columns_in(&[&text]), subject(text), place);
    }

    /// Asks about an index.
    pub(super) fn index(&mut self, index: &Index) {
        let mut index = index.spelling().clone();
        // The parameters may be wrong, the rest can't change how the server spells the keys.
        index.settings = IndexSettings { with: index.settings.with, ..IndexSettings::default() };
        for key in &mut index.keys {
            if let KeyPart::Expression(text) = &mut key.part {
                text.written = self.without_table(text);
            }
        }
        index.predicate.iter_mut().for_each(|text| text.written = self.without_table(text));
        let mut texts: Vec<String> = index.expressions().map(|t| t.written.clone()).collect();
        texts.extend(index.columns().map(|name| self.dialect.quote(name)));
        let texts: Vec<&String> = texts.iter().collect();
        let place = Place { object: index.id(&self.table.name), part: Part::Whole };
        self.push(self.columns_in(&texts), Subject::Index(Box::new(index.clone())), place);
    }

    /// Returns a text without the name of the table, which a scratch calls otherwise.
    fn without_table(&self, text: &SqlText) -> String {
        without_table(text.spelling(), &self.table.name.name, self.dialect)
    }

    /// Returns the columns that the texts read.
    fn columns_in(&self, texts: &[&String]) -> Vec<ScratchColumn> {
        let names = self.table.columns.iter().map(|column| column.name.as_str());
        let read: Vec<&str> =
            texts.iter().flat_map(|text| name_columns(text, names.clone(), self.dialect)).collect();
        self.table
            .columns
            .iter()
            .filter(|column| read.contains(&column.name.as_str()))
            .map(ScratchColumn::of)
            .collect()
    }

    fn push(&mut self, mut columns: Vec<ScratchColumn>, subject: Subject, place: Place) {
        let row = self.row(&subject);
        columns.extend(row.clone());
        let row = row.map(|column| column.name);
        self.asked.push(Question { columns, subject, row, place });
    }

    /// Returns the column that stands for the whole row, if an expression may read it: it has the name
    /// and the type of the table.
    fn row(&self, subject: &Subject) -> Option<ScratchColumn> {
        let name = &self.table.name.name;
        let is_column = self.table.column(name).is_some();
        let is_read = match subject {
            Subject::Check(_) | Subject::Exclusion(_) | Subject::Index(_) => {
                subject.texts().any(|text| mentions(text, name, self.dialect))
            }
            // The server lets no default, generated column or partition key read a row.
            Subject::Type(_)
            | Subject::PartitionKey(_)
            | Subject::Default { .. }
            | Subject::Generated { .. }
            | Subject::Using { .. }
            | Subject::Piece(_)
            | Subject::Role { .. } => false,
        };
        let sql_type = self.dialect.quote_name(&self.table.name);
        let column = ScratchColumn { name: name.clone(), sql_type, collation: None };
        (is_read && !is_column).then_some(column)
    }
}

/// Stores an answer at its place.
pub(super) fn settle(metadata: &mut Metadata, place: &Place, answer: Answer) {
    say_calls(metadata, place, &answer);
    match answer {
        Answer::Index(spelt) => {
            let index = index_at(metadata, place);
            index.into_iter().for_each(|index| index.canonical = Some(spelt.clone()));
        }
        Answer::Text(spelt) => {
            let text = text_at(metadata, place);
            text.into_iter().for_each(|text| text.canonical = Some(spelt.written.clone()));
        }
    }
}

/// Stores what the server calls for a text, as far as an answer says it.
pub(super) fn say_calls(metadata: &mut Metadata, place: &Place, answer: &Answer) {
    match answer {
        Answer::Index(spelt) => {
            let calls = { spelt.expressions() }.find_map(|text| text.calls.as_ref());
            if let (Some(calls), Some(index)) = (calls, index_at(metadata, place)) {
                index.say_calls(calls);
            }
        }
        Answer::Text(spelt) => {
            if let (Some(calls), Some(text)) = (&spelt.calls, text_at(metadata, place)) {
                text.calls = Some(calls.clone());
            }
        }
    }
}

fn index_at<'m>(metadata: &'m mut Metadata, place: &Place) -> Option<&'m mut Index> {
    let name = place.object.name.name.as_str();
    let table = metadata.tables.get_mut(place.object.table.as_ref()?)?;
    let is_whole = place.part == Part::Whole && place.object.kind == Kind::Index;
    table.indexes.iter_mut().find(|index| is_whole && index.name == name)
}

fn text_at<'m>(metadata: &'m mut Metadata, place: &Place) -> Option<&'m mut SqlText> {
    let name = place.object.name.name.as_str();
    if place.part == Part::PartitionKey {
        return metadata.tables.get_mut(&place.object.name)?.options.partition_by.as_mut();
    }
    let table = metadata.tables.get_mut(place.object.table.as_ref()?)?;
    if place.part != Part::Whole {
        let column = table.columns.iter_mut().find(|column| column.name == name);
        return column.and_then(|column| text_of(column, place.part));
    }
    let mut constraints = table.constraints.iter_mut();
    let constraint = constraints.find(|constraint| constraint.name.as_deref() == Some(name));
    constraint.and_then(Constraint::text_mut)
}

fn text_of(column: &mut Column, part: Part) -> Option<&mut SqlText> {
    match part {
        Part::Type => Some(&mut column.sql_type),
        Part::Default => column.default.as_deref_mut(),
        Part::Generated => column.generated.as_mut().map(|generated| &mut generated.expression),
        Part::Using | Part::PartitionKey | Part::Options | Part::Whole | Part::Attribute(_) => None,
    }
}
