//! Objects that a scratch has to hold beside the definitions in question.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{
    Dialect, OperatorFamily, Words, multirange, partitioned, referenced, unique_columns,
};
use aludel_operations::{Object, Operation};
use aludel_schema::{Definition, EnumType, Kind, Metadata, ObjectId, QualifiedName, Table};

use super::items::{is_named_in_quotes, is_used_unnamed, words};
use super::question::Question;
use super::scratch::Scratch;

impl Scratch {
    /// Adds the definitions in question, the tables and views that they belong to, and the settled
    /// definitions that they name: over a changed table, those are other objects than in the
    /// database. The texts may name tables too, as the types of their rows.
    pub(super) fn define(
        &mut self,
        asked: &[Definition],
        questions: &[Question],
        target: &Metadata,
    ) {
        self.asked = asked.iter().map(|definition| definition.id.clone()).collect();
        let mut definitions = asked.to_vec();
        let mut in_texts = Words::default();
        let texts = questions.iter().flat_map(|question| question.subject.texts());
        texts.for_each(|text| in_texts.add(text, self.dialect));
        self.add_namesakes(&mut definitions, &in_texts, target);
        let mut at = 0;
        while let Some(definition) = definitions.get(at) {
            let family = OperatorFamily::of(definition, self.dialect);
            let triggers = self.triggers_above(definition, &definitions, target);
            let is_partition = definition.id.kind == Kind::Partition;
            let keys = self.keys_referred_to(definition, &definitions, target);
            for table in self.tables_under(definition) {
                let is_known = self.add_owner(&table, &mut definitions, target);
                if is_partition && !is_known {
                    // The server refuses what rests on the stand-in.
                    self.changed.push(Table::new(table));
                }
            }
            definitions.extend(triggers.into_iter().chain(keys));
            definitions.extend(family.and_then(|own| self.family(&own, &definitions, target)));
            at += 1;
        }
        self.add_over_types(&mut definitions, &in_texts, target);
        self.add_of_types(&definitions, target);
        if !self.changed.is_empty() {
            self.add_read(&mut definitions, target);
            self.add_namesakes(&mut definitions, &in_texts, target);
        }
        let words: Vec<Words> = definitions.iter().map(|d| words(d, self.dialect)).collect();
        let owns = |table: &Table| {
            definitions.iter().any(|definition| definition.id.table.as_ref() == Some(&table.name))
        };
        let words = || words.iter().chain([&in_texts]);
        let is_named = |name: &QualifiedName| words().any(|words| words.contains(&name.name));
        let named = |table: &Table| is_named(&table.name);
        let mut counters = std::mem::take(&mut self.counters);
        counters.retain(is_named);
        counters.iter().for_each(|name| self.sequence(name));
        self.add_published_heirs(&definitions, target);
        let published = std::mem::take(&mut self.published);
        let is_published = |table: &Table| published.contains(&table.name);
        let is_kept = |table: &Table| owns(table) || named(table) || is_published(table);
        self.changed = with_rows(std::mem::take(&mut self.changed), is_kept, self.dialect);
        self.published = published;
        self.name(&definitions);
        self.definitions = definitions;
    }

    /// Makes the names of the definitions, and those of the tables of the scratch, known.
    fn name(&mut self, definitions: &[Definition]) {
        let ids = definitions.iter().map(|definition| &definition.id);
        let named = |id: &ObjectId| match (&id.table, id.kind) {
            (None, _) => Some(id.name.clone()),
            // An index is in the schema of its table, and is altered by its own name.
            (Some(table), Kind::Index) => Some(table.sibling(id.name.name.as_str())),
            (Some(_), _) => None,
        };
        let tables = self.changed.iter().map(|table| table.name.clone());
        let names: Vec<QualifiedName> = ids.filter_map(named).chain(tables).collect();
        let ranges = definitions.iter().filter_map(|own| multirange(own, self.dialect));
        let ranges = ranges.map(|mut name| {
            name.schema.take_if(|schema| schema == self.names.default_schema());
            name
        });
        let names: Vec<QualifiedName> = names.into_iter().chain(ranges).collect();
        names.into_iter().for_each(|name| self.names.add(name));
        for id in definitions.iter().map(|own| &own.id).filter(|id| is_named_in_quotes(id.kind)) {
            self.names.add_in_quotes(id.name.clone());
        }
    }

