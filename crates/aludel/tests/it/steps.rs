//! Steps in Rust inside of revisions, on both databases.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aludel::{
    Connection, DatabaseKind, DatabaseUrl, Direction, Event, MigrateError, Migrator, Observer,
    OpenMode, RunError, StepConnection, StepError, Value,
};
use aludel_testkit::{Folder, server};

use crate::migrator::{on_both, spawned};

/// A table of seven users, whose addresses are to be changed.
const USERS: &str = "CREATE TABLE users (id INT PRIMARY KEY, email TEXT, touched INT DEFAULT 0);\n\
    INSERT INTO users (id, email) VALUES (1, 'A'), (2, 'B'), (3, 'C'), (4, 'D'), (5, 'E'), (6, 'F'), (7, 'o''g');\n";

/// A folder with the table and revisions upon it. Each is an upgrade, and its downgrade runs `shout`.
fn folder(upgrades: &[&str]) -> Folder {
    let folder = Folder::new("steps");
    let mut down = "none".to_owned();
    for (at, upgrade) in [USERS].iter().chain(upgrades).enumerate() {
        let id = format!("r{at}");
        let back = if at == 0 { "DROP TABLE users;" } else { "-- aludel: run shout" };
        let text = format!(
            "-- m\n-- revision: {id}\n-- down_revision: {down}\n\n-- aludel: upgrade\n{upgrade}\n\
             -- aludel: downgrade\n{back}\n"
        );
        std::fs::write(folder.path().join(format!("{id}.sql")), text).unwrap();
        down = id;
    }
    folder
}

/// Changes up to two addresses.
async fn normalise(tx: StepConnection<'_>) -> Result<u64, StepError> {
    let query = "SELECT id, email FROM users WHERE email <> lower(email) ORDER BY id LIMIT 2";
    let rows = tx.query(query, &[]).await?;
    for row in &rows {
        let values = [row.text("email")?.to_lowercase().into(), row.number("id")?.into()];
        let sql = "UPDATE users SET email = $1, touched = touched + 1 WHERE id = $2";
        assert_eq!(tx.execute(sql, &values).await?, 1);
    }
    Ok(rows.len() as u64)
}

async fn shout(tx: StepConnection<'_>) -> Result<(), StepError> {
    tx.execute("UPDATE users SET email = upper(email)", &[]).await?;
    Ok(())
}

fn migrator(folder: &Folder) -> Migrator {
    let migrator = Migrator::from_folder(folder.path()).unwrap();
    migrator.step("normalise", normalise).step("shout", shout)
}

/// Returns the first column of a query, called `a`, with commas between its values.
async fn ask(url: &str, query: &str) -> String {
    let url = DatabaseUrl::parse(url, std::path::Path::new("")).unwrap();
    let connection = Connection::open(&url, OpenMode::Write).await.unwrap();
    let rows = connection.query(query).await.unwrap();
    let values: Vec<&str> = rows.iter().map(|row| row.text("a").unwrap()).collect();
    values.join(",")
}

async fn emails(url: &str) -> String {
    ask(url, "SELECT email AS a FROM users ORDER BY id").await
}

#[test]
fn a_step_is_a_part_of_its_revision() {
    on_both(|url| async move {
        let folder =
            folder(&["ALTER TABLE users ADD COLUMN name TEXT;\n-- aludel: run normalise\n\
             UPDATE users SET name = email WHERE touched = 1;"]);
        let migrator = migrator(&folder);
        assert_eq!(migrator.upgrade(&url, "head").await.unwrap(), ["r0", "r1"]);
        assert_eq!(ask(&url, "SELECT name AS a FROM users WHERE name IS NOT NULL").await, "a,b");
        assert_eq!(emails(&url).await, "a,b,C,D,E,F,o'g");
        migrator.downgrade(&url, "-1").await.unwrap();
        assert_eq!(emails(&url).await, "A,B,C,D,E,F,O'G");
    });
}

