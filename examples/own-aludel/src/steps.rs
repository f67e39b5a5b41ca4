//! The steps that revisions name.

use aludel::{StepConnection, StepError};

/// The number of rows of a round.
const ROUND: i64 = 500;

/// Removes white space around addresses, and writes their domains in lower case.
pub(crate) async fn normalise_emails(tx: StepConnection<'_>) -> Result<u64, StepError> {
    let mut changed = 0;
    for row in tx.query("SELECT id, email FROM users ORDER BY id", &[]).await? {
        let (id, email) = (row.number("id")?, row.text("email")?);
        let normal = normalised(email);
        if normal != email {
            let sql = "UPDATE users SET email = $1 WHERE id = $2";
            changed += tx.execute(sql, &[normal.into(), id.into()]).await?;
        }
    }
    Ok(changed)
}

fn normalised(email: &str) -> String {
    match email.trim().rsplit_once('@') {
        Some((user, domain)) => format!("{user}@{}", domain.to_lowercase()),
        None => email.trim().to_owned(),
    }
}

/// Fills in the domains of some addresses that have none yet. A batch repeats it until there are no
/// more.
pub(crate) async fn fill_domains(tx: StepConnection<'_>) -> Result<u64, StepError> {
    let query = "SELECT id, email FROM users WHERE domain IS NULL ORDER BY id LIMIT $1";
    let mut filled = 0;
    for row in tx.query(query, &[ROUND.into()]).await? {
        let (id, email) = (row.number("id")?, row.text("email")?);
        let Some((_, domain)) = email.rsplit_once('@') else {
            return Err(format!("user {id} has the address {email}, which has no domain").into());
        };
        let sql = "UPDATE users SET domain = $1 WHERE id = $2";
        filled += tx.execute(sql, &[domain.into(), id.into()]).await?;
    }
    Ok(filled)
}
