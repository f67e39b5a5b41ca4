//! Tables and their options.

use std::fmt::Write as _;

use aludel_schema::{Column, Constraint, ObjectId, Parameters, QualifiedName, Table, TableOptions};

use super::clause::{alter_table, parameter_changes, parameters};
use super::{column, constraint, sequence};
use crate::dialect::Dialect::Postgres as PG;
use crate::hazard::Hazard;
use crate::lock::LockMode;
use crate::step::Rendered;

/// Renders CREATE TABLE with the columns and constraints of `table`.
pub(super) fn create(table: &Table) -> Rendered {
    let options = &table.options;
    let is_typed = options.of_type.is_some();
    let columns = table.columns.iter();
    let mut lines: Vec<String> = columns.filter_map(|own| line(own, is_typed)).collect();
    lines.extend(in_order(table).into_iter().map(constraint::definition));
    let unlogged = if options.unlogged { "UNLOGGED " } else { "" };
    let name = PG.quote_name(&table.name);
    let mut sql = format!("CREATE {unlogged}TABLE {name}");
    if let Some(of_type) = &options.of_type {
        let _ = write!(sql, " OF {}", PG.quote_name(of_type));
    }
    match (lines.is_empty(), is_typed) {
        (true, true) => {}
        (true, false) => sql.push_str(" ()"),
        (false, _) => {
            let _ = write!(sql, " (\n    {}\n)", lines.join(",\n    "));
        }
    }
    push_options(&mut sql, options);
    let security = security_changes(&TableOptions::default(), options);
    let security = (!security.is_empty()).then(|| alter_table(&table.name, &security));
    let logs = table.columns.iter().filter_map(|own| sequence::identity_log(&table.name, own));
    let statements = [sql].into_iter().chain(security).chain(logs).collect();
    // A foreign key creates triggers on both of its tables.
    let others = table.foreign_keys().map(|(_, key)| &key.references);
    let others = others.filter(|other| **other != table.name);
    let rendered = others.fold(Rendered::statements(statements), |rendered, other| {
        rendered.lock(ObjectId::table(other), LockMode::ShareRowExclusive)
    });
    options.inherits.iter().fold(rendered, |rendered, parent| {
        rendered.lock(ObjectId::table(parent), LockMode::ShareUpdateExclusive)
    })
}

/// Returns the constraints of a table with foreign keys of unusual names last. Before PostgreSQL 18, one to a
/// partitioned table gives usual names to the keys behind it.
fn in_order(table: &Table) -> Vec<&Constraint> {
    let is_usual = |name: &String| name.starts_with(table.name.name.as_str());
    let mut constraints: Vec<&Constraint> = table.constraints.iter().collect();
    constraints
        .sort_by_key(|own| own.foreign_key().is_some() && !own.name.as_ref().is_none_or(is_usual));
    constraints
}

/// Renders a column of CREATE TABLE; `None` for one that another table or the type provides. Of a column of another
/// table, the name that is said of its NOT NULL constraint is rendered.
fn line(column: &Column, is_typed: bool) -> Option<String> {
    match (column.inherited, is_typed) {
        (false, _) => Some(column::definition(column)),
        (true, false) => {
            let is_valid = !column.nullable && !column.may_still_be_null();
            let name = column.not_null.as_ref().and_then(|own| own.name.as_ref());
            let name = name.filter(|_| is_valid)?;
            Some(format!("CONSTRAINT {} NOT NULL {}", PG.quote(name), PG.quote(&column.name)))
        }
        (true, true) => {
            let constraints = column::constraints(column);
            let name = PG.quote(&column.name);
            (!constraints.is_empty()).then(|| format!("{name} WITH OPTIONS{constraints}"))
        }
    }
}