#[test]
fn an_async_closure_and_values_of_every_type() {
    on_both(|url| async move {
        let folder = folder(&["-- aludel: run fill"]);
        let word = "it's \\ $1".to_owned();
        let step = async move |tx: StepConnection<'_>| {
            let bytes = if tx.kind() == DatabaseKind::Postgres { "bytea" } else { "blob" };
            tx.execute(&format!("CREATE TABLE v (a text, b int, c float, d bool, e {bytes})"), &[])
                .await?;
            let values: [Value; 5] = [
                "it's \\ $1\n".into(),
                (-3_i64).into(),
                1.5.into(),
                true.into(),
                vec![7_u8].into(),
            ];
            tx.execute("INSERT INTO v VALUES ($1, $2, $3, $4, $5)", &values).await?;
            let found = [Value::from("it's \\ $1\n"), Value::from(None::<i64>)];
            let query = "SELECT b AS a FROM v WHERE a = $1 AND c > $2";
            assert!(tx.query(query, &found).await?.is_empty());
            Ok::<_, StepError>(())
        };
        let fill = Migrator::from_folder(folder.path()).unwrap().step("fill", step);
        fill.upgrade(&url, "head").await.unwrap();
        let query = "SELECT a FROM v WHERE b = -3 AND c = 1.5 AND d AND length(e) = 1";
        assert_eq!(ask(&url, query).await, format!("{word}\n"));
    });
}

/// Does what its name in the table says, after a change that must not stay.
async fn ill(tx: StepConnection<'_>, what: &str) -> Result<(), StepError> {
    tx.execute("UPDATE users SET email = 'lost'", &[]).await?;
    match what {
        "error" => Err("no such country".into()),
        "panic" => panic!("oh"),
        "swallow" => {
            let _ = tx.execute("SELECT nope", &[]).await;
            Ok(())
        }
        "go on" => {
            let _ = tx.execute("SELECT nope", &[]).await;
            tx.execute("SELECT 1", &[]).await?;
            Ok(())
        }
        "undone by a constraint" => {
            let sql = "INSERT OR ROLLBACK INTO users (id) VALUES (1)";
            let _ = tx.execute(sql, &[]).await;
            Ok(())
        }
        sql => {
            let _ = tx.execute(sql, &[]).await;
            Ok(())
        }
    }
}

#[test]
fn a_step_that_fails_is_rolled_back_with_its_revision_and_named() {
    for (what, words) in [
        ("error", "step ill: no such country"),
        ("panic", "step ill: it panicked: oh"),
        ("swallow", "goes on although a statement of it failed"),
        ("go on", "an earlier statement of the step failed"),
        ("undone by a constraint", "goes on although a statement of it failed"),
        ("COMMIT", "`COMMIT`: the runner begins and ends the transaction"),
        (" /* x */ rollback", "`ROLLBACK`: the runner begins"),
        ("END", "`END`: the runner begins"),
        ("UPDATE users SET id = id; COMMIT", "one statement at a time, and these are 2"),
        ("-- aludel: run shout", "executes neither another step"),
        ("", "and these are 0"),
        ("SELECT $1", "no value for `$1`"),
        ("SAVEPOINT a; SELECT nope; ROLLBACK TO a", "and these are 3"),
    ] {
        on_both(move |url| async move {
            let folder = folder(&["UPDATE users SET id = id;\n\n-- aludel: run ill\nSELECT 1;"]);
            let step = async move |tx: StepConnection<'_>| ill(tx, what).await;
            let migrator = migrator(&folder).step("ill", step);
            let error = migrator.upgrade(&url, "head").await.unwrap_err();
            assert!(error.to_string().contains(words), "{what}: {error}");
            assert!(error.to_string().contains("revision r1 failed to upgrade"), "{error}");
            let MigrateError::Run(RunError::Statement(failure)) = error else { panic!("{error}") };
            assert_eq!((failure.line, failure.stays, failure.alone), (8, 0, false));
            assert_eq!(emails(&url).await, "A,B,C,D,E,F,o'g", "{what}");
            assert_eq!(migrator.current(&url).await.unwrap(), ["r0"]);
            let log =
                ask(&url, "SELECT error AS a FROM aludel_version_log WHERE error IS NOT NULL");
            let log = log.await;
            assert!(log.contains("step ill: ") && log.contains(", at line 8"), "{log}");
        });
    }
}

