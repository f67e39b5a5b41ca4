//! Random and real graphs: against Alembic itself, and against rules that are slow and obvious.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aludel_revision::{Direction, Revision, RevisionMap, Symbol};
use aludel_testkit::{alembic, shared};
use proptest::prelude::*;
use proptest::sample::Index as Pick;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).unwrap()
}

/// One revision of a graph, before it is a file.
#[derive(Clone, Debug)]
struct Seed {
    parents: Vec<Pick>,
    dependency: Option<Pick>,
    labelled: bool,
}

/// A graph in the order of its files.
#[derive(Clone, Debug)]
struct Graph {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug)]
struct Node {
    id: String,
    down: Vec<String>,
    depends_on: Vec<String>,
    labels: Vec<String>,
}

fn seed() -> impl Strategy<Value = Seed> {
    let parents = prop_oneof![
        1 => Just(0_usize),
        8 => Just(1_usize),
        3 => Just(2_usize),
        1 => Just(3_usize),
    ];
    let parents = parents.prop_flat_map(|count| proptest::collection::vec(any::<Pick>(), count));
    let dependency = prop_oneof![4 => Just(None), 1 => any::<Pick>().prop_map(Some)];
    (parents, dependency, proptest::bool::weighted(0.15))
        .prop_map(|(parents, dependency, labelled)| Seed { parents, dependency, labelled })
}

fn graphs() -> impl Strategy<Value = Graph> {
    let seeds = proptest::collection::vec(seed(), 1..14);
    seeds.prop_flat_map(|seeds| {
        let count = seeds.len();
        let order = Just((0..count).collect::<Vec<_>>()).prop_shuffle();
        (Just(seeds), order).prop_map(|(seeds, order)| graph(&seeds, &order))
    })
}

fn graph(seeds: &[Seed], order: &[usize]) -> Graph {
    let mut nodes: Vec<Node> = Vec::new();
    // All that a revision requires, itself included.
    let mut below: Vec<BTreeSet<usize>> = Vec::new();
    for (at, seed) in seeds.iter().enumerate() {
        let mut parents: Vec<usize> = Vec::new();
        for pick in seed.parents.iter().filter(|_| at > 0) {
            let parent = pick.index(at);
            // Nobody merges a revision with its own ancestor.
            if !parents.iter().any(|p| below[*p].contains(&parent) || below[parent].contains(p)) {
                parents.push(parent);
            }
        }
        let dependency = seed.dependency.filter(|_| at > 0).map(|pick| pick.index(at));
        let dependency = dependency.filter(|d| !parents.iter().any(|p| below[*p].contains(d)));
        // Nor depends on what stands on a parent: that is a merge with its own ancestor too.
        let dependency = dependency.filter(|d| !parents.iter().any(|p| below[*d].contains(p)));
        let mut all = BTreeSet::from([at]);
        parents.iter().chain(&dependency).for_each(|p| all.extend(below[*p].clone()));
        below.push(all);
        let id = |at: usize| format!("r{at:03}");
        nodes.push(Node {
            id: id(at),
            down: parents.into_iter().map(id).collect(),
            depends_on: dependency.into_iter().map(id).collect(),
            labels: seed.labelled.then(|| format!("label{at}")).into_iter().collect(),
        });
    }
    Graph { nodes: order.iter().map(|at| nodes[*at].clone()).collect() }
}

impl Graph {
    fn map(&self) -> RevisionMap {
        let revisions = self.nodes.iter().enumerate().map(|(number, node)| {
            let list = |key: &str, values: &[String]| match values {
                [] => String::new(),
                values => format!("-- {key}: {}\n", values.join(", ")),
            };
            let down = if node.down.is_empty() { "none".to_owned() } else { node.down.join(", ") };
            let text = format!(
                "-- m\n-- revision: {}\n-- down_revision: {down}\n{}{}",
                node.id,
                list("depends_on", &node.depends_on),
                list("branch_labels", &node.labels),
            );
            Revision::parse(Path::new(&format!("{number:05}.sql")), text.into_bytes()).unwrap()
        });
        RevisionMap::new(revisions.collect()).unwrap()
    }

    fn json(&self) -> Value {
        let node = |node: &Node| json!({ "revision": node.id, "down": node.down, "depends_on": node.depends_on, "branch_labels": node.labels });
        self.nodes.iter().map(node).collect()
    }

    /// All that these revisions require, they themselves included: the obvious way.
    fn below(&self, ids: &[String]) -> BTreeSet<String> {
        let mut found: BTreeSet<String> = ids.iter().cloned().collect();
        loop {
            let more: BTreeSet<String> = self
                .nodes
                .iter()
                .filter(|node| found.contains(&node.id))
                .flat_map(|node| node.down.iter().chain(&node.depends_on).cloned())
                .collect();
            let before = found.len();
            found.extend(more);
            if found.len() == before {
                return found;
            }
        }
    }

