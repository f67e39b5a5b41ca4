//! An examination of a PostgreSQL database.

use aludel_driver::{Connection, DriverError, Row, RowError};

use crate::finding::Finding;

use super::server::pooler;

/// The facts, in one row.
const QUERY: &str = "SELECT current_setting('server_version') AS version, \
    current_setting('server_version_num')::int AS number, \
    current_setting('server_encoding') AS encoding, session_user AS role, \
    (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = session_user) AS is_superuser, \
    pg_catalog.has_database_privilege(current_database(), 'CREATE') AS may_create, \
    pg_catalog.has_database_privilege(current_database(), 'TEMP') AS may_temp, \
    current_schema() AS schema, \
    coalesce(pg_catalog.has_schema_privilege(current_schema(), 'CREATE'), false) AS may_create_tables, \
    pg_catalog.pg_is_in_recovery() AS is_standby, \
    current_setting('transaction_read_only') = 'on' AS is_read_only, \
    (SELECT CASE WHEN ssl THEN version || ', ' || cipher END FROM pg_catalog.pg_stat_ssl \
     WHERE pid = pg_catalog.pg_backend_pid()) AS tls";

/// The databases that have a name of ours and no session.
const LEFTOVERS: &str = "SELECT d.datname::text AS name FROM pg_catalog.pg_database d \
    WHERE d.datname ~ '^aludel_(scratch|test)_[0-9a-f_]+$' \
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid) ORDER BY 1";

/// The oldest version whose catalogue the program reads.
const OLDEST: i64 = 140_000;

pub(crate) async fn examine(connection: &Connection<'_>) -> Result<Vec<Finding>, DriverError> {
    let rows = connection.query(QUERY).await?;
    let Some(row) = rows.first() else { return Ok(Vec::new()) };
    let mut findings = of_row(row)?;
    let backend = pooler::backend(connection).await?;
    findings.push(Finding::unless(
        backend.is_shared != Some(true),
        "session",
        match backend.is_shared {
            Some(true) => "shared by a pooler",
            Some(false) => "its own: no pooler shares it between clients",
            None => "not known: there is no second connection to find out",
        },
        "runs are refused: the URL for changes has to lead to the server itself, which is MIGRATION_DATABASE_URL \
         beside DATABASE_URL, and `migration_url` beside `url` in aludel.toml",
    ));
    findings.extend(leftovers(connection).await?);
    Ok(findings)
}

/// Names the databases of comparisons and tests that no session uses. Those of runs that go on have
/// one.
async fn leftovers(connection: &Connection<'_>) -> Result<Option<Finding>, DriverError> {
    let rows = connection.query(LEFTOVERS).await?;
    let mut drops = Vec::new();
    for row in &rows {
        drops.push(format!("`DROP DATABASE {}`", row.text("name")?));
    }
    let found = format!("databases that no session uses: {}", drops.join(", "));
    Ok((!drops.is_empty()).then(|| Finding::fine("left over", found)))
}

fn of_row(row: &Row) -> Result<Vec<Finding>, RowError> {
    let role = row.text("role")?;
    let role =
        if row.flag("is_superuser")? { format!("{role}, a superuser") } else { role.to_owned() };
    let schema = row.optional("schema")?.unwrap_or("none of the search path");
    let yes = |holds: bool| if holds { "yes" } else { "no" };
    let is_writable = !row.flag("is_read_only")?;
    // What a role may do is of no use on a server that writes nothing.
    let may = |right| Ok::<_, RowError>(is_writable && row.flag(right)?);
    let (create, temp) = (may("may_create")?, may("may_temp")?);
    let tables = may("may_create_tables")?;
    let writable = match (is_writable, row.flag("is_standby")?) {
        (true, _) => "yes",
        (false, true) => "no: it is a standby",
        (false, false) => "no: default_transaction_read_only is on",
    };
    Ok(vec![
        Finding::unless(
            row.number("number")? >= OLDEST,
            "server",
            format!("PostgreSQL {}, {}", row.text("version")?, row.text("encoding")?),
            "versions before 14 are not read",
        ),
        Finding::fine("role", role),
        Finding::fine("TLS", row.optional("tls")?.unwrap_or("no")),
        Finding::unless(
            is_writable,
            "writable",
            writable,
            "nothing can be applied: connect to the primary, or turn the setting off for the role",
        ),
        Finding::unless(
            tables,
            "may create tables",
            format!("{} (schema {schema})", yes(tables)),
            "revisions that create tables there are refused",
        ),
        Finding::unless(
            create || temp,
            "may ask",
            match (create, temp) {
                (true, _) => "yes, in a schema of its own",
                (false, true) => "yes, in the temporary schema",
                (false, false) if !is_writable => "no: the server is read-only",
                (false, false) => "no: neither CREATE nor TEMP on the database",
            },
            "expressions whose spelling differs are not compared",
        ),
    ])
}
