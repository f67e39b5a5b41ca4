//! Names that the server would cut, and names that two objects want.

use aludel_testkit::{TestProject, server};

use crate::{PROGRAM, sqlite_project};

const LONG: &str = "a_name_that_goes_on_for_rather_more_bytes_than_the_server_will_ever_keep";

fn with(attributes: &str, fields: &str) -> String {
    format!(
        "#[derive(Table)]\n{attributes}pub struct Item {{\n    #[column(primary_key)]\n    pub id: i32,\n{fields}}}\n"
    )
}

/// Each is refused for PostgreSQL, at its place.
#[test]
fn a_name_that_the_server_would_cut_is_refused() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    let named = |what: &str| what.replace("LONG", LONG);
    for (models, place) in [
        (with("#[table(name = \"LONG\")]\n", ""), "models.rs:3:12"),
        (with("#[table(schema = \"LONG\")]\n", ""), "models.rs:3:12"),
        (with("#[table(check(\"id > 0\", name = \"LONG\"))]\n", ""), "models.rs:2:9"),
        (with("#[table(index(id, name = \"LONG\"))]\n", ""), "models.rs:2:9"),
        (with("#[table(sequence(name = \"LONG\"))]\n", ""), "models.rs:2:9"),
        (with("", "    #[column(name = \"LONG\")]\n    pub a: i32,\n"), "models.rs:6:9"),
        (
            with(
                "",
                "    pub a: E,\n}\n#[derive(Enum)]\npub enum E {\n    #[label(\"LONG\")]\n    A,\n",
            ),
            "models.rs:10:5",
        ),
        (
            with("", "}\n#[derive(Enum)]\n#[enum_type(name = \"LONG\")]\npub enum E { A "),
            "models.rs:8:10",
        ),
        // 63 characters of two bytes each.
        (with(&format!("#[table(name = \"{}\")]\n", "é".repeat(63)), ""), "models.rs:3:12"),
    ] {
        project.models(&named(&models));
        let outcome = project.run("revision --autogenerate -m x").exits(1).says(place);
        assert!(outcome.stderr.contains("bytes, and PostgreSQL"), "{}", outcome.stderr);
    }
    let exact = "x".repeat(63);
    project.models(&with(&format!("#[table(name = \"{exact}\")]\n"), ""));
    project.migrate("the longest name that is kept");
}

/// SQLite keeps the contents of a virtual table in tables of derived names.
#[test]
fn a_table_with_the_name_of_one_of_a_virtual_table_is_refused() {
    let project = TestProject::new(PROGRAM, "sqlite:app.db");
    project.models(
        "#[derive(Table)]\n#[table(name = \"docs_content\")]\npub struct Content {\n    #[column(primary_key)]\n    pub id: i64,\n    pub body: String,\n}\n",
    );
    project.write("objects/docs.sql", "CREATE VIRTUAL TABLE docs USING fts5(body);\n");
    let said = "table docs_content has the name of one that belongs to virtual table docs";
    project.run("check").exits(1).says(said).stdout.clear();
}