    /// The members that no other member requires: the obvious way.
    fn tops(&self, set: &BTreeSet<String>) -> Vec<String> {
        let required: BTreeSet<&String> = self
            .nodes
            .iter()
            .filter(|node| set.contains(&node.id))
            .flat_map(|node| node.down.iter().chain(&node.depends_on))
            .collect();
        set.iter().filter(|id| !required.contains(id)).cloned().collect()
    }

    /// A state that a database may be in: everything that two revisions require.
    fn rows(&self, picks: &[Pick]) -> Vec<String> {
        let ids: Vec<String> =
            picks.iter().map(|pick| self.nodes[pick.index(self.nodes.len())].id.clone()).collect();
        self.tops(&self.below(&ids))
    }
}

/// A question, as `alembic.py` takes it.
fn question(kind: &str, rows: &[String], target: &str) -> Value {
    json!({ "kind": kind, "rows": rows, "target": target })
}

/// Our answer, in Alembic's form; `None` if we refuse.
fn answer(map: &RevisionMap, question: &Value) -> Option<Value> {
    let rows: Vec<String> = serde_json::from_value(question["rows"].clone()).unwrap();
    let target = question["target"].as_str().unwrap();
    let sorted = |revisions: Vec<&Revision>| {
        let ids: BTreeSet<&str> = revisions.iter().map(|r| r.id.as_str()).collect();
        json!(ids)
    };
    Some(match question["kind"].as_str().unwrap() {
        "heads" => sorted(map.heads()),
        "effective heads" => sorted(map.effective_heads()),
        "branch points" => sorted(map.branch_points()),
        "current" => sorted(map.current(&rows)),
        "history" => {
            let found = map.range(None, None).unwrap();
            found.iter().map(|r| json!(r.id)).collect()
        }
        "stamp" => json!(
            map.rows_stamped(&rows, &map.stamp_targets(&Symbol::parse(target).ok()?, &rows).ok()?)
        ),
        kind => {
            let direction = if kind == "up" { Direction::Upgrade } else { Direction::Downgrade };
            let goal = map.goal(direction, &Symbol::parse(target).ok()?, &rows).ok()?;
            let steps = map.transitions(&rows, &goal).ok()?;
            steps.iter().map(|step| json!([step.revision.id, step.to])).collect()
        }
    })
}

/// Asks Alembic about graphs and compares with our answers; gives the number of plans that were the
/// same.
fn compare(cases: &[(Value, RevisionMap, Vec<Value>)]) -> usize {
    let lines: String = cases
        .iter()
        .map(|(revisions, _, questions)| {
            format!("{}\n", json!({ "revisions": revisions, "questions": questions }))
        })
        .collect();
    let theirs = alembic().ask(&lines);
    let mut same = 0;
    for (line, (revisions, map, questions)) in theirs.lines().zip(cases) {
        let answers: Vec<Value> = serde_json::from_str(line).unwrap();
        for (theirs, question) in answers.iter().zip(questions) {
            let ours = answer(map, question);
            match (theirs.get("error"), ours) {
                // Both refuse, or we do what Alembic trips over.
                (Some(_), _) => {}
                (None, ours) => {
                    assert_eq!(ours.as_ref(), Some(theirs), "{question}\n{revisions:#}");
                    same += 1;
                }
            }
        }
    }
    assert_eq!(theirs.lines().count(), cases.len());
    same
}

#[test]
fn random_graphs_are_walked_as_alembic_walks_them() {
    let mut runner = TestRunner::deterministic();
    let strategy = (graphs(), any::<[Pick; 4]>());
    let cases: Vec<_> = (0..400)
        .map(|_| {
            let (graph, picks) = strategy.new_tree(&mut runner).unwrap().current();
            let rows = graph.rows(&picks[..2]);
            let target = graph.nodes[picks[2].index(graph.nodes.len())].id.clone();
            let other = graph.nodes[picks[3].index(graph.nodes.len())].id.clone();
            let mut questions = vec![
                question("heads", &[], ""),
                question("effective heads", &[], ""),
                question("branch points", &[], ""),
                question("history", &[], ""),
                question("current", &rows, ""),
            ];
            let labels = graph.nodes.iter().flat_map(|node| &node.labels);
            for at in ["heads", &target, &other, &format!("{target}+1"), "+1"] {
                questions.push(question("up", &rows, at));
            }
            for at in ["base", &target, &other, &format!("{target}-1")] {
                questions.push(question("down", &rows, at));
            }
            // From several rows Alembic takes one of them and warns; we ask which.
            if rows.len() == 1 {
                questions.push(question("down", &rows, "-1"));
            }
            for at in ["base", &target, &other] {
                questions.push(question("stamp", &rows, at));
            }
            for label in labels {
                questions.push(question("stamp", &rows, &format!("{label}@base")));
                questions.push(question("up", &rows, &format!("{label}@heads")));
                questions.push(question("down", &rows, &format!("{label}@base")));
            }
            (graph.json(), graph.map(), questions)
        })
        .collect();
    let same = compare(&cases);
    assert!(same > 3000, "only {same} plans could be compared");
}

