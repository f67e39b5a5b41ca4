//! What the journal remembers of revisions: the text that was applied.

use std::collections::BTreeMap;
use std::path::Path;

use aludel_driver::{Connection, DriverError, Row};
use aludel_revision::{Direction, Revision, RevisionMap};

use crate::checksum::checksum;
use crate::error::RunError;
use crate::journal::{Identity, Journal};
use crate::version_table::{VersionTable, is_missing_table};

/// A revision whose file has changed since it was applied.
#[derive(Clone, Debug)]
pub struct Edited {
    /// Its id.
    pub revision: String,
    /// The file, as it was applied; `None` if the journal has no text.
    pub applied: Option<String>,
    /// The file, as it is now.
    pub file: String,
    /// The checksum of what it is now.
    pub(crate) checksum: String,
}

/// A revision that is applied, and of which there is only the journal's text.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// The revision, as it was applied.
    pub revision: Revision,
    /// When it was, as the database says it.
    pub applied_at: String,
}

/// The last line of each revision that says what its text is.
const LAST: &str = "l.id IN (SELECT max(m.id) FROM {journal} m WHERE m.statement IS NULL \
    AND m.error IS NULL AND {which} GROUP BY m.revision)";

/// The applied revisions whose files have changed since, in the order of the graph. What was applied
/// without a journal is not among them.
pub(crate) async fn edited(
    connection: &Connection,
    map: &RevisionMap,
    table: &VersionTable,
    rows: &[String],
) -> Result<Vec<Edited>, RunError> {
    let journal = Journal::new(table, Identity::default());
    let mut noted: BTreeMap<String, String> = BTreeMap::new();
    // One that was undone, and stamped afterwards, is not what was applied once.
    let lines =
        ask(connection, &journal, "l.revision, l.checksum", "l.direction <> 'downgrade'", "true");
    for row in lines.await? {
        // A line from before checksums were kept tells nothing.
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
        let section = revision.section(Direction::Upgrade, table.dialect.name())?;
        let checksum = checksum(&section.body, table.dialect);
        if checksum != *noted {
            let (id, file) = (revision.id.clone(), revision.text().to_owned());
            edited.push(Edited { revision: id, applied: None, file, checksum });
        }
    }
    for edited in &mut edited {
        let which = format!("l.revision = {}", table.dialect.literal(&edited.revision));
        let rows = ask(connection, &journal, "l.text", &which, "true").await?;
        if let Some(row) = rows.first() {
            let text = row.optional("text").map_err(DriverError::from)?;
            edited.applied = text.map(str::to_owned);
        }
    }
    Ok(edited)
}

/// The revisions that `rows` name, that no file knows and that the journal remembers, with those
/// below them.
pub async fn remembered(
    connection: &Connection,
    map: &RevisionMap,
    table: &VersionTable,
    rows: &[String],
) -> Result<Vec<Remembered>, RunError> {
    let journal = Journal::new(table, Identity::default());
    let mut found: Vec<Remembered> = Vec::new();
    let mut wanted: Vec<String> = rows.to_vec();
    while let Some(id) = wanted.pop() {
        if map.get(&id).is_some() || found.iter().any(|known| known.revision.id == id) {
            continue;
        }
        let which = format!("l.revision = {}", table.dialect.literal(&id));
        let columns = "l.text, l.finished";
        let rows = ask(connection, &journal, columns, &which, "m.text IS NOT NULL").await?;
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

/// The last lines of revisions, of those lines for which `among` holds, as far as `which` holds.
async fn ask(
    connection: &Connection,
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
