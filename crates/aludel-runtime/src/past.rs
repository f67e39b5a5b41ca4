//! The texts of applied revisions, as recorded in the journal.

use std::collections::BTreeMap;
use std::path::Path;

use aludel_driver::{Connection, DriverError, Row};
use aludel_revision::{Direction, FileStamp, Revision, RevisionMap};

use crate::checksum::checksum;
use crate::database;
use crate::edited::Edited;
use crate::error::RunError;
use crate::journal::{Identity, Journal};
use crate::version_table::{VersionTable, is_missing_table};

/// An applied revision without a file, whose text is in the journal.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// The revision when it was applied.
    pub revision: Revision,
    /// The time when it was applied, in RFC 3339 and UTC.
    pub applied_at: String,
}

/// The condition for the last line about the text of each revision. A stamp says nothing of it.
const LAST: &str = "l.id IN (SELECT max(m.id) FROM {journal} m WHERE m.statement IS NULL \
    AND m.error IS NULL AND m.direction <> 'stamp' AND {which} GROUP BY m.revision)";

/// Returns the applied revisions whose files have changed since, in the order of the graph.
/// Revisions that were applied without a journal are not included.
pub(crate) async fn edited(
    connection: &Connection<'_>,
    map: &RevisionMap,
    table: &VersionTable,
    rows: &[String],
    host: Option<&str>,
) -> Result<Vec<Edited>, RunError> {
    let journal = database::journal(table, Identity::default());
    let mut noted: BTreeMap<String, String> = BTreeMap::new();
    // If a revision was undone and then stamped, its earlier text is not the one that is applied.
    let lines =
        ask(connection, &journal, "l.revision, l.checksum", "l.direction <> 'downgrade'", "true");
    for row in lines.await? {
        // Lines from before checksums were recorded are ignored.
        if let Some(checksum) = row.optional("checksum").map_err(DriverError::from)? {
            let revision = row.text("revision").map_err(DriverError::from)?;
            noted.insert(revision.to_owned(), checksum.to_owned());
        }
    }
    if noted.is_empty() {
        return Ok(Vec::new());
    }
    let mut edited = Vec::new();
    for revision in map.applied(rows) {
        let Some(noted) = noted.get(&revision.id) else { continue };
        if is_as_noted(connection, &journal, table, revision, host).await? {
            continue;
        }
        let passing = revision.stamp().map(|_| revision.unread());
        let revision = passing.as_ref().unwrap_or(revision);
        let section = revision.section(Direction::Upgrade, table.dialect.name())?;
        let checksum = checksum(section.body, table.dialect);
        if checksum != *noted {
            let (id, file) = (revision.id.clone(), revision.kept()?.into_owned());
            edited.push(Edited { revision: id, applied: None, file, checksum });
        }
    }
    for edited in &mut edited {
        let which = format!("l.revision = {}", table.dialect.literal(&edited.revision));
        let rows = ask(connection, &journal, "l.text", &which, "true").await?;
        if let Some(row) = rows.first() {
            let text = row.optional("text").map_err(DriverError::from)?;
            let whole = text.filter(|text| FileStamp::noted_in(text).is_none());
            edited.applied = whole.map(str::to_owned);
        }
    }
    Ok(edited)
}

/// Returns true if a large file has the stamp that the journal has noted on this host. Its text
/// need not be read then.
async fn is_as_noted(
    connection: &Connection<'_>,
    journal: &Journal,
    table: &VersionTable,
    revision: &Revision,
    host: Option<&str>,
) -> Result<bool, RunError> {
    let (Some(stamp), Some(host)) = (revision.stamp(), host) else { return Ok(false) };
    let which = format!(
        "l.revision = {} AND l.host = {}",
        table.dialect.literal(&revision.id),
        table.dialect.literal(host)
    );
    let among = "m.direction <> 'downgrade'";
    let lines = ask(connection, journal, "l.text", &which, among).await?;
    let Some(line) = lines.first() else { return Ok(false) };
    let text = line.optional("text").map_err(DriverError::from)?;
    Ok(text.and_then(FileStamp::noted_in) == Some(stamp))
}

/// Returns the revisions in `rows` that have no file but are recorded in the journal, with their
/// recorded ancestors that have no file either.
///
/// # Errors
///
/// Fails if the journal can't be read or a recorded text can't be parsed.
pub async fn remembered(
    connection: &Connection<'_>,
    map: &RevisionMap,
    table: &VersionTable,
    rows: &[String],
) -> Result<Vec<Remembered>, RunError> {
    let journal = database::journal(table, Identity::default());
    let mut found: Vec<Remembered> = Vec::new();
    let mut wanted: Vec<String> = rows.to_vec();
    while let Some(id) = wanted.pop() {
        if map.get(&id).is_some() || found.iter().any(|known| known.revision.id == id) {
            continue;
        }
        let which = format!("l.revision = {}", table.dialect.literal(&id));
        let columns = format!("l.text, {} AS finished", journal.time("l.finished"));
        let rows = ask(connection, &journal, &columns, &which, "m.text IS NOT NULL").await?;
        let Some(row) = rows.first() else { continue };
        let path = Path::new("journal").join(format!("{id}.sql"));
        let text = row.text("text").map_err(DriverError::from)?;
        let revision = Revision::parse(&path, text.as_bytes().to_vec())?;
        wanted.extend(revision.down_revisions.iter().chain(&revision.depends_on).cloned());
        let applied_at = row.text("finished").map_err(DriverError::from)?.to_owned();
        found.push(Remembered { revision, applied_at });
    }
    found.sort_by(|a, b| a.revision.id.cmp(&b.revision.id));
    Ok(found)
}

/// Returns the text of a revision when it was last applied; `None` if the journal has none.
///
/// # Errors
///
/// Fails if the journal can't be read.
pub async fn journal_text(
    connection: &Connection<'_>,
    table: &VersionTable,
    id: &str,
) -> Result<Option<String>, DriverError> {
    let journal = database::journal(table, Identity::default());
    let which = format!("l.revision = {}", table.dialect.literal(id));
    let rows = ask(connection, &journal, "l.text", &which, "m.text IS NOT NULL").await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(row.optional("text")?.map(str::to_owned))
}

/// Returns those of `ids` that the journal shows as applied, by an upgrade or an import that nothing
/// has undone since.
///
/// # Errors
///
/// Fails if the journal can't be read.
pub async fn journalled(
    connection: &Connection<'_>,
    table: &VersionTable,
    ids: &[String],
) -> Result<Vec<String>, DriverError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let journal = database::journal(table, Identity::default());
    let ids: Vec<String> = ids.iter().map(|id| table.dialect.literal(id)).collect();
    let which = format!(
        "l.revision IN ({}) AND l.direction IN ('upgrade', 'import', 'rebless')",
        ids.join(", ")
    );
    let rows = ask(connection, &journal, "l.revision", &which, "true").await?;
    rows.iter().map(|row| Ok(row.text("revision")?.to_owned())).collect()
}

/// Queries the last line of each revision among the lines for which `among` holds, and keeps those
/// for which `which` holds.
async fn ask(
    connection: &Connection<'_>,
    journal: &Journal,
    columns: &str,
    which: &str,
    among: &str,
) -> Result<Vec<Row>, DriverError> {
    let last = LAST.replace("{journal}", journal.sql_name()).replace("{which}", among);
    let query = format!("SELECT {columns} FROM {} l WHERE {last} AND {which}", journal.sql_name());
    match connection.query(&query).await {
        Err(error) if is_missing_table(&error) => Ok(Vec::new()),
        other => other,
    }
}
