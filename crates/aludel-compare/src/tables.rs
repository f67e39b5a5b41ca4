//! Tables: new ones, gone ones, and those that both sides have.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Dialect, mentions};
use aludel_operations::Operation;
use aludel_schema::{Constraint, ConstraintKind, Index, Metadata, QualifiedName, Table};

use crate::columns::ColumnChanges;
use crate::plan::Impossible;
use crate::{Pair, columns, constraints, enums, indexes};

/// What the tables need.
#[derive(Debug, Default)]
pub(crate) struct TableChanges {
    pub(crate) operations: Vec<Operation>,
    pub(crate) impossible: Vec<Impossible>,
}

/// Compares all tables.
pub(crate) fn compare(dialect: Dialect, pair: Pair<&Metadata>) -> TableChanges {
    let mut changes = TableChanges::default();
    let replaced = enums::replaced(pair);
    let both: Vec<Both<'_>> = pair
        .target
        .tables
        .values()
        .filter_map(|target| Some(Pair::new(pair.database.tables.get(&target.name)?, target)))
        .map(|tables| Both::compare(dialect, tables, &enums::replaced_columns(&replaced, tables)))
        .collect();
    let touched = Touched::of(&both);
    for both in &both {
        changes.operations.extend(both.operations(&touched, dialect));
        changes.impossible.extend(both.impossible());
        changes.impossible.extend(both.columns_of_one_name(dialect));
    }
    for target in pair.target.tables.values() {
        if !pair.database.tables.contains_key(&target.name) {
            changes.operations.extend(create(dialect, target));
            changes.impossible.extend(only_case(dialect, target, pair.database.tables.keys()));
        }
    }
    for database in pair.database.tables.values() {
        if !pair.target.tables.contains_key(&database.name) {
            changes.operations.push(Operation::DropTable { table: Box::new(database.clone()) });
        }
    }
    changes
}

/// Names that differ only in case are one name where the database folds them.
fn only_case<'n>(
    dialect: Dialect,
    table: &Table,
    mut names: impl Iterator<Item = &'n QualifiedName>,
) -> Option<Impossible> {
    if dialect.capabilities().schemas {
        return None;
    }
    let same = names.find(|name| name.name.eq_ignore_ascii_case(&table.name.name))?;
    Some(Impossible {
        table: table.name.clone(),
        reason: format!("the database has it as {same}, which is the same name there; write it so"),
    })
}

/// CREATE TABLE, its indexes and comments. Which foreign keys come later is decided with the order.
fn create(dialect: Dialect, table: &Table) -> Vec<Operation> {
    let mut operations =
        vec![Operation::CreateTable { table: Box::new(table.clone()), later: Vec::new() }];
    operations.extend(table.indexes.iter().flat_map(|index| indexes::create(&table.name, index)));
    if table.comment.is_some() {
        operations.push(comment(table));
    }
    let columns: Vec<_> = table.columns.iter().collect();
    operations.extend(columns::comments(&table.name, &columns));
    without_unspoken(dialect, operations)
}

fn comment(table: &Table) -> Operation {
    Operation::CommentOnTable { table: table.name.clone(), comment: table.comment.clone() }
}

/// Without comments, where the database has none.
fn without_unspoken(dialect: Dialect, mut operations: Vec<Operation>) -> Vec<Operation> {
    if !dialect.capabilities().comments {
        operations.retain(|operation| {
            !matches!(
                operation,
                Operation::CommentOnTable { .. }
                    | Operation::CommentOnColumn { .. }
                    | Operation::CommentOnIndex { .. }
            )
        });
    }
    operations
}

/// A table that both sides have, with everything paired.
struct Both<'a> {
    tables: Pair<&'a Table>,
    columns: ColumnChanges,
    constraints: constraints::Matched<'a>,
    indexes: indexes::Matched<'a>,
    /// Columns whose type changes, by their own type or because their enum is replaced.
    retyped: Vec<String>,
}

impl<'a> Both<'a> {
    fn compare(dialect: Dialect, tables: Pair<&'a Table>, replaced: &[String]) -> Self {
        let first = columns::compare(tables, &[], replaced);
        let mut retyped = first.retyped.clone();
        retyped.extend(replaced.iter().filter(|c| !first.retyped.contains(c)).cloned());
        let stale: Vec<&String> = retyped.iter().chain(&first.renewed).collect();
        let renew: Vec<String> = tables
            .target
            .columns
            .iter()
            .filter(|column| {
                let both =
                    tables.database.column(&column.name).is_some_and(|c| c.generated.is_some());
                let own = both && retyped.contains(&column.name);
                column.generated.as_ref().is_some_and(|generated| {
                    own || stale
                        .iter()
                        .any(|name| mentions(&generated.expression.written, name, dialect))
                })
            })
            .map(|column| column.name.clone())
            .collect();
        let columns =
            if renew.is_empty() { first } else { columns::compare(tables, &renew, replaced) };
        Self {
            tables,
            columns,
            constraints: constraints::matched(dialect, tables),
            indexes: indexes::matched(tables),
            retyped,
        }
    }

