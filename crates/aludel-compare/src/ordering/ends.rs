//! Operations that come first or last in a plan: extensions, default privileges, event triggers, and the
//! views and triggers around a rename.

use aludel_dialect::Dialect;
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::Kind;

use crate::ordering::graph::Graph;
use crate::ordering::states::is_apart;

/// Adds the edges of what comes first or last. Extensions come last among the edges, because names do not wait for them.
pub(crate) fn edges(dialect: Dialect, operations: &[Operation], graph: &mut Graph) {
    default_privileges(operations, graph);
    event_triggers(operations, graph);
    read_by_renames(dialect, operations, graph);
}

/// Adds soft edges that let default privileges change at the end, because the objects that the same
/// plan makes are not to have them.
fn default_privileges(operations: &[Operation], graph: &mut Graph) {
    let is_one = |at: &usize| operations[*at].object().kind == Kind::DefaultPrivileges;
    let (last, others): (Vec<usize>, Vec<usize>) = (0..operations.len()).partition(|at| is_one(at));
    for at in last {
        others.iter().for_each(|other| graph.soft_edge(*other, at));
    }
}

/// Adds soft edges that let event triggers come, and be enabled, at the end, and go at the beginning,
/// because they fire for the statements of the plan.
fn event_triggers(operations: &[Operation], graph: &mut Graph) {
    let is_one = |at: &usize| operations[*at].object().kind == Kind::EventTrigger;
    let (own, others): (Vec<usize>, Vec<usize>) = (0..operations.len()).partition(|at| is_one(at));
    for at in own {
        let ends = match &operations[at] {
            Operation::Drop(_) => true,
            Operation::Alter(Alter::Definition { to, .. }) => {
                to.clauses.iter().any(|clause| clause.text.spelling() == "DISABLE")
            }
            Operation::Create(_)
            | Operation::Alter(_)
            | Operation::Rename { .. }
            | Operation::Restore(_)
            | Operation::Comment { .. } => false,
        };
        for other in &others {
            if ends { graph.soft_edge(at, *other) } else { graph.soft_edge(*other, at) }
        }
    }
}

/// Adds soft edges that let views and triggers go before a rename and come after it, if the database reads
/// all of them again for it and refuses one that would not work: SQLite gives a column of a view the new
/// name of a column, which a trigger of the view does not know.
fn read_by_renames(dialect: Dialect, operations: &[Operation], graph: &mut Graph) {
    if !dialect.capabilities().renames_read_views {
        return;
    }
    let (ready, done) = (graph.add(), graph.add());
    for (at, operation) in operations.iter().enumerate() {
        match operation {
            Operation::Drop(Object::Definition(_)) => graph.soft_edge(at, ready),
            Operation::Rename { .. } => {
                graph.soft_edge(ready, at);
                graph.soft_edge(at, done);
            }
            Operation::Create(Object::Definition(_)) => graph.soft_edge(done, at),
            Operation::Create(_)
            | Operation::Drop(_)
            | Operation::Alter(_)
            | Operation::Restore(_)
            | Operation::Comment { .. } => {}
        }
    }
}

/// Adds edges for extensions. Any operation may use an extension, so extensions are created and moved
/// before, and dropped after all operations that may use them.
pub(crate) fn extensions(operations: &[Operation], graph: &mut Graph) {
    let of = |wanted: fn(&Operation) -> bool| -> Vec<usize> {
        (0..operations.len()).filter(|at| wanted(&operations[*at])).collect()
    };
    let created = of(|op| matches!(op, Operation::Create(Object::Extension(_))));
    let dropped = of(|op| matches!(op, Operation::Drop(Object::Extension(_))));
    let moved = of(|operation| {
        let Operation::Alter(Alter::Move(moves)) = operation else { return false };
        moves.from.kind == Kind::Extension
    });
    let users = of(|op| !is_apart(op));
    if !created.is_empty() || !moved.is_empty() {
        let ready = graph.add();
        created.iter().chain(&moved).for_each(|at| graph.edge(*at, ready));
        users.iter().for_each(|at| graph.edge(ready, *at));
    }
    for (needing, needed) in needs(operations, &created) {
        graph.edge(needed, needing);
    }
    for (needing, needed) in needs(operations, &dropped) {
        graph.edge(needing, needed);
    }
    if !dropped.is_empty() {
        let done = graph.add();
        users.iter().for_each(|at| graph.edge(*at, done));
        dropped.iter().for_each(|at| graph.edge(done, *at));
    }
}

/// Returns each pair of operations on extensions of which the first one needs the second one.
fn needs(operations: &[Operation], extensions: &[usize]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for at in extensions {
        if let Operation::Create(Object::Extension(own)) | Operation::Drop(Object::Extension(own)) =
            &operations[*at]
        {
            let is_needed =
                |other: &&usize| own.requires.contains(&operations[**other].object().name.name);
            found.extend(extensions.iter().filter(is_needed).map(|other| (*at, *other)));
        }
    }
    found
}
