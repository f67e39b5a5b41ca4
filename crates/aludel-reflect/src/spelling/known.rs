//! Spellings that can be settled without a server.

use std::collections::BTreeSet;

use aludel_dialect::{Body, Dialect, Words, normal_form, significant};
use aludel_operations::{Object, Operation};
use aludel_schema::{Definition, Kind, Metadata, ObjectId, SqlText, Table};

use super::DatabaseSide;
use super::gone::Gone;

/// Settles literals of a column's own type, and definitions whose statement equals the one for the
/// database's definition. Returns the definitions that are settled.
pub(super) fn settle(
    dialect: Dialect,
    sides: DatabaseSide<'_>,
    gone: &Gone,
    target: &mut Metadata,
) -> BTreeSet<ObjectId> {
    let database = sides.renamed;
    for table in target.tables.values_mut() {
        let Some(before) = database.tables.get(&table.name) else { continue };
        for column in &mut table.columns {
            let before = before.column(&column.name);
            if let (Some(default), Some(before)) = (&mut column.default, before)
                && let Some(text) = &before.default
                && is_typed_literal(text, default, &before.sql_type)
            {
                default.canonical = Some(text.spelling().to_owned());
            }
        }
    }
    let same: BTreeSet<ObjectId> = target
        .definitions
        .values()
        .filter(|definition| {
            let Some(before) = database.definitions.get(&definition.id) else { return false };
            // A statement that reads a renamed object is read again, under the new name, and so is a type
            // with a renamed attribute.
            let live = sides.live.definitions.get(&definition.id);
            let is_renamed = live.is_none_or(|live| {
                live.depends_on != before.depends_on || !has_the_same_parts(live, before)
            });
            !is_renamed && is_statement_of(dialect, definition, before)
        })
        .map(|definition| definition.id.clone())
        .collect();
    let same = without_gone(dialect, target, gone, same);
    let settled = without_ground(database, target, same);
    for id in &settled {
        if let (Some(before), Some(own)) =
            (database.definitions.get(id), target.definitions.get_mut(id))
        {
            take(dialect, own, before);
        }
    }
    settled
}

/// Returns true if the parts of two definitions have the same names.
fn has_the_same_parts(one: &Definition, other: &Definition) -> bool {
    let names = |own: &Definition| {
        own.clauses.iter().map(|clause| clause.name.clone()).collect::<BTreeSet<Option<String>>>()
    };
    names(one) == names(other)
}

/// Removes the definitions whose code may use a name that goes. A server that reads the code may refuse it.
fn without_gone(
    dialect: Dialect,
    target: &Metadata,
    gone: &Gone,
    mut same: BTreeSet<ObjectId>,
) -> BTreeSet<ObjectId> {
    if gone.is_empty() {
        return same;
    }
    same.retain(|id| {
        let has_code = dialect.kind_facts(id.kind).is_some_and(|facts| facts.has_code);
        let own = target.definitions.get(id).filter(|_| has_code);
        let source = own.and_then(|own| own.source.as_deref());
        source.is_none_or(|source| !gone.may_be_in(&Words::of(source, dialect).code))
    });
    same
}

