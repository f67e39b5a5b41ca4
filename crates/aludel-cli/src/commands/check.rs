//! `aludel check`

use aludel::command::{self, Comparison, Gap};
use aludel::{Error, Leftover, Project, Uncompared};
use serde_json::{Value, json};

use crate::failure::{DIFFERS, Failure};
use crate::listing::{conflicts_json, gap_words, lines_json, one_line, print_conflicts};
use crate::output::{GOOD, HELP, Output, styled};
use crate::plan_text::{
    leftovers_json, objects_json, operations_json, print_missing_schema, print_seen_by,
    print_uncompared, steps_json, uncompared_json,
};

/// Compare the models with the database; exit 3 if they differ
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel check\n  \
    aludel check --heads     without a database, for CI\n  \
    aludel check --strict    nothing may be left uncompared\n  \
    aludel check --json")]
pub(crate) struct Args {
    /// Only whether there is one head and every section is written; no database is asked
    #[arg(long)]
    heads: bool,
    /// Also exit 3 if anything in scope is not compared, and list it
    #[arg(long, conflicts_with = "heads")]
    strict: bool,
}

pub(super) async fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    if args.heads { check_heads(project, output) } else { check(args, project, output).await }
}

async fn check(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    let comparison = command::check(project).await?;
    let unmanaged: Vec<&Leftover> = match args.strict {
        true => comparison.unmanaged().collect(),
        false => Vec::new(),
    };
    let uncompared: Vec<&Uncompared> = match args.strict {
        true => comparison.uncompared().collect(),
        false => Vec::new(),
    };
    let is_clean = comparison.is_clean() && unmanaged.is_empty() && uncompared.is_empty();
    let code = if is_clean { 0 } else { DIFFERS };
    if output.json {
        output.json(&comparison_json(&comparison, is_clean));
        return Ok(code);
    }
    for difference in &comparison.differences {
        print_left_alone(difference, output);
        print_seen_by(&difference.seen_by, output);
        print_missing_schema(difference.missing_schema.as_deref(), output);
        if !args.strict {
            print_leftovers(&difference.leftovers, output);
            print_uncompared(&difference.uncompared, output);
        }
        for operation in difference.upgrade.summary() {
            output.result(format_args!("  {operation}"));
        }
        for impossible in &difference.upgrade.impossible {
            output.result(format_args!("  {}: {}", impossible.object, impossible.reason));
        }
    }
    for leftover in &unmanaged {
        output.result(format_args!("  unmanaged: {leftover}"));
    }
    for uncompared in &uncompared {
        output.result(format_args!("  not compared: {uncompared}"));
    }
    if is_clean {
        output.result(styled(GOOD, "No new upgrade operations detected."));
    }
    for other in &comparison.others {
        output.progress(format_args!(
            "{} the {other} database was not compared; `aludel check --database-url URL` compares it",
            styled(HELP, "note:")
        ));
    }
    if !comparison.is_clean() {
        output.progress(format_args!(
            "{} `aludel revision --autogenerate -m \"…\"` writes these into a file",
            styled(HELP, "help:")
        ));
    }
    if !unmanaged.is_empty() {
        output.progress(format_args!(
            "{} declare what is unmanaged, or name it in `ignore` of [scope] in aludel.toml",
            styled(HELP, "help:")
        ));
    }
    Ok(code)
}

fn comparison_json(comparison: &Comparison, is_clean: bool) -> Value {
    let one = |difference: &aludel::Difference| {
        json!({
            "dialect": difference.dialect.name(),
            "operations": operations_json(&difference.upgrade),
            "destructive": difference.destructive(),
            "leftovers": leftovers_json(&difference.leftovers),
            "uncompared": uncompared_json(&difference.uncompared),
            "seen_by": difference.seen_by,
            "missing_schema": difference.missing_schema,
            "left_alone": objects_json(&difference.left_alone),
            "steps": steps_json(&difference.upgrade),
        })
    };
    let differences: Vec<Value> = comparison.differences.iter().map(one).collect();
    json!({
        "clean": is_clean,
        "differences": differences,
        "not_compared": comparison.others,
    })
}

/// Prints the schemas and objects that are somebody else's, with `-v`.
fn print_left_alone(difference: &aludel::Difference, output: &Output) {
    if output.verbose {
        for object in &difference.left_alone {
            output.progress(format_args!("left alone: {object}"));
        }
    }
}

/// Prints the objects that the models can't express: the number of each kind, or every name with
/// `-v`.
fn print_leftovers(leftovers: &[Leftover], output: &Output) {
    if leftovers.is_empty() {
        return;
    }
    if output.verbose {
        for leftover in leftovers {
            output.progress(format_args!("not in the models' notation: {leftover}"));
        }
        return;
    }
    let mut kinds: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for leftover in leftovers {
        *kinds.entry(leftover.what()).or_default() += 1;
    }
    let counts: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    output.progress(format_args!("not compared (-v lists them): {}", counts.join(", ")));
}

/// Checks that there is one head, for CI, and otherwise prints how to get there.
fn check_heads(project: &Project, output: &Output) -> Result<u8, Failure> {
    let heads = command::heads(project, false)?;
    let several = heads.len() > 1;
    let conflicts = match several {
        // Without a database the dialect is unknown, so conflicts in the SQL can't be found.
        true => match command::conflicts(project, &[command::target("heads")?]) {
            Err(Error::NoUrl | Error::UnknownUrl(_) | Error::Url(_)) => Vec::new(),
            conflicts => conflicts?,
        },
        false => Vec::new(),
    };
    let gaps = command::gaps(project)?;
    let is_clean = !several && gaps.is_empty();
    if output.json {
        output.json(&json!({
            "clean": is_clean,
            "heads": lines_json(&heads, project),
            "conflicts": conflicts_json(&conflicts),
            "gaps": gaps_json(&gaps),
        }));
        return Ok(if is_clean { 0 } else { DIFFERS });
    }
    if several {
        output.result(format_args!("{} heads:", heads.len()));
        heads.iter().for_each(|line| output.result(format_args!("  {}", one_line(line))));
        print_conflicts(&conflicts, output);
        output.progress(format_args!(
            "{} `aludel merge heads` joins them, `aludel rebase REV` puts one onto the other",
            styled(HELP, "help:")
        ));
    } else if is_clean {
        output.result(styled(GOOD, "One head."));
    }
    print_gaps(&gaps, output);
    Ok(if is_clean { 0 } else { DIFFERS })
}

fn gaps_json(gaps: &[Gap]) -> Value {
    let one = |gap: &Gap| {
        json!({
            "revision": gap.revision,
            "direction": gap.direction.as_str(),
            "dialect": gap.dialect,
            "reason": gap.reason,
            "path": gap.path,
            "line": gap.line,
        })
    };
    gaps.iter().map(one).collect()
}

/// Prints the sections that have to be written.
fn print_gaps(gaps: &[Gap], output: &Output) {
    for gap in gaps {
        output.result(format_args!("  {}", gap_words(gap)));
    }
    if !gaps.is_empty() {
        output.progress(format_args!(
            "{} write each section in place of its line `-- aludel: missing`",
            styled(HELP, "help:")
        ));
    }
}
