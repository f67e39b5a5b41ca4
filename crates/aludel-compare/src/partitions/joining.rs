//! Tables of the database that become partitions: what they have to be like before.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, expression_label, literal_value, without_parentheses};
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{
    Clause, Column, ColumnStorage, Constraint, ConstraintKind, ConstraintLabel, Definition, Index,
    IndexSettings, KeyPart, Kind, Metadata, NamePool, NotNull, ObjectId, Parameters, QualifiedName,
    ReplicaIdentity, SqlText, Table, index_name_columns, path,
};

use crate::not_nulls::own_not_null;
use crate::partitions::bound::{self, bare, part};
use crate::partitions::exchange;
use crate::tables::{constraint, index};

/// Partitions of the target that the database has as tables.
#[derive(Debug, Default)]
pub struct Joining {
    partitions: Vec<Definition>,
    /// The indexes that the partitions have of their own.
    indexes: Vec<Definition>,
}

impl Joining {
    /// Gives the target a table for each partition that the database has as a table: one like the table
    /// above it, with what the partition has of its own. The definitions are kept until the texts of the
    /// tables are settled. Partitions that ATTACH PARTITION can't make of their tables are left as they
    /// are.
    pub fn take(dialect: Dialect, database: &Metadata, target: &mut Metadata) -> Self {
        let mut joining = Self::default();
        loop {
            let found = exchange::joins(database, target, dialect).into_iter().find_map(|own| {
                let before = database.tables.get(&own.id.name)?;
                let mut table = joined(dialect, target, own)?;
                if !database.names_not_null {
                    table.columns.iter_mut().for_each(|column| column.not_null = None);
                }
                can_join(dialect, database, target, before, own).then(|| (own.clone(), table))
            });
            let Some((own, table)) = found else { break };
            let name = table.name.clone();
            target.definitions.remove(&own.id);
            if let Some(said) = target.access.remove(&own.id) {
                target.access.insert(ObjectId::table(&name), said);
            }
            let is_own = |id: &ObjectId| id.kind == Kind::Index && id.table.as_ref() == Some(&name);
            let indexes = target.definitions.extract_if(.., |id, _| is_own(id));
            joining.indexes.extend(indexes.map(|(_, index)| index));
            joining.partitions.push(own);
            exchange::rest_on_table(target, &name);
            target.add_table(table);
        }
        joining
    }

    /// Returns true if there are none.
    pub fn is_empty(&self) -> bool {
        self.partitions.is_empty()
    }

    /// Gives the tables the names that the database has for what they have in common with the tables above
    /// them, and puts the partitions back, with what their tables can't say.
    pub fn finish(self, dialect: Dialect, database: &Metadata, target: &mut Metadata) {
        self.indexes.into_iter().for_each(|own| target.add_definition(own));
        for mut own in self.partitions {
            let name = own.id.name.clone();
            let (Some(before), Some(mut table)) =
                (database.tables.get(&name), target.tables.remove(&name))
            else {
                continue;
            };
            keep_names(&mut table, before, taken(target, &name));
            keep_unsaid(&own, &mut table, before);
            let left = own_constraints(dialect, &own, before, &mut table);
            own_indexes(dialect, target, before, &mut table);
            exchange::reduce(&mut own, &left);
            exchange::say_in_table(target, &name);
            target.add_table(table);
            target.add_definition(own);
            // A partition of this one rests on the table.
            exchange::rest_on_table(target, &name);
        }
    }
}

/// Returns true unless ATTACH PARTITION refuses what the table is, or its rows would have to be there
/// before it.
fn can_join(
    dialect: Dialect,
    database: &Metadata,
    target: &Metadata,
    before: &Table,
    own: &Definition,
) -> bool {
    let inherits = !before.options.inherits.is_empty() || before.options.of_type.is_some();
    let heirs =
        || database.tables.values().any(|heir| heir.options.inherits.contains(&before.name));
    let top = tables_above(dialect, target, own).and_then(|mut above| above.pop());
    let top = top.and_then(|name| target.tables.get(name));
    let refers_to_itself =
        |table: &Table| table.foreign_keys().any(|(_, key)| key.references == table.name);
    !inherits && !heirs() && top.is_some_and(|table| !refers_to_itself(table))
}

