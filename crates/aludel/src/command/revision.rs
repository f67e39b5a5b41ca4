use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use aludel_compare::{AskedRename, Impossible, LikelyRename, Plan};
use aludel_dialect::{Dialect, Hazard, Step, TransactionClass};
use aludel_reflect::Uncompared;
use aludel_revision::{
    Direction, NewRevision, NewSection, Revision, RevisionMap, Symbol, check_id, new_id,
};

use crate::databases::named;
use crate::difference::Comparer;
use crate::error::Error;
use crate::project::Project;

/// The options of a new revision.
#[derive(Clone, Debug, Default)]
pub struct RevisionOptions {
    /// The message. Its first line becomes the first line of the file.
    pub message: String,
    /// Fills the revision with the differences between the models and the database.
    pub autogenerate: bool,
    /// The id; `None` for a random one.
    pub id: Option<String>,
    /// The parent, by any identifier; `None` for the only head.
    pub head: Option<Symbol>,
    /// Permits a parent that is not a head.
    pub splice: bool,
    /// The labels of the branch that begins at this revision.
    pub branch_labels: Vec<String>,
    /// Ids or labels of revisions on other branches that must be applied before this one.
    pub depends_on: Vec<String>,
    /// The folder of the file, if the project has several; `None` for the folder of the parent.
    pub folder: Option<PathBuf>,
    /// Renames, as `OLD=NEW`, which the models do not hint at.
    pub renames: Vec<String>,
    /// The dialects to compare; empty for all of the project. The sections of the others are gaps.
    pub dialects: Vec<String>,
}

/// What a request for a revision file has brought about.
#[derive(Debug)]
pub struct RevisionOutcome {
    /// The file; `None` if autogenerate finds no difference.
    pub file: Option<NewFile>,
    /// What autogenerate could not compare, because the server does not let the role ask.
    pub uncompared: Vec<Uncompared>,
    /// The event triggers that saw what was made for the comparison.
    pub seen_by: Vec<String>,
    /// The schema that the search path names first and that is not there.
    pub missing_schema: Option<String>,
    /// The renames that the plan suggests, and that nobody has asked for.
    pub likely_renames: Vec<LikelyRename>,
}

/// Decides whether a suggested rename is one. `None` stops the command before anything is written.
pub type Confirm<'a> = dyn FnMut(&LikelyRename) -> Option<bool> + Send + 'a;

/// A revision file that was written.
#[derive(Debug)]
pub struct NewFile {
    /// The id.
    pub id: String,
    /// The path of the file.
    pub path: PathBuf,
    /// The upgrade plan of each dialect; empty for a file to be filled in by hand.
    pub upgrades: Vec<DialectPlan>,
    /// Descriptions of what the upgrades destroy.
    pub destructive: Vec<String>,
}

/// The plan of one dialect.
#[derive(Debug)]
pub struct DialectPlan {
    /// The dialect.
    pub dialect: Dialect,
    /// The plan.
    pub plan: Plan,
}

/// Writes a revision file, unless autogenerate finds no difference. Each rename that the plan suggests
/// is confirmed or not by `confirm`.
///
/// # Errors
///
/// Fails if the revisions can't be read, if the parent does not resolve or is not permitted, if the
/// id is invalid or taken, if the comparison fails or finds a difference that no revision can bring
/// about, or if the file can't be written.
pub async fn revision(
    project: &Project,
    options: &RevisionOptions,
    confirm: &mut Confirm<'_>,
) -> Result<RevisionOutcome, Error> {
    let map = project.revisions()?;
    let down_revisions = down_revisions(&map, options)?;
    let id = free_id(project, &map, options.id.as_deref())?;
    let folder = folder(project, &map, &down_revisions, options.folder.as_deref())?;
    let mut found = Generated::default();
    if options.autogenerate {
        let renames = options.renames.iter().map(|text| AskedRename::parse(text));
        let renames = renames.collect::<Result<Vec<_>, _>>()?;
        let compared = compared(project, options)?;
        found = generate_asking(project, &map, renames, &compared, confirm).await?;
        if found.upgrades.iter().all(|upgrade| upgrade.plan.steps.is_empty()) {
            return Ok(found.outcome(None));
        }
    } else {
        found.sections = empty_sections();
    }
    let new = NewRevision {
        id: id.clone(),
        message: options.message.clone(),
        down_revisions,
        branch_labels: options.branch_labels.clone(),
        depends_on: options.depends_on.clone(),
        created: now(),
        sections: std::mem::take(&mut found.sections),
        ..NewRevision::default()
    };
    let path = write(project, &map, &new, &folder)?;
    let destructive = found.destructive();
    let upgrades = std::mem::take(&mut found.upgrades);
    Ok(found.outcome(Some(NewFile { id, path, upgrades, destructive })))
}

