//! The texts of revisions, which the journal keeps.

use aludel_driver::Connection;
use aludel_revision::{Direction, FileProblem, Transition};

use crate::database;
use crate::error::RunError;
use crate::session_facts::SessionFacts;

/// Fails if the database can't hold the text of a revision that is applied: the journal could not keep it
/// in the end, when some of its parts are committed.
pub(crate) async fn check(
    connection: &Connection<'_>,
    facts: &SessionFacts,
    transitions: &[Transition<'_>],
) -> Result<(), RunError> {
    if !facts.lacks_characters {
        return Ok(());
    }
    for transition in transitions.iter().filter(|one| one.direction == Direction::Upgrade) {
        let revision = transition.revision.unread();
        let Some((line, why)) = database::unheld(connection, &revision.kept()?).await? else {
            continue;
        };
        // The kept text of a large file has other lines.
        let line = if revision.stamp().is_some() { 1 } else { line };
        let message = format!(
            "{why}: the journal can't keep the file; take the character out, or write it as an escape"
        );
        return Err(FileProblem { path: revision.path.clone(), line, message }.into());
    }
    Ok(())
}