    /// Returns the tables that must not be the user's own in a scratch, because CREATE locks them:
    /// the one that a definition belongs to or is a partition of, and those that the foreign keys
    /// of a partition refer to.
    fn tables_under(&self, definition: &Definition) -> Vec<QualifiedName> {
        let mut under: Vec<QualifiedName> = definition.id.table.iter().cloned().collect();
        if definition.id.kind == Kind::Partition {
            let mut statements = definition.source.iter().chain(&definition.attributes);
            under.extend(statements.find_map(|sql| partitioned(sql, self.dialect)));
        }
        for name in &mut under {
            name.schema.take_if(|schema| schema == self.names.default_schema());
        }
        under.extend(self.referenced(definition));
        under
    }

    /// Returns the unique indexes of the partitions that the foreign keys of a partition refer to.
    fn keys_referred_to(
        &self,
        definition: &Definition,
        known: &[Definition],
        target: &Metadata,
    ) -> Vec<Definition> {
        let tables = self.referenced(definition);
        let may_be = |id: &ObjectId| id.table.as_ref().is_some_and(|own| tables.contains(own));
        let keys = target.definitions.values().filter(|own| !tables.is_empty() && may_be(&own.id));
        let keys = keys.filter(|own| unique_columns(own, self.dialect).is_some());
        keys.filter(|key| known.iter().all(|own| own.id != key.id)).cloned().collect()
    }

    /// Returns the tables that the foreign keys of a partition refer to.
    fn referenced(&self, definition: &Definition) -> Vec<QualifiedName> {
        let statements = definition.source.iter().chain(&definition.attributes);
        let statements = statements.filter(|_| definition.id.kind == Kind::Partition);
        let mut names: Vec<QualifiedName> =
            statements.flat_map(|sql| referenced(sql, self.dialect)).collect();
        for name in &mut names {
            name.schema.take_if(|schema| schema == self.names.default_schema());
        }
        names
    }

    /// Adds a table, view or partition that a definition in question rests on. Returns false if the
    /// target has none of that name.
    fn add_owner(
        &mut self,
        name: &QualifiedName,
        definitions: &mut Vec<Definition>,
        target: &Metadata,
    ) -> bool {
        if let Some(table) = target.tables.get(name) {
            if self.changed.iter().all(|known| known.name != *name) {
                self.changed.push(self.in_place(table));
            }
            return true;
        }
        let kinds =
            self.dialect.kinds().iter().map(|facts| ObjectId::new(facts.kind, name.clone()));
        let found: Vec<&Definition> = kinds.filter_map(|id| target.definitions.get(&id)).collect();
        let is_known = !found.is_empty() || self.changed.iter().any(|known| known.name == *name);
        for view in found {
            if definitions.iter().all(|known| known.id != view.id) {
                definitions.push(view.clone());
            }
        }
        is_known
    }

    /// Returns the family of an operator class, unless it is known. The one of the database has the
    /// operators of the class already, and an empty one stands in for that of an extension.
    fn family(
        &self,
        family: &OperatorFamily,
        known: &[Definition],
        target: &Metadata,
    ) -> Option<Definition> {
        let is_known = known.iter().any(|definition| definition.id == family.id);
        let declared = || target.definitions.get(&family.id).cloned();
        let family = || declared().or_else(|| family.definition(self.dialect));
        (!is_known).then(family).flatten()
    }

