//! Columns.

use std::fmt::Write as _;

use aludel_operations::{ColumnChange, RestoredColumn};
use aludel_schema::{
    Column, ColumnStorage, Generated, Identity, Kind, NotNull, ObjectId, QualifiedName, SqlText,
};

use super::clause::{alter_table, collate, parameter_changes};
use super::retype::conversion::{Conversion, Retyping, conversion, rewrites};
use super::retype::sql_type::SqlType;
use super::sequence;
use crate::dialect::Dialect::Postgres as PG;
use crate::expression::{as_default, in_parentheses};
use crate::hazard::{Hazard, loss_of_values};
use crate::lexer::significant;
use crate::lock::LockMode;
use crate::step::Rendered;
use crate::token::{Token, TokenKind};

/// Renders a column for CREATE TABLE and ADD COLUMN.
pub(super) fn definition(column: &Column) -> String {
    let collate = collate(column.collation.as_ref());
    format!("{} {}{collate}{}", PG.quote(&column.name), column.sql_type, constraints(column))
}

/// Renders what follows the type of a column: where its values come from, and NOT NULL. CREATE TABLE
/// has no way to say NOT VALID.
pub(super) fn constraints(column: &Column) -> String {
    let mut sql = String::new();
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        let _ = write!(sql, " GENERATED ALWAYS AS ({}) {kind}", generated.expression);
    }
    if let Some(identity) = &column.identity {
        let _ = write!(sql, " {}", sequence::identity_clause(identity));
    }
    if let Some(default) = &column.default {
        let _ = write!(sql, " DEFAULT {}", as_default(&default.written, PG));
    }
    if !column.nullable && !column.may_still_be_null() {
        let usual = NotNull::default();
        let not_null = column.not_null.as_deref().unwrap_or(&usual);
        if let Some(name) = &not_null.name {
            let _ = write!(sql, " CONSTRAINT {}", PG.quote(name));
        }
        sql.push_str(" NOT NULL");
        sql.push_str(if not_null.no_inherit { " NO INHERIT" } else { "" });
    }
    sql
}

/// Renders ADD COLUMN. All rows are rewritten if the column has a value of its own in each of them.
pub(super) fn add(table: &QualifiedName, column: &Column) -> Rendered {
    let id = ObjectId::column(table, column.name.as_str());
    let fills = column.nullable
        || column.may_still_be_null()
        || column.default.is_some()
        || column.generated.is_some()
        || column.identity.is_some();
    let add = vec![format!("ADD COLUMN {}", definition(column))];
    let rendered = match sequence::identity_log(table, column) {
        Some(log) => Rendered::statements(vec![alter_table(table, &add), log]),
        None => Rendered::clauses(add),
    };
    rendered
        .lock(ObjectId::table(table), LockMode::AccessExclusive)
        .hazards((!fills).then(|| Hazard::Scans { table: table.clone() }))
        .hazards((!fills).then_some(Hazard::FailsOnRows { column: id }))
        .hazards(computes_values(column).then(|| Hazard::Rewrites { table: table.clone() }))
}

/// Returns true if a new column has a value of its own in each row. A default that is the same for
/// all rows is stored in the catalogue (PostgreSQL's page on ALTER TABLE, "Notes").
fn computes_values(column: &Column) -> bool {
    column.identity.is_some()
        || column.generated.as_ref().is_some_and(|generated| generated.stored)
        || column.default.as_deref().is_some_and(may_be_volatile)
}

/// Returns true if a default may differ from row to row. Of the server's own functions, the volatile
/// ones decide (`pg_proc.provolatile`). A function of a user counts as volatile, and so does any that
/// is not in [`CONSTANT`] as long as no server has said what the default calls.
fn may_be_volatile(default: &SqlText) -> bool {
    let tokens = significant(default.spelling(), PG);
    let mut calls = tokens.windows(2).filter_map(|pair| {
        (pair[0].kind == TokenKind::Word && pair[1].is_symbol("(")).then_some(pair[0])
    });
    let is_one_of = |call: &Token<'_>, names: &[&str]| names.iter().any(|name| call.is_word(name));
    match &default.calls {
        Some(own) if own.iter().all(|id| id.kind == Kind::Operator) => {
            calls.any(|call| is_one_of(&call, &VOLATILE))
        }
        Some(_) => true,
        None => calls.any(|call| !is_one_of(&call, &CONSTANT)),
    }
}

