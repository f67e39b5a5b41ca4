//! The parts that reports share: their form, and the words for errors of connections and of
//! identifiers.

use std::path::{Path, PathBuf};

use aludel::{ConnectCause, ConnectError, DriverError, Overlap, ResolveError};

use crate::output::{BAD, BOLD, HELP, styled};
use crate::snippet;

/// The report of a problem: what it is, its place, facts about it, and a remedy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    pub(crate) message: String,
    /// The place in a file.
    pub(crate) place: Option<ReportPlace>,
    pub(crate) facts: Vec<String>,
    /// The remedy; empty if there is none.
    pub(crate) help: String,
}

/// The place of a problem in a file.
#[derive(Clone, Debug)]
pub(crate) struct ReportPlace {
    /// The path as it is shown.
    pub(crate) file: PathBuf,
    /// The line, counted from 1; `None` for the whole file.
    pub(crate) line: Option<usize>,
    /// The column, counted from 1; `None` for the whole line.
    pub(crate) column: Option<usize>,
    /// The message with an excerpt of the file.
    excerpt: String,
}

impl ReportPlace {
    /// Returns the place of a problem in a file whose text is not shown.
    pub(crate) fn without_text(message: &str, file: &Path, line: Option<usize>) -> Self {
        let excerpt = format!("{} {}", styled(BAD, "error:"), styled(BOLD, message));
        Self { file: file.to_owned(), line, column: None, excerpt }
    }
}

/// The place in one line, as compilers write it.
impl std::fmt::Display for ReportPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file.display())?;
        [self.line, self.column].into_iter().flatten().try_for_each(|number| write!(f, ":{number}"))
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            Some(place) => f.write_str(&place.excerpt)?,
            None => {
                write!(f, "{} {}", styled(BAD, "error:"), styled(BOLD, &self.message))?;
            }
        }
        for fact in self.facts.iter().filter(|fact| !fact.is_empty()) {
            write!(f, "\n  {}", fact.replace('\n', "\n  "))?;
        }
        if !self.help.is_empty() {
            write!(f, "\n{} {}", styled(HELP, "help:"), self.help)?;
        }
        Ok(())
    }
}

/// Returns a report without a place.
pub(crate) fn three(what: &str, facts: &[String], help: &str) -> Report {
    Report { message: what.to_owned(), place: None, facts: facts.to_vec(), help: help.to_owned() }
}

/// Returns a report with a place in a file of the project.
pub(crate) fn placed(
    what: &str,
    root: &Path,
    file: &Path,
    line: usize,
    column: Option<usize>,
) -> Report {
    let excerpt = snippet::snippet(what, root, file, line, column);
    let place = ReportPlace { file: file.to_owned(), line: Some(line), column, excerpt };
    Report { message: what.to_owned(), place: Some(place), ..Report::default() }
}

/// Returns a report with a place in a text.
pub(crate) fn placed_in(
    what: &str,
    text: &str,
    file: &Path,
    line: usize,
    column: Option<usize>,
) -> Report {
    let excerpt = snippet::in_text(what, text, file, line, column);
    let place = ReportPlace { file: file.to_owned(), line: Some(line), column, excerpt };
    Report { message: what.to_owned(), place: Some(place), ..Report::default() }
}

pub(crate) fn list(ids: &[String]) -> String {
    if ids.is_empty() { "base".to_owned() } else { ids.join(", ") }
}

pub(crate) const FILES: &str = "docs/configuration.md says what a revision file looks like";

pub(crate) const AHEAD: &str = "the database is ahead of this code: get the code that has the revision. To undo what has no file \
                     here, as the journal remembers it: `aludel downgrade REV`, which shows it and asks, or `--from-journal`, which does not ask. If the schema \
                     is known to be at another revision, say so: `aludel stamp --purge REV`";

/// Returns the fact that says where a URL comes from; none if that is not known.
pub(crate) fn from(source: &str) -> Vec<String> {
    match source {
        "" => Vec::new(),
        source => vec![format!("the URL comes from {source}")],
    }
}

/// The remedy for a URL that can't be read.
pub(crate) const URL: &str = "postgresql://user:password@host:5432/database, or sqlite:file.db";

/// The remedy for a variable, a service or a password file that can't be used.
pub(crate) const AROUND_URL: &str = "docs/configuration.md says what is taken from variables of libpq, services \
                          and the password file; a URL that states it itself goes first";