/// Returns the tables that a partition is one of, from the nearest one on; `None` if one of them has parts
/// of its own, which its partitions share.
fn tables_above<'m>(
    dialect: Dialect,
    target: &'m Metadata,
    own: &'m Definition,
) -> Option<Vec<&'m QualifiedName>> {
    let mut above = vec![bound::parent(own, dialect)?];
    loop {
        let name = above.last().copied()?;
        if target.tables.contains_key(name) {
            return Some(above);
        }
        let between = target.definitions.get(&part(name))?;
        let is_shared = |clause: &Clause| {
            matches!(clause.word.as_str(), "constraint" | "not null" | "not null name" | "default")
        };
        let mut indexes = target.definitions.keys().filter(|id| id.kind == Kind::Index);
        if between.clauses.iter().any(is_shared)
            || indexes.any(|id| id.table.as_ref() == Some(name))
        {
            return None;
        }
        above.push(bound::parent(between, dialect)?);
    }
}

/// Returns the table that a partition is apart from the one above it, under names that are free.
fn joined(dialect: Dialect, target: &Metadata, own: &Definition) -> Option<Table> {
    let mut names_above = tables_above(dialect, target, own)?;
    let top = names_above.pop()?;
    let above = target.tables.get(top)?;
    let mut table = Table::new(own.id.name.clone());
    table.comment.clone_from(&own.comment);
    table.columns = above.columns.iter().map(|column| column_of(own, above, column)).collect();
    let mut names = taken(target, &own.id.name);
    let short = own.id.name.name.as_str();
    for constraint in above.constraints.iter().filter(|own| is_passed_on(own)) {
        let name = match label(&constraint.kind) {
            Some(label) => Some(names.choose(short, &columns_of_key(constraint), label)),
            None => constraint.name.clone(),
        };
        let settings = shared(&constraint.index);
        let said = name
            .as_ref()
            .map(|name| ObjectId::within(Kind::Constraint, &table.name, name.as_str()));
        table.constraints.push(Constraint {
            name,
            comment: said.and_then(|id| target.comments.get(&id).cloned()),
            index_comment: None,
            index: settings,
            ..constraint.clone()
        });
    }
    for index in &above.indexes {
        let name = names.choose(short, &columns_of(index), ConstraintLabel::Index);
        let settings = shared(&index.settings);
        table.indexes.push(Index { name, comment: None, settings, ..index.clone() });
    }
    for between in names_above.iter().rev().filter_map(|name| target.definitions.get(&part(name))) {
        stored_into(between, &mut table);
    }
    clauses_into(own, &mut table);
    Some(table)
}

/// Returns the settings that the index of a partition has from the one above it.
fn shared(above: &IndexSettings) -> IndexSettings {
    IndexSettings { with: above.with.clone(), ..IndexSettings::default() }
}

/// Returns true for a constraint of a table that its partitions have too.
fn is_passed_on(constraint: &Constraint) -> bool {
    !matches!(constraint.kind, ConstraintKind::Check { no_inherit: true, .. })
}

/// Returns the last word of the name of a constraint with an index, which is unique in its schema.
fn label(kind: &ConstraintKind) -> Option<ConstraintLabel> {
    match kind {
        ConstraintKind::PrimaryKey { .. } => Some(ConstraintLabel::PrimaryKey),
        ConstraintKind::Unique { .. } => Some(ConstraintLabel::Unique),
        ConstraintKind::Exclusion { .. } => Some(ConstraintLabel::Exclusion),
        ConstraintKind::ForeignKey(_) | ConstraintKind::Check { .. } => None,
    }
}

fn columns_of_key(constraint: &Constraint) -> String {
    match &constraint.kind {
        ConstraintKind::Unique { columns, .. } => columns.join("_"),
        ConstraintKind::PrimaryKey { .. }
        | ConstraintKind::Exclusion { .. }
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Check { .. } => String::new(),
    }
}

fn columns_of(index: &Index) -> String {
    let keys = index.keys.iter().map(|key| match &key.part {
        KeyPart::Column(name) => name.clone(),
        KeyPart::Expression(text) => expression_label(text.spelling()),
    });
    let parts: Vec<String> = keys.chain(index.include.iter().cloned()).collect();
    index_name_columns(&parts)
}

