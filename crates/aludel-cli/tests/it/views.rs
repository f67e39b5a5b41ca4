//! Views, declared in object files: the first kind that is an entry in the table of kinds.

use aludel_testkit::{TestDatabase, TestProject, dump, server, sqlite_schema};

use crate::{PROGRAM, sqlite_project};

const MODELS: &str = "use aludel::Table;
#[derive(Table)] pub struct Part { #[column(primary_key)] id: i32, #[column(type = \"varchar(10)\")] name: String, weight: Option<i32> }
";

fn project() -> (TestProject, TestDatabase) {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    project.models(MODELS);
    (project, database)
}

/// The upgrade section of a revision, without its header.
fn upgrade_of(project: &TestProject, file: &str) -> String {
    let text = project.read(&format!("versions/{file}"));
    let (_, rest) = text.split_once("-- aludel: upgrade\n").unwrap();
    rest.split("-- aludel: downgrade").next().unwrap().trim().to_owned()
}

/// There and back: the schema is as it was, and as it became.
fn back_and_forth(project: &TestProject, database: &TestDatabase) {
    let after = dump(database);
    project.run("downgrade -1").ok();
    let before = dump(database);
    project.run("upgrade head").ok();
    assert_eq!(dump(database), after);
    project.run("downgrade -1").ok();
    assert_eq!(dump(database), before);
    project.run("upgrade head").ok();
}

#[test]
fn a_view_is_created_with_its_table_replaced_and_dropped() {
    let (project, database) = project();
    project.write("objects/views.sql", "CREATE VIEW heavy AS SELECT id, name FROM parts WHERE weight > 10;\nCOMMENT ON VIEW heavy IS 'more than ten';\n");
    let first = project.migrate("first");
    let upgrade = upgrade_of(&project, &first);
    assert!(
        upgrade.find("CREATE TABLE parts").unwrap() < upgrade.find("CREATE VIEW heavy").unwrap(),
        "{upgrade}"
    );
    assert!(
        upgrade.contains("CREATE VIEW heavy AS SELECT id, name FROM parts WHERE weight > 10;"),
        "the author's words: {upgrade}"
    );
    assert!(upgrade.contains("COMMENT ON VIEW heavy IS 'more than ten';"));

    // Another spelling is no difference.
    project.write("objects/views.sql", "create or replace view public.heavy as\n  select parts.id, name from public.parts where (weight > 10);\nCOMMENT ON VIEW heavy IS 'more than ten';\n");
    project.run("check").exits(0).ok();

    // An option is a difference, also where the text of the query is the server's own.
    let own = database.sql("SELECT pg_get_viewdef('heavy'::regclass)");
    project.write("objects/views.sql", &format!("CREATE VIEW heavy WITH (security_barrier=true) AS\n{own}\nCOMMENT ON VIEW heavy IS 'more than ten';\n"));
    let check = project.run("check").exits(3);
    assert!(check.stdout.contains("alter view heavy"), "{}", check.stdout);

    // A condition and a column more are replaced in place.
    project.write("objects/views.sql", "CREATE VIEW heavy AS SELECT id, name, weight FROM parts WHERE weight > 20;\nCOMMENT ON VIEW heavy IS 'more than ten';\n");
    let file = project.migrate("another condition");
    let upgrade = upgrade_of(&project, &file);
    assert_eq!(
        upgrade,
        "CREATE OR REPLACE VIEW heavy AS SELECT id, name, weight FROM parts WHERE weight > 20;"
    );
    back_and_forth(&project, &database);

    // A column less is not.
    project.write("objects/views.sql", "CREATE VIEW heavy AS SELECT id FROM parts WHERE weight > 20;\nCOMMENT ON VIEW heavy IS 'other';\n");
    let file = project.migrate("a column less");
    assert!(upgrade_of(&project, &file).starts_with("DROP VIEW heavy;\nCREATE VIEW heavy"));
    back_and_forth(&project, &database);

    project.write("objects/views.sql", "-- nothing any more\n");
    let file = project.migrate("no view");
    assert_eq!(upgrade_of(&project, &file), "-- destructive: drops view heavy\nDROP VIEW heavy;");
    back_and_forth(&project, &database);
}

