//! The functions whose code names objects of a plan. A server looks for these objects when it reads the code, but
//! does not depend on them.

use std::collections::BTreeMap;

use aludel_dialect::Words;
use aludel_operations::Operation;
use aludel_schema::{Kind, ObjectId};

use crate::depends::World;
use crate::ordering::states::is_renaming;
use crate::ordering::{calls, row_types};

/// The operations on objects, by index.
pub(crate) type Places = BTreeMap<ObjectId, Vec<usize>>;

/// A function whose code names an object, and an operation that makes the object.
pub(crate) struct Named {
    pub(crate) function: usize,
    pub(crate) maker: usize,
}

/// Returns the functions whose code names objects that operations make.
pub(crate) fn named(
    world: &World<'_>,
    operations: &[Operation],
    makers: &Places,
    breakers: &Places,
) -> Vec<Named> {
    let by_name = by_name(operations, makers, breakers);
    let mut found = Vec::new();
    for (function, operation) in operations.iter().enumerate() {
        let Some(definition) = row_types::written(operation) else { continue };
        let facts = world.dialect.kind_facts(definition.id.kind);
        if facts.is_some_and(|facts| facts.has_code) {
            let code = &definition.body.written;
            let words = Words::of(code, world.dialect).code;
            let makers = words.iter().filter_map(|word| by_name.get(word.as_str())).flatten();
            // The function of an operator may use another one of the name.
            let is_over = |maker: &&usize| {
                row_types::written(&operations[**maker])
                    .is_some_and(|own| own.depends_on.contains(&definition.id))
            };
            let operators = by_name.iter().filter(|(name, _)| has_operator(code, name));
            let operators = operators.flat_map(|(_, makers)| makers).filter(|own| !is_over(own));
            found.extend(makers.chain(operators).map(|maker| Named { function, maker: *maker }));
        }
    }
    found
}

/// Returns true if a text has an operator of that name.
fn has_operator(text: &str, name: &str) -> bool {
    let is_sign = |c: char| "+-*/<>=~!@#%^&|`?".contains(c);
    let is_operator = !name.is_empty() && name.chars().all(is_sign);
    is_operator && text.split(|c| !is_sign(c)).any(|signs| signs == name)
}

/// Returns the operations that come before code with a word or an operator, by its name.
fn by_name<'m>(
    operations: &[Operation],
    makers: &'m Places,
    breakers: &'m Places,
) -> BTreeMap<&'m str, Vec<usize>> {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (id, makers) in makers {
        let is_new = |at: &&usize| id.kind == Kind::Constraint || !is_renaming(&operations[**at]);
        // Of the parts of a table, code can name only columns, and keys for ON CONFLICT.
        if id.table.is_none() || matches!(id.kind, Kind::Column | Kind::Constraint) {
            by_name.entry(&id.name.name).or_default().extend(makers.iter().filter(is_new));
        }
    }
    for (id, places) in makers.iter().chain(breakers) {
        // A star, and the rows of an INSERT without names, mean all columns of a table.
        if let Some(table) = id.table.as_ref().filter(|_| id.kind == Kind::Column) {
            let changes = places.iter().filter(|at| row_types::changes_columns(&operations[**at]));
            by_name.entry(&table.name).or_default().extend(changes);
        }
        // With a function that goes, a call may be ambiguous.
        let gone = places.iter().filter(|at| calls::drops_one(&operations[**at]));
        by_name.entry(&id.name.name).or_default().extend(gone);
    }
    by_name
}
