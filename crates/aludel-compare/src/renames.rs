//! Renames: objects that are the same on both sides under different names.

use std::borrow::Cow;

use aludel_dialect::{Dialect, Rename, rename_columns};
use aludel_operations::Operation;
use aludel_schema::{
    Column, Constraint, ConstraintKind, Definition, Index, KeyPart, Kind, Metadata, NotNull,
    ObjectId, QualifiedName, SqlText, Table, object_name,
};

use crate::impossible::Impossible;
use crate::pair::Pair;
use crate::partition;

/// An object of the database side with its name on the target side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRename {
    /// The object under its old name. A column refers to its table by the table's new name.
    pub from: ObjectId,
    /// The new name.
    pub to: String,
}

/// The renames of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renames {
    /// The renames: first tables, then columns, then sequences that a column owns on both sides.
    pub renames: Vec<ObjectRename>,
    /// Rename hints that contradict the database. They are not ignored, because then the object
    /// could be dropped.
    pub conflicts: Vec<Impossible>,
}

/// The database side of a comparison under the names of the target side.
///
/// It is computed once per comparison, and everything that pairs the sides by name uses it.
#[derive(Clone, Debug)]
pub struct Renamed<'m> {
    /// The dialect of both sides.
    pub dialect: Dialect,
    /// The metadata of the database side with the renames applied.
    pub metadata: Cow<'m, Metadata>,
    /// The renames that were applied.
    pub renames: Renames,
}

impl<'m> Renamed<'m> {
    /// Creates the database side without renames.
    pub fn nothing(dialect: Dialect, database: &'m Metadata) -> Self {
        Self { dialect, metadata: Cow::Borrowed(database), renames: Renames::default() }
    }

    /// Creates the database side with the given renames applied.
    pub fn by(dialect: Dialect, database: &'m Metadata, renames: Renames) -> Self {
        let mut renamed = Self::nothing(dialect, database);
        renames.renames.into_iter().for_each(|rename| renamed.add(rename));
        renamed.renames.conflicts = renames.conflicts;
        renamed
    }

    /// Creates the database side with the renames that the target hints at by `renamed_from`. A
    /// hint counts if the database has the old name and not the new one.
    pub fn hinted(dialect: Dialect, database: &'m Metadata, target: &Metadata) -> Self {
        let mut renamed = Self::nothing(dialect, database);
        let pair = Pair::new(database, target);
        let mut columns = Vec::new();
        for table in target.tables.values() {
            let old = renamed.hinted_table(pair, table);
            if let Some(before) = database.tables.get(old.as_ref().unwrap_or(&table.name)) {
                columns.extend(renamed.hinted_columns(before, table));
            }
        }
        columns.into_iter().for_each(|rename| renamed.add(rename));
        let sequences = renamed.hinted_sequences(target);
        sequences.into_iter().for_each(|rename| renamed.add(rename));
        renamed
    }

    /// Applies the rename that the hint of a table asks for, and returns the old name.
    fn hinted_table(&mut self, pair: Pair<&Metadata>, table: &Table) -> Option<QualifiedName> {
        let old = table.name.sibling(table.renamed_from.as_ref()?.as_str());
        let tables = pair.map(|metadata| &metadata.tables);
        if !tables.database.contains_key(&old) || tables.target.contains_key(&old) {
            return None;
        }
        if tables.database.contains_key(&table.name) {
            self.conflict(table, &format!("table {old}"), &table.name.to_string());
            return None;
        }
        self.add(ObjectRename { from: ObjectId::table(&old), to: table.name.name.clone() });
        Some(old)
    }

    fn hinted_columns(&mut self, before: &Table, table: &Table) -> Vec<ObjectRename> {
        let mut found = Vec::new();
        for column in &table.columns {
            let Some(old) = &column.renamed_from else { continue };
            // An inherited column is renamed together with that of the other table.
            if before.column(old).is_none_or(|old| old.inherited) {
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
                let object = ObjectId::table(&table.name);
                self.renames.conflicts.push(Impossible { object, reason });
            } else if !is_there {
                let from = ObjectId::column(&table.name, old.as_str());
                found.push(ObjectRename { from, to: column.name.clone() });
            } else if !stays {
                self.conflict(table, &format!("column {old}"), &column.name);
            }
        }
        found
    }

    fn conflict(&mut self, table: &Table, old: &str, new: &str) {
        let reason = format!(
            "renamed_from says that {old} became {new}, and the database has both; \
             take the hint away, or write this revision by hand"
        );
        let object = ObjectId::table(&table.name);
        self.renames.conflicts.push(Impossible { object, reason });
    }