#[test]
fn views_make_room_for_a_column_and_keep_what_was_theirs() {
    let (project, database) = project();
    let views = "CREATE VIEW b_names WITH (security_barrier = true) AS SELECT id, name FROM parts;\n\
                 CREATE VIEW a_short AS SELECT name FROM b_names WHERE length(name) < 3;\n\
                 CREATE VIEW c_other AS SELECT weight FROM parts;\n\
                 COMMENT ON VIEW b_names IS 'names';\nCOMMENT ON COLUMN b_names.name IS 'the name';\n";
    project.write("objects/all.sql", views);
    project.migrate("first");
    let reader = format!("reader_{}", database.name);
    database.sql(&format!(
        "CREATE ROLE {reader}; GRANT SELECT ON b_names TO {reader}; GRANT SELECT (name) ON a_short TO PUBLIC; \
         INSERT INTO parts VALUES (1, 'a', 1), (2, 'bcd', 2)"
    ));
    project.models(&MODELS.replace("varchar(10)", "varchar(20)"));
    let file = project.migrate("longer names");
    let upgrade = upgrade_of(&project, &file);
    assert!(
        upgrade
            .contains("-- view b_names is made again, because column parts.name changes under it"),
        "{upgrade}"
    );
    assert!(
        upgrade.contains("-- view a_short is made again, because view b_names changes under it"),
        "{upgrade}"
    );
    assert!(!upgrade.contains("c_other"), "{upgrade}");
    assert!(upgrade.contains(&format!("GRANT SELECT ON TABLE b_names TO {reader};")), "{upgrade}");
    back_and_forth(&project, &database);
    assert_eq!(database.sql("SELECT name FROM a_short"), "a\n");
    let kept = "SELECT obj_description('b_names'::regclass), col_description('b_names'::regclass, 2), \
                (SELECT reloptions FROM pg_class WHERE relname = 'b_names'), \
                has_column_privilege('public', 'a_short'::regclass, 'name', 'select')";
    assert_eq!(database.sql(kept), "names|the name|{security_barrier=true}|t\n");
    let grants = format!("SELECT has_table_privilege('{reader}', 'b_names', 'select')");
    assert_eq!(database.sql(&grants), "t\n");
    // The downgrade gives back the same, and so does the upgrade after it.
    for command in ["downgrade -1", "upgrade head"] {
        project.run(command).ok();
        assert_eq!(database.sql(&grants), "t\n", "{command}");
        assert_eq!(database.sql(kept), "names|the name|{security_barrier=true}|t\n", "{command}");
    }
    database.sql(&format!("DROP OWNED BY {reader}; DROP ROLE {reader}"));
}

/// A trigger, a rule or a default that an object file has is made again with its view.
#[test]
fn a_view_that_is_made_again_keeps_what_object_files_say() {
    let (project, database) = project();
    project.write("objects/v.sql", "CREATE VIEW v AS SELECT id, name FROM parts;");
    project.migrate("first");
    project.write("objects/v.sql", "CREATE VIEW v AS SELECT name, id FROM parts;");

    // What no object file has goes, and is named.
    database.sql("CREATE RULE r AS ON UPDATE TO v DO INSTEAD NOTHING");
    let outcome = project.run("revision --autogenerate -m x").exits(0);
    assert!(outcome.stderr.contains("drops rule r of v"), "{}", outcome.stderr);
    project.run("upgrade head").ok();
    project.run("check").exits(0).ok();

    let of_view = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER tr INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION f();
         CREATE RULE r AS ON UPDATE TO v DO INSTEAD NOTHING;";
    project
        .write("objects/v.sql", &format!("CREATE VIEW v AS SELECT name, id FROM parts; {of_view}"));
    project.migrate("trigger and rule");
    project
        .write("objects/v.sql", &format!("CREATE VIEW v AS SELECT id, name FROM parts; {of_view}"));
    let file = project.migrate("order of columns");
    let upgrade = upgrade_of(&project, &file);
    assert!(upgrade.contains("trigger tr of v is made again"), "{upgrade}");
    assert!(upgrade.contains("rule r of v is made again"), "{upgrade}");
    back_and_forth(&project, &database);

    project.write(
        "objects/v.sql",
        "CREATE VIEW v AS SELECT name, id FROM parts;\n  COMMENT ON COLUMN v.nope IS 'x';",
    );
    for command in ["revision --autogenerate -m x", "check"] {
        let said = project.run(command).exits(1).stderr;
        assert!(
            said.contains("v.nope: there is a comment on it, and view v has no such"),
            "{said}"
        );
        assert!(said.contains("objects/v.sql:2:3"), "{said}");
    }
}

