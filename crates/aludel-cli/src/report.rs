//! Reports of failures, in three parts: the problem, its place, and a remedy.

use std::path::Path;

use aludel::{
    ConnectError, DriverError, Error, ModelError, ResolveError, RunError, StatementFailure,
};

use crate::failure::Failure;
use crate::output::{BAD, BOLD, HELP, styled};
use crate::snippet;

/// Returns the report of a failure.
pub(crate) fn report(failure: &Failure) -> String {
    match failure {
        Failure::NoConfig { from } => three(
            "there is no aludel.toml",
            &[format!("looked in {} and the folders above", from.display())],
            "start with `aludel init`, or name the file: `aludel -c FILE …`",
        ),
        Failure::NoFolder { path } => {
            three("there is no such folder", &[path.display().to_string()], "see `-C DIR`")
        }
        Failure::ReadConfig { path, source } => three(
            &format!("can't read {}", path.display()),
            &[source.to_string()],
            "see `-c FILE` and `-C DIR`",
        ),
        Failure::BadConfig { path, text, error } => {
            let shown = path.file_name().map_or(path.as_path(), Path::new);
            let head = match error.at {
                Some((line, column)) => {
                    let text = without_passwords(text);
                    snippet::in_text(&error.message, &text, shown, line, Some(column))
                }
                None => three(&error.message, &[format!("in {}", path.display())], ""),
            };
            with_help(head, "docs/configuration.md lists every key")
        }
        Failure::BadEnvironment { path, line, name } => {
            bad_environment(path, *line, name.as_deref())
        }
        Failure::NotUnicode { name } => three(
            &format!("the value of {name} is no text"),
            &[],
            "set it again, in UTF-8, or pass --database-url",
        ),
        Failure::Interrupted => {
            three("interrupted", &["the server may still be busy with the statement".into()], "")
        }
        Failure::NothingToEdit { symbol } => three(
            &match symbol.as_str() {
                "current" => "No current revisions".to_owned(),
                symbol => format!("No revision files indicated by symbol '{symbol}'"),
            },
            &[],
            "`aludel history` lists every revision",
        ),
        Failure::NoEditor => three(
            "there is no editor",
            &[],
            "set VISUAL or EDITOR, for instance to `vim` or `code --wait`",
        ),
        Failure::Editor { editor, source } => three(
            &format!("the editor `{editor}` failed"),
            &[source.to_string()],
            "see VISUAL and EDITOR",
        ),
        Failure::Command { error, root } => command(error, root),
    }
}

/// Formats `error: what`, facts, and `help: what to do`.
fn three(what: &str, facts: &[String], help: &str) -> String {
    let mut out = format!("{} {}", styled(BAD, "error:"), styled(BOLD, what));
    for fact in facts.iter().filter(|fact| !fact.is_empty()) {
        out.push_str("\n  ");
        out.push_str(&fact.replace('\n', "\n  "));
    }
    with_help(out, help)
}

fn with_help(mut report: String, help: &str) -> String {
    if !help.is_empty() {
        report.push_str(&format!("\n{} {help}", styled(HELP, "help:")));
    }
    report
}

fn list(ids: &[String]) -> String {
    if ids.is_empty() { "base".to_owned() } else { ids.join(", ") }
}

fn bad_environment(path: &Path, line: Option<usize>, name: Option<&str>) -> String {
    let fact = match (line, name) {
        (Some(line), Some(name)) => format!("line {line} is not understood: {name}=…"),
        (Some(line), None) => format!("line {line} is not understood"),
        (None, _) => "a line is not understood".to_owned(),
    };
    let help = "a line is NAME=value; a value with spaces or quotes stands in quotes";
    three(&format!("can't read {}", path.display()), &[fact], help)
}

