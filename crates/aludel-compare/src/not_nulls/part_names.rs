//! Names of their own that partitions have for the NOT NULL constraints of their tables.
//!
//! The server gives none of them another name while the partition belongs to its table. When the column gets
//! another type, it makes the constraint again, under the name that the table has for it. The partition
//! therefore leaves its table for as long as its constraint gets a name.

use std::collections::BTreeSet;

use aludel_operations::{Alter, Operation};
use aludel_schema::{Clause, Column, Definition, Metadata, ObjectId, SqlText, path};

use crate::about;
use crate::depends::World;
use crate::not_nulls::own_not_null;
use crate::not_nulls::part_kept::{self, NOT_NULL_NAME};
use crate::pair::Pair;
use crate::partitions::bound;
use crate::renaming::hints::third_name;
use crate::tables::column;
use crate::types::replacement::{moves, replaced};

/// Gives both sides of a partition names for the same NOT NULL constraints, as they are when the table above has
/// changed. Returns true if some of the names differ.
pub(crate) fn settle(
    world: &World<'_>,
    replaced: &[ObjectId],
    from: &mut Definition,
    to: &mut Definition,
) -> bool {
    let names = of(from).chain(of(to)).map(|clause| clause.text.spelling().to_owned());
    let names: BTreeSet<String> = names.collect();
    let mut differs = false;
    let kept = part_kept::kept(world);
    for text in names {
        let is_kept = kept.iter().any(|own| own.is_it(&to.id, &text));
        let usual = world.pair.map(|side| above(world, side, to, &text));
        let Some((name, own)) = usual.target else {
            // The constraint goes with its column, or with that of the table.
            drop_name(from, &text);
            continue;
        };
        let before = match usual.database {
            Some((_, before))
                if !is_kept && is_made_again(world, replaced, Pair::new(before, own)) =>
            {
                name.clone()
            }
            Some((ref name, _)) => called(from, &text).unwrap_or_else(|| name.clone()),
            // One that the partition had alone keeps its name under the new one of the table.
            None => called(from, &text).unwrap_or_else(|| name.clone()),
        };
        let after = called(to, &text).unwrap_or_else(|| name.clone());
        // The server renames no constraint that a partition below has under another name.
        let is_in_the_way = usual.database.is_some_and(|(old, column)| {
            let is_kept = column.not_null == own.not_null
                && !is_made_again(world, replaced, Pair::new(column, own));
            is_kept && old != name && old != before
        });
        differs |= before != after || is_in_the_way;
        call(from, &text, before);
        call(to, &text, after);
    }
    differs
}

/// Returns true if a partition leaves one whose constraint gets another name, while it has that under a name of its
/// own.
pub(crate) fn leaves_first(world: &World<'_>, own: &Operation, above: &Operation) -> bool {
    let sides = |operation| match operation {
        &Operation::Alter(Alter::Definition { ref from, ref to, .. }) => Some([&**from, &**to]),
        _ => None,
    };
    let Some(([from, to], [before, after])) = sides(own).zip(sides(above)) else { return false };
    let is_named = |clause: &Clause| {
        let text = clause.text.spelling();
        let (old, new) = (called(before, text), called(after, text));
        let is_other = old.as_ref().is_some_and(|old| clause.name.as_ref() != Some(old));
        // One that is made again has the name above.
        let column = world.pair.map(|side| self::above(world, side, to, text).map(|(_, own)| own));
        let is_made_again = || {
            let both = column.database.zip(column.target);
            both.is_some_and(|(from, to)| {
                is_made_again(world, &replaced(world), Pair::new(from, to))
            })
        };
        old != new && is_other && !is_made_again()
    };
    bound::leaves(from, to)
        && of(from).any(is_named)
        && bound::above(world.pair.target, to, world.dialect).contains(&&after.id.name)
}

/// Returns a partition whose constraints have third names, where they pass names on to each other; `None` if none
/// of them does.
pub(crate) fn apart(world: &World<'_>, from: &Definition, to: &Definition) -> Option<Definition> {
    let is_named = |clause: &&Clause| ["constraint", NOT_NULL_NAME].contains(&clause.word.as_str());
    let names = |own: &Definition| -> BTreeSet<String> {
        own.clauses.iter().filter(is_named).filter_map(|clause| clause.name.clone()).collect()
    };
    let (before, after) = (names(from), names(to));
    let between = about::changed(world.dialect, from, |clause| {
        let old = clause.name.as_ref().filter(|_| is_named(&clause));
        let Some(old) = old else { return Some(clause.clone()) };
        let is_same = |other: &&Clause| {
            other.word == clause.word && other.text.spelling() == clause.text.spelling()
        };
        let called = to.clauses.iter().filter(is_same).filter_map(|other| other.name.as_ref());
        let called: Vec<&String> = called.collect();
        let is_passed =
            after.contains(old) || called.iter().any(|new| before.contains(new.as_str()));
        let goes = !called.is_empty() && !called.contains(&old) && is_passed;
        let is_taken = |name: &str| before.contains(name) || after.contains(name);
        let name = if goes { third_name(old, is_taken) } else { old.clone() };
        Some(Clause { name: Some(name), ..clause.clone() })
    });
    (between.clauses != from.clauses).then_some(between)
}

/// Returns the name that a partition has for a NOT NULL constraint on one side if it has none of its own, which is
/// that of the table or partition above it, with the column of the table above all.
fn above<'m>(
    world: &World<'_>,
    side: &'m Metadata,
    partition: &Definition,
    text: &str,
) -> Option<(String, &'m Column)> {
    let name = path(text).and_then(|mut path| path.pop())?;
    let parent = bound::parent(partition, world.dialect)?;
    let table = bound::table_above(side, parent, world.dialect)?;
    let column = table.column(&name)?;
    let partitions = side.definitions.get(&bound::part(parent)).into_iter().flat_map(|parent| {
        let above = bound::above(side, parent, world.dialect).into_iter();
        let above = above.filter_map(|name| side.definitions.get(&bound::part(name)));
        std::iter::once(parent).chain(above)
    });
    let own = { partitions }.find_map(|above| own_not_null::called(above, &name));
    let of_table = (!column.nullable).then(|| column.not_null_name(&table.name));
    Some((own.or(of_table)?, column))
}

/// Returns true if the server makes the constraint of a column again.
fn is_made_again(world: &World<'_>, replaced: &[ObjectId], column: Pair<&Column>) -> bool {
    column::is_retyped(column) || column::is_computed_anew(column) || moves(world, replaced, column)
}

/// Returns the names of its own that a partition has for NOT NULL constraints.
fn of(partition: &Definition) -> impl Iterator<Item = &Clause> {
    partition.clauses.iter().filter(|clause| clause.word == NOT_NULL_NAME)
}

fn called(partition: &Definition, text: &str) -> Option<String> {
    let clause = of(partition).find(|clause| clause.text.spelling() == text)?;
    clause.name.clone()
}

fn drop_name(partition: &mut Definition, text: &str) {
    let is_it = |clause: &Clause| clause.word == NOT_NULL_NAME && clause.text.spelling() == text;
    partition.clauses.retain(|clause| !is_it(clause));
}

fn call(partition: &mut Definition, text: &str, name: String) {
    drop_name(partition, text);
    let clause =
        Clause { word: NOT_NULL_NAME.to_owned(), name: Some(name), text: SqlText::new(text) };
    partition.clauses.push(clause);
}