/// Returns the remedy for a connection that could not be opened.
pub(crate) fn connect_help(error: &ConnectError) -> String {
    let help = match error.cause {
        ConnectCause::Unreachable => "is the server running, and are host and port right?",
        ConnectCause::NameNotFound => {
            "is the name of the host spelled right, and does this machine reach its name server?"
        }
        ConnectCause::NotBound => {
            "write `sslmode=require` and a password by SCRAM, or take `channel_binding` or \
             PGCHANNELBINDING away"
        }
        ConnectCause::NoAnswer => {
            "something listens there that does not answer as PostgreSQL: are host and port right, and is \
             the server well?"
        }
        ConnectCause::Tls => "docs/configuration.md says what each sslmode asks of a server",
        ConnectCause::NoPassword => {
            "the server asks for a password: write it into the URL, PGPASSWORD or ~/.pgpass"
        }
        ConnectCause::OtherSession => {
            "name all hosts in the URL (`host1,host2`), or take `target_session_attrs` or \
             PGTARGETSESSIONATTRS away"
        }
        ConnectCause::Refused => return refused_help(error),
        ConnectCause::File => "is the path right, and is it a SQLite file?",
        ConnectCause::Locked => {
            "run the command again when the other program has ended its transaction"
        }
        ConnectCause::NoFolder => {
            "is the path right? `aludel database create` makes the folder and the file"
        }
        ConnectCause::NotHere => "",
    };
    help.to_owned()
}

/// Returns the remedy for a server that answered and refused.
fn refused_help(error: &ConnectError) -> String {
    let says = |words: &str| error.reason.contains(words);
    let help = match error.code.as_deref().unwrap_or_default() {
        // The entries of pg_hba.conf are for sessions with TLS, and this one had none.
        "28000" if says("no encryption") => {
            "if the server takes sessions by TLS only, write `sslmode=require` into the URL, or take \
             `sslmode=disable` or PGSSLMODE away; otherwise user or permission is wrong"
        }
        // A pooler has this code for each of its reasons.
        "08P01" if says("password") || says("auth failed") || says("no such user") => {
            "user or password is wrong, or the pooler in front of the server does not know the user"
        }
        "08P01" if says("no such database") || says("does not exist") => {
            "is the name of the database right, and does the pooler in front of the server know it?"
        }
        "28P01" | "28000" => "user, password or permission is wrong",
        "3D000" => return createdb(&error.target, &error.reason),
        "53300" => {
            "the server has no connection left for this: end sessions that nobody needs \
             (pg_stat_activity), or raise the limit (max_connections, CONNECTION LIMIT)"
        }
        "57P03" => "the server starts, stops or recovers: run the command again in a moment",
        "42501" => {
            "the role may not connect to this database: `GRANT CONNECT ON DATABASE … TO …`, or connect \
             as another one"
        }
        "22023" | "42601" | "42704" => {
            "the server does not take a setting: see `options` in the URL, or PGOPTIONS, PGTZ, \
             PGDATESTYLE and PGGEQO"
        }
        "08P01" => {
            "a pooler seems to refuse the session: connect to the server itself, or take `options` away"
        }
        _ => "",
    };
    help.to_owned()
}

/// Returns the commands that create the database of a URL without its password. Without a name in the URL,
/// it is the one that the server names in `reason`.
fn createdb(target: &str, reason: &str) -> String {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    let (authority, name) = rest.rsplit_once('/').unwrap_or((rest, ""));
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let user = user.split(':').next().unwrap_or_default();
    let servers = host.split(',').map(|server| {
        let parts = server.rsplit_once(':').filter(|(_, port)| !port.contains(']'));
        let (host, port) = parts.unwrap_or((server, ""));
        (host.trim_start_matches('[').trim_end_matches(']'), port)
    });
    let (hosts, ports): (Vec<&str>, Vec<&str>) = servers.unzip();
    let (host, port) = (hosts.join(","), ports.join(","));
    let options = [("-h", host.as_str()), ("-p", &port), ("-U", user)];
    let options = options.iter().filter(|(_, value)| !value.is_empty());
    let options: String =
        options.map(|(option, value)| format!("{option} {} ", in_shell(value))).collect();
    let tried = reason.split('"').nth(1).unwrap_or_default();
    let (name, begin) = match name {
        "" => (tried, "write the name of the database at the end of the URL, or create this one: "),
        name => (name, "create it: `aludel database create`, or "),
    };
    // A name that begins with a dash is no option behind two of them.
    let end = if name.starts_with('-') { "-- " } else { "" };
    format!("{begin}`createdb {options}{end}{}`", in_shell(name))
}

