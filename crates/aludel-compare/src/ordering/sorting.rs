//! Queries that sort by an operator of an operator class: `ORDER BY total USING <#`.

use std::collections::BTreeSet;

use aludel_dialect::{significant, sorting_operators};
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Definition, Kind};

use crate::depends::World;
use crate::ordering::graph::Graph;

/// Adds edges that put an operator class before the queries that sort by its operators, and the end of
/// such a query before that of the class. The server does not tell that one rests on the other.
pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    edges_of(world, operations, made, |class, query| graph.edge(class, query));
    edges_of(world, operations, dropped, |class, query| graph.edge(query, class));
}

fn edges_of<'o>(
    world: &World<'_>,
    operations: &'o [Operation],
    definition: fn(&'o Operation) -> Option<&'o Definition>,
    mut edge: impl FnMut(usize, usize),
) {
    let all = || operations.iter().enumerate().filter_map(|(at, own)| Some((at, definition(own)?)));
    for (at, query) in all() {
        let operators = sorting_operators(query.body.spelling(), world.dialect);
        for (class, own) in all().filter(|_| !operators.is_empty()) {
            if own.id.kind == Kind::OperatorClass && has_one(world, own, &operators) {
                edge(class, at);
            }
        }
    }
}

fn made(operation: &Operation) -> Option<&Definition> {
    match operation {
        Operation::Create(Object::Definition(definition)) => Some(definition),
        Operation::Alter(Alter::Definition { to, .. }) => Some(to),
        _ => None,
    }
}

fn dropped(operation: &Operation) -> Option<&Definition> {
    match operation {
        Operation::Drop(Object::Definition(definition)) => Some(definition),
        _ => None,
    }
}

fn has_one(world: &World<'_>, class: &Definition, operators: &BTreeSet<String>) -> bool {
    let tokens = significant(class.body.spelling(), world.dialect);
    tokens.iter().any(|token| operators.contains(token.text))
}
