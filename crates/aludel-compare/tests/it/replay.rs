//! A database that is nothing but metadata, and refuses what a server would refuse: an operation
//! whose object is not there, is there already, or rests on something that is missing.

use std::collections::BTreeMap;

use aludel_compare::{LabelRename, ObjectRename, Plan, Renamed, Renames};
use aludel_dialect::{Dialect, name_columns, significant};
use aludel_operations::{Alter, Object, Operation, TableRebuild, TypeReplacement};
use aludel_schema::{
    Column, Constraint, ConstraintKind, Definition, EnumType, ForeignKey, Index, IndexRoles, Kind,
    Metadata, ObjectId, OwnerColumn, QualifiedName, SqlText, Table, Validity,
};

use crate::replay_storage::{made_column, made_constraint, made_index};

pub(crate) type Done = Result<(), String>;

/// Runs the operations of a plan, one after the other.
pub(crate) fn replay(dialect: Dialect, from: &Metadata, plan: &Plan) -> Result<Metadata, String> {
    let mut server = Server { dialect, now: from.clone() };
    for operation in plan.operations() {
        server.run(operation).map_err(|problem| format!("{operation}: {problem}"))?;
    }
    Ok(server.now)
}

/// The database as it is now.
pub(crate) struct Server {
    dialect: Dialect,
    pub(crate) now: Metadata,
}

pub(crate) fn must(holds: bool, problem: impl FnOnce() -> String) -> Done {
    if holds { Ok(()) } else { Err(problem()) }
}

impl Server {
    fn run(&mut self, operation: &Operation) -> Done {
        match operation {
            Operation::Create(object) => self.create(object),
            Operation::Drop(object) => self.drop(object),
            Operation::Rename { from, to } => self.rename(from, to),
            Operation::Alter(Alter::KeyOfIndex { table, constraint }) => {
                self.key_of_index(table, constraint)
            }
            Operation::Alter(alter) => self.alter(alter),
            Operation::Restore(restored) => self.add_column(&restored.table, &restored.column),
            Operation::Comment { on, comment } => self.comment(on, comment.clone()),
        }
    }

    pub(crate) fn table(&mut self, name: &QualifiedName) -> Result<&mut Table, String> {
        self.now.tables.get_mut(name).ok_or_else(|| format!("there is no table {name}"))
    }

    fn column(&mut self, table: &QualifiedName, name: &str) -> Result<&mut Column, String> {
        let columns = &mut self.table(table)?.columns;
        let column = columns.iter_mut().find(|column| column.name == name);
        column.ok_or_else(|| format!("there is no column {table}.{name}"))
    }

    fn has(&self, id: &ObjectId) -> bool {
        let table = id.table.as_ref().and_then(|name| self.now.tables.get(name));
        match (id.kind, table) {
            (Kind::Schema, _) => self.now.schemas.contains(&id.name.name),
            (Kind::Extension, _) => self.now.extensions.contains_key(&id.name.name),
            (Kind::Enum, _) => self.now.enums.contains_key(&id.name),
            (Kind::Sequence, _) => self.now.sequences.contains_key(&id.name),
            (Kind::Table, _) => self.now.tables.contains_key(&id.name),
            (Kind::Column, Some(table)) => table.column(&id.name.name).is_some(),
            (Kind::Constraint, Some(table)) => {
                table.constraints.iter().any(|c| c.label() == id.name.name)
            }
            (Kind::Index, Some(table)) => {
                let of_key = |c: &Constraint| c.has_index() && c.label() == id.name.name;
                table.index(&id.name.name).is_some() || table.constraints.iter().any(of_key)
            }
            _ => self.now.definitions.contains_key(id),
        }
    }

    /// Returns true if a relation or a type of the schema has the name.
    fn is_taken(&self, name: &QualifiedName) -> bool {
        let indexes = self.now.tables.values().flat_map(|table| {
            let keys = table.constraints.iter().filter(|c| c.has_index());
            let keys = keys.filter_map(|c| c.name.as_ref());
            let names = table.indexes.iter().map(|index| &index.name).chain(keys);
            names.map(|name| table.name.sibling(name.as_str()))
        });
        [Kind::Enum, Kind::Sequence, Kind::Table, Kind::View, Kind::BaseType, Kind::Domain]
            .iter()
            .any(|kind| self.has(&ObjectId::new(*kind, name.clone())))
            || indexes.into_iter().any(|index| index == *name)
    }

