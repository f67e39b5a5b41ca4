//! `aludel branches`

use aludel::Project;
use aludel::command::{self, BranchPoint};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::listing::{line_json, lines_json, print_verbose, without_parents};
use crate::output::Output;

/// List the revisions from which several branches go
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel branches\n  \
    aludel branches -v     with message and file")]
pub(crate) struct Args {}

pub(super) fn run(project: &Project, output: &Output) -> Result<u8, Failure> {
    let branches = command::branches(project)?;
    if output.json {
        let points = branches.iter().map(|BranchPoint { point, children }| {
            json!({ "revision": line_json(point, project), "branches": lines_json(children, project) })
        });
        output.json(&Value::Array(points.collect()));
        return Ok(0);
    }
    for BranchPoint { point, children } in &branches {
        if output.verbose {
            print_verbose(point, project, output);
        } else {
            output.result(without_parents(point));
        }
        for child in children {
            output.result(format_args!("    -> {}", without_parents(child)));
        }
    }
    Ok(0)
}
