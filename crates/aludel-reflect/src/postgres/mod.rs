//! Reflection of PostgreSQL: a fixed number of catalogue queries in one snapshot, all sent at once.
//!
//! Each kind has a query and a reader of the same name.

mod access;
pub(crate) mod apart;
mod cast;
mod catalog;
mod circles;
mod column;
mod constraint;
mod definition;
mod enum_type;
pub(crate) mod filled;
mod index;
mod needing;
mod partman;
mod rows;
mod sequence;
mod shadowing;
mod signature;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use aludel_driver::{Connection, DriverError, Row, RowError};
use aludel_schema::{Extension, Kind, Metadata, ObjectId, QualifiedName};
use futures_util::future::try_join;

use crate::array;
use crate::reflection::{Leftover, Reflection};
pub(crate) use cast::casts;
use catalog::{Catalog, PG, Scope, Session};
pub(crate) use needing::{Needing, needing};
pub(crate) use shadowing::shadowing;

/// Sets, for a transaction, how the server works on the queries of this crate, and how it spells names and
/// constants.
///
/// The catalogue queries are long and touch few rows, so that to compile them takes far longer than to run them.
/// A constant has to mean the same in a session with other settings. `ISO` leaves the order of day and month as
/// it is, in which the server reads the texts of the models.
pub(crate) const SETTINGS: &str = "SELECT set_config('jit', 'off', true), set_config('quote_all_identifiers', 'off', true), \
    set_config('datestyle', 'ISO', true), set_config('intervalstyle', 'postgres', true), \
    set_config('extra_float_digits', '3', true), set_config('bytea_output', 'hex', true)";

/// Sets `public` as the search path of a session whose path names only schemas that are not there. What is
/// asked of the server would have no schema otherwise.
const NO_SCHEMA: &str =
    "SELECT set_config('search_path', 'public', false) WHERE current_schema() IS NULL";

/// Reads all objects of the user.
pub(crate) async fn reflect(connection: &Connection<'_>) -> Result<Reflection, DriverError> {
    let session = open(connection).await?;
    let read = read(connection, session).await;
    let closed = connection.run("COMMIT").await;
    let reflection = read?;
    closed?;
    Ok(reflection)
}

/// Begins the snapshot in which the catalogue is read, and reads the properties of the session.
async fn open(connection: &Connection<'_>) -> Result<Session, DriverError> {
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    let missing = include_str!("search_path.sql");
    let path = PG.usual_search_path().unwrap_or_default();
    let session = include_str!("session.sql");
    let opening =
        connection.query_all(&[missing, path, NO_SCHEMA, begin, SETTINGS, session]).await?;
    match Session::read(opening.get(5), opening.first()) {
        Ok(session) => Ok(session),
        Err(error) => {
            connection.run("COMMIT").await?;
            Err(error.into())
        }
    }
}

/// Returns what a session and the version of the server say, without any object.
fn server(session: &Session) -> Metadata {
    Metadata {
        default_schema: Some(session.default_schema.clone()),
        missing_schema: session.missing_schema.clone(),
        role: Some(session.role.clone()),
        has_unlogged_sequences: session.version >= 150_000,
        has_maintain: session.version >= 170_000,
        shares_identities: session.version >= 170_000,
        sets_expressions: session.version >= 170_000,
        names_not_null: session.version >= 180_000,
        ..Metadata::default()
    }
}

async fn read(connection: &Connection<'_>, session: Session) -> Result<Reflection, DriverError> {
    let scope = Scope::User;
    let queries = [
        &session.only_branches(include_str!("leftover.sql")),
        include_str!("enum_type.sql"),
        include_str!("sequence.sql"),
        include_str!("extension.sql"),
        include_str!("schema.sql"),
    ]
    .map(|query| scope.fill(query, session.version));
    let definitions = definition::query(&scope, &session);
    let access = access::query(&scope, session.version, false);
    let queries = queries.iter().chain([&definitions, &access]);
    let queries: Vec<&str> = queries.map(String::as_str).collect();
    let tables = async {
        let mut catalog = Catalog::read(connection, &scope, &session).await?;
        let tables = table::read_all(&mut catalog)?;
        Ok::<_, DriverError>((catalog, tables))
    };
    // The tables are put together while the server works on the other queries.
    let ((catalog, tables), others) = try_join(tables, connection.query_all(&queries)).await?;
    let [leftovers, enums, sequences, extensions, schemas, definitions, access] = &others[..]
    else {
        return Err(array::error("", "expected an answer for each query").into());
    };
    let mut metadata = Metadata { tables, ..server(&session) };
    enum_type::read_all(&mut metadata, enums, &catalog)?;
    sequence::read_all(&mut metadata, sequences, &catalog)?;
    read_extensions(&mut metadata, extensions, &session.default_schema)?;
    read_schemas(&mut metadata, schemas, &catalog)?;
    definition::read_all(&mut metadata, definitions, &catalog)?;
    if catalog.has_column_grants {
        let query = access::query(&scope, session.version, true);
        access::read_all(&mut metadata, &connection.query(&query).await?, &catalog)?;
    } else {
        access::read_all(&mut metadata, access, &catalog)?;
    }
    let mut leftovers: Vec<Leftover> =
        leftovers.iter().map(|row| leftover(row, &catalog)).collect::<Result<_, _>>()?;
    leftovers.extend(circles::leftovers(&metadata));
    leftovers.sort();
    leftovers.dedup();
    let partitions = match metadata.extensions.get("pg_partman") {
        Some(extension) => partman::partitions(connection, extension, &catalog).await?,
        None => BTreeSet::new(),
    };
    let default_schema = session.default_schema;
    Ok(Reflection { metadata, leftovers, partitions, default_schema })
}

