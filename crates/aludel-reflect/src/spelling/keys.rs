//! Pieces of tables that show constraints and indexes.

use std::collections::BTreeSet;

use aludel_dialect::{name_columns, partitioned, without_table};
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{
    Constraint, ConstraintKind, Deferrable, ForeignKey, Index, IndexRoles, IndexSettings, KeyPart,
    Kind, ObjectId, QualifiedName, ReplicaIdentity, SqlText, Table, Validity,
};

use super::parts::{columns_of, created, created_and, named, unnamed};
use super::piece::PIECE;
use super::pieces::{Pieces, moved};
use super::question::Question;

impl Pieces<'_> {
    /// Returns a piece with columns of the table. If the table is partitioned, so is the piece, by the
    /// same key.
    fn with_columns(&self, names: &[&str]) -> Table {
        let key = self.table.options.partition_by.as_ref();
        let mut all = names.to_vec();
        let by_key = key.map(|key| self.columns_in(&key.written)).unwrap_or_default();
        all.extend(by_key.into_iter().filter(|name| !names.contains(name)));
        let mut piece = named(0);
        piece.columns = columns_of(self.table, &distinct(&all));
        piece.options.partition_by = key.cloned();
        piece
    }

    fn columns_in(&self, text: &str) -> Vec<&str> {
        let names = self.table.columns.iter().map(|column| column.name.as_str());
        name_columns(text, names, self.dialect)
    }

    fn is_partitioned(&self) -> bool {
        self.table.options.partition_by.is_some()
    }

    /// Returns the columns that an index names or reads.
    fn columns_of_index<'i>(&'i self, index: &'i Index) -> Vec<&'i str> {
        let mut read: BTreeSet<&str> = index.columns().collect();
        read.extend(index.expressions().flat_map(|text| self.columns_in(text.spelling())));
        read.into_iter().collect()
    }

    /// Returns an index without the name of its table.
    fn for_piece(&self, index: &Index) -> Index {
        let mut own = index.spelling().clone();
        let without = |text: &mut SqlText| {
            let own = without_table(text.spelling(), &self.table.name.name, self.dialect);
            *text = SqlText::new(own);
        };
        own.predicate.as_deref_mut().into_iter().for_each(without);
        for key in &mut own.keys {
            if let KeyPart::Expression(text) = &mut key.part {
                without(text);
            }
        }
        // The first name is that of the table.
        own.name = format!("{PIECE}1");
        own.comment = None;
        own
    }

    /// Returns the piece that shows an index for more than its texts: it reads columns that are
    /// computed on read, or has settings, or is a key of a partitioned table.
    pub(super) fn index(&self, index: &Index) -> Option<Question> {
        let read = self.columns_of_index(index);
        let known = self.before().and_then(|before| before.index(&index.name));
        let is_same = known.is_some_and(|known| known.same_definition(index));
        let settings = IndexSettings { with: Default::default(), ..index.settings.clone() };
        let is_set = settings != IndexSettings::default()
            && known.is_none_or(|known| known.settings != index.settings);
        let is_special = self.has_virtual(&read) || (self.is_partitioned() && index.unique);
        if !is_set && (is_same || !is_special) {
            return None;
        }
        let piece = self.with_columns(&read);
        let index_of_piece = Box::new(self.for_piece(index));
        let create = Object::Index { table: piece.name.clone(), index: index_of_piece };
        let done = vec![Operation::Create(create)];
        let names = [&self.table.name.name, &index.name];
        Some(created_and(index.id(&self.table.name), vec![piece], &names, done))
    }

    /// Returns true if one of the columns is computed on read.
    fn has_virtual(&self, columns: &[&str]) -> bool {
        columns.iter().any(|name| {
            let column = self.table.column(name).and_then(|column| column.generated.as_ref());
            column.is_some_and(|generated| !generated.stored)
        })
    }

    fn has_generated(&self, columns: &[&str]) -> bool {
        let generated = |name: &str| self.table.column(name).is_some_and(|c| c.generated.is_some());
        columns.iter().any(|name| generated(name))
    }

    pub(super) fn constraint(&self, constraint: &Constraint) -> Option<Question> {
        match &constraint.kind {
            ConstraintKind::PrimaryKey { columns, include, .. }
            | ConstraintKind::Unique { columns, include, .. } => {
                let all: Vec<&str> = columns.iter().chain(include).map(String::as_str).collect();
                let is_certain = !depends_on_version(&constraint.kind)
                    && !self.is_partitioned()
                    && constraint.index.with.is_empty()
                    && constraint.index.tablespace.is_none()
                    && are_few(all.iter().copied())
                    && distinct(&all).len() == all.len()
                    && columns.iter().all(|name| self.is_ordered(name))
                    && !self.has_generated(&all);
                let is_moved = || moved(self.before(), self.table, all.iter().copied());
                let is_known = || self.is_there(constraint) && !is_moved();
                (!is_certain && !is_known()).then(|| self.key(constraint, &all))
            }
            ConstraintKind::ForeignKey(key) => self.reference(constraint, key),
            // Only a partitioned table has a say beside the text.
            ConstraintKind::Exclusion { definition } => {
                let read = self.columns_in(definition.spelling());
                let is_asked = self.is_partitioned() && !self.is_there(constraint);
                is_asked.then(|| self.key(constraint, &read))
            }
            ConstraintKind::Check { no_inherit, .. } => {
                let is_asked = self.is_partitioned() && *no_inherit
                    || depends_on_version(&constraint.kind) && !self.is_there(constraint);
                is_asked.then(|| self.check(constraint))
            }
        }
    }

    /// Returns the piece that shows the sort of a check. Its text is asked for by itself.
    fn check(&self, constraint: &Constraint) -> Question {
        let mut own = unnamed(constraint);
        if let ConstraintKind::Check { expression, .. } = &mut own.kind {
            *expression = SqlText::new("true");
        }
        self.key(&own, &[]).about(constraint.id(&self.table.name))
    }

    fn is_there(&self, constraint: &Constraint) -> bool {
        self.before().is_some_and(|before| {
            let same = |own: &Constraint| {
                own.name == constraint.name
                    && own.kind == constraint.kind
                    && own.index == constraint.index
            };
            before.constraints.iter().any(same)
        })
    }

    /// Returns true if it is certain that an index sorts the values of a column.
    fn is_ordered(&self, name: &str) -> bool {
        self.table.column(name).is_some_and(|column| {
            let sql_type = column.sql_type.spelling();
            self.dialect.is_ordered(sql_type)
                || self.target.enums.keys().any(|own| self.dialect.quote_name(own) == sql_type)
        })
    }

    fn key(&self, constraint: &Constraint, columns: &[&str]) -> Question {
        let mut piece = self.with_columns(columns);
        piece.constraints.push(unnamed(constraint));
        created(constraint.id(&self.table.name), vec![piece], &[&self.table.name.name])
    }

    /// Returns the table of that name, or the one above the partition of that name.
    fn with_columns_of(&self, name: &QualifiedName) -> Option<&Table> {
        let definitions = &self.target.definitions;
        let above = |name: &QualifiedName| {
            let partition = definitions.get(&ObjectId::new(Kind::Partition, name.clone()))?;
            partitioned(partition.source.as_deref()?, self.dialect)
        };
        let mut names = std::iter::successors(Some(name.clone()), above);
        names.find_map(|name| self.target.tables.get(&name))
    }

    /// Returns the piece that shows a foreign key, with what it refers to.
    fn reference(&self, constraint: &Constraint, key: &ForeignKey) -> Option<Question> {
        let table = self.with_columns_of(&key.references)?;
        let columns: Vec<&str> = key.columns.iter().map(String::as_str).collect();
        let referenced: Vec<&str> = key.referenced_columns.iter().map(String::as_str).collect();
        let their_key = referenced_key(table, key);
        // What the server looks at beside the types may have changed.
        let is_plain = self.is_plain_reference(table, key, &their_key);
        let is_known = self.is_there(constraint)
            && is_plain
            && !moved(self.before(), self.table, columns.iter().copied())
            && !moved(self.database.tables.get(&table.name), table, referenced.iter().copied());
        let mut pairs = columns.iter().zip(&referenced);
        let are_certain = pairs.all(|(own, other)| {
            let types = self.table.column(own).zip(table.column(other));
            types.is_some_and(|(own, other)| {
                let (own, other) = (own.sql_type.spelling(), other.sql_type.spelling());
                self.dialect.is_certain_reference(own, other)
            })
        });
        let is_certain = are_certain
            && is_plain
            && !self.has_generated(&columns)
            && !depends_on_version(&constraint.kind);
        if is_known || is_certain {
            return None;
        }
        let (mut there, mut here) = (named(0), named(1));
        there.columns = columns_of(table, &distinct(&referenced));
        there.options.unlogged = table.options.unlogged;
        there.constraints.push(their_key);
        let set = key.set_columns.iter().map(String::as_str);
        let of_key = self.with_columns(&columns.iter().copied().chain(set).collect::<Vec<_>>());
        (here.columns, here.options) = (of_key.columns, of_key.options);
        here.options.unlogged = self.table.options.unlogged;
        let mut own = Constraint { name: constraint.name.clone(), ..unnamed(constraint) };
        own.kind = ConstraintKind::ForeignKey(ForeignKey {
            references: there.name.clone(),
            ..key.clone()
        });
        // A table that is created with it is empty, and checks nothing.
        let add = Object::Constraint { table: here.name.clone(), constraint: Box::new(own) };
        let done = vec![Operation::Create(add)];
        let names = [&table.name.name, &self.table.name.name];
        Some(created_and(constraint.id(&self.table.name), vec![there, here], &names, done))
    }

    /// Returns true if nothing but the types of its columns can speak against a foreign key.
    fn is_plain_reference(&self, table: &Table, key: &ForeignKey, their_key: &Constraint) -> bool {
        let columns: Vec<&str> = key.columns.iter().map(String::as_str).collect();
        !table.options.unlogged
            && their_key.deferrable == Deferrable::No
            && are_few(columns.iter().copied())
            && distinct(&columns).len() == columns.len()
            && key.set_columns.iter().all(|name| key.columns.contains(name))
            && !(self.is_partitioned() && key.validity != Validity::Valid)
    }

    /// Returns the piece that shows the roles of indexes, with those indexes. The server looks at the
    /// whole index, and at NOT NULL of its columns.
    pub(super) fn roles(&self) -> Option<Question> {
        let (table, roles) = (self.table, &self.table.roles);
        let chosen: BTreeSet<&str> = match &roles.replica_identity {
            ReplicaIdentity::Index(name) => Some(name.as_str()),
            ReplicaIdentity::PrimaryKey | ReplicaIdentity::Full | ReplicaIdentity::Nothing => None,
        }
        .into_iter()
        .chain(roles.clustered_on.as_deref())
        .collect();
        let indexes: Vec<&Index> =
            chosen.iter().filter_map(|name| self.table.index(name)).collect();
        let is_chosen =
            |own: &&Constraint| own.name.as_deref().is_some_and(|name| chosen.contains(name));
        let keys: Vec<&Constraint> = table.constraints.iter().filter(is_chosen).collect();
        let mut read: Vec<&str> =
            indexes.iter().flat_map(|index| self.columns_of_index(index)).collect();
        read.extend(keys.iter().flat_map(|key| held_columns(key)));
        if chosen.is_empty() || self.has_such_roles(&indexes, &keys, &read) {
            return None;
        }
        let mut piece = self.with_columns(&read);
        for column in &mut piece.columns {
            column.nullable = table.column(&column.name).is_none_or(|own| own.nullable);
        }
        let mut names = vec![table.name.name.clone()];
        let mut done = Vec::new();
        for index in indexes {
            let mut own = self.for_piece(index);
            own.name = format!("{PIECE}{}", names.len());
            names.push(index.name.clone());
            let table = piece.name.clone();
            done.push(Operation::Create(Object::Index { table, index: Box::new(own) }));
        }
        for key in keys {
            let name = format!("{PIECE}{}", names.len());
            names.extend(key.name.clone());
            piece.constraints.push(Constraint { name: Some(name), ..unnamed(key) });
        }
        let name_of = |own: &String| {
            let at = names.iter().skip(1).position(|name| name == own)?;
            Some(format!("{PIECE}{}", at + 1))
        };
        let to = IndexRoles {
            replica_identity: match &roles.replica_identity {
                ReplicaIdentity::Index(name) => {
                    name_of(name).map_or(ReplicaIdentity::PrimaryKey, ReplicaIdentity::Index)
                }
                other => other.clone(),
            },
            clustered_on: roles.clustered_on.as_ref().and_then(name_of),
        };
        done.push(Operation::Alter(Alter::IndexRoles {
            table: piece.name.clone(),
            from: Box::default(),
            to: Box::new(to),
        }));
        let object = ObjectId::table(&table.name);
        let names: Vec<&String> = names.iter().collect();
        Some(created_and(object, vec![piece], &names, done))
    }

    /// Returns true if the database has the same indexes in the same roles, over columns that are NOT
    /// NULL as those of the models are.
    fn has_such_roles(&self, indexes: &[&Index], keys: &[&Constraint], read: &[&str]) -> bool {
        let Some(before) = self.before() else { return false };
        let has = |index: &&Index| {
            before.index(&index.name).is_some_and(|known| known.same_definition(index))
        };
        let is_same = |name: &&str| {
            let nullable = |table: &Table| table.column(name).map(|column| column.nullable);
            nullable(before) == nullable(self.table)
        };
        before.roles == self.table.roles
            && indexes.iter().all(has)
            && keys.iter().all(|key| self.is_there(key))
            && read.iter().all(is_same)
    }
}

