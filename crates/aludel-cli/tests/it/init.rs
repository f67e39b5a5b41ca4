//! `aludel init`: what a new project gets, and what is said to do next.

use aludel_testkit::{TestProject, server};

use crate::{PROGRAM, sqlite_project};

#[test]
fn a_new_project_has_what_it_needs() {
    let project = sqlite_project();
    let new = |name: &str| {
        project.write(&format!("{name}/Cargo.toml"), "[package]\nname = \"x\"\n");
        format!("init {name}")
    };
    let made = project.run(&new("empty")).ok();
    assert_eq!(
        made,
        "created aludel.toml\ncreated migrations/versions\ncreated src/models.rs\ncreated .env.example\ncreated .gitignore\n"
    );
    assert_eq!(project.read("empty/.gitignore"), "/app.db*\n/.env\n");
    project
        .run_words(&[
            "-C",
            "empty",
            "--database-url",
            "sqlite:app.db",
            "revision",
            "--autogenerate",
            "-m",
            "first",
        ])
        .ok();
    project.run_words(&["-C", "empty", "--database-url", "sqlite:app.db", "upgrade", "head"]).ok();
    for (place, expected) in [
        ("src/models.rs", "models = [\"src/models.rs\"]"),
        ("src/models/user.rs", "models = [\"src/models/**/*.rs\"]"),
        ("src/entities/user.rs", "models = [\"src/entities/**/*.rs\"]"),
    ] {
        let name = place.replace(['/', '.'], "_");
        project.write(&format!("{name}/{place}"), "// mine\n");
        project.write(&format!("{name}/.gitignore"), "/target");
        project.run(&format!("{} --template both", new(&name))).ok();
        assert!(project.read(&format!("{name}/aludel.toml")).contains(expected), "{place}");
        assert_eq!(project.read(&format!("{name}/{place}")), "// mine\n");
        assert_eq!(project.read(&format!("{name}/.gitignore")), "/target\n/app.db*\n/.env\n");
    }
}