/// Each pair is refused with both places.
#[test]
fn two_objects_of_one_name_are_refused() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    let other = |attributes: &str, name: &str| {
        format!(
            "#[derive(Table)]\n#[table(name = \"{name}\"{attributes})]\npub struct Other {{\n    #[column(primary_key)]\n    pub id: i32,\n}}\n"
        )
    };
    let cases = [
        (
            "#[table(index(id, name = \"others\"))]\n",
            other("", "others"),
            "table others has the name of index others",
            "models.rs:2:9",
        ),
        (
            "#[table(unique(id, name = \"others\"))]\n",
            other("", "others"),
            "table others has the name of constraint others",
            "models.rs:2:9",
        ),
        (
            "#[table(index(id, name = \"twice\"))]\n",
            other(", index(id, name = \"twice\")", "o"),
            "index twice of o has the name of index twice of items",
            "models.rs:2:9",
        ),
        (
            "#[table(sequence(name = \"others\"))]\n",
            other("", "others"),
            "table others has the name of sequence others",
            "models.rs:2:9",
        ),
        (
            "",
            "#[derive(Enum)]\n#[enum_type(name = \"items\")]\npub enum E { A }\n".to_owned(),
            "enum items has the name of table items",
            "models.rs:2:12",
        ),
        (
            "#[table(sequence(name = \"s\"))]\n",
            "aludel::database! { sequence(name = \"s\") }\n".to_owned(),
            "sequence s is declared twice",
            "models.rs",
        ),
    ];
    for (attributes, other, said, place) in cases {
        project.models(&format!("{}{other}", with(attributes, "")));
        project.run("check").exits(1).says(said).says(place).stdout.clear();
    }
    // An index is no type, and another schema is another place.
    project.models(&format!(
        "{}#[derive(Enum)]\n#[enum_type(name = \"size\")]\npub enum Size {{ A }}\n\
         #[derive(Enum)]\n#[enum_type(name = \"items\", schema = \"kinds\")]\npub enum Kind {{ A }}\n",
        with("#[table(index(id, name = \"size\"))]\n", "    pub size: Size,\n    pub kind: Kind,\n")
    ));
    project.migrate("nothing is in the way");
}

#[test]
fn a_derived_name_leaves_a_given_one_alone() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    project.models(&format!(
        "{}#[derive(Table)]\n#[table(name = \"items_a_idx\", sequence(name = \"items_a_seq\"))]\npub struct Other {{\n    #[column(primary_key)]\n    pub id: i32,\n}}\n",
        with("", "    #[column(index, serial)]\n    pub a: i32,\n")
    ));
    project.migrate("another name is derived");
    let names = database
        .sql("SELECT relname FROM pg_class WHERE relname ~ '^items_a_(idx|seq)1?$' ORDER BY 1");
    assert_eq!(
        names.split_whitespace().collect::<Vec<_>>(),
        ["items_a_idx", "items_a_idx1", "items_a_seq", "items_a_seq1"]
    );
}

#[test]
fn sqlite_has_no_limit_but_ignores_case() {
    let project = sqlite_project();
    project.models(&with(&format!("#[table(name = \"{LONG}\")]\n"), ""));
    project.migrate("a long name");
    project.models(&with("#[table(index(id, name = \"ITEMS\"))]\n", ""));
    project.run("check").exits(1).says("has the name of").stdout.clear();
}

#[test]
fn a_column_of_the_system_is_refused() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    project.models(&with("", "    pub xmin: i32,\n"));
    project.run("check").exits(1).says("column items.xmin").says("models.rs:5:9").stdout.clear();
}

/// The server quotes all names in the texts that it is asked for, if it is told so.
#[test]
fn a_server_that_quotes_all_names_says_the_same() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    project.models(
        "use aludel::Table;\n#[derive(Table)] #[table(check(\"size > 0\"))] pub struct Item { #[column(primary_key)] id: i32, size: i32, #[column(type = \"short\")] name: String }",
    );
    project.write(
        "objects/all.sql",
        "CREATE DOMAIN short AS text DEFAULT 'x' CHECK (length(value) < 9);
         CREATE TYPE comp AS (a int, b text);
         CREATE FUNCTION cfn(comp) RETURNS text LANGUAGE sql IMMUTABLE AS 'select $1.b';
         CREATE CAST (comp AS text) WITH FUNCTION cfn(comp) AS ASSIGNMENT;
         CREATE VIEW v AS SELECT id, size FROM items WHERE name > 'a';",
    );
    project.migrate("first");
    project.run("upgrade head").ok();
    database.sql(&format!("ALTER DATABASE {} SET quote_all_identifiers = on", database.name));
    project.run("check --strict").ok();
    project.run("reflect -o models/none.rs --objects objects --force").ok();
    project.write("models/none.rs", "");
    project.write("objects/all.sql", "");
    project.run("check --strict").ok();
}

