//! The program `aludel` of no project in particular, which has no steps in Rust.

use std::process::ExitCode;

use aludel::{Embedded, Migrator};

/// mimalloc is used because models and catalogues consist of many small strings.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    aludel_cli::main(&Migrator::new(Embedded { files: &[] }))
}
