//! Renames of labels applied to metadata: the labels, and the literals of them in texts.

use aludel_dialect::Dialect;
use aludel_schema::{ConstraintKind, Metadata, ObjectId, QualifiedName, SqlText, Table};

use crate::texts::each_text;

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
            *default = SqlText::new(new);
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
    let literal = |label: &str| format!("{}::{name}", dialect.literal(label));
    let (old, new) = (literal(from), literal(to));
    each_text(metadata, |text| {
        if text.contains(&old) {
            *text = text.replace(&old, &new);
        }
    });
}