/// The server finds names of all schemas of the search path, and Aludel those of the first one.
#[test]
fn a_search_path_has_several_schemas() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    database.sql(&format!("ALTER DATABASE {} SET search_path = app, public", database.name));
    database.sql(
        "CREATE SCHEMA app;
         CREATE TABLE public.p (d date NOT NULL) PARTITION BY RANGE (d);
         CREATE TABLE public.p1 PARTITION OF public.p FOR VALUES FROM ('2024-01-02') TO ('2024-02-03');
         CREATE INDEX pi ON public.p1 (d);
         CREATE TABLE public.u (id int);
         CREATE TRIGGER tr BEFORE UPDATE ON public.u FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
         CREATE RULE ru AS ON DELETE TO public.u DO INSTEAD NOTHING;
         CREATE MATERIALIZED VIEW public.mv AS SELECT id FROM public.u;
         CREATE INDEX mi ON public.mv (id);
         CREATE TYPE public.mood AS ENUM ('a', 'b');
         CREATE TABLE app.t (id int PRIMARY KEY, x int DEFAULT 3, m mood NOT NULL DEFAULT 'a', ms mood[]);
         CREATE VIEW app.v AS SELECT t.id, p.d FROM app.t, public.p;",
    );
    project.run("reflect -o models/all.rs --objects objects").ok();
    project.run("check --strict").ok();
    let models = project.read("models/all.rs");
    assert!(models.contains("m: Mood") && models.contains("ms: Option<Vec<Mood>>"), "{models}");
    // The columns of another schema go on with a type that is replaced.
    project.write("models/all.rs", &models.replace("    B,\n", "    C,\n"));
    database.sql("INSERT INTO app.t VALUES (1, 1, 'a', '{a}')");
    project.migrate("replace");
    project.run("check --strict").ok();
    project.run("downgrade base").ok();
    project.run("reflect -o models/all.rs --objects objects --force").ok();
    assert_eq!(project.read("models/all.rs"), models);
}

/// A name without a schema means the default schema, so that nothing is made on a table of another schema, not even
/// to be taken back.
#[test]
fn what_belongs_to_a_table_of_no_model_is_refused() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    let name = &database.name;
    database.sql(&format!(
        "ALTER DATABASE {name} SET search_path = public, app;
         CREATE SCHEMA app; CREATE TABLE app.u (id int NOT NULL)"
    ));
    project.models(
        "#[derive(Table)] #[table(schema = \"app\", name = \"u\")] pub struct U { pub id: i32 }",
    );
    let function =
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'";
    let reason = "no model and no object file makes u; app.u is named with its schema";
    for (statement, object) in [
        ("CREATE POLICY p ON u USING (true)", "policy p of u"),
        ("CREATE RULE r AS ON UPDATE TO public.u DO ALSO NOTHING", "rule r of u"),
        ("CREATE TRIGGER t AFTER INSERT ON u FOR EACH ROW EXECUTE FUNCTION f()", "trigger t of u"),
    ] {
        project.write("objects/all.sql", &format!("{function};\n{statement};\n"));
        for command in ["check", "revision --autogenerate -m no"] {
            let said = project.run(command).exits(1).says(&format!("{object}: {reason}"));
            said.says("objects/all.sql:2:1").stdout.clear();
        }
    }
    project.write("objects/all.sql", "CREATE POLICY p ON other USING (true);\n");
    let said = project.run("check").exits(1);
    said.says("policy p of other: no model and no object file makes other\n").stdout.clear();
}

/// Names without a schema come into another one if the first one is not there.
#[test]
fn a_schema_of_the_search_path_is_missing() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    database.sql(&format!("ALTER DATABASE {} SET search_path = app, public", database.name));
    project.write(
        "objects/all.sql",
        "CREATE VIEW v AS SELECT 1 AS x; CREATE VIEW public.v AS SELECT x FROM v;",
    );
    let missing = "search_path begins with app, which is not there";
    let _ = project.run("revision --autogenerate -m first").exits(1).says(missing);
    project.write("objects/all.sql", "CREATE VIEW v AS SELECT 1 AS x;");
    let json = project.run("diff --json").ok();
    assert!(json.contains("\"missing_schema\": \"app\""), "{json}");
    let _ = project.run("revision --autogenerate -m first").exits(0).says(missing);
    database.sql("CREATE SCHEMA app");
    project.run("upgrade head").ok();
    project.run("check --strict").ok();
    database.sql("SELECT x FROM app.v");
}