    fn operations(&self, touched: &Touched<'_>, dialect: Dialect) -> Vec<Operation> {
        let name = &self.tables.target.name;
        let mut operations = Vec::new();
        let options = |table: &Table| {
            let options = &table.options;
            (options.unlogged, options.with.clone(), options.strict, options.without_rowid)
        };
        if self.tables.differs(options) {
            operations.push(Operation::AlterTableOptions {
                table: name.clone(),
                from: self.tables.database.options.clone(),
                to: self.tables.target.options.clone(),
            });
        }
        operations.extend(self.columns.operations.iter().cloned());
        operations.extend(self.new_column_comments());
        let rests = |constraint: &Constraint| {
            dialect.capabilities().alter_table
                && self.constraint_rests_on_change(constraint, touched, dialect)
        };
        operations.extend(self.constraints.operations(name, rests));
        let rests = |index: &Index| {
            dialect.capabilities().alter_table && self.index_rests_on_change(index, dialect)
        };
        operations.extend(self.indexes.operations(name, rests));
        if self.tables.differs(|table| &table.comment) {
            operations.push(comment(self.tables.target));
        }
        without_unspoken(dialect, operations)
    }

    fn new_column_comments(&self) -> Vec<Operation> {
        let added: Vec<_> = self
            .columns
            .operations
            .iter()
            .filter_map(|operation| match operation {
                Operation::AddColumn { column, .. } => Some(column),
                _ => None,
            })
            .collect();
        columns::comments(&self.tables.target.name, &added)
    }

    /// Whether a constraint that stays as it is has to make room while something it rests on
    /// changes: dropped before, made again after.
    fn constraint_rests_on_change(
        &self,
        constraint: &Constraint,
        touched: &Touched<'_>,
        dialect: Dialect,
    ) -> bool {
        let renewed = |name: &String| self.columns.renewed.contains(name);
        match &constraint.kind {
            ConstraintKind::ForeignKey(key) => {
                let retyped = |table: &QualifiedName, columns: &[String]| {
                    touched
                        .retyped
                        .get(table)
                        .is_some_and(|r| columns.iter().any(|c| r.contains(c)))
                };
                let mut columns = key.referenced_columns.clone();
                columns.sort();
                key.columns.iter().any(renewed)
                    || retyped(&self.tables.target.name, &key.columns)
                    || retyped(&key.references, &key.referenced_columns)
                    || touched.keys.contains(&(&key.references, columns))
            }
            ConstraintKind::Check { expression, .. } => {
                self.reads_change(&expression.written, dialect)
            }
            ConstraintKind::Exclusion { definition } => {
                self.reads_change(&definition.written, dialect)
            }
            ConstraintKind::PrimaryKey { columns, include }
            | ConstraintKind::Unique { columns, include, .. } => {
                columns.iter().chain(include).any(renewed)
            }
        }
    }

    fn index_rests_on_change(&self, index: &Index, dialect: Dialect) -> bool {
        index.columns().any(|name| self.columns.renewed.iter().any(|renewed| renewed == name))
            || index.expressions().any(|text| self.reads_change(&text.written, dialect))
    }

    fn reads_change(&self, expression: &str, dialect: Dialect) -> bool {
        self.retyped
            .iter()
            .chain(&self.columns.renewed)
            .any(|column| mentions(expression, column, dialect))
    }

    fn columns_of_one_name(&self, dialect: Dialect) -> Vec<Impossible> {
        let new = self
            .tables
            .target
            .columns
            .iter()
            .filter(|c| self.tables.database.column(&c.name).is_none());
        new.filter_map(|column| {
            let mut olds = self.tables.database.columns.iter();
            let old = olds.find(|old| old.name.eq_ignore_ascii_case(&column.name))?;
            let reason = format!(
                "the database has column {} as {}, which is the same name there; write it so",
                column.name, old.name
            );
            Some(Impossible { table: self.tables.target.name.clone(), reason })
        })
        .filter(|_| !dialect.capabilities().schemas)
        .collect()
    }

    fn impossible(&self) -> Option<Impossible> {
        let key = |table: &Table| {
            let key = table.options.partition_by.as_deref();
            key.map(|key| aludel_dialect::normal_form(key, Dialect::Postgres))
        };
        self.tables.differs(key).then(|| Impossible {
            table: self.tables.target.name.clone(),
            reason: format!(
                "partitioned by `{}` in the models, by `{}` in the database; a table can't change that: \
                 make a new one and copy the rows in a revision written by hand",
                self.tables.target.options.partition_by.as_deref().unwrap_or("nothing"),
                self.tables.database.options.partition_by.as_deref().unwrap_or("nothing"),
            ),
        })
    }
}

/// What changes under foreign keys of any table.
struct Touched<'a> {
    /// Columns whose type changes.
    retyped: BTreeMap<&'a QualifiedName, BTreeSet<String>>,
    /// Keys that are dropped, by their sorted columns.
    keys: BTreeSet<(&'a QualifiedName, Vec<String>)>,
}

impl<'a> Touched<'a> {
    fn of(tables: &[Both<'a>]) -> Self {
        let mut touched = Self { retyped: BTreeMap::new(), keys: BTreeSet::new() };
        for both in tables {
            let name = &both.tables.target.name;
            let columns = both.retyped.iter().chain(&both.columns.renewed).cloned().collect();
            touched.retyped.insert(name, columns);
            let constraints = both.constraints.gone.iter().filter_map(|gone| match &gone.kind {
                ConstraintKind::PrimaryKey { columns, .. }
                | ConstraintKind::Unique { columns, .. } => Some(columns.clone()),
                _ => None,
            });
            let indexes = both.indexes.gone.iter().filter(|gone| gone.unique);
            let indexes = indexes.map(|index| index.columns().map(str::to_owned).collect());
            for mut columns in constraints.chain(indexes) {
                columns.sort();
                touched.keys.insert((name, columns));
            }
        }
        touched
    }
}
