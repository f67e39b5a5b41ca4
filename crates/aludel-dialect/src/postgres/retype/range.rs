//! Range types that are made again under their columns.

use aludel_operations::{Object, TypeReplacement};
use aludel_schema::{Definition, Kind, ObjectId, QualifiedName};

use super::conversion::{Retyping, conversion};
use super::fit::Effects;
use crate::dialect::Dialect::Postgres as PG;
use crate::moved::{NamedAs, move_names};
use crate::range::{constructors, multirange, subtype};

/// Returns the statements that free the names of what the server has made with a range type, for a new one.
/// The type itself has its other name already.
pub(crate) fn set_aside(replacement: &TypeReplacement) -> Vec<String> {
    let (Some(range), Some(_)) = (range(&replacement.from), range(&replacement.to)) else {
        return Vec::new();
    };
    let Some(many) = multirange(range, PG) else { return Vec::new() };
    let (own, old, many_old) = (&range.id.name, aside(&range.id.name), aside(&many));
    let (name, new) = (PG.quote_name(&many), PG.quote(&many_old.name));
    let mut statements = vec![format!("ALTER TYPE {name} RENAME TO {new}")];
    let known = &range.belongings.constructors;
    let usual = || constructors(range, PG);
    for function in if known.is_empty() { usual() } else { known.clone() } {
        let ObjectId { name, signature, .. } = function;
        let types = signature.unwrap_or_default();
        let types = move_names(&types, own, &old, NamedAs::Anything, PG);
        let types = move_names(&types, &many, &many_old, NamedAs::Anything, PG);
        let (function, new) = (PG.quote_name(&name), PG.quote(&aside(&name).name));
        statements.push(format!("ALTER FUNCTION {function}({types}) RENAME TO {new}"));
    }
    statements
}

/// Returns what the values of a column lose, and which are refused, when they become those of a new range type,
/// or of one that is no range type, by their texts; `None` if no range type is involved.
pub(crate) fn effects(replacement: &TypeReplacement) -> Option<Effects> {
    let (from, to) = (range(&replacement.from), range(&replacement.to));
    let mut effects = Effects::default();
    let (Some(from), Some(to)) = (from, to) else {
        let name = replacement.to.id().name;
        effects.refuse(format!("is no {name} as text"));
        return from.or(to).map(|_| effects);
    };
    bounds(from, to)
}

/// Returns the values of a range type that are refused as those of another one, as the end of a sentence.
pub fn bounds_refused(from: &Definition, to: &Definition) -> Option<String> {
    bounds(from, to)?.refusal()
}

/// Returns what the bounds of a range lose and which are refused, when their texts become bounds of another
/// type.
fn bounds(from: &Definition, to: &Definition) -> Option<Effects> {
    let mut effects = Effects::default();
    let (old, new) = (subtype(from, PG)?, subtype(to, PG)?);
    let converted = conversion(&Retyping { column: "", from: &old, to: &new, cast: None });
    if converted.using.is_some() || converted.effects != Effects::default() {
        if let Some(loss) = converted.effects.loss() {
            effects.lose(&loss);
        }
        effects.refuse(format!("has a bound that is no {new} as text"));
    }
    Some(effects)
}

fn range(object: &Object) -> Option<&Definition> {
    match object {
        Object::Definition(own) => Some(&**own).filter(|own| own.id.kind == Kind::RangeType),
        Object::Schema(_)
        | Object::Extension(_)
        | Object::Enum(_)
        | Object::Sequence(_)
        | Object::Table(_)
        | Object::Column { .. }
        | Object::Constraint { .. }
        | Object::Index { .. } => None,
    }
}

/// Returns the name of something that makes room for its successor.
fn aside(name: &QualifiedName) -> QualifiedName {
    name.sibling(format!("{}_old", name.name))
}
