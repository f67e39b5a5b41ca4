//! A large file is read for its upgrade, and not again while it stays as it is.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use aludel_dialect::Dialect;
use aludel_revision::{Direction, RevisionMap, load};
use aludel_runtime::{Identity, Runner, remembered};

use crate::history::{Database, Notes, rows, symbol, table, wait};

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A folder with one revision of more than a megabyte.
fn folder(name: &str) -> Folder {
    let folder = std::env::temp_dir().join(format!("aludel-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let folder = Folder(folder);
    write(&folder, "1");
    folder
}

/// Writes the revision; each value gives a file of the same size. The time stays what it is.
fn write(folder: &Folder, value: &str) {
    let inserts = format!("INSERT INTO t VALUES ({value});\n").repeat(50_000);
    let text = format!(
        "-- big\n-- revision: a1\n-- down_revision: none\n\n-- aludel: upgrade\nCREATE TABLE t (x);\n\
         {inserts}-- aludel: downgrade\nDROP TABLE t;\n"
    );
    fs::write(path(folder), text).unwrap();
    touch(folder, 0);
}

fn path(folder: &Folder) -> PathBuf {
    folder.0.join("a1.sql")
}

/// Sets the time of the last change.
fn touch(folder: &Folder, seconds: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds);
    File::options().write(true).open(path(folder)).unwrap().set_modified(time).unwrap();
}

fn map(folder: &Path) -> RevisionMap {
    RevisionMap::new(load(folder).unwrap().revisions).unwrap()
}

fn identity(host: &str) -> Identity {
    Identity { who: None, host: Some(host.to_owned()), tool: "test".to_owned() }
}

fn edited(database: &Database, map: &RevisionMap, host: &str) -> Vec<String> {
    let runner = Runner::new(&database.0, map, table(Dialect::Sqlite), identity(host));
    let edited = wait(runner.edited()).unwrap();
    assert!(edited.iter().all(|edited| edited.applied.is_none() && edited.file.len() < 500));
    edited.into_iter().map(|edited| edited.revision).collect()
}

fn apply(database: &Database, map: &RevisionMap) {
    let runner = Runner::new(&database.0, map, table(Dialect::Sqlite), identity("here"));
    assert_eq!(wait(runner.upgrade(&symbol("head"), &mut Notes::default())).unwrap(), ["a1"]);
}

#[test]
fn an_edit_is_noticed_unless_size_and_time_stay() {
    let folder = folder("edited");
    let database = Database::new();
    apply(&database, &map(&folder.0));
    let see = |value: &str, time: u64, host: &str| {
        write(&folder, value);
        touch(&folder, time);
        edited(&database, &map(&folder.0), host)
    };
    for (name, value, time, host, expected) in [
        ("nothing changed", "1", 0, "here", rows([])),
        ("only the time", "1", 5, "here", rows([])),
        ("the text and the time", "2", 5, "here", rows(["a1"])),
        ("the text and the size", "22", 0, "here", rows(["a1"])),
        ("the text, on another host", "2", 0, "there", rows(["a1"])),
        ("the text, with the size and the time of before", "2", 0, "here", rows([])),
    ] {
        assert_eq!(see(value, time, host), expected, "{name}");
    }
}

#[test]
fn a_file_that_is_unchanged_is_not_read() {
    let folder = folder("unread");
    let database = Database::new();
    apply(&database, &map(&folder.0));
    let map = map(&folder.0);
    // A file that is gone can't be read.
    fs::remove_file(path(&folder)).unwrap();
    assert_eq!(edited(&database, &map, "here"), rows([]));
    assert!(database.upgrade(&map, "head").is_err(), "a run of nobody knows no host");
}

#[test]
fn an_edit_that_was_accepted_is_the_new_state() {
    let folder = folder("accepted");
    let database = Database::new();
    apply(&database, &map(&folder.0));
    write(&folder, "2");
    touch(&folder, 5);
    let map = map(&folder.0);
    let runner = Runner::new(&database.0, &map, table(Dialect::Sqlite), identity("here"));
    assert_eq!(wait(runner.rebless(&[], &mut Notes::default())).unwrap(), ["a1"]);
    fs::remove_file(path(&folder)).unwrap();
    assert_eq!(edited(&database, &map, "here"), rows([]));
}

#[test]
fn the_journal_keeps_the_way_back() {
    let folder = folder("kept");
    let database = Database::new();
    apply(&database, &map(&folder.0));
    let nothing = RevisionMap::new(Vec::new()).unwrap();
    let table = table(Dialect::Sqlite);
    let found = wait(remembered(&database.0, &nothing, &table, &rows(["a1"]))).unwrap();
    let known = found.into_iter().map(|known| known.revision).collect::<Vec<_>>();
    assert!(known[0].text().unwrap().len() < 500);
    let down = known[0].section(Direction::Downgrade, "sqlite").unwrap();
    assert_eq!(down.body, "DROP TABLE t;\n");
    let map = RevisionMap::new(known).unwrap();
    assert_eq!(database.downgrade(&map, "base").unwrap(), ["a1"]);
    // What is kept can't be taken for the upgrade.
    let refused = database.upgrade(&map, "head").unwrap_err().to_string();
    assert!(refused.contains("only in the file of"), "{refused}");
}
