//! CREATE statements, and the clauses that CREATE and ALTER share.

use std::fmt::Write as _;

use aludel_schema::{
    Action, Column, Constraint, ConstraintKind, Deferrable, ForeignKey, Identity, Index, IndexKey,
    KeyPart, Nulls, Parameters, QualifiedName, Sequence, SequenceOptions, Table,
};

use crate::{Dialect::Postgres as PG, expression::as_index_key};

/// CREATE TABLE with its columns and the constraints that are not in `later`.
pub(super) fn create_table(table: &Table, later: &[Constraint]) -> String {
    let mut lines: Vec<String> = table.columns.iter().map(column).collect();
    lines.extend(table.constraints.iter().filter(|c| !later.contains(c)).map(constraint));
    let unlogged = if table.options.unlogged { "UNLOGGED " } else { "" };
    let name = PG.quote_name(&table.name);
    let mut sql = if lines.is_empty() {
        format!("CREATE {unlogged}TABLE {name} ()")
    } else {
        format!("CREATE {unlogged}TABLE {name} (\n    {}\n)", lines.join(",\n    "))
    };
    if let Some(key) = &table.options.partition_by {
        let _ = write!(sql, " PARTITION BY {key}");
    }
    if !table.options.with.is_empty() {
        let _ = write!(sql, " WITH ({})", parameters(&table.options.with));
    }
    sql
}

/// A column as CREATE TABLE and ADD COLUMN take it.
pub(super) fn column(column: &Column) -> String {
    let mut sql = format!("{} {}", PG.quote(&column.name), column.sql_type);
    if let Some(collation) = &column.collation {
        let _ = write!(sql, " COLLATE {}", collation_name(collation));
    }
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        let _ = write!(sql, " GENERATED ALWAYS AS ({}) {kind}", generated.expression);
    }
    if let Some(identity) = &column.identity {
        let _ = write!(sql, " {}", identity_clause(identity));
    }
    if let Some(default) = &column.default {
        let _ = write!(sql, " DEFAULT {default}");
    }
    if !column.nullable {
        sql.push_str(" NOT NULL");
    }
    sql
}

/// `GENERATED … AS IDENTITY` with what differs from the defaults.
pub(super) fn identity_clause(identity: &Identity) -> String {
    let when = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
    let mut options = Vec::new();
    if let Some(name) = &identity.sequence {
        options.push(format!("SEQUENCE NAME {}", PG.quote_name(&QualifiedName::parse(name))));
    }
    options.extend(sequence_options(&identity.options, false));
    let options =
        if options.is_empty() { String::new() } else { format!(" ({})", options.join(" ")) };
    format!("GENERATED {when} AS IDENTITY{options}")
}

pub(super) fn create_sequence(sequence: &Sequence) -> String {
    let mut sql = format!("CREATE SEQUENCE {}", PG.quote_name(&sequence.name));
    for option in sequence_options(&sequence.options, true) {
        let _ = write!(sql, " {option}");
    }
    sql
}

/// The options that are not defaults, as clauses.
pub(super) fn sequence_options(options: &SequenceOptions, with_type: bool) -> Vec<String> {
    let mut clauses = Vec::new();
    if let Some(data_type) = options.data_type.as_ref().filter(|_| with_type) {
        clauses.push(format!("AS {data_type}"));
    }
    for (word, value) in [
        ("START WITH", options.start),
        ("INCREMENT BY", options.increment),
        ("MINVALUE", options.min),
        ("MAXVALUE", options.max),
        ("CACHE", options.cache),
    ] {
        if let Some(value) = value {
            clauses.push(format!("{word} {value}"));
        }
    }
    if options.cycle {
        clauses.push("CYCLE".to_owned());
    }
    clauses
}

/// What PostgreSQL takes for an option of a sequence of this type that is not given.
pub fn sequence_defaults(data_type: &str, increment: i64) -> SequenceOptions {
    let max = match data_type {
        "smallint" => i64::from(i16::MAX),
        "integer" => i64::from(i32::MAX),
        _ => i64::MAX,
    };
    let (min, max) = if increment < 0 { (-max - 1, -1) } else { (1, max) };
    SequenceOptions {
        data_type: None,
        start: Some(if increment < 0 { max } else { min }),
        increment: Some(1),
        min: Some(min),
        max: Some(max),
        cache: Some(1),
        cycle: false,
    }
}

