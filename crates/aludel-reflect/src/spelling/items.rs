//! The objects that a scratch has to make, and their order.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{
    Dialect, Token, Words, referenced, significant, sorting_operators, unique_columns,
};
use aludel_schema::{Column, ConstraintKind, Definition, Kind, Table};

use super::names::is_constant;

/// Returns the identifiers in the statements of a definition.
pub(super) fn words(definition: &Definition, dialect: Dialect) -> Words {
    let mut words = Words::default();
    let statements = definition.source.iter().chain(&definition.attributes);
    statements.for_each(|text| words.add(text, dialect));
    words
}

/// Returns true if others use an object of the kind without an identifier for it.
pub(super) fn is_used_unnamed(kind: Kind) -> bool {
    matches!(kind, Kind::Operator | Kind::Cast)
}

/// Returns true if views and publications can't distinguish the two tables.
pub(super) fn same_columns(a: &Table, b: &Table) -> bool {
    let key = |table: &Table| {
        let keys = table.constraints.iter();
        let mut keys = keys.filter(|c| matches!(c.kind, ConstraintKind::PrimaryKey { .. }));
        // By a deferrable key, GROUP BY determines no other columns.
        keys.next().map(|key| (key.columns().to_vec(), key.deferrable))
    };
    let same = |(a, b): (&Column, &Column)| {
        (&a.name, &a.sql_type, &a.collation) == (&b.name, &b.sql_type, &b.collation)
    };
    // A new column is the last one in the database, wherever the struct has it.
    let sorted = |table: &Table| {
        let mut columns = table.columns.to_vec();
        columns.sort_by(|a, b| a.name.cmp(&b.name));
        columns
    };
    a.options.unlogged == b.options.unlogged
        && a.columns.len() == b.columns.len()
        && sorted(a).iter().zip(&sorted(b)).all(same)
        && key(a) == key(b)
}

/// Returns true if expressions name an object of the kind in quotes, as in `to_tsvector('words', body)`.
pub(super) fn is_named_in_quotes(kind: Kind) -> bool {
    kind == Kind::TextSearchConfiguration
}

/// A string in a statement, as a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Quoted {
    name: String,
    /// True for a constant of a type such as `regclass`.
    is_constant: bool,
}

