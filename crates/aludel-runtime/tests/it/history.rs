//! Revisions without files, databases in memory, and what is left in them.

use std::path::Path;

use aludel_dialect::Dialect;
use aludel_driver::{Connection, DatabaseUrl, OpenMode};
use aludel_revision::{Direction, Revision, RevisionMap, Symbol, Transition};
use aludel_runtime::{Event, Identity, Observer, RunError, Runner, VersionTable};

thread_local! {
    // A connection lives on the runtime that opened it.
    static RUNTIME: tokio::runtime::Runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
}

pub(crate) fn wait<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.with(|runtime| runtime.block_on(work))
}

/// A revision whose sections begin at line 6 and below.
pub(crate) fn revision(id: &str, down: &str, upgrade: &str, downgrade: &str) -> Revision {
    let text = format!(
        "-- make {id}\n-- revision: {id}\n-- down_revision: {down}\n\n-- aludel: upgrade\n{upgrade}\n\
         -- aludel: downgrade\n{downgrade}\n"
    );
    Revision::parse(Path::new(&format!("{id}.sql")), text.into_bytes()).unwrap()
}

pub(crate) fn map<const N: usize>(revisions: [Revision; N]) -> RevisionMap {
    RevisionMap::new(revisions.into()).unwrap()
}

pub(crate) fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).unwrap()
}

pub(crate) fn rows<const N: usize>(ids: [&str; N]) -> Vec<String> {
    ids.map(str::to_owned).to_vec()
}

/// The steps from some rows to a target.
pub(crate) fn steps<'m>(
    map: &'m RevisionMap,
    direction: Direction,
    from: &[String],
    target: &str,
) -> Vec<Transition<'m>> {
    let goal = map.goal(direction, &symbol(target), from).unwrap();
    map.transitions(from, &goal).unwrap()
}

pub(crate) fn table(dialect: Dialect) -> VersionTable {
    VersionTable { name: "v".to_owned(), dialect }
}

pub(crate) fn identity() -> Identity {
    Identity { who: None, host: None, tool: "test".to_owned() }
}

/// An observer that notes what it hears, and wants to stop after some revisions.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) heard: Vec<String>,
    pub(crate) enough: Option<usize>,
}

impl Observer for Notes {
    fn event(&mut self, event: Event<'_>) {
        let heard = match event {
            Event::Waiting { .. } => "waiting".to_owned(),
            Event::Running { direction, revision, .. } => format!("{direction} {revision}"),
            Event::Edited(edited) => format!("edited {}", edited.revision),
            Event::Resuming { revision, done, .. } => format!("resuming {revision} behind {done}"),
            Event::BatchChanged { rounds, .. } => format!("changed after {rounds}"),
            Event::LeftUnfinished { revision, .. } => format!("unfinished {revision}"),
            Event::Batch { revision, rows, .. } => format!("batch of {revision}: {rows}"),
            Event::ProgressEnded => "the progress ended".to_owned(),
            Event::Found { revision, statement, completed } => {
                format!("found {statement} of {revision}: {completed}")
            }
            Event::CleaningUp { sql, .. } => sql.to_owned(),
            Event::Completed { .. }
            | Event::Failed { .. }
            | Event::Locked { .. }
            | Event::Lagging { .. }
            | Event::Retrying { .. }
            | Event::Blocked { .. }
            | Event::Progress { .. }
            | Event::Committing
            | Event::Committed
            | Event::Notice(_)
            | Event::LockLost
            | Event::Elsewhere(_) => return,
        };
        self.heard.push(heard);
    }

    fn stop(&self) -> bool {
        self.enough.is_some_and(|enough| self.heard.len() >= enough)
    }
}

/// An empty database in memory.
pub(crate) struct Database(pub(crate) Connection<'static>);

impl Database {
    pub(crate) fn new() -> Self {
        let url = DatabaseUrl::parse("sqlite::memory:", Path::new(".")).unwrap();
        Self(wait(Connection::open(&url, OpenMode::Write)).unwrap())
    }

    pub(crate) fn runner<'a>(&'a self, map: &'a RevisionMap) -> Runner<'a> {
        Runner::new(&self.0, map, table(Dialect::Sqlite), identity())
    }

    pub(crate) fn upgrade(&self, map: &RevisionMap, to: &str) -> Result<Vec<String>, RunError> {
        wait(self.runner(map).upgrade(&symbol(to), &mut Notes::default()))
    }

    pub(crate) fn downgrade(&self, map: &RevisionMap, to: &str) -> Result<Vec<String>, RunError> {
        wait(self.runner(map).downgrade(&symbol(to), &mut Notes::default()))
    }

    pub(crate) fn run(&self, sql: &str) {
        wait(self.0.run(sql)).unwrap();
    }

    /// The only column of an answer, called `x`.
    pub(crate) fn ask(&self, query: &str) -> Vec<String> {
        let rows = wait(self.0.query(query)).unwrap();
        rows.iter().map(|row| row.optional("x").unwrap().unwrap_or("NULL").to_owned()).collect()
    }

    /// Every object but those of the bookkeeping.
    pub(crate) fn objects(&self) -> Vec<String> {
        self.ask(
            "SELECT sql AS x FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name NOT IN ('v', 'v_log') \
             AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
        )
    }

    /// The rows of the version table.
    pub(crate) fn version(&self) -> Vec<String> {
        wait(table(Dialect::Sqlite).heads(&self.0)).unwrap()
    }

    /// The lines of the journal in words, without the times.
    pub(crate) fn journal(&self) -> Vec<String> {
        self.ask(
            "SELECT revision || ' ' || direction || coalesce(' up to ' || statement, '') \
             || CASE WHEN error IS NULL THEN '' ELSE ', failed' END \
             || CASE WHEN text IS NULL THEN '' ELSE ', with its text' END AS x FROM v_log ORDER BY id",
        )
    }
}