/// Returns a column of a partition, which numbers nothing by itself. Its NOT NULL constraint has the name
/// that it has above.
fn column_of(own: &Definition, above: &Table, column: &Column) -> Column {
    let stored = column.effective_storage();
    let storage = ColumnStorage { statistics: None, options: Parameters::default(), ..stored };
    let name = (!column.nullable).then(|| column.not_null_name(&above.name));
    let usual = Column { not_null: None, ..column.clone() }.not_null_name(&own.id.name);
    let not_null = NotNull { name: name.filter(|name| *name != usual), ..NotNull::default() };
    Column {
        identity: None,
        comment: own.column_comments.get(&column.name).cloned(),
        renamed_from: None,
        using: None,
        not_null: Some(Box::new(not_null)).filter(|own| **own != NotNull::default()),
        storage: Some(Box::new(storage)).filter(|own| **own != ColumnStorage::default()),
        ..column.clone()
    }
}

/// Gives a table the modes and compression methods of a partition above it.
fn stored_into(above: &Definition, table: &mut Table) {
    for Clause { word, name, text } in &above.clauses {
        let column = table.columns.iter_mut().find(|column| Some(&column.name) == name.as_ref());
        if let Some(column) = column.filter(|_| ["storage", "compression"].contains(&word.as_str()))
        {
            store(column, word, text);
        }
    }
}

/// Gives a table what a partition has of its own, but for its constraints.
fn clauses_into(own: &Definition, table: &mut Table) {
    let unquoted = |text: &SqlText| path(text.spelling()).and_then(|mut path| path.pop());
    let mut with = Vec::new();
    for Clause { word, name, text } in &own.clauses {
        let part = name.clone().unwrap_or_default();
        let column = table.columns.iter_mut().find(|column| column.name == part);
        let options = &mut table.options;
        match (word.as_str(), column) {
            ("unlogged", _) => options.unlogged = true,
            ("partition by", _) => options.partition_by = Some(SqlText::new(text.spelling())),
            ("access method", _) => options.access_method = unquoted(text),
            ("tablespace", _) => options.tablespace = unquoted(text),
            ("option", _) => with.push((part, text.spelling().to_owned())),
            ("toast option", _) => with.push((format!("toast.{part}"), text.spelling().to_owned())),
            ("row security", _) => options.row_security = true,
            ("forced row security", _) => options.force_row_security = true,
            ("replica identity", _) => {
                table.roles.replica_identity = match text.spelling() {
                    "FULL" => ReplicaIdentity::Full,
                    _ => ReplicaIdentity::Nothing,
                };
            }
            ("not null name", _) => name_not_null(table, &part, text.spelling()),
            ("comment on constraint", _) => {
                let mut constraints =
                    table.columns.iter_mut().filter_map(|own| own.not_null.as_mut());
                let own = constraints.find(|own| own.name.as_ref() == Some(&part));
                own.into_iter().for_each(|own| own.comment = Some(literal_value(text.spelling())));
            }
            ("constraint", _) if let Some(column) = own_not_null::column(text) => {
                name_not_null(table, &part, column);
            }
            ("default", Some(column)) => {
                let has_default = text.spelling() != "NULL";
                column.default = has_default.then(|| Box::new(text.clone()));
            }
            ("not null", Some(column)) => column.nullable = false,
            ("statistics", Some(column)) => {
                if let Ok(target) = text.spelling().parse() {
                    column.storage.get_or_insert_default().statistics = Some(target);
                }
            }
            ("storage" | "compression", Some(column)) => store(column, word, text),
            ("column options", Some(column)) => {
                let pairs = text.spelling().split(", ").filter_map(|pair| pair.split_once('='));
                let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
                column.storage.get_or_insert_default().options = pairs.collect();
            }
            // The bound is its place, and its constraints are compared with those of the table.
            _ => {}
        }
    }
    table.options.with = with.into_iter().collect();
}

/// Gives a column the mode or the compression method of a partition.
fn store(column: &mut Column, word: &str, text: &SqlText) {
    let said = text.spelling().to_ascii_lowercase();
    let storage = column.storage.get_or_insert_default();
    match word {
        "storage" => storage.mode = Some(said),
        _ => storage.compression = Some(said).filter(|method| method != "default"),
    }
}

fn name_not_null(table: &mut Table, name: &str, column: &str) {
    let wanted = path(column).and_then(|mut path| path.pop());
    let own = table.columns.iter_mut().find(|own| Some(&own.name) == wanted.as_ref());
    if let Some(own) = own {
        own.nullable = false;
        own.not_null.get_or_insert_default().name = Some(name.to_owned());
    }
}