#[test]
fn a_savepoint_of_a_step_takes_a_failure_back() {
    on_both(|url| async move {
        let folder = folder(&["-- aludel: run careful"]);
        let careful = async |tx: StepConnection<'_>| {
            tx.execute("UPDATE users SET email = 'kept' WHERE id = 1", &[]).await?;
            tx.execute("SAVEPOINT here", &[]).await?;
            assert!(tx.execute("INSERT INTO users (id) VALUES (2)", &[]).await.is_err());
            tx.execute("ROLLBACK TO here", &[]).await?;
            tx.execute("UPDATE users SET email = 'too' WHERE id = 2", &[]).await?;
            Ok::<_, StepError>(())
        };
        migrator(&folder).step("careful", careful).upgrade(&url, "head").await.unwrap();
        assert_eq!(emails(&url).await, "kept,too,C,D,E,F,o'g");
    });
}

const BATCH: &str = "UPDATE users SET touched = 0;\n-- aludel: batch\n-- aludel: pause = 1ms\n\
                     -- aludel: run slowly\nUPDATE users SET email = email || '.';";

#[test]
fn a_batch_that_failed_goes_on_with_the_rows_that_are_left() {
    on_both(|url| async move {
        let folder = folder(&[BATCH]);
        let calls = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&calls);
        let migrator = migrator(&folder).boxed_step("slowly", move |tx| {
            let calls = Arc::clone(&calls);
            Box::pin(async move {
                let rows = normalise(tx).await?;
                match calls.fetch_add(1, Ordering::Relaxed) {
                    2 => Err("the third round".into()),
                    _ => Ok::<u64, StepError>(rows),
                }
            })
        });
        let error = migrator.upgrade(&url, "head").await.unwrap_err();
        let MigrateError::Run(RunError::Statement(failure)) = error else { panic!("{error}") };
        let rounds = failure.rounds.unwrap();
        assert_eq!((rounds.count, rounds.rows, failure.stays), (2, 4, 1));
        assert_eq!(emails(&url).await, "a,b,c,d,E,F,o'g");
        migrator.upgrade(&url, "head").await.unwrap();
        assert_eq!(emails(&url).await, "a.,b.,c.,d.,e.,f.,o'g.");
        assert_eq!(ask(&url, "SELECT touched AS a FROM users ORDER BY id").await, "1,1,1,1,1,1,0");
        assert_eq!(seen.load(Ordering::Relaxed), 5);
    });
}

#[test]
fn a_batch_that_was_killed_goes_on_too() {
    on_both(|url| async move {
        let folder = folder(&[BATCH]);
        let slowly = async |tx: StepConnection<'_>| {
            let rows = normalise(tx).await?;
            tokio::time::sleep(Duration::from_millis(200)).await;
            Ok::<u64, StepError>(rows)
        };
        let migrator = Arc::new(migrator(&folder).step("slowly", slowly));
        let (first, to) = (Arc::clone(&migrator), url.clone());
        let run = tokio::spawn(async move { first.upgrade(&to, "head").await });
        tokio::time::sleep(Duration::from_millis(500)).await;
        run.abort();
        assert!(run.await.unwrap_err().is_cancelled());
        migrator.upgrade(&url, "head").await.unwrap();
        assert_eq!(emails(&url).await, "a.,b.,c.,d.,e.,f.,o'g.");
        assert_eq!(ask(&url, "SELECT touched AS a FROM users ORDER BY id").await, "1,1,1,1,1,1,0");
    });
}

/// An observer that wants to stop after some rounds of a batch, or at once.
struct Stopping(usize);

impl Observer for Stopping {
    fn event(&mut self, event: Event<'_>) {
        if let Event::Batch { .. } = event {
            self.0 = self.0.saturating_sub(1);
        }
    }

    fn stop(&self) -> bool {
        self.0 == 0
    }
}

#[test]
fn a_batch_pauses_when_it_is_asked_to() {
    on_both(|url| async move {
        let folder = folder(&[BATCH]);
        let migrator = migrator(&folder).step("slowly", normalise);
        let error = migrator.upgrade_with(&url, "head", &mut Stopping(2)).await.unwrap_err();
        assert!(error.to_string().contains("the batch of revision r1 is paused"), "{error}");
        assert_eq!(emails(&url).await, "a,b,c,d,E,F,o'g");
        migrator.upgrade(&url, "head").await.unwrap();
        assert_eq!(ask(&url, "SELECT touched AS a FROM users ORDER BY id").await, "1,1,1,1,1,1,0");
    });
}