/// The server's own functions that a default may well call and that give each row another value.
const VOLATILE: [&str; 18] = [
    "array_sample",
    "array_shuffle",
    "clock_timestamp",
    "currval",
    "gen_random_uuid",
    "lastval",
    "lo_create",
    "lo_from_bytea",
    "nextval",
    "pg_notify",
    "random",
    "random_normal",
    "set_config",
    "setseed",
    "setval",
    "timeofday",
    "uuidv4",
    "uuidv7",
];

/// The most common functions and type names with modifiers that are the same for all rows.
const CONSTANT: [&str; 21] = [
    "now",
    "current_setting",
    "lower",
    "upper",
    "coalesce",
    "nullif",
    "greatest",
    "least",
    "concat",
    "date_trunc",
    "to_tsvector",
    "to_timestamp",
    "transaction_timestamp",
    "statement_timestamp",
    "make_interval",
    "jsonb_build_object",
    "jsonb_build_array",
    "json_build_object",
    "json_build_array",
    "numeric",
    "varchar",
];

/// Adds a dropped column again. Existing rows get the fill value, and the default is removed
/// afterwards.
pub(super) fn restore(restored: &RestoredColumn) -> Rendered {
    let RestoredColumn { table, column, fill, in_steps } = restored;
    let id = ObjectId::column(table, column.name.as_str());
    let name = PG.quote(&column.name);
    let add = |column: &Column| alter_table(table, &[format!("ADD COLUMN {}", definition(column))]);
    let statements = if *in_steps {
        let empty = Column { nullable: true, not_null: None, ..column.as_ref().clone() };
        let set = format!("UPDATE {} SET {name} = {fill}", PG.quote_name(table));
        vec![add(&empty), set, alter_table(table, &[set_not_null(column)])]
    } else {
        let filled =
            Column { default: Some(Box::new(fill.as_str().into())), ..column.as_ref().clone() };
        let forget = alter_table(table, &[format!("ALTER COLUMN {name} DROP DEFAULT")]);
        vec![add(&filled), forget]
    };
    Rendered::statements(statements)
        .lock(ObjectId::table(table), LockMode::AccessExclusive)
        .hazard(Hazard::LostValues { column: id })
}

pub(super) fn drop(table: &QualifiedName, column: &Column) -> Rendered {
    let columns = vec![ObjectId::column(table, column.name.as_str())];
    // The values of a generated column can be computed again.
    let lost = column.generated.is_none().then_some(Hazard::DropsValues { columns });
    Rendered::clauses(vec![format!("DROP COLUMN {}", PG.quote(&column.name))])
        .lock(ObjectId::table(table), LockMode::AccessExclusive)
        .hazards(lost)
}