/// A constraint with its name, as CREATE TABLE and ADD take it.
pub(super) fn constraint(constraint: &Constraint) -> String {
    let mut sql = String::new();
    if let Some(name) = &constraint.name {
        let _ = write!(sql, "CONSTRAINT {} ", PG.quote(name));
    }
    match &constraint.kind {
        ConstraintKind::PrimaryKey { columns, include } => {
            let _ = write!(sql, "PRIMARY KEY ({})", PG.quote_list(columns));
            push_include(&mut sql, include);
        }
        ConstraintKind::Unique { columns, include, nulls_not_distinct } => {
            let nulls = if *nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
            let _ = write!(sql, "UNIQUE{nulls} ({})", PG.quote_list(columns));
            push_include(&mut sql, include);
        }
        ConstraintKind::ForeignKey(key) => sql.push_str(&foreign_key(key)),
        ConstraintKind::Check { expression, no_inherit, .. } => {
            let _ = write!(sql, "CHECK ({expression})");
            sql.push_str(if *no_inherit { " NO INHERIT" } else { "" });
        }
        ConstraintKind::Exclusion { definition } => {
            let _ = write!(sql, "EXCLUDE {definition}");
        }
    }
    sql.push_str(match constraint.deferrable {
        Deferrable::No => "",
        Deferrable::InitiallyImmediate => " DEFERRABLE",
        Deferrable::InitiallyDeferred => " DEFERRABLE INITIALLY DEFERRED",
    });
    if is_not_valid(constraint) {
        sql.push_str(" NOT VALID");
    }
    sql
}

/// Whether rows from before are not known to satisfy it.
pub(super) fn is_not_valid(constraint: &Constraint) -> bool {
    match &constraint.kind {
        ConstraintKind::ForeignKey(key) => key.not_valid,
        ConstraintKind::Check { not_valid, .. } => *not_valid,
        _ => false,
    }
}

fn push_include(sql: &mut String, include: &[String]) {
    if !include.is_empty() {
        let _ = write!(sql, " INCLUDE ({})", PG.quote_list(include));
    }
}

fn foreign_key(key: &ForeignKey) -> String {
    let mut sql = format!(
        "FOREIGN KEY ({}) REFERENCES {} ({})",
        PG.quote_list(&key.columns),
        PG.quote_name(&key.references),
        PG.quote_list(&key.referenced_columns)
    );
    if key.match_full {
        sql.push_str(" MATCH FULL");
    }
    if key.on_update != Action::NoAction {
        let _ = write!(sql, " ON UPDATE {}", key.on_update.as_sql());
    }
    if key.on_delete != Action::NoAction {
        let _ = write!(sql, " ON DELETE {}", key.on_delete.as_sql());
        if !key.set_columns.is_empty() {
            let _ = write!(sql, " ({})", PG.quote_list(&key.set_columns));
        }
    }
    sql
}

pub(super) fn create_index(table: &QualifiedName, index: &Index) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let keys: Vec<String> = index.keys.iter().map(index_key).collect();
    let mut sql =
        format!("CREATE {unique}INDEX {} ON {}", PG.quote(&index.name), PG.quote_name(table));
    if index.method != "btree" {
        let _ = write!(sql, " USING {}", PG.quote(&index.method));
    }
    let _ = write!(sql, " ({})", keys.join(", "));
    push_include(&mut sql, &index.include);
    if index.nulls_not_distinct {
        sql.push_str(" NULLS NOT DISTINCT");
    }
    if !index.with.is_empty() {
        let _ = write!(sql, " WITH ({})", parameters(&index.with));
    }
    if let Some(predicate) = &index.predicate {
        let _ = write!(sql, " WHERE {predicate}");
    }
    sql
}

fn index_key(key: &IndexKey) -> String {
    let mut sql = match &key.part {
        KeyPart::Column(name) => PG.quote(name),
        KeyPart::Expression(expression) => as_index_key(&expression.written, PG),
    };
    if let Some(collation) = &key.collation {
        let _ = write!(sql, " COLLATE {}", collation_name(collation));
    }
    if let Some(opclass) = &key.opclass {
        let _ = write!(sql, " {opclass}");
        if !key.opclass_options.is_empty() {
            let _ = write!(sql, " ({})", parameters(&key.opclass_options));
        }
    }
    if key.descending {
        sql.push_str(" DESC");
    }
    sql.push_str(match key.nulls {
        Some(Nulls::First) => " NULLS FIRST",
        Some(Nulls::Last) => " NULLS LAST",
        None => "",
    });
    sql
}

/// Storage parameters; a value that is not a plain word or number is put in quotes.
pub(super) fn parameters(parameters: &Parameters) -> String {
    let pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| {
            let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
            let value = if plain { value.to_owned() } else { PG.literal(value) };
            format!("{name} = {value}")
        })
        .collect();
    pairs.join(", ")
}

/// A collation's name, `schema.name` or `name`, in quotes: most have capitals or hyphens.
pub fn collation_name(name: &str) -> String {
    match name.split_once('.') {
        Some((schema, name)) if PG.quote(schema) == schema => {
            format!("{schema}.{}", crate::dialect::quoted(name))
        }
        _ => crate::dialect::quoted(name),
    }
}

/// `COLLATE …` for ALTER COLUMN TYPE.
pub(super) fn collate(collation: Option<&String>) -> String {
    collation.map(|name| format!(" COLLATE {}", collation_name(name))).unwrap_or_default()
}
