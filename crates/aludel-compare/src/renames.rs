//! Names that changed while the thing stayed the same.

use aludel_dialect::{Dialect, Rename, rename_columns};
use aludel_operations::Operation;
use aludel_schema::{
    Constraint, ConstraintKind, Index, KeyPart, Metadata, QualifiedName, SqlText, Table,
};

use crate::Pair;

/// Which names of the database side mean which of the target side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renames {
    /// Tables: from, to.
    pub tables: Vec<(QualifiedName, QualifiedName)>,
    /// Columns: the table by its target name, from, to.
    pub columns: Vec<(QualifiedName, String, String)>,
}

impl Renames {
    /// What the models say by `renamed_from`, as far as it still has to happen: the old name is in
    /// the database and the new one is not.
    pub fn hinted(pair: Pair<&Metadata>) -> Self {
        let mut renames = Self::default();
        for table in pair.target.tables.values() {
            let old = table.renamed_from.as_ref().map(|name| table.name.sibling(name.as_str()));
            let pending = |old: &QualifiedName| {
                pair.database.tables.contains_key(old)
                    && !pair.target.tables.contains_key(old)
                    && !pair.database.tables.contains_key(&table.name)
            };
            let old = old.filter(pending);
            let before = pair.database.tables.get(old.as_ref().unwrap_or(&table.name));
            renames.tables.extend(old.map(|old| (old, table.name.clone())));
            if let Some(before) = before {
                renames.hint_columns(before, table);
            }
        }
        renames
    }

    fn hint_columns(&mut self, before: &Table, table: &Table) {
        for column in &table.columns {
            if let Some(old) = &column.renamed_from
                && before.column(old).is_some()
                && before.column(&column.name).is_none()
                && table.column(old).is_none()
            {
                self.columns.push((table.name.clone(), old.clone(), column.name.clone()));
            }
        }
    }

    /// Gives the target's tables the triggers that they have in the database: a rebuild on the way
    /// back has to restore them too.
    pub fn carry_triggers(&self, database: &Metadata, target: &mut Metadata, dialect: Dialect) {
        let (_, after) = apply(database, self, dialect);
        for table in target.tables.values_mut() {
            if let Some(same) = after.tables.get(&table.name) {
                table.triggers.clone_from(&same.triggers);
            }
        }
    }

    /// The way back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let original = |table: &QualifiedName| {
            self.tables.iter().find(|(_, to)| to == table).map_or(table, |(from, _)| from).clone()
        };
        Self {
            tables: self.tables.iter().map(|(from, to)| (to.clone(), from.clone())).collect(),
            columns: self
                .columns
                .iter()
                .map(|(table, from, to)| (original(table), to.clone(), from.clone()))
                .collect(),
        }
    }
}

/// The rename operations, and the metadata as it is after them.
pub(crate) fn apply(
    metadata: &Metadata,
    renames: &Renames,
    dialect: Dialect,
) -> (Vec<Operation>, Metadata) {
    let mut metadata = metadata.clone();
    let mut operations = Vec::new();
    for (from, to) in &renames.tables {
        rename_table(&mut metadata, from, to, dialect);
        operations.push(Operation::RenameTable { from: from.clone(), to: to.clone() });
    }
    for (table, from, to) in &renames.columns {
        rename_column(&mut metadata, table, from, to, dialect);
        let (table, from, to) = (table.clone(), from.clone(), to.clone());
        operations.push(Operation::RenameColumn { table, from, to });
    }
    (operations, metadata)
}

fn rename_table(
    metadata: &mut Metadata,
    from: &QualifiedName,
    to: &QualifiedName,
    dialect: Dialect,
) {
    if let Some(mut table) = metadata.tables.remove(from) {
        table.name = to.clone();
        for trigger in &mut table.triggers {
            let rename = [Rename { from: &from.name, to: &to.name }];
            trigger.sql = rename_columns(&trigger.sql, &rename, dialect);
        }
        metadata.add_table(table);
    }
    for table in metadata.tables.values_mut() {
        for constraint in &mut table.constraints {
            if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
                && key.references == *from
            {
                key.references = to.clone();
            }
        }
    }
    for sequence in metadata.sequences.values_mut() {
        if let Some((owner, _)) = &mut sequence.owned_by
            && owner == from
        {
            *owner = to.clone();
        }
    }
}

fn rename_column(
    metadata: &mut Metadata,
    table: &QualifiedName,
    from: &str,
    to: &str,
    dialect: Dialect,
) {
    let rename = [Rename { from, to }];
    let text = |text: &mut SqlText| {
        text.written = rename_columns(&text.written, &rename, dialect);
        text.canonical = text.canonical.as_ref().map(|t| rename_columns(t, &rename, dialect));
    };
    let name = |name: &mut String| {
        if name == from {
            to.clone_into(name);
        }
    };
    if let Some(table) = metadata.tables.get_mut(table) {
        for column in &mut table.columns {
            name(&mut column.name);
            column.generated.as_mut().map(|g| text(&mut g.expression)).unwrap_or_default();
        }
        for trigger in &mut table.triggers {
            trigger.sql = rename_columns(&trigger.sql, &rename, dialect);
        }
        table.constraints.iter_mut().for_each(|c| in_constraint(c, &name, &text));
        table.indexes.iter_mut().for_each(|i| in_index(i, &name, &text));
    }
    for other in metadata.tables.values_mut() {
        for constraint in &mut other.constraints {
            if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
                && key.references == *table
            {
                key.referenced_columns.iter_mut().for_each(name);
            }
        }
    }
    for sequence in metadata.sequences.values_mut() {
        if let Some((owner, column)) = &mut sequence.owned_by
            && owner == table
        {
            name(column);
        }
    }
}

fn in_constraint(
    constraint: &mut Constraint,
    name: &impl Fn(&mut String),
    text: &impl Fn(&mut SqlText),
) {
    match &mut constraint.kind {
        ConstraintKind::PrimaryKey { columns, include }
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

fn in_index(index: &mut Index, name: &impl Fn(&mut String), text: &impl Fn(&mut SqlText)) {
    for key in &mut index.keys {
        match &mut key.part {
            KeyPart::Column(column) => name(column),
            KeyPart::Expression(expression) => text(expression),
        }
    }
    index.include.iter_mut().for_each(name);
    index.predicate.as_mut().map(text).unwrap_or_default();
    if let Some(canonical) = &mut index.canonical {
        in_index(canonical, name, text);
    }
}
