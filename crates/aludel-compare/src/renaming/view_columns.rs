//! Columns of views that get other names while their queries stay the same, or keep their names over
//! columns that get others.
//!
//! A new name is no guess if both texts are the same query but for the names of its columns and what
//! the plan renames, or if a view whose query changes as well has called the column like the renamed one that it
//! reads, and goes on to. ALTER then renames the column, which keeps its privileges and all that reads it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Dialect, column_aliases, significant};
use aludel_operations::{Object, Operation};
use aludel_schema::{Definition, Kind, Metadata, ObjectId, QualifiedName, ShapeColumn};

use crate::pair::Pair;
use crate::renaming::column_names::rename_view_column;
use crate::renaming::rebound;

/// An old name and a new one.
type Names = (String, String);

/// Renames the columns of the views of `metadata`, and returns the operations for it. The texts of the
/// target are in the words of the server. The plan changes the names in `done`, which the texts of views
/// have already, and in `renamed`.
pub(crate) fn follow(
    metadata: &mut Cow<'_, Metadata>,
    target: &Metadata,
    done: Vec<Names>,
    renamed: Vec<Names>,
    dialect: Dialect,
) -> Vec<Operation> {
    let quoted = |old: &str, new: &str| (dialect.quote(old), dialect.quote(new));
    let all = |names: Vec<Names>| names.into_iter().map(|(old, new)| quoted(&old, &new));
    let mut known: BTreeSet<Names> = all(renamed).collect();
    let mut read: BTreeSet<Names> = all(done).chain(known.clone()).collect();
    let mut operations = Vec::new();
    let [mut same, mut followed] = [BTreeSet::new(), BTreeSet::new()];
    loop {
        let one = next(metadata, target, &known, &same, dialect);
        let is_same = one.is_some();
        let other = || next_of_others(metadata, target, &read, &followed, dialect);
        let Some((id, names)) = one.or_else(other) else { break };
        for (old, new) in names {
            known.insert(quoted(&old, &new));
            read.insert(quoted(&old, &new));
            let from = ObjectId::column(&id.name, old.as_str());
            rename_view_column(metadata.to_mut(), &id, &old, &new, dialect);
            operations.push(Operation::Rename { from, to: new });
        }
        if is_same {
            let body = target.definitions.get(&id).map(|own| own.body.clone());
            let own = metadata.to_mut().definitions.get_mut(&id);
            own.zip(body).into_iter().for_each(|(own, body)| own.body = body);
            same.insert(id.clone());
        }
        followed.insert(id);
    }
    operations
}

/// Leaves columns of views their names where the views are dropped: they are made again with the new ones. The columns of
/// a table or another view that takes the name of a view which goes are its own.
pub(crate) fn leave_views_made_again(operations: &mut Vec<Operation>, database: &Metadata) {
    let dropped = operations.iter().filter_map(|own| match own {
        Operation::Drop(Object::Definition(view)) if is_view(&view.id) => Some(view.id.clone()),
        Operation::Drop(_)
        | Operation::Create(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => None,
    });
    let dropped: BTreeSet<ObjectId> = dropped.collect();
    let goes = |name: &QualifiedName| {
        let ids = VIEWS.map(|kind| ObjectId::new(kind, name.clone())).into_iter();
        let mut there = ids.filter(|id| database.definitions.contains_key(id)).peekable();
        there.peek().is_some()
            && there.all(|id| dropped.contains(&id))
            && !database.tables.contains_key(name)
    };
    operations.retain(|own| {
        let Operation::Rename { from, .. } = own else { return true };
        from.kind != Kind::Column || !from.table.as_ref().is_some_and(goes)
    });
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
    views(metadata, target, done).find_map(|pair| {
        // The same words are another query then.
        let names = names(pair).filter(|_| !rebound::is_marked(pair.database))?;
        let is_one = !names.is_empty() || pair.differs(|own| &own.body);
        let same = is_one && is_same(pair, &names, known, dialect);
        same.then(|| (pair.database.id.clone(), names))
    })
}

/// Returns a view with another query on both sides, and its columns that follow columns that it reads,
/// which have got other names by `renamed`.
fn next_of_others(
    metadata: &Metadata,
    target: &Metadata,
    renamed: &BTreeSet<Names>,
    done: &BTreeSet<ObjectId>,
    dialect: Dialect,
) -> Option<(ObjectId, Vec<Names>)> {
    views(metadata, target, done).find_map(|pair| {
        let follows = |(old, new): &(&ShapeColumn, &ShapeColumn)| {
            let is_read = |id: &ObjectId| {
                pair.target.depends_on.contains(id) && is_or_has(metadata, id, &new.name)
            };
            renamed.contains(&(dialect.quote(&old.name), dialect.quote(&new.name)))
                && pair.database.depends_on.iter().any(is_read)
        };
        let without = |own: &Definition, other: &Definition| -> Vec<ShapeColumn> {
            let gone = own.shape.iter();
            let gone = gone.filter(|own| other.shape.iter().all(|other| other.name != own.name));
            gone.cloned().collect()
        };
        let (old, new) = (without(pair.database, pair.target), without(pair.target, pair.database));
        let names = old.iter().flat_map(|old| new.iter().map(move |new| (old, new)));
        let names: Vec<Names> =
            names.filter(follows).map(|(old, new)| (old.name.clone(), new.name.clone())).collect();
        let each_once = |part: fn(&Names) -> &String| {
            names.iter().map(part).collect::<BTreeSet<_>>().len() == names.len()
        };
        let is_clear = !names.is_empty() && each_once(|own| &own.0) && each_once(|own| &own.1);
        is_clear.then(|| (pair.database.id.clone(), names))
    })
}

/// Returns true for a column of the name, and for a view or a composite type that has one.
fn is_or_has(metadata: &Metadata, id: &ObjectId, name: &str) -> bool {
    if id.kind == Kind::Column {
        return id.name.name == name;
    }
    metadata.definitions.get(id).is_some_and(|own| {
        let is_type = id.kind == Kind::CompositeType;
        let has_attribute = own.clauses.iter().any(|own| own.name.as_deref() == Some(name));
        is_type && has_attribute || own.shape.iter().any(|column| column.name == name)
    })
}

/// The kinds of views.
const VIEWS: [Kind; 2] = [Kind::View, Kind::MaterializedView];

fn is_view(id: &ObjectId) -> bool {
    VIEWS.contains(&id.kind)
}

/// Returns the views of both sides except those in `done`.
fn views<'m>(
    metadata: &'m Metadata,
    target: &'m Metadata,
    done: &'m BTreeSet<ObjectId>,
) -> impl Iterator<Item = Pair<&'m Definition>> {
    let views = metadata.definitions.values();
    let views = views
        .filter(|own| is_view(&own.id) && !done.contains(&own.id) && !target.leaves_alone(&own.id));
    views.filter_map(|own| Some(Pair::new(own, target.definitions.get(&own.id)?)))
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