    fn free(&self, id: &ObjectId) -> Done {
        must(!self.has(id), || format!("{id} is there already"))?;
        let taken = !id.kind.namespaces().is_empty() && self.is_taken(&id.name);
        must(!taken, || format!("the name {} is taken", id.name))?;
        let schema = id.name.schema.as_ref();
        let there = schema.is_none_or(|schema| self.now.schemas.contains(schema));
        must(there, || format!("there is no schema for {id}"))
    }

    fn create(&mut self, object: &Object) -> Done {
        match object {
            Object::Column { table, column, constraints } => {
                self.add_column(table, column)?;
                return constraints.iter().try_for_each(|own| self.add_constraint(table, own));
            }
            Object::Constraint { table, constraint } => {
                return self.add_constraint(table, constraint);
            }
            _ => self.free(&object.id())?,
        }
        match object {
            Object::Schema(name) => {
                self.now.schemas.insert(name.clone());
            }
            Object::Extension(extension) => {
                self.now.extensions.insert(extension.name.clone(), extension.clone());
            }
            Object::Enum(new) => {
                let new = EnumType { comment: None, ..new.clone() };
                self.now.enums.insert(new.name.clone(), new);
            }
            Object::Sequence(new) => {
                let new = aludel_schema::Sequence { owned_by: None, ..new.clone() };
                self.now.sequences.insert(new.name.clone(), new);
            }
            Object::Table(table) => self.create_table(table)?,
            Object::Index { table, index } => self.create_index(table, index)?,
            Object::Definition(new) => {
                self.rests(&new.depends_on)?;
                let (comment, column_comments) = (None, BTreeMap::new());
                let new = Definition { comment, column_comments, ..new.as_ref().clone() };
                self.now.add_definition(new);
            }
            Object::Column { .. } | Object::Constraint { .. } => {}
        }
        Ok(())
    }

    fn rests(&self, on: &[ObjectId]) -> Done {
        on.iter().try_for_each(|id| must(self.has(id), || format!("it rests on {id}, not there")))
    }

    fn create_table(&mut self, new: &Table) -> Done {
        let empty = Table { columns: Vec::new(), constraints: Vec::new(), ..new.clone() };
        let empty = Table { roles: IndexRoles::default(), ..empty };
        self.now.add_table(Table { indexes: Vec::new(), comment: None, ..empty });
        for column in &new.columns {
            self.fits(column)?;
            self.table(&new.name)?.columns.push(made_column(column));
        }
        for column in &new.columns {
            self.reads_what_is_there(&new.name, column)?;
        }
        new.constraints.iter().try_for_each(|own| {
            must(!is_not_valid(own), || format!("CREATE TABLE forgets NOT VALID of {own:?}"))?;
            self.add_constraint(&new.name, own)
        })
    }

    /// Returns true if the type of a column exists, and the sequence of its default. The names of types
    /// that are objects begin with `my_` in these tests.
    fn fits(&self, column: &Column) -> Done {
        let base = column.sql_type.written.trim_end_matches("[]");
        let name = QualifiedName::parse(base);
        let is_known = !base.starts_with("my_")
            || [Kind::Enum, Kind::Domain]
                .iter()
                .any(|kind| self.has(&ObjectId::new(*kind, name.clone())));
        must(is_known, || format!("there is no type {base}"))?;
        if let Some(drawn) = column.default.as_deref().and_then(drawn_sequence) {
            must(self.now.sequences.contains_key(&drawn), || format!("no sequence {drawn}"))?;
        }
        Ok(())
    }

    fn add_column(&mut self, table: &QualifiedName, column: &Column) -> Done {
        let id = ObjectId::column(table, column.name.as_str());
        must(!self.has(&id), || "it is there already".to_owned())?;
        self.fits(column)?;
        let column = made_column(column);
        self.table(table)?.columns.push(column.clone());
        self.reads_what_is_there(table, &column)
    }

    /// A generated column of these tests has nothing but columns, calls and literals in it.
    fn reads_what_is_there(&mut self, table: &QualifiedName, column: &Column) -> Done {
        let Some(generated) = &column.generated else { return Ok(()) };
        let tokens = significant(&generated.expression.written, self.dialect);
        for (at, token) in tokens.iter().enumerate() {
            let is_call = tokens.get(at + 1).is_some_and(|next| next.text == "(");
            if let Some(name) = token.identifier().filter(|_| !is_call) {
                self.column(table, &name)?;
            }
        }
        Ok(())
    }

