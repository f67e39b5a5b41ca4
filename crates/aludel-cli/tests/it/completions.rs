//! Completions of shells, and manual pages.

use aludel_testkit::TestProject;

use crate::sqlite_project;

/// Returns what bash is told for these words; the last one is to be completed.
fn completed(project: &TestProject, words: &[&str]) -> Vec<String> {
    let mut arguments = vec!["--", "aludel"];
    arguments.extend_from_slice(words);
    let mut command = project.command(&arguments);
    command.env("ALUDEL_COMPLETE", "bash").env("_CLAP_IFS", "\n");
    command.env("_CLAP_COMPLETE_INDEX", words.len().to_string());
    let output = command.output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter(|line| !line.starts_with("--")).map(str::to_owned).collect()
}

#[test]
fn a_shell_is_told_revisions_labels_and_dialects() {
    let project = sqlite_project();
    project.revision("a1", "none\n-- branch_labels: billing", "SELECT 1;", "");
    project.revision("b1", "a1", "SELECT 1;", "");
    let words = [
        "head",
        "heads",
        "base",
        "current",
        "+1",
        "-1",
        "billing@head",
        "billing@base",
        "b1",
        "a1",
    ];
    assert_eq!(completed(&project, &["upgrade", ""]), words);
    assert_eq!(
        completed(&project, &["downgrade", "b"]),
        ["base", "billing@head", "billing@base", "b1"]
    );
    let onto = ["billing@head", "b1", "a1"];
    assert_eq!(completed(&project, &["rebase", "b1", "--onto", ""]), onto);
    for command in [["squash", "a1:b"].as_slice(), &["history", "-r", "a1:b"]] {
        let ranges = ["a1:base", "a1:billing@head", "a1:billing@base", "a1:b1"];
        assert_eq!(completed(&project, command), ranges);
    }
    project.write("other/aludel.toml", "models = []\nrevisions = \"versions\"\n");
    project.write("other/versions/o1.sql", "-- o\n-- revision: o1\n-- down_revision: none\n");
    assert_eq!(completed(&project, &["-C", "other", "log", "--revision", ""]), ["o1"]);
    let templates = ["sqlite", "postgres", "both", "alembic"];
    assert_eq!(completed(&project, &["init", "--template", ""]), templates);
    assert_eq!(completed(&project, &["revision", "--dialect", ""]), ["postgres", "sqlite"]);
    assert_eq!(completed(&project, &["import", "s"]), ["sqlx", "sea-orm"]);
    project.models(
        "#[derive(Table)]\npub struct Item {\n    #[column(primary_key)]\n    pub id: i64,\n}\n",
    );
    assert_eq!(completed(&project, &["diagram", "it"]), ["items"]);
    // A project that can't be read is no reason for a message in the middle of a line.
    project.write("versions/broken.sql", "SELECT 1;");
    assert_eq!(completed(&project, &["rebase", ""]), [""; 0]);
}

#[test]
fn scripts_and_pages_are_printed() {
    let project = sqlite_project();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = project.run(&format!("completions {shell}")).ok();
        assert!(script.contains("ALUDEL_COMPLETE"), "{shell}: {script}");
    }
    assert!(project.run("man").ok().contains(".TH aludel 1"));
    project.run("man --dir pages").ok();
    let page = project.read("pages/aludel-upgrade.1");
    assert!(page.contains("single\\-transaction"), "{page}");
    let synopsis = page.split(".SH ").find(|section| section.starts_with("SYNOPSIS")).unwrap();
    assert!(synopsis.contains("aludel upgrade") && synopsis.contains("REVISION"), "{synopsis}");
    assert!(!synopsis.contains("config"), "{synopsis}");
    assert!(project.path().join("pages/aludel-database-create.1").exists());
}