/// The walk of a newcomer in an empty folder, by what `init` itself says.
#[test]
fn an_empty_folder_becomes_a_project() {
    let project = sqlite_project();
    let outcome = project.run("init new").exits(0);
    assert_eq!(
        outcome.stdout,
        "created aludel.toml\ncreated migrations/versions\ncreated src/models.rs\ncreated .env.example\n\
         created .gitignore\n"
    );
    for words in ["cargo init", "cargo add aludel --no-default-features", "mod models;"] {
        assert!(outcome.stderr.contains(words), "{words}: {}", outcome.stderr);
    }
    let here = |words: &[&str]| {
        let mut command = project.command(&[&["-C", "new"], words].concat());
        let output = command.env_remove("DATABASE_URL").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    here(&["revision", "--autogenerate", "-m", "initial schema"]);
    here(&["upgrade", "head"]);
    here(&["check"]);
    assert!(project.path().join("new/app.db").exists());
    let has = "[dependencies]\naludel = { version = \"0.1\", default-features = false }\n";
    project.write("has/Cargo.toml", has);
    project.write("has/src/models.rs", "");
    let outcome = project.run("init has").exits(0);
    for words in ["cargo ", "mod models;"] {
        assert!(!outcome.stderr.contains(words), "{words}: {}", outcome.stderr);
    }
}

/// A URL on the command line is the one that the project gets.
#[test]
fn the_url_of_init_is_kept() {
    let project = sqlite_project();
    let database = server().database();
    let here = |folder: &str| {
        let mut command = project.command(&["-C", folder, "status"]);
        let output = command.env_remove("DATABASE_URL").output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    project.run(&format!("init server --database-url {}", database.url())).ok();
    assert!(project.read("server/aludel.toml").contains("url = \"postgresql://localhost"));
    assert!(project.read("server/.gitignore").contains("/.env\n"));
    assert!(here("server").contains(&database.name), "{}", here("server"));
    project.run("init file --database-url sqlite:data/my.db").ok();
    assert!(project.read("file/aludel.toml").contains("url = \"sqlite:data/my.db\""));
    assert_eq!(project.read("file/.gitignore"), "/data/my.db*\n/.env\n");
    assert!(here("file").contains("my.db"), "{}", here("file"));
    project.run("init bad --database-url mysql://h/d").exits(2).says("`mysql`").stdout.clear();
    assert!(!project.path().join("bad").exists());
}

/// The database that is stated already chooses the template, and a `.env` is never committed.
#[test]
fn a_url_that_is_stated_chooses_the_template() {
    let server = "url = \"postgresql://";
    let file = "url = \"sqlite:app.db\"";
    for (folder, options, env, variable, config) in [
        ("a", "", "DATABASE_URL=postgresql://h/d\n", "", server),
        ("b", "", "DATABASE_URL=sqlite:x.db\n", "", file),
        ("c", "", "", "postgresql://h/d", server),
        ("d", "", "DATABASE_URL=sqlite:x.db\n", "postgresql://h/d", server),
        ("e", "--template sqlite", "", "", file),
        ("f", "--template postgres", "PORT=80\n", "", server),
        ("g", "", "", "", file),
    ] {
        let project = sqlite_project();
        project.write(&format!("{folder}/.env"), env);
        let line = format!("init {folder} {options}");
        let words: Vec<&str> = line.split_whitespace().collect();
        let output = project.command(&words).env("DATABASE_URL", variable).output().unwrap();
        assert!(output.status.success(), "{folder}: {}", String::from_utf8_lossy(&output.stderr));
        let text = project.read(&format!("{folder}/aludel.toml"));
        assert!(text.contains(config), "{folder}: {text}");
        assert_eq!(project.read(&format!("{folder}/.env")), env, "{folder}");
        assert!(project.read(&format!("{folder}/.gitignore")).contains("/.env\n"), "{folder}");
    }
}

#[test]
fn the_configuration_has_the_name_that_is_asked_for() {
    let project = sqlite_project();
    project.run("-c deep/./db.toml init").ok();
    assert!(project.path().join("deep/db.toml").exists());
    assert!(project.path().join("deep/migrations/versions").is_dir());
    assert!(!project.path().join("deep/aludel.toml").exists());
    let again = project.run("-c deep/./db.toml init").exits(1);
    assert!(again.stderr.contains("deep/db.toml"), "{}", again.stderr);
}

/// A `.env` that is there is kept, and the URL of the command line is not lost either.
#[test]
fn what_an_env_file_states_is_not_lost() {
    const URL: &str = "postgresql://u:secret@h/d";
    let line = format!("DATABASE_URL='{URL}'\n");
    let project = sqlite_project();
    for (folder, before, after) in [
        ("other", "PORT=80\n", format!("PORT=80\n{line}")),
        ("open", "# mine\nPORT=80", format!("# mine\nPORT=80\n{line}")),
        ("empty", "", line.clone()),
        ("same", &format!("DATABASE_URL={URL}\nPORT=80"), format!("DATABASE_URL={URL}\nPORT=80")),
    ] {
        project.write(&format!("{folder}/.env"), before);
        project.run(&format!("init {folder} --database-url {URL}")).ok();
        assert_eq!(project.read(&format!("{folder}/.env")), after, "{folder}");
        assert_eq!(project.read(&format!("{folder}/.gitignore")), "/.env\n", "{folder}");
    }
    for (folder, url, before) in [
        ("taken", URL, "DATABASE_URL=sqlite:mine.db\n"),
        ("password", URL, "export DATABASE_URL=postgresql://u:hidden@h/d\n"),
        ("nothing", URL, "DATABASE_URL=\n"),
        ("file", "sqlite:x.db", "DATABASE_URL=sqlite:mine.db\n"),
        ("above/inner", "sqlite:x.db", ""),
    ] {
        let place = if before.is_empty() { "above" } else { folder };
        let text = if before.is_empty() { "DATABASE_URL=sqlite:mine.db\n" } else { before };
        project.write(&format!("{place}/.env"), text);
        let refused = project.run(&format!("init {folder} --database-url {url}")).exits(1);
        let refused = refused.says("states another DATABASE_URL").says("nothing was changed");
        assert!(!refused.stderr.contains("secret") && !refused.stderr.contains("hidden"));
        assert_eq!(project.read(&format!("{place}/.env")), text, "{folder}");
        assert!(!project.path().join(folder).join("aludel.toml").exists(), "{folder}");
        assert!(!project.path().join(folder).join("migrations").exists(), "{folder}");
    }
    // A server's URL goes into a file that is nearer than the one above.
    project.run(&format!("init above/server --database-url {URL}")).ok();
    assert_eq!(project.read("above/server/.env"), line);
}

/// A URL that `init` writes is read back as it was given.
#[test]
fn a_url_with_quotes_is_written_so_that_it_is_read_back() {
    let project = sqlite_project();
    for (at, user) in ["o'hara", "a\"b'c", "d$HOME'e", "f\\g'h", "i$HOME", "j\\k", "l#m'n"]
        .into_iter()
        .enumerate()
    {
        let (folder, url) = (format!("server{at}"), format!("postgresql://{user}@127.0.0.1:1/d"));
        project.run_words(&["init", &folder, "--database-url", &url]).ok();
        let mut command = project.command(&["-C", &folder, "status"]);
        let output = command.env_remove("DATABASE_URL").output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains(&format!("can't connect to {url}")), "{url}: {told}");
        let url = format!("sqlite:{}.db", user.replace('#', "%23"));
        let folder = format!("file{at}");
        project.run_words(&["init", &folder, "--database-url", &url]).ok();
        let mut command = project.command(&["-C", &folder, "database", "create"]);
        assert!(command.env_remove("DATABASE_URL").status().unwrap().success(), "{url}");
        assert!(project.path().join(format!("{folder}/{user}.db")).exists(), "{url}");
    }
}

#[test]
fn a_template_goes_with_the_url() {
    const SERVER: &str = "postgresql://u@h/d";
    let project = sqlite_project();
    for (template, url, fits) in [
        ("postgres", "sqlite:x.db", false),
        ("alembic", "sqlite:x.db", false),
        ("sqlite", SERVER, false),
        ("sqlite", "sqlite:x.db", true),
        ("both", "sqlite:x.db", true),
        ("both", SERVER, true),
        ("postgres", SERVER, true),
        ("alembic", SERVER, true),
    ] {
        let folder = format!("{template}_{fits}_{}", url.len());
        let outcome =
            project.run(&format!("init {folder} --template {template} --database-url {url}"));
        if !fits {
            let _ = outcome.exits(2).says("is not for").says("--template");
            assert!(!project.path().join(&folder).exists());
            continue;
        }
        let outcome = outcome.exits(0);
        let told: Vec<&str> = outcome.stdout.lines().collect();
        let once = told.iter().filter(|line| line.contains(".gitignore")).count();
        assert_eq!(once, 1, "{told:?}");
        assert_eq!(outcome.stderr.contains("aludel database create"), url == SERVER, "{folder}");
        let again = project.run(&format!("init {folder}")).exits(1);
        assert!(!again.stderr.contains("--force"), "{}", again.stderr);
    }
    let outcome = project.run("init deep --database-url sqlite:data/x.db").exits(0);
    outcome.says("aludel database create").stdout.clear();
}

/// Ctrl-C and Esc at the question are no answer.
#[test]
fn nothing_is_written_without_an_answer() {
    for key in ["\u{3}", "\u{1b}"] {
        let project = TestProject::new(PROGRAM, "");
        let (code, told) = project.types_at("type to filter", "init new", key);
        assert_eq!(code, 1, "{told}");
        assert!(told.contains("nothing was changed"), "{told}");
        assert!(!project.path().join("new").exists());
    }
    let project = TestProject::new(PROGRAM, "");
    let (code, told) = project.in_terminal(80, "init new", "\r");
    assert_eq!(code, 0, "{told}");
    assert!(project.read("new/aludel.toml").contains("url = \"sqlite:app.db\""));
}

/// The models of a workspace are in one of its packages.
#[test]
fn the_models_of_a_workspace_are_found() {
    let project = sqlite_project();
    for folder in ["found", "none"] {
        project.write(&format!("{folder}/Cargo.toml"), "[workspace]\nmembers = [\"crates/*\"]\n");
        project.write(&format!("{folder}/crates/api/Cargo.toml"), "[package]\nname = \"api\"\n");
    }
    project.write("found/crates/api/src/models/user.rs", "");
    project.run("init found").ok();
    let config = project.read("found/aludel.toml");
    assert!(config.contains("models = [\"crates/api/src/models/**/*.rs\"]"), "{config}");
    let told = project.run("init none").exits(0).stderr;
    assert!(told.contains("in aludel.toml: where the models are"), "{told}");
    assert!(told.contains("cargo add -p PACKAGE aludel"), "{told}");
    assert!(!project.path().join("none/src").exists());
}

/// Declarations for another library are no models, and become some.
#[test]
fn declarations_for_another_library_are_no_models() {
    const ENTITY: &str = "use sea_orm::entity::prelude::*;\n#[derive(Clone, DeriveEntityModel)]\n\
        #[sea_orm(table_name = \"cakes\")]\npub struct Model {\n    #[sea_orm(primary_key)]\n    pub id: i32,\n}\n";
    const DIESEL: &str =
        "use diesel::prelude::*;\n#[derive(Queryable)]\npub struct Cake { pub id: i32 }\n";
    const SCHEMA: &str = "diesel::table! { cakes (id) { id -> Integer, } }\n";
    const OWN: &str = "#[derive(aludel::Table)]\npub struct Cake {\n    #[column(primary_key)]\n    pub id: i32,\n}\n";
    let cases: [(&str, &[(&str, &str)], &str, &str); 4] = [
        (
            "sea",
            &[("src/entities/cake.rs", ENTITY)],
            "src/models.rs",
            "aludel reflect --from sea-orm src/entities -o src/models.rs",
        ),
        (
            "diesel",
            &[("src/models.rs", DIESEL), ("src/schema.rs", SCHEMA)],
            "src/tables.rs",
            "aludel reflect --from diesel src/schema.rs -o src/tables.rs",
        ),
        ("both", &[("src/entities/cake.rs", ENTITY), ("src/models.rs", OWN)], "src/models.rs", ""),
        (
            "workspace",
            &[
                ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n"),
                ("a/Cargo.toml", "[package]\nname = \"the-app\"\n"),
                ("b/Cargo.toml", "[package]\nname = \"other\"\n"),
                ("a/src/models.rs", OWN),
            ],
            "a/src/models.rs",
            "cargo add -p the-app aludel --no-default-features",
        ),
    ];
    for (folder, files, models, step) in cases {
        let project = sqlite_project();
        files.iter().for_each(|(path, text)| project.write(&format!("{folder}/{path}"), text));
        let told = project.run(&format!("init {folder}")).exits(0);
        let config = project.read(&format!("{folder}/aludel.toml"));
        assert!(config.contains(&format!("models = [{models:?}]")), "{folder}: {config}");
        assert!(told.stderr.contains(step), "{folder}: {}", told.stderr);
        assert_eq!(told.stderr.contains("reflect"), step.contains("reflect"), "{}", told.stderr);
        if step.contains("reflect") {
            let words: Vec<&str> = step.split(' ').skip(1).collect();
            let mut command = project.command(&words);
            let output = command.current_dir(project.path().join(folder)).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert!(project.read(&format!("{folder}/{models}")).contains("derive("), "{folder}");
        }
    }
}

/// A URL that will not be used is no secret.
#[test]
fn a_variable_that_goes_before_the_written_url_is_named() {
    let project = sqlite_project();
    let told = project.run("init a --database-url sqlite:mine.db").exits(0);
    let told = told.says("DATABASE_URL in the environment names another database");
    assert!(!told.stderr.contains("test.db"), "{}", told.stderr);
    let told = project.run("init b --database-url sqlite:test.db").exits(0);
    assert!(!told.stderr.contains("another database"), "{}", told.stderr);
}
