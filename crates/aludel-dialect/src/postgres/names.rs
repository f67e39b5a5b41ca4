//! Renames and comments, which change no structure.

use aludel_operations::Move;
use aludel_schema::{Kind, ObjectId, QualifiedName};

use crate::dialect::Dialect::Postgres as PG;
use crate::lock::LockMode;
use crate::step::Rendered;

/// Renders ALTER … RENAME; returns `None` for kinds that can't be renamed.
pub(super) fn rename(from: &ObjectId, to: &str) -> Option<Rendered> {
    let new = PG.quote(to);
    let table = from.table.as_ref();
    let of_table = |what: &str| {
        let table = PG.quote_name(table?);
        Some(format!("ALTER TABLE {table} RENAME {what} {} TO {new}", PG.quote(&from.name.name)))
    };
    let sql = match from.kind {
        Kind::Column => of_table("COLUMN")?,
        Kind::Constraint => of_table("CONSTRAINT")?,
        kind => format!("ALTER {} RENAME TO {new}", addressed(kind, from)?),
    };
    let rendered = Rendered::statement(sql);
    Some(match (from.kind, table) {
        (Kind::Index, _) => rendered.lock(from.clone(), LockMode::ShareUpdateExclusive),
        (_, Some(table)) => rendered.lock(ObjectId::table(table), LockMode::AccessExclusive),
        _ if is_relation(from.kind) => rendered.lock(from.clone(), LockMode::AccessExclusive),
        _ => rendered,
    })
}

/// Renders RENAME ATTRIBUTE. `typed` are the tables whose columns follow.
pub(super) fn rename_attribute(
    of: &QualifiedName,
    from: &str,
    to: &str,
    typed: &[QualifiedName],
) -> Rendered {
    let (of, from, to) = (PG.quote_name(of), PG.quote(from), PG.quote(to));
    let cascade = if typed.is_empty() { "" } else { " CASCADE" };
    let sql = format!("ALTER TYPE {of} RENAME ATTRIBUTE {from} TO {to}{cascade}");
    typed.iter().fold(Rendered::statement(sql), |rendered, table| {
        rendered.lock(ObjectId::table(table), LockMode::AccessExclusive)
    })
}

/// Renders ALTER … SET SCHEMA; returns `None` for kinds that are in no schema.
pub(super) fn set_schema(moves: &Move) -> Option<Rendered> {
    let (id, schema) = (&moves.from, PG.quote(&moves.schema));
    let rendered =
        Rendered::statement(format!("ALTER {} SET SCHEMA {schema}", addressed(id.kind, id)?));
    Some(match is_relation(id.kind) {
        true => rendered.lock(id.clone(), LockMode::AccessExclusive),
        false => rendered,
    })
}

/// Renders COMMENT ON; returns `None` for kinds that have no comments.
pub(super) fn comment(on: &ObjectId, comment: Option<&str>) -> Option<Rendered> {
    let text = comment.map_or("NULL".to_owned(), |comment| PG.literal(comment));
    let table = on.table.as_ref();
    let target = match on.kind {
        Kind::Column => format!("COLUMN {}.{}", PG.quote_name(table?), PG.quote(&on.name.name)),
        Kind::Constraint => {
            format!("CONSTRAINT {} ON {}", PG.quote(&on.name.name), PG.quote_name(table?))
        }
        kind => addressed(kind, on)?,
    };
    let rendered = Rendered::statement(format!("COMMENT ON {target} IS {text}"));
    Some(match (on.kind, table) {
        (Kind::Column, Some(table)) => {
            rendered.lock(ObjectId::table(table), LockMode::ShareUpdateExclusive)
        }
        (kind, _) if is_relation(kind) => rendered.lock(on.clone(), LockMode::ShareUpdateExclusive),
        _ => rendered,
    })
}

/// Returns true for kinds with a row in `pg_class`, whose objects are locked like tables.
pub(super) fn is_relation(kind: Kind) -> bool {
    matches!(kind, Kind::Table | Kind::Index | Kind::Sequence | Kind::View | Kind::MaterializedView)
}

/// Returns the keyword and the address of an object in ALTER and COMMENT ON; `None` for kinds that
/// are not managed.
pub(super) fn addressed(kind: Kind, id: &ObjectId) -> Option<String> {
    let keyword = match kind {
        Kind::Schema => "SCHEMA",
        Kind::Extension => return Some(format!("EXTENSION {}", PG.quote(&id.name.name))),
        Kind::Enum | Kind::Type => "TYPE",
        Kind::Sequence => "SEQUENCE",
        Kind::Table => "TABLE",
        Kind::Index => "INDEX",
        other => return Some(PG.kind_facts(other)?.addressed(id, PG)),
    };
    Some(format!("{keyword} {}", PG.quote_name(&id.name)))
}
