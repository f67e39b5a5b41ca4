//! `aludel completions`

use crate::output::Output;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

/// Prints the completions of `program`, which has all commands.
pub(super) fn run(args: &Args, mut program: clap::Command, output: &Output) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, "aludel", &mut script);
    output.text(&String::from_utf8_lossy(&script));
    0
}
