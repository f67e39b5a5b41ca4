//! Texts that differ and may yet mean the same: only the server knows.

use aludel_dialect::{Answer, Dialect, Question, Subject, name_columns};
use aludel_schema::{
    Column, Constraint, ConstraintKind, Index, Metadata, QualifiedName, SqlText, Table,
};

use crate::{Pair, Side, renames, renames::Renames};

/// A question and the place that its answer belongs to.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The question.
    pub question: Question,
    /// What it is about.
    pub place: Place,
}

/// A text in metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants name the part of the table")]
pub enum Place {
    Type { table: QualifiedName, column: String },
    Default { table: QualifiedName, column: String },
    Generated { table: QualifiedName, column: String },
    Constraint { table: QualifiedName, name: String },
    Index { table: QualifiedName, name: String },
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Type { table, column } => write!(f, "the type of {table}.{column}"),
            Self::Default { table, column } => write!(f, "the default of {table}.{column}"),
            Self::Generated { table, column } => write!(f, "the expression of {table}.{column}"),
            Self::Constraint { table, name } => write!(f, "constraint {name} of {table}"),
            Self::Index { table, name } => write!(f, "index {name} of {table}"),
        }
    }
}

/// The texts of `side` that differ from the other side's, with their spelling so far. Those that
/// can be told without a server are settled in `pair` beforehand, see [`settle_known`].
pub fn questions(
    dialect: Dialect,
    pair: Pair<&Metadata>,
    renamed: &Renames,
    side: Side,
) -> Vec<Asked> {
    if !dialect.capabilities().canonical_expressions {
        return Vec::new();
    }
    let (_, database) = renames::apply(pair.database, renamed, dialect);
    let mut asked = Vec::new();
    for target in pair.target.tables.values() {
        if let Some(database) = database.tables.get(&target.name) {
            let tables = Pair::new(database, target);
            Asker { side, table: tables.side(side), asked: &mut asked }.table(tables);
        }
    }
    asked
}

struct Asker<'a> {
    side: Side,
    table: &'a Table,
    asked: &'a mut Vec<Asked>,
}

impl Asker<'_> {
    fn table(&mut self, tables: Pair<&Table>) {
        for target in &tables.target.columns {
            if let Some(database) = tables.database.column(&target.name) {
                self.column(Pair::new(database, target));
            }
        }
        for target in &tables.target.constraints {
            let database = tables.database.constraints.iter().find(|c| c.name == target.name);
            if let Some(database) = database.filter(|database| database.kind != target.kind) {
                self.constraint(Pair::new(database, target));
            }
        }
        for target in &tables.target.indexes {
            let database = tables.database.index(&target.name);
            if let Some(database) = database.filter(|database| !database.same_definition(target)) {
                self.index(Pair::new(database, target).side(self.side));
            }
        }
    }

    fn column(&mut self, pair: Pair<&Column>) {
        let column = pair.side(self.side);
        let (table, name) = (self.table.name.clone(), column.name.clone());
        let sql_type = column.sql_type.written.clone();
        if pair.differs(|column| &column.sql_type) {
            let place = Place::Type { table: table.clone(), column: name.clone() };
            self.push(Vec::new(), Subject::Type(sql_type.clone()), place);
        }
        if let (Some(database), Some(target)) = (&pair.database.default, &pair.target.default)
            && database != target
            && !is_typed_literal(database, target, &pair.database.sql_type)
        {
            let expression = Pair::new(database, target).side(self.side).spelling().to_owned();
            let place = Place::Default { table: table.clone(), column: name.clone() };
            self.push(
                Vec::new(),
                Subject::Default { sql_type: sql_type.clone(), expression },
                place,
            );
        }
        if let (Some(database), Some(target)) = (&pair.database.generated, &pair.target.generated)
            && database.expression != target.expression
        {
            let generated = Pair::new(database, target).side(self.side);
            let expression = generated.expression.spelling().to_owned();
            let columns = self.columns_in(&[&expression]);
            let subject = Subject::Generated { sql_type, expression, stored: generated.stored };
            self.push(columns, subject, Place::Generated { table, column: name });
        }
    }

    fn constraint(&mut self, pair: Pair<&Constraint>) {
        let constraint = pair.side(self.side);
        let Some(name) = constraint.name.clone() else { return };
        let place = Place::Constraint { table: self.table.name.clone(), name };
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
            _ => {}
        }
    }

    fn index(&mut self, index: &Index) {
        let index = index.spelling();
        let mut texts: Vec<String> = index.expressions().map(|t| t.written.clone()).collect();
        texts.extend(index.columns().map(|name| Dialect::Postgres.quote(name)));
        let texts: Vec<&String> = texts.iter().collect();
        let place = Place::Index { table: self.table.name.clone(), name: index.name.clone() };
        self.push(self.columns_in(&texts), Subject::Index(Box::new(index.clone())), place);
    }

    /// The columns that the texts read, with what the server has to know of them.
    fn columns_in(&self, texts: &[&String]) -> Vec<(String, String, Option<String>)> {
        let names = self.table.columns.iter().map(|column| column.name.as_str());
        let read: Vec<&str> = texts
            .iter()
            .flat_map(|text| name_columns(text, names.clone(), Dialect::Postgres))
            .collect();
        self.table
            .columns
            .iter()
            .filter(|column| read.contains(&column.name.as_str()))
            .map(|c| (c.name.clone(), c.sql_type.written.clone(), c.collation.clone()))
            .collect()
    }

    fn push(
        &mut self,
        columns: Vec<(String, String, Option<String>)>,
        subject: Subject,
        place: Place,
    ) {
        self.asked.push(Asked { question: Question { columns, subject }, place });
    }
}

