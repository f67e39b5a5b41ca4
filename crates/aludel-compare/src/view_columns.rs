//! Columns of views that get other names while their queries stay the same, or keep their names over
//! columns that get others.
//!
//! A new name is no guess if both texts are the same query but for the names of its columns and what
//! the plan renames. ALTER then renames the column, which keeps its privileges and all that reads it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Dialect, column_aliases, significant};
use aludel_operations::Operation;
use aludel_schema::{Definition, Kind, Metadata, ObjectId, ShapeColumn};

use crate::applied::rename_view_column;
use crate::pair::Pair;

/// An old name and a new one.
type Names = (String, String);

/// Renames the columns of the views of `metadata`, and returns the operations for it. The texts of the
/// target are in the words of the server, and `renamed` are the names that the plan changes.
pub(crate) fn follow(
    metadata: &mut Cow<'_, Metadata>,
    target: &Metadata,
    renamed: impl Iterator<Item = Names>,
    dialect: Dialect,
) -> Vec<Operation> {
    let quoted = |(old, new): &Names| (dialect.quote(old), dialect.quote(new));
    let mut known: BTreeSet<Names> = renamed.map(|names| quoted(&names)).collect();
    let mut operations = Vec::new();
    let mut done: BTreeSet<ObjectId> = BTreeSet::new();
    while let Some((id, names)) = next(metadata, target, &known, &done, dialect) {
        for (old, new) in names {
            known.insert(quoted(&(old.clone(), new.clone())));
            let from = ObjectId::column(&id.name, old.as_str());
            rename_view_column(metadata.to_mut(), &id, &old, &new, dialect);
            operations.push(Operation::Rename { from, to: new });
        }
        let body = target.definitions.get(&id).map(|own| own.body.clone());
        let own = metadata.to_mut().definitions.get_mut(&id);
        own.zip(body).into_iter().for_each(|(own, body)| own.body = body);
        done.insert(id);
    }
    operations
}

/// Returns a view whose text differs from that of the target in names alone, with the names of its own
/// columns that change. A view that reads others comes after them.
fn next(
    metadata: &Metadata,
    target: &Metadata,
    known: &BTreeSet<Names>,
    done: &BTreeSet<ObjectId>,
    dialect: Dialect,
) -> Option<(ObjectId, Vec<Names>)> {
    let views = metadata.definitions.values();
    let mut views = views.filter(|own| {
        matches!(own.id.kind, Kind::View | Kind::MaterializedView)
            && !done.contains(&own.id)
            && !target.leaves_alone(&own.id)
    });
    views.find_map(|database| {
        let pair = Pair::new(database, target.definitions.get(&database.id)?);
        let names = names(pair)?;
        let is_one = !names.is_empty() || pair.differs(|own| &own.body);
        let same = is_one && is_same(pair, &names, known, dialect);
        same.then(|| (database.id.clone(), names))
    })
}

/// Returns the names of the columns that differ, if each column has the same place and type on both
/// sides, and no name means another column than before.
fn names(pair: Pair<&Definition>) -> Option<Vec<Names>> {
    let Pair { database, target } = pair.map(|own| &own.shape);
    let has = |shape: &[ShapeColumn], name: &String| shape.iter().any(|own| own.name == *name);
    let mut names = Vec::new();
    for (old, new) in database.iter().zip(target).filter(|(old, new)| old.name != new.name) {
        if has(target, &old.name) || has(database, &new.name) {
            return None;
        }
        names.push((old.name.clone(), new.name.clone()));
    }
    let types = |shape: &[ShapeColumn]| -> Vec<String> {
        shape.iter().map(|own| own.sql_type.clone()).collect()
    };
    (types(database) == types(target)).then_some(names)
}

/// Returns true if both texts read the same columns by the same query. A word has one new form in all of
/// the query, and no other word has that: `b + a * b` is not `a + a * b` after a rename of `a`.
fn is_same(
    pair: Pair<&Definition>,
    names: &[Names],
    known: &BTreeSet<Names>,
    dialect: Dialect,
) -> bool {
    let read = pair.map(|own| own.depends_on.iter().collect::<BTreeSet<&ObjectId>>());
    let old = tokens(pair.database, names.iter().map(|(old, _)| old), dialect);
    let new = tokens(pair.target, names.iter().map(|(_, new)| new), dialect);
    let has = |old: &String, new: &String| known.contains(&(old.clone(), new.clone()));
    let old = without_kept_names(old, |column, name| has(column, name));
    let new = without_kept_names(new, |column, name| has(name, column));
    let is_known =
        |(old, new): (&String, &String)| old == new || known.contains(&(old.clone(), new.clone()));
    let mut forms: BTreeMap<&String, &String> = BTreeMap::new();
    let mut origins: BTreeMap<&String, &String> = BTreeMap::new();
    let is_consistent = |(old, new)| {
        *forms.entry(old).or_insert(new) == new && *origins.entry(new).or_insert(old) == old
    };
    read.database == read.target
        && old.len() == new.len()
        && old.iter().zip(&new).all(is_known)
        && old.iter().zip(&new).all(is_consistent)
}

/// Returns the tokens of a query without the names behind columns that are the other names of these: the
/// server prints `b AS a` for the column of a view that keeps its name over one that is renamed.
fn without_kept_names(
    tokens: Vec<String>,
    is_other_name: impl Fn(&String, &String) -> bool,
) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for token in tokens {
        match kept.as_slice() {
            [.., column, word] if word == "AS" && is_other_name(column, &token) => _ = kept.pop(),
            _ => kept.push(token),
        }
    }
    kept
}

/// Returns the tokens of a query, without the new names of the given columns. An alias of a column follows no
/// rename, and is told from the names that do.
fn tokens<'n>(
    definition: &Definition,
    names: impl Iterator<Item = &'n String>,
    dialect: Dialect,
) -> Vec<String> {
    let names: Vec<String> = names.map(|name| dialect.quote(name)).collect();
    let tokens = significant(definition.body.spelling(), dialect);
    let mut texts: Vec<String> = Vec::new();
    let aliases = column_aliases(&tokens);
    for (token, is_alias) in tokens.into_iter().zip(aliases) {
        let follows_as = texts.last().is_some_and(|last| last == "AS");
        if follows_as && names.iter().any(|name| name == token.text) {
            texts.pop();
        } else if is_alias {
            texts.push(format!("alias {}", token.text));
        } else {
            texts.push(token.text.to_owned());
        }
    }
    texts
}
