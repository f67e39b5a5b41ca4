//! The texts of tables, one by one.

use aludel_schema::{
    Constraint, ConstraintKind, Definition, Index, KeyPart, Metadata, SqlText, Table,
};

/// Calls `name` with each column of a constraint, and `text` with its text.
pub(crate) fn in_constraint(
    constraint: &mut Constraint,
    name: &impl Fn(&mut String),
    text: &impl Fn(&mut SqlText),
) {
    match &mut constraint.kind {
        ConstraintKind::PrimaryKey { columns, include, .. }
        | ConstraintKind::Unique { columns, include, .. } => {
            columns.iter_mut().chain(include).for_each(name);
        }
        ConstraintKind::ForeignKey(key) => {
            key.columns.iter_mut().chain(&mut key.set_columns).for_each(name);
        }
        ConstraintKind::Check { expression, .. } => text(expression),
        ConstraintKind::Exclusion { definition } => text(definition),
    }
}

/// Calls `name` with each column of an index, and `text` with each of its expressions.
pub(crate) fn in_index(
    index: &mut Index,
    name: &impl Fn(&mut String),
    text: &impl Fn(&mut SqlText),
) {
    for key in &mut index.keys {
        match &mut key.part {
            KeyPart::Column(column) => name(column),
            KeyPart::Expression(expression) => text(expression),
        }
    }
    index.include.iter_mut().for_each(name);
    index.predicate.as_deref_mut().into_iter().for_each(text);
    if let Some(canonical) = &mut index.canonical {
        in_index(canonical, name, text);
    }
}

/// Calls `change` with each text of the tables that the server prints from a tree.
pub(crate) fn each_text(metadata: &mut Metadata, change: impl Fn(&mut String)) {
    each_sql(metadata, |text| each_spelling(text, &change));
}

/// Calls `change` with each text of the tables that the server keeps as a tree.
pub(crate) fn each_sql(metadata: &mut Metadata, change: impl Fn(&mut SqlText)) {
    metadata.tables.values_mut().for_each(|table| each_sql_of(table, &change));
}

/// Calls `change` with each text of a table that the server keeps as a tree.
pub(crate) fn each_sql_of(table: &mut Table, change: impl Fn(&mut SqlText)) {
    let name = |_: &mut String| {};
    for column in &mut table.columns {
        column.default.as_deref_mut().into_iter().for_each(&change);
        column.generated.iter_mut().for_each(|generated| change(&mut generated.expression));
    }
    table.constraints.iter_mut().for_each(|own| in_constraint(own, &name, &change));
    table.indexes.iter_mut().for_each(|own| in_index(own, &name, &change));
}

/// Calls `change` with both spellings of a text.
pub(crate) fn each_spelling(text: &mut SqlText, change: impl Fn(&mut String)) {
    change(&mut text.written);
    text.canonical.iter_mut().for_each(change);
}

/// Calls `change` with both spellings of each text of a definition.
pub(crate) fn each_text_of(own: &mut Definition, change: impl Fn(&mut String)) {
    let clauses = own.clauses.iter_mut().map(|clause| &mut clause.text);
    clauses.chain([&mut own.body]).for_each(|text| each_spelling(text, &change));
}
