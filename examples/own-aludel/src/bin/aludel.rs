//! The project's own program: every command of `aludel`, with the steps of this application.

fn main() -> std::process::ExitCode {
    aludel_cli::main(&own_aludel::migrator())
}
