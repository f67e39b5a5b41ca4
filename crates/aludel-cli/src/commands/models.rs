//! Commands that compare models with a database, or write models from one.

use std::path::Path;

use aludel::command::{self, Comparison};
use aludel::{Error, Project};
use serde_json::{Value, json};

use super::DIFFERS;
use crate::output::{GOOD, HELP, Output, styled};
use crate::report::Failure;

pub(super) async fn check(project: &Project, output: &Output) -> Result<u8, Error> {
    let comparison = command::check(project).await?;
    let code = if comparison.is_clean() { 0 } else { DIFFERS };
    if output.json {
        output.json(&comparison_json(&comparison));
        return Ok(code);
    }
    for difference in &comparison.differences {
        print_leftovers(&difference.leftovers, output);
        for operation in &difference.upgrade.operations {
            output.result(format_args!("  {operation}"));
        }
        for impossible in &difference.upgrade.impossible {
            output.result(format_args!("  table {}: {}", impossible.table, impossible.reason));
        }
    }
    if comparison.is_clean() {
        output.result(styled(GOOD, "No new upgrade operations detected."));
    } else {
        output.progress(format_args!(
            "{} `aludel revision --autogenerate -m \"…\"` writes these into a file",
            styled(HELP, "help:")
        ));
    }
    Ok(code)
}

fn comparison_json(comparison: &Comparison) -> Value {
    let differences: Vec<Value> = comparison
        .differences
        .iter()
        .map(|difference| {
            let operations: Vec<String> =
                difference.upgrade.operations.iter().map(ToString::to_string).collect();
            let leftovers: Vec<Value> = difference
                .leftovers
                .iter()
                .map(|leftover| json!({ "kind": leftover.kind, "name": leftover.name.to_string() }))
                .collect();
            json!({
                "dialect": difference.dialect.name(),
                "operations": operations,
                "destructive": difference.destructive(),
                "leftovers": leftovers,
            })
        })
        .collect();
    json!({ "clean": comparison.is_clean(), "differences": differences })
}

/// What the models can't say: the number of each kind, or with `-v` every name.
fn print_leftovers(leftovers: &[aludel::Leftover], output: &Output) {
    if leftovers.is_empty() {
        return;
    }
    if output.verbose {
        for leftover in leftovers {
            output.progress(format_args!(
                "not in the models' notation: {} {}",
                leftover.kind, leftover.name
            ));
        }
        return;
    }
    let mut kinds: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for leftover in leftovers {
        *kinds.entry(&leftover.kind).or_default() += 1;
    }
    let counts: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    output.progress(format_args!("not compared (-v lists them): {}", counts.join(", ")));
}

pub(super) async fn diff(downgrade: bool, project: &Project, output: &Output) -> Result<u8, Error> {
    let comparison = command::check(project).await?;
    for difference in &comparison.differences {
        let (up, down) = command::rendered(difference);
        if output.json {
            output.json(
                &json!({ "dialect": difference.dialect.name(), "upgrade": up, "downgrade": down }),
            );
        } else {
            let sql = if downgrade { down } else { up };
            if !sql.is_empty() {
                output.result(sql);
            }
        }
    }
    Ok(0)
}

pub(super) async fn reflect(project: &Project, output: &Output) -> Result<u8, Error> {
    let reflected = command::reflect(project).await?;
    if output.json {
        output
            .json(&json!({ "source": reflected.source, "leftovers": leftovers_json(&reflected) }));
        return Ok(0);
    }
    output.text(&reflected.source);
    summary(&reflected, output);
    Ok(0)
}

fn leftovers_json(reflected: &command::Reflected) -> Vec<Value> {
    let one = |l: &aludel::Leftover| json!({ "kind": l.kind, "name": l.name.to_string() });
    reflected.leftovers.iter().map(one).collect()
}

pub(super) async fn reflect_to(
    project: &Project,
    path: &Path,
    output: &Output,
) -> Result<u8, Failure> {
    let reflected = command::reflect(project)
        .await
        .map_err(|error| Failure::Command { error: Box::new(error), root: project.root.clone() })?;
    let path = project.root.join(path);
    let failed = |source| Failure::Write { path: path.clone(), source };
    // A file that is there is somebody's.
    let mut file = std::fs::File::create_new(&path).map_err(failed)?;
    std::io::Write::write_all(&mut file, reflected.source.as_bytes()).map_err(failed)?;
    if output.json {
        output.json(
            &json!({ "path": project.shown(&path), "leftovers": leftovers_json(&reflected) }),
        );
        return Ok(0);
    }
    output.result(format_args!("created {}", project.shown(&path).display()));
    summary(&reflected, output);
    Ok(0)
}

fn summary(reflected: &command::Reflected, output: &Output) {
    output.progress(format_args!("{} tables, {} enum types", reflected.tables, reflected.enums));
    for leftover in &reflected.leftovers {
        output.progress(format_args!(
            "not in the models' notation: {} {}",
            leftover.kind, leftover.name
        ));
    }
}
