//! Renames of labels applied to metadata: the labels, and the literals of them in texts and bounds.

use aludel_dialect::{Dialect, rename_label_literal, tokens};
use aludel_schema::{
    Column, ConstraintKind, Definition, Metadata, ObjectId, QualifiedName, SqlText, Table,
};

use crate::pair::Pair;
use crate::partitions::bound;
use crate::texts::{each_text, each_text_of};

/// Renames a label of an enum type or of a column, and the literals of it in texts.
pub(crate) fn rename_label(
    metadata: &mut Metadata,
    of: &ObjectId,
    from: &str,
    to: &str,
    dialect: Dialect,
) {
    match &of.table {
        None => rename_label_of_type(metadata, &of.name, from, to, dialect),
        Some(table) => {
            let table = metadata.tables.get_mut(table);
            if let Some(table) = table {
                let (old, new) = (dialect.literal(from), dialect.literal(to));
                rename_stored_label(table, &of.name.name, &old, &new, dialect);
            }
        }
    }
}

/// Renames a label that a column holds as a text, in the check that lists the labels and in the
/// default.
fn rename_stored_label(table: &mut Table, column: &str, old: &str, new: &str, dialect: Dialect) {
    for constraint in &mut table.constraints {
        let ConstraintKind::Check { expression, .. } = &mut constraint.kind else { continue };
        let Some((name, mut literals)) = dialect.listed(&expression.written) else { continue };
        if name == column {
            literals.iter_mut().filter(|own| *own == old).for_each(|own| new.clone_into(own));
            let text = format!("{} IN ({})", dialect.quote(column), literals.join(", "));
            *expression = SqlText::new(text);
        }
    }
    let columns = table.columns.iter_mut().filter(|own| own.name == column);
    for default in columns.filter_map(|column| column.default.as_mut()) {
        if default.written == old {
            **default = SqlText::new(new);
        }
    }
}

fn rename_label_of_type(
    metadata: &mut Metadata,
    of: &QualifiedName,
    from: &str,
    to: &str,
    dialect: Dialect,
) {
    if let Some(own) = metadata.enums.get_mut(of) {
        own.labels.iter_mut().filter(|label| *label == from).for_each(|l| to.clone_into(l));
    }
    let name = dialect.quote_name(of);
    let bounds = in_bounds(metadata, &name, Pair::new(from, to), dialect);
    bounds.into_iter().for_each(|partition| metadata.add_definition(partition));
    let rename = |text: &mut String| *text = rename_label_literal(text, of, from, to, dialect);
    each_text(metadata, rename);
    let definitions = metadata.definitions.values_mut();
    definitions.for_each(|own| each_text_of(own, rename));
}

/// Returns the partitions by a column of a type, with a label renamed in their bounds.
fn in_bounds(
    metadata: &Metadata,
    of: &str,
    label: Pair<&str>,
    dialect: Dialect,
) -> Vec<Definition> {
    let is_by_type = |partition: &&Definition| {
        let above = bound::parent(partition, dialect);
        let column = above.and_then(|name| key_column(metadata, name, dialect));
        column.is_some_and(|column| column.sql_type.spelling() == of)
    };
    let mut partitions: Vec<Definition> =
        metadata.definitions.values().filter(is_by_type).cloned().collect();
    let Pair { database: old, target: new } = label.map(|label| dialect.literal(label));
    for clause in partitions.iter_mut().flat_map(|own| &mut own.clauses) {
        if clause.word == "bound" {
            let all = tokens(clause.text.spelling(), dialect);
            let texts = all.map(|token| if token.text == old { new.as_str() } else { token.text });
            clause.text = SqlText::new(texts.collect::<String>());
        }
    }
    partitions
}

/// Returns the column by which a table or a partition is divided, if it is one column.
fn key_column<'m>(
    metadata: &'m Metadata,
    name: &QualifiedName,
    dialect: Dialect,
) -> Option<&'m Column> {
    let own = metadata.definitions.get(&bound::part(name));
    let own = own.and_then(|own| own.clauses.iter().find(|clause| clause.word == "partition by"));
    let key = match own {
        Some(clause) => clause.text.spelling(),
        None => metadata.tables.get(name)?.options.partition_by.as_ref()?.spelling(),
    };
    let (_, list) = bound::parts(key);
    let table = bound::table_above(metadata, name, dialect)?;
    table.columns.iter().find(|column| list == format!("({})", dialect.quote(&column.name)))
}
