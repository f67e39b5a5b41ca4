//! Reports of failures, in three parts: the problem, its place, and a remedy.

use std::path::Path;

use aludel::{Error, FileProblem, GraphError, ModelError, UnknownUrl, header_line};

use crate::failure::{Context, Failure};
use crate::import_report;
use crate::report_text::{
    AHEAD, AROUND_URL, FILES, Report, ReportPlace, URL, from, list, placed, placed_in, resolve,
    server_facts, three,
};
use crate::run_report;
use crate::server_help::of_driver;

/// Returns the reports of a failure: one, or one for each problem in files.
pub(crate) fn report(failure: &Failure) -> Vec<Report> {
    match failure {
        Failure::Command { error, context } => of_error(error, context),
        other => vec![of_program(other)],
    }
}

/// Returns the reports of an error of a command.
pub(crate) fn of_error(error: &Error, context: &Context) -> Vec<Report> {
    match error {
        Error::Models(problems) => models(problems, &context.root),
        Error::Files(problems) => files(problems, &context.root),
        Error::Import(error) => import_report::import(error, &context.root),
        error => vec![command(error, context)],
    }
}

/// Returns the report of a failure of the program itself.
fn of_program(failure: &Failure) -> Report {
    match failure {
        Failure::NoConfig { from } => three(
            "there is no aludel.toml",
            &[format!("looked in {} and the folders above", from.display())],
            "start with `aludel init`, or name the file: `aludel -c FILE …`",
        ),
        Failure::NoFolder { path } => {
            three("there is no such folder", &[path.display().to_string()], "see `-C DIR`")
        }
        Failure::ReadConfig { path, source } => {
            let what = format!("can't read {}", path.display());
            let place = Some(ReportPlace::without_text(&what, path, None));
            Report { place, ..three(&what, &[source.to_string()], "see `-c FILE` and `-C DIR`") }
        }
        Failure::BadConfig { path, text, error } => {
            let shown = path.file_name().map_or(path.as_path(), Path::new);
            let report = match error.at {
                Some((line, column)) => {
                    let text = without_passwords(text);
                    placed_in(&error.message, &text, shown, line, Some(column))
                }
                None => Report {
                    place: Some(ReportPlace::without_text(&error.message, shown, None)),
                    ..three(&error.message, &[format!("in {}", path.display())], "")
                },
            };
            Report { help: "docs/configuration.md lists every key".to_owned(), ..report }
        }
        Failure::Interrupted { committing } => interrupted(*committing),
        Failure::Unanswered => three(
            "interrupted: the question has no answer",
            &["nothing was changed".to_owned()],
            "answer it, or name the template: `aludel init --template NAME`",
        ),
        Failure::NothingToEdit { symbol } => three(
            &match symbol.as_str() {
                "current" => "No current revisions".to_owned(),
                symbol => format!("No revision files indicated by symbol '{symbol}'"),
            },
            &[],
            "`aludel history` lists every revision",
        ),
        Failure::NotLocal { database } => nothing_dropped(
            &format!("{database} is not on this machine"),
            "pass --force if it is the one that you mean; it also ends the sessions of others",
        ),
        Failure::Protected { database, why } => nothing_dropped(
            &format!("{database} seems to be no database for development: {why}"),
            "pass --force if it is the one that you mean; it also ends the sessions of others",
        ),
        Failure::NoConsent { what } => nothing_dropped(
            &format!("nobody has agreed to {what}"),
            "answer the question, or pass --yes",
        ),
        Failure::RowsAtStake { rows } => rows_at_stake(rows),
        Failure::NoEditor => no_editor(None),
        Failure::Editor { editor, source } => no_editor(Some((editor, source))),
        // `report` reports these on its own.
        Failure::Command { error, .. } => three(&error.to_string(), &[], ""),
    }
}

/// Returns the report of a downgrade that nobody has agreed to.
fn rows_at_stake(rows: &[String]) -> Report {
    let mut facts = rows.to_vec();
    facts.push("nothing was changed".to_owned());
    let what = "the downgrade undoes a first revision, and nobody has agreed to lose rows";
    three(what, &facts, "answer the question in a terminal, or pass --yes")
}

/// Returns the report of a database that stays.
fn nothing_dropped(what: &str, help: &str) -> Report {
    three(what, &["nothing was changed".into()], help)
}

