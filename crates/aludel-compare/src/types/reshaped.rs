//! Composite types that are made again under their columns, because no ALTER gives an attribute another
//! type or another place there. The values pass on attribute by attribute.

use aludel_operations::AttributeChange;
use aludel_schema::{Clause, Column, Definition, Kind, ObjectId, SqlText};

use crate::change::is_reordered;
use crate::depends::World;
use crate::pair::Pair;
use crate::types::holder::{holder, lasting, typed_tables, types_below, types_over};

/// Returns the composite types that are made again while columns are of them. `replaced` are the types
/// that are replaced for another reason.
pub(crate) fn reshaped(world: &World<'_>, replaced: &[ObjectId]) -> Vec<ObjectId> {
    let pair = world.pair.map(|side| &side.definitions);
    let types = pair.target.values().filter(|target| {
        let database = pair.database.get(&target.id);
        database.is_some_and(|own| is_reshaped(world, replaced, Pair::new(own, target)))
    });
    types.map(|target| target.id.clone()).collect()
}

/// Returns true if a composite type is made again under its columns.
pub(crate) fn is_reshaped(
    world: &World<'_>,
    replaced: &[ObjectId],
    pair: Pair<&Definition>,
) -> bool {
    let Pair { database, target } = pair;
    target.id.kind == Kind::CompositeType
        && has_other_form(world, pair)
        && !world.leaves_alone(&target.id)
        && holder(world, database).is_some()
        && obstacle(world, replaced, pair).is_none()
}

/// Returns true if an attribute that stays gets another type, also below a domain, or another collation, or if
/// ALTER would leave the attributes in another order.
fn has_other_form(world: &World<'_>, pair: Pair<&Definition>) -> bool {
    let is_other = |clause: &Clause| {
        let mut before = pair.database.clauses.iter();
        before.any(|old| old.is_same_part(clause) && old.text != clause.text)
    };
    let facts = world.dialect.kind_facts(pair.target.id.kind);
    facts.is_some_and(|facts| is_reordered(facts, pair))
        || pair.target.clauses.iter().any(is_other)
        || attributes(world, pair).iter().any(|own| has_other_base(world, own))
}

/// Returns true if the domain of an attribute is over another type of the server.
fn has_other_base(world: &World<'_>, attribute: &AttributeChange) -> bool {
    let bases = attribute.from_base.as_ref().zip(attribute.to_base.as_ref());
    bases.is_some_and(|(from, to)| from != to && [from, to].iter().all(|own| is_bare(world, own)))
}

/// Returns true for a type that no plan replaces.
fn is_bare(world: &World<'_>, sql_type: &SqlText) -> bool {
    world.type_named(sql_type.spelling()).is_none()
}

/// Returns true if the values of a type that is replaced pass on within a row: those of a domain do, by way of the
/// type below it.
fn passes_on_in_rows(world: &World<'_>, id: &ObjectId) -> bool {
    let mut sides = [world.pair.database, world.pair.target].into_iter();
    id.kind == Kind::Domain
        && sides.all(|side| {
            let domain = side.definitions.get(id);
            domain.is_some_and(|own| is_bare(world, world.base_below(own, side)))
        })
}

/// Returns why a type can't be made again under its columns: where its values are beside columns of it, and
/// arrays that another form of their texts does not concern. `None` says that it can.
pub(crate) fn obstacle(
    world: &World<'_>,
    replaced: &[ObjectId],
    pair: Pair<&Definition>,
) -> Option<String> {
    let own = &pair.database.id;
    let below = types_below(world, std::slice::from_ref(own));
    let mut below = below.iter().filter(|on| replaced.contains(on));
    if let Some(below) = below.find(|on| !passes_on_in_rows(world, on)) {
        return Some(format!("{below} is replaced below it"));
    }
    let over = types_over(world, pair.database);
    if let Some(table) = over.iter().find_map(|own| typed_tables(world, own).into_iter().next()) {
        return Some(format!("{} is a table of it", ObjectId::table(&table)));
    }
    let keeps_texts = keeps_texts(world, pair);
    let holds = |column: &Column| {
        let of = world.type_of(column)?;
        if of != own {
            let is_over = over.iter().any(|own| own.id == *of);
            return is_over.then(|| format!("is of {of} over it"));
        }
        let is_array = column.sql_type.written.ends_with("[]");
        let reason = "is an array of it, whose elements no expression converts one by one";
        (is_array && !keeps_texts).then(|| reason.to_owned())
    };
    world.pair.database.tables.values().find_map(|table| {
        let mut columns = lasting(world, table);
        columns.find_map(|column| {
            let id = ObjectId::column(&table.name, column.name.as_str());
            Some(format!("{id} {}", holds(column)?))
        })
    })
}

/// Returns true if the text of a value is that of the same value in the new form.
fn keeps_texts(world: &World<'_>, pair: Pair<&Definition>) -> bool {
    let Pair { database, target } = pair.map(|own| &own.clauses);
    let in_place = database.iter().zip(target).all(|(old, new)| old.is_same_part(new));
    let keeps_text = |own: AttributeChange| {
        let from = own.from_base.or(own.from);
        let to = own.to_base.unwrap_or(own.to);
        from.is_some_and(|from| world.dialect.keeps_text(from.spelling(), to.spelling()))
    };
    database.len() == target.len()
        && in_place
        && attributes(world, pair).into_iter().all(keeps_text)
}

/// Returns the attributes of the new type, with what their values come from.
pub(crate) fn attributes(world: &World<'_>, pair: Pair<&Definition>) -> Vec<AttributeChange> {
    let all = pair.target.clauses.iter().filter_map(|clause| {
        let name = clause.name.clone()?;
        let before = pair.database.clauses.iter().find(|old| old.is_same_part(clause));
        let (from, to) = (before.map(sql_type), sql_type(clause));
        let base = |own: &SqlText, side| {
            let column = Column::new(name.as_str(), own.spelling());
            world.base_type(&column, side)
        };
        let from_base = from.as_ref().and_then(|own| base(own, world.pair.database));
        let to_base = base(&to, world.pair.target);
        let below = from_base.as_ref().or(from.as_ref());
        let cast = below.and_then(|own| world.cast(own, to_base.as_ref().unwrap_or(&to)));
        Some(AttributeChange { name, from, to, from_base, to_base, cast })
    });
    all.collect()
}

/// Returns the type of an attribute without its collation.
fn sql_type(attribute: &Clause) -> SqlText {
    let text = attribute.text.spelling();
    SqlText::new(text.split_once(" COLLATE ").map_or(text, |(own, _)| own))
}