/// Something that the scratch has to make, in the order of its dependencies.
#[derive(Clone, Copy)]
pub(super) enum Item<'s> {
    Table(&'s Table),
    Definition(&'s Definition),
}

impl Item<'_> {
    /// Returns the name by which others name it. What belongs to a table is never named.
    fn name(&self) -> &str {
        match self {
            Self::Table(table) => &table.name.name,
            Self::Definition(definition)
                if definition.id.table.is_some() || definition.id.kind == Kind::UserMapping =>
            {
                ""
            }
            Self::Definition(definition) => &definition.id.name.name,
        }
    }

    fn words(&self, dialect: Dialect) -> BTreeSet<String> {
        match self {
            Self::Table(table) => {
                let texts = self.texts().into_iter();
                let tokens = texts.flat_map(|text| significant(text, dialect));
                let parents = table.options.inherits.iter().map(|parent| parent.name.clone());
                tokens.filter_map(|token| token.identifier()).chain(parents).collect()
            }
            Self::Definition(definition) => {
                let mut words = words(definition, dialect).outside;
                if definition.id.kind == Kind::OperatorFamily {
                    // A class of the same name comes after it.
                    words.remove(&definition.id.name.name);
                }
                words.extend(definition.id.table.iter().map(|table| table.name.clone()));
                words
            }
        }
    }

    /// Returns the texts in which the statements for the object name others.
    fn texts(&self) -> Vec<&str> {
        match self {
            Self::Table(table) => {
                let types = table.columns.iter().map(|column| column.sql_type.written.as_str());
                // Only what a partition takes over is made with defaults.
                let is_made = table.options.partition_by.is_some();
                let columns = table.columns.iter().filter(|_| is_made);
                let defaults = columns.filter_map(|column| column.default.as_ref());
                let defaults = defaults.map(|default| default.written.as_str());
                let collations = table.columns.iter().filter_map(|c| c.collation.as_deref());
                let all = types.chain(defaults).chain(collations);
                let key = table.options.partition_by.as_ref();
                all.chain(key.map(|key| key.written.as_str())).collect()
            }
            Self::Definition(definition) => {
                let statements = definition.source.iter().chain(&definition.attributes);
                statements.map(String::as_str).collect()
            }
        }
    }

    fn schema(&self) -> Option<&str> {
        match self {
            Self::Table(table) => table.name.schema.as_deref(),
            Self::Definition(definition) => definition.id.name.schema.as_deref(),
        }
    }

    /// Returns true if the texts name the other object, which is one of several with its name. The first
    /// name in a statement is that of the object itself. A name without a schema means one of the default
    /// schema, or one of any other schema `elsewhere`, where none is in that.
    fn means(&self, other: &Self, elsewhere: bool, default_schema: &str, dialect: Dialect) -> bool {
        let other_schema = other.schema().filter(|schema| *schema != default_schema);
        // A class is of the family of its name, unless it says another one.
        if self.is_of(&[Kind::OperatorClass]) && other.is_of(&[Kind::OperatorFamily]) {
            return true;
        }
        let is_own = self.name() == other.name();
        let is_statement = matches!(self, Self::Definition(_));
        self.texts().into_iter().any(|text| {
            let tokens = significant(text, dialect);
            let is_name = |at: &usize| {
                tokens.get(*at).and_then(Token::identifier).as_deref() == Some(other.name())
            };
            let skipped = usize::from(is_own && is_statement);
            let mut names = (0..tokens.len()).filter(is_name).skip(skipped);
            names.any(|at| {
                let is_qualified = at > 1 && tokens[at - 1].is_symbol(".");
                let schema = is_qualified.then(|| tokens[at - 2].identifier()).flatten();
                schema.as_deref().filter(|schema| *schema != default_schema) == other_schema
                    || (schema.is_none() && elsewhere)
            })
        })
    }

    /// Returns the words that are certainly no names of what the statement rests on if they are nothing
    /// else: those that it gives a meaning by itself, as an alias does.
    fn given(&self, dialect: Dialect) -> BTreeSet<String> {
        let Self::Definition(definition) = self else { return BTreeSet::new() };
        let source = definition.source.as_deref().unwrap_or_default();
        let tokens = significant(source, dialect);
        let is = |at: Option<usize>, test: &dyn Fn(&Token<'_>) -> bool| {
            at.and_then(|at| tokens.get(at)).is_some_and(test)
        };
        let is_given = |at: usize| {
            let before = at.checked_sub(1);
            // The elements of a list in parentheses: columns, attributes and parameters, but no calls.
            let begins = is(before, &|token| token.is_symbol("(") || token.is_symbol(","))
                && !is(Some(at + 1), &|token| token.is_symbol("("));
            is(before, &|token| token.is_word("AS"))
                || is(Some(at + 1), &|token| token.is_word("AS"))
                || is(Some(at + 1), &|token| token.is_symbol("=>"))
                || begins
        };
        // In `WITH total AS (…) SELECT … FROM total`, and in `FROM items AS i WHERE i.id = 1`.
        let is_query = |at: usize| {
            is(Some(at + 1), &|token| token.is_word("AS"))
                && is(Some(at + 2), &|token| token.is_symbol("(") || token.is_word("MATERIALIZED"))
        };
        let qualifies = |at: usize| is(Some(at + 1), &|token| token.is_symbol("."));
        let (mut queries, mut given) = (BTreeSet::new(), BTreeSet::new());
        let mut others = BTreeSet::new();
        for (at, token) in tokens.iter().enumerate() {
            let Some(word) = token.identifier().filter(|_| !qualifies(at)) else { continue };
            match (is_query(at), is_given(at)) {
                (true, _) => queries.insert(word),
                (false, true) => given.insert(word),
                (false, false) => others.insert(word),
            };
        }
        given.retain(|word| !others.contains(word));
        given.extend(queries);
        given
    }

    /// Returns the strings in the statement, as names without their schema, with the information whether
    /// they are constants such as `'items'::regclass`.
    fn quoted(&self, dialect: Dialect) -> BTreeSet<Quoted> {
        let Self::Definition(definition) = self else { return BTreeSet::new() };
        let tokens = significant(definition.source.as_deref().unwrap_or_default(), dialect);
        let quoted = tokens.iter().enumerate().filter_map(|(at, token)| {
            let text = token.text.strip_prefix('\'')?.strip_suffix('\'')?;
            // The parameters of a function follow its name.
            let name = text.split_once('(').map_or(text, |(name, _)| name);
            let name = significant(name, dialect).last().and_then(Token::identifier);
            let is_constant = tokens.get(at + 1..).is_some_and(is_constant);
            Some(Quoted { name: name.unwrap_or_else(|| text.to_owned()), is_constant })
        });
        quoted.collect()
    }

    fn is_of(&self, kinds: &[Kind]) -> bool {
        matches!(self, Self::Definition(definition) if kinds.contains(&definition.id.kind))
    }

    fn is_named_in_quotes(&self) -> bool {
        matches!(self, Self::Definition(definition) if is_named_in_quotes(definition.id.kind))
    }

    /// Returns the operators that a query of the object sorts by.
    fn sorting_operators(&self, dialect: Dialect) -> BTreeSet<String> {
        let Self::Definition(definition) = self else { return BTreeSet::new() };
        sorting_operators(definition.source.as_deref().unwrap_or_default(), dialect)
    }

    /// Returns true if the object is an operator class that has one of these operators.
    fn is_class_of(&self, operators: &BTreeSet<String>, dialect: Dialect) -> bool {
        let Self::Definition(definition) = self else { return false };
        let source = definition.source.as_deref().unwrap_or_default();
        self.is_of(&[Kind::OperatorClass])
            && significant(source, dialect).iter().any(|token| operators.contains(token.text))
    }

    /// Returns true if the object belongs to a table or view, and is no key that others may refer to.
    fn is_part(&self, dialect: Dialect) -> bool {
        matches!(self, Self::Definition(definition) if definition.id.table.is_some())
            && !self.is_key(dialect)
    }

    /// Returns true for a unique index that a foreign key may refer to. It runs no functions.
    fn is_key(&self, dialect: Dialect) -> bool {
        matches!(self, Self::Definition(definition) if unique_columns(definition, dialect).is_some())
    }

    /// Returns the names of the tables and partitions that foreign keys of a partition refer to.
    fn referenced(&self, dialect: Dialect) -> BTreeSet<String> {
        let Self::Definition(definition) = self else { return BTreeSet::new() };
        let statements = definition.source.iter().chain(&definition.attributes);
        let statements = statements.filter(|_| definition.id.kind == Kind::Partition);
        statements.flat_map(|sql| referenced(sql, dialect)).map(|table| table.name).collect()
    }

    /// Returns true if the object is a key of one of these tables.
    fn is_key_of(&self, tables: &BTreeSet<String>, dialect: Dialect) -> bool {
        let Self::Definition(definition) = self else { return false };
        let table = definition.id.table.as_ref();
        table.is_some_and(|table| tables.contains(&table.name)) && self.is_key(dialect)
    }

    fn is_used_unnamed(&self) -> bool {
        matches!(self, Self::Definition(definition) if is_used_unnamed(definition.id.kind))
    }

    /// Returns true if the statement may use the other object, an operator or a cast, without a word
    /// for it. A query may use any cast.
    fn may_use(&self, other: &Self) -> bool {
        let (Self::Definition(own), Self::Definition(used)) = (self, other) else { return false };
        match used.id.kind {
            Kind::Operator => {
                let mut statements = own.source.iter().chain(&own.attributes);
                statements.any(|sql| sql.contains(&used.id.name.name))
            }
            _ => self.is_of(&[Kind::View, Kind::MaterializedView]),
        }
    }

    pub(super) fn is_event_trigger(&self) -> bool {
        self.is_of(&[Kind::EventTrigger])
    }
}