#[test]
fn a_step_in_the_middle_of_its_work_is_stopped_at_its_next_statement() {
    on_both(|url| async move {
        let folder = folder(&["-- aludel: run endless"]);
        let endless = async |tx: StepConnection<'_>| {
            loop {
                tx.execute("UPDATE users SET touched = touched + 1", &[]).await?;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            #[expect(unreachable_code, reason = "the type of the closure follows from it")]
            Ok::<(), StepError>(())
        };
        let migrator = migrator(&folder).step("endless", endless);
        migrator.upgrade(&url, "r0").await.unwrap();
        let mut late = Late(std::time::Instant::now());
        let error = migrator.upgrade_with(&url, "head", &mut late).await.unwrap_err();
        assert!(error.to_string().contains("revision r1 was rolled back"), "{error}");
        assert_eq!(ask(&url, "SELECT max(touched) AS a FROM users").await, "0");
    });
}

/// An observer that wants to stop after some time.
struct Late(std::time::Instant);

impl Observer for Late {
    fn event(&mut self, _: Event<'_>) {}

    fn stop(&self) -> bool {
        self.0.elapsed() > Duration::from_millis(400)
    }
}

#[test]
fn an_endless_batch_is_noticed_by_the_table_that_it_changes() {
    on_both(|url| async move {
        let folder = folder(&["-- aludel: batch\n-- aludel: run again"]);
        let again = async |tx: StepConnection<'_>| {
            tx.execute("UPDATE users SET touched = 1 WHERE id < $1", &[4.into()]).await
        };
        let error = migrator(&folder).step("again", again).upgrade(&url, "head").await.unwrap_err();
        assert!(matches!(error, MigrateError::Run(RunError::EndlessBatch { .. })), "{error}");
    });
}

#[test]
fn a_step_that_nobody_has_registered_is_refused_before_anything_runs() {
    on_both(|url| async move {
        let folder = folder(&["SELECT 1;", "SELECT 1;\n\n-- aludel: run normalize"]);
        let migrator = migrator(&folder);
        let path = folder.path().join("r2.sql");
        let words = format!(
            "{}:8: revision r2 runs the step `normalize`, which this program does not have: it has \
             normalise, shout; did you mean `normalise`?",
            path.display()
        );
        assert_eq!(migrator.upgrade(&url, "head").await.unwrap_err().to_string(), words);
        let plan = migrator.plan(&url, Direction::Upgrade, "head").await;
        assert_eq!(plan.unwrap_err().to_string(), words);
        assert!(migrator.current(&url).await.unwrap().is_empty());
        // What needs no step goes on.
        assert_eq!(migrator.status(&url).await.unwrap().pending, ["r0", "r1", "r2"]);
        assert_eq!(migrator.upgrade(&url, "r1").await.unwrap(), ["r0", "r1"]);
        let without = Migrator::from_folder(folder.path()).unwrap();
        without.check_at_head(&url).await.unwrap_err();
        let error = without.downgrade(&url, "base").await.unwrap_err().to_string();
        assert!(error.ends_with("`shout`, which this program does not have: it registers none"));
        assert_eq!(without.current(&url).await.unwrap(), ["r1"]);
    });
}

#[test]
fn a_batch_needs_a_number_of_rows() {
    on_both(|url| async move {
        let folder = folder(&["-- aludel: batch\n-- aludel: run shout"]);
        let error = migrator(&folder).upgrade(&url, "head").await.unwrap_err().to_string();
        assert!(
            error.contains("r1.sql:7: a batch repeats a step until it reports 0 rows"),
            "{error}"
        );
    });
}