    fn add_constraint(&mut self, table: &QualifiedName, constraint: &Constraint) -> Done {
        let id = constraint.id(table);
        must(!self.has(&id) || constraint.name.is_none(), || format!("{id} is there already"))?;
        if constraint.has_index() && constraint.name.is_some() {
            must(!self.is_taken(&id.name), || format!("the name {} is taken", id.name))?;
        }
        let own = self.table(table)?.clone();
        for name in constraint.columns() {
            must(own.column(name).is_some(), || format!("there is no column {table}.{name}"))?;
        }
        if let Some(key) = constraint.foreign_key() {
            self.leads_to_key(key)?;
        }
        self.table(table)?.constraints.push(made_constraint(constraint));
        Ok(())
    }

    fn key_of_index(&mut self, table: &QualifiedName, constraint: &Constraint) -> Done {
        let indexes = &mut self.table(table)?.indexes;
        let at = indexes.iter().position(|own| own.name == constraint.label());
        let index = indexes.remove(at.ok_or("there is no such index")?);
        must(index.key_columns() == constraint.key_columns(), || {
            "it has other columns".to_owned()
        })?;
        self.add_constraint(table, constraint)?;
        if let Some(own) = self.table(table)?.constraints.last_mut() {
            (own.index, own.index_comment) = (index.settings, index.comment);
        }
        Ok(())
    }

    /// PostgreSQL wants a table with a key behind a foreign key; SQLite looks when rows come.
    fn leads_to_key(&self, key: &ForeignKey) -> Done {
        if !self.dialect.capabilities().foreign_keys_need_target {
            return Ok(());
        }
        let Some(table) = self.now.tables.get(&key.references) else {
            return Err(format!("there is no table {}", key.references));
        };
        must(has_key(table, key), || format!("no key of {} for {key:?}", table.name))
    }

    fn create_index(&mut self, table: &QualifiedName, index: &Index) -> Done {
        let own = self.table(table)?;
        for name in index.columns() {
            must(own.column(name).is_some(), || format!("there is no column {table}.{name}"))?;
        }
        own.indexes.push(made_index(index));
        Ok(())
    }

    fn drop(&mut self, object: &Object) -> Done {
        let id = object.id();
        must(self.has(&id), || "it is not there".to_owned())?;
        // SQLite looks at a view when it is read.
        if self.dialect.capabilities().foreign_keys_need_target {
            let readers = self.now.definitions.values().filter(|d| {
                d.depends_on.iter().any(|on| *on == id || on.table.as_ref() == Some(&id.name))
            });
            let readers: Vec<&ObjectId> = readers.map(|d| &d.id).collect();
            must(readers.is_empty(), || format!("{readers:?} rest on it"))?;
        }
        match object {
            Object::Schema(name) => {
                let schema = Some(name.clone());
                let inside = self.now.tables.keys().filter(|table| table.schema == schema);
                let inside: Vec<&QualifiedName> = inside.collect();
                must(inside.is_empty(), || format!("{inside:?} are in it"))?;
                self.now.schemas.remove(name);
            }
            Object::Extension(extension) => {
                self.now.extensions.remove(&extension.name);
            }
            Object::Enum(enum_type) => {
                self.is_of_no_column(&enum_type.name)?;
                self.now.enums.remove(&enum_type.name);
            }
            Object::Sequence(sequence) => {
                let columns = self.now.tables.values().flat_map(|table| &table.columns);
                let drawn = columns.filter_map(|c| c.default.as_deref().and_then(drawn_sequence));
                let drawn: Vec<QualifiedName> = drawn.filter(|n| *n == sequence.name).collect();
                must(drawn.is_empty(), || "a default draws from it".to_owned())?;
                self.now.sequences.remove(&sequence.name);
            }
            Object::Table(table) => self.drop_table(&table.name)?,
            Object::Column { table, column, .. } => self.drop_column(table, &column.name)?,
            Object::Constraint { table, constraint } => {
                self.table(table)?.constraints.retain(|own| own.label() != constraint.label());
                self.loses_roles(table, &constraint.label())?;
                self.keys_are_whole()?;
            }
            Object::Index { table, index } => {
                self.table(table)?.indexes.retain(|own| own.name != index.name);
                self.loses_roles(table, &index.name)?;
                self.keys_are_whole()?;
            }
            Object::Definition(definition) => {
                self.is_of_no_column(&definition.id.name)?;
                self.now.definitions.remove(&definition.id);
            }
        }
        Ok(())
    }

