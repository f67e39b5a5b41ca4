//! Sessions of the program against real databases. One binary for all of them.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::type_complexity,
    reason = "these are tests"
)]

mod alembic;
mod branches;
mod cases;
mod completions;
mod consent;
mod databases;
mod diagrams;
mod dialects;
mod doctor;
mod domains;
mod edits;
mod errors;
mod faults;
mod histories;
mod imports;
mod init;
mod json;
mod names;
mod offline;
mod operator;
mod other_models;
mod partitions;
mod past;
mod ragchat;
mod readme;
mod refused;
mod refused_objects;
mod refused_parts;
mod renames;
mod rights;
mod scenarios;
mod schemas;
mod scope;
mod session;
mod sources;
mod sqlite_names;
mod sqlite_rebuild;
mod squash;
mod steps;
mod terminal;
mod views;

use aludel_testkit::TestProject;

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_aludel");

/// A project on a SQLite file of its own.
fn sqlite_project() -> TestProject {
    TestProject::new(PROGRAM, "sqlite:test.db")
}