/// Returns the requested id, if it is free, or a random one.
pub(super) fn free_id(
    project: &Project,
    map: &RevisionMap,
    id: Option<&str>,
) -> Result<String, Error> {
    let id = match id {
        Some(id) => id.to_owned(),
        None => new_id(getrandom::u64().map_err(|error| Error::System {
            what: "can't get a random id from the system",
            source: std::io::Error::other(error),
        })?),
    };
    check_id(&id)?;
    match map.get(&id) {
        Some(taken) => Err(Error::IdTaken { id, path: project.shown(&taken.path) }),
        None => Ok(id),
    }
}

/// Returns the folder of a new file: the one that was named, that of a parent, or the only one.
pub(super) fn folder(
    project: &Project,
    map: &RevisionMap,
    parents: &[String],
    named: Option<&Path>,
) -> Result<PathBuf, Error> {
    let folders = project.revision_folders();
    if let Some(named) = named {
        let named = project.root.join(named);
        return match folders.contains(&named) {
            true => Ok(named),
            false => Err(Error::NotAFolder { path: project.shown(&named) }),
        };
    }
    let parent = parents.iter().find_map(|id| map.get(id)).and_then(|r| r.path.parent());
    match (parent, folders.as_slice()) {
        (_, [only]) => Ok(only.clone()),
        (Some(parent), _) => Ok(parent.to_owned()),
        (None, _) => Err(Error::SeveralFolders { folders: project.config.revisions.clone() }),
    }
}

/// Returns a section without SQL for each direction.
pub(super) fn empty_sections() -> Vec<NewSection> {
    [Direction::Upgrade, Direction::Downgrade]
        .map(|direction| NewSection { direction, dialect: None, body: String::new() })
        .to_vec()
}

pub(super) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(super) fn write(
    project: &Project,
    map: &RevisionMap,
    new: &NewRevision,
    folder: &Path,
) -> Result<PathBuf, Error> {
    let path = folder.join(new.file_name());
    check(project, map, new, &path)?;
    let failed = |source| Error::Io { action: "can't write", path: path.clone(), source };
    fs::create_dir_all(folder).map_err(failed)?;
    // An existing file is never overwritten.
    let mut file = fs::File::create_new(&path).map_err(failed)?;
    std::io::Write::write_all(&mut file, new.render().as_bytes()).map_err(failed)?;
    Ok(path)
}

/// Checks that a file can be read back and fits into the graph, because otherwise it would stop
/// every later command.
fn check(
    project: &Project,
    map: &RevisionMap,
    new: &NewRevision,
    path: &Path,
) -> Result<(), Error> {
    let shown = project.shown(path);
    let read = Revision::parse(&shown, new.render().into_bytes());
    let read = read.and_then(|revision| {
        revision.sections()?;
        Ok(revision)
    });
    let revision = read.map_err(|problem| Error::Files(vec![problem]))?;
    let all = map.revisions().cloned().chain([revision]).collect();
    RevisionMap::new(all).map(|_| ()).map_err(Error::Graph)
}

fn down_revisions(map: &RevisionMap, options: &RevisionOptions) -> Result<Vec<String>, Error> {
    let heads: Vec<String> = map.heads().iter().map(|revision| revision.id.clone()).collect();
    let Some(head) = &options.head else {
        return if heads.len() > 1 { Err(Error::MultipleHeads { heads }) } else { Ok(heads) };
    };
    let chosen = map.resolve(head, &[])?;
    check_heads(map, &chosen, options.splice)?;
    Ok(chosen)
}

/// Checks that the chosen revisions are heads, unless a new branch may begin at them.
pub(super) fn check_heads(map: &RevisionMap, chosen: &[String], splice: bool) -> Result<(), Error> {
    match chosen.iter().find(|id| !map.children(id).is_empty()) {
        Some(id) if !splice => Err(Error::NotAHead { revision: id.clone() }),
        _ => Ok(()),
    }
}

#[derive(Default)]
struct Generated {
    sections: Vec<NewSection>,
    upgrades: Vec<DialectPlan>,
    /// The descriptions of what the upgrades destroy, with the dialects of each.
    destructive: BTreeMap<String, Vec<Dialect>>,
    uncompared: Vec<Uncompared>,
    seen_by: Vec<String>,
    missing_schema: Option<String>,
    likely_renames: Vec<LikelyRename>,
}

/// Generates the sections, and again with each rename that is confirmed. A question is asked once.
async fn generate_asking(
    project: &Project,
    map: &RevisionMap,
    mut renames: Vec<AskedRename>,
    compared: &[Dialect],
    confirm: &mut Confirm<'_>,
) -> Result<Generated, Error> {
    let mut asked = BTreeSet::new();
    loop {
        let found = generate(project, map, &renames, compared).await?;
        let before = renames.len();
        for likely in &found.likely_renames {
            if asked.insert(likely.asked.clone()) && confirm(likely).ok_or(Error::NoAnswer)? {
                renames.push(AskedRename::parse(&likely.asked)?);
            }
        }
        if renames.len() == before {
            return Ok(found);
        }
    }
}

