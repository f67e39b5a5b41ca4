//! Reasons for a refusal of the server that its own message does not give.

use std::collections::{BTreeSet, VecDeque};

use aludel_dialect::{Dialect, Words, partitioned, significant};
use aludel_driver::StatementError;
use aludel_schema::{Column, Definition, Kind, Metadata, ObjectId, QualifiedName, Table};

/// The server's code for a table or view that is not there.
const NO_RELATION: &str = "42P01";

/// The server's codes for a type, an operator class or the like, and for a function or an operator, that is not there.
const NOT_FOUND: [&str; 2] = ["42704", "42883"];

/// The server's code for a function whose code does not give what it declares.
const NOT_WHAT_IS_DECLARED: &str = "42P13";

/// Returns what is amiss with an object of the target that the server refuses. The database has the names of the
/// target.
pub(crate) fn amiss(
    object: &ObjectId,
    refused: &StatementError,
    database: &Metadata,
    target: &Metadata,
    dialect: Dialect,
) -> Option<String> {
    let definition = target.definitions.get(object)?;
    match object.kind {
        Kind::Function if refused.code == NOT_WHAT_IS_DECLARED => {
            reads_all_columns(definition, database, target, dialect)
        }
        Kind::Partition => {
            let above = partitioned(definition.source.as_deref()?, dialect)?;
            let is_it = |name: &QualifiedName| name.name == above.name;
            let is_there = target.tables.keys().any(is_it)
                || target.definitions.keys().any(|id| is_it(&id.name));
            (!is_there).then(|| format!("there is no table {above} in models or object files"))
        }
        Kind::View | Kind::MaterializedView
            if refused.code == NO_RELATION && reads_itself(definition, refused, dialect) =>
        {
            Some(format!("{object} reads itself: no one statement makes such a view"))
        }
        Kind::View | Kind::MaterializedView if refused.code == NO_RELATION => {
            let circle = circle(object, target, dialect)?;
            let rest: Vec<String> = circle.iter().skip(1).map(|id| format!("reads {id}")).collect();
            Some(format!("{object} {}: none of them can be made first", rest.join(", which ")))
        }
        _ => None,
    }
}

/// Returns the schema in which the server looks for nothing because it is not there, if something is not found.
pub(crate) fn unlooked(refused: &StatementError, database: &Metadata) -> Option<String> {
    let is_missing = refused.code == NO_RELATION || NOT_FOUND.contains(&&*refused.code);
    database.missing_schema.as_deref().filter(|_| is_missing).map(|schema| {
        let default = database.default_schema.as_deref().unwrap_or("public");
        format!(
            "search_path begins with {schema}, which is not there, so that names without a schema are of {default}: \
             make the schema first"
        )
    })
}

/// Returns where extensions are that the models have without a schema, if the server does not find a type, a function
/// or the like. The one that it does not find may be of one of them.
pub(crate) fn elsewhere(
    refused: &StatementError,
    database: &Metadata,
    target: &Metadata,
) -> Option<String> {
    let default = target.default_schema.as_ref().or(database.default_schema.as_ref());
    let default = default.map_or("public", String::as_str);
    let anywhere = target.extensions.values().filter(|own| own.schema.is_none());
    let places = anywhere.filter_map(|own| {
        let schema = database.extensions.get(&own.name)?.schema.as_ref()?;
        Some(format!(
            "extension {} is in the schema {schema}: say that schema before its names, or say \
             `extension({:?}, schema = {default:?})`, and it moves",
            own.name, own.name
        ))
    });
    let places: Vec<String> = places.filter(|_| NOT_FOUND.contains(&&*refused.code)).collect();
    (!places.is_empty()).then(|| places.join("; "))
}

/// Returns why a function does not give what it declares, if its code reads all columns of a table that gets new ones
/// before others: the upgrade puts them last.
fn reads_all_columns(
    function: &Definition,
    database: &Metadata,
    target: &Metadata,
    dialect: Dialect,
) -> Option<String> {
    let code = &function.body.written;
    let words = Words::of(code, dialect).code;
    let is_named = |table: &&Table| code.contains('*') && words.contains(&table.name.name);
    let mut tables = target.tables.values().filter(is_named);
    tables.find_map(|table| {
        let before = database.tables.get(&table.name)?;
        let names = |columns: &[Column]| columns.iter().map(|own| own.name.clone()).collect();
        let (had, has): (Vec<String>, Vec<String>) =
            (names(&before.columns), names(&table.columns));
        let stays = had.into_iter().filter(|name| has.contains(name));
        let comes = has.iter().filter(|name| before.column(name).is_none()).cloned();
        let after: Vec<String> = stays.chain(comes).collect();
        (after != has).then(|| {
            format!(
                "`*` reads the columns of {} in the order of the database, which is {} after the upgrade, because \
                 new columns come last: name the columns, or declare them in that order",
                table.name,
                after.join(", ")
            )
        })
    })
}

/// Returns true if the statement of a view names it a second time, and the server does not know it there.
fn reads_itself(view: &Definition, refused: &StatementError, dialect: Dialect) -> bool {
    let name = &view.id.name.name;
    let tokens = significant(view.source.as_deref().unwrap_or_default(), dialect);
    let named = tokens.iter().filter(|token| token.is_name(name, dialect));
    named.count() > 1 && refused.message.contains(&format!("{name}\" does not exist"))
}

/// Returns the shortest way from a view over those that it reads back to itself.
fn circle<'m>(
    object: &'m ObjectId,
    target: &'m Metadata,
    dialect: Dialect,
) -> Option<Vec<&'m ObjectId>> {
    let mut ways = VecDeque::from([vec![object]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        let view = target.definitions.get(*way.last()?)?;
        for next in views_in(view, target, dialect) {
            let longer = || way.iter().copied().chain([next]).collect();
            if next == object {
                return Some(longer());
            }
            if seen.insert(next) {
                ways.push_back(longer());
            }
        }
    }
    None
}

/// Returns the other views that the statement of a view names.
fn views_in<'m>(view: &Definition, target: &'m Metadata, dialect: Dialect) -> Vec<&'m ObjectId> {
    let tokens = significant(view.source.as_deref().unwrap_or_default(), dialect);
    let views = target.definitions.keys();
    let views = views.filter(|id| matches!(id.kind, Kind::View | Kind::MaterializedView));
    let is_named =
        |id: &&ObjectId| tokens.iter().any(|token| token.is_name(&id.name.name, dialect));
    views.filter(|id| **id != view.id).filter(is_named).collect()
}