/// Whether the database's default is the target's literal with the column's own type behind it,
/// which is what the server makes of a literal.
fn is_typed_literal(database: &SqlText, target: &SqlText, sql_type: &SqlText) -> bool {
    let target = target.written.trim();
    let is_literal = target.len() > 1
        && target.starts_with('\'')
        && target.ends_with('\'')
        && !target[1..target.len() - 1].contains('\'');
    let base = sql_type.spelling().split('(').next().unwrap_or_default();
    is_literal && database.spelling() == format!("{target}::{base}")
}

/// Settles what needs no server: a literal of the column's own type.
pub fn settle_known(database: &Metadata, target: &mut Metadata) {
    for table in target.tables.values_mut() {
        let Some(before) = database.tables.get(&table.name) else { continue };
        for column in &mut table.columns {
            let before = before.column(&column.name);
            if let (Some(default), Some(before)) = (&mut column.default, before)
                && let Some(text) = &before.default
                && is_typed_literal(text, default, &before.sql_type)
            {
                default.canonical = Some(text.spelling().to_owned());
            }
        }
    }
}

/// Puts an answer where it belongs.
pub fn settle(metadata: &mut Metadata, place: &Place, answer: Answer) {
    let set = |text: &mut SqlText, answer: Answer| {
        if let Answer::Text(spelling) = answer {
            text.canonical = Some(spelling);
        }
    };
    let table = match place {
        Place::Type { table, .. }
        | Place::Default { table, .. }
        | Place::Generated { table, .. }
        | Place::Constraint { table, .. }
        | Place::Index { table, .. } => metadata.tables.get_mut(table),
    };
    let Some(table) = table else { return };
    let find = |table: &mut Table, name: &str| table.columns.iter().position(|c| c.name == name);
    match place {
        Place::Type { column, .. } => {
            if let Some(at) = find(table, column) {
                set(&mut table.columns[at].sql_type, answer);
            }
        }
        Place::Default { column, .. } => {
            if let Some(default) =
                find(table, column).and_then(|at| table.columns[at].default.as_mut())
            {
                set(default, answer);
            }
        }
        Place::Generated { column, .. } => {
            if let Some(at) = find(table, column)
                && let Some(generated) = &mut table.columns[at].generated
            {
                set(&mut generated.expression, answer);
            }
        }
        Place::Constraint { name, .. } => {
            for constraint in &mut table.constraints {
                match &mut constraint.kind {
                    ConstraintKind::Check { expression: text, .. }
                    | ConstraintKind::Exclusion { definition: text }
                        if constraint.name.as_deref() == Some(name) =>
                    {
                        set(text, answer.clone());
                    }
                    _ => {}
                }
            }
        }
        Place::Index { name, .. } => {
            if let (Answer::Index(spelt), Some(index)) =
                (answer, table.indexes.iter_mut().find(|index| index.name == *name))
            {
                index.canonical = Some(spelt);
            }
        }
    }
}

impl Place {
    /// The table, and the column if it is about one.
    pub fn table_and_column(&self) -> (&QualifiedName, Option<&str>) {
        match self {
            Self::Type { table, column }
            | Self::Default { table, column }
            | Self::Generated { table, column } => (table, Some(column)),
            Self::Constraint { table, .. } | Self::Index { table, .. } => (table, None),
        }
    }
}