fn command(error: &Error, root: &Path) -> String {
    let what = error.to_string();
    match error {
        Error::Models(problems) => models(problems, root),
        Error::Files(problems) => {
            let each =
                problems.iter().map(|p| snippet::snippet(&p.message, root, &p.path, p.line, None));
            with_help(each.collect::<Vec<_>>().join("\n\n"), FILES)
        }
        Error::Graph(problems) => {
            let root = format!("{}/", root.display());
            let facts: Vec<String> =
                problems.iter().map(|problem| problem.to_string().replace(&root, "")).collect();
            three(&what, &facts, "mend the headers of these files, or bring the missing files back")
        }
        Error::Refused { path: Some(path), line, column, source, .. } => {
            let facts = server_facts(source);
            let head = snippet::snippet(&what, root, path, *line, Some(*column));
            let is_object = path.extension().is_some_and(|extension| extension == "sql");
            let help = if is_object {
                "the statement has to work on the tables as the models describe them"
            } else {
                "the attribute takes SQL as the database does"
            };
            with_help(format!("{head}{}", indented(&facts)), help)
        }
        Error::Driver(DriverError::Connect(connect)) => three(&what, &[], &connect_help(connect)),
        Error::Driver(error) => three(&what, &server_facts(error), server_help(error)),
        Error::Run(error) => run(error, root),
        Error::Resolve(error) => resolve(error),
        other => three(&what, &facts(other), help(other)),
    }
}

fn models(problems: &[ModelError], root: &Path) -> String {
    let each = problems.iter().map(|problem| {
        let head = snippet::snippet(
            &problem.message,
            root,
            &problem.path,
            problem.at.line,
            Some(problem.at.column),
        );
        with_help(head, problem.help.as_deref().unwrap_or_default())
    });
    each.collect::<Vec<_>>().join("\n\n")
}

fn facts(error: &Error) -> Vec<String> {
    match error {
        Error::NotUpToDate { database, current, heads } => vec![
            format!("database: {database}"),
            format!("current:  {}", list(current)),
            format!("head:     {}", list(heads)),
        ],
        Error::UnknownInDatabase { unknown, database } => vec![
            format!("database: {database}"),
            format!(
                "its version table has {}, and no revision file has that id",
                unknown.join(", ")
            ),
        ],
        Error::NoModels { patterns } => vec![format!("looked in {}", patterns.join(", "))],
        Error::SeveralFolders { folders } => vec![format!("folders: {}", folders.join(", "))],
        Error::NothingToMerge { revisions } if !revisions.is_empty() => {
            vec![format!("named: {}", revisions.join(", "))]
        }
        Error::MultipleHeads { heads } => vec![format!("heads: {}", heads.join(", "))],
        Error::Impossible(differences) => {
            differences.iter().map(|d| format!("{}: {}", d.object, d.reason)).collect()
        }
        // Their messages say all that is known.
        Error::Url(_)
        | Error::CantRename(_)
        | Error::Driver(_)
        | Error::Run(_)
        | Error::Resolve(_)
        | Error::Symbol(_)
        | Error::InvalidId(_)
        | Error::Io { .. }
        | Error::NoUrl
        | Error::NoDialect { .. }
        | Error::NoDatabaseFor { .. }
        | Error::Models(_)
        | Error::Files(_)
        | Error::Graph(_)
        | Error::NotAHead { .. }
        | Error::NotAFolder { .. }
        | Error::NoTemplate { .. }
        | Error::NothingToMerge { .. }
        | Error::RangeNotAllowed
        | Error::CantSquash { .. }
        | Error::CantRebase { .. }
        | Error::IdTaken { .. }
        | Error::Refused { .. }
        | Error::Exists { .. } => Vec::new(),
    }
}

