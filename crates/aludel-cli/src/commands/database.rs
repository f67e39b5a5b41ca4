//! `aludel database`

use std::io::IsTerminal as _;

use aludel::{Direction, Project, command};
use serde_json::json;

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
    Create,
    /// Drop the database and everything in it
    Drop(Consent),
    /// Drop the database, create it and apply every revision
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
        Action::Create => create(project, output).await?,
        Action::Drop(consent) => drop(consent, project, output).await?,
        Action::Reset(consent) => {
            drop(consent, project, output).await?;
            setup(project, output, interrupt).await?;
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
    create(project, output).await?;
    let mut reporter = Reporter::new(output, interrupt.clone());
    let options = RunArgs::default().options(project, command::target("heads")?, Vec::new());
    let ran = command::upgrade(project, options, &mut reporter).await?;
    progress::print_ran(Direction::Upgrade, &ran, project, &reporter);
    Ok(())
}

async fn create(project: &Project, output: &Output) -> Result<(), Failure> {
    let database = project.migration_url()?.to_string();
    let is_new = command::create_database(project).await?;
    tell(output, &database, if is_new { "created" } else { "is there already" });
    Ok(())
}

async fn drop(consent: &Consent, project: &Project, output: &Output) -> Result<(), Failure> {
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
    tell(output, &database, if was_there { "dropped" } else { "is not there" });
    Ok(())
}

/// Asks in a terminal. Without one, the answer is no.
fn confirmed(question: &str) -> bool {
    std::io::stdin().is_terminal()
        && inquire::Confirm::new(question).with_default(false).prompt().unwrap_or(false)
}

fn tell(output: &Output, database: &str, what: &str) {
    if output.json {
        output.json(&json!({ "database": database, "outcome": what }));
    } else {
        output.progress(format_args!("{} {what}", styled(BOLD, database)));
    }
}