/// The object file has the new name, which the server does not know yet.
#[test]
fn names_change_under_a_view() {
    let (project, database) = project();
    project.write("objects/v.sql", "CREATE VIEW names AS SELECT id, name FROM parts;");
    project.migrate("first");
    database.sql("INSERT INTO parts VALUES (1, 'a', 1)");

    project.models(
        &MODELS
            .replace("\"varchar(10)\")] name", "\"varchar(10)\", renamed_from = \"name\")] title"),
    );
    project.write("objects/v.sql", "CREATE VIEW names AS SELECT id, title FROM parts;");
    let file = project.migrate("a column");
    assert!(upgrade_of(&project, &file).contains("RENAME COLUMN name TO title"));
    back_and_forth(&project, &database);
    assert_eq!(database.sql("SELECT title FROM names"), "a\n");

    let models = MODELS.replace("] name", "] title").replace(
        "#[derive(Table)]",
        "#[derive(Table)] #[table(name = \"pieces\", renamed_from = \"parts\")]",
    );
    project.models(&models);
    project.write("objects/v.sql", "CREATE VIEW names AS SELECT id, title FROM pieces;");
    let file = project.migrate("a table");
    assert!(upgrade_of(&project, &file).contains("RENAME TO pieces"));
    back_and_forth(&project, &database);
    project.run("check").exits(0).ok();
}

/// Views over a table whose enum type changes are read over the new type, and with them the views
/// between.
#[test]
fn labels_change_under_views() {
    let (project, database) = project();
    let models = |labels: &str| {
        format!(
            "use aludel::{{Enum, Table}};\n#[derive(Enum)] pub enum State {{ {labels} }}\n\
             #[derive(Table)] #[table(name = \"jobs\")] pub struct Job {{ #[column(primary_key)] id: i32, state: State }}\n"
        )
    };
    let views = |label: &str| {
        format!(
            "CREATE VIEW all_jobs AS SELECT id, state FROM jobs;\n\
             CREATE VIEW some_jobs AS SELECT id FROM all_jobs WHERE state = '{label}';\n"
        )
    };
    project.models(&models("Open, Done"));
    project.write("objects/v.sql", &views("open"));
    project.migrate("first");
    database.sql("INSERT INTO jobs VALUES (1, 'done')");
    for (labels, label) in [("Open, Late, Done", "late"), ("Open, Done", "done")] {
        project.models(&models(labels));
        project.write("objects/v.sql", &views(label));
        project.migrate(label);
        back_and_forth(&project, &database);
        project.run("check").exits(0).ok();
    }
    assert_eq!(database.sql("SELECT id FROM some_jobs"), "1\n");
}

/// Two schemas may have a view of the same name, a new schema a serial column and a domain.
#[test]
fn schemas_that_are_new() {
    let (project, database) = project();
    project.migrate("first");
    project.models(&format!(
        "{MODELS}aludel::database!{{ schema(\"z\") }}\n\
         #[derive(Table)] #[table(name = \"t\", schema = \"z\")] pub struct T {{ #[column(serial, primary_key)] id: i32 }}\n"
    ).replace("weight:", "#[column(type = \"d.word\")] word: String, weight:"));
    project.write(
        "objects/v.sql",
        "\u{feff}CREATE VIEW v AS SELECT id FROM z.v;\nCREATE VIEW z.v AS SELECT id FROM parts;\nCREATE DOMAIN d.word AS text DEFAULT '';",
    );
    project.migrate("second");
    back_and_forth(&project, &database);
    project.run("check").exits(0).ok();
}

