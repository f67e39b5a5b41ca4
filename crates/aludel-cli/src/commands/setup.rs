//! `aludel setup`

use aludel::Project;

use super::database;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::Output;

/// Create the database, unless it is there, and apply every revision
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel setup\n  \
    aludel setup --database-url postgresql://localhost/test")]
pub(crate) struct Args {}

pub(super) async fn run(
    project: &Project,
    output: &Output,
    interrupt: &Interrupt,
) -> Result<u8, Failure> {
    database::setup(project, output, interrupt).await?;
    Ok(0)
}
