//! The state of the session: it comes back when a revision is resumed, and ends with a revision.

use aludel_testkit::TestProject;

use super::Place;

/// A revision whose statement outside a transaction fails until the rows of `app.a` are mended.
const SETUP: &str = "CREATE SCHEMA app; CREATE TABLE app.a (x int); INSERT INTO app.a VALUES (1), (1); \
                     CREATE TABLE public.a (x int); INSERT INTO public.a VALUES (7);";

fn upgrade(set: &str, rest: &str) -> String {
    format!("{set}\nCREATE UNIQUE INDEX CONCURRENTLY i ON app.a (x);\n{rest}")
}

#[test]
fn a_resumed_revision_has_the_settings_of_its_done_part() {
    for set in [
        "SET search_path = app;",
        "SELECT set_config('search_path', 'app', false);",
        "DO $$ BEGIN PERFORM set_config('search_path', 'app', false); END $$;",
        "SET search_path = public;\nSET SESSION search_path TO app, public;",
        "SET LOCAL search_path = public;\n-- aludel: no-transaction\nSET search_path = app;",
    ] {
        let place = Place::with(&upgrade(set, "CREATE TABLE made_last (x int);\nDELETE FROM a;"));
        place.sql(SETUP);
        place
            .project
            .run("upgrade head")
            .exits(1)
            .says("could not create unique index")
            .stdout
            .clear();
        place.sql("DELETE FROM app.a WHERE ctid = '(0,1)'");
        place.project.run("upgrade head").exits(0).says("going on behind statement").ok();
        assert_eq!(place.sql("SELECT 'app.made_last'::regclass"), "app.made_last", "{set}");
        assert_eq!(place.sql("SELECT count(*) FROM public.a"), "1", "{set}");
        assert_eq!(place.sql("SELECT count(*) FROM app.a"), "0", "{set}");
    }
}

#[test]
fn local_settings_do_not_come_back() {
    let place = Place::with(&upgrade(
        "SET LOCAL search_path = app;\nCREATE TABLE first (x int);",
        "CREATE TABLE made_last (x int);",
    ));
    place.sql(SETUP);
    place.project.run("upgrade head").exits(1).stdout.clear();
    place.sql("DELETE FROM app.a WHERE ctid = '(0,1)'");
    place.project.run("upgrade head").ok();
    assert_eq!(
        place.sql("SELECT relnamespace::regnamespace FROM pg_class WHERE relname = 'made_last'"),
        "public"
    );
    assert_eq!(
        place.sql("SELECT relnamespace::regnamespace FROM pg_class WHERE relname = 'first'"),
        "app"
    );
}