/// A project that declares no objects has views all the same.
#[test]
fn views_of_others_make_room_and_are_never_dropped() {
    let (project, database) = project();
    project.migrate("first");
    database.sql(
        "CREATE VIEW names AS SELECT id, name FROM parts; INSERT INTO parts VALUES (1, 'a', 1)",
    );
    let check = project.run("check -v").exits(0).says("not in the models' notation: view names");
    assert!(check.stdout.contains("No new upgrade operations"));
    project.models(&MODELS.replace("varchar(10)", "text"));
    project.migrate("text");
    back_and_forth(&project, &database);
    assert_eq!(database.sql("SELECT name FROM names"), "a\n");

    // So do materialized views with their indexes, and triggers.
    database.sql(
        "CREATE MATERIALIZED VIEW counts AS SELECT name, count(*) FROM parts GROUP BY name;
         CREATE UNIQUE INDEX counts_idx ON counts (name);
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER into_names INSTEAD OF INSERT ON names FOR EACH ROW EXECUTE FUNCTION f()",
    );
    project.models(&MODELS.replace("varchar(10)", "varchar(30)"));
    project.migrate("shorter");
    back_and_forth(&project, &database);
    assert_eq!(database.sql("SELECT name, count FROM counts"), "a|1\n");
    let there = "SELECT count(*) FROM pg_trigger WHERE tgname = 'into_names'";
    assert_eq!(database.sql(there), "1\n");
}

#[test]
fn a_view_follows_renames_and_new_tables_in_other_schemas() {
    let (project, database) = project();
    project.models(&format!("{MODELS}#[derive(Table)] #[table(schema = \"app\")] pub struct Order {{ #[column(primary_key)] id: i32, parts: i32, note: String }}\n"));
    project.write(
        "objects/app/views.sql",
        "CREATE VIEW app.with_parts AS SELECT o.id, o.parts, p.name FROM app.orders o JOIN parts p ON p.id = o.parts;\n\
         CREATE VIEW app.counts (how_many) AS SELECT count(*) FROM app.with_parts GROUP BY parts;\n",
    );
    project.migrate("first");
    back_and_forth(&project, &database);
    project.models(&format!(
        "{MODELS}#[derive(Table)] #[table(schema = \"app\")] pub struct Order {{ #[column(primary_key)] id: i64, #[column(renamed_from = \"parts\")] part_id: i32, remark: String }}\n"
    ));
    project.write(
        "objects/app/views.sql",
        "CREATE VIEW app.with_parts AS SELECT o.id, o.part_id, p.name, o.remark FROM app.orders o JOIN parts p ON p.id = o.part_id;\n\
         CREATE VIEW app.counts AS SELECT count(*) AS how_many FROM app.with_parts GROUP BY part_id;\n",
    );
    project.migrate("other columns");
    back_and_forth(&project, &database);
}

#[test]
fn bad_object_files_have_their_place() {
    let (project, _database) = project();
    for (file, code, words) in [
        ("CREATE VIEW v AS\n  SELECT nothing FROM parts;", 1, "column \"nothing\" does not exist"),
        ("CREATE TABLE t (a int);", 1, "a table can't stand in an object file"),
        ("CREATE INDEX i ON parts (name);", 1, "index i of parts can't stand in an object file"),
        ("ALTER TABLE parts DISABLE TRIGGER tr;", 1, "trigger tr of parts is altered"),
        (
            "\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT nothing FROM parts';",
            1,
            "column \"nothing\" does not exist",
        ),
        (
            "\nCREATE VIEW v AS SELECT 1 AS a;\nCREATE VIEW v AS SELECT 2 AS a;",
            1,
            "view v is declared twice",
        ),
        ("INSERT INTO parts VALUES (1);", 1, "`INSERT` can't stand in an object file"),
        (
            "CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;\nCREATE UNIQUE INDEX ON m (a);",
            1,
            "index without a name\n --> objects/v.sql:2",
        ),
        ("CREATE STATISTICS ON id, name FROM parts;", 1, "statistics without a name"),
        ("COMMENT ON VIEW w IS 'x';", 1, "a comment on view w, which no object file makes"),
        ("-- aludel: dialect db2\nCREATE VIEW v AS SELECT 1 AS a;", 1, "`db2` is no dialect"),
        ("CREATE VIEW parts AS SELECT 1 AS a;", 1, "view parts has the name of table parts"),
        ("CREATE TEMP VIEW v AS SELECT 1 AS a;", 1, "view v is temporary"),
        ("\nCREATE OR REPLACE VEIW v AS SELECT 1 AS a;", 1, "objects/v.sql:2:19"),
        ("COMMENT ON FOREIGN VEIW v IS 'x';", 1, "`COMMENT ON FOREIGN VEIW` can't stand"),
        ("ALTER MATERIALIZED VEIW v SET (a = 1);", 1, "objects/v.sql:1:20"),
        ("CREATE VIEW v AS SELECT 'ä',\n 'a AS a;", 1, "objects/v.sql:2:2"),
    ] {
        project.write("objects/v.sql", file);
        let outcome = project.run("revision --autogenerate -m x").exits(code);
        assert!(outcome.stderr.contains(words), "{file}\n{}", outcome.stderr);
        assert!(outcome.stderr.contains("objects/v.sql:"), "{file}\n{}", outcome.stderr);
        assert!(project.revisions().is_empty());
    }
}

