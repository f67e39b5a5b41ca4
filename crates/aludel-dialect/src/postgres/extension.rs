//! Extensions.

use aludel_schema::Extension;

use crate::dialect::Dialect::Postgres as PG;
use crate::hazard::Hazard;
use crate::lock::LockMode;
use crate::step::Rendered;

/// Renders CREATE EXTENSION. Without a version, the server takes its default one.
pub(super) fn create(extension: &Extension) -> Rendered {
    let schema = extension.schema.as_ref().map(|name| format!(" SCHEMA {}", PG.quote(name)));
    let version = extension.version.as_ref().map(|text| format!(" VERSION {}", PG.literal(text)));
    Rendered::statement(format!(
        "CREATE EXTENSION IF NOT EXISTS {}{}{}",
        PG.quote(&extension.name),
        schema.unwrap_or_default(),
        version.unwrap_or_default()
    ))
}

/// Renders ALTER EXTENSION. Few extensions have a script that leads to an older version.
pub(super) fn update(extension: &Extension, from: &str, to: &str) -> Rendered {
    let name = PG.quote(&extension.name);
    let older = numbers(to) < numbers(from);
    let rows = format!("the server has no script from version {from} to {to} of {name}");
    Rendered::statement(format!("ALTER EXTENSION {name} UPDATE TO {}", PG.literal(to)))
        .lock(extension.id(), LockMode::AccessExclusive)
        .hazards(older.then(|| Hazard::FailsOnRule { object: extension.id(), rows }))
}

/// Returns the numbers of a version, by which versions are in order.
fn numbers(version: &str) -> Vec<u64> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}