#[test]
fn all_revisions_with_their_steps_are_one_transaction_if_that_is_asked_for() {
    on_both(|url| async move {
        let failing = async |_: StepConnection<'_>| Err::<(), StepError>("no".into());
        let folder = folder(&["-- aludel: run normalise", "-- aludel: run last"]);
        let first = migrator(&folder).single_transaction(true).step("last", failing);
        let error = first.upgrade(&url, "head").await.unwrap_err();
        let MigrateError::Run(RunError::Statement(failure)) = error else { panic!("{error}") };
        assert!(failure.whole_run);
        assert_eq!(failure.revision, "r2");
        assert!(first.current(&url).await.unwrap().is_empty());
        let second = migrator(&folder).single_transaction(true).step("last", normalise);
        second.upgrade(&url, "head").await.unwrap();
        assert_eq!(emails(&url).await, "a,b,c,d,E,F,o'g");
    });
}

#[test]
fn sixteen_instances_run_a_step_once() {
    on_both(|url| async move {
        let folder = folder(&["-- aludel: run count"]);
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let migrator = Arc::new(migrator(&folder).boxed_step("count", move |tx| {
            let counted = Arc::clone(&counted);
            Box::pin(async move {
                counted.fetch_add(1, Ordering::Relaxed);
                normalise(tx).await
            })
        }));
        let instances: Vec<_> = (0..16)
            .map(|_| {
                let (migrator, url) = (Arc::clone(&migrator), url.clone());
                tokio::spawn(async move { migrator.upgrade(&url, "head").await })
            })
            .collect();
        for instance in instances {
            instance.await.unwrap().unwrap();
        }
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        assert_eq!(emails(&url).await, "a,b,C,D,E,F,o'g");
    });
}

#[test]
fn a_step_between_two_indexes_that_are_built_outside_of_transactions() {
    let database = server().database();
    let url = database.url();
    spawned(async move {
        let folder =
            folder(&["CREATE INDEX CONCURRENTLY first ON users (email);\n-- aludel: run once\n\
             CREATE INDEX CONCURRENTLY last ON users (touched);"]);
        let calls = Arc::new(AtomicUsize::new(0));
        let migrator = migrator(&folder).boxed_step("once", move |tx| {
            let calls = Arc::clone(&calls);
            Box::pin(async move {
                let rows = normalise(tx).await?;
                match calls.fetch_add(1, Ordering::Relaxed) {
                    0 => Err("not yet".into()),
                    _ => Ok::<u64, StepError>(rows),
                }
            })
        });
        let error = migrator.upgrade(&url, "head").await.unwrap_err();
        let MigrateError::Run(RunError::Statement(failure)) = error else { panic!("{error}") };
        assert_eq!((failure.stays, failure.alone), (1, false));
        assert_eq!(emails(&url).await, "A,B,C,D,E,F,o'g");
        migrator.upgrade(&url, "head").await.unwrap();
        assert_eq!(emails(&url).await, "a,b,C,D,E,F,o'g");
        let indexes = "SELECT indexrelid::regclass::text AS a FROM pg_index \
                       WHERE indrelid = 'users'::regclass AND indisvalid ORDER BY 1";
        assert_eq!(ask(&url, indexes).await, "first,last,users_pkey");
    });
}

#[test]
fn a_step_that_waits_too_long_for_a_lock_is_called_again() {
    let database = server().database();
    let url = database.url();
    spawned(async move {
        let folder = folder(&["-- aludel: run patient"]);
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let migrator = migrator(&folder).boxed_step("patient", move |tx| {
            let counted = Arc::clone(&counted);
            Box::pin(async move {
                counted.fetch_add(1, Ordering::Relaxed);
                normalise(tx).await.map_err(|_| "an error that hides its cause")
            })
        });
        let migrator = migrator.lock_timeout(Duration::from_millis(50));
        migrator.upgrade(&url, "r0").await.unwrap();
        let to = DatabaseUrl::parse(&url, std::path::Path::new("")).unwrap();
        let other = Connection::open(&to, OpenMode::Write).await.unwrap();
        other.run_script("BEGIN; LOCK TABLE users").await.unwrap();
        let held = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(400)).await;
            other.run("COMMIT").await.unwrap();
        });
        migrator.upgrade(&url, "head").await.unwrap();
        held.await.unwrap();
        assert!(calls.load(Ordering::Relaxed) > 1);
        assert_eq!(emails(&url).await, "a,b,C,D,E,F,o'g");
    });
}
