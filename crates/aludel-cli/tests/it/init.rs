//! `aludel init`: what a new project gets, and what is said to do next.

use aludel_testkit::server;

use crate::sqlite_project;

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
    assert_eq!(project.read("empty/.gitignore"), "/app.db*\n");
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
        assert_eq!(project.read(&format!("{name}/.gitignore")), "/target\n/app.db*\n");
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
    assert_eq!(project.read("file/.gitignore"), "/data/my.db*\n");
    assert!(here("file").contains("my.db"), "{}", here("file"));
    project.run("init bad --database-url mysql://h/d").exits(2).says("`mysql`").stdout.clear();
    assert!(!project.path().join("bad").exists());
    project.write("has/.env", "DATABASE_URL=sqlite:mine.db\n");
    project.run(&format!("init has --database-url {}", database.url())).ok();
    assert_eq!(project.read("has/.env"), "DATABASE_URL=sqlite:mine.db\n");
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
    assert!(!project.path().join("none/src").exists());
}
