//! Commands that change a database.

use aludel::command::{self, Ran, RunOptions};
use aludel::{Direction, Error, Identity, Project, Remembered, Revision, RunError};
use serde_json::json;

use crate::args::{Command, DowngradeArgs, StampArgs};
use crate::interrupt::{Interrupt, Reporter};
use crate::output::{ID, Output, styled, unified};
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
    let (direction, ran) = match command {
        Command::Downgrade(args) => {
            (Direction::Downgrade, downgrade(args, project, output, interrupt).await?)
        }
        Command::Upgrade(args) => {
            let mut reporter = Reporter { output, interrupt: interrupt.clone() };
            let options = options(&args.revision, args.strict, Vec::new());
            let arm = |canceller| interrupt.arm(canceller);
            (Direction::Upgrade, command::upgrade(project, options, &mut reporter, arm).await?)
        }
        _ => return Ok(0),
    };
    if output.json {
        output.json(&json!({ "direction": direction.as_str(), "revisions": ran.revisions }));
    } else if !ran.any {
        let folders = project.config.revisions.join(", ");
        output.progress(format_args!("nothing to do: there is no revision in {folders}"));
    } else if ran.revisions.is_empty() {
        output.progress("nothing to do: the database is there already");
    }
    Ok(0)
}

fn options(target: &str, strict: bool, from_journal: Vec<Revision>) -> RunOptions {
    RunOptions { target: target.to_owned(), identity: settings::identity(), strict, from_journal }
}

/// Undoes; what has no file only after it was shown.
async fn downgrade(
    args: &DowngradeArgs,
    project: &Project,
    output: &Output,
    interrupt: &Interrupt,
) -> Result<Ran, Error> {
    let mut reporter = Reporter { output, interrupt: interrupt.clone() };
    let arm = |canceller| interrupt.arm(canceller);
    let first = options(&args.revision, args.strict, Vec::new());
    let error = match command::downgrade(project, first, &mut reporter, arm).await {
        Err(error @ Error::Run(RunError::UnknownInDatabase { .. })) => error,
        other => return other,
    };
    let remembered = command::remembered(project).await?;
    if remembered.is_empty() || !may_undo(&remembered, args.from_journal, output) {
        return Err(error);
    }
    let revisions = remembered.into_iter().map(|known| known.revision).collect();
    let again = options(&args.revision, args.strict, revisions);
    command::downgrade(project, again, &mut reporter, arm).await
}

/// Shows what the journal remembers and asks whether to undo it.
fn may_undo(remembered: &[Remembered], sure: bool, output: &Output) -> bool {
    for Remembered { revision, applied_at } in remembered {
        output.progress(format_args!(
            "{} has no file here; this was applied at {applied_at}:",
            styled(ID, &revision.id)
        ));
        output.progress(unified("", revision.text(), "no file", "journal"));
    }
    sure || inquire::Confirm::new("Undo these as the journal remembers them?")
        .with_default(false)
        .prompt()
        .unwrap_or(false)
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
    if args.rebless {
        return rebless(args, project, output).await;
    }
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

async fn rebless(args: &StampArgs, project: &Project, output: &Output) -> Result<u8, Error> {
    let mut reporter = Reporter { output, interrupt: Interrupt::default() };
    let identity = settings::identity();
    let accepted = command::rebless(project, &args.revisions, identity, &mut reporter).await?;
    if output.json {
        output.json(&json!({ "reblessed": accepted }));
    } else if accepted.is_empty() {
        output.progress("nothing to accept: every applied revision is as it was");
    } else {
        output.result(format_args!("accepted {} as it is now", styled(ID, accepted.join(", "))));
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