async fn generate(
    project: &Project,
    map: &RevisionMap,
    renames: &[AskedRename],
    compared: &[Dialect],
) -> Result<Generated, Error> {
    let dialects = project.dialects()?;
    let comparer = Comparer::new(project, map).renaming(renames);
    let mut found = Generated::default();
    for dialect in &dialects {
        if !compared.contains(dialect) {
            found.sections.extend(gaps(*dialect));
            continue;
        }
        let difference = comparer.compare(*dialect, true).await?;
        if !difference.upgrade.impossible.is_empty() {
            return Err(Error::Impossible(difference.upgrade.impossible));
        }
        let name = (dialects.len() > 1).then_some(dialect.name());
        for (direction, plan) in [
            (Direction::Upgrade, &difference.upgrade),
            (Direction::Downgrade, &difference.downgrade),
        ] {
            let body = match plan.impossible.as_slice() {
                [] => body(&plan.steps),
                reasons => irreversible(reasons),
            };
            found.sections.push(NewSection { direction, dialect: name, body });
        }
        for text in BTreeSet::from_iter(difference.destructive()) {
            found.destructive.entry(text).or_default().push(*dialect);
        }
        found.uncompared.extend(difference.uncompared);
        found.seen_by.extend(difference.seen_by);
        found.missing_schema = found.missing_schema.or(difference.missing_schema);
        for likely in difference.upgrade.likely_renames() {
            if found.likely_renames.iter().all(|known| known.asked != likely.asked) {
                found.likely_renames.push(likely);
            }
        }
        found.upgrades.push(DialectPlan { dialect: *dialect, plan: difference.upgrade });
    }
    Ok(found)
}

impl Generated {
    fn outcome(self, file: Option<NewFile>) -> RevisionOutcome {
        let Self { uncompared, seen_by, missing_schema, likely_renames, .. } = self;
        RevisionOutcome { file, uncompared, seen_by, missing_schema, likely_renames }
    }

    /// Returns the descriptions of what the upgrades destroy. One that is not true of all dialects names its own.
    fn destructive(&self) -> Vec<String> {
        let one = |(text, of): (&String, &Vec<Dialect>)| match of.len() == self.upgrades.len() {
            true => text.clone(),
            false => {
                let names: Vec<&str> = of.iter().map(|dialect| dialect.name()).collect();
                format!("{}: {text}", names.join(", "))
            }
        };
        self.destructive.iter().map(one).collect()
    }
}

/// Returns the dialects of a project that are compared.
fn compared(project: &Project, options: &RevisionOptions) -> Result<Vec<Dialect>, Error> {
    let all = project.dialects()?;
    let named: Vec<Dialect> =
        options.dialects.iter().map(|name| named(name)).collect::<Result<_, _>>()?;
    match named.iter().find(|dialect| !all.contains(dialect)) {
        Some(other) => Err(Error::NotADialect {
            dialect: other.name(),
            dialects: all.iter().map(|dialect| dialect.name().to_owned()).collect(),
        }),
        None if named.is_empty() => Ok(all),
        None => Ok(named),
    }
}

/// Returns the sections of a dialect that was not compared.
fn gaps(dialect: Dialect) -> [NewSection; 2] {
    let name = dialect.name();
    let body = format!("-- aludel: missing: it was written without a {name} database");
    [Direction::Upgrade, Direction::Downgrade].map(|direction| NewSection {
        direction,
        dialect: Some(name),
        body: body.clone(),
    })
}

/// Returns the directive for a direction that no operation can bring about.
fn irreversible(reasons: &[Impossible]) -> String {
    let reasons: Vec<String> =
        reasons.iter().map(|reason| format!("{}: {}", reason.object, reason.reason)).collect();
    format!("-- aludel: irreversible: {}", reasons.join("; "))
}

/// Returns steps as the body of a section, with the notes of a step above its statements.
pub(crate) fn body(steps: &[Step]) -> String {
    let mut out = String::new();
    for step in steps {
        let notes: Vec<String> = step.hazards.iter().filter_map(Hazard::note).collect();
        let alone = step.class == TransactionClass::Alone;
        for (at, sql) in step.statements.iter().enumerate() {
            let noted = at == 0 && !notes.is_empty();
            let apart = noted || alone || sql.contains('\n');
            if apart && !out.is_empty() && !out.ends_with("\n\n") {
                out.push('\n');
            }
            for note in notes.iter().filter(|_| at == 0) {
                let _ = writeln!(out, "-- {note}");
            }
            if alone {
                out.push_str("-- aludel: no-transaction\n");
            }
            let _ = writeln!(out, "{sql};");
            if apart {
                out.push('\n');
            }
        }
    }
    out.trim_end().to_owned()
}