/// Returns true if a constraint is of a sort that older versions of a server do not have.
fn depends_on_version(kind: &ConstraintKind) -> bool {
    match kind {
        ConstraintKind::PrimaryKey { without_overlaps, .. } => *without_overlaps,
        ConstraintKind::Unique { nulls_not_distinct, without_overlaps, .. } => {
            *nulls_not_distinct || *without_overlaps
        }
        ConstraintKind::ForeignKey(key) => {
            key.period || !key.set_columns.is_empty() || key.validity == Validity::NotEnforced
        }
        ConstraintKind::Check { validity, .. } => *validity == Validity::NotEnforced,
        ConstraintKind::Exclusion { .. } => false,
    }
}

/// Returns true if no limit of a server is near.
pub(super) fn are_few<'n>(names: impl IntoIterator<Item = &'n str>) -> bool {
    names.into_iter().count() <= 16
}

/// Returns the columns that the index of a key holds.
fn held_columns(key: &Constraint) -> impl Iterator<Item = &str> {
    let include = match &key.kind {
        ConstraintKind::PrimaryKey { include, .. } | ConstraintKind::Unique { include, .. } => {
            include.as_slice()
        }
        ConstraintKind::ForeignKey(_)
        | ConstraintKind::Check { .. }
        | ConstraintKind::Exclusion { .. } => &[],
    };
    key.columns().iter().chain(include).map(String::as_str)
}

