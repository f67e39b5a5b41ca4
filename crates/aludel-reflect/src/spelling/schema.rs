//! The schema that holds the objects of a scratch.

use aludel_dialect::Dialect;
use aludel_driver::{Connection, DriverError};
use aludel_schema::QualifiedName;

use super::event_triggers::{KEEP_BACK, seeing};
use super::statement::ScratchStatement;
use crate::array;
use crate::postgres::SETTINGS;

/// The schema that holds the objects of a scratch.
///
/// A schema of its own can hold everything, but only a role that may create schemas can have one.
/// Any other role uses its temporary schema, in which the server never looks for functions.
#[derive(Debug)]
pub(super) struct ScratchSchema {
    pub(super) name: String,
    pub(super) is_temporary: bool,
    /// True if the server has the language of DO.
    has_blocks: bool,
    /// The event triggers that see what is made there, because the role can't keep them back.
    pub(super) seen_by: Vec<String>,
    /// The schemas in the search path of the session.
    path: Vec<String>,
}

/// Asks for the number of the session, which makes the name of the schema unique, and for what the
/// role may create.
const QUESTION: &str = "SELECT pg_backend_pid() AS session, current_database() AS database, \
    has_database_privilege(current_database(), 'CREATE') AS may_create, \
    has_database_privilege(current_database(), 'TEMPORARY') AS may_create_temporary, \
    current_setting('transaction_read_only') = 'on' AS is_read_only, current_schemas(false) AS path, \
    EXISTS (SELECT FROM pg_event_trigger WHERE evtenabled <> 'D') AS has_event_triggers, \
    EXISTS (SELECT FROM pg_language WHERE lanname = 'plpgsql') AS has_blocks";

impl ScratchSchema {
    /// Chooses a schema, or returns the reason why the role can have none.
    pub(super) async fn choose(
        connection: &Connection<'_>,
        dialect: Dialect,
    ) -> Result<Result<Self, String>, DriverError> {
        let rows = connection.query(QUESTION).await?;
        let row = rows.first().ok_or_else(|| DriverError::Lost("no answer".to_owned()))?;
        if row.flag("is_read_only")? {
            return Ok(Err("the server is read-only".to_owned()));
        }
        let is_temporary = !row.flag("may_create")?;
        if is_temporary && !row.flag("may_create_temporary")? {
            let database = row.text("database")?;
            return Ok(Err(format!(
                "the role may not create schemas or temporary tables in the database {database}"
            )));
        }
        let session = row.number("session")?;
        let name = match is_temporary {
            true => "pg_temp".to_owned(),
            false => format!("aludel_scratch_{session}"),
        };
        let path = array::texts(row, "path")?;
        let has_blocks = row.flag("has_blocks")?;
        let mut schema = Self { name, is_temporary, has_blocks, seen_by: Vec::new(), path };
        if row.flag("has_event_triggers")? {
            match seeing(connection, &schema.trial(dialect)).await? {
                Ok(seen_by) => schema.seen_by = seen_by,
                Err(reason) => return Ok(Err(reason)),
            }
        }
        Ok(Ok(schema))
    }

    /// Returns the statements that make the schema, out of the sight of event triggers.
    pub(super) fn make(&self, dialect: Dialect) -> Vec<String> {
        let create = format!("CREATE SCHEMA {}", dialect.quote(&self.name));
        let create = (!self.is_temporary).then_some(create);
        let keep_back = self.has_blocks.then(|| KEEP_BACK.to_owned());
        keep_back.into_iter().chain(create).collect()
    }

    /// Returns the statements that make the schema and a table in it.
    fn trial(&self, dialect: Dialect) -> Vec<String> {
        let name = QualifiedName::new(Some(self.name.clone()), "trial");
        let table = format!("CREATE TABLE {} ()", dialect.quote_name(&name));
        self.make(dialect).into_iter().chain([table]).collect()
    }

    /// Returns the statements that begin a scratch: they create the schema and put it first in the search path, with the schemas
    /// that stand for others in the path behind it. Code is checked at the end, when everything is there
    /// that it may name. `there` is the schema of the scratch for another one.
    pub(super) fn enter(
        &self,
        there: impl Fn(&str) -> Option<String>,
        dialect: Dialect,
    ) -> Vec<ScratchStatement> {
        let name = dialect.quote(&self.name);
        let others = self.path.iter().filter_map(|schema| there(schema));
        let others = others.filter(|own| *own != self.name).map(|own| dialect.quote(&own));
        let path: Vec<String> = std::iter::once(name.clone()).chain(others).collect();
        let mut statements = self.make(dialect);
        statements.push(format!(
            "SELECT set_config('search_path', concat_ws(', ', {}, \
             nullif(current_setting('search_path'), '')), true)",
            dialect.literal(&path.join(", "))
        ));
        statements.push("SET LOCAL check_function_bodies = off".to_owned());
        statements.push(SETTINGS.to_owned());
        let prepare = |sql| ScratchStatement::new(sql, None);
        statements.into_iter().map(prepare).collect()
    }
}