/// Renders ALTER COLUMN. Expression, identity and default are removed first, because PostgreSQL
/// refuses other changes while they exist.
pub(super) fn alter(change: &ColumnChange) -> Rendered {
    let ColumnChange { table, from, to, .. } = change;
    let name = PG.quote(&to.name);
    let alter = |what: &str| format!("ALTER COLUMN {name} {what}");
    let retyped = from.sql_type != to.sql_type || from.collation != to.collation;
    let mut clauses = Vec::new();
    let mut statements = Vec::new();
    // A statement drops columns before it carries out other clauses, and the expression may read them.
    if from.generated.is_some() && to.generated.is_none() {
        statements.push(alter_table(table, &[alter("DROP EXPRESSION")]));
    }
    // It drops columns before it sets an expression as well, and adds those that the new one may read later.
    if let Some(generated) = expression_set(change) {
        let text = in_parentheses(&generated.expression.written, PG);
        statements.push(alter_table(table, &[alter(&format!("SET EXPRESSION AS {text}"))]));
    }
    // The server looks at the type of an identity column before it carries out a clause, which may be
    // one of the next operation.
    if from.identity.is_some() && to.identity.is_none() {
        statements.push(alter_table(table, &[alter("DROP IDENTITY")]));
    }
    if from.default.is_some() && (to.default.is_none() || retyped) {
        clauses.push(alter("DROP DEFAULT"));
    }
    if retyped {
        let collate = collate(to.collation.as_ref());
        clauses.push(alter(&format!("TYPE {}{collate}{}", to.sql_type, using(change))));
    }
    if let Some(default) = to.default.as_ref().filter(|_| from.default != to.default || retyped) {
        clauses.push(alter(&format!("SET DEFAULT {}", as_default(&default.written, PG))));
    }
    statements.extend(fill_nulls(table, from, to));
    if from.nullable != to.nullable {
        clauses.push(if to.nullable { alter("DROP NOT NULL") } else { set_not_null(to) });
    } else if from.not_null != to.not_null {
        statements.extend(not_null_rename(table, from, to));
        clauses.extend(not_null_changes(table, from, to));
    }
    clauses.extend(heavy_storage_changes(change).iter().map(|what| alter(what)));
    let is_light = clauses.is_empty() && statements.is_empty() && from.identity == to.identity;
    clauses.extend(light_storage_changes(change).iter().map(|what| alter(what)));
    let rendered = match (&from.identity, &to.identity) {
        (None, Some(identity)) => {
            if retyped {
                statements.push(alter_table(table, &std::mem::take(&mut clauses)));
            }
            clauses.push(alter(&format!("ADD {}", sequence::identity_clause(identity))));
            statements.push(alter_table(table, &clauses));
            statements.extend(sequence::identity_log(table, to));
            let rendered = Rendered::statements(statements);
            if change.seed { start_behind_rows(rendered, change, identity) } else { rendered }
        }
        (Some(old), Some(new)) if old != new => {
            statements.extend(sequence::identity_logged(table, &to.name, &old.options, new));
            clauses.push(alter(&sequence::identity_changes(new)));
            let sequence = format!("{}::regclass", sequence::of_identity(change));
            statements.extend(sequence::lifted(&sequence, &old.options, &new.options));
            Rendered { statements, ..Rendered::clauses(clauses) }
        }
        _ => Rendered { statements, ..Rendered::clauses(clauses) },
    };
    let mode = if is_light { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive };
    let outside = counter_outside(change);
    rendered.lock(ObjectId::table(table), mode).hazards(outside).hazards(hazards(change))
}

/// Returns the new expression of a column that is generated before and afterwards (PostgreSQL 17).
fn expression_set(change: &ColumnChange) -> Option<&Generated> {
    let before = change.from.generated.as_ref()?;
    change.to.generated.as_deref().filter(|after| **after != **before)
}

/// Returns the hazard of an identity whose counter may stand outside of its new bounds, or of its new type.
fn counter_outside(change: &ColumnChange) -> Option<Hazard> {
    let ColumnChange { table, from, to, .. } = change;
    let [old, new] = [from, to].map(|column| column.identity.as_ref().map(|own| &own.options));
    let id = ObjectId::new(Kind::Sequence, to.identity_sequence(table)?);
    sequence::left_outside(&id, old?, new?, [from.sql_type.spelling(), to.sql_type.spelling()])
}

/// Renders the clause that forbids NULL.
fn set_not_null(column: &Column) -> String {
    let name = PG.quote(&column.name);
    let Some(not_null) = &column.not_null else {
        return format!("ALTER COLUMN {name} SET NOT NULL");
    };
    let constraint = not_null.name.as_ref().map(|own| format!("CONSTRAINT {} ", PG.quote(own)));
    let inherit = if not_null.no_inherit { " NO INHERIT" } else { "" };
    let valid = if not_null.not_valid { " NOT VALID" } else { "" };
    format!("ADD {}NOT NULL {name}{inherit}{valid}", constraint.unwrap_or_default())
}

/// Returns the statement that gives the NOT NULL constraint of a column another name.
fn not_null_rename(table: &QualifiedName, from: &Column, to: &Column) -> Option<String> {
    let (old, new) = (from.not_null_name(table), to.not_null_name(table));
    let change = || format!("RENAME CONSTRAINT {} TO {}", PG.quote(&old), PG.quote(&new));
    (old != new).then(|| alter_table(table, &[change()]))
}