/// Returns a word as a shell reads it back.
fn in_shell(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:,@%+".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// The remedy for several heads.
const SEVERAL_HEADS: &str = "name one, or `heads` for all; `aludel merge heads` joins them, `aludel \
    rebase REV` puts one onto the other, and `aludel history --graph` shows them";

/// Returns the report of a step that may go to several revisions.
fn ambiguous_walk(what: &str, symbol: &str, at: &str, candidates: &[String]) -> Report {
    let first = candidates.first().map_or("REV", String::as_str);
    let help = format!(
        "name one of them, as in `{first}`, to go there and leave the other branches as they are; \
         `aludel history --graph` shows them"
    );
    let how = if symbol.contains('+') { "part" } else { "meet" };
    let fact = format!("{at} is where branches {how}: it goes on to {}", list(candidates));
    three(what, &[fact], &help)
}

/// Returns the report of a step that may begin at several revisions.
fn ambiguous_start(what: &str, way: &str, candidates: &[String]) -> Report {
    let first = candidates.first().map_or("REV", String::as_str);
    let step = if way == "downgrade" { "-1" } else { "+1" };
    let help = format!(
        "name the branch: `{first}@{step}` or `LABEL@{step}`; to have one branch only: `aludel merge \
         heads` or `aludel rebase REV`; `aludel heads` lists them"
    );
    three(what, &[format!("current: {}", list(candidates))], &help)
}

/// Returns the report of a step that leads out of the history.
fn too_far(what: &str, symbol: &str, distance: usize) -> Report {
    let goes_up = symbol.contains('+');
    let start = symbol.split(['+', '-']).next().unwrap_or_default();
    let from = if start.is_empty() { "where the database is" } else { start };
    let (side, all) = match goes_up {
        true => ("above", "`head` is the last one"),
        false => ("below", "`base` is before the first one"),
    };
    let fact = match distance {
        1 => format!("there is no revision {side} {from}"),
        distance => format!("there are fewer than {distance} revisions {side} {from}"),
    };
    three(what, &[fact], &format!("`aludel history -i` shows where the database is; {all}"))
}

/// Returns the way on from a version table with a row too many.
pub(crate) fn without_overlap(overlap: &Overlap) -> String {
    format!("say where the database is: `aludel stamp --purge {}`", overlap.rest.join(" "))
}

pub(crate) fn resolve(error: &ResolveError) -> Report {
    let what = error.to_string();
    match error {
        ResolveError::MultipleHeads { heads, .. } | ResolveError::MultipleTargets { heads } => {
            three(&what, &[format!("heads: {}", heads.join(", "))], SEVERAL_HEADS)
        }
        ResolveError::AmbiguousWalk { symbol, at, candidates } => {
            ambiguous_walk(&what, symbol, at, candidates)
        }
        ResolveError::AmbiguousStart { way, candidates, .. } => {
            ambiguous_start(&what, way, candidates)
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
        ResolveError::Overlap(overlap) => three(
            &what,
            &["the version table has a row that another row implies".into()],
            &without_overlap(overlap),
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
        ResolveError::TooFar { symbol, distance } => too_far(&what, symbol, *distance),
        ResolveError::Unknown(_) | ResolveError::Graph(_) | ResolveError::NoRange { .. } => three(
            &what,
            &[],
            "`aludel history` lists every revision; if that is empty, see `revisions` in aludel.toml",
        ),
    }
}

pub(crate) fn server_facts(error: &DriverError) -> Vec<String> {
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
    use super::*;

    #[test]
    fn createdb_has_the_parts_of_the_url() {
        for (target, expected) in [
            ("postgresql://u:***@h:5433/app", "createdb -h h -p 5433 -U u app"),
            ("postgresql://u@[/run/pg]/app", "createdb -h /run/pg -U u app"),
            ("postgresql://localhost/app", "createdb -h localhost app"),
            (
                "postgresql://o'hara@localhost/my app",
                r"createdb -h localhost -U 'o'\''hara' 'my app'",
            ),
            ("postgresql://localhost/-x", "createdb -h localhost -- -x"),
        ] {
            let help = createdb(target, "");
            assert!(help.contains(&format!("`{expected}`")), "{help}");
        }
        let help = createdb("postgresql://u@h", "database \"u\" does not exist");
        assert!(help.contains("`createdb -h h -U u u`") && !help.contains("aludel"), "{help}");
    }

    #[test]
    fn a_refusal_has_the_help_of_its_reason() {
        for (code, reason, words) in [
            ("28000", "no pg_hba.conf entry for host \"h\", no encryption", "sslmode=require"),
            ("28000", "role \"u\" does not exist", "user, password or permission"),
            ("08P01", "password authentication failed", "user or password is wrong"),
            ("08P01", "no such database: x", "name of the database"),
            ("08P01", "unsupported startup parameter: options", "take `options` away"),
        ] {
            let help = refused_help(&ConnectError {
                target: String::new(),
                reason: reason.to_owned(),
                code: Some(code.to_owned()),
                cause: ConnectCause::Refused,
            });
            assert!(help.contains(words), "{reason}: {help}");
        }
    }
}