/// In one file the last comment counts, and no file comes before another one.
#[test]
fn comments_of_two_files_on_one_object_are_refused() {
    let (project, _database) = project();
    let twice = "COMMENT ON VIEW v IS 'a';\nCOMMENT ON VIEW v IS 'b';";
    project.write("objects/a.sql", &format!("CREATE VIEW v AS SELECT 1 AS a;\n{twice}"));
    project.migrate("first");
    project.write("objects/b.sql", "\nCOMMENT ON VIEW v IS 'c';");
    let outcome = project.run("check").exits(1);
    let expected = "view v gets two comments\n --> objects/b.sql:2";
    assert!(outcome.stderr.contains(expected), "{}", outcome.stderr);
}

#[test]
fn a_model_over_a_view_is_refused() {
    let (project, database) = project();
    project.migrate("first");
    database.sql("CREATE VIEW item_view AS SELECT id FROM parts");
    project.models(&format!("{MODELS}#[derive(Table)] #[table(name = \"item_view\")] pub struct ItemView {{ id: Option<i32> }}\n"));
    let outcome = project.run("revision --autogenerate -m x").exits(1);
    assert!(outcome.stderr.contains("the database has view item_view"), "{}", outcome.stderr);
}

#[test]
fn reflect_writes_object_files_and_check_is_clean() {
    let (project, database) = project();
    database.sql(
        "CREATE SCHEMA app; CREATE TABLE app.things (id int PRIMARY KEY, name text NOT NULL);
         CREATE VIEW app.names AS SELECT id, upper(name) AS name FROM app.things GROUP BY id;
         CREATE VIEW checked WITH (security_invoker = true) AS SELECT id FROM app.names WHERE id > 0;
         COMMENT ON VIEW checked IS 'it''s one'; COMMENT ON COLUMN checked.id IS 'key'",
    );
    let created = project.run("reflect -o models/models.rs --force").ok();
    assert_eq!(created, "created models/models.rs\ncreated objects/views.sql\n");
    project.run("check").exits(0).ok();
    let outcome = project.run("reflect -o models/models.rs").exits(1);
    assert!(outcome.stderr.contains("is there already"), "{}", outcome.stderr);

    let copy = server().database();
    let url = copy.url();
    let other = |arguments: &str| {
        let words: Vec<&str> =
            arguments.split_whitespace().chain(["--database-url", &url]).collect();
        project.run_words(&words)
    };
    other("revision --autogenerate -m all").ok();
    other("upgrade head").ok();
    other("check").exits(0).ok();
    let mut built = dump(&copy);
    built.retain(|(_, name), _| !name.contains("aludel_version"));
    assert_eq!(built, dump(&database));
    other("downgrade base").ok();
}

