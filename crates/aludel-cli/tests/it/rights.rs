//! Roles and servers that do not let the program ask: what can be compared is compared, and the rest is
//! named with the reason.

use aludel_testkit::{TestDatabase, TestProject, server};

use crate::PROGRAM;

const MODELS: &str = r#"use aludel::Table;
#[derive(Table)]
#[table(check("weight > 0 and weight < 100", name = "heavy"), index("lower(name)", name = "by_name"))]
pub struct Part {
    #[column(primary_key)] id: i32,
    #[column(type = "varchar(10)", default = "'a' || 'b'")] name: String,
    weight: i32,
}
"#;

const OBJECTS: &str = "CREATE VIEW light AS select id, name from parts where weight < 10;
CREATE FUNCTION twice(a int, b varchar) RETURNS int LANGUAGE sql IMMUTABLE AS 'select a * 2';
CREATE DOMAIN short AS text CHECK (length(value) < 5);
";

/// A project whose database has everything, and the URL of a role that owns nothing in it.
fn project(rights: &str) -> (TestProject, TestDatabase, String) {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    project.models(MODELS);
    project.write("objects/all.sql", OBJECTS);
    project.migrate("first");
    project.run("upgrade head").ok();
    let role = format!("{}_app", database.name);
    let rights = rights.replace("{role}", &role).replace("{database}", &database.name);
    database.sql(&format!(
        "REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC; CREATE ROLE {role} LOGIN;
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}; {rights}",
        database.name
    ));
    let url = database.url().replacen("postgres@", &format!("{role}@"), 1);
    (project, database, url)
}

fn end(database: &TestDatabase) {
    let role = format!("{}_app", database.name);
    database.sql(&format!(
        "GRANT TEMPORARY ON DATABASE {} TO PUBLIC; DROP OWNED BY {role}; DROP ROLE {role}",
        database.name
    ));
}

/// The server shows a schema without USAGE as if it were empty, and a database is not at its base for that.
#[test]
fn a_schema_that_the_role_may_not_use_is_named() {
    let (project, database, url) = project("REVOKE USAGE ON SCHEMA public FROM PUBLIC");
    for command in ["current", "status", "check", "upgrade head"] {
        let refused = project.run(&format!("{command} --database-url {url}")).exits(1);
        let refused = refused.says("permission denied for schema public");
        refused.says("GRANT USAGE").stdout.clear();
    }
    database.sql("GRANT USAGE ON SCHEMA public TO PUBLIC");
    end(&database);
}

/// What can't be known without asking. Types and plain columns are known.
const UNCOMPARED: [&str; 6] = [
    "the default of parts.name",
    "constraint heavy of parts",
    "index by_name of parts",
    "view light",
    "function twice(integer, character varying)",
    "domain short",
];

#[test]
fn what_the_role_may_not_ask_is_named_and_the_rest_is_compared() {
    for (rights, reason) in [
        ("", "the role may not create schemas or temporary tables"),
        (
            "GRANT CREATE ON DATABASE {database} TO {role}; ALTER ROLE {role} SET default_transaction_read_only = on",
            "the server is read-only",
        ),
    ] {
        let (project, database, url) = project(rights);
        let run = |words: &[&str]| project.run_words(&[words, &["--database-url", &url]].concat());
        let check = run(&["check"]).exits(0);
        for place in UNCOMPARED {
            let line = format!("warning: not compared: {place}: {reason}");
            assert!(check.stderr.contains(&line), "{line}\n{}", check.stderr);
        }
        let strict = run(&["check", "--strict"]).exits(3);
        assert!(strict.stdout.contains(&format!("  not compared: view light: {reason}")));
        let diff = run(&["diff"]).exits(0).says("not compared: domain short");
        assert_eq!(diff.stdout, "");
        let json = run(&["check", "--json"]).exits(0);
        assert!(
            json.stdout.contains("\"place\": \"the default of parts.name\""),
            "{}",
            json.stdout
        );
        let none =
            run(&["revision", "--autogenerate", "-m", "none"]).says("not compared: view light");
        assert!(none.ok().contains("no file was written"));

        // A type, a column, a view and a function that are new are differences all the same, in an
        // order that works.
        project.models(&MODELS.replace("weight: i32", "weight: i64, color: Option<String>"));
        project.write(
            "objects/all.sql",
            &format!(
                "CREATE VIEW bright AS select * from colors where hue = rank(1);
                 CREATE VIEW colors AS select id, color, rank(id) as hue from parts;
                 CREATE FUNCTION rank(a int) RETURNS int LANGUAGE sql AS 'select a';\n{OBJECTS}"
            ),
        );
        run(&["revision", "--autogenerate", "-m", "second"]).says("not compared: view light").ok();
        project.run("upgrade head").ok();
        project.run("check").exits(0).ok();
        project.run("downgrade -1").ok();
        assert_eq!(database.sql("SELECT count(*) FROM light"), "0\n");
        end(&database);
    }
}