/// Returns names in their order, each of them once.
fn distinct<'n>(names: &[&'n str]) -> Vec<&'n str> {
    let mut seen = BTreeSet::new();
    names.iter().copied().filter(|name| seen.insert(*name)).collect()
}

/// Returns the key that a foreign key leads to.
fn referenced_key(table: &Table, key: &ForeignKey) -> Constraint {
    let wanted: BTreeSet<&String> = key.referenced_columns.iter().collect();
    let is_it = |own: &&Constraint| {
        let is_key = match own.kind {
            ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } => true,
            ConstraintKind::ForeignKey(_)
            | ConstraintKind::Check { .. }
            | ConstraintKind::Exclusion { .. } => false,
        };
        is_key && own.columns().iter().collect::<BTreeSet<_>>() == wanted
    };
    // The server takes one that is not deferrable if there is one.
    let mut keys: Vec<&Constraint> = table.constraints.iter().filter(is_it).collect();
    keys.sort_by_key(|own| own.deferrable != Deferrable::No);
    let mut own = keys.first().map(|own| unnamed(own)).unwrap_or_else(|| {
        // A unique index does as well.
        Constraint::new(None, ConstraintKind::unique(key.referenced_columns.clone()))
    });
    match &mut own.kind {
        ConstraintKind::PrimaryKey { include, .. } | ConstraintKind::Unique { include, .. } => {
            include.clear();
        }
        ConstraintKind::ForeignKey(_)
        | ConstraintKind::Check { .. }
        | ConstraintKind::Exclusion { .. } => {}
    }
    own
}
