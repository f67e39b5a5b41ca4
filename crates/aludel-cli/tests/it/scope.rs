//! The scope of a project: what is somebody else's is never created, altered or dropped.

use aludel_testkit::{TestDatabase, TestProject, server};

use crate::{PROGRAM, sqlite_project};

const ITEM: &str = "#[derive(Table)] pub struct Item { #[column(primary_key, identity)] id: i64, size: Option<i32> }\n";
const CLEAN: &str = "No new upgrade operations detected.\n";

fn project() -> (TestProject, TestDatabase) {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    project.models(ITEM);
    (project, database)
}

fn scoped(project: &TestProject, scope: &str) {
    let base = "models = [\"models/**/*.rs\"]\nrevisions = \"versions\"\n";
    project.write("aludel.toml", &format!("{base}[scope]\n{scope}\n"));
}

/// Runs a script on the SQLite database of a project, by a revision of its own.
fn run_on_sqlite(project: &TestProject, down: &str, sql: &str) {
    project.revision("byhand", down, sql, "-- aludel: irreversible: no");
    project.run("upgrade head").ok();
}

fn refused(project: &TestProject, words: &[&str]) {
    let before = project.revisions();
    let outcome = project.run_words(&["revision", "--autogenerate", "-m", "x"]).exits(1);
    for word in words {
        assert!(outcome.stderr.contains(word), "{word:?} in\n{}", outcome.stderr);
    }
    assert_eq!(project.revisions(), before);
}

fn clean(project: &TestProject, command: &str) -> String {
    let outcome = project.run(command).exits(0);
    assert!(outcome.stdout.ends_with(CLEAN), "{}", outcome.stdout);
    outcome.stderr
}

#[test]
fn the_books_of_other_tools_are_never_dropped() {
    let books = "
        CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY);
        CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, success boolean);
        CREATE INDEX flyway_schema_history_s_idx ON flyway_schema_history (success);";
    let (project, database) = project();
    project.migrate("first");
    database.sql(books);
    database.sql(
        "CREATE TYPE tool_state AS ENUM ('a', 'b'); CREATE SCHEMA drizzle;
         CREATE TABLE goose_db_version (id serial PRIMARY KEY, state tool_state[]);
         CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text);
         CREATE TABLE \"__EFMigrationsHistory\" (id text PRIMARY KEY);",
    );
    clean(&project, "check");
    let verbose = clean(&project, "check -v --strict");
    for name in ["table goose_db_version", "enum tool_state", "schema drizzle"] {
        let line = format!("left alone: {name}\n");
        assert!(verbose.contains(&line), "{name} in {verbose}");
    }
    // A model may declare one of them, and then it is a table like any other.
    project.models(&format!(
        "{ITEM}#[derive(Table)] #[table(name = \"_sqlx_migrations\")] pub struct Sqlx {{ #[column(primary_key)] version: i32 }}"
    ));
    let check = project.run("check").exits(3);
    assert!(check.stdout.contains("alter column _sqlx_migrations.version"), "{}", check.stdout);

    let sqlite = sqlite_project();
    sqlite.models(ITEM);
    let first = sqlite.migrate("first");
    run_on_sqlite(&sqlite, first.split('_').next().unwrap(), books);
    clean(&sqlite, "check");
}