fn help(error: &Error) -> &'static str {
    match error {
        Error::NoUrl => {
            "set DATABASE_URL (in the environment or in .env), or `url` under [database] in aludel.toml"
        }
        Error::NoDatabaseFor { .. } => {
            "name one that is up to date: postgres_url under [database] in aludel.toml, or leave the dialect out"
        }
        Error::NoModels { .. } => {
            "a model is a struct with #[derive(Table)]; `models` in aludel.toml says where they are. \
             To go on without any would mean to drop every table"
        }
        Error::NotUpToDate { heads, .. } if heads.len() > 1 => {
            "apply what is missing first: `aludel upgrade heads`"
        }
        Error::NotUpToDate { .. } => {
            "apply what is missing first: `aludel upgrade head` (another database than the \
             configured one: with `--database-url`)"
        }
        Error::UnknownInDatabase { .. } => AHEAD,
        Error::MultipleHeads { .. } => {
            "join them: `aludel merge heads`; or name one: `aludel revision --head ID …`"
        }
        Error::SeveralFolders { .. } | Error::NotAFolder { .. } => {
            "`revisions` in aludel.toml lists the folders: `--version-path DIR` names one"
        }
        Error::NothingToMerge { .. } => "`aludel heads` lists what can be merged",
        Error::NoTemplate { .. } => "`aludel list-templates` lists them",
        Error::RangeNotAllowed => "a range is for `--sql`, which prints and runs nothing",
        Error::CantSquash { .. } => {
            "a range is a line of revisions from which no other branch goes: `aludel history --graph`"
        }
        Error::CantRebase { .. } => {
            "`aludel history --graph` shows the branches; `aludel merge` joins what can't be moved"
        }
        Error::NotAHead { .. } => "`aludel heads` lists them",
        Error::IdTaken { .. } => "leave --rev-id out for a random one",
        Error::Exists { .. } => {
            "the file is left as it is; choose another path, or pass --force where the command has it"
        }
        Error::Url(_) => "postgresql://user:password@host:5432/database, or sqlite:file.db",
        Error::InvalidId(_) => "leave --rev-id out for a random one",
        Error::Driver(_)
        | Error::Run(_)
        | Error::Resolve(_)
        | Error::Symbol(_)
        | Error::Io { .. }
        | Error::NoDialect { .. }
        | Error::Models(_)
        | Error::Files(_)
        | Error::Graph(_)
        | Error::Refused { .. }
        | Error::CantRename(_)
        | Error::Impossible(_) => "",
    }
}

const FILES: &str = "docs/configuration.md says what a revision file looks like";

/// Replaces everything between the user's name and the last `@` of a URL by stars, in every line.
/// Positions in the text do not change.
fn without_passwords(text: &str) -> String {
    let hide = |line: &str| {
        let (Some(begin), Some(end)) = (line.find("://"), line.rfind('@')) else {
            return line.to_owned();
        };
        let secret =
            line.get(begin + 3..end).and_then(|user| user.find(':')).map(|at| begin + 4 + at);
        match secret {
            Some(at) => {
                let stars = "*".repeat(line[at..end].chars().count());
                format!("{}{stars}{}", &line[..at], &line[end..])
            }
            None => line.to_owned(),
        }
    };
    text.split_inclusive('\n').map(hide).collect()
}

const AHEAD: &str = "the database is ahead of this code: get the code that has the revision. To undo what has no file \
                     here, as the journal remembers it: `aludel downgrade REV`, which shows it and asks, or `--from-journal`, which does not ask. If the schema \
                     is known to be at another revision, say so: `aludel stamp --purge REV`";

fn connect_help(error: &ConnectError) -> String {
    let help = match error.code.as_deref() {
        Some("28P01" | "28000") => "user, password or permission is wrong; see DATABASE_URL",
        Some("3D000") => "make the database first: `createdb NAME`",
        Some("53300") => "the server has no connection left",
        _ if error.target.starts_with("sqlite") => {
            "is the path right, is it a SQLite file, and does another program hold it?"
        }
        _ => "is the server running, and are host and port right? see DATABASE_URL",
    };
    help.to_owned()
}