/// Returns the names that other relations of the target have in the schema of a table.
fn taken(target: &Metadata, table: &QualifiedName) -> NamePool {
    let in_schema = |name: &&QualifiedName| name.schema == table.schema && *name != table;
    let mut pool = NamePool::default();
    let tables = target.tables.values().filter(|own| in_schema(&&own.name));
    for own in tables {
        let keys = own.constraints.iter().filter(|own| own.has_index());
        let keys = keys.filter_map(|own| own.name.as_deref());
        let indexes = own.indexes.iter().map(|own| own.name.as_str());
        for name in keys.chain(indexes).chain([own.name.name.as_str()]) {
            pool.reserve(name);
        }
    }
    let others = target.definitions.keys().map(|id| &id.name).chain(target.sequences.keys());
    for name in others.filter(in_schema) {
        pool.reserve(&name.name);
    }
    pool
}

/// Gives keys, foreign keys and indexes that the table has already in the database their names and places
/// there, unless another relation of the target gets the name. The others get names that are free.
fn keep_names(table: &mut Table, before: &Table, mut names: NamePool) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    let (mut unnamed_keys, mut unnamed) = (Vec::new(), Vec::new());
    for own in &mut table.constraints {
        let is_check = matches!(own.kind, ConstraintKind::Check { .. });
        let is_it = |old: &&Constraint| {
            let is_free = old.name.as_ref().is_some_and(|name| !used.contains(name));
            is_free && !is_check && old.same_demand(own)
        };
        let same = before.constraints.iter().find(is_it);
        let name = same.and_then(|old| old.name.clone());
        own.index.tablespace = same.and_then(|old| old.index.tablespace.clone());
        used.extend(name.clone());
        match name {
            Some(name) if !own.has_index() || names.reserve(&name) => own.name = Some(name),
            _ => unnamed_keys.extend(label(&own.kind).map(|label| (own, label))),
        }
    }
    for own in &mut table.indexes {
        let is_it = |old: &&Index| old.same_definition(own) && !used.contains(&old.name);
        let same = before.indexes.iter().find(is_it);
        if let Some(old) = same {
            let with = own.settings.with.clone();
            own.settings = IndexSettings { with, ..old.settings.clone() };
        }
        used.extend(same.map(|old| old.name.clone()));
        match same.map(|old| &old.name) {
            Some(name) if names.reserve(name) => own.name.clone_from(name),
            _ => unnamed.push(own),
        }
    }
    let short = table.name.name.as_str();
    for (own, label) in unnamed_keys {
        own.name = Some(names.choose(short, &columns_of_key(own), label));
    }
    for own in unnamed {
        own.name = names.choose(short, &columns_of(own), ConstraintLabel::Index);
    }
}

/// Lets a table keep what no object file says of its parts that are in the table above too: comments, but for those on
/// checks, and the parts of indexes in the whole table.
fn keep_unsaid(own: &Definition, table: &mut Table, before: &Table) {
    let is_check = |own: &&mut Constraint| matches!(own.kind, ConstraintKind::Check { .. });
    for constraint in table.constraints.iter_mut().filter(|own| !is_check(own)) {
        let is_it = |old: &&Constraint| old.name == constraint.name && old.same_demand(constraint);
        if let Some(old) = before.constraints.iter().find(is_it) {
            constraint.comment.clone_from(&old.comment);
            constraint.index_comment.clone_from(&old.index_comment);
        }
    }
    for index in &mut table.indexes {
        if let Some(old) = before.index(&index.name).filter(|old| old.same_definition(index)) {
            index.comment.clone_from(&old.comment);
        }
    }
    for column in &mut table.columns {
        let old = before.column(&column.name).and_then(|old| old.not_null.as_ref());
        let Some((constraint, old)) = column.not_null.as_mut().zip(old) else { continue };
        let is_own =
            own.clauses.iter().any(|own| own.name.is_some() && own.name == constraint.name);
        if !is_own {
            constraint.comment.clone_from(&old.comment);
        }
    }
    let is_above = |name: &String| {
        let mut keys = table.constraints.iter();
        table.index(name).is_some() || keys.any(|own| own.name.as_ref() == Some(name))
    };
    let clustered_on = before.roles.clustered_on.clone().filter(&is_above);
    if let ReplicaIdentity::Index(name) = &before.roles.replica_identity
        && table.roles.replica_identity == ReplicaIdentity::default()
        && is_above(name)
    {
        table.roles.replica_identity = ReplicaIdentity::Index(name.clone());
    }
    table.roles.clustered_on = clustered_on;
}