/// Statistics objects are in a schema, not in the table of whose columns they are made.
#[test]
fn what_is_made_of_a_table_that_is_left_alone_is_left_alone() {
    let (project, database) = project();
    scoped(&project, "ignore = [\"skipped\"]");
    project.write("objects/views.sql", "CREATE VIEW sizes AS SELECT size FROM items;");
    project.migrate("first");
    for table in ["skipped", "flyway_schema_history", "other.things"] {
        let schema = "CREATE SCHEMA IF NOT EXISTS other";
        database.sql(&format!(
            "{schema}; CREATE TABLE {table} (id int, a int);
             CREATE STATISTICS \"st_{table}\" ON id, a FROM {table};"
        ));
    }
    database.sql(
        "CREATE FUNCTION shared(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
         CREATE FUNCTION filtered(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
         CREATE COLLATION german (locale = 'C');
         CREATE INDEX ON skipped (shared(a)); CREATE INDEX ON other.things (id) WHERE filtered(a) = 1;
         ALTER TABLE skipped ADD CHECK (shared(id) = 1), ADD word text COLLATE german;",
    );
    let verbose = clean(&project, "check -v");
    for name in ["function shared(integer)", "function filtered(integer)", "collation german"] {
        assert!(verbose.contains(&format!("left alone: {name}\n")), "{name} in {verbose}");
    }
    database.sql(
        "ALTER TABLE aludel_version ENABLE ROW LEVEL SECURITY;
         CREATE POLICY p ON aludel_version USING (true);
         CREATE STATISTICS st_own ON (lower(revision)) FROM aludel_version_log;",
    );
    clean(&project, "check --strict");
    let written = project.run("reflect -o models/models.rs --objects objects --force").exits(0);
    assert!(!written.stderr.contains("policies.sql"), "{}", written.stderr);
    let statistics = project.read("objects/statistics.sql");
    let names = ["flyway_schema_history", "other.things"].map(|name| statistics.contains(name));
    assert_eq!(
        (names, statistics.contains("skipped"), statistics.contains("st_own")),
        ([true, true], false, false),
        "{statistics}"
    );
    clean(&project, "check --strict");
}

#[test]
fn schemas_that_nothing_names_are_left_alone() {
    let (project, database) = project();
    project.migrate("first");
    database.sql(
        "CREATE SCHEMA auth; CREATE TYPE auth.level AS ENUM ('a');
         CREATE TABLE auth.users (id uuid PRIMARY KEY, level auth.level, email text UNIQUE);
         CREATE VIEW auth.emails AS SELECT email FROM auth.users;
         CREATE FUNCTION auth.uid() RETURNS int LANGUAGE sql AS 'SELECT 1';",
    );
    let check = clean(&project, "check -v --strict");
    let lines: Vec<&str> = check.lines().filter(|line| line.contains("left alone")).collect();
    assert_eq!(lines, ["left alone: schema auth"], "once: {check}");
    let json: String = project.run("check --json").ok();
    assert!(json.contains("\"left_alone\""), "{json}");

    // A model may refer to what is there.
    project.models(&format!(
        "{ITEM}#[derive(Table)] pub struct Profile {{ #[column(primary_key, references = \"auth.users.id\")] id: Uuid }}"
    ));
    project.migrate("profiles");
    clean(&project, "check --strict");
    let source = project.run("reflect").ok();
    assert!(source.contains("references = \"auth.users"), "{source}");

    // As soon as a model is in the schema, it is in scope.
    project.models(&format!(
        "{ITEM}#[derive(Table)] #[table(schema = \"auth\")] pub struct Login {{ #[column(primary_key)] id: i32 }}"
    ));
    let check = project.run("check").exits(3);
    assert!(check.stdout.contains("drop table auth.users"), "{}", check.stdout);

    // What a reference means has to be there.
    project.models(&format!(
        "{ITEM}#[derive(Table)] pub struct Profile {{ #[column(primary_key, references = \"auht.users.id\")] id: Uuid }}"
    ));
    let refers =
        "it refers to table auht.users, which no model declares and the database does not have";
    refused(&project, &[refers]);
}

/// A schema in scope stays in scope if something in it is left alone.
#[test]
fn a_schema_is_not_left_alone_for_what_is_in_it() {
    let (project, database) = project();
    project.migrate("first");
    database.sql(
        "CREATE SCHEMA app; CREATE TABLE app._sqlx_migrations (version bigint PRIMARY KEY);
         CREATE TABLE app.t (id int PRIMARY KEY, mine int)",
    );
    scoped(&project, "schemas = [\"public\", \"app\"]\nignore = [\"column:app.t.mine\"]");
    project.models(&format!(
        "{ITEM}#[derive(Table)] #[table(name = \"t\", schema = \"app\")] pub struct T {{ #[column(primary_key)] id: i32 }}"
    ));
    let check = clean(&project, "check -v --strict");
    let lines: Vec<&str> = check.lines().filter(|line| line.contains("left alone")).collect();
    let own = ["left alone: table app._sqlx_migrations", "left alone: column app.t.mine"];
    assert_eq!(lines, own, "{check}");
}

#[test]
fn only_listed_schemas_are_compared() {
    let (project, database) = project();
    project.migrate("first");
    database.sql("CREATE SCHEMA app; CREATE SCHEMA other; CREATE TABLE app.a (id int); CREATE TABLE other.b (id int)");
    scoped(&project, "schemas = [\"public\", \"app\"]");
    let check = project.run("check -v").exits(3);
    assert_eq!(check.stdout, "  drop table app.a\n  drop schema app\n");
    assert!(check.stderr.contains("left alone: schema other"), "{}", check.stderr);
    let source = project.run("reflect").ok();
    assert!(source.contains("schema = \"app\"") && !source.contains("other"), "{source}");

    // A model outside of them would never be compared, so it is no silence but an error.
    scoped(&project, "schemas = [\"app\"]");
    refused(&project, &["table items: it is declared", "does not list its schema public"]);
    scoped(&project, "schemas = [\"app\"]\nignore = [\"public.*\", \"app.a\"]");
    clean(&project, "check");
}

#[test]
fn ignored_objects_are_never_proposed() {
    let (project, database) = project();
    project.models(&format!(
        "{ITEM}#[derive(Table)] pub struct Log {{ #[column(primary_key)] id: i32, text: String }}"
    ));
    project.write("objects/v.sql", "CREATE VIEW v AS SELECT id FROM items;");
    scoped(
        &project,
        "ignore = [\"logs\", \"view:tmp_*\", \"index:*_by_hand\", \"column:items.legacy\", \"extension:citext\", \"function:f\", \"function:g(integer)\", \"mood\"]",
    );
    // A declared object that is ignored is not created.
    let first = project.migrate("first");
    assert!(!project.read(&format!("versions/{first}")).contains("logs"));
    database.sql(
        "CREATE TABLE logs (id bigint); CREATE VIEW tmp_v AS SELECT id FROM items;
         ALTER TABLE items ADD legacy text; CREATE INDEX items_by_hand ON items (size);
         CREATE INDEX items_legacy_idx ON items (legacy);
         CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TYPE mood AS ENUM ('a');
         CREATE FUNCTION g(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    );
    clean(&project, "check --strict");
    assert_eq!(project.run("diff").ok(), "");
    project.run("reflect -o models/reflected.rs --force").ok();
    let source = project.read("models/reflected.rs");
    for name in ["logs", "legacy", "by_hand", "mood", "Mood"] {
        assert!(!source.contains(name), "{name} in {source}");
    }
    assert!(!project.read("objects/views.sql").contains("tmp_v"));
    project.write("models/reflected.rs", "");
    project.write("objects/views.sql", "");
    let strict = |scope: &str, lines: &[&str]| {
        scoped(&project, scope);
        let check = project.run("check --strict").exits(3);
        for line in lines {
            assert!(check.stdout.contains(line), "{line} in {}", check.stdout);
        }
    };
    strict(
        "",
        &[
            "alter column logs.id",
            "drop view tmp_v",
            "drop index items_by_hand",
            "drop function f(integer)",
        ],
    );
}

#[test]
fn a_strict_check_lists_what_is_in_scope_and_not_compared() {
    let (project, database) = project();
    project.migrate("first");
    // A project without object files compares no views.
    database.sql("CREATE VIEW w AS SELECT id FROM items; GRANT SELECT ON items TO PUBLIC");
    clean(&project, "check");
    let check = project.run("check --strict").exits(3);
    assert_eq!(check.stdout, "  unmanaged: view w\n");
    let json = project.run("check --strict --json").exits(3).stdout;
    assert!(json.contains("\"clean\": false"), "{json}");
    scoped(&project, "ignore = [\"w\"]");
    clean(&project, "check --strict");
    scoped(&project, "ignore = [\"w\"]\nmanage = [\"grants\"]");
    let check = project.run("check --strict").exits(3);
    assert_eq!(check.stdout, "  change the privileges of table items\n");
    project.run("reflect -o models/none.rs --force").ok();
    assert_eq!(project.read("objects/access.sql"), "GRANT SELECT ON TABLE items TO PUBLIC;\n");
}

/// A foreign key is not enforced while its triggers are disabled, and pg_dump does not show that.
#[test]
fn a_foreign_key_without_its_triggers_is_named() {
    let (project, database) = project();
    project.models(&format!(
        "{ITEM}#[derive(Table)] pub struct Part {{ #[column(primary_key)] id: i64, #[column(references = \"items.id\")] item: i64 }}"
    ));
    project.migrate("first");
    clean(&project, "check --strict");
    database.sql("ALTER TABLE parts DISABLE TRIGGER ALL");
    let check = project.run("check --strict").exits(3);
    assert_eq!(check.stdout, "  unmanaged: disabled triggers of foreign keys of table parts\n");
}

/// Privileges on the schema that each database has and on the sequences of identity columns are compared
/// like all others, and a sequence takes its own along when its table goes.
#[test]
fn managed_privileges_are_those_of_all_objects() {
    let (project, database) = project();
    project.models(&format!(
        "{ITEM}#[derive(Table)] pub struct Row {{ #[column(primary_key, serial)] id: i64 }}"
    ));
    scoped(&project, "manage = [\"grants\"]");
    project.write("objects/access.sql", "GRANT USAGE ON SEQUENCE rows_id_seq TO pg_monitor;");
    project.migrate("first");
    clean(&project, "check --strict");
    for (sql, line) in [
        ("GRANT CREATE ON SCHEMA public TO pg_monitor", "schema public"),
        ("REVOKE USAGE ON SCHEMA public FROM PUBLIC", "schema public"),
        ("GRANT USAGE ON SEQUENCE items_id_seq TO pg_monitor", "sequence items_id_seq"),
    ] {
        database.sql(sql);
        let check = project.run("check --strict").exits(3);
        assert_eq!(check.stdout, format!("  change the privileges of {line}\n"), "{sql}");
        project.run("reflect -o models/none.rs --objects objects --force").ok();
        project.write("models/none.rs", "");
        clean(&project, "check --strict");
    }
    project.write("objects/access.sql", "");
    project.models(ITEM);
    project.migrate("second");
    project.run("downgrade -1").ok();
    project.run("downgrade base --yes").ok();
}

#[test]
fn what_is_in_the_way_is_said_before_the_upgrade() {
    for (made, scope, models, words) in [
        (
            "CREATE VIEW tmp_v AS SELECT size FROM items",
            "view:tmp_*",
            ITEM.replace("Option<i32>", "Option<String>"),
            &["view tmp_v: it rests on column items.size, which changes; it is left alone"][..],
        ),
        (
            "CREATE VIEW tmp_v AS SELECT size FROM items",
            "tmp_v",
            ITEM.replace(", size: Option<i32>", ""),
            &["view tmp_v", "column items.size", "left alone"],
        ),
        (
            "CREATE VIEW tmp_v AS SELECT size FROM items",
            "tmp_v",
            ITEM.replace("Item", "Other"),
            &["view tmp_v", "items", "left alone"],
        ),
        (
            "CREATE TABLE theirs (item_id bigint REFERENCES items (id))",
            "theirs",
            ITEM.replace("id: i64", "id: i32"),
            &[
                "constraint theirs_item_id_fkey of theirs: it rests on column items.id, which changes",
            ],
        ),
        (
            "CREATE TABLE theirs (item_id bigint REFERENCES items (id))",
            "theirs",
            ITEM.replace("Item", "Other"),
            &["table items: it goes, and constraint theirs_item_id_fkey of theirs refers to it"],
        ),
        (
            "CREATE INDEX by_hand ON items (size)",
            "index:by_hand",
            ITEM.replace(", size: Option<i32>", ""),
            &["index by_hand of items: it rests on column items.size, which changes"],
        ),
    ] {
        let (project, database) = project();
        project.write("objects/none.sql", "");
        project.migrate("first");
        database.sql(made);
        scoped(&project, &format!("ignore = [\"{scope}\"]"));
        clean(&project, "check --strict");
        project.models(&models);
        let check = project.run("check").exits(3);
        for word in words {
            assert!(check.stdout.contains(word), "{word:?} in\n{}", check.stdout);
        }
        refused(&project, words);
    }
}

#[test]
fn a_type_of_an_ignored_table_is_not_replaced() {
    let (project, database) = project();
    let models = |labels: &str| {
        format!(
            "#[derive(Enum)] pub enum Size {{ {labels} }}\n#[derive(Table)] pub struct Item {{ #[column(primary_key)] id: i32, size: Size }}"
        )
    };
    project.models(&models("Small, Big"));
    project.migrate("first");
    database.sql("CREATE TABLE theirs (size size)");
    scoped(&project, "ignore = [\"theirs\"]");
    project.models(&models("Small"));
    refused(
        &project,
        &["enum size: it is replaced by a new type, and column theirs.size is of it"],
    );
    // A new label changes nothing of the table.
    project.models(&models("Small, Big, Huge"));
    project.migrate("a label more");
}

#[test]
fn ignored_objects_are_left_alone_on_sqlite() {
    let project = sqlite_project();
    project.models(ITEM);
    project.write("objects/none.sql", "");
    let first = project.migrate("first");
    run_on_sqlite(
        &project,
        first.split('_').next().unwrap(),
        "CREATE TABLE theirs (id INTEGER PRIMARY KEY, item_id INTEGER REFERENCES items (id));
         CREATE VIEW tmp_v AS SELECT size FROM items;
         CREATE INDEX by_hand ON items (size)",
    );
    scoped(&project, "ignore = [\"theirs\", \"view:tmp_*\", \"index:by_hand\"]");
    clean(&project, "check --strict");
    assert!(!project.run("reflect").ok().contains("theirs"));

    // A rebuild of a table keeps an ignored index.
    project.models(
        &ITEM.replace("size: Option<i32>", "#[column(check = \"size > 0\")] size: Option<i32>"),
    );
    project.migrate("a check");
    clean(&project, "check --strict");

    project.models(&ITEM.replace("Item", "Other"));
    refused(&project, &["table items: it goes", "theirs"]);
    project.models(&ITEM.replace("size: Option<i32>", "weight: Option<i32>"));
    refused(&project, &["column items.size", "view tmp_v", "left alone"]);
}

#[test]
fn a_pattern_with_an_unknown_kind_has_its_place() {
    let project = sqlite_project();
    project.models(ITEM);
    scoped(&project, "ignore = [\"tigger:*_audit\"]");
    let outcome = project.run("check").exits(2);
    assert!(outcome.stderr.contains("`tigger` is no kind of object"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("aludel.toml:4:11"), "{}", outcome.stderr);
}

#[test]
fn the_schema_of_an_extension_is_made_for_it() {
    let (project, database) = project();
    project.models(&format!(
        "aludel::database! {{ extension(\"citext\", schema = \"ext\") }}\n{ITEM}"
    ));
    let file = project.migrate("first");
    let text = project.read(&format!("versions/{file}"));
    let schema = text.find("CREATE SCHEMA ext").unwrap();
    assert!(schema < text.find("CREATE EXTENSION").unwrap(), "{text}");
    project.run("downgrade base").ok();
    assert_eq!(database.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'ext'"), "0\n");
    project.run("upgrade head").ok();
    clean(&project, "check --strict");
    assert!(project.run("reflect").ok().contains("extension(\"citext\", schema = \"ext\")"));
}

/// The sequence of a column has the owner of the table, and the server refuses to give it another one.
#[test]
fn owners_of_sequences_follow_their_tables() {
    let (project, database) = project();
    database.sql(
        "CREATE TABLE parts (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number serial); \
         ALTER TABLE parts OWNER TO pg_monitor",
    );
    scoped(&project, "manage = [\"owners\"]");
    project.run("reflect -o models/models.rs --force").ok();
    assert_eq!(project.read("objects/access.sql"), "ALTER TABLE parts OWNER TO pg_monitor;\n");
    clean(&project, "check --strict");
    database.sql("DROP TABLE parts");
    project.migrate("first");
    clean(&project, "check --strict");
}

/// A new owner keeps what was granted to it, because the server makes that the owner's own.
#[test]
fn a_new_owner_keeps_its_privileges() {
    let (project, database) = project();
    database.sql(
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; \
         GRANT EXECUTE ON FUNCTION f() TO pg_monitor",
    );
    scoped(&project, "manage = [\"grants\", \"owners\"]");
    project.run("reflect -o models/models.rs --force").ok();
    project.write(
        "objects/access.sql",
        "ALTER FUNCTION f() OWNER TO pg_monitor; REVOKE ALL ON FUNCTION f() FROM PUBLIC;",
    );
    project.migrate("owner");
    clean(&project, "check --strict");
    let owner = "SELECT has_function_privilege('pg_monitor', 'f()', 'EXECUTE'), proacl FROM pg_proc WHERE proname = 'f'";
    assert_eq!(database.sql(owner).trim(), "t|{pg_monitor=X/pg_monitor}");
}