    /// Returns the renames of `serial` sequences, whose names contain those of table and column.
    fn hinted_sequences(&self, target: &Metadata) -> Vec<ObjectRename> {
        let after = &self.metadata.sequences;
        let mut found = Vec::new();
        for sequence in target.sequences.values() {
            if sequence.owned_by.is_none() || after.contains_key(&sequence.name) {
                continue;
            }
            let same = after.values().find(|old| {
                old.owned_by == sequence.owned_by && !target.sequences.contains_key(&old.name)
            });
            found.extend(
                same.map(|same| ObjectRename { from: same.id(), to: sequence.name.name.clone() }),
            );
        }
        found
    }

    /// Applies one more rename.
    fn add(&mut self, rename: ObjectRename) {
        let (metadata, dialect) = (self.metadata.to_mut(), self.dialect);
        let to = rename.from.name.sibling(rename.to.as_str());
        match (rename.from.kind, &rename.from.table) {
            (Kind::Table, _) => rename_table(metadata, &rename.from.name, &to, dialect),
            (Kind::Column, Some(table)) => {
                rename_column(metadata, table, &rename.from.name.name, &rename.to, dialect);
            }
            (Kind::Sequence, _) => rename_sequence(metadata, &rename.from.name, &to, dialect),
            // There are no hints for other kinds.
            _ => return,
        }
        self.renames.renames.push(rename);
    }

    /// Returns the rename operations, in order.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        let renames = self.renames.renames.iter();
        renames.map(|r| Operation::Rename { from: r.from.clone(), to: r.to.clone() }).collect()
    }

    /// Copies properties of the database to the target that models do not state: clauses that a
    /// rebuild would lose, and names of sequences behind identity columns. A database whose NOT NULL
    /// constraints have no properties can't get those of the models. Objects of kinds that are data
    /// but not `managed` are copied too, so that they make room and are never dropped, except with a
    /// table that they belong to.
    pub fn carry_over(&self, target: &mut Metadata, managed: impl Fn(Kind) -> bool) {
        target.names_not_null = self.metadata.names_not_null;
        for table in target.tables.values_mut() {
            let Some(same) = self.metadata.tables.get(&table.name) else { continue };
            table.unsaid.clone_from(&same.unsaid);
            for column in &mut table.columns {
                let before = same.column(&column.name);
                if before.is_some() && !self.metadata.names_not_null {
                    column.not_null = None;
                }
                let before = before.and_then(|c| c.identity.as_ref());
                if let (Some(identity), Some(before)) = (&mut column.identity, before)
                    && identity.sequence.is_none()
                {
                    identity.sequence.clone_from(&before.sequence);
                }
            }
        }
        for definition in self.metadata.definitions.values() {
            if !managed(definition.id.kind) {
                if self.stays(definition, target) {
                    target.add_definition(definition.clone());
                }
            } else if let Some(same) = target.definitions.get_mut(&definition.id) {
                same.belongings.clone_from(&definition.belongings);
            }
        }
    }

    /// Returns true unless a definition belongs to a table that the target does not have.
    fn stays(&self, definition: &Definition, target: &Metadata) -> bool {
        let Some(table) = &definition.id.table else { return true };
        !self.metadata.tables.contains_key(table) || target.tables.contains_key(table)
    }
}

impl Renames {
    /// Returns the reverse: the target side under the names of the database side.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let original = |table: &QualifiedName| {
            let named = |rename: &&ObjectRename| {
                rename.from.kind == Kind::Table && rename.from.name.sibling(&rename.to) == *table
            };
            self.renames.iter().find(named).map_or_else(|| table.clone(), |r| r.from.name.clone())
        };
        let back = |rename: &ObjectRename| {
            let mut from = rename.from.clone();
            from.name.name.clone_from(&rename.to);
            from.table = from.table.as_ref().map(original);
            ObjectRename { from, to: rename.from.name.name.clone() }
        };
        Self { renames: self.renames.iter().map(back).collect(), conflicts: Vec::new() }
    }
}

fn rename_table(
    metadata: &mut Metadata,
    from: &QualifiedName,
    to: &QualifiedName,
    dialect: Dialect,
) {
    let names_not_null = metadata.names_not_null;
    if let Some(mut table) = metadata.tables.remove(from) {
        for column in &mut table.columns {
            let name = column.name.clone();
            let (before, after) =
                (ObjectId::column(from, name.as_str()), ObjectId::column(to, name));
            keep_sequence_name(column, &before, &after);
            if names_not_null {
                keep_not_null_name(column, &before, &after);
            }
        }
        table.name = to.clone();
        metadata.add_table(table);
    }
    for table in metadata.tables.values_mut() {
        for parent in table.options.inherits.iter_mut().filter(|parent| *parent == from) {
            *parent = to.clone();
        }
        for constraint in &mut table.constraints {
            if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
                && key.references == *from
            {
                key.references = to.clone();
            }
        }
    }
    for mut definition in std::mem::take(&mut metadata.definitions).into_values() {
        in_body(&mut definition, &[Rename { from: &from.name, to: &to.name }], dialect);
        if definition.id.table.as_ref() == Some(from) {
            let id = definition.id;
            definition.id = ObjectId::within(id.kind, to, id.name.name);
        }
        for on in &mut definition.depends_on {
            if on.table.as_ref() == Some(from) {
                on.table = Some(to.clone());
            }
            if *on == ObjectId::table(from) {
                on.name = to.clone();
            }
        }
        metadata.add_definition(definition);
    }
    for sequence in metadata.sequences.values_mut() {
        if let Some(owner) = &mut sequence.owned_by
            && owner.table == *from
        {
            owner.table = to.clone();
        }
    }
}