#[test]
fn a_role_and_settings_of_a_class_come_back() {
    let role = format!("owner_{}", std::process::id());
    let place = Place::with(&upgrade(
        &format!("SET ROLE {role};\nSET app.tenant = 'blue';\nRESET ROLE;\nSET ROLE {role};"),
        "CREATE TABLE app.made_last AS SELECT current_user::text AS who, current_setting('app.tenant') AS tenant;",
    ));
    place.sql(SETUP);
    place.sql(&format!(
        "CREATE ROLE {role}; GRANT ALL ON SCHEMA app TO {role}; ALTER TABLE app.a OWNER TO {role}"
    ));
    place.project.run("upgrade head").exits(1).says("could not create unique index").stdout.clear();
    place.sql("DELETE FROM app.a WHERE ctid = '(0,1)'");
    place.project.run("upgrade head").ok();
    assert_eq!(place.sql("SELECT who, tenant FROM app.made_last"), format!("{role}|blue"));
    place.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn a_temporary_table_that_the_rest_needs_is_named() {
    let set = "CREATE TEMP TABLE kept AS SELECT 1 AS x;\nDO $$ BEGIN CREATE TEMP TABLE other (x int); END $$;";
    for (rest, needed) in [
        ("INSERT INTO app.a SELECT x FROM kept;", true),
        ("CREATE TABLE made_last (x int);", false),
    ] {
        let place = Place::with(&upgrade(set, rest));
        place.sql(SETUP);
        place.project.run("upgrade head").exits(1).stdout.clear();
        place.sql("DELETE FROM app.a WHERE ctid = '(0,1)'");
        let second = place.project.run("upgrade head");
        if needed {
            second.exits(1).says("whose session had the temporary table").stdout.clear();
            assert_eq!(place.sql("SELECT count(*) FROM app.a"), "1");
        } else {
            second.ok();
        }
    }
}

#[test]
fn a_setting_or_role_ends_with_its_revision() {
    let place = Place::new();
    place.sql(
        "CREATE SCHEMA app; CREATE FUNCTION public.lead_astray() RETURNS text LANGUAGE sql AS \
               $$ SELECT set_config('search_path', 'app', false) $$",
    );
    place.project.revision(
        "a1",
        "none",
        "SELECT public.lead_astray();\nCREATE TEMP TABLE t (x int);",
        "",
    );
    place.project.revision("b1", "a1", "CREATE TABLE t (x int);\nSET ROLE pg_monitor;", "");
    place.project.revision("c1", "b1", "CREATE TABLE u (x int);", "");
    place.project.run("upgrade head").ok();
    assert_eq!(place.sql("SELECT 'public.t'::regclass, 'public.u'::regclass"), "t|u");
}

#[test]
fn the_configured_role_executes_everything() {
    let role = format!("migrator_{}", std::process::id());
    let place = Place::with(
        "CREATE TABLE t (x int);\nCREATE INDEX CONCURRENTLY i ON t (x);\nCREATE TABLE u (x int);",
    );
    place.sql(&format!("CREATE ROLE {role}; GRANT ALL ON SCHEMA public TO {role}"));
    place.project.write(
        "aludel.toml",
        &format!("models = [\"models/**/*.rs\"]\nrevisions = \"versions\"\n[database]\nrole = \"{role}\"\n"),
    );
    place.project.run("upgrade head").ok();
    let owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(place.sql(owners), role);
    place.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn a_session_authorization_and_a_reset_role_come_back() {
    let low = format!("low_{}", std::process::id());
    for (set, configured, owner) in [
        (format!("SET SESSION AUTHORIZATION {low};"), false, low.as_str()),
        ("RESET ROLE;\nSET ROLE NONE;".to_owned(), true, "postgres"),
    ] {
        let place = Place::with(&upgrade(&set, "CREATE TABLE app.made (x int);"));
        place.sql(SETUP);
        place.sql(&format!("CREATE ROLE {low}; GRANT ALL ON SCHEMA app, public TO {low}; ALTER TABLE app.a OWNER TO {low}"));
        if configured {
            place.project.write(
                "aludel.toml",
                &format!(
                    "models = [\"m\"]\nrevisions = \"versions\"\n[database]\nrole = \"{low}\"\n"
                ),
            );
        }
        place
            .project
            .run("upgrade head")
            .exits(1)
            .says("could not create unique index")
            .stdout
            .clear();
        assert!(place.project.run("log").ok().contains("failed: could not create"), "{set}");
        place.sql("DELETE FROM app.a WHERE ctid = '(0,1)'");
        place.project.run("upgrade head").ok();
        assert_eq!(
            place.sql("SELECT tableowner FROM pg_tables WHERE tablename = 'made'"),
            owner,
            "{set}"
        );
        place.sql(&format!("DROP OWNED BY {low}; DROP ROLE {low}"));
    }
}

/// A role that may write the tables needs no right to create them.
#[test]
fn a_run_creates_no_tables_that_are_there() {
    let place = Place::with("INSERT INTO t VALUES (1);");
    let low = format!("writer_{}", std::process::id());
    place.project.run("ensure-version").ok();
    place.sql(&format!(
        "CREATE TABLE t (x int); CREATE ROLE {low} LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO {low}"
    ));
    let project = TestProject::new(
        crate::PROGRAM,
        &place.database.server().url_as(&low, &place.database.name),
    );
    project.revision("a1", "none", "INSERT INTO t VALUES (1);", "");
    let ran = project.run("upgrade head").exits(0);
    assert!(!ran.stderr.contains("already exists"), "{}", ran.stderr);
    place.sql(&format!("DROP OWNED BY {low}; DROP ROLE {low}"));
}

/// The catalogue lists no setting with a class that no module has declared.
#[test]
fn settings_of_a_class_come_back_however_they_were_set() {
    for set in [
        "SET my.tenant = 'acme';",
        "SELECT set_config('my.tenant', 'acme', false);",
        "DO $$ BEGIN PERFORM set_config('my.tenant', 'acme', false); END $$;",
        "SELECT choose();",
    ] {
        let place = Place::with(&format!(
            "{set}\nCREATE UNIQUE INDEX CONCURRENTLY i ON a (id);\n\
             DELETE FROM t WHERE tenant IS DISTINCT FROM current_setting('my.tenant', true);"
        ));
        place.sql(
            "CREATE TABLE t (tenant text); INSERT INTO t VALUES ('acme'), ('other'); \
             CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1); \
             CREATE FUNCTION choose() RETURNS void LANGUAGE plpgsql AS \
             $$ BEGIN SET my.tenant = 'acme'; END $$",
        );
        place.project.run("upgrade head").exits(1).says("could not create unique").stdout.clear();
        place.sql("DELETE FROM a WHERE ctid = '(0,1)'");
        place.project.run("upgrade head").ok();
        assert_eq!(place.sql("SELECT tenant FROM t"), "acme", "{set}");
    }
}

#[test]
fn settings_of_a_revision_do_not_reach_the_records() {
    for set in [
        "SET default_transaction_read_only = on",
        "SET statement_timeout = 50",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "SELECT set_config('default_transaction_' || 'read_only', 'on', false)",
    ] {
        let place = Place::with(&format!(
            "CREATE TABLE a (id int);\n{set};\nVACUUM a;\nRESET ALL;\nCREATE TABLE b (id int);"
        ));
        place.project.run("upgrade head").ok();
        assert_eq!(place.sql("SELECT to_regclass('b') IS NOT NULL"), "t", "{set}");
    }
}

#[test]
fn a_lock_that_a_revision_has_released_is_taken_again() {
    let place = Place::with("SELECT pg_advisory_unlock_all();");
    place.project.revision("b1", "a1", "SELECT pg_sleep(2);", "");
    let child = place.upgrade_until("pg_sleep(2)");
    let other = place.project.run("upgrade head --lock-wait 200ms").exits(1);
    other.says("another runner holds the lock").stdout.clear();
    TestProject::outcome(child).exits(0).says("2 revisions applied").stdout.clear();
}

#[test]
fn prepared_statements_of_the_done_part_are_there_behind_it() {
    for (prepare, execute) in [
        ("PREPARE emptied AS DELETE FROM a;", "EXECUTE emptied;"),
        (
            "SET search_path = app, public;\nPREPARE \"Odd name\" (int) AS DELETE FROM b WHERE id > $1;",
            "EXECUTE \"Odd name\"(0);",
        ),
    ] {
        let place = Place::with(&format!(
            "{prepare}\nCREATE UNIQUE INDEX CONCURRENTLY i ON public.a (id);\n{execute}"
        ));
        place.sql(
            "CREATE SCHEMA app; CREATE TABLE app.b AS SELECT 1 AS id; \
             CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1)",
        );
        place.project.run("upgrade head").exits(1).says("could not create unique").stdout.clear();
        place.sql("DELETE FROM a WHERE ctid = '(0,1)'");
        place.project.run("upgrade head").ok();
        assert_eq!(
            place.sql("SELECT 0 IN ((SELECT count(*) FROM a), (SELECT count(*) FROM app.b))"),
            "t",
            "{prepare}"
        );
    }
    let place = Place::with(
        "PREPARE p AS SELECT * FROM gone;\nDROP TABLE gone;\nCREATE UNIQUE INDEX CONCURRENTLY i ON a (id);\nEXECUTE p;",
    );
    place.sql("CREATE TABLE gone (); CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1)");
    place.project.run("upgrade head").exits(1).stdout.clear();
    place.sql("DELETE FROM a");
    let refused = place.project.run("upgrade head").exits(1);
    refused
        .says("the prepared statement p, which can't be made again")
        .says("nothing was run")
        .stdout
        .clear();
}

#[test]
fn a_read_only_database_says_why() {
    let place = Place::with("SET TRANSACTION READ ONLY;\nCREATE TABLE t (x int);");
    let refused = place.project.run("upgrade head").exits(1);
    refused
        .says("the revision has made its transaction read-only")
        .says("out of the revision")
        .stdout
        .clear();
    place.project.revision("a1", "none", "CREATE TABLE t (x int);", "");
    let name = &place.database.name;
    place.sql(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    let refused = place.project.run("upgrade head").exits(1);
    refused.says("default_transaction_read_only is on").says("turn it off").stdout.clear();
}

/// A session that waits in the pause of a batch, or before another attempt, is not ended for that.
#[test]
fn a_limit_for_idle_sessions_does_not_end_the_run() {
    let batch = "-- aludel: batch\n-- aludel: pause = 700ms\n\
                 DELETE FROM t WHERE x IN (SELECT x FROM t LIMIT 2);";
    let place = Place::with(&format!("{batch}\nSELECT 1;"));
    place.project.revision("b1", "a1", batch, "");
    place.sql("CREATE TABLE t (x int); INSERT INTO t SELECT generate_series(1, 4)");
    place.sql(&format!(
        "ALTER DATABASE \"{}\" SET idle_session_timeout = '400ms'",
        place.database.name
    ));
    place.sql(&format!(
        "ALTER DATABASE \"{}\" SET idle_in_transaction_session_timeout = '400ms'",
        place.database.name
    ));
    place.project.run("upgrade a1").ok();
    place.sql("INSERT INTO t SELECT generate_series(1, 4)");
    place.project.run("upgrade head").ok();
    assert_eq!(place.sql("SELECT count(*) FROM t"), "0");
}

/// A setting of a revision holds until its end, and no longer.
#[test]
fn a_limit_for_idle_sessions_that_a_revision_sets_is_its_own() {
    let show = "INSERT INTO seen SELECT current_setting('idle_session_timeout');";
    let place = Place::with(&format!(
        "SET idle_session_timeout = '50s';\nCREATE UNIQUE INDEX CONCURRENTLY i ON a (x);\n{show}"
    ));
    place.project.revision("b1", "a1", show, "");
    place.sql("CREATE TABLE seen (x text); CREATE TABLE a (x int); INSERT INTO a VALUES (1), (1)");
    place.sql(&format!(
        "ALTER DATABASE \"{}\" SET idle_session_timeout = '40s'",
        place.database.name
    ));
    place.project.run("upgrade head").exits(1).stdout.clear();
    place.sql("DELETE FROM a WHERE ctid = '(0,1)'");
    place.project.run("upgrade head").ok();
    assert_eq!(place.sql("SELECT string_agg(x, ' ') FROM seen"), "50s 0");
}

#[test]
fn the_isolation_of_a_transaction_is_set_first() {
    let set = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;";
    let place = Place::with(&format!("CREATE TABLE a (x int);\nSELECT 1;\n{set}"));
    let failed = place.project.run("upgrade head").exits(1).says("make it the first statement");
    assert!(!failed.stderr.contains("no-transaction"), "{}", failed.stderr);
    place.project.revision("a1", "none", &format!("{set}\nCREATE TABLE a (x int);"), "");
    place.project.run("upgrade head").ok();
}

/// The server does not list settings with a class, so that one whose name is written nowhere can't be
/// kept for a later run.
#[test]
fn a_setting_whose_name_is_put_together_stops_a_later_run() {
    let setup = "CREATE TABLE t (tenant text); INSERT INTO t VALUES ('acme'), ('other'); \
         CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1); \
         CREATE FUNCTION choose(k text) RETURNS void LANGUAGE sql AS \
         $$ SELECT set_config('my.' || k, 'acme', false) $$; \
         CREATE FUNCTION outer_one() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM choose('tenant'); END $$; \
         CREATE FUNCTION chosen(k text) RETURNS text LANGUAGE sql AS $$ SELECT current_setting('my.' || k, true) $$; \
         CREATE FUNCTION plain() RETURNS void LANGUAGE plpgsql AS \
         $$ BEGIN EXECUTE 'UPDATE t SET tenant = ' || quote_literal('acme') || ' WHERE false'; END $$;";
    for (set, stops) in [
        ("SELECT set_config('my.' || 'tenant', 'acme', false);", true),
        ("SELECT choose('tenant');", true),
        ("SELECT outer_one();", true),
        ("DO $$ BEGIN EXECUTE format('SET %I.tenant = %L', 'my', 'acme'); END $$;", true),
        ("DO $$ BEGIN EXECUTE 'set my.' || 'tenant = 7'; END $$;", true),
        ("SELECT set_config('my.other', 'x', false);\nSELECT plain();", false),
    ] {
        let place = Place::with(&format!(
            "{set}\nCREATE UNIQUE INDEX CONCURRENTLY i ON a (id);\n\
             DELETE FROM t WHERE tenant IS DISTINCT FROM chosen('tenant');"
        ));
        place.sql(setup);
        place.project.run("upgrade head").exits(1).says("could not create unique").stdout.clear();
        place.sql("DELETE FROM a WHERE ctid = '(0,1)'");
        let went_on = place.project.run("upgrade head");
        if stops {
            went_on.exits(1).says("a setting whose name is put together").stdout.clear();
            assert_eq!(place.sql("SELECT count(*) FROM t"), "2", "{set}");
        } else {
            went_on.exits(0).stdout.clear();
        }
    }
}

/// The characters of a file would become others without a word.
#[test]
fn an_encoding_of_the_client_is_refused_before_anything_runs() {
    let place = Place::with(
        "CREATE TABLE a (x text);\nSET client_encoding = 'LATIN1';\nINSERT INTO a VALUES ('é');",
    );
    place.project.run("upgrade head").exits(1).says("a1.sql:8").says("as LATIN1").stdout.clear();
    place.project.revision(
        "a1",
        "none",
        "CREATE TABLE a (x text);\nSET client_encoding = 'UTF8';\nINSERT INTO a VALUES ('é');",
        "",
    );
    place.project.run("upgrade head").ok();
    assert_eq!(place.sql("SELECT x FROM a"), "é");
}