/// Returns items in an order in which each comes after those that its text names. The server will
/// refuse a cycle. An event trigger comes last, because it would fire.
pub(super) fn in_order<'s>(
    items: impl Iterator<Item = Item<'s>>,
    default_schema: &str,
    dialect: Dialect,
) -> Vec<Item<'s>> {
    let items: Vec<Item<'s>> = items.collect();
    let mut after = below(&items, default_schema, dialect);
    for (own, other) in doubtful(&items, &after, dialect) {
        // A circle shows that the word means something else.
        if reaches(&after, other, own) {
            after[own].remove(&other);
        }
    }
    let mut order = Vec::with_capacity(items.len());
    let mut state = vec![Visit::New; items.len()];
    for start in 0..items.len() {
        visit(start, &after, &mut state, &mut order);
    }
    // Nothing names a part of a table. An index runs functions, whose code may name anything.
    order.sort_by_key(|at| (items[*at].is_event_trigger(), items[*at].is_part(dialect)));
    order.into_iter().map(|at| items[at]).collect()
}

/// Returns the items that each item comes after.
fn below(items: &[Item<'_>], default_schema: &str, dialect: Dialect) -> Vec<BTreeSet<usize>> {
    let mut named: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, item) in items.iter().enumerate() {
        named.entry(item.name()).or_default().push(at);
    }
    let of = |names: &BTreeSet<String>| {
        let found = names.iter().filter_map(|name| named.get(name.as_str())).flatten();
        found.copied().collect::<Vec<usize>>()
    };
    let named_by = |(own, item): (usize, &Item<'_>)| {
        let quoted = item.quoted(dialect);
        let names = |is_one: fn(&&Quoted) -> bool| {
            of(&quoted.iter().filter(is_one).map(|own| own.name.clone()).collect())
        };
        let constants = names(|own| own.is_constant);
        let others = names(|_| true).into_iter().filter(|at| items[*at].is_named_in_quotes());
        let words = of(&item.words(dialect)).into_iter().filter(|at| {
            let same = named.get(items[*at].name()).map_or(&[][..], Vec::as_slice);
            let is_elsewhere =
                |at: &usize| items[*at].schema().is_some_and(|own| own != default_schema);
            let elsewhere = same.iter().all(is_elsewhere);
            same.len() == 1 || item.means(&items[*at], elsewhere, default_schema, dialect)
        });
        words.chain(constants).chain(others).filter(|at| *at != own).collect()
    };
    let mut after: Vec<BTreeSet<usize>> = items.iter().enumerate().map(named_by).collect();
    for used in (0..items.len()).filter(|at| items[*at].is_used_unnamed()) {
        for own in 0..items.len() {
            // The function of an operator may have signs of the same sort in its code.
            let is_below = own == used || after[used].contains(&own);
            if !is_below && items[own].may_use(&items[used]) {
                after[own].insert(used);
            }
        }
    }
    for own in 0..items.len() {
        let operators = items[own].sorting_operators(dialect);
        let classes = items
            .iter()
            .enumerate()
            .filter(|(_, class)| !operators.is_empty() && class.is_class_of(&operators, dialect));
        after[own].extend(classes.map(|(class, _)| class));
        let tables = items[own].referenced(dialect);
        let keys = items.iter().enumerate();
        let keys = keys.filter(|(_, key)| !tables.is_empty() && key.is_key_of(&tables, dialect));
        after[own].extend(keys.map(|(key, _)| key));
    }
    after
}

