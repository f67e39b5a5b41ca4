//! The version table: one row for each head and a single column, as in Alembic.

use aludel_dialect::Dialect;
use aludel_driver::{Connection, DriverError, StatementError};

/// The table that records the applied heads.
#[derive(Clone, Debug)]
pub struct VersionTable {
    /// The name of the table, with an optional schema.
    pub name: String,
    /// The dialect of the database.
    pub dialect: Dialect,
}

impl VersionTable {
    /// Returns the quoted name of the table.
    pub fn sql_name(&self) -> String {
        self.dialect.quote_name(&qualified(&self.name))
    }

    /// Returns true if the name includes a schema.
    pub(crate) fn has_schema(&self) -> bool {
        qualified(&self.name).schema.is_some()
    }

    /// Returns the table with its schema: the one where it is found, or else the one where it would
    /// be created. A revision may change the search path.
    pub(crate) async fn in_schema(&self, connection: &Connection<'_>) -> Result<Self, DriverError> {
        if !self.dialect.capabilities().schemas || self.has_schema() {
            return Ok(self.clone());
        }
        let name = self.dialect.literal(&self.sql_name());
        let query = format!(
            "SELECT coalesce((SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.oid = to_regclass({name})), current_schema()) AS schema"
        );
        let rows = connection.query(&query).await?;
        let Some(row) = rows.first() else { return Ok(self.clone()) };
        // A name with a dot could not be distinguished from a schema and a name.
        let schema = row.optional("schema")?.filter(|schema| !schema.contains('.'));
        let name = schema.map_or_else(|| self.name.clone(), |s| format!("{s}.{}", self.name));
        Ok(Self { name, dialect: self.dialect })
    }

    /// Returns the ids in the table, sorted. A missing table is treated as empty.
    ///
    /// # Errors
    ///
    /// Fails if the table can't be read.
    pub async fn heads(&self, connection: &Connection<'_>) -> Result<Vec<String>, DriverError> {
        Ok(self.rows(connection).await?.unwrap_or_default())
    }

    /// Returns the ids in the table, sorted; `None` if there is no such table.
    ///
    /// # Errors
    ///
    /// Fails if the table can't be read.
    pub async fn rows(
        &self,
        connection: &Connection<'_>,
    ) -> Result<Option<Vec<String>>, DriverError> {
        let query = format!("SELECT version_num FROM {}", self.sql_name());
        let mut found = connection.query(&query).await;
        if found.as_ref().is_err_and(is_missing_table) && self.sets_path(connection).await? {
            found = connection.query(&query).await;
        }
        let rows = match found {
            Ok(rows) => rows,
            Err(error) if is_missing_table(&error) => {
                return self.hidden(connection).await.map_or(Ok(None), Err);
            }
            Err(error) => return Err(error),
        };
        let heads = rows.iter().map(|row| Ok(row.text("version_num")?.to_owned()));
        let mut heads = heads.collect::<Result<Vec<String>, DriverError>>()?;
        heads.sort();
        Ok(Some(heads))
    }

    /// Gives a session whose search path is empty another one. Returns true if it did.
    async fn sets_path(&self, connection: &Connection<'_>) -> Result<bool, DriverError> {
        match self.dialect.usual_search_path().filter(|_| !self.has_schema()) {
            Some(query) => Ok(!connection.query(query).await?.is_empty()),
            None => Ok(false),
        }
    }

    /// Returns the refusal that the server does not give by itself, if the table is in a schema of the search
    /// path that the role may not use: the server passes over such a schema as if it were not there.
    async fn hidden(&self, connection: &Connection<'_>) -> Option<DriverError> {
        if !self.dialect.capabilities().schemas || self.has_schema() {
            return None;
        }
        let name = self.dialect.literal(&qualified(&self.name).name);
        let query = format!(
            "SELECT n.nspname AS schema FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             CROSS JOIN pg_catalog.string_to_table(pg_catalog.current_setting('search_path'), ',') p(part) \
             WHERE c.relname = {name} AND c.relkind IN ('r', 'p') \
             AND NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND n.nspname = pg_catalog.replace(\
             pg_catalog.btrim(p.part, ' \"'), '$user', current_user) ORDER BY 1"
        );
        // Where the question can't be asked, the table is missing as far as anybody knows.
        let rows = connection.query(&query).await.ok()?;
        let schema = rows.first()?.text("schema").ok()?.to_owned();
        let message = format!("permission denied for schema {schema}");
        let detail = Some(format!("{} is in it, which the role may not use", self.name));
        let code = "42501".to_owned();
        let refused = StatementError { message, detail, code, ..StatementError::default() };
        Some(DriverError::Statement(Box::new(refused)))
    }

    /// Creates the table if it does not exist.
    ///
    /// # Errors
    ///
    /// Fails if the database refuses the statement.
    pub async fn create(&self, connection: &Connection<'_>) -> Result<(), DriverError> {
        connection.run(&self.create_sql()).await.map(|_| ())
    }

    pub(crate) fn create_sql(&self) -> String {
        let bare = qualified(&self.name).name;
        format!(
            "CREATE TABLE IF NOT EXISTS {} (\n    version_num VARCHAR(32) NOT NULL,\n    CONSTRAINT {} PRIMARY KEY (version_num)\n)",
            self.sql_name(),
            self.dialect.quote(&format!("{bare}_pkc"))
        )
    }

    /// Returns the changes that turn the rows `from` into the rows `to`.
    pub(crate) fn moves(from: &[String], to: &[String]) -> Vec<Move> {
        let mut gone = from.iter().filter(|id| !to.contains(id));
        let mut new = to.iter().filter(|id| !from.contains(id));
        let mut out = Vec::new();
        loop {
            out.push(match (gone.next(), new.next()) {
                (Some(from), Some(to)) => Move::Update { from: from.clone(), to: to.clone() },
                (Some(id), None) => Move::Delete { id: id.clone() },
                (None, Some(id)) => Move::Insert { id: id.clone() },
                (None, None) => return out,
            });
        }
    }

    /// Returns the statement for a change, which must affect exactly one row.
    pub(crate) fn statement(&self, change: &Move) -> String {
        let table = self.sql_name();
        let literal = |id: &str| self.dialect.literal(id);
        match change {
            Move::Update { from, to } => format!(
                "UPDATE {table} SET version_num = {} WHERE version_num = {}",
                literal(to),
                literal(from)
            ),
            Move::Delete { id } => {
                format!("DELETE FROM {table} WHERE version_num = {}", literal(id))
            }
            Move::Insert { id } => {
                format!("INSERT INTO {table} (version_num) VALUES ({})", literal(id))
            }
        }
    }
}

/// A change of one row of the version table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// One head replaces another.
    Update { from: String, to: String },
    /// A head is removed.
    Delete { id: String },
    /// A head is added.
    Insert { id: String },
}

/// Parses `schema.name` or `name`.
fn qualified(text: &str) -> aludel_schema::QualifiedName {
    aludel_schema::QualifiedName::parse(text)
}

/// Returns true if the error says that a table is missing.
pub(crate) fn is_missing_table(error: &DriverError) -> bool {
    error.statement().is_some_and(|e| {
        matches!(e.code.as_str(), "42P01" | "3F000") || e.message.starts_with("no such table")
    })
}
