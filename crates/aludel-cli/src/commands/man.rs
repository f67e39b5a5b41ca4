//! `aludel man`

use std::path::{Path, PathBuf};

use aludel::Error;
use clap_mangen::Man;
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;

/// Print the manual page, or write the pages of all commands into a folder
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel man | man -l -\n  \
    aludel man --dir /usr/local/share/man/man1")]
pub(crate) struct Args {
    /// The folder to write aludel.1 and a page of each command into
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Prints the page of `program`, which has all commands, or writes all pages.
pub(super) fn run(args: &Args, program: clap::Command, output: &Output) -> Result<u8, Failure> {
    let mut program = program.disable_help_subcommand(true);
    program.build();
    let Some(dir) = &args.dir else {
        let mut text = Vec::new();
        let rendered = page(program).render(&mut text);
        rendered.map_err(|source| {
            Failure::from(Error::System { what: "can't write the page", source })
        })?;
        let text = String::from_utf8_lossy(&text);
        match output.json {
            true => output.json(&json!({ "page": text })),
            false => output.text(&text),
        }
        return Ok(0);
    };
    let failed =
        |source| Failure::from(Error::Io { action: "can't write", path: dir.clone(), source });
    std::fs::create_dir_all(dir).map_err(failed)?;
    write(program, dir).map_err(failed)?;
    if output.json {
        output.json(&json!({ "created": [dir] }));
    }
    Ok(0)
}

/// Writes the pages of a command and of all commands below it.
fn write(command: clap::Command, dir: &Path) -> std::io::Result<()> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        write(below.clone(), dir)?;
    }
    page(command).generate_to(dir)?;
    Ok(())
}

/// Returns the page of a command. Its synopsis is the usage that `--help` shows: the options follow in
/// their sections, those that every command has at the end.
fn page(mut command: clap::Command) -> Man {
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").to_owned();
    Man::new(command.override_usage(usage)).source(concat!("aludel ", env!("CARGO_PKG_VERSION")))
}
