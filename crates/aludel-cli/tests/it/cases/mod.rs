//! Cases of edits, those of the folder `cases` and those beside the checkout.
//!
//! `ALUDEL_CASE=word` runs only those with the word in their name.

mod known;
mod revision;
mod trial;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use aludel_testkit::{Case, CaseDialect, server, shared, workspace};

use known::Known;
use trial::{Failure, Trial, Verdict};

/// The oldest server on which every case runs.
const NEWEST: u32 = 18;

#[test]
fn shared_cases_hold() {
    match shared("cases/edits") {
        Some(folder) => all_hold(&folder, known::OF_SHARED),
        None => println!("left out: ../shared/cases is not here"),
    }
}

#[test]
fn cases_hold() {
    all_hold(&workspace().join("cases"), known::OF_OWN);
}

/// A run of a case in one database.
struct Run<'c> {
    case: &'c Case,
    dialect: CaseDialect,
}

fn all_hold(folder: &Path, known: &[Known]) {
    let wanted = std::env::var("ALUDEL_CASE").unwrap_or_default();
    let cases: Vec<Case> =
        Case::all(folder).into_iter().filter(|case| case.name.contains(&wanted)).collect();
    let runs = runs(&cases);
    let mut failed = BTreeMap::<&str, String>::new();
    for (run, verdict) in runs.iter().zip(tried(&runs)) {
        if !verdict.failures.is_empty() {
            failed.entry(&run.case.name).or_default().push_str(&told(run, &verdict));
        }
    }
    report(&runs, &failed, known, &wanted);
}

/// Returns all runs of the cases that the server is new enough for.
fn runs(cases: &[Case]) -> Vec<Run<'_>> {
    let version = server().version();
    let runs = cases.iter().flat_map(|case| {
        let runs = case.dialects.iter().map(move |dialect| Run { case, dialect: *dialect });
        runs.filter(move |run| {
            run.dialect == CaseDialect::Sqlite
                || run.case.since.is_none_or(|since| since <= version)
        })
    });
    runs.collect()
}

/// Runs everything on two threads.
fn tried(runs: &[Run<'_>]) -> Vec<Verdict> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(BTreeMap::new());
    let work = || {
        while let Some((number, run)) = {
            let number = next.fetch_add(1, Ordering::Relaxed);
            runs.get(number).map(|run| (number, run))
        } {
            let verdict = one(run);
            results.lock().unwrap().insert(number, verdict);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    results.into_inner().unwrap().into_values().collect()
}

fn one(run: &Run<'_>) -> Verdict {
    let trial = catch_unwind(AssertUnwindSafe(|| Trial::run(run.case, run.dialect)));
    trial.unwrap_or_else(|panic| {
        let found = panic.downcast_ref::<String>().cloned().unwrap_or_default();
        let failure = Failure { step: "harness", expected: "no panic".to_owned(), found };
        Verdict { failures: vec![failure], revision: None }
    })
}

fn told(run: &Run<'_>, verdict: &Verdict) -> String {
    let mut text = format!("{} ({:?}): {}\n", run.case.name, run.dialect, run.case.title);
    let indented = |text: &str| text.trim().replace('\n', "\n        ");
    for failure in &verdict.failures {
        let (expected, found) = (indented(&failure.expected), indented(&failure.found));
        let _ = writeln!(
            text,
            "    {}\n      expected: {expected}\n      found: {found}",
            failure.step
        );
    }
    if let Some(revision) = &verdict.revision {
        let _ = writeln!(text, "    the revision\n        {}", indented(revision));
    }
    text
}

#[expect(clippy::panic, reason = "this is how the test fails")]
fn report(runs: &[Run<'_>], failed: &BTreeMap<&str, String>, known: &[Known], wanted: &str) {
    let ran = |name: &str| runs.iter().any(|run| run.case.name == name);
    let is_known = |name: &str| known.iter().any(|(known, _)| *known == name);
    let mut text = String::new();
    for (name, told) in failed {
        if !is_known(name) || !wanted.is_empty() {
            let _ = writeln!(text, "{told}");
        }
    }
    for (name, _) in known.iter().filter(|(name, _)| !failed.contains_key(name)) {
        // An older server may be without the fault.
        if ran(name) && server().version() >= NEWEST {
            let _ = writeln!(text, "{name} holds: take it off the list of those that do not");
        } else if !ran(name) && wanted.is_empty() && server().version() >= NEWEST {
            let _ =
                writeln!(text, "{name} is on the list of cases that do not hold, and is no case");
        }
    }
    let total = format!(
        "{} runs, {} cases fail, {} of them known",
        runs.len(),
        failed.len(),
        failed.keys().filter(|name| is_known(name)).count()
    );
    println!("{total}");
    assert!(!runs.is_empty() || !wanted.is_empty(), "there are no cases");
    if !text.is_empty() {
        panic!("\n{text}\n{total}");
    }
}