/// Returns the report of an editor that can't be used.
fn no_editor(failure: Option<(&str, &std::io::Error)>) -> Report {
    match failure {
        Some((editor, source)) => three(
            &format!("the editor `{editor}` failed"),
            &[source.to_string()],
            "see VISUAL and EDITOR",
        ),
        None => three(
            "there is no editor",
            &[],
            "set VISUAL or EDITOR, for instance to `vim` or `code --wait`",
        ),
    }
}

/// Returns the report of a program that did not wait for the database.
fn interrupted(committing: bool) -> Report {
    let transaction = match committing {
        true => {
            "COMMIT was sent and has no answer: whether the transaction is committed is not known"
        }
        false => {
            "no COMMIT is sent any more: the server rolls back the transaction that was running"
        }
    };
    three(
        "interrupted twice: ended without waiting for the database",
        &[transaction.into(), "the outcome of a statement outside a transaction is unknown".into()],
        "`aludel status` shows where the database is; the next run looks at what was begun",
    )
}

/// Returns the report of a URL that is not known. The file is not shown, because it has passwords.
fn unknown_url(unknown: &UnknownUrl) -> Report {
    let report = three(&unknown.message, &[], &unknown.help);
    let file = unknown.file.as_ref();
    let place = file.map(|file| ReportPlace::without_text(&unknown.message, file, unknown.line));
    Report { place, ..report }
}

fn command(error: &Error, context: &Context) -> Report {
    let root = context.root.as_path();
    let what = error.to_string();
    match error {
        Error::UnknownUrl(unknown) => unknown_url(unknown),
        Error::Url(error) if error.origin.is_some() => three(&what, &[], AROUND_URL),
        Error::Url(_) => three(&what, &from(context.source_of("")), URL),
        Error::Graph(problems) => {
            let root = format!("{}/", root.display());
            let facts: Vec<String> =
                problems.iter().map(|problem| problem.to_string().replace(&root, "")).collect();
            let place = problems.first().map(|problem| header(&what, problem, context));
            Report { place, ..three(&what, &facts, &graph_help(problems)) }
        }
        Error::Refused { path: Some(path), line, column, source, .. } => {
            let report = placed(&what, root, path, *line, Some(*column));
            let is_object = path.extension().is_some_and(|extension| extension == "sql");
            let help = if is_object {
                "the statement has to work on the tables that the models describe, as the upgrade leaves them"
            } else {
                "the attribute takes SQL as the database does"
            };
            Report { facts: server_facts(source), help: help.to_owned(), ..report }
        }
        Error::Driver(error) => of_driver(error, context),
        Error::Run(error) => run_report::run(error, context),
        Error::Resolve(error) => resolve(error),
        other => {
            let file = file(other).map(|path| path.strip_prefix(root).unwrap_or(path));
            let place = file.map(|file| ReportPlace::without_text(&what, file, None));
            Report { place, ..three(&what, &facts(other), help(other)) }
        }
    }
}

/// Returns the file that an error is about as a whole.
fn file(error: &Error) -> Option<&Path> {
    match error {
        Error::Io { path, .. }
        | Error::Exists { path, .. }
        | Error::IdTaken { path, .. }
        | Error::NotSqlite { path }
        | Error::OtherUrl { path } => Some(path),
        _ => None,
    }
}

/// Returns the place of the header that causes a problem of the graph.
fn header(what: &str, problem: &GraphError, context: &Context) -> ReportPlace {
    let (path, key) = problem.header();
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let shown = path.strip_prefix(&context.root).unwrap_or(path);
    ReportPlace::without_text(what, shown, header_line(&text, key))
}

/// Returns the remedy for a broken graph. A file that is gone may be in the journal.
fn graph_help(problems: &[GraphError]) -> String {
    let missing = problems.iter().find_map(|problem| match problem {
        GraphError::Missing { missing, .. } => Some(missing),
        GraphError::Duplicate { .. }
        | GraphError::Cycle { .. }
        | GraphError::ReplacesItself { .. }
        | GraphError::ReplacedTwice { .. }
        | GraphError::DuplicateLabel { .. } => None,
    });
    let back = missing.map(|id| {
        format!("; `aludel log --revision {id} --text` prints the text of one that was applied")
    });
    format!(
        "mend the headers of these files, or bring the missing files back{}",
        back.unwrap_or_default()
    )
}

fn models(problems: &[ModelError], root: &Path) -> Vec<Report> {
    let each = problems.iter().map(|problem| {
        let at = problem.at;
        let (line, column) = (at.line as usize, Some(at.column as usize));
        let report = placed(&problem.message, root, &problem.path, line, column);
        Report { help: problem.help.clone().unwrap_or_default(), ..report }
    });
    each.collect()
}