/// Renders the changes of a NOT NULL constraint that has its new name already.
fn not_null_changes(table: &QualifiedName, from: &Column, to: &Column) -> Vec<String> {
    let said = |column: &Column| column.not_null.as_deref().cloned().unwrap_or_default();
    let (old, new) = (said(from), said(to));
    let name = PG.quote(&to.not_null_name(table));
    if new.not_valid && !old.not_valid {
        let drop = format!("ALTER COLUMN {} DROP NOT NULL", PG.quote(&to.name));
        return vec![drop, set_not_null(to)];
    }
    let mut clauses = Vec::new();
    if old.not_valid != new.not_valid {
        clauses.push(format!("VALIDATE CONSTRAINT {name}"));
    }
    if old.no_inherit != new.no_inherit {
        let inherit = if new.no_inherit { "NO INHERIT" } else { "INHERIT" };
        clauses.push(format!("ALTER CONSTRAINT {name} {inherit}"));
    }
    clauses
}

fn hazards(change: &ColumnChange) -> Vec<Hazard> {
    let ColumnChange { table, from, to, .. } = change;
    let column = ObjectId::column(table, to.name.as_str());
    let (old, new) = (from.sql_type.spelling(), to.sql_type.spelling());
    let mut hazards = Vec::new();
    if expression_set(change).is_some_and(|generated| generated.stored) {
        hazards.push(Hazard::Rewrites { table: table.clone() });
    }
    if from.sql_type != to.sql_type {
        let Conversion { effects, is_missing, .. } = converted(change);
        let loss = loss_of_values(from, to, || effects.loss());
        // A value that becomes NULL is refused where NULL is.
        let null = effects.null().filter(|_| !to.nullable).map(str::to_owned);
        let refused: Vec<String> = effects.refusal().into_iter().chain(null).collect();
        let refused = (!refused.is_empty() && to.using.is_none()).then(|| refused.join(" or "));
        let refused = refused.map(|what| match is_missing {
            true => format!("{what}; `using = \"…\"` in the models says how to convert it"),
            false => what,
        });
        hazards.extend(loss.map(|loss| Hazard::LosesPrecision { column: column.clone(), loss }));
        hazards.extend(refused.map(|what| Hazard::FailsOnValues { column: column.clone(), what }));
        // A domain has the values of the type below it, unless it is the type of an array's elements.
        let (old, new) = match new.ends_with("[]") {
            true => (old, new),
            false => (below(&change.from_base, old), below(&change.to_base, new)),
        };
        if to.using.is_some() || rewrites(old, new) {
            hazards.push(Hazard::Rewrites { table: table.clone() });
        }
    }
    let forbids = from.nullable || from.may_still_be_null();
    if forbids && !to.nullable && !to.may_still_be_null() {
        match fill_nulls(table, from, to) {
            Some(_) => hazards.push(Hazard::Updates { table: table.clone() }),
            None => hazards.push(Hazard::FailsOnNulls { column }),
        }
        hazards.push(Hazard::Scans { table: table.clone() });
    }
    hazards
}

/// Returns the UPDATE that replaces NULLs by the new default before NOT NULL is set.
fn fill_nulls(table: &QualifiedName, from: &Column, to: &Column) -> Option<String> {
    let allowed = from.nullable || from.may_still_be_null();
    let forbids = allowed && !to.nullable && !to.may_still_be_null();
    let forbids = forbids && from.sql_type == to.sql_type;
    let default = to.default.as_ref().filter(|_| forbids)?;
    // The tables that inherit from this one need not forbid NULL.
    let is_own = to.not_null.as_ref().is_some_and(|not_null| not_null.no_inherit);
    let only = if is_own { "ONLY " } else { "" };
    let (table, name) = (PG.quote_name(table), PG.quote(&to.name));
    Some(format!("UPDATE {only}{table} SET {name} = {default} WHERE {name} IS NULL"))
}

/// Returns the type below a domain, or the type itself.
fn below<'t>(base: &'t Option<SqlText>, own: &'t str) -> &'t str {
    base.as_ref().map_or(own, SqlText::spelling)
}

