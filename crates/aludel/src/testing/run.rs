//! The execution of a test.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::{ExitCode, Termination};

use tokio::runtime::{Builder, Runtime};

use super::database::TestDatabase;
use super::error::TestError;
use super::setup::Setup;

/// Runs a test with an async body on a runtime of its own.
pub fn run<R: Termination>(
    setup: &Setup,
    test: impl AsyncFnOnce(&TestDatabase) -> Result<R, TestError>,
) {
    let (runtime, database) = begin(setup);
    let result = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(test(&database)).map(Termination::report)
    }));
    end(setup, runtime, &database, result);
}

/// Runs a test with an ordinary body. Its arguments are made on a runtime, and it runs outside of it.
pub fn run_plain<A, R: Termination>(
    setup: &Setup,
    arguments: impl AsyncFnOnce(&TestDatabase) -> Result<A, TestError>,
    test: impl FnOnce(A) -> R,
) {
    let (runtime, database) = begin(setup);
    let result = catch_unwind(AssertUnwindSafe(|| {
        let arguments = runtime.block_on(arguments(&database))?;
        Ok(test(arguments).report())
    }));
    end(setup, runtime, &database, result);
}

#[expect(clippy::panic, reason = "a test without a database has to fail")]
fn begin(setup: &Setup) -> (Runtime, TestDatabase) {
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => panic!("{}: no runtime can be made: {error}", setup.name),
    };
    let create = async { TestDatabase::create(&setup.url()?, setup.name, setup.migrations).await };
    match runtime.block_on(create) {
        Ok(database) => (runtime, database),
        Err(error) => panic!("{}: {error}", setup.name),
    }
}

/// Drops the database of a test that has done what it should, and keeps that of any other one.
#[expect(clippy::panic, reason = "a test that has failed has to fail")]
fn end(
    setup: &Setup,
    runtime: Runtime,
    database: &TestDatabase,
    result: std::thread::Result<Result<ExitCode, TestError>>,
) {
    let is_success = match &result {
        Ok(Ok(code)) => *code == ExitCode::SUCCESS && !setup.should_panic,
        Ok(Err(_)) => false,
        Err(_) => setup.should_panic,
    };
    let ended = runtime.block_on(async {
        match is_success {
            true => database.remove().await,
            false => database.keep().await,
        }
    });
    // The tasks of the test hold connections; they end here.
    drop(runtime);
    let name = database.name();
    match ended {
        Ok(()) if is_success => {}
        Ok(()) => tell(format_args!("{}: the database is kept: {name}", setup.name)),
        Err(error) => {
            tell(format_args!("{}: the database {name} is left over: {error}", setup.name));
        }
    }
    match result {
        Ok(Ok(code)) if code == ExitCode::SUCCESS => {}
        Ok(Ok(_)) => panic!("{}: the test returned an error", setup.name),
        Ok(Err(error)) => panic!("{}: {error}", setup.name),
        Err(panic) => resume_unwind(panic),
    }
}

#[expect(clippy::print_stderr, reason = "the harness shows it with the test that failed")]
fn tell(words: std::fmt::Arguments<'_>) {
    eprintln!("{words}");
}
