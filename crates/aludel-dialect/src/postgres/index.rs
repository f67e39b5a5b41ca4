//! Indexes.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use aludel_schema::{
    Index, IndexKey, IndexRoles, IndexSettings, KeyPart, Nulls, ObjectId, Parameters,
    QualifiedName, ReplicaIdentity,
};

use super::clause::{collate, parameter_changes, parameters, push_include};
use crate::dialect::Dialect::Postgres as PG;
use crate::expression::as_index_key;
use crate::hazard::Hazard;
use crate::lock::LockMode;
use crate::step::Rendered;

/// Renders CREATE INDEX, which blocks writers while it reads the table.
pub(super) fn create(table: &QualifiedName, index: &Index) -> Rendered {
    Rendered::statement(definition(table, index))
        .lock(ObjectId::table(table), LockMode::Share)
        .hazard(Hazard::Scans { table: table.clone() })
}

/// Renders DROP INDEX, which locks the table too.
pub(super) fn drop(table: &QualifiedName, index: &Index) -> Rendered {
    Rendered::statement(format!("DROP INDEX {}", PG.quote_name(&table.sibling(&index.name))))
        .lock(ObjectId::table(table), LockMode::AccessExclusive)
        .lock(index.id(table), LockMode::AccessExclusive)
}

/// Renders the CREATE INDEX statement.
pub(super) fn definition(table: &QualifiedName, index: &Index) -> String {
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
    if !index.settings.with.is_empty() {
        let _ = write!(sql, " WITH ({})", parameters(&index.settings.with));
    }
    if let Some(tablespace) = &index.settings.tablespace {
        let _ = write!(sql, " TABLESPACE {}", PG.quote(tablespace));
    }
    if let Some(predicate) = &index.predicate {
        let _ = write!(sql, " WHERE {predicate}");
    }
    sql
}

/// Renders ALTER INDEX for the settings that differ.
pub(super) fn settings(
    name: &QualifiedName,
    index: &ObjectId,
    from: &IndexSettings,
    to: &IndexSettings,
) -> Rendered {
    let mut changes = parameter_changes(&from.with, &to.with);
    let touched = from.with.iter().chain(to.with.iter()).map(|(name, _)| name);
    let is_light = changes.is_empty() || touched.into_iter().all(|name| IS_LIGHT.contains(&name));
    for at in from.statistics.keys().chain(to.statistics.keys()).collect::<BTreeSet<_>>() {
        let target = to.statistics.get(at);
        if from.statistics.get(at) != target {
            let target = target.copied().unwrap_or(-1);
            changes.push(format!("ALTER COLUMN {at} SET STATISTICS {target}"));
        }
    }
    let moves = from.tablespace != to.tablespace;
    if moves {
        let tablespace = to.tablespace.as_deref().unwrap_or("pg_default");
        changes.push(format!("SET TABLESPACE {}", PG.quote(tablespace)));
    }
    let mode = match is_light && !moves {
        true => LockMode::ShareUpdateExclusive,
        false => LockMode::AccessExclusive,
    };
    let name = PG.quote_name(name);
    let statements = changes.into_iter().map(|change| format!("ALTER INDEX {name} {change}"));
    Rendered::statements(statements.collect()).lock(index.clone(), mode)
}

/// The storage parameters that change under a lock that blocks neither readers nor writers
/// (`reloptions.c` in PostgreSQL's source).
const IS_LIGHT: [&str; 2] = ["fillfactor", "deduplicate_items"];

/// Returns true if a change of storage parameters has its effect only when the index is made again,
/// as for the graph of an `hnsw` index.
pub(crate) fn shapes_index(from: &Parameters, to: &Parameters) -> bool {
    const LATER: [&str; 5] = [
        "fillfactor",
        "deduplicate_items",
        "fastupdate",
        "gin_pending_list_limit",
        "autosummarize",
    ];
    let value = |all: &Parameters, name: &str| {
        all.iter().find(|(own, _)| *own == name).map(|(_, value)| value.to_owned())
    };
    let mut names = from.iter().chain(to.iter()).map(|(name, _)| name);
    names.any(|name| !LATER.contains(&name) && value(from, name) != value(to, name))
}

/// Renders the choice of the indexes that have a part in a whole table.
pub(super) fn roles(table: &QualifiedName, from: &IndexRoles, to: &IndexRoles) -> Rendered {
    let mut clauses = Vec::new();
    let mut mode = LockMode::ShareUpdateExclusive;
    if from.replica_identity != to.replica_identity {
        clauses.push(match &to.replica_identity {
            ReplicaIdentity::PrimaryKey => "REPLICA IDENTITY DEFAULT".to_owned(),
            ReplicaIdentity::Full => "REPLICA IDENTITY FULL".to_owned(),
            ReplicaIdentity::Nothing => "REPLICA IDENTITY NOTHING".to_owned(),
            ReplicaIdentity::Index(name) => {
                format!("REPLICA IDENTITY USING INDEX {}", PG.quote(name))
            }
        });
        mode = LockMode::AccessExclusive;
    }
    if from.clustered_on != to.clustered_on {
        clauses.push(match &to.clustered_on {
            Some(name) => format!("CLUSTER ON {}", PG.quote(name)),
            None => "SET WITHOUT CLUSTER".to_owned(),
        });
    }
    Rendered::clauses(clauses).lock(ObjectId::table(table), mode)
}

fn index_key(key: &IndexKey) -> String {
    let mut sql = match &key.part {
        KeyPart::Column(name) => PG.quote(name),
        KeyPart::Expression(expression) => as_index_key(&expression.written, PG),
    };
    sql.push_str(&collate(key.collation.as_ref()));
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
