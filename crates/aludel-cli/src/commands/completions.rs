//! `aludel completions`

use crate::args::Arguments;
use crate::output::Output;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which shell
    shell: clap_complete::Shell,
}

pub(super) fn run(args: &Args, output: &Output) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut <Arguments as clap::CommandFactory>::command(),
        "aludel",
        &mut script,
    );
    output.text(&String::from_utf8_lossy(&script));
    0
}
