//! Databases for tests on a server.

use std::path::Path;
use std::time::Duration;

use aludel_driver::{Connection, DatabaseUrl, DriverError, OpenMode};

use super::error::TestError;
use super::mark::{Mark, key, random};
use crate::migrator::{Embedded, Migrator};

/// The database of a test on a server.
#[derive(Clone, Debug)]
pub(crate) struct OnServer {
    /// The URL as the caller has written it, with the name of this database.
    pub(crate) url: String,
    pub(crate) name: String,
    server: DatabaseUrl,
    test: String,
}

/// The beginnings of names, before sixteen digits.
const TEST: &str = "aludel_test_";
const TEMPLATE: &str = "aludel_template_";

/// The attempts to copy a template, and the pause between two of them. A session that migrated it ends
/// a little after its connection.
const ATTEMPTS: usize = 200;
const PAUSE: Duration = Duration::from_millis(50);

impl OnServer {
    /// Creates the database of a test.
    pub(crate) async fn create(
        text: &str,
        test: &str,
        migrations: Embedded,
    ) -> Result<Self, TestError> {
        let server = DatabaseUrl::parse(text, Path::new(""))?;
        let name = format!("{TEST}{}", random()?);
        let url = with_database(text, &name)?;
        let admin = maintenance(&server).await?;
        let template = format!("{TEMPLATE}{}", key(migrations));
        remove_leftovers(&admin, test, &template).await?;
        copy(&admin, &server, &template, &name, migrations).await?;
        let mark = Mark::Running { since: now(&admin).await?, test: test.to_owned() };
        set_mark(&admin, &name, &mark).await?;
        Ok(Self { url, name, server, test: test.to_owned() })
    }

    pub(crate) async fn remove(&self) -> Result<(), TestError> {
        let admin = maintenance(&self.server).await?;
        admin.run(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).await?;
        Ok(())
    }

    /// Marks the database as kept, until the test runs again.
    pub(crate) async fn keep(&self) -> Result<(), TestError> {
        let admin = maintenance(&self.server).await?;
        let mark = Mark::Kept { since: now(&admin).await?, test: self.test.clone() };
        set_mark(&admin, &self.name, &mark).await
    }
}

