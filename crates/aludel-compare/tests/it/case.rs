//! One row of a table of cases, and what every row is held against.

use aludel_compare::{Plan, Renamed, Way, plan};
use aludel_dialect::Dialect;
use aludel_schema::Metadata;

use crate::described::described;
use crate::replay::replay;

/// Metadata before and after, and what a plan has to say about them.
pub(crate) struct Case {
    name: &'static str,
    before: Metadata,
    after: Metadata,
    expected: Vec<&'static str>,
}

pub(crate) fn case<const N: usize>(
    name: &'static str,
    before: Metadata,
    after: Metadata,
    expected: [&'static str; N],
) -> Case {
    Case { name, before, after, expected: expected.into() }
}

/// The plans between two sides, made the way the program makes them.
pub(crate) struct Plans {
    /// The target, with what it takes over from the database.
    target: Metadata,
    pub(crate) up: Plan,
    pub(crate) down: Plan,
}

impl Plans {
    pub(crate) fn between(dialect: Dialect, before: &Metadata, after: &Metadata) -> Self {
        let mut target = after.clone();
        let renamed = Renamed::hinted(dialect, before, &target);
        renamed.carry_over(&mut target, |id| dialect.kind_facts(id.kind).is_some());
        let up = plan(&renamed, &target, Way::Forward);
        let back = Renamed::by(dialect, &target, before, renamed.renames.reversed());
        let down = plan(&back, before, Way::Back);
        Self { target, up, down }
    }

    /// Holds both plans against the laws: every operation finds what it needs, and the last one
    /// leaves what was wanted. Returns what is broken.
    pub(crate) fn broken(&self, dialect: Dialect, before: &Metadata) -> Vec<String> {
        let mut broken = Vec::new();
        for (way, from, plan, to) in [
            ("upgrade", before, &self.up, &self.target),
            ("downgrade", &self.target, &self.down, before),
        ] {
            match replay(dialect, from, plan) {
                Err(problem) => broken.push(format!("{way}: {problem}\n{:#?}", shown(plan))),
                Ok(left) => {
                    let (left, to) = (described(dialect, &left), described(dialect, to));
                    if left != to {
                        broken.push(format!("{way} leaves {left:#?}\nrather than {to:#?}"));
                    }
                }
            }
        }
        broken
    }
}

/// The operations of a plan in words.
pub(crate) fn shown(plan: &Plan) -> Vec<String> {
    plan.operations().map(ToString::to_string).collect()
}

fn said(plan: &Plan) -> Vec<String> {
    plan.statements().map(str::to_owned).collect()
}

/// Holds what is told of each pair of plans against what is expected; tells of all cases that fail.
fn hold<const N: usize>(
    dialect: Dialect,
    cases: [Case; N],
    can_be_replayed: bool,
    told: impl Fn(&Plans) -> Vec<String>,
) {
    let mut failures = Vec::new();
    for case in cases {
        let plans = Plans::between(dialect, &case.before, &case.after);
        let told = told(&plans);
        let mut problems = Vec::new();
        if told != case.expected {
            problems.push(format!("expected {:#?}\ngot {told:#?}", case.expected));
        }
        if can_be_replayed {
            let impossible = plans.up.impossible.iter().chain(&plans.down.impossible);
            problems.extend(impossible.map(|impossible| format!("{impossible:?}")));
            problems.extend(plans.broken(dialect, &case.before));
        }
        failures.extend(problems.iter().map(|problem| format!("{}: {problem}", case.name)));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// Holds each upgrade against the expected operations, and both ways against the laws.
pub(crate) fn operations<const N: usize>(dialect: Dialect, cases: [Case; N]) {
    hold(dialect, cases, true, |plans| shown(&plans.up));
}

/// Holds each upgrade against the expected statements, and both ways against the laws.
pub(crate) fn statements<const N: usize>(dialect: Dialect, cases: [Case; N]) {
    hold(dialect, cases, true, |plans| said(&plans.up));
}

/// Holds each downgrade against the expected statements, and both ways against the laws.
pub(crate) fn statements_back<const N: usize>(dialect: Dialect, cases: [Case; N]) {
    hold(dialect, cases, true, |plans| said(&plans.down));
}

/// Holds the differences that no operation takes away against those expected.
pub(crate) fn impossible<const N: usize>(dialect: Dialect, cases: [Case; N]) {
    hold(dialect, cases, false, |plans| {
        let found = plans.up.impossible.iter();
        found.map(|found| format!("{}: {}", found.object, found.reason)).collect()
    });
}