#[test]
fn an_object_of_a_kind_that_the_role_may_not_create_is_named() {
    let (project, database, url) = project(
        "GRANT CREATE ON DATABASE {database} TO {role}; GRANT ALL ON SCHEMA public TO {role}",
    );
    let objects = format!(
        "{OBJECTS}
         CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'begin end';
         CREATE EVENT TRIGGER watcher ON ddl_command_end EXECUTE FUNCTION watch();"
    );
    project.write("objects/all.sql", &objects);
    project.migrate("watch");
    project.run("upgrade head").ok();
    let own = objects.replace("EXECUTE FUNCTION", "WHEN tag IN ('CREATE TABLE')  EXECUTE FUNCTION");
    project.write("objects/all.sql", &own);
    let words = ["check", "--database-url", &url];
    let check = project
        .run_words(&words)
        .exits(0)
        .says("not compared: event trigger watcher: the role may not");
    assert_eq!(check.stderr.matches("not compared").count(), 1, "{}", check.stderr);

    // A fault of the author is one even then.
    project.write("objects/all.sql", &own.replace("weight < 10", "wight < 10"));
    let _ = project.run_words(&words).exits(1).says("wight").says("objects/all.sql:1");
    end(&database);
}

/// A command that reads asks for the right to read and for no other one.
#[test]
fn a_right_to_read_is_all_that_reading_commands_ask_for() {
    let (project, database, url) = project("REVOKE SELECT ON aludel_version FROM {role}");
    for command in ["current", "status", "check", "history -i"] {
        let refused = project.run(&format!("{command} --database-url {url}")).exits(1);
        assert!(
            refused.stderr.contains("`GRANT SELECT ON TABLE aludel_version TO"),
            "{}",
            refused.stderr
        );
    }
    end(&database);
}

/// An object that the server can't be asked about is written as its author wrote it.
#[test]
fn new_objects_are_written_in_the_words_of_the_object_file() {
    let (project, database, url) = project("GRANT SELECT ON aludel_version TO {role}");
    let objects = "CREATE TRIGGER watched AFTER INSERT ON parts FOR EACH ROW EXECUTE FUNCTION watch();
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE VIEW heavy (number, title) WITH (security_barrier) AS SELECT id, name FROM parts WHERE weight > 10;
CREATE TYPE pair AS (a int, b text);
CREATE TYPE span AS RANGE (subtype = int4);
CREATE OPERATOR CLASS words FOR TYPE text USING hash AS OPERATOR 1 =, FUNCTION 1 hashtext(text);
";
    project.write("objects/more.sql", objects);
    let words = ["revision", "--autogenerate", "-m", "more", "--database-url", &url];
    project.run_words(&words).ok();
    project.run("upgrade head").ok();
    project.run("check --strict").ok();
    assert_eq!(
        database.sql("SELECT reloptions FROM pg_class WHERE relname = 'heavy'"),
        "{security_barrier=true}\n"
    );
    project.run("downgrade base --yes").ok();
    end(&database);
}