fn resolve(error: &ResolveError) -> String {
    let what = error.to_string();
    match error {
        ResolveError::MultipleHeads { heads, .. } => {
            three(&what, &[format!("heads: {}", heads.join(", "))], "name one, or `heads` for all")
        }
        ResolveError::MultipleTargets { heads } => {
            three(&what, &[format!("heads: {}", heads.join(", "))], "name one, or `heads` for all")
        }
        ResolveError::AmbiguousWalk { .. } | ResolveError::AmbiguousStart { .. } => {
            three(&what, &[], "name one of them, or the branch: `LABEL@+1`, `REV@-1`")
        }
        ResolveError::NotInBranch { .. }
        | ResolveError::NoBranch(_)
        | ResolveError::NotOnBranch { .. } => {
            three(&what, &[], "`aludel history` shows labels and branches")
        }
        ResolveError::Replaced { by, .. } => {
            three(&what, &[], &format!("`aludel show {by}` is what stands for it"))
        }
        ResolveError::ReplacedGone { .. } => three(
            &what,
            &[],
            "bring the files back: a database that stands among them goes on by them",
        ),
        ResolveError::Overlap { .. } => three(
            &what,
            &["the version table has a row that another row implies".into()],
            "say where the database is: `aludel stamp --purge REV`",
        ),
        ResolveError::Ambiguous { .. } => three(&what, &[], "write more of the id"),
        ResolveError::NotBelow { current, .. } => three(
            &what,
            &[format!("current: {}", list(current))],
            "`aludel history -i` shows where the database is; to go up: `aludel upgrade`",
        ),
        ResolveError::Symbol(_) => {
            three(&what, &[], "there are head, heads, base, current, ids, +N, -N, ID+N, ID-N")
        }
        ResolveError::Unknown(_)
        | ResolveError::TooFar { .. }
        | ResolveError::Graph(_)
        | ResolveError::NoRange { .. } => three(
            &what,
            &[],
            "`aludel history` lists every revision; if that is empty, see `revisions` in aludel.toml",
        ),
    }
}

fn run(error: &RunError, root: &Path) -> String {
    let what = error.to_string();
    match error {
        RunError::Statement(failure) => statement(failure, root),
        RunError::Driver(DriverError::Connect(connect)) => {
            three(&what, &[], &connect_help(connect))
        }
        RunError::Driver(error) => three(&what, &server_facts(error), server_help(error)),
        RunError::Resolve(error) => resolve(error),
        RunError::File(problem) => {
            let shown = problem.path.strip_prefix(root).unwrap_or(&problem.path);
            with_help(snippet::snippet(&problem.message, root, shown, problem.line, None), FILES)
        }
        RunError::UnknownInDatabase { table, .. } => {
            three(&what, &[format!("it is in {table}, and no revision file has that id")], AHEAD)
        }
        RunError::Irreversible { .. } => {
            three(&what, &["nothing was changed".into()], "restore a backup, or write the section")
        }
        RunError::AtTheEnd { source, .. } if is_lost(source) => {
            three(&what, &[UNKNOWN.into()], AFTER_LOSS)
        }
        RunError::AtTheEnd { source, .. } => {
            let mut facts = server_facts(source);
            facts.push(
                "deferred constraints are checked there, and the version row is moved".into(),
            );
            facts.push("the transaction was rolled back".into());
            three(&what, &facts, "mend the revision, then run the command again")
        }
        other => {
            let (fact, help) = run_advice(other);
            three(&what, &[fact.into()], help)
        }
    }
}

/// Returns the state after a run that stopped, and a remedy.
fn run_advice(error: &RunError) -> (&'static str, &'static str) {
    const ROLLED_BACK: &str = "the revision was rolled back; the database is as it was before it";
    match error {
        RunError::Lock { .. } => {
            ("", "a runner locks a file beside the database while it runs; may it write there?")
        }
        RunError::Edited { .. } => {
            ("nothing was run", "put the files back, or accept them: `aludel stamp --rebless`")
        }
        RunError::NoBatchOffline { .. } => {
            ("", "run it by `aludel upgrade`, or print the range before it")
        }
        RunError::DoneStatementsChanged { .. } => (
            "those are done and were committed; the rest is not",
            "put them back as they were and mend what is behind them, or finish by hand and `aludel stamp REV`",
        ),
        RunError::Interrupted { .. } => {
            ("what ran before it stays applied", "run the command again to go on")
        }
        RunError::Damage { .. } => (
            ROLLED_BACK,
            "mend what is broken in the revision: change or delete the rows, or drop and create the view or trigger",
        ),
        RunError::VersionChanged { .. } => {
            (ROLLED_BACK, "that table is the runner's: take the statement out of the revision")
        }
        RunError::VersionMoved { .. } => (
            "what this run had not committed was rolled back",
            "see `aludel current`, then run the command again",
        ),
        // `run` reports these on its own.
        RunError::Driver(_)
        | RunError::Resolve(_)
        | RunError::File(_)
        | RunError::Statement(_)
        | RunError::UnknownInDatabase { .. }
        | RunError::Irreversible { .. }
        | RunError::AtTheEnd { .. } => ("", ""),
    }
}