/// Returns the conversion of the values, on the types below domains.
fn converted(change: &ColumnChange) -> Conversion {
    let ColumnChange { from, to, .. } = change;
    conversion(&Retyping {
        column: &PG.quote(&to.name),
        from: below(&change.from_base, from.sql_type.spelling()),
        to: below(&change.to_base, to.sql_type.spelling()),
        cast: change.cast,
    })
}

/// Returns the `USING` clause: the expression of the models, or one for values that no assignment
/// cast converts.
fn using(change: &ColumnChange) -> String {
    if change.from.sql_type == change.to.sql_type {
        return String::new();
    }
    let expression = change.to.using.clone().or_else(|| converted(change).using);
    expression.map(|text| format!(" USING {text}")).unwrap_or_default()
}

/// Lets a new identity continue after the values of its column.
fn start_behind_rows(
    mut rendered: Rendered,
    change: &ColumnChange,
    identity: &Identity,
) -> Rendered {
    let ColumnChange { table, to, .. } = change;
    let behind =
        sequence::behind_rows(&PG.quote(&to.name), &PG.quote_name(table), &identity.options);
    rendered.statements.push(format!("SELECT setval({}, {behind}", sequence::of_identity(change)));
    let column = ObjectId::column(table, to.name.as_str());
    rendered
        .hazard(Hazard::Scans { table: table.clone() })
        .hazards(sequence::rows_outside(column, &identity.options))
}

/// Renders the changes of ALTER COLUMN that block all other sessions. A new type brings its own
/// storage mode and no compression method, so those of the column have to be set again.
fn heavy_storage_changes(change: &ColumnChange) -> Vec<String> {
    let (mut old, new) = (change.from.effective_storage(), change.to.effective_storage());
    if change.from.sql_type != change.to.sql_type || change.from.collation != change.to.collation {
        old = ColumnStorage { mode: None, compression: None, ..old };
    }
    let mut changes = Vec::new();
    if old.mode != new.mode {
        let sql_type = below(&change.to_base, change.to.sql_type.spelling());
        let mode = new.mode.as_deref().unwrap_or_else(|| SqlType::parse(sql_type).likely_storage());
        changes.push(format!("SET STORAGE {}", mode.to_ascii_uppercase()));
    }
    if old.compression != new.compression {
        let method = new.compression.as_deref().unwrap_or("default");
        changes.push(format!("SET COMPRESSION {method}"));
    }
    changes
}

/// Returns what gives a column its storage mode and its compression method again after a new type has taken
/// them away.
pub(super) fn storage(column: &Column) -> impl Iterator<Item = String> {
    let storage = column.effective_storage();
    let mode = storage.mode.map(|mode| format!("SET STORAGE {}", mode.to_ascii_uppercase()));
    let compression = storage.compression.map(|method| format!("SET COMPRESSION {method}"));
    mode.into_iter().chain(compression)
}

/// Renders the changes of ALTER COLUMN that block neither readers nor writers.
fn light_storage_changes(change: &ColumnChange) -> Vec<String> {
    let (old, new) = (change.from.effective_storage(), change.to.effective_storage());
    let mut changes = Vec::new();
    if old.statistics != new.statistics {
        changes.push(format!("SET STATISTICS {}", new.statistics.unwrap_or(-1)));
    }
    changes.extend(parameter_changes(&old.options, &new.options));
    changes
}

#[cfg(test)]
mod tests {
    use aludel_schema::{Kind, ObjectId, QualifiedName, SqlText};

    use super::may_be_volatile;

    #[test]
    fn a_default_that_is_the_same_for_all_rows_is_known() {
        let users =
            ObjectId::overloaded(Kind::Function, QualifiedName::unqualified("f"), "integer");
        for (default, calls, expected) in [
            ("now()", None, false),
            ("md5('a')", None, true),
            ("md5('a')", Some(vec![]), false),
            ("'x'::character varying(20)", Some(vec![]), false),
            ("date_trunc('day'::text, now())", Some(vec![]), false),
            ("gen_random_uuid()", Some(vec![]), true),
            ("nextval('s'::regclass)", Some(vec![]), true),
            ("clock_timestamp()", Some(vec![]), true),
            ("f(2)", Some(vec![users]), true),
        ] {
            let text = SqlText { calls, ..SqlText::new(default) };
            assert_eq!(may_be_volatile(&text), expected, "{default}");
        }
    }
}
