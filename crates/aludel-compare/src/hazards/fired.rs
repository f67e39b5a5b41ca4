//! Triggers and rules that an UPDATE of the plan sets off.

use aludel_dialect::{Dialect, Hazard, Step, significant};
use aludel_operations::{Alter, Operation};
use aludel_schema::{Definition, Kind, QualifiedName};

use crate::depends::World;

/// A column that an UPDATE of a plan fills.
pub(crate) struct Filled<'s> {
    pub(crate) table: &'s QualifiedName,
    column: &'s str,
}

/// Says which triggers and rules of the database see the rows that a plan fills. They may change other columns or
/// rows, or refuse.
pub(crate) fn say(steps: &mut [Step], world: &World<'_>) {
    for step in steps {
        let mut fired = Vec::new();
        for filled in filled(step) {
            for own in fired_by(world, &filled) {
                fired.push(Hazard::Fires { object: own.id.clone() });
                fired.extend(stays_null(own, &filled, world.dialect));
            }
        }
        step.hazards.extend(fired);
    }
}

/// Iterates over the triggers and rules of the database that see the rows.
pub(crate) fn fired_by<'m>(
    world: &World<'m>,
    filled: &Filled<'_>,
) -> impl Iterator<Item = &'m Definition> {
    let own = world.pair.database.definitions.values();
    let own = own.filter(|own| own.id.table.as_ref() == Some(filled.table));
    own.filter(|own| is_fired(own, filled.column, world.dialect))
}

/// Returns the hazard of a rule that takes the place of an UPDATE, so that the column may keep its NULL.
fn stays_null(own: &Definition, filled: &Filled<'_>, dialect: Dialect) -> Option<Hazard> {
    let tokens = significant(own.body.spelling(), dialect);
    let is_instead = own.id.kind == Kind::Rule
        && tokens.windows(2).any(|pair| pair[0].is_word("DO") && pair[1].is_word("INSTEAD"));
    let Filled { table, column } = filled;
    let rows = format!(
        "a row of {table} has NULL in {column}, which rule {} does not fill",
        own.id.name.name
    );
    is_instead.then(|| Hazard::FailsOnRule { object: own.id.clone(), rows })
}

/// Returns the columns that a step fills by an UPDATE.
pub(crate) fn filled(step: &Step) -> Vec<Filled<'_>> {
    let updates = |table: &QualifiedName| {
        let is_it =
            |hazard: &Hazard| matches!(hazard, Hazard::Updates { table: own } if own == table);
        step.hazards.iter().any(is_it)
    };
    let columns = step.operations.iter().flat_map(|operation| match operation {
        Operation::Alter(Alter::Column(change)) if updates(&change.table) => {
            vec![Filled { table: &change.table, column: &change.to.name }]
        }
        Operation::Alter(Alter::Definition { to, fills, .. }) => {
            let filled = fills.iter().map(|own| Filled { table: &to.id.name, column: &own.column });
            filled.collect()
        }
        Operation::Restore(restored) if restored.in_steps => {
            vec![Filled { table: &restored.table, column: &restored.column.name }]
        }
        _ => Vec::new(),
    });
    columns.collect()
}

/// Returns true for a trigger or a rule of an UPDATE of the column.
fn is_fired(own: &Definition, column: &str, dialect: Dialect) -> bool {
    let tokens = significant(own.body.spelling(), dialect);
    let end = match own.id.kind {
        Kind::Trigger => "ON",
        Kind::Rule => "DO",
        _ => return false,
    };
    let head: Vec<_> = tokens.iter().take_while(|token| !token.is_word(end)).collect();
    let Some(at) = head.iter().position(|token| token.is_word("UPDATE")) else { return false };
    let is_limited =
        own.id.kind == Kind::Trigger && head.get(at + 1).is_some_and(|token| token.is_word("OF"));
    !is_limited || head[at..].iter().any(|token| token.is_name(column, dialect))
}
