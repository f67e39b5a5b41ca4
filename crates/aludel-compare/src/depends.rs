//! Dependencies between objects, as far as names reveal them.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use aludel_dialect::{Dialect, TokenKind, multirange, name_columns, significant};
use aludel_operations::Object;
use aludel_schema::{
    CastContext, CastTypes, Column, Constraint, Definition, Index, KeyPart, Kind, Metadata,
    ObjectId, QualifiedName, SqlText, Table,
};

use crate::making_room::constants::Constants;
use crate::names::meant::{Lookup, is_of_type, name_at, overloads};
use crate::names::successor::Successors;
use crate::not_nulls::kept::Kept;
use crate::pair::Pair;
use crate::partitions::{bound, part_indexes};

/// Both sides of a comparison, with indexes for frequent lookups.
pub(crate) struct World<'m> {
    pub(crate) dialect: Dialect,
    pub(crate) pair: Pair<&'m Metadata>,
    /// The database before its heirs have followed the changes of the tables above them.
    pub(crate) unfollowed: &'m Metadata,
    /// The objects that go, with those of another kind that get their names.
    pub(crate) successors: Successors,
    /// The types, by quoted name. One that goes comes before its successor.
    types: BTreeMap<String, Vec<ObjectId>>,
    /// The tables and views, whose rows are of a type of their name, by quoted name.
    rows: BTreeMap<String, ObjectId>,
    /// The definitions that an expression may name, by name without schema.
    named: BTreeMap<&'m str, Vec<&'m ObjectId>>,
    /// The objects that an expression may name in quotes.
    constants: Constants,
    lookup: Lookup,
    /// The tables that inherit from a table, and its partitions, on either side.
    heirs: BTreeMap<&'m QualifiedName, Vec<&'m QualifiedName>>,
    /// The names of partitions for NOT NULL constraints of their tables, which are looked for once.
    pub(crate) kept: OnceCell<Vec<Kept>>,
    /// Those among them whose constraints are under a change.
    pub(crate) kept_under_change: OnceCell<Vec<Kept>>,
}

impl<'m> World<'m> {
    pub(crate) fn new(dialect: Dialect, pair: Pair<&'m Metadata>) -> Self {
        let mut types: BTreeMap<_, Vec<ObjectId>> = BTreeMap::new();
        let mut rows = BTreeMap::new();
        for side in [pair.database, pair.target] {
            let enums = side.enums.values().map(aludel_schema::EnumType::id);
            let is_type = |id: &&ObjectId| dialect.kind_facts(id.kind).is_some_and(|f| f.is_type);
            let others = side.definitions.keys().filter(is_type).cloned();
            let others = enums.chain(others).map(|id| (id.name.clone(), id));
            // A multirange type comes and goes with its range type.
            let ranges = side.definitions.values();
            let ranges = ranges.filter_map(|own| Some((multirange(own, dialect)?, own.id.clone())));
            for (name, id) in others.chain(ranges) {
                let known = types.entry(dialect.quote_name(&name)).or_default();
                if !known.contains(&id) {
                    known.push(id);
                }
            }
            let tables = side.tables.keys().map(ObjectId::table);
            let others = side.definitions.values().filter(|own| !bound::is_table(side, own));
            let others = others.map(|own| own.id.clone()).filter(|id| id.kind.is_other_relation());
            rows.extend(tables.chain(others).map(|id| (dialect.quote_name(&id.name), id)));
        }
        let mut heirs: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for table in [pair.database, pair.target].into_iter().flat_map(|side| side.tables.values())
        {
            for parent in &table.options.inherits {
                heirs.entry(parent).or_default().push(&table.name);
            }
        }
        let parts = [pair.database, pair.target].into_iter().flat_map(|side| {
            // One that becomes a table, or was one, does not follow the table above it.
            side.definitions.values().filter(|own| !bound::is_table(side, own))
        });
        for own in parts {
            if let Some(parent) = bound::parent(own, dialect) {
                heirs.entry(parent).or_default().push(&own.id.name);
            }
        }
        let successors = Successors::of(pair);
        let (named, constants) = (named(pair), Constants::of(pair));
        let lookup = Lookup::new(pair.database.default_schema.clone());
        let unfollowed = pair.database;
        let (kept, kept_under_change) = (OnceCell::new(), OnceCell::new());
        Self {
            dialect,
            pair,
            unfollowed,
            successors,
            types,
            rows,
            named,
            constants,
            lookup,
            heirs,
            kept,
            kept_under_change,
        }
    }

