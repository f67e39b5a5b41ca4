//! Questions: texts that differ but may have the same meaning.

use aludel_dialect::{Dialect, name_columns};
use aludel_schema::{
    Column, Constraint, ConstraintKind, Index, IndexSettings, Metadata, ObjectId, SqlText, Table,
};

use super::place::{Part, Place};

/// A text whose canonical spelling is needed.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// The columns that the text may read.
    pub(super) columns: Vec<ScratchColumn>,
    /// The text, with its role.
    pub(super) subject: Subject,
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

/// A text, with its role.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    /// The name of a type.
    Type(String),
    /// The default of a column.
    Default { sql_type: String, expression: String },
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
}

impl Subject {
    /// Returns the text in the form of an answer.
    pub(super) fn as_answer(&self) -> Answer {
        match self {
            Self::Type(text) | Self::Check(text) | Self::Exclusion(text) => {
                Answer::Text(text.clone())
            }
            Self::Default { expression, .. }
            | Self::Generated { expression, .. }
            | Self::Using { expression, .. } => Answer::Text(expression.clone()),
            Self::Index(index) => Answer::Index(index.clone()),
        }
    }
}

/// The server's spelling of a text or an index.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// The spelling of a type, default, generation expression, check or exclusion.
    Text(String),
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
                    place,
                });
            }
        }
    }
    asked
}

struct Asker<'a> {
    dialect: Dialect,
    side: Side,
    table: &'a Table,
    asked: &'a mut Vec<Question>,
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
    }

    fn column(&mut self, pair: Pair<&Column>) {
        let column = pair.side(self.side);
        let object = ObjectId::column(&self.table.name, column.name.as_str());
        let place = |part| Place { object: object.clone(), part };
        let sql_type = column.sql_type.written.clone();
        if pair.database.sql_type != pair.target.sql_type {
            self.push(Vec::new(), Subject::Type(sql_type.clone()), place(Part::Type));
        }
        if let (Some(database), Some(target)) = (&pair.database.default, &pair.target.default)
            && database != target
        {
            let expression = Pair { database, target }.side(self.side).spelling().to_owned();
            let subject = Subject::Default { sql_type: sql_type.clone(), expression };
            self.push(Vec::new(), subject, place(Part::Default));
        }
        if let (Some(database), Some(target)) = (&pair.database.generated, &pair.target.generated)
            && database.expression != target.expression
        {
            let generated = Pair { database, target }.side(self.side);
            let expression = generated.expression.spelling().to_owned();
            let columns = self.columns_in(&[&expression]);
            let subject = Subject::Generated { sql_type, expression, stored: generated.stored };
            self.push(columns, subject, place(Part::Generated));
        }
    }

    fn constraint(&mut self, pair: Pair<&Constraint>) {
        let constraint = pair.side(self.side);
        let place = Place { object: constraint.id(&self.table.name), part: Part::Whole };
        match (&pair.database.kind, &pair.target.kind, &constraint.kind) {
            (
                ConstraintKind::Check { .. },
                ConstraintKind::Check { .. },
                ConstraintKind::Check { expression, .. },
            ) => {
                let text = expression.spelling().to_owned();
                self.push(self.columns_in(&[&text]), Subject::Check(text), place);
            }
            (
                ConstraintKind::Exclusion { .. },
                ConstraintKind::Exclusion { .. },
                ConstraintKind::Exclusion { definition },
            ) => {
                let text = definition.spelling().to_owned();
                self.push(self.columns_in(&[&text]), Subject::Exclusion(text), place);
            }
            // Columns and references have a single spelling.
            _ => {}
        }
    }

    fn index(&mut self, index: &Index) {
        let mut index = index.spelling().clone();
        // The parameters may be wrong, the rest can't change how the server spells the keys.
        index.settings = IndexSettings { with: index.settings.with, ..IndexSettings::default() };
        let mut texts: Vec<String> = index.expressions().map(|t| t.written.clone()).collect();
        texts.extend(index.columns().map(|name| self.dialect.quote(name)));
        let texts: Vec<&String> = texts.iter().collect();
        let place = Place { object: index.id(&self.table.name), part: Part::Whole };
        self.push(self.columns_in(&texts), Subject::Index(Box::new(index.clone())), place);
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

    fn push(&mut self, columns: Vec<ScratchColumn>, subject: Subject, place: Place) {
        self.asked.push(Question { columns, subject, place });
    }
}

/// Stores an answer at its place.
pub(super) fn settle(metadata: &mut Metadata, place: &Place, answer: Answer) {
    let table = place.object.table.as_ref().and_then(|name| metadata.tables.get_mut(name));
    let Some(table) = table else { return };
    let name = place.object.name.name.as_str();
    match (place.part, answer) {
        (Part::Whole, Answer::Index(spelt)) => {
            let index = table.indexes.iter_mut().find(|index| index.name == name);
            index.into_iter().for_each(|index| index.canonical = Some(spelt.clone()));
        }
        (Part::Whole, Answer::Text(spelling)) => {
            for constraint in &mut table.constraints {
                match &mut constraint.kind {
                    ConstraintKind::Check { expression: text, .. }
                    | ConstraintKind::Exclusion { definition: text }
                        if constraint.name.as_deref() == Some(name) =>
                    {
                        text.canonical = Some(spelling.clone());
                    }
                    _ => {}
                }
            }
        }
        (part, Answer::Text(spelling)) => {
            let column = table.columns.iter_mut().find(|column| column.name == name);
            let text = column.and_then(|column| text_of(column, part));
            text.into_iter().for_each(|text| text.canonical = Some(spelling.clone()));
        }
        // Only a question about an index has an index as its answer.
        (Part::Type | Part::Default | Part::Generated | Part::Using, Answer::Index(_)) => {}
    }
}

fn text_of(column: &mut Column, part: Part) -> Option<&mut SqlText> {
    match part {
        Part::Type => Some(&mut column.sql_type),
        Part::Default => column.default.as_mut(),
        Part::Generated => column.generated.as_mut().map(|generated| &mut generated.expression),
        Part::Using | Part::Whole => None,
    }
}