/// Removes the definitions that rest on what goes or changes: the server may refuse the same text over
/// it, or understand something else by it.
fn without_ground(
    database: &Metadata,
    target: &Metadata,
    mut same: BTreeSet<ObjectId>,
) -> BTreeSet<ObjectId> {
    loop {
        let changes = |on: &ObjectId| match (&on.table, on.kind) {
            _ if !database.contains(on) => false,
            _ if !target.contains(on) => true,
            (Some(table), Kind::Column) => {
                let tables = [database, target].map(|side| side.tables.get(table));
                let [before, after] =
                    tables.map(|table| table.and_then(|table| table.column(&on.name.name)));
                before.zip(after).is_some_and(|(before, after)| {
                    (&before.sql_type, &before.collation) != (&after.sql_type, &after.collation)
                })
            }
            (None, Kind::Table) => {
                let [before, after] = [database, target].map(|side| side.tables.get(&on.name));
                let is_unlogged = |table: &Table| table.options.unlogged;
                before.map(is_unlogged) != after.map(is_unlogged)
            }
            (None, _) => target.definitions.contains_key(on) && !same.contains(on),
            (Some(_), _) => false,
        };
        let rests_on_change = |id: &&ObjectId| {
            let depends_on = database.definitions.get(*id).map(|own| &own.depends_on);
            depends_on.into_iter().flatten().any(changes)
        };
        let open: Vec<ObjectId> = same.iter().filter(rests_on_change).cloned().collect();
        if open.is_empty() {
            return same;
        }
        open.iter().for_each(|id| _ = same.remove(id));
    }
}

/// Returns true if the database's default is the literal of the target followed by a cast to the
/// type of the column, which is PostgreSQL's spelling of such a literal.
fn is_typed_literal(database: &SqlText, target: &SqlText, sql_type: &SqlText) -> bool {
    let target = target.written.trim();
    let is_literal = target.len() > 1
        && target.starts_with('\'')
        && target.ends_with('\'')
        && !target[1..target.len() - 1].contains('\'');
    let base = sql_type.spelling().split_once('(').map_or(sql_type.spelling(), |(base, _)| base);
    is_literal && database.spelling() == format!("{target}::{base}")
}

/// Returns true if the object files have the statements that would create the database's
/// definition.
fn is_statement_of(dialect: Dialect, target: &Definition, database: &Definition) -> bool {
    let Some(source) = &target.source else { return false };
    let mut plain = database.clone();
    plain.belongings = Default::default();
    let create = Operation::Create(Object::Definition(Box::new(plain)));
    let Ok(steps) = dialect.steps(&[create]) else { return false };
    let statements = steps.iter().flat_map(|step| &step.statements);
    let ours: Vec<String> = statements.map(|sql| normal_form(sql, dialect)).collect();
    let theirs = std::iter::once(source).chain(&target.attributes);
    let theirs: Vec<String> = theirs.map(|sql| without_replace(sql, dialect)).collect();
    ours == theirs
}

/// Returns the normal form of a CREATE statement without `OR REPLACE`.
fn without_replace(sql: &str, dialect: Dialect) -> String {
    let words = significant(sql, dialect);
    let rest = match words.get(1..3) {
        Some([or, replace]) if or.is_word("OR") && replace.is_word("REPLACE") => {
            format!("CREATE{}", sql.get(replace.end()..).unwrap_or_default())
        }
        _ => sql.to_owned(),
    };
    normal_form(&rest, dialect)
}

/// Gives a definition the server's spelling and dependencies.
pub(super) fn take(dialect: Dialect, target: &mut Definition, answer: &Definition) {
    let facts = dialect.kind_facts(target.id.kind);
    let is_rest = facts.is_some_and(|facts| facts.body == Body::Rest);
    let written = std::mem::take(&mut target.body.written);
    target.body.clone_from(&answer.body);
    target.clauses.clone_from(&answer.clauses);
    if is_rest && is_plain(target.source.as_deref(), &written) {
        target.body.canonical = Some(answer.body.spelling().to_owned());
        target.body.written = written;
    }
    target.shape.clone_from(&answer.shape);
    target.depends_on.clone_from(&answer.depends_on);
}

/// Returns true if the statement has nothing but the author's body: no list of columns before it,
/// and no clause after it. Then revisions use the author's text, otherwise the server's.
fn is_plain(source: Option<&str>, body: &str) -> bool {
    let Some(source) = source else { return false };
    let head = source.strip_suffix(body).unwrap_or_default();
    let upper = body.to_ascii_uppercase();
    !head.is_empty() && !head.contains('(') && !upper.trim_end().ends_with("CHECK OPTION")
}