/// The outcome of a transaction whose answers did not arrive. Its COMMIT may have been on its way.
const UNKNOWN: &str = "the connection was lost: whether the revision was committed is not known";

const AFTER_LOSS: &str =
    "`aludel current` shows it when the server answers again; then run the command again";

/// Returns true if the server did not answer, so that the outcome is not known.
fn is_lost(error: &DriverError) -> bool {
    match error {
        DriverError::Lost(_) => true,
        DriverError::Statement(_) | DriverError::Connect(_) | DriverError::Row(_) => false,
    }
}

fn statement(failure: &StatementFailure, root: &Path) -> String {
    let shown = failure.path.strip_prefix(root).unwrap_or(&failure.path);
    let title = failure.to_string();
    let mut facts = server_facts(&failure.source);
    if failure.alone {
        facts.push(
            "it ran outside a transaction: part of what it did may stay (an invalid index, for one)"
                .to_owned(),
        );
    }
    let lost = is_lost(&failure.source);
    if lost && !failure.alone {
        facts.push(UNKNOWN.to_owned());
    }
    if failure.stays > 0 {
        let statements = if failure.stays == 1 { "statement" } else { "statements" };
        facts.push(format!(
            "done before it, outside of its transaction: {} {statements}; the next run goes on behind",
            failure.stays
        ));
    } else if failure.alone {
        facts.push("nothing before it stays".to_owned());
    } else if !lost {
        facts.push("the revision was rolled back; the database is as it was before it".to_owned());
    }
    let head = snippet::snippet(&title, root, shown, failure.line + line_of(failure), None);
    let help = if lost {
        AFTER_LOSS
    } else if failure.source.is_cancelled() {
        "run the command again to go on"
    } else {
        "mend the revision, then run the command again"
    };
    with_help(format!("{head}{}", indented(&facts)), help)
}

/// Returns the line of the statement that the server points at, counted from 0.
fn line_of(failure: &StatementFailure) -> usize {
    let position = failure.source.statement().and_then(|error| error.position);
    position.map_or(0, |at| {
        failure.sql.chars().take(at.saturating_sub(1)).filter(|c| *c == '\n').count()
    })
}

fn indented(facts: &[String]) -> String {
    facts.iter().map(|fact| format!("\n  {}", fact.replace('\n', "\n  "))).collect()
}

/// Returns a remedy for an error of the database that is not caused by a revision's statement.
fn server_help(error: &DriverError) -> &'static str {
    match error.statement().map(|error| error.code.as_str()) {
        Some("42501") => "grant the role the right to do that, or connect as one that has it",
        Some("3F000") => "make the schema first, or set search_path for the role",
        Some("57014") => "run the command again to go on",
        _ => "",
    }
}

fn server_facts(error: &DriverError) -> Vec<String> {
    let Some(error) = error.statement() else { return Vec::new() };
    let mut facts = Vec::new();
    for (name, text) in
        [("detail", &error.detail), ("hint", &error.hint), ("context", &error.context)]
    {
        facts.extend(text.as_ref().map(|text| format!("{name}: {text}")));
    }
    if !error.code.is_empty() {
        facts.push(format!("code: {}", error.code));
    }
    facts
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use aludel::{Direction, DriverError, RunError};

    /// A lost connection leaves the outcome open; only an answer of the server settles it.
    #[test]
    fn rolled_back_is_said_only_where_it_is_known() {
        let report = |source| {
            let (revision, direction) = ("a1".to_owned(), Direction::Upgrade);
            super::run(&RunError::AtTheEnd { revision, direction, source }, Path::new("."))
        };
        let lost = report(DriverError::Lost("connection closed".to_owned()));
        assert!(lost.contains("is not known") && !lost.contains("rolled back"), "{lost}");
        let refused = report(DriverError::Statement(Box::default()));
        assert!(refused.contains("the transaction was rolled back"), "{refused}");
    }
}
