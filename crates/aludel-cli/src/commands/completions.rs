//! `aludel completions`

use aludel::Error;
use clap_complete::env::Shells;
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;

/// The variable by which a shell asks for completions.
pub(crate) const VARIABLE: &str = "ALUDEL_COMPLETE";

/// Print completions for a shell, which know the revisions, branch labels and tables of a project
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    source <(aludel completions bash)                                in ~/.bashrc\n  \
    source <(aludel completions zsh)                                 in ~/.zshrc\n  \
    aludel completions fish > ~/.config/fish/completions/aludel.fish")]
pub(crate) struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

/// Prints the script by which a shell asks this program for completions.
pub(super) fn run(args: &Args, output: &Output) -> Result<u8, Failure> {
    let mut script = Vec::new();
    let shells = Shells::builtins();
    let name = args.shell.to_string();
    let written = match shells.completer(&name) {
        Some(shell) => {
            shell.write_registration(VARIABLE, "aludel", "aludel", "aludel", &mut script)
        }
        None => Ok(()),
    };
    written.map_err(|source| {
        Failure::from(Error::System { what: "can't write the script", source })
    })?;
    let script = String::from_utf8_lossy(&script);
    match output.json {
        true => output.json(&json!({ "script": script })),
        false => output.text(&script),
    }
    Ok(0)
}