/// A search path leads to no schema in which something could be made.
#[test]
fn a_search_path_has_no_schema_to_make_things_in() {
    let make = "CREATE SCHEMA app;
        CREATE TYPE public.e AS ENUM ('a');
        CREATE FUNCTION app.f(public.e) RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION public.f(public.e) RETURNS int LANGUAGE sql AS 'SELECT 2';
        CREATE TABLE public.t (id int PRIMARY KEY, e public.e DEFAULT 'a');";
    for path in ["nothere", "\"$user\"", "pg_catalog, public", "pg_catalog"] {
        let database = server().database();
        let project = TestProject::new(PROGRAM, &database.url());
        database.sql(make);
        database.sql(&format!("ALTER DATABASE {} SET search_path = {path}", database.name));
        project.run("reflect -o models/all.rs --objects objects").ok();
        project.run("check --strict").ok();
    }
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    database.sql(&format!("ALTER DATABASE {} SET search_path = pg_catalog, public", database.name));
    project.models("use aludel::Table;\n#[derive(Table)] pub struct Item { #[column(primary_key, serial)] id: i32 }");
    project.migrate("first");
    project.run("check --strict").ok();
    database.sql("SELECT id FROM public.items");
    project.run("downgrade base").ok();
}

/// Names without a schema mean nothing to a server whose search path is empty.
#[test]
fn an_empty_search_path_is_public() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    database.sql(&format!("ALTER DATABASE {} SET search_path = ''", database.name));
    project.models("use aludel::Table;\n#[derive(Table)] pub struct Item { #[column(primary_key, serial)] id: i32 }");
    project.write(
        "objects/all.sql",
        "CREATE DOMAIN short AS text DEFAULT 'x';
         CREATE FUNCTION f(short) RETURNS text LANGUAGE sql IMMUTABLE AS 'select $1::text';
         CREATE VIEW v AS SELECT id FROM items;",
    );
    project.migrate("first");
    let [first] = project.revisions().try_into().unwrap();
    let id = first.split('_').next().unwrap();
    project.revision("a1", id, "SET default_statistics_target = 7;", "SELECT 1;");
    project.revision("a2", "a1", "SELECT id FROM items;", "SELECT id FROM v;");
    project.run("upgrade head").ok();
    project.run("downgrade a1").ok();
    project.run("upgrade head").ok();
    project.run("check --strict").ok();
    assert_eq!(project.run("current").ok().trim(), "a2 (head)");
    project.run("reflect -o models/none.rs --objects objects --force").ok();
    project.run("downgrade base").ok();
    let left = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'";
    assert_eq!(database.sql(left).trim(), "0");
}

/// A file of a former reflection is no longer true, and whoever reads the database again has to know of it.
#[test]
fn reflect_names_the_files_that_stay() {
    let project = sqlite_project();
    let database = rusqlite::Connection::open(project.path().join("test.db")).unwrap();
    database
        .execute_batch(
            "CREATE TABLE t (id integer PRIMARY KEY); CREATE VIEW v AS SELECT id FROM t;",
        )
        .unwrap();
    let first = project.run("reflect -o models/all.rs --force").exits(0);
    assert!(!first.stderr.contains("stays"), "{}", first.stderr);
    project.run("check --strict").ok();
    database.execute_batch("DROP VIEW v").unwrap();
    let again = project.run("reflect -o models/all.rs --force").exits(0);
    let _ = again.says("objects/views.sql stays");
    std::fs::remove_file(project.path().join("objects/views.sql")).unwrap();
    project.run("check --strict").ok();
}