    fn is_of_no_column(&self, name: &QualifiedName) -> Done {
        let written = self.dialect.quote_name(name);
        for table in self.now.tables.values() {
            let of_type = |c: &&Column| c.sql_type.written.trim_end_matches("[]") == written;
            let column = table.columns.iter().find(of_type);
            must(column.is_none(), || format!("a column of {} is of it", table.name))?;
        }
        Ok(())
    }

    fn drop_table(&mut self, name: &QualifiedName) -> Done {
        self.now.tables.remove(name);
        let owner = |own: &OwnerColumn| own.table == *name;
        self.now.sequences.retain(|_, s| !s.owned_by.as_ref().is_some_and(owner));
        self.keys_are_whole()
    }

    fn drop_column(&mut self, table: &QualifiedName, name: &str) -> Done {
        let dialect = self.dialect;
        let own = self.table(table)?;
        own.columns.retain(|column| column.name != name);
        let reads =
            |text: &SqlText| !name_columns(&text.written, [name].into_iter(), dialect).is_empty();
        let generated = own.columns.iter().filter_map(|column| column.generated.as_ref());
        let read = generated.into_iter().any(|generated| reads(&generated.expression));
        must(!read, || "a generated column reads it".to_owned())?;
        let held = own.constraints.iter().any(|constraint| match &constraint.kind {
            ConstraintKind::Check { expression, .. } => reads(expression),
            _ => constraint.columns().iter().any(|column| column == name),
        });
        must(!held, || "a constraint holds it".to_owned())?;
        let held = own.indexes.iter().any(|index| index.columns().any(|column| column == name));
        must(!held, || "an index holds it".to_owned())?;
        let owner = |own: &OwnerColumn| own.table == *table && own.column == name;
        self.now.sequences.retain(|_, s| !s.owned_by.as_ref().is_some_and(owner));
        self.keys_are_whole()
    }

    fn keys_are_whole(&self) -> Done {
        let tables = self.now.tables.values();
        tables.flat_map(Table::foreign_keys).try_for_each(|(_, key)| self.leads_to_key(key))
    }

    fn rename(&mut self, from: &ObjectId, to: &str) -> Done {
        if from.kind == Kind::Sequence && self.rename_identity(&from.name, to) {
            return Ok(());
        }
        must(self.has(from), || "it is not there".to_owned())?;
        let mut new = from.clone();
        new.name = new.name.sibling(to);
        self.free(&new)?;
        match (from.kind, &from.table) {
            (Kind::Constraint, Some(table)) => {
                let own = &mut self.table(table)?.constraints;
                let own = own.iter_mut().filter(|c| c.label() == from.name.name);
                own.for_each(|constraint| constraint.name = Some(to.to_owned()));
                self.renames_role(table, &from.name.name, to)?;
            }
            (Kind::Index, Some(table)) => {
                let own = self.table(table)?.indexes.iter_mut();
                own.filter(|i| i.name == from.name.name).for_each(|i| to.clone_into(&mut i.name));
                self.renames_role(table, &from.name.name, to)?;
            }
            _ => self.renamed(from, new.name),
        }
        Ok(())
    }

    fn renamed(&mut self, from: &ObjectId, to: QualifiedName) {
        let rename = ObjectRename { from: from.clone(), to };
        self.rename_all(Renames { renames: vec![rename], ..Renames::default() });
    }

    fn rename_all(&mut self, renames: Renames) {
        self.now = Renamed::by(self.dialect, &self.now, &self.now, renames).metadata.into_owned();
    }

    /// Renames the sequence behind an identity column. Returns false if there is none of the name.
    fn rename_identity(&mut self, from: &QualifiedName, to: &str) -> bool {
        for table in self.now.tables.values_mut() {
            for column in &mut table.columns {
                let usual = table.name.sibling(format!("{}_{}_seq", table.name.name, column.name));
                if let Some(identity) = &mut column.identity {
                    let name = identity.sequence.clone().unwrap_or_else(|| usual.to_string());
                    if name == from.to_string() {
                        let new = from.sibling(to);
                        identity.sequence = Some(new.to_string()).filter(|_| new != usual);
                        return true;
                    }
                }
            }
        }
        false
    }

