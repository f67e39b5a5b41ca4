//! The migrator of an application, on both databases.

use std::sync::Arc;

use aludel::{
    Direction, Event, MigrateError, Migrator, NewerDatabase, Observer, RunError, Silent, embed,
};
use aludel_testkit::{Folder, Proxy, server};

static MIGRATOR: Migrator = Migrator::new(embed!("tests/it/embedded/versions"));

fn newer() -> Migrator {
    Migrator::new(embed!("tests/it/embedded/newer"))
}

/// Runs a test on tokio's threads, where a future has to be `Send`.
pub(crate) fn spawned<T: Send + 'static>(test: impl Future<Output = T> + Send + 'static) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::spawn(test).await.unwrap() })
}

/// Runs a test on an empty database of each kind.
pub(crate) fn on_both<T: Future<Output = ()> + Send + 'static>(test: impl Fn(String) -> T) {
    let folder = Folder::new("migrator");
    spawned(test(format!("sqlite:{}", folder.path().join("app.db").display())));
    let database = server().database();
    spawned(test(database.url()));
}

#[test]
fn a_database_goes_up_and_down() {
    on_both(|url| async move {
        let before = MIGRATOR.status(&url).await.unwrap();
        assert_eq!((before.current.len(), before.pending), (0, vec!["a1".into(), "b2".into()]));
        let error = MIGRATOR.check_at_head(&url).await.unwrap_err().to_string();
        assert!(error.starts_with("the database is not up to date: it is at the base, and a1, b2"));

        let plan = MIGRATOR.plan(&url, Direction::Upgrade, "a1").await.unwrap();
        assert_eq!((plan.len(), plan[0].id.as_str()), (1, "a1"));
        assert!(plan[0].sql.starts_with("CREATE TABLE accounts"), "{}", plan[0].sql);
        assert!(MIGRATOR.current(&url).await.unwrap().is_empty(), "looking creates nothing");

        assert_eq!(MIGRATOR.upgrade(&url, "head").await.unwrap(), ["a1", "b2"]);
        assert!(MIGRATOR.upgrade(&url, "head").await.unwrap().is_empty());
        MIGRATOR.check_at_head(&url).await.unwrap();
        assert_eq!(MIGRATOR.downgrade(&url, "-1").await.unwrap(), ["b2"]);
        assert_eq!(MIGRATOR.current(&url).await.unwrap(), ["a1"]);
    });
}

#[test]
fn a_database_that_is_newer_than_the_program_is_named() {
    on_both(|url| async move {
        newer().upgrade(&url, "head").await.unwrap();
        let error = MIGRATOR.check_at_head(&url).await.unwrap_err();
        assert!(matches!(&error, MigrateError::UnknownHead { unknown } if *unknown == ["c3"]));
        assert!(
            error.to_string().starts_with("the database is at c3, which this program does not")
        );
        assert!(matches!(
            MIGRATOR.upgrade(&url, "head").await.unwrap_err(),
            MigrateError::UnknownHead { .. }
        ));
        let accepting = Migrator::new(embed!("tests/it/embedded/versions"))
            .newer_database(NewerDatabase::Accept);
        accepting.check_at_head(&url).await.unwrap();
        assert!(accepting.upgrade(&url, "head").await.unwrap().is_empty());
        assert!(accepting.downgrade(&url, "base").await.is_err(), "only what is known is undone");
        assert_eq!(newer().current(&url).await.unwrap(), ["c3"]);
    });
}

#[test]
fn a_database_at_an_unknown_revision_without_ours_is_never_accepted() {
    on_both(|url| async move {
        let elsewhere = Folder::new("elsewhere");
        let text = "-- x\n-- revision: x9\n-- down_revision: none\n\n-- aludel: upgrade\n\
                    -- aludel: downgrade\n";
        std::fs::write(elsewhere.path().join("x9.sql"), text).unwrap();
        let other = Migrator::from_folder(elsewhere.path()).unwrap();
        other.upgrade(&url, "head").await.unwrap();
        let accepting = Migrator::new(embed!("tests/it/embedded/versions"))
            .newer_database(NewerDatabase::Accept);
        let error = accepting.check_at_head(&url).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Diverged { missing, .. } if *missing == ["b2"]));
        assert!(accepting.upgrade(&url, "head").await.is_err());
    });
}

#[test]
fn sixteen_instances_start_at_once() {
    on_both(|url| async move {
        let migrator = Arc::new(newer());
        let instances: Vec<_> = (0..16)
            .map(|_| {
                let (migrator, url) = (Arc::clone(&migrator), url.clone());
                tokio::spawn(async move { migrator.upgrade(&url, "head").await })
            })
            .collect();
        let mut applied = Vec::new();
        for instance in instances {
            applied.extend(instance.await.unwrap().unwrap());
        }
        assert_eq!(applied, ["a1", "b2", "c3"], "each revision is applied once");
        migrator.check_at_head(&url).await.unwrap();
    });
}