/// Keeps the name of the sequence behind an identity column when its table or column is renamed.
fn keep_sequence_name(column: &mut Column, from: &ObjectId, to: &ObjectId) {
    let usual = |column: &ObjectId| {
        let table = column.table.as_ref().map_or("", |table| table.name.as_str());
        column.name.sibling(object_name(table, &column.name.name, "seq")).to_string()
    };
    if let Some(identity) = &mut column.identity {
        let name = identity.sequence.take().unwrap_or_else(|| usual(from));
        identity.sequence = Some(name).filter(|name| *name != usual(to));
    }
}

/// Keeps the name of the NOT NULL constraint of a column when its table or column is renamed. That
/// of an inherited column has the name that it has in the other table.
fn keep_not_null_name(column: &mut Column, from: &ObjectId, to: &ObjectId) {
    if column.nullable || column.inherited {
        return;
    }
    let usual = |column: &ObjectId| {
        let table = column.table.as_ref().map_or("", |table| table.name.as_str());
        object_name(table, &column.name.name, "not_null")
    };
    let mut not_null = column.not_null.take().unwrap_or_default();
    let name = not_null.name.take().unwrap_or_else(|| usual(from));
    not_null.name = Some(name).filter(|name| *name != usual(to));
    column.not_null = Some(not_null).filter(|own| **own != NotNull::default());
}

/// Renames a sequence in the defaults that use it.
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

/// Returns the tables that inherit from a table.
fn heirs(metadata: &Metadata, table: &QualifiedName) -> Vec<QualifiedName> {
    let heirs = metadata.tables.values();
    let heirs = heirs.filter(|heir| heir.options.inherits.contains(table));
    heirs.map(|heir| heir.name.clone()).collect()
}

fn rename_column(
    metadata: &mut Metadata,
    table: &QualifiedName,
    from: &str,
    to: &str,
    dialect: Dialect,
) {
    for heir in heirs(metadata, table) {
        rename_column(metadata, &heir, from, to, dialect);
    }
    let names_not_null = metadata.names_not_null;
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
                let (before, after) =
                    (ObjectId::column(&owner, from), ObjectId::column(&owner, to));
                keep_sequence_name(column, &before, &after);
                if names_not_null {
                    keep_not_null_name(column, &before, &after);
                }
            }
            name(&mut column.name);
            column.generated.iter_mut().for_each(|g| text(&mut g.expression));
        }
        partition::rename(table, &rename, dialect);
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
    let old = ObjectId::column(table, from);
    for definition in metadata.definitions.values_mut() {
        if definition.depends_on.contains(&old) {
            in_body(definition, &rename, dialect);
        }
        for on in definition.depends_on.iter_mut().filter(|on| **on == old) {
            to.clone_into(&mut on.name.name);
        }
    }
    for sequence in metadata.sequences.values_mut() {
        if let Some(owner) = &mut sequence.owned_by
            && owner.table == *table
        {
            name(&mut owner.column);
        }
    }
}

fn in_constraint(
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

fn in_index(index: &mut Index, name: &impl Fn(&mut String), text: &impl Fn(&mut SqlText)) {
    for key in &mut index.keys {
        match &mut key.part {
            KeyPart::Column(column) => name(column),
            KeyPart::Expression(expression) => text(expression),
        }
    }
    index.include.iter_mut().for_each(name);
    index.predicate.iter_mut().for_each(text);
    if let Some(canonical) = &mut index.canonical {
        in_index(canonical, name, text);
    }
}

/// Applies renames to the body of a definition, for servers that update the stored text themselves.
fn in_body(definition: &mut Definition, renames: &[Rename<'_>], dialect: Dialect) {
    if dialect.kind_facts(definition.id.kind).is_some_and(|facts| facts.text_follows_renames) {
        let clauses = definition.clauses.iter_mut().map(|clause| &mut clause.text);
        for text in clauses.chain([&mut definition.body]) {
            text.written = rename_columns(&text.written, renames, dialect);
            text.canonical = text.canonical.as_ref().map(|t| rename_columns(t, renames, dialect));
        }
    }
}
