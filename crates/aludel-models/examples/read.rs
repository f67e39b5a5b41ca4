//! Reads models for PostgreSQL and says how many tables they declare:
//! `cargo run --release -p aludel-models --example read -- src/models/*.rs`

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "that is what it is for")]

use std::collections::BTreeMap;
use std::process::ExitCode;

use aludel_dialect::Dialect;
use aludel_models::{ModelError, Models, Source};

/// The program's allocator, so that times compare.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match read() {
        Ok(count) => {
            println!("{count} tables");
            ExitCode::SUCCESS
        }
        Err(problems) => {
            problems.iter().for_each(|problem| eprintln!("{problem}"));
            ExitCode::FAILURE
        }
    }
}

fn read() -> Result<usize, Vec<ModelError>> {
    let mut sources = Vec::new();
    for path in std::env::args_os().skip(1) {
        match std::fs::read_to_string(&path) {
            Ok(text) => sources.push(Source { path: path.into(), text }),
            Err(error) => eprintln!("{}: {error}", path.display()),
        }
    }
    let models = Models::parse(&sources, Vec::new())?;
    models.metadata(Dialect::Postgres, &BTreeMap::new()).map(|read| read.metadata.tables.len())
}