#[test]
fn views_of_sqlite() {
    let project = sqlite_project();
    project.models(MODELS);
    project.write(
        "objects/views.sql",
        "CREATE VIEW heavy (\"the id\", name) AS SELECT id, name FROM parts WHERE weight > 10;\n\
         -- aludel: dialect postgres\nCREATE VIEW other AS SELECT 1::int AS a;\n",
    );
    let file = project.migrate("first");
    let upgrade = upgrade_of(&project, &file);
    assert!(
        upgrade.contains(
            "CREATE VIEW heavy (\"the id\", name) AS SELECT id, name FROM parts WHERE weight > 10;"
        ),
        "{upgrade}"
    );
    assert!(!upgrade.contains("other"));
    let path = project.path().join("test.db");
    let first = sqlite_schema(&path);

    // A rebuild of its table leaves it alone; another text is another view.
    project.models(&MODELS.replace("weight: Option<i32>", "#[column(unique)] weight: Option<i32>"));
    let file = project.migrate("rebuild");
    assert!(!upgrade_of(&project, &file).contains("VIEW"));
    project.write(
        "objects/views.sql",
        "create view heavy AS\n  SELECT id, name FROM parts\n  WHERE weight > 20",
    );
    let file = project.migrate("another");
    assert_eq!(
        upgrade_of(&project, &file),
        "DROP VIEW heavy;\n\nCREATE VIEW heavy AS SELECT id, name FROM parts\n  WHERE weight > 20;"
    );

    // A column goes together with the view's use of it, and comes back.
    project.models(&MODELS.replace(", weight: Option<i32>", ""));
    project.write("objects/views.sql", "CREATE VIEW heavy AS SELECT id, name FROM parts");
    project.migrate("no weight");
    project.run("downgrade -3").ok();
    assert_eq!(sqlite_schema(&path), first);
    project.run("upgrade head").ok();
    project.run("check").exits(0).ok();

    project.write("objects/views.sql", "CREATE DOMAIN d AS text;");
    let _ = project.run("check").exits(1).says("SQLite has no domain");
    project.run("downgrade base").ok();
}

/// A role that may not create schemas asks in its temporary schema, where the server finds no functions.
#[test]
fn a_role_that_may_not_create_schemas_is_served_too() {
    let (project, database) = project();
    let role = format!("{}_app", database.name);
    database.sql(&format!("CREATE ROLE {role} LOGIN; GRANT CREATE ON SCHEMA public TO {role}"));
    project.write(
        "objects/all.sql",
        "CREATE FUNCTION twice(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'select a * 2';
         CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
         CREATE VIEW heavy AS select id, twice(weight) as w from parts;
         CREATE TRIGGER tr BEFORE INSERT ON parts FOR EACH ROW EXECUTE FUNCTION g();",
    );
    let url = database.url().replacen("postgres@", &format!("{role}@"), 1);
    assert!(url.contains(&role), "{url}");
    for command in
        [&["revision", "--autogenerate", "-m", "all"][..], &["upgrade", "head"], &["check"]]
    {
        project.run_words(&[command, &["--database-url", &url]].concat()).ok();
    }
    assert_eq!(database.sql("SELECT count(*) FROM heavy"), "0\n");
    database.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

/// The server's own words for such a text name all columns of the rows by their places.
#[test]
fn rows_of_a_function_are_read_by_the_names_of_their_columns() {
    let models = |first: &str| {
        format!(
            "use aludel::Table; #[derive(Table)] pub struct Item {{ #[column(primary_key)] id: i64, {first} \
             second: Option<String>, third: Option<String> }}"
        )
    };
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    project.models(&models("first: Option<String>,"));
    project.write(
        "objects/all.sql",
        "CREATE FUNCTION rows() RETURNS SETOF items LANGUAGE plpgsql STABLE AS 'begin return query select * from items; end';
         CREATE VIEW seconds AS SELECT id, second FROM rows();
         CREATE VIEW numbered AS SELECT second, ordinality FROM rows() WITH ORDINALITY;
         CREATE FUNCTION one() RETURNS text LANGUAGE sql STABLE BEGIN ATOMIC SELECT second FROM rows(); END;",
    );
    project.migrate("first");
    database.sql("INSERT INTO items VALUES (1, 'a', 'b', 'c')");
    let seen = || {
        database
            .sql("SELECT second, (SELECT second || ordinality FROM numbered), one() FROM seconds")
    };
    let before = seen();
    project.models(&models(""));
    project.migrate("second");
    project.run("check --strict").exits(0).ok();
    assert_eq!(seen(), before);
    project.run("downgrade -1 --yes").ok();
    assert_eq!(seen(), before);
    // In the files there is no list of columns, which a new database has in another order.
    project.run("reflect -o models/all.rs --force").ok();
    let views = project.read("objects/views.sql");
    assert!(!views.contains("rows(id") && views.contains("rows() rows"), "{views}");
}
