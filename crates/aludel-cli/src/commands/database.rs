//! `aludel database`

use std::io::IsTerminal as _;

use aludel::{Direction, Project, command};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::{BOLD, Output, styled};
use crate::progress::{self, Reporter};
use crate::run_args::RunArgs;

/// Create, drop or reset the database itself
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel database create\n  aludel database drop --yes\n  \
    aludel database reset        drop it, create it and apply everything")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Create the database, unless it is there
    #[command(after_help = "Examples:\n  aludel database create\n  \
        aludel database create --database-url postgresql://localhost/test")]
    Create,
    /// Drop the database and everything in it
    #[command(after_help = "Examples:\n  aludel database drop            asks in a terminal\n  \
        aludel database drop --yes\n  \
        aludel database drop --force    ends the sessions of others, and is not only for this machine")]
    Drop(Consent),
    /// Drop the database, create it and apply every revision
    #[command(after_help = "Examples:\n  aludel database reset           asks in a terminal\n  \
        aludel database reset --yes")]
    Reset(Consent),
}

/// The consent to lose everything in a database.
#[derive(Debug, clap::Args)]
struct Consent {
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Also if the server is another machine, and while others are connected
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(
    args: &Args,
    project: &Project,
    output: &Output,
    interrupt: &Interrupt,
) -> Result<u8, Failure> {
    match &args.action {
        Action::Create => tell_in_json(output, &create(project, output).await?),
        Action::Drop(consent) => tell_in_json(output, &drop(consent, project, output).await?),
        Action::Reset(consent) => {
            drop(consent, project, output).await?;
            build(project, output, interrupt, Some("reset")).await?;
        }
    }
    Ok(0)
}

/// Creates the database and applies every revision.
pub(super) async fn setup(
    project: &Project,
    output: &Output,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    build(project, output, interrupt, None).await
}

/// Creates the database, applies every revision, and answers with one object. `outcome` is what
/// became of the database; `None` for what its creation says.
async fn build(
    project: &Project,
    output: &Output,
    interrupt: &Interrupt,
    outcome: Option<&str>,
) -> Result<(), Failure> {
    let created = create(project, output).await?;
    let mut reporter = Reporter::new(output, interrupt.clone());
    let options = RunArgs::default().options(project, command::target("heads")?, Vec::new());
    let ran = command::upgrade(project, options, &mut reporter).await?;
    let ended = reporter.end();
    if !output.json {
        progress::print_ran(Direction::Upgrade, &ran, project, &ended);
        return Ok(());
    }
    let mut answer = answer(&created.database, outcome.unwrap_or(created.outcome));
    let run = progress::ran_json(Direction::Upgrade, &ran, &ended);
    if let (Some(answer), Some(run)) = (answer.as_object_mut(), run.as_object()) {
        answer.extend(run.clone());
    }
    output.json(&answer);
    Ok(())
}

/// The outcome for a database.
struct Done {
    database: String,
    outcome: &'static str,
}

async fn create(project: &Project, output: &Output) -> Result<Done, Failure> {
    let database = project.migration_url()?.to_string();
    let is_new = command::create_database(project).await?;
    let outcome = if is_new { "created" } else { "is there already" };
    Ok(told(output, Done { database, outcome }))
}

async fn drop(consent: &Consent, project: &Project, output: &Output) -> Result<Done, Failure> {
    let url = project.migration_url()?;
    let database = url.to_string();
    if !url.is_local() && !consent.force {
        return Err(Failure::NotLocal { database });
    }
    let question = format!("Drop {database} and everything in it?");
    if !consent.yes && !confirmed(&question) {
        return Err(Failure::NoConsent { what: format!("drop {database}") });
    }
    let was_there = command::drop_database(project, consent.force).await?;
    let outcome = if was_there { "dropped" } else { "is not there" };
    Ok(told(output, Done { database, outcome }))
}

/// Asks in a terminal. Without one, the answer is no.
fn confirmed(question: &str) -> bool {
    std::io::stdin().is_terminal()
        && inquire::Confirm::new(question).with_default(false).prompt().unwrap_or(false)
}

/// Tells in words what became of a database.
fn told(output: &Output, done: Done) -> Done {
    if !output.json {
        output.progress(format_args!("{} {}", styled(BOLD, &done.database), done.outcome));
    }
    done
}

fn tell_in_json(output: &Output, done: &Done) {
    if output.json {
        output.json(&answer(&done.database, done.outcome));
    }
}

fn answer(database: &str, outcome: &str) -> Value {
    json!({ "database": database, "outcome": outcome })
}
