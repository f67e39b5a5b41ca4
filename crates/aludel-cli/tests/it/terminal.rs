//! The look of the output in terminals of 80 and of 120 columns.

use aludel_testkit::TestProject;

use crate::sqlite_project;

/// Returns the lines as a terminal leaves them: without control sequences, and without what a later
/// text on the same line has replaced.
fn lines(shown: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut characters = shown.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    let last = |line: &str| line.trim_end_matches('\r').rsplit('\r').next().unwrap().to_owned();
    plain.split('\n').map(last).collect()
}

#[track_caller]
fn fits(columns: u16, shown: &str) {
    for line in shown.split(['\r', '\n']) {
        let line = lines(line).concat();
        assert!(line.chars().count() <= columns.into(), "{columns} columns:\n{line}");
    }
}

fn project_with_a_fault() -> TestProject {
    let project = sqlite_project();
    let values = (0..60).map(|value| value.to_string()).collect::<Vec<_>>().join(",");
    project.revision("a1", "none", "CREATE TABLE a (x int);", "DROP TABLE a;");
    project.revision(
        "b1",
        "a1",
        &format!("INSERT INTO a SELECT value FROM json_each('[{values}]') WHERE nope > 3;"),
        "",
    );
    project
}

#[test]
fn help_fits_the_terminal() {
    let project = sqlite_project();
    let all = project.run("--help").ok();
    let commands = all.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    // The rest of a description is indented further.
    let commands = commands.filter(|line| !line.starts_with("   "));
    let mut names: Vec<&str> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    names.retain(|name| *name != "help");
    assert!(names.len() > 25, "{all}");
    names.extend(["", "database create", "database drop", "database reset"]);
    for columns in [80, 120] {
        for command in &names {
            let (code, shown) = project.in_terminal(columns, &format!("{command} --help"), "");
            assert_eq!(code, 0);
            fits(columns, &shown);
        }
    }
}

#[test]
fn a_run_fits_the_terminal_and_leaves_no_bar() {
    for columns in [80, 120] {
        let project = project_with_a_fault();
        let (code, shown) = project.in_terminal(columns, "upgrade head", "");
        assert_eq!(code, 1);
        fits(columns, &shown);
        let shown = lines(&shown);
        assert_eq!(shown[0], "Running upgrade base -> a1, a1");
        assert_eq!(shown[1], "Running upgrade a1 -> b1, b1");
        assert_eq!(shown[2], "error: revision b1 failed to upgrade: no such column: nope");
        let code = shown.iter().find(|line| line.contains("WHERE")).unwrap();
        let caret = shown.iter().find(|line| line.contains("^^^^")).unwrap();
        assert_eq!(code.find("nope").map(|at| code[..at].chars().count()), caret.find("^^^^"));
        assert!(shown.iter().any(|line| line == "  code: SQLITE_ERROR"), "{shown:#?}");
        assert!(shown.iter().all(|line| !line.contains(" of 2,")), "{shown:#?}");
    }
}

#[test]
fn the_result_of_a_run_stands_alone_in_its_line() {
    for columns in [80, 120] {
        let project = sqlite_project();
        project.revision("a1", "none", "CREATE TABLE a (x int);", "DROP TABLE a;");
        for (command, words) in [
            ("upgrade head", "1 revision applied in "),
            ("downgrade base --yes", "1 revision undone in "),
            ("setup", "1 revision applied in "),
            ("database reset --yes", "1 revision applied in "),
            ("--json downgrade base --yes", "{"),
        ] {
            let (code, shown) = project.in_terminal(columns, command, "");
            assert_eq!(code, 0, "{shown}");
            fits(columns, &shown);
            let shown = lines(&shown);
            assert!(shown.iter().any(|line| line.starts_with(words)), "{command}: {shown:#?}");
            assert!(shown.iter().all(|line| !line.contains("1 of 1")), "{command}: {shown:#?}");
        }
    }
}

#[test]
fn colours_are_for_terminals() {
    let project = project_with_a_fault();
    let mut plain = project.command(&["upgrade", "head"]);
    plain.env_remove("NO_COLOR");
    let plain = plain.output().unwrap();
    assert!(!String::from_utf8(plain.stderr).unwrap().contains('\u{1b}'));
    let (_, shown) = project.in_terminal(80, "--color always history", "");
    assert!(shown.contains("\u{1b}[33m"), "{shown:?}");
}

/// An answer that is lost is no success, and a reader that goes early is none of the program's business.
#[test]
fn an_answer_that_can_not_be_written_is_told() {
    let project = sqlite_project();
    project.revision("a1", "none", "CREATE TABLE a (x int);", "");
    let mut command = project.command(&["--json", "history"]);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command.stdout(full).stderr(std::process::Stdio::piped()).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("can't write the answer"), "{told}");
}