/// Adds the options of CREATE TABLE after the parentheses.
fn push_options(sql: &mut String, options: &TableOptions) {
    if !options.inherits.is_empty() {
        let parents: Vec<String> = options.inherits.iter().map(|n| PG.quote_name(n)).collect();
        let _ = write!(sql, " INHERITS ({})", parents.join(", "));
    }
    if let Some(key) = &options.partition_by {
        let _ = write!(sql, " PARTITION BY {key}");
    }
    if let Some(method) = &options.access_method {
        let _ = write!(sql, " USING {}", PG.quote(method));
    }
    if !options.with.is_empty() {
        let _ = write!(sql, " WITH ({})", parameters(&options.with));
    }
    if let Some(tablespace) = &options.tablespace {
        let _ = write!(sql, " TABLESPACE {}", PG.quote(tablespace));
    }
}

pub(super) fn drop(table: &Table) -> Rendered {
    let rendered = Rendered::statement(format!("DROP TABLE {}", PG.quote_name(&table.name)))
        .hazard(Hazard::DropsRows { table: table.name.clone() })
        .lock(ObjectId::table(&table.name), LockMode::AccessExclusive);
    table.foreign_keys().fold(rendered, |rendered, (_, key)| {
        rendered.lock(ObjectId::table(&key.references), LockMode::AccessExclusive)
    })
}

/// Renders DROP for a schema or an extension.
pub(super) fn drop_container(keyword: &str, name: &str, object: ObjectId) -> Rendered {
    Rendered::statement(format!("DROP {keyword} {name}")).hazard(Hazard::DropsObject { object })
}

/// Renders ALTER TABLE for the options that differ.
pub(super) fn options(table: &QualifiedName, from: &TableOptions, to: &TableOptions) -> Rendered {
    let mut clauses = Vec::new();
    if from.unlogged != to.unlogged {
        clauses.push(if to.unlogged { "SET UNLOGGED" } else { "SET LOGGED" }.to_owned());
    }
    if from.access_method != to.access_method {
        let method = to.access_method.as_deref().unwrap_or("heap");
        clauses.push(format!("SET ACCESS METHOD {}", PG.quote(method)));
    }
    if from.tablespace != to.tablespace {
        let tablespace = to.tablespace.as_deref().unwrap_or("pg_default");
        clauses.push(format!("SET TABLESPACE {}", PG.quote(tablespace)));
    }
    let hazard = (!clauses.is_empty()).then(|| Hazard::Rewrites { table: table.clone() });
    if from.of_type != to.of_type {
        clauses.push(match &to.of_type {
            Some(of_type) => format!("OF {}", PG.quote_name(of_type)),
            None => "NOT OF".to_owned(),
        });
    }
    let gone = from.inherits.iter().filter(|parent| !to.inherits.contains(parent));
    clauses.extend(gone.map(|parent| format!("NO INHERIT {}", PG.quote_name(parent))));
    let new = to.inherits.iter().filter(|parent| !from.inherits.contains(parent));
    clauses.extend(new.map(|parent| format!("INHERIT {}", PG.quote_name(parent))));
    clauses.extend(security_changes(from, to));
    let is_light = clauses.is_empty();
    clauses.extend(parameter_changes(&from.with, &to.with));
    let mode = if is_light { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive };
    // What a table has of its own by this can't change or be dropped in the same statement, and one that gives it
    // its TOAST table forgets the options of that.
    let of_toast = |options: &TableOptions| {
        let with = options.with.iter().filter(|(name, _)| name.starts_with("toast."));
        with.map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Parameters>()
    };
    let is_same = from.inherits == to.inherits
        && from.of_type == to.of_type
        && of_toast(from) == of_toast(to);
    let rendered = match is_same {
        true => Rendered::clauses(clauses),
        false => Rendered::statement(alter_table(table, &clauses)),
    };
    rendered.lock(ObjectId::table(table), mode).hazards(hazard)
}

/// Returns the clauses that turn row security on or off.
fn security_changes(from: &TableOptions, to: &TableOptions) -> Vec<String> {
    let mut clauses = Vec::new();
    if from.row_security != to.row_security {
        let word = if to.row_security { "ENABLE" } else { "DISABLE" };
        clauses.push(format!("{word} ROW LEVEL SECURITY"));
    }
    if from.force_row_security != to.force_row_security {
        let word = if to.force_row_security { "FORCE" } else { "NO FORCE" };
        clauses.push(format!("{word} ROW LEVEL SECURITY"));
    }
    clauses
}