/// An observer that notes the beginnings and the ends of revisions, and may want to stop.
#[derive(Default)]
struct Notes {
    heard: Vec<String>,
    stops: bool,
}

impl Observer for Notes {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Running { revision, .. } => self.heard.push(format!("begin {revision}")),
            Event::Completed { revision, .. } => self.heard.push(format!("end {revision}")),
            Event::Failed { revision, .. } => self.heard.push(format!("fail {revision}")),
            _ => {}
        }
    }

    fn stop(&self) -> bool {
        self.stops && self.heard.len() > 1
    }
}

#[test]
fn an_observer_hears_ends_and_can_stop_a_run() {
    on_both(|url| async move {
        let mut notes = Notes { stops: true, ..Notes::default() };
        let error = MIGRATOR.upgrade_with(&url, "head", &mut notes).await.unwrap_err();
        assert!(matches!(error, MigrateError::Run(RunError::Interrupted { .. })), "{error}");
        assert_eq!(MIGRATOR.current(&url).await.unwrap(), ["a1"]);
        let mut notes = Notes::default();
        let all = Migrator::new(embed!("tests/it/embedded/newer")).single_transaction(true);
        all.upgrade_with(&url, "head", &mut notes).await.unwrap();
        assert_eq!(notes.heard, ["begin b2", "begin c3", "end b2", "end c3"]);
        all.downgrade_with(&url, "base", &mut Silent).await.unwrap();
    });
}

#[test]
fn a_failed_revision_has_an_end_too() {
    on_both(|url| async move {
        let folder = Folder::new("failing");
        let text = "-- x\n-- revision: x9\n-- down_revision: none\n\n-- aludel: upgrade\n\
                    CREATE TABLE t (a INT);\nSELECT nope;\n-- aludel: downgrade\n";
        std::fs::write(folder.path().join("x9.sql"), text).unwrap();
        let migrator = Migrator::from_folder(folder.path()).unwrap();
        let mut notes = Notes::default();
        let error = migrator.upgrade_with(&url, "head", &mut notes).await.unwrap_err();
        assert!(error.to_string().starts_with("revision x9 failed to upgrade: "), "{error}");
        assert_eq!(notes.heard, ["begin x9", "fail x9"]);
        assert!(migrator.current(&url).await.unwrap().is_empty());
    });
}

#[test]
fn what_can_not_work_is_an_error_before_anything_is_created() {
    let database = server().database();
    let url = database.url();
    spawned(async move {
        assert!(Migrator::from_folder("tests/it/nowhere").is_err());
        let words = |error: MigrateError| error.to_string();
        assert!(words(MIGRATOR.upgrade(&url, "zz").await.unwrap_err()).contains("'zz'"));
        assert!(
            words(MIGRATOR.upgrade("mysql://h/d", "head").await.unwrap_err()).contains("`mysql`")
        );
        assert!(MIGRATOR.current(&url).await.unwrap().is_empty());
    });
}

#[test]
fn a_check_at_head_is_one_query() {
    let database = server().database();
    let url = database.url();
    spawned(async move { MIGRATOR.upgrade(&url, "head").await.unwrap() });
    let proxy = Proxy::start(&server().socket());
    let url = proxy.url(&database.name);
    spawned(async move { MIGRATOR.check_at_head(&url).await.unwrap() });
    let queries = proxy.queries();
    assert_eq!(queries.len(), 1, "{queries:?}");
}

/// A login that may do nothing by itself does all of it in the role.
#[test]
fn looking_takes_the_role_too() {
    let database = server().database();
    let (owner, login) = (format!("{}_o", database.name), format!("{}_l", database.name));
    database.sql(&format!(
        "CREATE ROLE {owner}; CREATE ROLE {login} LOGIN NOINHERIT; GRANT {owner} TO {login}; \
         REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT ALL ON SCHEMA public TO {owner}"
    ));
    let url = server().url_as(&login, &database.name);
    let role = owner.clone();
    spawned(async move {
        let migrator = Migrator::new(embed!("tests/it/embedded/versions")).role(role);
        assert_eq!(migrator.upgrade(&url, "head").await.unwrap(), ["a1", "b2"]);
        assert!(migrator.upgrade(&url, "head").await.unwrap().is_empty());
        migrator.check_at_head(&url).await.unwrap();
        assert_eq!(migrator.current(&url).await.unwrap(), ["b2"]);
        assert!(migrator.status(&url).await.unwrap().pending.is_empty());
        assert_eq!(migrator.plan(&url, Direction::Downgrade, "-1").await.unwrap().len(), 1);
        assert_eq!(migrator.downgrade(&url, "-1").await.unwrap(), ["b2"]);
    });
    database.sql(&format!("DROP OWNED BY {owner}, {login}; DROP ROLE {login}; DROP ROLE {owner}"));
}