/// Makes a copy of the template, which is made first if it is not there.
async fn copy(
    admin: &Connection<'_>,
    server: &DatabaseUrl,
    template: &str,
    name: &str,
    migrations: Embedded,
) -> Result<(), TestError> {
    for _ in 0..ATTEMPTS {
        if !is_ready(admin, template).await? {
            make_template(admin, server, template, migrations).await?;
        }
        match admin.run(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await {
            Ok(_) => return Ok(()),
            // Sessions are in the template, or it was dropped because of its age.
            Err(error) if is(&error, "55006") || is(&error, "3D000") => {
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(TestError::InUse { name: template.to_owned() })
}

/// Returns true if the template is complete. One without a mark is about to get it, or is somebody
/// else's, which [`build`] finds out under the lock.
async fn is_ready(admin: &Connection<'_>, template: &str) -> Result<bool, TestError> {
    Ok(matches!(mark_of(admin, template).await?, Some(Some(Mark::Template { .. }))))
}

/// Makes the template, unless another process does so first. One at a time works on it.
async fn make_template(
    admin: &Connection<'_>,
    server: &DatabaseUrl,
    template: &str,
    migrations: Embedded,
) -> Result<(), TestError> {
    let lock = format!("hashtextextended('{template}', 0)");
    admin.query(&format!("SELECT pg_catalog.pg_advisory_lock({lock})::text AS locked")).await?;
    let made = build(admin, server, template, migrations).await;
    let unlock = format!("SELECT pg_catalog.pg_advisory_unlock({lock})::text AS unlocked");
    let unlocked = admin.query(&unlock).await;
    made?;
    unlocked?;
    Ok(())
}

async fn build(
    admin: &Connection<'_>,
    server: &DatabaseUrl,
    template: &str,
    migrations: Embedded,
) -> Result<(), TestError> {
    match mark_of(admin, template).await? {
        None | Some(Some(Mark::Building { .. })) => {}
        Some(Some(Mark::Template { .. })) => return Ok(()),
        Some(None | Some(Mark::Running { .. } | Mark::Kept { .. })) => {
            return Err(TestError::NotOurs { name: template.to_owned() });
        }
    }
    // The process that began it has ended, because it holds the lock no more.
    admin.run(&format!("DROP DATABASE IF EXISTS {template} WITH (FORCE)")).await?;
    admin.run(&format!("CREATE DATABASE {template}")).await?;
    set_mark(admin, template, &Mark::Building { since: now(admin).await? }).await?;
    if !migrations.files.is_empty() {
        let url = server.with_database(template);
        if let Err(error) = Migrator::new(migrations).upgrade(&url, "heads").await {
            admin.run(&format!("DROP DATABASE {template} WITH (FORCE)")).await?;
            return Err(error.into());
        }
    }
    set_mark(admin, template, &Mark::Template { since: now(admin).await? }).await
}

/// Drops the databases that this module has made and that nobody needs.
async fn remove_leftovers(
    admin: &Connection<'_>,
    test: &str,
    template: &str,
) -> Result<(), TestError> {
    let query = format!(
        "SELECT d.datname::text AS name, pg_catalog.shobj_description(d.oid, 'pg_database') AS mark \
         FROM pg_catalog.pg_database d WHERE d.datname ~ '^({TEST}|{TEMPLATE})[0-9a-f]{{16}}$' \
         AND d.datname <> '{template}' AND pg_catalog.pg_has_role(d.datdba, 'USAGE') \
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid)"
    );
    let now = now(admin).await?;
    for row in admin.query(&query).await? {
        let name = row.text("name").map_err(DriverError::from)?;
        let mark = row.optional("mark").map_err(DriverError::from)?.and_then(Mark::parse);
        if mark.is_some_and(|mark| mark.is_leftover(now, test)) {
            match admin.run(&format!("DROP DATABASE IF EXISTS {name}")).await {
                // Somebody uses it after all, or drops it too.
                Ok(_) | Err(DriverError::Statement(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// Returns the mark of a database; `None` if there is no such database, and `Some(None)` if it has
/// no mark.
async fn mark_of(admin: &Connection<'_>, name: &str) -> Result<Option<Option<Mark>>, TestError> {
    let query = format!(
        "SELECT pg_catalog.shobj_description(oid, 'pg_database') AS mark FROM pg_catalog.pg_database \
         WHERE datname = '{name}'"
    );
    let rows = admin.query(&query).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(row.optional("mark").map_err(DriverError::from)?.and_then(Mark::parse)))
}

async fn set_mark(admin: &Connection<'_>, name: &str, mark: &Mark) -> Result<(), TestError> {
    let text = mark.to_string().replace('\'', "''");
    admin.run(&format!("COMMENT ON DATABASE {name} IS '{text}'")).await?;
    Ok(())
}

/// Returns the time by the server's clock.
async fn now(admin: &Connection<'_>) -> Result<i64, TestError> {
    let rows = admin.query("SELECT extract(epoch FROM now())::bigint AS seconds").await?;
    match rows.first() {
        Some(row) => Ok(row.number("seconds").map_err(DriverError::from)?),
        None => Ok(0),
    }
}

/// Connects to a database that is no template: `postgres`, or that of the URL. All processes choose
/// the same one, because the lock belongs to it.
async fn maintenance(server: &DatabaseUrl) -> Result<Connection<'static>, TestError> {
    match Connection::open(&server.with_database("postgres"), OpenMode::Write).await {
        // There is no such database, or the role may not connect to it.
        Err(DriverError::Connect(error))
            if matches!(error.code.as_deref(), Some("3D000" | "42501")) =>
        {
            Ok(Connection::open(server, OpenMode::Write).await?)
        }
        other => Ok(other?),
    }
}

fn is(error: &DriverError, code: &str) -> bool {
    error.statement().is_some_and(|error| error.code == code)
}

/// Returns a URL with another database in its path.
fn with_database(text: &str, name: &str) -> Result<String, TestError> {
    let (scheme, rest) = text
        .trim()
        .split_once("://")
        .ok_or(TestError::Form { reason: "it has no `//` behind the scheme" })?;
    let (place, query) = match rest.split_once('?') {
        Some((place, query)) => (place, format!("?{query}")),
        None => (rest, String::new()),
    };
    if query.split(['?', '&']).any(|pair| pair.starts_with("dbname=")) {
        let reason = "it has `dbname` among its parameters; write the database into the path";
        return Err(TestError::Form { reason });
    }
    let authority = place.split('/').next().unwrap_or_default();
    Ok(format!("{scheme}://{authority}/{name}{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_a_url_is_replaced() {
        for (url, expected) in [
            ("postgres://u:p@h:1/app", Some("postgres://u:p@h:1/x")),
            ("postgresql://h", Some("postgresql://h/x")),
            ("postgresql:///app?host=/run/pg&port=1", Some("postgresql:///x?host=/run/pg&port=1")),
            ("postgresql://%2Frun%2Fpg/app", Some("postgresql://%2Frun%2Fpg/x")),
            ("postgresql://h/a?dbname=b", None),
            ("postgresql:app", None),
        ] {
            assert_eq!(with_database(url, "x").ok().as_deref(), expected, "{url}");
        }
    }
}
