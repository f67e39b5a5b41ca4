//! The program `aludel`: for a project that needs no other, and for one that has steps in Rust.
//!
//! The program reads arguments, settings and the environment, calls a command of the library, and
//! prints the result. The logic of migrations is in the library. A project whose revisions name
//! steps in Rust builds a program of its own with [`main`], which has every command and the steps.

mod args;
mod bar;
mod codes;
mod commands;
mod completing;
mod drawing;
mod env_file;
mod failure;
mod import_report;
mod interrupt;
mod listing;
mod output;
mod plan_text;
mod progress;
mod report;
mod report_text;
mod run_args;
mod run_report;
mod server_help;
mod settings;
mod snippet;
mod step_report;
mod words;

use std::process::ExitCode;
use std::time::Duration;

use aludel::Migrator;
use clap::{CommandFactory as _, Parser as _};
use clap_complete::CompleteEnv;
use serde_json::json;

use crate::commands::Arguments;
use crate::failure::Failure;
use crate::output::Output;

/// Runs the program with the arguments of this process, and returns its exit code.
///
/// The steps in Rust are those of `migrator`. All other things come from where they do in every
/// project: `aludel.toml`, the environment, and the revision files in the folders. Revisions that
/// the migrator embeds and its settings are not used.
///
/// ```no_run
/// # mod my_app {
/// #     pub fn migrator() -> aludel::Migrator {
/// #         aludel::Migrator::new(aludel::Embedded { files: &[] })
/// #     }
/// # }
/// fn main() -> std::process::ExitCode {
///     aludel_cli::main(&my_app::migrator())
/// }
/// ```
pub fn main(migrator: &Migrator) -> ExitCode {
    // A shell that asks for completions is answered, and the program ends here.
    CompleteEnv::with_factory(Arguments::command).var(commands::COMPLETIONS).complete();
    let args = match Arguments::try_parse() {
        Ok(args) => args,
        Err(error) => return told(&error),
    };
    let output = Output::new(&args.global);
    // The thread that reads models ends with its work, so that others use its memory again.
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = match runtime.thread_keep_alive(Duration::ZERO).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output.error_line(&format!("can't start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(commands::run(&args, migrator.steps(), &output)).unwrap_or_else(
        |failure| {
            report_failure(&failure, &output);
            failure.exit_code()
        },
    );
    let code = match output.lost() {
        Some(error) => {
            output.error_line(&format!("error: can't write the answer: {error}"));
            code.max(1)
        }
        None => code,
    };
    // The runtime does not wait for an interrupted call into SQLite, whose result is not used.
    runtime.shutdown_background();
    ExitCode::from(code)
}

/// Prints help or what is wrong with the arguments, and with `--json` also an error in JSON.
fn told(error: &clap::Error) -> ExitCode {
    // A closed stream is no reason for another message.
    let _ = error.print();
    let code = u8::try_from(error.exit_code()).unwrap_or(2);
    if !error.use_stderr() || !std::env::args_os().any(|argument| argument == "--json") {
        return ExitCode::from(code);
    }
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    let mut message = lines.next().unwrap_or_default().to_owned();
    // What is missing stands in the lines below.
    while message.ends_with([':', ',']) {
        let Some(next) = lines.next_if(|line| !line.starts_with("Usage")) else { break };
        message = format!("{message} {next}");
        if lines.peek().is_some_and(|line| line.starts_with(['<', '-'])) {
            message.push(',');
        }
    }
    let answer = json!({ "errors": [{
        "code": "usage",
        "message": message.strip_prefix("error: ").unwrap_or(&message),
        "file": null, "line": null, "column": null, "revision": null, "sql": null, "sqlstate": null,
        "facts": lines.collect::<Vec<_>>(),
        "help": "see --help",
    }] });
    Output::without_arguments().json(&answer);
    ExitCode::from(code)
}

/// Prints the reports of a failure to standard error, and with `--json` also to standard output, where
/// a script expects the answer.
fn report_failure(failure: &Failure, output: &Output) {
    let reports = report::report(failure);
    let texts: Vec<String> = reports.iter().map(ToString::to_string).collect();
    output.failure(&texts.join("\n\n"));
    if !output.json {
        return;
    }
    let (code, subject) = (codes::code(failure), codes::subject(failure));
    let errors = reports.iter().map(|report| {
        let place = report.place.as_ref();
        json!({
            "code": code,
            "message": report.message,
            "file": place.map(|place| place.file.display().to_string()),
            "line": place.and_then(|place| place.line),
            "column": place.and_then(|place| place.column),
            "revision": subject.revision,
            "sql": subject.sql,
            "sqlstate": subject.sqlstate,
            "facts": report.facts,
            "help": (!report.help.is_empty()).then_some(&report.help),
        })
    });
    output.json(&json!({ "errors": errors.collect::<Vec<_>>() }));
}