    /// Adds the settled definitions that are about types in the scratch and that a definition there
    /// or a text may use. Those of the database are about the types of the database.
    fn add_over_types(
        &self,
        definitions: &mut Vec<Definition>,
        in_texts: &Words,
        target: &Metadata,
    ) {
        let is_type = |id: &ObjectId| self.dialect.kind_facts(id.kind).is_some_and(|f| f.is_type);
        if self.enums.is_empty() && !definitions.iter().any(|own| is_type(&own.id)) {
            return;
        }
        let all = target.definitions.values().filter(|own| own.id.table.is_none());
        let all: Vec<Cow<'_, Definition>> = all.filter_map(|own| self.with_source(own)).collect();
        loop {
            let ids: BTreeSet<&ObjectId> = definitions.iter().map(|own| &own.id).collect();
            let types = ids.iter().filter(|id| is_type(id)).map(|id| &id.name);
            let types: Vec<&QualifiedName> = types.chain(&self.enums).collect();
            let used: Vec<Words> = definitions.iter().map(|own| words(own, self.dialect)).collect();
            let is_used =
                |name: &str| used.iter().chain([in_texts]).any(|words| words.contains(name));
            let others = all.iter().filter(|own| !ids.contains(&own.id));
            let is_unnamed = |id: &ObjectId| is_used_unnamed(id.kind) || is_type(id);
            let may_be_used =
                others.filter(|own| is_unnamed(&own.id) || is_used(&own.id.name.name));
            let found = may_be_used.filter(|own| types.iter().any(|name| self.reads(own, name)));
            let found: Vec<Definition> = found.map(|own| own.as_ref().clone()).collect();
            if found.is_empty() {
                return;
            }
            definitions.extend(found);
        }
    }