fn files(problems: &[FileProblem], root: &Path) -> Vec<Report> {
    let each = problems.iter().map(|p| placed(&p.message, root, &p.path, p.line, None));
    let mut reports: Vec<Report> = each.collect();
    // The remedy is the same for all of them.
    reports.last_mut().into_iter().for_each(|last| FILES.clone_into(&mut last.help));
    reports
}

fn unknown_in(database: &str, unknown: &[String]) -> Vec<String> {
    let unknown = unknown.join(", ");
    vec![
        format!("database: {database}"),
        format!("its version table has {unknown}, and no revision file has that id"),
    ]
}

/// Returns where a database is that is not at the heads.
fn behind(database: &str, current: &[String], heads: &[String]) -> Vec<String> {
    vec![
        format!("database: {database}"),
        format!("current:  {}", list(current)),
        format!("head:     {}", list(heads)),
    ]
}

fn facts(error: &Error) -> Vec<String> {
    match error {
        Error::NotUpToDate { database, current, heads } => behind(database, current, heads),
        Error::UnknownInDatabase { unknown, database } => unknown_in(database, unknown),
        Error::NotADialect { dialects, .. } => {
            vec![format!("it has revisions for {}", dialects.join(", "))]
        }
        Error::NoTable { tables, .. } => vec![format!("tables: {}", tables.join(", "))],
        Error::NoModels { patterns } | Error::NoDeclarations { patterns, .. } => {
            vec![format!("looked in {}", patterns.join(", "))]
        }
        Error::SeveralFolders { folders } => vec![format!("folders: {}", folders.join(", "))],
        Error::NothingToMerge { revisions } if !revisions.is_empty() => {
            vec![format!("named: {}", revisions.join(", "))]
        }
        Error::MultipleHeads { heads } => vec![format!("heads: {}", heads.join(", "))],
        Error::NotSqlite { .. }
        | Error::FileInUse { .. }
        | Error::FileStays { .. }
        | Error::OtherTemplate { .. }
        | Error::OtherUrl { .. } => vec!["nothing was changed".to_owned()],
        Error::Impossible(differences) => {
            differences.iter().map(|d| format!("{}: {}", d.object, d.reason)).collect()
        }
        // Their messages say all that is known.
        Error::Url(_)
        | Error::CantRename(_)
        | Error::Driver(_)
        | Error::Run(_)
        | Error::Import(_)
        | Error::Resolve(_)
        | Error::Symbol(_)
        | Error::InvalidId(_)
        | Error::Io { .. }
        | Error::Pattern { .. }
        | Error::System { .. }
        | Error::NoUrl
        | Error::UnknownUrl(_)
        | Error::NoDatabaseName
        | Error::NoDialect { .. }
        | Error::NoDatabaseFor { .. }
        | Error::StandIn { .. }
        | Error::Models(_)
        | Error::Files(_)
        | Error::Graph(_)
        | Error::NoAnswer
        | Error::NoText { .. }
        | Error::NotAHead { .. }
        | Error::NotAFolder { .. }
        | Error::NoTemplate { .. }
        | Error::NothingToMerge { .. }
        | Error::RangeNotAllowed
        | Error::NoScript { .. }
        | Error::CantSquash { .. }
        | Error::CantRebase { .. }
        | Error::IdTaken { .. }
        | Error::Refused { .. }
        | Error::Exists { .. } => Vec::new(),
    }
}

/// The remedy for a dialect without a database.
const NO_DATABASE_FOR: &str = "name one that is up to date: postgres_url under [database] in \
    aludel.toml; or write the revision for the other dialect and leave a gap in it: `--dialect sqlite`";

/// The remedy for a PostgreSQL server that does not answer.
const NO_POSTGRES: &str = "postgres_url under [database] in aludel.toml names it; without that \
    server, `--dialect sqlite` writes the revision for SQLite and leaves a gap in it";

/// Returns the remedy for a database that is behind.
fn not_up_to_date(heads: &[String]) -> &'static str {
    match heads {
        [] | [_] => {
            "apply what is missing first: `aludel upgrade head` (another database than the \
             configured one: with `--database-url`)"
        }
        _ => "apply what is missing first: `aludel upgrade heads`",
    }
}

/// The remedy for a project without a database.
const NO_URL: &str =
    "set DATABASE_URL (in the environment or in .env), or `url` under [database] in aludel.toml";

/// The remedy for patterns that find no models.
const NO_MODELS: &str = "a model is a struct with #[derive(Table)]; `models` in aludel.toml says where they are. \
    To go on without any would mean to drop every table";