    fn alter(&mut self, alter: &Alter) -> Done {
        must(self.has(&alter.object()), || "it is not there".to_owned())?;
        match alter {
            Alter::Move(moves) => self.renamed(&moves.from, moves.to.clone()),
            Alter::EnumLabel { name, label, before, .. } => {
                let labels = &mut self.now.enums.get_mut(name).ok_or("no such enum")?.labels;
                let at = before.as_ref().map(|b| labels.iter().position(|own| own == b));
                let at = at.unwrap_or(Some(labels.len())).ok_or("no such label")?;
                labels.insert(at, label.clone());
            }
            Alter::RenameLabel { of, from, to } => {
                let rename = LabelRename { of: of.clone(), from: from.clone(), to: to.clone() };
                self.rename_all(Renames { labels: vec![rename], ..Renames::default() });
            }
            Alter::RenameAttribute { of, from, to, .. } => {
                self.renamed(&ObjectId::column(&of.name, from.as_str()), of.name.sibling(to));
            }
            Alter::Extension { extension, .. } => {
                self.now.extensions.insert(extension.name.clone(), extension.clone());
            }
            // Counters are not part of metadata, and keys of indexes are not there before.
            Alter::Counter(_) | Alter::KeyOfIndex { .. } => {}
            Alter::ReplaceType(replacement) => self.replace_type(replacement)?,
            Alter::Sequence { to, .. } => {
                let own = self.now.sequences.get_mut(&to.name).ok_or("no such sequence")?;
                own.options.clone_from(&to.options);
            }
            Alter::SequenceOwner { sequence, .. } => {
                if let Some(owner) = &sequence.owned_by {
                    self.column(&owner.table, &owner.column)?;
                }
                let own = self.now.sequences.get_mut(&sequence.name).ok_or("no such sequence")?;
                own.owned_by.clone_from(&sequence.owned_by);
            }
            Alter::TableOptions { table, to, .. } => {
                self.table(table)?.options.clone_from(to);
            }
            Alter::Rebuild(rebuild) => self.rebuild(rebuild)?,
            Alter::Column(change) => self.alter_column(&change.table, &change.from, &change.to)?,
            Alter::Validate { table, constraint } => {
                let own = self.table(table)?.constraints.iter_mut();
                let own = own.filter(|own| own.name == constraint.name);
                own.for_each(|own| own.kind.clone_from(&constraint.kind));
            }
            Alter::IndexRoles { .. } | Alter::IndexSettings { .. } | Alter::Enforcement { .. } => {
                self.alter_storage(alter)?;
            }
            Alter::Access { on, to, .. } => {
                self.now.belongings.insert(on.clone(), (**to).clone());
            }
            Alter::Definition { from, to, .. } => {
                self.rests(&to.depends_on)?;
                let own = self.now.definitions.get_mut(&to.id).ok_or("it is not there")?;
                must(own.says_the_same(from), || "it says something else".to_owned())?;
                let (comment, comments) = (own.comment.take(), own.column_comments.clone());
                own.clone_from(to);
                own.comment = comment;
                own.column_comments = comments;
            }
        }
        Ok(())
    }

    fn rebuild(&mut self, rebuild: &TableRebuild) -> Done {
        let to = &rebuild.to;
        let columns =
            |table: &Table| table.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
        let there = columns(self.table(&to.name)?);
        must(there == columns(&rebuild.from), || format!("it has {there:?}"))?;
        self.now.add_table(to.clone());
        let of_table = |id: &&ObjectId| id.table.as_ref() == Some(&to.name);
        let there: Vec<&ObjectId> = self.now.definitions.keys().filter(of_table).collect();
        let kept: Vec<&ObjectId> = rebuild.triggers.iter().map(|t| &t.id).collect();
        must(there == kept, || format!("of {there:?} it keeps {kept:?}"))?;
        Ok(())
    }

