//! Cases of edits: a database, an edit of the models, and what is right. `cases/README.md` explains
//! the format.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A case. The texts are files of its own in a case that is a folder, and keys in a suite.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The name of the folder, or the names of the suite and of the table in it.
    #[serde(skip)]
    pub name: String,
    /// The situation in a sentence.
    pub title: String,
    /// The sort of fault.
    #[serde(default)]
    pub kind: String,
    /// The place where such a situation was reported.
    pub source: Option<String>,
    /// The databases in which the case has to hold.
    #[serde(default)]
    pub dialects: Vec<CaseDialect>,
    /// The oldest version of PostgreSQL that has what the case needs.
    pub since: Option<u32>,
    /// The outcomes that are right.
    #[serde(default = "works")]
    pub outcome: Vec<CaseOutcome>,
    /// Words that comments of the upgrade have.
    #[serde(default)]
    pub marks: Vec<String>,
    /// Words that comments of the upgrade do not have.
    #[serde(default)]
    pub no_marks: Vec<String>,
    /// Words of the refusal, or else of the revision file or the output; `a|b` is one of them.
    #[serde(default)]
    pub names: Vec<String>,
    /// Texts that the revision file does not contain.
    #[serde(default)]
    pub never: Vec<String>,
    /// The requirement for the way back.
    #[serde(default)]
    pub downgrade: CaseDowngrade,
    /// Queries after the upgrade, and their answers.
    #[serde(default)]
    pub ask: Vec<(String, String)>,
    /// The same in place of `ask` on SQLite.
    pub ask_sqlite: Option<Vec<(String, String)>>,
    /// The same, if the upgrade is marked neither as lossy nor as destructive.
    #[serde(default)]
    pub ask_unmarked: Vec<(String, String)>,
    /// The same after a downgrade that ran.
    #[serde(default)]
    pub after_downgrade: Vec<(String, String)>,
    /// Renames that the revision of the edit is asked for.
    #[serde(default)]
    pub rename: Vec<String>,
    /// Old and new texts in reflected models.
    #[serde(default)]
    pub edit: Vec<(String, String)>,
    /// Text around `before` and `after`, which take the place of its line `...`.
    pub frame: Option<String>,
    /// The models of the first revision.
    pub before: Option<String>,
    /// The models after the edit.
    pub after: Option<String>,
    /// SQL that is run on the empty database.
    pub pre: Option<String>,
    /// The object file of the project before the edit.
    pub objects_before: Option<String>,
    /// The object file of the project after the edit; that of before if it is missing.
    pub objects_after: Option<String>,
    /// SQL that makes objects of others, after the first upgrade.
    pub objects: Option<String>,
    /// SQL that inserts rows, after the objects of others.
    pub rows: Option<String>,
    /// SQL of a database that was made by hand.
    pub schema: Option<String>,
}

/// A database that cases run in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseDialect {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

/// Something that may happen in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseOutcome {
    /// A revision is written, applies, and all questions have their answers.
    Works,
    /// No revision is written for the edit.
    Refused,
    /// No revision is written for the first models.
    #[serde(rename = "refused first")]
    RefusedFirst,
    /// The revision says on which rows it fails, and fails on them.
    #[serde(rename = "fails if")]
    FailsIf,
    /// A round trip leaves something out, and names it.
    Named,
    /// The edit is no difference: no revision is needed.
    Nothing,
}

/// The requirement for a downgrade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseDowngrade {
    /// It runs, and the schema is as before.
    #[default]
    Exact,
    /// It may fail or lead elsewhere, if a comment says so.
    Marked,
}

/// A file of many cases. Its own keys hold for each of them that does not say otherwise.
#[derive(Debug, Deserialize)]
struct Suite {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    dialects: Vec<CaseDialect>,
    frame: Option<String>,
    #[serde(flatten)]
    cases: BTreeMap<String, Case>,
}

fn works() -> Vec<CaseOutcome> {
    vec![CaseOutcome::Works]
}

impl Case {
    /// Reads all cases of a folder, by their names: its folders are a case each, and its files
    /// `*.toml` are suites.
    #[expect(clippy::panic, reason = "this is how a test fails")]
    pub fn all(folder: &Path) -> Vec<Self> {
        let mut cases = Vec::new();
        for path in entries(folder) {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                cases.push(Self::from_folder(name, &path));
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                cases.extend(suite(&name, &path));
            }
        }
        for case in &cases {
            if let Some(fault) = case.fault() {
                panic!("case {}: {fault}", case.name);
            }
        }
        cases
    }

    fn from_folder(name: String, folder: &Path) -> Self {
        let mut case: Self = parse(&folder.join("expect.toml"));
        let file = |name: &str| fs::read_to_string(folder.join(name)).ok();
        case.name = name;
        case.before = file("before.rs");
        case.after = file("after.rs");
        case.pre = file("pre.sql");
        case.objects_before = file("objects_before.sql");
        case.objects_after = file("objects_after.sql");
        case.objects = file("objects.sql");
        case.rows = file("rows.sql");
        case.schema = file("schema.sql");
        case
    }

    /// Returns what is wrong with the case itself.
    fn fault(&self) -> Option<&'static str> {
        let edits = self.after.is_some() || self.objects_after.is_some() || !self.edit.is_empty();
        if self.dialects.is_empty() {
            Some("it names no dialect")
        } else if !edits && self.schema.is_none() {
            Some("it has neither an edit nor a schema")
        } else if self.schema.is_some() && self.before.is_some() {
            Some("it has both a schema and models from before the edit")
        } else {
            None
        }
    }

    /// Returns the questions after the upgrade in a dialect.
    pub fn questions(&self, dialect: CaseDialect) -> &[(String, String)] {
        match (dialect, &self.ask_sqlite) {
            (CaseDialect::Sqlite, Some(questions)) => questions,
            (CaseDialect::Sqlite | CaseDialect::Postgres, _) => &self.ask,
        }
    }

    /// Returns true if something may happen.
    pub fn allows(&self, outcome: CaseOutcome) -> bool {
        self.outcome.contains(&outcome)
    }
}

fn suite(name: &str, path: &Path) -> Vec<Case> {
    let suite: Suite = parse(path);
    let cases = suite.cases.into_iter().map(|(own, mut case)| {
        case.name = format!("{name}/{own}");
        if case.kind.is_empty() {
            case.kind.clone_from(&suite.kind);
        }
        if case.dialects.is_empty() {
            case.dialects.clone_from(&suite.dialects);
        }
        if let Some(frame) = case.frame.as_ref().or(suite.frame.as_ref()) {
            let framed = |text: String| frame.replace("...", &text);
            case.before = case.before.take().map(framed);
            case.after = case.after.take().map(framed);
        }
        case
    });
    cases.collect()
}

#[expect(clippy::panic, reason = "this is how a test fails")]
fn parse<T: for<'de> Deserialize<'de>>(path: &Path) -> T {
    let text = fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("can't read {}: {error}", path.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[expect(clippy::panic, reason = "this is how a test fails")]
fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
    };
    let mut paths =
        read().unwrap_or_else(|error| panic!("can't read {}: {error}", folder.display()));
    paths.sort();
    paths
}