/// Gives a table the constraints that a partition has of its own and that the database has in the same
/// words. Returns the names of the others.
fn own_constraints(
    dialect: Dialect,
    own: &Definition,
    before: &Table,
    table: &mut Table,
) -> Vec<String> {
    let mut left = Vec::new();
    let constraints = own.clauses.iter().filter(|clause| clause.word == "constraint");
    for clause in constraints.filter(|clause| own_not_null::column(&clause.text).is_none()) {
        let Some(name) = &clause.name else { continue };
        let with = Definition { clauses: vec![clause.clone()], ..own.clone() };
        let (from, to) = (Box::new(bare(own)), Box::new(with));
        let (used_by, typed, fills) = (Vec::new(), Vec::new(), Vec::new());
        let said = Operation::Alter(Alter::Definition { from, to, used_by, typed, fills });
        let said = words(dialect, &said);
        let is_it = |old: &&Constraint| {
            let named = Constraint { name: Some(name.clone()), ..(*old).clone() };
            words(dialect, &constraint::add(&table.name, &named)) == said
        };
        let comment = |word: &str| {
            let is_it = |other: &&Clause| other.word == word && other.name == clause.name;
            let comment = own.clauses.iter().find(is_it)?;
            Some(literal_value(comment.text.spelling()))
        };
        let Some(old) = before.constraints.iter().find(|old| said.is_some() && is_it(old)) else {
            left.push(name.clone());
            continue;
        };
        table.constraints.push(Constraint {
            name: Some(name.clone()),
            comment: comment("comment on constraint"),
            index_comment: comment("comment on index"),
            ..old.clone()
        });
        let roles = ROLES_OF_KEY.map(|word| {
            let mut clauses = own.clauses.iter();
            clauses.any(|own| own.word == word && own.name == clause.name)
        });
        give_roles(table, name, roles);
    }
    left
}

/// Gives a table the indexes that a partition has of its own and that the database has in the same words, with
/// their parts in the whole table.
fn own_indexes(dialect: Dialect, target: &mut Metadata, before: &Table, table: &mut Table) {
    let is_own = |id: &ObjectId| id.kind == Kind::Index && id.table.as_ref() == Some(&table.name);
    let found = target.definitions.values().filter(|own| is_own(&own.id));
    let found: Vec<Definition> = found.cloned().collect();
    for own in found {
        let name = own.id.name.name.clone();
        let mut alone = own.clone();
        alone.clauses.retain(|clause| !ROLES.contains(&clause.word.as_str()));
        let said = Operation::Create(Object::Definition(Box::new(alone)));
        let said = words(dialect, &said);
        let renamed = |old: &Index| Index { name: name.clone(), ..old.clone() };
        let is_it = |old: &&Index| {
            let create = index::create(&table.name, &renamed(old)).into_iter().next();
            create.and_then(|create| words(dialect, &create)) == said
        };
        let Some(old) = before.indexes.iter().find(|old| said.is_some() && is_it(old)) else {
            continue;
        };
        table.indexes.push(Index { comment: own.comment.clone(), ..renamed(old) });
        target.definitions.remove(&own.id);
        let roles = ROLES.map(|word| own.clauses.iter().any(|own| own.word == word));
        give_roles(table, &name, roles);
    }
}

/// Gives an index its parts in the whole table.
fn give_roles(table: &mut Table, index: &str, [clustered, identity]: [bool; 2]) {
    if identity {
        table.roles.replica_identity = ReplicaIdentity::Index(index.to_owned());
    }
    if clustered {
        table.roles.clustered_on = Some(index.to_owned());
    }
}

/// The clauses of a partition that give the index of a constraint a part in the whole table.
const ROLES_OF_KEY: [&str; 2] = ["clustered", "replica identity index"];

/// The clauses of an index that give it a part in the whole table.
pub(crate) const ROLES: [&str; 2] = ["clustered", "replica identity"];

/// Returns the statement of an operation in a form in which it does not matter how the server puts
/// parentheses around a whole condition, and that it names the usual kind of index. `None` if there is no
/// statement, which is equal to no other one.
pub(crate) fn words(dialect: Dialect, operation: &Operation) -> Option<String> {
    let Ok(steps) = dialect.steps(std::slice::from_ref(operation)) else { return None };
    let statements = steps.into_iter().flat_map(|step| step.statements);
    let all = statements.collect::<Vec<_>>().join("; ").replace(" USING btree (", " (");
    for word in [" CHECK ", " WHERE "] {
        if let Some((head, condition)) = all.split_once(word) {
            let condition = without_parentheses(condition, dialect);
            return Some(format!("{head}{word}{condition}"));
        }
    }
    Some(all)
}