/// Objects that can't be temporary are written in their author's words, and named if not compared.
#[test]
fn a_role_that_may_only_create_temporary_tables_is_asked_for_no_more() {
    let (project, database, url) = project(
        "GRANT SELECT ON aludel_version TO {role}; GRANT TEMPORARY ON DATABASE {database} TO {role}",
    );
    let objects = "CREATE RULE kept AS ON DELETE TO parts DO INSTEAD UPDATE parts SET weight = 1 WHERE parts.id = old.id;
CREATE MATERIALIZED VIEW heaviest AS SELECT id, name FROM parts WHERE weight > 10;
CREATE UNIQUE INDEX heaviest_id ON heaviest (id);
CREATE VIEW titles AS SELECT name FROM heaviest;
CREATE TEXT SEARCH CONFIGURATION words (PARSER = pg_catalog.default);
ALTER TEXT SEARCH CONFIGURATION words ADD MAPPING FOR asciiword WITH simple;
CREATE FUNCTION less(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < $2';
CREATE OPERATOR <# (FUNCTION = less, LEFTARG = integer, RIGHTARG = integer);
CREATE VIEW small AS SELECT id FROM parts WHERE id OPERATOR(public.<#) 3;
CREATE FUNCTION step(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
CREATE AGGREGATE total(integer) (SFUNC = step, STYPE = integer, INITCOND = '0');
CREATE VIEW totals AS SELECT total(id) AS step FROM parts;
CREATE FUNCTION gap(integer, integer) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT ($1 - $2)::float8';
CREATE TYPE span AS RANGE (SUBTYPE = integer, SUBTYPE_DIFF = gap);
";
    project.write("objects/more.sql", objects);
    let words = ["revision", "--autogenerate", "-m", "more", "--database-url", &url];
    project.run_words(&words).ok();
    project.run("upgrade head").ok();
    project.run("check --strict").ok();
    assert!(
        !database
            .sql("SELECT pg_get_ruledef(oid) FROM pg_rewrite WHERE rulename = 'kept'")
            .is_empty()
    );
    project.write("objects/more.sql", &objects.replace("weight > 10", "weight > 20"));
    let check = project.run_words(&["check", "--database-url", &url]).exits(0);
    let _ = check.says("not compared: materialized view heaviest: the role may not create schemas");
    // What an author has done wrong is no want of a right.
    for (right, wrong, says) in [
        ("name FROM heaviest", "nme FROM heaviest", "column \"nme\" does not exist"),
        ("name FROM heaviest", "name FROM heavy", "relation \"heavy\" does not exist"),
        ("id, name FROM parts WHERE weight", "id, name FROM parts WHERE wight", "\"wight\""),
        ("heaviest (id)", "heaviest (di)", "column \"di\" does not exist"),
        ("FROM parts WHERE weight", "FROM FROM parts WHERE weight", "syntax error"),
        ("'SELECT $1 < $2'", "'SELECT $1 << $2, $1'", "return type mismatch"),
    ] {
        project.write("objects/more.sql", &objects.replace(right, wrong));
        let check = project.run_words(&["check", "--database-url", &url]).exits(1);
        let _ = check.says(says).says("objects/more.sql:");
    }
    project.write("objects/more.sql", objects);
    project.run("downgrade base --yes").ok();
    end(&database);
}

/// The temporary schema of a role without rights serves to compare the own parts of a partition, too.
#[test]
fn a_role_that_may_only_create_temporary_tables_compares_partitions() {
    let (project, database, url) = project(
        "GRANT SELECT ON aludel_version TO {role}; GRANT TEMPORARY ON DATABASE {database} TO {role}",
    );
    let table = "partition_by = \"list (kind)\"";
    project.models(&format!(
        "{MODELS} #[derive(Table)] #[table(name = \"p\", schema = \"app\", {table})] pub struct P {{ pub kind: i32 }}"
    ));
    let objects = "CREATE TABLE app.p1 PARTITION OF app.p FOR VALUES IN (1);
ALTER TABLE app.p1 ADD CONSTRAINT one UNIQUE (kind);
ALTER TABLE app.p1 CLUSTER ON one;
COMMENT ON CONSTRAINT one ON app.p1 IS 'a constraint';
COMMENT ON INDEX app.one IS 'an index';
";
    project.write("objects/more.sql", objects);
    project.run("revision --autogenerate -m more").ok();
    project.run("upgrade head").ok();
    database.sql(&format!("GRANT USAGE ON SCHEMA app TO {}_app", database.name));
    project.write("objects/more.sql", &objects.replace("kind)", "\"kind\")"));
    project.run_words(&["check", "--strict", "--database-url", &url]).ok();
    project.write("objects/more.sql", &objects.replace("an index", "its index"));
    let check = project.run_words(&["check", "--database-url", &url]).exits(3);
    assert!(check.stdout.contains("alter partition app.p1"), "{}", check.stdout);
    project.run("downgrade base --yes").ok();
    end(&database);
}

/// A role that may not create schemas finds that a check calls a function that goes, if it owns the
/// function. Another role could not drop it.
#[test]
fn a_function_that_goes_under_a_check_is_found_by_its_owner() {
    let (project, database, url) = project(
        "GRANT SELECT ON aludel_version TO {role}; GRANT CREATE ON SCHEMA public TO {role};
         GRANT TEMPORARY ON DATABASE {database} TO {role}",
    );
    let lot = r#"
#[derive(Table)]
#[table(check("is_small(size)", name = "small"))]
pub struct Lot {
    #[column(primary_key)] id: i32,
    size: i32,
}
"#;
    let is_small =
        "CREATE FUNCTION is_small(a int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT a < 9';
CREATE FUNCTION other(a int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT a < 9';";
    project.models(&format!("{MODELS}{lot}"));
    project.write("objects/more.sql", is_small);
    project.migrate("second");
    project.run("upgrade head").ok();
    project.write("objects/more.sql", "");
    let check = || project.run_words(&["check", "--database-url", &url]);
    assert!(check().exits(3).stdout.contains("drop function is_small(integer)"));
    let role = format!("{}_app", database.name);
    database.sql(&format!(
        "ALTER FUNCTION is_small(int) OWNER TO {role}; ALTER TABLE lots OWNER TO {role}"
    ));
    let refused = check().exits(1).says("is_small(integer) does not exist");
    let _ = refused.says("constraint small of lots");
    database
        .sql("ALTER FUNCTION is_small(int) OWNER TO postgres; ALTER TABLE lots OWNER TO postgres");
    end(&database);
}

/// A comparison takes everything back that it makes, and what an event trigger does with a sequence is not taken
/// back by any rollback.
#[test]
fn event_triggers_of_the_database_see_nothing_of_a_comparison() {
    let database = server().database();
    database.sql(
        "CREATE SCHEMA audit; CREATE SEQUENCE audit.counter;
         CREATE FUNCTION audit.count_it() RETURNS event_trigger LANGUAGE plpgsql AS
             'begin perform nextval(''audit.counter''); end';
         CREATE EVENT TRIGGER counted ON ddl_command_end EXECUTE FUNCTION audit.count_it()",
    );
    let project = TestProject::new(PROGRAM, &database.url());
    project.models(MODELS);
    project.write("objects/all.sql", OBJECTS);
    project.run("check").exits(3).stdout.clear();
    project.run("revision --autogenerate -m first").ok();
    assert_eq!(database.sql("SELECT is_called FROM audit.counter").trim(), "f");
}

/// Only a superuser, or a role with the right to set a parameter, keeps event triggers back.
#[test]
fn event_triggers_that_the_role_can_not_keep_back_are_named_once() {
    let (project, database, url) = project("GRANT CREATE ON DATABASE {database} TO {role}");
    let role = format!("{}_app", database.name);
    database.sql(
        "CREATE SCHEMA audit; CREATE SEQUENCE audit.counter; GRANT ALL ON SCHEMA audit TO PUBLIC;
         GRANT ALL ON SEQUENCE audit.counter TO PUBLIC;
         CREATE FUNCTION audit.count_it() RETURNS event_trigger LANGUAGE plpgsql AS
             'begin perform nextval(''audit.counter''); end';
         CREATE EVENT TRIGGER counted ON ddl_command_end EXECUTE FUNCTION audit.count_it();
         CREATE EVENT TRIGGER off ON ddl_command_end EXECUTE FUNCTION audit.count_it();
         ALTER EVENT TRIGGER off DISABLE",
    );
    project.models(&MODELS.replace("weight > 0 and", "weight > 1 and"));
    for command in ["check", "diff", "check --json"] {
        let said = project.run(&format!("{command} --database-url {url}"));
        let said = said.exits(if command == "diff" { 0 } else { 3 });
        if command == "check --json" {
            let json = said.stdout.replace([' ', '\n'], "");
            assert!(json.contains("\"seen_by\":[\"counted\"]"), "{json}");
        } else {
            assert_eq!(said.stderr.matches("counted").count(), 1, "{}", said.stderr);
        }
    }
    assert!(!project.run("check").exits(3).stderr.contains("counted"));

    let version: u32 = database.sql("SHOW server_version_num").trim().parse().unwrap();
    if version >= 150_000 {
        let own = if version >= 170_000 { "event_triggers" } else { "session_replication_role" };
        database.sql(&format!("GRANT SET ON PARAMETER {own} TO {role}"));
        database.sql("SELECT setval('audit.counter', 1, false)");
        let check = project.run(&format!("check --database-url {url}")).exits(3);
        assert!(!check.stderr.contains("counted"), "{}", check.stderr);
        assert_eq!(database.sql("SELECT is_called FROM audit.counter").trim(), "f");
        database.sql(&format!("REVOKE SET ON PARAMETER {own} FROM {role}"));
    }
    database.sql(
        "CREATE OR REPLACE FUNCTION audit.count_it() RETURNS event_trigger LANGUAGE plpgsql AS
             'begin if current_user <> ''postgres'' then raise exception ''no changes''; end if; end'",
    );
    let check = project.run(&format!("check --database-url {url}")).exits(0);
    let _ = check
        .says("not compared: constraint heavy of parts: an event trigger refuses")
        .says("no changes");
    database.sql("DROP EVENT TRIGGER counted; DROP EVENT TRIGGER off");
    end(&database);
}

/// An event trigger that is enabled as ALWAYS fires for a replica too, and there are such before PostgreSQL 17.
#[test]
fn event_triggers_that_fire_always_see_nothing_of_a_comparison() {
    let database = server().database();
    database.sql(
        "CREATE SCHEMA audit; CREATE SEQUENCE audit.counter;
         CREATE FUNCTION audit.count_it() RETURNS event_trigger LANGUAGE plpgsql AS
             'begin perform nextval(''audit.counter''); end';
         CREATE EVENT TRIGGER counted ON ddl_command_end EXECUTE FUNCTION audit.count_it();
         CREATE EVENT TRIGGER copied ON ddl_command_end EXECUTE FUNCTION audit.count_it();
         ALTER EVENT TRIGGER counted ENABLE ALWAYS; ALTER EVENT TRIGGER copied ENABLE REPLICA;",
    );
    let project = TestProject::new(PROGRAM, &database.url());
    project.models(MODELS);
    project.write("objects/all.sql", OBJECTS);
    let check = project.run("check").exits(3);
    assert!(!check.stderr.contains("what is made to compare"), "{}", check.stderr);
    assert_eq!(database.sql("SELECT is_called FROM audit.counter").trim(), "f");
    assert_eq!(database.sql("SELECT evtenabled FROM pg_event_trigger ORDER BY evtname"), "R\nA\n");
}

/// A server shows a user mapping of another role without its options.
#[test]
fn options_of_a_user_mapping_that_the_role_may_not_read_are_left_out_by_name() {
    let (project, database, url) = project("GRANT CREATE ON DATABASE {database} TO {role}");
    let role = format!("{}_app", database.name);
    database.sql(&format!(
        "CREATE FOREIGN DATA WRAPPER distance; CREATE SERVER far FOREIGN DATA WRAPPER distance;
         ALTER SERVER far OWNER TO {role};
         CREATE USER MAPPING FOR pg_monitor SERVER far OPTIONS (\"user\" 'a');
         CREATE USER MAPPING FOR {role} SERVER far;"
    ));
    let unread = "the options of user mapping of pg_monitor for far: the role may not read them";
    let run = |command: &str| project.run(&format!("{command} --database-url {url}"));
    let reflect = run("reflect").says(&format!("left out: {unread}"));
    assert_eq!(reflect.stderr.matches("left out").count(), 1, "{}", reflect.stderr);
    for options in ["", " OPTIONS (\"user\" 'b')"] {
        project.write("objects/all.sql", OBJECTS);
        project.write(
            "objects/mapping.sql",
            &format!("CREATE USER MAPPING FOR pg_monitor SERVER far{options};\n"),
        );
        let check = run("check").exits(0).says(&format!("not compared: {unread}"));
        assert_eq!(check.stderr.matches("pg_monitor").count(), 1, "{}", check.stderr);
        assert!(run("check --strict").exits(3).stdout.contains(unread));
    }
    // Whoever may read them finds that they differ.
    assert!(project.run("diff").exits(0).stdout.contains("ALTER USER MAPPING FOR pg_monitor"));
    database.sql("DROP FOREIGN DATA WRAPPER distance CASCADE");
    end(&database);
}

/// A role that is no superuser gives an object only to an owner that may create objects in its schema.
#[test]
fn a_schema_is_granted_to_new_owners_before_they_own_what_is_in_it() {
    let database = server().database();
    let (name, role) = (&database.name, format!("{}_app", database.name));
    let owners = [format!("{role}_one"), format!("{role}_two")];
    let [one, two] = &owners;
    database.sql(&format!(
        "CREATE ROLE {one}; CREATE ROLE {two}; CREATE ROLE {role} LOGIN IN ROLE {one}, {two};
         ALTER DATABASE {name} OWNER TO {role}; GRANT ALL ON SCHEMA public TO {role}"
    ));
    let url = database.url().replacen("postgres@", &format!("{role}@"), 1);
    let project = TestProject::new(PROGRAM, &url);
    project.models(
        "use aludel::Table;
         #[derive(Table)] #[table(schema = \"app\")]
         pub struct Part { #[column(primary_key, serial)] id: i32 }",
    );
    for owner in &owners {
        project.write(
            "objects/all.sql",
            &format!(
                "CREATE VIEW app.ids AS SELECT id FROM app.parts; ALTER VIEW app.ids OWNER TO {owner};
                 ALTER TABLE app.parts OWNER TO {owner}; GRANT CREATE, USAGE ON SCHEMA app TO {owner};
                 GRANT USAGE ON SEQUENCE app.parts_id_seq TO {role};"
            ),
        );
        project.migrate(owner);
        project.run("upgrade head").ok();
        project.run("check").exits(0).ok();
    }
    project.run("downgrade -1").ok();
    project.run("upgrade head").ok();
    database.sql(&format!(
        "ALTER DATABASE {name} OWNER TO postgres; DROP OWNED BY {role}, {one}, {two} CASCADE;
         DROP ROLE {role}, {one}, {two}"
    ));
}