#[test]
fn real_graphs_are_walked_as_alembic_walks_them() {
    let Some(folder) = shared("graphs") else {
        eprintln!("left out: the graphs of public projects are not here");
        return;
    };
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let cases: Vec<_> = paths
        .iter()
        .map(|path| {
            let mut revisions: Vec<Value> =
                serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            revisions.sort_by_key(|revision| revision["file"].as_str().unwrap().to_owned());
            let list = |value: &Value| -> Vec<String> {
                value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
            };
            let nodes = revisions.iter().map(|revision| Node {
                id: revision["revision"].as_str().unwrap().to_owned(),
                down: list(&revision["down"]),
                depends_on: list(&revision["depends_on"]),
                labels: list(&revision["branch_labels"]),
            });
            let graph = Graph { nodes: nodes.collect() };
            let map = graph.map();
            let heads: Vec<String> = map.effective_heads().iter().map(|r| r.id.clone()).collect();
            let mut questions = vec![
                question("heads", &[], ""),
                question("branch points", &[], ""),
                question("history", &[], ""),
                question("up", &[], "heads"),
                question("down", &heads, "base"),
            ];
            for revision in map.revisions().step_by(9) {
                questions.push(question("up", std::slice::from_ref(&revision.id), "heads"));
                questions.push(question("down", &heads, &revision.id));
            }
            (graph.json(), map, questions)
        })
        .collect();
    let same = compare(&cases);
    assert!(same > 100, "only {same} plans could be compared");
}

/// 10,000 revisions with 500 merges: every walk has to be linear, also in a debug build.
#[test]
fn a_long_history_is_walked_in_no_time() {
    let id = |at: usize| format!("f{at:011x}");
    let node = |at: usize| {
        let down = match (at, at % 20) {
            (0, _) => Vec::new(),
            (_, 10) => vec![id(at - 10)],
            (_, 19) => vec![id(at - 1), id(at - 10)],
            _ => vec![id(at - 1)],
        };
        Node { id: id(at), down, depends_on: Vec::new(), labels: Vec::new() }
    };
    let graph = Graph { nodes: (0..10_000).map(node).collect() };
    let start = std::time::Instant::now();
    let map = graph.map();
    let head = vec![id(9_999)];
    let up = map.goal(Direction::Upgrade, &symbol("head"), &[]).unwrap();
    assert_eq!(map.transitions(&[], &up).unwrap().len(), 10_000);
    let down = map.goal(Direction::Downgrade, &symbol("base"), &head).unwrap();
    assert_eq!(map.transitions(&head, &down).unwrap().last().unwrap().to, Vec::<String>::new());
    assert_eq!(map.range(Some(&[id(5_000)]), Some(&head)).unwrap().len(), 5_000);
    assert_eq!(map.branch_points().len(), 500);
    let took = start.elapsed();
    assert!(took < std::time::Duration::from_secs(5), "{took:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// What runs, in which order, and what the version table has after each step: by rules that
    /// need no cleverness.
    #[test]
    fn plans_are_what_they_obviously_have_to_be(graph in graphs(), picks in any::<[Pick; 3]>()) {
        let map = graph.map();
        let rows = graph.rows(&picks[..2]);
        let target = graph.nodes[picks[2].index(graph.nodes.len())].id.clone();
        let have = graph.below(&rows);
        let want = graph.below(std::slice::from_ref(&target));
        let requires: BTreeMap<String, Vec<String>> = graph
            .nodes
            .iter()
            .map(|node| (node.id.clone(), node.down.iter().chain(&node.depends_on).cloned().collect()))
            .collect();

        let goal = map.goal(Direction::Upgrade, &symbol(&target), &rows).unwrap();
        let steps = map.transitions(&rows, &goal).unwrap();
        let ran: BTreeSet<String> = steps.iter().map(|step| step.revision.id.clone()).collect();
        prop_assert_eq!(&ran, &want.difference(&have).cloned().collect());
        let mut applied = have.clone();
        for step in &steps {
            prop_assert_eq!(&step.from, &graph.tops(&applied));
            prop_assert!(requires[&step.revision.id].iter().all(|id| applied.contains(id)));
            applied.insert(step.revision.id.clone());
            prop_assert_eq!(&step.to, &graph.tops(&applied));
        }

        let goal = map.goal(Direction::Downgrade, &symbol(&target), &rows).unwrap();
        let Ok(steps) = map.transitions(&rows, &goal) else {
            prop_assert!(!have.contains(&target));
            return Ok(());
        };
        let mut applied = have;
        for step in &steps {
            applied.remove(&step.revision.id);
            let alone = applied.iter().all(|id| !requires[id].contains(&step.revision.id));
            prop_assert!(alone, "{} is undone before what requires it", step.revision.id);
            prop_assert_eq!(&step.to, &graph.tops(&applied));
        }
        let stands = |id: &String| requires[id].contains(&target) && graph.nodes.iter().any(|n| n.id == *id && n.down.contains(&target));
        prop_assert!(!applied.iter().any(stands), "something still stands on {target}");
    }
}