    /// Returns a definition with the statements that create it. One that no object file declares is the
    /// database's own.
    fn with_source<'d>(&self, definition: &'d Definition) -> Option<Cow<'d, Definition>> {
        if definition.source.is_some() {
            return Some(Cow::Borrowed(definition));
        }
        let plain = Definition { belongings: Default::default(), ..definition.clone() };
        let create = Operation::Create(Object::Definition(Box::new(plain.clone())));
        let mut statements = self.statements_of(&[create]).into_iter();
        let source = statements.next()?;
        Some(Cow::Owned(Definition {
            source: Some(source),
            attributes: statements.collect(),
            ..plain
        }))
    }

    /// Adds the tables with columns of types in the scratch, or of rows of its tables. Those of the database have the
    /// types of the database.
    fn add_of_types(&mut self, definitions: &[Definition], target: &Metadata) {
        let is_type = |id: &ObjectId| self.dialect.kind_facts(id.kind).is_some_and(|f| f.is_type);
        let types = definitions.iter().map(|own| &own.id).filter(|id| is_type(id));
        let types = types.map(|id| &id.name).chain(self.changed.iter().map(|table| &table.name));
        let mut types: BTreeSet<String> = types.map(|name| self.dialect.quote_name(name)).collect();
        loop {
            let is_of_one = |table: &&Table| {
                let mut columns = table.columns.iter();
                columns.any(|own| types.contains(own.sql_type.written.trim_end_matches("[]")))
            };
            let is_known = |table: &&Table| self.changed.iter().any(|own| own.name == table.name);
            let others = target.tables.values().filter(|own| is_of_one(own) && !is_known(own));
            let others: Vec<Table> = others.map(|table| self.in_place(table)).collect();
            if others.is_empty() {
                return;
            }
            types.extend(others.iter().map(|table| self.dialect.quote_name(&table.name)));
            self.changed.extend(others);
        }
    }

    /// Adds what has the name of a definition: other functions, and a type, table or sequence. Where a text states the
    /// schema of the name, it finds what the scratch has of that name and nothing else.
    fn add_namesakes(
        &mut self,
        definitions: &mut Vec<Definition>,
        in_texts: &Words,
        target: &Metadata,
    ) {
        let all: Vec<Words> = definitions.iter().map(|own| words(own, self.dialect)).collect();
        let default = self.names.default_schema();
        let is_stated = all.iter().chain([in_texts]).any(|words| words.contains(default));
        let in_schema = |own: &&Definition| {
            own.id.table.is_none() && (is_stated || own.id.name.schema.is_some())
        };
        let names: BTreeSet<&QualifiedName> =
            definitions.iter().filter(in_schema).map(|own| &own.id.name).collect();
        let known: BTreeSet<&ObjectId> = definitions.iter().map(|own| &own.id).collect();
        let is_namesake = |own: &&Definition| {
            own.source.is_some()
                && own.id.table.is_none()
                && !own.id.kind.has_no_schema()
                && names.contains(&own.id.name)
                && !known.contains(&own.id)
        };
        let others: Vec<Definition> =
            target.definitions.values().filter(is_namesake).cloned().collect();
        let is_new = |table: &&Table| {
            names.contains(&table.name) && self.changed.iter().all(|own| own.name != table.name)
        };
        let tables = target.tables.values().filter(is_new);
        let tables: Vec<Table> = tables.map(|table| self.in_place(table)).collect();
        let enums = target.enums.values().filter(|own| names.contains(&own.name));
        let enums: Vec<&EnumType> = enums.filter(|own| !self.enums.contains(&own.name)).collect();
        let sequences = target.sequences.keys().filter(|name| names.contains(name));
        let sequences: Vec<QualifiedName> = sequences.cloned().collect();
        enums.into_iter().for_each(|own| self.enum_type(own));
        sequences.iter().for_each(|name| self.stand_in_sequence(name));
        self.changed.extend(tables);
        definitions.extend(others);
    }

    fn add_read(&self, definitions: &mut Vec<Definition>, target: &Metadata) {
        let can_be_made = |definition: &&Definition| {
            let facts = self.dialect.kind_facts(definition.id.kind);
            definition.source.is_some()
                && definition.id.table.is_none()
                && !definition.id.kind.has_no_schema()
                && facts.is_some_and(|facts| !facts.is_type)
        };
        let mut known: BTreeSet<ObjectId> = definitions.iter().map(|d| d.id.clone()).collect();
        let mut by_name: BTreeMap<&str, Vec<&Definition>> = BTreeMap::new();
        for definition in target.definitions.values().filter(can_be_made) {
            by_name.entry(&definition.id.name.name).or_default().push(definition);
        }
        let mut at = 0;
        while let Some(reader) = definitions.get(at).cloned() {
            let words = words(&reader, self.dialect);
            for word in words.outside.union(&words.code) {
                for read in by_name.get(word.as_str()).into_iter().flatten() {
                    if !known.contains(&read.id) && self.reads(&reader, &read.id.name) {
                        known.insert(read.id.clone());
                        definitions.push((*read).clone());
                    }
                }
            }
            at += 1;
        }
    }

    /// Returns true if the statement of a definition, or the code in it, names an object.
    fn reads(&self, definition: &Definition, name: &QualifiedName) -> bool {
        let text = definition.source.as_deref().unwrap_or_default();
        self.names.named_in(text, name, self.dialect)
    }
}

/// Returns the tables that are kept, and those whose rows they have in columns.
fn with_rows(
    mut all: Vec<Table>,
    is_kept: impl Fn(&Table) -> bool,
    dialect: Dialect,
) -> Vec<Table> {
    let mut kept: BTreeSet<QualifiedName> =
        all.iter().filter(|table| is_kept(table)).map(|table| table.name.clone()).collect();
    loop {
        let columns = all.iter().filter(|table| kept.contains(&table.name));
        let columns = columns.flat_map(|table| &table.columns);
        let types: BTreeSet<&str> =
            columns.map(|own| own.sql_type.written.trim_end_matches("[]")).collect();
        let is_row = |name: &&QualifiedName| types.contains(dialect.quote_name(name).as_str());
        let others = all.iter().map(|table| &table.name).filter(|name| !kept.contains(*name));
        let others: Vec<QualifiedName> = others.filter(is_row).cloned().collect();
        if others.is_empty() {
            break;
        }
        kept.extend(others);
    }
    all.retain(|table| kept.contains(&table.name));
    all
}
