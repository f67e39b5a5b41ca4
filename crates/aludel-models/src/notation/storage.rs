//! The attributes of columns and tables that say how the server keeps them: storage, statistics, NOT
//! NULL constraints, replica identity.

use aludel_dialect::Dialect;
use aludel_schema::{
    ColumnStorage, NotNull, Parameters, QualifiedName, ReplicaIdentity, SqlText, Table,
    TableOptions,
};

use crate::error::ModelError;
use crate::notation::index::{names, parameters, statistics};
use crate::source::attribute::Attribute;

/// The words of a column that [`of_column`] reads.
const OF_COLUMN: [&str; 4] = ["storage", "compression", "statistics", "options"];

/// Reads the storage and the statistics of a column; `None` if nothing is said about them.
pub(crate) fn of_column<'a>(
    dialect: Dialect,
    find: impl Fn(&str) -> Option<&'a Attribute>,
) -> Result<Option<Box<ColumnStorage>>, ModelError> {
    let lacks = !dialect.capabilities().column_storage;
    if let Some(stray) = OF_COLUMN.iter().find_map(|word| find(word)).filter(|_| lacks) {
        let name = stray.name.as_deref().unwrap_or_default();
        return Err(ModelError::new(stray.at, format!("{dialect} has no {name} of a column"))
            .help("say whose it is: #[column(postgres(…))]"));
    }
    let text = |word| find(word).map(|a| a.text().map(str::to_lowercase)).transpose();
    let mode = text("storage")?;
    let modes = ["plain", "external", "extended", "main"];
    if let (Some(mode), Some(attribute)) = (&mode, find("storage"))
        && !modes.contains(&mode.as_str())
    {
        let message = format!("storage = \"{mode}\": there are {}", modes.join(", "));
        return Err(ModelError::new(attribute.at, message));
    }
    let storage = ColumnStorage {
        mode,
        compression: text("compression")?,
        statistics: find("statistics").map(statistics).transpose()?,
        options: find("options").map_or(Ok(Parameters::default()), parameters)?,
    };
    Ok(Some(storage).filter(|storage| *storage != ColumnStorage::default()).map(Box::new))
}

/// Reads `not_null` or `not_null(name = "…", not_valid, no_inherit)`.
pub(crate) fn not_null(
    attribute: &Attribute,
    dialect: Dialect,
) -> Result<Option<Box<NotNull>>, ModelError> {
    let mut not_null = NotNull::default();
    for element in attribute.items() {
        match element.name.as_deref() {
            Some("name") => not_null.name = Some(element.text()?.to_owned()),
            Some("not_valid") => not_null.not_valid = element.flag()?,
            Some("no_inherit") => not_null.no_inherit = element.flag()?,
            Some("comment") => not_null.comment = element.comment()?,
            _ => {
                return Err(ModelError::new(element.at, "unknown word in not_null(…)")
                    .help("there are name, not_valid, no_inherit, comment"));
            }
        }
    }
    if not_null == NotNull::default() {
        return Ok(None);
    }
    if !dialect.capabilities().not_null_constraints {
        let message = format!("NOT NULL has no name and no options on {dialect}");
        return Err(ModelError::new(attribute.at, message)
            .help("say whose they are: #[column(postgres(not_null(…)))]"));
    }
    Ok(Some(Box::new(not_null)))
}

/// Reads `replica_identity = "full"`, `"nothing"` or `"default"`, or
/// `replica_identity(index = "…")`.
fn replica_identity(attribute: &Attribute) -> Result<ReplicaIdentity, ModelError> {
    if let [index] = attribute.items()
        && index.is("index")
    {
        return Ok(ReplicaIdentity::Index(index.text()?.to_owned()));
    }
    match attribute.text()? {
        "default" => Ok(ReplicaIdentity::PrimaryKey),
        "full" => Ok(ReplicaIdentity::Full),
        "nothing" => Ok(ReplicaIdentity::Nothing),
        other => {
            let message = format!("`{other}` is no replica identity");
            Err(ModelError::new(attribute.at, message)
                .help("there are default, full, nothing, and replica_identity(index = \"…\")"))
        }
    }
}

/// The words of a table that [`of_table`] reads.
const OF_TABLE: [&str; 12] = [
    "unlogged",
    "with",
    "partition_by",
    "row_security",
    "force_row_security",
    "replica_identity",
    "clustered_on",
    "tablespace",
    "access_method",
    "inherits",
    "of_type",
    "toast",
];

/// Reads an attribute of a table for its storage; does nothing for any other attribute.
pub(crate) fn of_table(
    table: &mut Table,
    attribute: &Attribute,
    dialect: Dialect,
) -> Result<(), ModelError> {
    let name = attribute.name.as_deref().unwrap_or_default();
    if OF_TABLE.contains(&name) && !dialect.capabilities().table_storage {
        return Err(ModelError::new(attribute.at, format!("{dialect} has no {name}"))
            .help("say whose it is: #[table(postgres(…))]"));
    }
    let (options, roles) = (&mut table.options, &mut table.roles);
    match name {
        "unlogged" => options.unlogged = attribute.flag()?,
        "with" => add_parameters(options, attribute, "")?,
        "toast" => add_parameters(options, attribute, "toast.")?,
        "partition_by" => {
            options.partition_by = Some(SqlText::new(partition_key(attribute.text()?)));
        }
        "row_security" => options.row_security = attribute.flag()?,
        "force_row_security" => options.force_row_security = attribute.flag()?,
        "replica_identity" => roles.replica_identity = replica_identity(attribute)?,
        "clustered_on" => roles.clustered_on = Some(attribute.text()?.to_owned()),
        "tablespace" => options.tablespace = Some(attribute.text()?.to_owned()),
        "access_method" => options.access_method = Some(attribute.text()?.to_owned()),
        "inherits" => {
            let parents = match &attribute.value {
                Some(parent) => vec![parent.clone()],
                None => names(attribute)?,
            };
            options.inherits.extend(parents.iter().map(|name| QualifiedName::parse(name)));
        }
        "of_type" => options.of_type = Some(QualifiedName::parse(attribute.text()?)),
        _ => {}
    }
    Ok(())
}

/// Returns the key with its strategy in capitals, as `pg_get_partkeydef` prints it.
fn partition_key(text: &str) -> String {
    match text.trim().split_once('(') {
        Some((strategy, key)) => {
            format!("{} ({}", strategy.trim().to_ascii_uppercase(), key.trim_start())
        }
        None => text.trim().to_owned(),
    }
}

/// Adds the storage parameters of a table, or those of its TOAST table.
fn add_parameters(
    options: &mut TableOptions,
    attribute: &Attribute,
    prefix: &str,
) -> Result<(), ModelError> {
    let new = parameters(attribute)?;
    let new = new.iter().map(|(name, value)| (format!("{prefix}{name}"), value.to_owned()));
    let old = options.with.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    options.with = old.chain(new).collect();
    Ok(())
}