/// The remedy for a range that can't be one revision.
const CANT_SQUASH: &str =
    "a range is a line of revisions from which no other branch goes: `aludel history --graph`";

/// The remedy for a branch that can't be moved.
const CANT_REBASE: &str =
    "`aludel history --graph` shows the branches; `aludel merge` joins what can't be moved";

/// The remedy for a template and a URL of two databases.
const OTHER_TEMPLATE: &str =
    "leave --template out for that of the URL, or --database-url for that of the template";

/// The remedy for a file that states another URL.
const OTHER_URL: &str =
    "leave --database-url out to keep what the file says, or take DATABASE_URL out of the file";

/// The remedy for a script without its two ends.
const NO_SCRIPT: &str = "name both ends by ids, head or base: `aludel downgrade ae10:base --sql`";

/// The remedy for several heads.
const MULTIPLE_HEADS: &str =
    "join them: `aludel merge heads`; or name one: `aludel revision --head ID …`";

/// The remedy for a file that is no database.
const NOT_SQLITE: &str =
    "name the file of the database in the URL; one that is none is yours to remove";

const NO_DATABASE_NAME: &str =
    "write it at the end: postgresql://user@host:5432/NAME, or sqlite:FILE";

const FILE_IN_USE: &str =
    "end the program that uses it, or pass --force to remove the file all the same";

fn help(error: &Error) -> &'static str {
    match error {
        Error::NoUrl => NO_URL,
        Error::NoDatabaseName => NO_DATABASE_NAME,
        Error::NoDatabaseFor { .. } => NO_DATABASE_FOR,
        Error::StandIn { dialect: "postgres", .. } => NO_POSTGRES,
        Error::StandIn { .. } => "sqlite_url under [database] in aludel.toml names it",
        Error::NotADialect { .. } => "`dialects` under [database] in aludel.toml lists them",
        Error::NoText { .. } => "`aludel log -n 0` lists the revisions that ran on this database",
        Error::NoModels { .. } => NO_MODELS,
        Error::NoDeclarations { .. } => {
            "name schema.rs for diesel, the folder of entities for SeaORM"
        }
        Error::NoAnswer => "say it without a question: `--rename OLD=NEW`",
        Error::NotUpToDate { heads, .. } => not_up_to_date(heads),
        Error::UnknownInDatabase { .. } => AHEAD,
        Error::MultipleHeads { .. } => MULTIPLE_HEADS,
        Error::SeveralFolders { .. } | Error::NotAFolder { .. } => {
            "`revisions` in aludel.toml lists the folders: `--version-path DIR` names one"
        }
        Error::NothingToMerge { .. } => "`aludel heads` lists what can be merged",
        Error::NoTemplate { .. } => "`aludel list-templates` lists them",
        Error::NoScript { .. } => NO_SCRIPT,
        Error::RangeNotAllowed => "a range is for `--sql`, which prints and runs nothing",
        Error::CantSquash { .. } => CANT_SQUASH,
        Error::CantRebase { .. } => CANT_REBASE,
        Error::NotAHead { .. } => "`aludel heads` lists them",
        Error::IdTaken { .. } => "leave --rev-id out for a random one",
        Error::Exists { can_force: true, .. } => {
            "the file is left as it is; choose another path, or pass --force"
        }
        Error::Exists { can_force: false, .. } => {
            "the file is left as it is; move it away, or choose another folder"
        }
        Error::OtherTemplate { .. } => OTHER_TEMPLATE,
        Error::OtherUrl { .. } => OTHER_URL,
        Error::NotSqlite { .. } => NOT_SQLITE,
        Error::FileInUse { .. } => FILE_IN_USE,
        Error::FileStays { .. } => "take `mode=…` out of the URL if that is what you mean",
        Error::InvalidId(_) => "leave --rev-id out for a random one",
        Error::NoTable { .. } => {
            "write the name as the database has it, with its schema if it has one"
        }
        Error::Url(_)
        | Error::Driver(_)
        | Error::UnknownUrl(_)
        | Error::Run(_)
        | Error::Import(_)
        | Error::Resolve(_)
        | Error::Symbol(_)
        | Error::Io { .. }
        | Error::Pattern { .. }
        | Error::System { .. }
        | Error::NoDialect { .. }
        | Error::Models(_)
        | Error::Files(_)
        | Error::Graph(_)
        | Error::Refused { .. }
        | Error::CantRename(_)
        | Error::Impossible(_) => "",
    }
}

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
