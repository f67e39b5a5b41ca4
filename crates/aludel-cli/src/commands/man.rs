//! `aludel man`

use std::path::PathBuf;

use aludel::Error;
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
    match &args.dir {
        Some(dir) => {
            let failed = |source| {
                Failure::from(Error::Io { action: "can't write", path: dir.clone(), source })
            };
            std::fs::create_dir_all(dir).map_err(failed)?;
            clap_mangen::generate_to(program, dir).map_err(failed)?;
            if output.json {
                output.json(&json!({ "created": [dir] }));
            }
        }
        None => {
            let mut page = Vec::new();
            let rendered = clap_mangen::Man::new(program).render(&mut page);
            rendered.map_err(|source| {
                Failure::from(Error::System { what: "can't write the page", source })
            })?;
            let page = String::from_utf8_lossy(&page);
            match output.json {
                true => output.json(&json!({ "page": page })),
                false => output.text(&page),
            }
        }
    }
    Ok(0)
}