    /// States what the database was like before its heirs followed.
    pub(crate) fn with_unfollowed(self, unfollowed: &'m Metadata) -> Self {
        Self { unfollowed, ..self }
    }

    /// Returns true if the object is somebody else's, so that no plan touches it.
    pub(crate) fn leaves_alone(&self, id: &ObjectId) -> bool {
        self.pair.target.leaves_alone(id) || self.pair.database.leaves_alone(id)
    }

    /// Returns the tables that inherit from a table, and its partitions, on all levels and on either side.
    pub(crate) fn below(&self, name: &QualifiedName) -> Vec<&'m QualifiedName> {
        let heirs = |name: &QualifiedName| self.heirs.get(name).into_iter().flatten().copied();
        let mut found: Vec<&QualifiedName> = heirs(name).collect();
        let mut at = 0;
        while let Some(name) = found.get(at).copied() {
            let next: Vec<&QualifiedName> =
                heirs(name).filter(|own| !found.contains(own)).collect();
            found.extend(next);
            at += 1;
        }
        found
    }

    /// Adds the same columns of the tables that inherit from theirs.
    pub(crate) fn with_heirs(&self, mut ids: Vec<ObjectId>) -> Vec<ObjectId> {
        let mut at = 0;
        while let Some(id) = ids.get(at).cloned() {
            at += 1;
            let table = id.table.as_ref().filter(|_| id.kind == Kind::Column);
            for heir in table.and_then(|table| self.heirs.get(table)).into_iter().flatten() {
                let column = ObjectId::column(heir, id.name.name.as_str());
                if !ids.contains(&column) {
                    ids.push(column);
                }
            }
        }
        ids
    }

    /// Returns the partitions of the tables that the foreign keys of an object refer to. The server lets
    /// none of them go before the key.
    pub(crate) fn partitions_referred_to(&self, object: &Object) -> Vec<ObjectId> {
        let constraints: Vec<&Constraint> = match object {
            Object::Table(table) => table.constraints.iter().collect(),
            Object::Column { constraints, .. } => constraints.iter().collect(),
            Object::Constraint { constraint, .. } => vec![constraint],
            Object::Schema(_)
            | Object::Extension(_)
            | Object::Enum(_)
            | Object::Sequence(_)
            | Object::Index { .. }
            | Object::Definition(_) => Vec::new(),
        };
        let keys = constraints.into_iter().filter_map(|own| own.foreign_key());
        let names = self.and_below(keys.map(|key| &key.references).collect());
        let ids = names.into_iter().map(|name| ObjectId::new(Kind::Partition, name.clone()));
        ids.collect()
    }

    /// Returns true if tables inherit from a table, or it has partitions.
    pub(crate) fn has_heirs(&self, table: &QualifiedName) -> bool {
        self.heirs.contains_key(table)
    }

    /// Adds the heirs and partitions of tables, and theirs.
    pub(crate) fn and_below<'n>(
        &'n self,
        mut names: Vec<&'n QualifiedName>,
    ) -> Vec<&'n QualifiedName> {
        let mut at = 0;
        while let Some(name) = names.get(at) {
            let heirs = self.heirs.get(name).into_iter().flatten().copied();
            let new: Vec<&QualifiedName> = heirs.filter(|heir| !names.contains(heir)).collect();
            names.extend(new);
            at += 1;
        }
        names
    }

    /// Returns the columns and constraints of a table of the target.
    pub(crate) fn parts(&self, name: &QualifiedName) -> Vec<ObjectId> {
        Self::parts_of(self.pair.target.tables.get(name), name)
    }

    /// Returns the columns and constraints of a table of the database.
    pub(crate) fn parts_before(&self, name: &QualifiedName) -> Vec<ObjectId> {
        Self::parts_of(self.pair.database.tables.get(name), name)
    }

    fn parts_of(table: Option<&Table>, name: &QualifiedName) -> Vec<ObjectId> {
        let columns = table.into_iter().flat_map(|table| &table.columns);
        let columns = columns.map(|column| ObjectId::column(name, column.name.as_str()));
        let constraints = table.into_iter().flat_map(|table| &table.constraints);
        columns.chain(constraints.map(|own| own.id(name))).collect()
    }

    /// Returns the columns of `table` that a text may read.
    pub(crate) fn reads(&self, text: &SqlText, table: &Table) -> Vec<String> {
        let names = table.columns.iter().map(|column| column.name.as_str());
        let read = name_columns(&text.written, names, self.dialect);
        read.into_iter().map(str::to_owned).collect()
    }

    /// Returns the identity column that an object is the sequence of, and its table.
    pub(crate) fn identity_of(&self, id: &ObjectId) -> Vec<ObjectId> {
        let is_sequence = id.kind == Kind::Sequence;
        let column = is_sequence.then(|| self.pair.target.identity_of(&id.name)).flatten();
        let table = column.as_ref().and_then(|column| column.table.as_ref()).map(ObjectId::table);
        table.into_iter().chain(column).collect()
    }

    /// Returns the definitions that an expression names: the functions that it calls, the operators,
    /// the types, collations and text search configurations in it, and all objects in quotes.
    pub(crate) fn named(&self, text: &SqlText) -> Vec<ObjectId> {
        let has_constants = Constants::may_be_in(text.spelling());
        if self.named.is_empty() && !has_constants {
            return Vec::new();
        }
        let tokens = significant(text.spelling(), self.dialect);
        let mut found = text.calls.clone().unwrap_or_default();
        for (at, token) in tokens.iter().enumerate() {
            let is_called = tokens.get(at + 1).is_some_and(|next| next.is_symbol("("));
            let is_symbol = token.kind == TokenKind::Symbol;
            let fits = |id: &&ObjectId| match (&text.calls, id.kind) {
                (Some(_), kind) if kind.is_called() => false,
                (None, Kind::Function | Kind::Aggregate) => is_called,
                (None, Kind::Operator) => is_symbol,
                (_, kind) if self.is_type(kind) => is_of_type(&tokens, at),
                _ => true,
            };
            if let Some(name) = name_at(&tokens, at) {
                let named = self.named.get(name.name.as_str()).map_or(&[][..], Vec::as_slice);
                let meant = self.lookup.meant(named, &name).into_iter().filter(fits).collect();
                let stays = |id: &ObjectId| {
                    let is_there = self.pair.map(|side| side.definitions.contains_key(id));
                    is_there.database && is_there.target
                };
                found.extend(overloads(meant, &tokens, at, stays).into_iter().cloned());
            }
            if has_constants {
                found.extend(self.constants.named(&tokens, at, &self.lookup).into_iter().cloned());
            }
        }
        found
    }

    fn is_type(&self, kind: Kind) -> bool {
        self.dialect.kind_facts(kind).is_some_and(|facts| facts.is_type)
    }

    /// Returns the collations of that name, which may state a schema. Without one, it is of the default
    /// schema, or one of the server's own.
    pub(crate) fn collation(&self, name: &str) -> Vec<ObjectId> {
        self.of_name(Kind::Collation, name)
    }

    /// Returns the definitions of a kind that a name means.
    fn of_name(&self, kind: Kind, name: &str) -> Vec<ObjectId> {
        let name = QualifiedName::parse(name);
        let named = self.named.get(name.name.as_str()).map_or(&[][..], Vec::as_slice);
        let meant = self.lookup.meant(named, &name).into_iter();
        meant.filter(|id| id.kind == kind).cloned().collect()
    }

    /// Returns the type of a column or of the elements of its array, if it is a type that is
    /// compared. A type that goes stands for its successor, too.
    pub(crate) fn type_of(&self, column: &Column) -> Option<&ObjectId> {
        self.type_named(column.sql_type.spelling())
    }

    /// Returns the type of that name or of the elements of that array, if it is a type that is compared.
    pub(crate) fn type_named(&self, name: &str) -> Option<&ObjectId> {
        self.types.get(name.trim_end_matches("[]"))?.first()
    }

    /// Returns the table or view that the values of a column are rows of.
    pub(crate) fn rows_in(&self, column: &Column) -> Option<&ObjectId> {
        self.rows.get(column.sql_type.spelling().trim_end_matches("[]"))
    }

    /// Returns the type below the domain of a column, on one side; `None` for no domain. An array of a
    /// domain has the array of the type below it.
    pub(crate) fn base_type(&self, column: &Column, side: &Metadata) -> Option<SqlText> {
        let written = column.sql_type.spelling();
        match written.strip_suffix("[]") {
            Some(element) => {
                let base = self.base_of(element, side)?;
                Some(SqlText::new(format!("{}[]", base.spelling())))
            }
            None => self.base_of(written, side).cloned(),
        }
    }

    /// Returns the type below a domain and those that it is over.
    pub(crate) fn base_below<'s>(&self, domain: &'s Definition, side: &'s Metadata) -> &'s SqlText {
        self.base_of(domain.body.spelling(), side).unwrap_or(&domain.body)
    }

    fn base_of<'s>(&self, name: &'s str, side: &'s Metadata) -> Option<&'s SqlText> {
        self.domains_below(name, side).last().map(|domain| &domain.body)
    }

    /// Returns the domains that the values of a column, or the elements of its array, are of.
    pub(crate) fn domains_of<'s>(
        &self,
        column: &'s Column,
        side: &'s Metadata,
    ) -> Vec<&'s Definition> {
        self.domains_below(column.sql_type.spelling().trim_end_matches("[]"), side)
    }

    /// Returns the domain of that name, the one below it, and so on.
    fn domains_below<'s>(&self, mut name: &'s str, side: &'s Metadata) -> Vec<&'s Definition> {
        let mut found = Vec::new();
        // A chain of more domains than there are types would be a circle.
        for _ in 0..self.types.len() {
            let mut ids = self.types.get(name).into_iter().flatten();
            let domain = ids.find(|id| id.kind == Kind::Domain);
            let Some(domain) = domain.and_then(|id| side.definitions.get(id)) else { break };
            found.push(domain);
            name = domain.body.spelling();
        }
        found
    }

    /// Returns the context of the server's own cast from one type to another, or from the elements of
    /// one array to those of another.
    pub(crate) fn cast(&self, from: &SqlText, to: &SqlText) -> Option<CastContext> {
        let bare = |text: &SqlText| self.dialect.without_modifiers(text.spelling());
        let (from, to) = (bare(from), bare(to));
        let find = |from: &str, to: &str| {
            let types = CastTypes { from: from.to_owned(), to: to.to_owned() };
            let sides = [self.pair.database, self.pair.target];
            sides.into_iter().find_map(|side| side.casts.get(&types).copied())
        };
        find(&from, &to).or_else(|| find(from.strip_suffix("[]")?, to.strip_suffix("[]")?))
    }

    /// Returns the objects that a column rests on: its table, its type, the sequences in its
    /// default, and the columns from which it is generated.
    pub(crate) fn column(&self, table: &Table, column: &Column) -> Vec<ObjectId> {
        let mut on = column.depends_on(table, &|text, table| self.reads(text, table));
        on.extend(self.type_of(column).cloned());
        on.extend(column.default.iter().flat_map(|default| self.sequences(default)));
        on.extend(column.collation.iter().flat_map(|name| self.collation(name)));
        let generated = column.generated.iter().map(|generated| &generated.expression);
        on.extend(
            column
                .default
                .as_deref()
                .into_iter()
                .chain(generated)
                .flat_map(|text| [self.named(text), self.fields(text, table)].concat()),
        );
        on
    }

    /// Returns the composite types of the columns that a text of a table reads, the tables whose rows it makes by a
    /// cast, and the columns that it may read in such rows and in those that columns of the table hold.
    fn fields(&self, text: &SqlText, table: &Table) -> Vec<ObjectId> {
        let held = table.columns.iter().filter_map(|own| self.rows_in(own));
        let mut rows: Vec<&ObjectId> = held.collect();
        let mut on = self.composites(text, table);
        if text.spelling().contains("::") {
            let tokens = significant(text.spelling(), self.dialect);
            let behind = tokens.iter().enumerate().filter(|(_, own)| own.is_symbol("::"));
            let types = behind.filter_map(|(at, _)| name_at(&tokens, at + 1));
            let made = types.filter_map(|name| self.rows.get(&self.dialect.quote_name(&name)));
            let made: Vec<&ObjectId> = made.collect();
            on.extend(made.iter().map(|id| (*id).clone()));
            rows.extend(made);
        }
        let sides = [self.pair.database, self.pair.target];
        let tables = rows.into_iter().flat_map(|id| sides.map(|side| side.tables.get(&id.name)));
        for of in tables.flatten() {
            let read = self.reads(text, of).into_iter();
            on.extend(read.map(|name| ObjectId::column(&of.name, name)));
        }
        on
    }

    /// Returns the composite types, also those below domains, of the columns that a text of a table reads. It may read
    /// attributes of them.
    fn composites(&self, text: &SqlText, table: &Table) -> Vec<ObjectId> {
        let composite = |column: &Column| {
            let base = self.pair.map(|side| self.base_type(column, side));
            let bases = [base.database, base.target].into_iter().flatten();
            let names = bases.map(|base| base.spelling().to_owned());
            let names = names.chain([column.sql_type.spelling().to_owned()]);
            let ids = names.filter_map(|name| self.type_named(&name).cloned());
            ids.filter(|id| id.kind == Kind::CompositeType).collect::<Vec<ObjectId>>()
        };
        let of_types = table.columns.iter().filter(|own| self.type_of(own).is_some());
        let mut of_types = of_types.peekable();
        if of_types.peek().is_none() {
            return Vec::new();
        }
        let read = self.reads(text, table);
        of_types.filter(|own| read.contains(&own.name)).flat_map(composite).collect()
    }

    /// Returns the definitions that the partition key of a table names.
    pub(crate) fn called_by_key(&self, table: &Table) -> Vec<ObjectId> {
        table.options.partition_by.iter().flat_map(|key| self.named(key)).collect()
    }

    pub(crate) fn constraint(&self, table: &Table, constraint: &Constraint) -> Vec<ObjectId> {
        let mut on = constraint.depends_on(table, &|text, table| self.reads(text, table));
        let text = constraint.text().into_iter();
        on.extend(text.flat_map(|text| [self.named(text), self.fields(text, table)].concat()));
        on.extend(self.key_classes(table, constraint));
        on
    }

    pub(crate) fn index(&self, table: &Table, index: &Index) -> Vec<ObjectId> {
        let mut on = index.depends_on(table, &|text, table| self.reads(text, table));
        let texts = index.expressions();
        on.extend(texts.flat_map(|text| [self.named(text), self.fields(text, table)].concat()));
        let collations = index.keys.iter().filter_map(|key| key.collation.as_ref());
        on.extend(collations.flat_map(|name| self.collation(name)));
        on.extend(self.operator_classes(table, index));
        on
    }

    /// Returns a table with the columns of a key, and the constraints and indexes that make these
    /// columns unique on either side.
    pub(crate) fn key(&self, table: &QualifiedName, columns: &[String]) -> Vec<ObjectId> {
        let mut on = vec![ObjectId::table(table)];
        on.extend(columns.iter().map(|name| ObjectId::column(table, name.as_str())));
        let mut wanted = columns.to_vec();
        wanted.sort();
        let sides = [self.pair.target, self.pair.database];
        let mut tables = Vec::new();
        for side in sides {
            tables.extend(side.tables.get(table));
            // A partition has the keys of the tables above it, and keys of its own.
            let partition = side.definitions.get(&bound::part(table));
            let above = partition.map(|own| bound::above(side, own, self.dialect));
            let above = above.unwrap_or_default();
            tables.extend(above.iter().filter_map(|name| side.tables.get(*name)));
            let partitions = partition.iter().map(|own| &own.id.name).chain(above);
            for name in partitions {
                on.push(bound::part(name));
                let indexes = part_indexes::with_key(self.dialect, side, name, &wanted);
                on.extend(indexes.map(|own| own.id.clone()));
            }
        }
        for table in tables {
            let constraints = table.constraints.iter();
            let constraints = constraints.filter(|c| c.key_columns().as_ref() == Some(&wanted));
            on.extend(constraints.map(|constraint| constraint.id(&table.name)));
            let indexes = table.indexes.iter();
            let indexes = indexes.filter(|index| index.key_columns().as_ref() == Some(&wanted));
            on.extend(indexes.map(|index| index.id(&table.name)));
        }
        on
    }

    /// Returns the operator classes of the keys of an index.
    pub(crate) fn operator_classes(&self, table: &Table, index: &Index) -> Vec<ObjectId> {
        let classes = index.keys.iter().flat_map(|key| match (&key.opclass, &key.part) {
            (Some(name), _) => self.operator_class(name),
            (None, KeyPart::Column(name)) => self.default_classes(table, name),
            (None, KeyPart::Expression(_)) => Vec::new(),
        });
        classes.collect()
    }

    /// Returns the operator classes by which the index of a key sorts.
    pub(crate) fn key_classes(&self, table: &Table, constraint: &Constraint) -> Vec<ObjectId> {
        let columns = constraint.key_columns().into_iter().flatten();
        columns.flat_map(|column| self.default_classes(table, &column)).collect()
    }

    /// Returns the operator classes of that name, which may state a schema.
    fn operator_class(&self, name: &str) -> Vec<ObjectId> {
        self.of_name(Kind::OperatorClass, name)
    }

    /// Returns the operator classes that may be those of a column by default: the ones that are about
    /// its type.
    fn default_classes(&self, table: &Table, column: &str) -> Vec<ObjectId> {
        let sql_type = table.column(column).and_then(|column| self.type_of(column));
        let Some(sql_type) = sql_type else { return Vec::new() };
        let sides = [self.pair.database, self.pair.target].into_iter();
        let all = sides.flat_map(|side| side.definitions.values());
        let classes = all.filter(|own| own.id.kind == Kind::OperatorClass);
        classes.filter(|own| own.depends_on.contains(sql_type)).map(|own| own.id.clone()).collect()
    }

    /// Returns the sequences whose `nextval` a default calls.
    pub(crate) fn sequences(&self, text: &SqlText) -> Vec<ObjectId> {
        if !text.written.contains("nextval") {
            return Vec::new();
        }
        let tokens = significant(&text.written, self.dialect);
        let strings = tokens.iter().filter(|token| token.kind == TokenKind::String);
        strings.filter_map(|token| self.sequence(token.text)).collect()
    }

    fn sequence(&self, literal: &str) -> Option<ObjectId> {
        let name = literal.strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'");
        let parts = significant(&name, self.dialect);
        let mut parts: Vec<String> =
            parts.iter().filter_map(aludel_dialect::Token::identifier).collect();
        let name = parts.pop()?;
        let name = QualifiedName::new(parts.pop(), name);
        let sides = [self.pair.database, self.pair.target];
        let known = sides.into_iter().find_map(|side| side.sequences.get(&name));
        known.map(aludel_schema::Sequence::id)
    }
}

/// Returns the definitions of both sides that an expression may name, by name without schema.
fn named(pair: Pair<&Metadata>) -> BTreeMap<&str, Vec<&ObjectId>> {
    let mut named: BTreeMap<&str, Vec<&ObjectId>> = BTreeMap::new();
    for side in [pair.database, pair.target] {
        for id in side.definitions.keys().filter(|id| can_be_named(id.kind)) {
            let known = named.entry(&id.name.name).or_default();
            if !known.contains(&id) {
                known.push(id);
            }
        }
    }
    named
}

/// Returns true if an expression may name objects of the kind.
fn can_be_named(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Function
            | Kind::Aggregate
            | Kind::Operator
            | Kind::OperatorClass
            | Kind::Domain
            | Kind::CompositeType
            | Kind::RangeType
            | Kind::Collation
            | Kind::TextSearchConfiguration
            | Kind::TextSearchDictionary
    )
}