/// Returns the beginning of the names of the schemas that stand for others in a scratch, by the name of
/// its own one. A number follows.
pub(crate) fn stand_in_prefix(scratch: &str) -> String {
    format!("{scratch}_of_")
}

/// Reads the objects of a scratch: those that the present transaction has created in `schema` and in
/// those that stand for others. Names state neither this schema nor `default_schema`.
pub(crate) async fn scratch(
    connection: &Connection<'_>,
    schema: &str,
    default_schema: &str,
) -> Result<Metadata, DriverError> {
    let session = connection.query_all(&[include_str!("session.sql")]).await?;
    let mut session = Session::read(session.first(), None)?;
    default_schema.clone_into(&mut session.default_schema);
    session.scratch = Some(schema.to_owned());
    let scope = Scope::Scratch(schema.to_owned());
    let definitions = definition::query(&scope, &session);
    let (mut catalog, definitions) =
        try_join(Catalog::read(connection, &scope, &session), connection.query(&definitions))
            .await?;
    let mut metadata = Metadata { tables: table::read_all(&mut catalog)?, ..Metadata::default() };
    definition::read_all(&mut metadata, &definitions, &catalog)?;
    Ok(metadata)
}

fn leftover(row: &Row, catalog: &Catalog) -> Result<Leftover, RowError> {
    let kind = rows::kind(row.text("kind")?, "kind")?;
    let schema = catalog.schema(row.optional("namespace")?);
    let name = row.text("name")?;
    let object = match row.optional("table_name")? {
        Some(table) => ObjectId::within(kind, &QualifiedName::new(schema, table), name),
        None => ObjectId::new(kind, QualifiedName::new(schema, name)),
    };
    Ok(Leftover { object, aspect: row.optional("aspect")?.map(str::to_owned) })
}

/// Returns the extensions that those need which the server can create, by their names.
pub(crate) async fn requirements(
    connection: &Connection<'_>,
) -> Result<BTreeMap<String, Vec<String>>, DriverError> {
    let rows = connection.query(include_str!("available.sql")).await?;
    let read = |row: &Row| Ok((row.text("name")?.to_owned(), array::texts(row, "requires")?));
    rows.iter().map(read).collect()
}

/// Reads extensions. One in the default schema gets no schema, and neither does one in the schema of the
/// server's own objects, in which its control file puts it.
fn read_extensions(
    metadata: &mut Metadata,
    rows: &[Row],
    default_schema: &str,
) -> Result<(), RowError> {
    for row in rows {
        let schema = Some(row.text("nspname")?)
            .filter(|schema| *schema != default_schema && *schema != "pg_catalog");
        let (name, schema) = (row.text("extname")?.to_owned(), schema.map(str::to_owned));
        let extension = Extension {
            schema,
            installed: Some(row.text("extversion")?.to_owned()),
            requires: array::texts(row, "requires")?,
            types: array::texts(row, "types")?,
            operator_classes: array::texts(row, "operator_classes")?,
            is_fixed: row.flag("is_fixed")?,
            ..Extension::new(name.clone())
        };
        let comment = row.optional("comment")?.map(|text| (extension.id(), text.to_owned()));
        metadata.comments.extend(comment);
        metadata.extensions.insert(name, extension);
    }
    Ok(())
}

/// Reads the schemas other than the default one and `public`.
fn read_schemas(metadata: &mut Metadata, rows: &[Row], catalog: &Catalog) -> Result<(), RowError> {
    for row in rows {
        if catalog.is_member("pg_namespace", row.number("oid")?) {
            continue;
        }
        let name = row.text("nspname")?;
        let other = catalog.schema(Some(name)).filter(|name| *name != "public");
        if other.is_some() || name == "public" {
            let id = ObjectId::new(Kind::Schema, QualifiedName::unqualified(name));
            let comment = row.optional("comment")?.map(|text| (id, text.to_owned()));
            metadata.comments.extend(comment);
        }
        metadata.schemas.extend(other);
    }
    Ok(())
}