    fn alter_column(&mut self, table: &QualifiedName, from: &Column, to: &Column) -> Done {
        self.fits(to)?;
        let is_type_changed = from.sql_type != to.sql_type;
        let id = ObjectId::column(table, to.name.as_str());
        let read = self.now.definitions.values().any(|d| d.depends_on.contains(&id));
        must(!is_type_changed || !read, || "a view reads it".to_owned())?;
        let column = self.column(table, &to.name)?;
        let plain = |column: &Column| {
            // The default moves together with a replaced type, which goes under another name.
            let written = column.sql_type.written.replace("_old", "");
            let (sql_type, renamed_from) = (SqlText::new(written), None);
            Column { comment: None, renamed_from, default: None, sql_type, ..column.clone() }
        };
        let there = plain(column) == plain(from);
        must(there, || format!("it is {column:?}, not {from:?}"))?;
        let comment = column.comment.take();
        *column = Column { comment, ..to.clone() };
        Ok(())
    }

    fn replace_type(&mut self, replacement: &TypeReplacement) -> Done {
        let (id, mut old) = (replacement.to.id(), replacement.from.id());
        old.name = old.name.sibling(format!("{}_old", old.name.name));
        self.free(&old)?;
        match &replacement.to {
            Object::Enum(to) => {
                let own = self.now.enums.remove(&id.name).ok_or("it is not there")?;
                let own = EnumType { name: old.name.clone(), ..own };
                self.now.enums.insert(own.name.clone(), own);
                self.now.enums.insert(to.name.clone(), EnumType { comment: None, ..to.clone() });
            }
            Object::Definition(to) => {
                let own = self.now.definitions.remove(&id).ok_or("it is not there")?;
                self.now.add_definition(Definition { id: old.clone(), ..own });
                self.now.add_definition(Definition { comment: None, ..to.as_ref().clone() });
            }
            object => return Err(format!("{} is no type", object.id())),
        }
        let (written, moved) = (self.dialect.quote_name(&id.name), &replacement.columns);
        for table in self.now.tables.values_mut() {
            for column in &mut table.columns {
                let is_it =
                    moved.iter().find(|m| m.table == table.name && m.column.name == column.name);
                let base = column.sql_type.written.trim_end_matches("[]").to_owned();
                match is_it {
                    Some(_) if base != written => return Err(format!("{column:?} is not of it")),
                    Some(moved) => column.default = moved.default.clone().map(Box::new),
                    None if base == written => {
                        let is_array = column.sql_type.written.ends_with("[]");
                        let end = if is_array { "[]" } else { "" };
                        let name = self.dialect.quote_name(&old.name);
                        column.sql_type = SqlText::new(format!("{name}{end}"));
                    }
                    None => {}
                }
            }
        }
        Ok(())
    }

    fn comment(&mut self, on: &ObjectId, comment: Option<String>) -> Done {
        let missing = || format!("there is no {on}");
        match (on.kind, &on.table) {
            (Kind::Table, _) => self.table(&on.name)?.comment = comment,
            (Kind::Enum, _) => {
                self.now.enums.get_mut(&on.name).ok_or_else(missing)?.comment = comment;
            }
            (Kind::Index | Kind::Constraint, Some(table)) => {
                self.comment_in_table(on, table, comment)?;
            }
            (Kind::Column, Some(table)) if self.now.tables.contains_key(table) => {
                self.column(table, &on.name.name)?.comment = comment;
            }
            (Kind::Column, Some(view)) => {
                let mut views = self.now.definitions.values_mut();
                let own = views.find(|own| own.id.name == *view).ok_or_else(missing)?;
                match comment {
                    Some(text) => own.column_comments.insert(on.name.name.clone(), text),
                    None => own.column_comments.remove(&on.name.name),
                };
            }
            _ => self.now.definitions.get_mut(on).ok_or_else(missing)?.comment = comment,
        }
        Ok(())
    }
}

fn is_not_valid(constraint: &Constraint) -> bool {
    constraint.validity() == Validity::NotValid
}

fn has_key(table: &Table, key: &ForeignKey) -> bool {
    let mut wanted = key.referenced_columns.clone();
    wanted.sort();
    let constraints = table.constraints.iter().map(Constraint::key_columns);
    let mut keys = constraints.chain(table.indexes.iter().map(Index::key_columns));
    keys.any(|columns| columns.as_ref() == Some(&wanted))
}

/// The sequence that `nextval('…')` names.
fn drawn_sequence(default: &SqlText) -> Option<QualifiedName> {
    let name = default.written.strip_prefix("nextval('")?.split('\'').next()?;
    Some(QualifiedName::parse(name))
}
