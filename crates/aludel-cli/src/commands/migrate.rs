//! Commands that change a database.

use aludel::command;
use aludel::{Direction, Error, Identity, Project};
use serde_json::json;

use crate::args::{Command, StampArgs};
use crate::interrupt::{Interrupt, Reporter};
use crate::output::{ID, Output, styled};
use crate::settings;

pub(super) async fn migrate(
    command: &Command,
    project: &Project,
    output: &Output,
    interrupt: &Interrupt,
) -> Result<u8, Error> {
    if let Some((direction, range)) = offline(command) {
        output.text(&command::offline(project, direction, range, nobody())?);
        return Ok(0);
    }
    let mut reporter = Reporter { output, interrupt: interrupt.clone() };
    let identity = settings::identity();
    let arm = |canceller| interrupt.arm(canceller);
    let (direction, ran) = match command {
        Command::Downgrade(args) => (
            Direction::Downgrade,
            command::downgrade(project, &args.revision, identity, &mut reporter, arm).await?,
        ),
        Command::Upgrade(args) => (
            Direction::Upgrade,
            command::upgrade(project, &args.revision, identity, &mut reporter, arm).await?,
        ),
        _ => return Ok(0),
    };
    if output.json {
        output.json(&json!({ "direction": direction.as_str(), "revisions": ran.revisions }));
    } else if ran.revisions.is_empty() {
        output.progress("nothing to do: the database is there already");
    }
    Ok(0)
}

/// What shall be printed and not run.
fn offline(command: &Command) -> Option<(Direction, &str)> {
    match command {
        Command::Upgrade(args) if args.sql => Some((Direction::Upgrade, &args.revision)),
        Command::Downgrade(args) if args.sql => Some((Direction::Downgrade, &args.revision)),
        _ => None,
    }
}

/// Who will run a script is not known when it is written.
fn nobody() -> Identity {
    Identity { who: None, host: None, ..settings::identity() }
}

pub(super) async fn stamp(
    args: &StampArgs,
    project: &Project,
    output: &Output,
) -> Result<u8, Error> {
    if args.sql {
        output.text(&command::offline_stamp(project, &args.revisions, nobody())?);
        return Ok(0);
    }
    let mut reporter = Reporter { output, interrupt: Interrupt::default() };
    let identity = settings::identity();
    let rows =
        command::stamp(project, &args.revisions, args.purge, identity, &mut reporter).await?;
    if output.json {
        output.json(&json!({ "revisions": rows }));
    } else {
        let rows = if rows.is_empty() { "base".to_owned() } else { rows.join(", ") };
        output.result(format_args!("stamped {}", styled(ID, rows)));
    }
    Ok(0)
}

pub(super) async fn ensure_version(project: &Project, output: &Output) -> Result<u8, Error> {
    command::ensure_version(project).await?;
    let table = &project.config.version_table;
    if output.json {
        output.json(&json!({ "version_table": table }));
    } else {
        output.result(format_args!("{table} is there"));
    }
    Ok(0)
}
