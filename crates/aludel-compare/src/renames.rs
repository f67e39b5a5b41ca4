//! Names that changed while the thing stayed the same.

use std::borrow::Cow;

use aludel_dialect::{Dialect, Rename, rename_columns};
use aludel_operations::Operation;
use aludel_schema::{
    Column, Constraint, ConstraintKind, Index, KeyPart, Metadata, QualifiedName, SqlText, Table,
    object_name,
};

use crate::{Impossible, Pair};

/// Which names of the database side mean which of the target side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renames {
    /// Tables: from, to.
    pub tables: Vec<(QualifiedName, QualifiedName)>,
    /// Columns: the table by its target name, from, to.
    pub columns: Vec<(QualifiedName, String, String)>,
    /// Sequences that a column owns on both sides, under another name: from, to.
    pub sequences: Vec<(QualifiedName, QualifiedName)>,
    /// Hints that contradict the database. To ignore one could mean to drop what it names.
    pub conflicts: Vec<Impossible>,
}

impl Renames {
    /// What the models say by `renamed_from`, as far as it still has to happen: the old name is in
    /// the database and the new one is not.
    pub fn hinted(pair: Pair<&Metadata>, dialect: Dialect) -> Self {
        let mut renames = Self::default();
        for table in pair.target.tables.values() {
            let old = table.renamed_from.as_ref().map(|name| table.name.sibling(name.as_str()));
            let old = old.filter(|old| {
                pair.database.tables.contains_key(old) && !pair.target.tables.contains_key(old)
            });
            let both = pair.database.tables.contains_key(&table.name);
            if let Some(old) = old.as_ref().filter(|_| both) {
                renames.conflict(table, &format!("table {old}"), &table.name.to_string());
            }
            let old = old.filter(|_| !both);
            let before = pair.database.tables.get(old.as_ref().unwrap_or(&table.name));
            renames.tables.extend(old.map(|old| (old, table.name.clone())));
            if let Some(before) = before {
                renames.hint_columns(before, table);
            }
        }
        renames.hint_sequences(pair, dialect);
        renames
    }

    fn hint_columns(&mut self, before: &Table, table: &Table) {
        for column in &table.columns {
            let Some(old) = &column.renamed_from else { continue };
            if before.column(old).is_none() {
                continue;
            }
            let (is_there, stays) =
                (before.column(&column.name).is_some(), table.column(old).is_some());
            if stays && !is_there {
                let reason = format!(
                    "renamed_from says that column {old} became {}, and the models have a column {old} too; \
                     rename first, in a revision of its own",
                    column.name
                );
                self.conflicts.push(Impossible { table: table.name.clone(), reason });
            } else if !is_there {
                self.columns.push((table.name.clone(), old.clone(), column.name.clone()));
            } else if !stays {
                self.conflict(table, &format!("column {old}"), &column.name);
            }
        }
    }

    fn conflict(&mut self, table: &Table, old: &str, new: &str) {
        let reason = format!(
            "renamed_from says that {old} became {new}, and the database has both; \
             take the hint away, or write this revision by hand"
        );
        self.conflicts.push(Impossible { table: table.name.clone(), reason });
    }

    /// The sequence behind a `serial` column is named after table and column.
    fn hint_sequences(&mut self, pair: Pair<&Metadata>, dialect: Dialect) {
        let (_, after) = apply(pair.database, self, dialect);
        for target in pair.target.sequences.values() {
            if target.owned_by.is_none() || after.sequences.contains_key(&target.name) {
                continue;
            }
            let same = after.sequences.values().find(|sequence| {
                sequence.owned_by == target.owned_by
                    && !pair.target.sequences.contains_key(&sequence.name)
            });
            self.sequences.extend(same.map(|same| (same.name.clone(), target.name.clone())));
        }
    }

    /// Gives the target what the models do not say and the database has: triggers, which a rebuild
    /// on the way back has to restore, and the names of sequences behind identity columns.
    pub fn carry_over(&self, database: &Metadata, target: &mut Metadata, dialect: Dialect) {
        let (_, after) = apply(database, self, dialect);
        for table in target.tables.values_mut() {
            let Some(same) = after.tables.get(&table.name) else { continue };
            table.triggers.clone_from(&same.triggers);
            table.unsaid.clone_from(&same.unsaid);
            for column in &mut table.columns {
                let before = same.column(&column.name).and_then(|c| c.identity.as_ref());
                if let (Some(identity), Some(before)) = (&mut column.identity, before)
                    && identity.sequence.is_none()
                {
                    identity.sequence.clone_from(&before.sequence);
                }
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.columns.is_empty() && self.sequences.is_empty()
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
            sequences: self.sequences.iter().map(|(from, to)| (to.clone(), from.clone())).collect(),
            conflicts: Vec::new(),
        }
    }
}

/// The rename operations, and the metadata as it is after them.
pub(crate) fn apply<'m>(
    metadata: &'m Metadata,
    renames: &Renames,
    dialect: Dialect,
) -> (Vec<Operation>, Cow<'m, Metadata>) {
    if renames.is_empty() {
        return (Vec::new(), Cow::Borrowed(metadata));
    }
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
    for (from, to) in &renames.sequences {
        rename_sequence(&mut metadata, from, to, dialect);
        operations.push(Operation::RenameSequence { from: from.clone(), to: to.clone() });
    }
    (operations, Cow::Owned(metadata))
}

fn rename_table(
    metadata: &mut Metadata,
    from: &QualifiedName,
    to: &QualifiedName,
    dialect: Dialect,
) {
    if let Some(mut table) = metadata.tables.remove(from) {
        for column in &mut table.columns {
            let (before, after) = (column.name.clone(), column.name.clone());
            keep_sequence_name(column, (from, &before), (to, &after));
        }
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

/// The sequence behind an identity column keeps its name when table or column get another.
fn keep_sequence_name(
    column: &mut Column,
    from: (&QualifiedName, &str),
    to: (&QualifiedName, &str),
) {
    let usual = |(table, column): (&QualifiedName, &str)| {
        table.sibling(object_name(&table.name, column, "seq")).to_string()
    };
    if let Some(identity) = &mut column.identity {
        let name = identity.sequence.take().unwrap_or_else(|| usual(from));
        identity.sequence = Some(name).filter(|name| *name != usual(to));
    }
}

/// Defaults that read the sequence follow it.
fn rename_sequence(
    metadata: &mut Metadata,
    from: &QualifiedName,
    to: &QualifiedName,
    dialect: Dialect,
) {
    if let Some(mut sequence) = metadata.sequences.remove(from) {
        sequence.name = to.clone();
        metadata.sequences.insert(to.clone(), sequence);
    }
    let literal = |name: &QualifiedName| dialect.literal(&dialect.quote_name(name));
    for column in metadata.tables.values_mut().flat_map(|table| &mut table.columns) {
        if let Some(default) = &mut column.default {
            default.written = default.written.replace(&literal(from), &literal(to));
            default.canonical =
                default.canonical.as_ref().map(|text| text.replace(&literal(from), &literal(to)));
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
        let owner = table.name.clone();
        for column in &mut table.columns {
            if column.name == from {
                keep_sequence_name(column, (&owner, from), (&owner, to));
            }
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
