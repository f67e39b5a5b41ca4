//! Domains: the second kind that is an entry in the table of kinds, and one that columns are of.

use aludel_testkit::{TestDatabase, TestProject, dump, server};

use crate::PROGRAM;

const MODELS: &str = "use aludel::Table;
#[derive(Table)] pub struct User { #[column(primary_key)] id: i32, #[column(type = \"email\", index)] email: String }
";

fn project(objects: &str) -> (TestProject, TestDatabase) {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    project.models(MODELS);
    project.write("objects/domains.sql", objects);
    (project, database)
}

fn upgrade_of(project: &TestProject, file: &str) -> String {
    let text = project.read(&format!("versions/{file}"));
    let (_, rest) = text.split_once("-- aludel: upgrade\n").unwrap();
    rest.split("-- aludel: downgrade").next().unwrap().trim().to_owned()
}

fn back_and_forth(project: &TestProject, database: &TestDatabase) {
    let after = dump(database);
    project.run("downgrade -1").ok();
    project.run("upgrade head").ok();
    assert_eq!(dump(database), after);
}

#[test]
fn a_domain_comes_before_its_columns_and_changes_clause_by_clause() {
    let (project, database) = project(
        "CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');\nCOMMENT ON DOMAIN email IS 'an address';\n",
    );
    let file = project.migrate("first");
    let upgrade = upgrade_of(&project, &file);
    assert!(
        upgrade.find("CREATE DOMAIN email").unwrap() < upgrade.find("CREATE TABLE users").unwrap(),
        "{upgrade}"
    );
    database.sql("INSERT INTO users VALUES (1, 'a@b')");

    // Another spelling is no difference.
    project.write("objects/domains.sql", "create domain public.email text constraint email_check check (value like '%@%');\nCOMMENT ON DOMAIN email IS 'an address';\n");
    project.run("check").exits(0).ok();

    project.write("objects/domains.sql", "CREATE DOMAIN email AS text DEFAULT 'none@none' NOT NULL CHECK (VALUE LIKE '%_@_%');\nCOMMENT ON DOMAIN email IS 'another';\n");
    let file = project.migrate("clauses");
    let upgrade = upgrade_of(&project, &file);
    assert!(
        !upgrade.contains("DROP DOMAIN") && upgrade.contains("ALTER DOMAIN email SET NOT NULL;"),
        "{upgrade}"
    );
    assert!(upgrade.contains("ALTER DOMAIN email SET DEFAULT 'none@none'"), "{upgrade}");
    back_and_forth(&project, &database);
    assert_eq!(database.sql("SELECT email FROM users"), "a@b\n");
}

#[test]
fn another_base_type_takes_the_columns_and_their_views_along() {
    let (project, database) = project("CREATE DOMAIN email AS text;\n");
    project.write("objects/views.sql", "CREATE VIEW addresses AS SELECT email FROM users;\n");
    project.migrate("first");
    let user = format!("user_{}", database.name);
    database.sql(&format!(
        "INSERT INTO users VALUES (1, 'a@b'); CREATE ROLE {user}; GRANT USAGE ON DOMAIN email TO {user}"
    ));
    project.write("objects/domains.sql", "CREATE DOMAIN email AS varchar(80);\n");
    project.migrate("shorter");
    let granted =
        format!("SELECT typacl::text LIKE '%{user}=U%' FROM pg_type WHERE typname = 'email'");
    for command in ["current", "downgrade -1", "upgrade head"] {
        project.run(command).ok();
        assert_eq!(database.sql(&granted), "t\n", "{command}");
    }
    back_and_forth(&project, &database);
    assert_eq!(database.sql("SELECT email FROM addresses"), "a@b\n");
    let columns = "SELECT domain_name || ' ' || data_type FROM information_schema.columns WHERE table_name = 'users' AND column_name = 'email'";
    assert_eq!(database.sql(columns), "email character varying\n");

    // The domain goes with its last column.
    project.models(&MODELS.replace("type = \"email\", ", ""));
    project.write("objects/domains.sql", "");
    project.migrate("text");
    back_and_forth(&project, &database);
    assert_eq!(database.sql("SELECT email FROM addresses"), "a@b\n");
    database.sql(&format!("DROP OWNED BY {user}; DROP ROLE {user}"));
}

/// Values that do not fit the new base type stop the upgrade; rounding is said beforehand.
#[test]
fn another_base_type_cuts_no_value() {
    let (project, database) =
        project("CREATE DOMAIN email AS varchar(50);\nCREATE DOMAIN amount AS numeric(12,4);\n");
    project.models(
        &MODELS.replace(
            "email: String }",
            "email: String, #[column(type = \"amount\")] paid: Decimal }",
        ),
    );
    let first = project.migrate("first");
    database.sql("INSERT INTO users VALUES (1, 'abcdefghij', 1.2345)");
    project.write(
        "objects/domains.sql",
        "CREATE DOMAIN email AS varchar(3);\nCREATE DOMAIN amount AS numeric(12,1);\n",
    );
    project.run("revision --autogenerate -m shorter").ok();
    let file = project.revisions().into_iter().find(|file| *file != first).unwrap();
    let text = project.read(&format!("versions/{file}"));
    assert!(text.contains("-- lossy: "), "{text}");
    let outcome = project.run("upgrade head").exits(1);
    assert!(outcome.stderr.contains("value too long"), "{}", outcome.stderr);
    assert_eq!(database.sql("SELECT email, paid FROM users"), "abcdefghij|1.2345\n");
}

/// A column that becomes one of a domain keeps its values, or the upgrade stops.
#[test]
fn a_column_that_becomes_one_of_a_domain_cuts_no_value() {
    let (project, database) = project("-- none\n");
    let models = |kind: &str, number: &str| {
        MODELS.replace("type = \"email\"", &format!("type = \"{kind}\"")).replace(
            "email: String }",
            &format!("email: String, #[column(type = \"{number}\")] paid: Decimal }}"),
        )
    };
    project.models(&models("varchar(50)", "numeric(12,4)"));
    let first = project.migrate("first");
    database.sql("INSERT INTO users VALUES (1, 'abcdefghij', 1.2345)");
    project.models(&models("code", "amount"));
    project.write(
        "objects/domains.sql",
        "CREATE DOMAIN short AS varchar(4);\nCREATE DOMAIN code AS short;\nCREATE DOMAIN amount AS numeric(12,1);\n",
    );
    project.run("revision --autogenerate -m shorter").ok();
    let file = project.revisions().into_iter().find(|file| *file != first).unwrap();
    let text = project.read(&format!("versions/{file}"));
    assert!(text.contains("-- lossy: "), "{text}");
    let outcome = project.run("upgrade head").exits(1);
    assert!(outcome.stderr.contains("value too long"), "{}", outcome.stderr);
    assert_eq!(database.sql("SELECT email, paid FROM users"), "abcdefghij|1.2345\n");
    database.sql("UPDATE users SET email = 'abcd'");
    project.run("upgrade head").ok();
    project.run("downgrade -1").ok();
    project.run("upgrade head").ok();
    project.run("check").exits(0).ok();
}
