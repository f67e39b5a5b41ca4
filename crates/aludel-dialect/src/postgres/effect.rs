//! Effects of PostgreSQL's statements that run outside a transaction.

use crate::dialect::Dialect;
use crate::effect::{Effect, Reader, Reindexed};

pub(crate) fn effect(sql: &str) -> Effect {
    let mut reader = Reader::new(sql, Dialect::Postgres);
    if reader.take(&["REINDEX"]) {
        return reindexed(&mut reader).map_or(Effect::Repeatable, Effect::Reindexed);
    }
    let repeatable = ["VACUUM", "ANALYZE", "CLUSTER", "REFRESH", "CHECKPOINT", "SET", "RESET"];
    if repeatable.iter().any(|word| reader.take(&[word])) || reader.take(&["ALTER", "SYSTEM"]) {
        return Effect::Repeatable;
    }
    let found = if reader.take(&["ALTER", "TABLE"]) {
        detached(&mut reader)
    } else if reader.take(&["CREATE"]) {
        created(&mut reader)
    } else if reader.take(&["DROP"]) {
        dropped(&mut reader)
    } else {
        None
    };
    found.unwrap_or(Effect::Unseen)
}

/// Reads `[(option, …)] INDEX|TABLE|SCHEMA|DATABASE [CONCURRENTLY] [name]`. Without CONCURRENTLY,
/// which is an option too, a statement that was killed leaves nothing.
fn reindexed(reader: &mut Reader<'_>) -> Option<Reindexed> {
    let is_concurrent = reader.has_later("CONCURRENTLY");
    reader.parenthesis();
    let kind = ["INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM"];
    let kind = kind.into_iter().find(|kind| reader.take(&[kind]))?;
    reader.take(&["CONCURRENTLY"]);
    let reindexed = match kind {
        "INDEX" => Reindexed::Index(reader.name()?),
        "TABLE" => Reindexed::Table(reader.name()?),
        "SCHEMA" => Reindexed::Schema(reader.identifier()?),
        _ => Reindexed::Database,
    };
    is_concurrent.then_some(reindexed)
}

/// Reads `[UNIQUE] INDEX CONCURRENTLY [IF NOT EXISTS] name ON [ONLY] table`, or the head of another
/// CREATE that runs outside a transaction. An index without a name gets one from the server.
fn created(reader: &mut Reader<'_>) -> Option<Effect> {
    if reader.take(&["DATABASE"]) {
        return Some(Effect::Database(reader.identifier()?, true));
    }
    if reader.take(&["TABLESPACE"]) {
        return Some(Effect::Tablespace(reader.identifier()?, true));
    }
    if reader.take(&["SUBSCRIPTION"]) {
        return Some(Effect::Subscription(reader.identifier()?, true));
    }
    reader.take(&["UNIQUE"]);
    if !reader.take(&["INDEX", "CONCURRENTLY"]) {
        return None;
    }
    if reader.take(&["ON"]) {
        reader.take(&["ONLY"]);
        return Some(Effect::NamelessIndexBuilt { table: reader.name()? });
    }
    reader.take(&["IF", "NOT", "EXISTS"]);
    let index = reader.identifier()?;
    if !reader.take(&["ON"]) {
        return None;
    }
    reader.take(&["ONLY"]);
    Some(Effect::IndexBuilt { index, table: reader.name()? })
}

/// Reads `INDEX CONCURRENTLY [IF EXISTS] name, …`, or the head of another DROP that runs outside a
/// transaction.
fn dropped(reader: &mut Reader<'_>) -> Option<Effect> {
    for (word, effect) in [
        ("DATABASE", Effect::Database as fn(String, bool) -> Effect),
        ("TABLESPACE", Effect::Tablespace),
        ("SUBSCRIPTION", Effect::Subscription),
    ] {
        if reader.take(&[word]) {
            reader.take(&["IF", "EXISTS"]);
            return Some(effect(reader.identifier()?, false));
        }
    }
    if !reader.take(&["INDEX", "CONCURRENTLY"]) {
        return None;
    }
    reader.take(&["IF", "EXISTS"]);
    let mut names = vec![reader.name()?];
    while reader.symbol(",") {
        names.push(reader.name()?);
    }
    Some(Effect::IndexesDropped(names))
}

/// Reads `[IF EXISTS] table DETACH PARTITION name CONCURRENTLY`.
fn detached(reader: &mut Reader<'_>) -> Option<Effect> {
    reader.take(&["IF", "EXISTS"]);
    let parent = reader.name()?;
    if !reader.take(&["DETACH", "PARTITION"]) {
        return None;
    }
    let child = reader.name()?;
    reader.has_later("CONCURRENTLY").then_some(Effect::PartitionDetached { parent, child })
}

#[cfg(test)]
mod tests {
    use aludel_schema::QualifiedName;

    use super::*;

    fn name(text: &str) -> QualifiedName {
        QualifiedName::parse(text)
    }

    #[test]
    fn effects_are_read_from_the_statement() {
        let built = |index: &str, table: &str| Effect::IndexBuilt {
            index: index.to_owned(),
            table: name(table),
        };
        let detached = Effect::PartitionDetached { parent: name("app.p"), child: name("q") };
        for (sql, expected) in [
            ("CREATE INDEX CONCURRENTLY i ON t (a)", built("i", "t")),
            (
                "create unique index concurrently if not exists \"I\" on only app.t using btree (a)",
                built("I", "app.t"),
            ),
            (
                "CREATE INDEX CONCURRENTLY ON app.t (a)",
                Effect::NamelessIndexBuilt { table: name("app.t") },
            ),
            (
                "DROP INDEX CONCURRENTLY IF EXISTS app.i, j",
                Effect::IndexesDropped(vec![name("app.i"), name("j")]),
            ),
            ("ALTER TABLE app.p DETACH PARTITION q CONCURRENTLY", detached),
            ("ALTER TABLE p ATTACH PARTITION q FOR VALUES IN (1)", Effect::Unseen),
            ("CREATE DATABASE d", Effect::Database("d".to_owned(), true)),
            ("DROP DATABASE IF EXISTS d", Effect::Database("d".to_owned(), false)),
            (
                "REINDEX INDEX CONCURRENTLY app.i",
                Effect::Reindexed(Reindexed::Index(name("app.i"))),
            ),
            (
                "REINDEX (CONCURRENTLY, VERBOSE) TABLE t",
                Effect::Reindexed(Reindexed::Table(name("t"))),
            ),
            (
                "REINDEX (TABLESPACE fast) SCHEMA CONCURRENTLY app",
                Effect::Reindexed(Reindexed::Schema("app".to_owned())),
            ),
            ("REINDEX DATABASE CONCURRENTLY", Effect::Reindexed(Reindexed::Database)),
            ("REINDEX TABLE t", Effect::Repeatable),
            ("ALTER SYSTEM SET work_mem = '1MB'", Effect::Repeatable),
            ("CALL p()", Effect::Unseen),
        ] {
            assert_eq!(effect(sql), expected, "{sql}");
        }
    }
}
