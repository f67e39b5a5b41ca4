//! The objects that a scratch has to make, and their order.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, Words, significant};
use aludel_schema::{Definition, Kind, Table};

/// Returns the identifiers in the statements of a definition.
pub(super) fn words(definition: &Definition, dialect: Dialect) -> Words {
    let mut words = Words::default();
    let statements = definition.source.iter().chain(&definition.attributes);
    statements.for_each(|text| words.add(text, dialect));
    words
}

/// Something that the scratch has to make, in the order of its dependencies.
#[derive(Clone, Copy)]
pub(super) enum Item<'s> {
    Table(&'s Table),
    Definition(&'s Definition),
}

impl Item<'_> {
    /// Returns the name by which others name it. What belongs to a table is never named.
    pub(super) fn name(&self) -> &str {
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

    pub(super) fn words(&self, dialect: Dialect) -> BTreeSet<String> {
        match self {
            Self::Table(table) => {
                let types = table.columns.iter().map(|column| column.sql_type.written.as_str());
                let defaults = table.columns.iter().filter_map(|column| column.default.as_ref());
                let defaults = defaults.map(|default| default.written.as_str());
                let all = types.chain(defaults).chain(table.options.partition_by.as_deref());
                let tokens = all.flat_map(|text| significant(text, dialect));
                tokens.filter_map(|token| token.identifier()).collect()
            }
            Self::Definition(definition) => {
                let mut words = words(definition, dialect).outside;
                words.extend(definition.id.table.iter().map(|table| table.name.clone()));
                words
            }
        }
    }

    pub(super) fn is_event_trigger(&self) -> bool {
        matches!(self, Self::Definition(definition) if definition.id.kind == Kind::EventTrigger)
    }
}

/// The state of an item in a search along the dependencies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Visit {
    New,
    Open,
    Done,
}

/// Appends an item after those that it needs. An explicit stack is used, because a chain may be
/// longer than the thread's stack.
pub(super) fn visit(
    start: usize,
    after: &[BTreeSet<usize>],
    state: &mut [Visit],
    order: &mut Vec<usize>,
) {
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