/// Returns the dependencies that only a word stands for that may mean something else, as may the sign of an
/// operator: there may be several of that name.
fn doubtful(
    items: &[Item<'_>],
    after: &[BTreeSet<usize>],
    dialect: Dialect,
) -> Vec<(usize, usize)> {
    let of_item = |(own, item): (usize, &Item<'_>)| {
        let given = item.given(dialect);
        let others = after[own].iter().copied();
        let doubtful = others.filter(|other| {
            let item = &items[*other];
            given.contains(item.name()) || item.is_of(&[Kind::Operator])
        });
        doubtful.map(|other| (own, other)).collect::<Vec<_>>()
    };
    items.iter().enumerate().flat_map(of_item).collect()
}

/// Returns true if an item comes after another one.
fn reaches(after: &[BTreeSet<usize>], from: usize, to: usize) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        if at == to {
            return true;
        }
        if seen.insert(at) {
            open.extend(&after[at]);
        }
    }
    false
}

/// The state of an item in a search along the dependencies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    New,
    Open,
    Done,
}

/// Appends an item after those that it needs. An explicit stack is used, because a chain may be
/// longer than the thread's stack.
fn visit(start: usize, after: &[BTreeSet<usize>], state: &mut [Visit], order: &mut Vec<usize>) {
    let mut stack = vec![start];
    while let Some(at) = stack.last().copied() {
        match state[at] {
            Visit::New => {
                state[at] = Visit::Open;
                stack.extend(after[at].iter().filter(|next| state[**next] == Visit::New));
            }
            Visit::Open => {
                state[at] = Visit::Done;
                order.push(at);
                stack.pop();
            }
            Visit::Done => {
                stack.pop();
            }
        }
    }
}
