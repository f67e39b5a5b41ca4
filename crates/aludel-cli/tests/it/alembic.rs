//! The same database, by turns in the hands of Alembic and of Aludel.

use std::path::Path;

use aludel_testkit::{Folder, TestProject, alembic, server};

use serde_json::Value;

use crate::PROGRAM;

const ENV: &str = "
import os
from alembic import context
from sqlalchemy import create_engine

with create_engine(os.environ['URL']).connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
";

/// id, down, depends_on, label
const GRAPH: [(&str, &str, &str, &str); 9] = [
    ("a1", "", "", "main"),
    ("b1", "a1", "", ""),
    ("c1", "a1", "", ""),
    ("m1", "b1 c1", "", ""),
    ("m2", "b1 c1", "", ""),
    ("n1", "", "", "net"),
    ("n2", "n1", "", ""),
    ("d1", "m1", "n1", ""),
    ("d2", "d1", "", ""),
];

/// The same graph as Alembic's scripts.
fn scripts(folder: &Path) {
    let tuple = |text: &str| match text.split_whitespace().collect::<Vec<_>>() {
        words if words.is_empty() => "None".to_owned(),
        words => {
            format!("({},)", words.iter().map(|w| format!("{w:?}")).collect::<Vec<_>>().join(", "))
        }
    };
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("alembic.ini", "[alembic]\nscript_location = %(here)s/scripts\npath_separator = os\n");
    write("scripts/env.py", ENV);
    write("scripts/script.py.mako", "");
    for (id, down, depends_on, label) in GRAPH {
        write(
            &format!("scripts/versions/{id}.py"),
            &format!(
                "from alembic import op\nrevision = {id:?}\ndown_revision = {}\ndepends_on = {}\nbranch_labels = {}\n\
                 def upgrade():\n    op.execute('CREATE TABLE t_{id} (x integer)')\n\
                 def downgrade():\n    op.execute('DROP TABLE t_{id}')\n",
                tuple(down),
                tuple(depends_on),
                tuple(label)
            ),
        );
    }
}

fn files(project: &TestProject) {
    for (id, down, depends_on, label) in GRAPH {
        let list = |words: &str| words.split_whitespace().collect::<Vec<_>>().join(", ");
        let mut header = if down.is_empty() { "none".to_owned() } else { list(down) };
        for (key, value) in [("depends_on", depends_on), ("branch_labels", label)] {
            if !value.is_empty() {
                header.push_str(&format!("\n-- {key}: {}", list(value)));
            }
        }
        let up = format!("CREATE TABLE t_{id} (x integer);");
        project.revision(id, &header, &up, &format!("DROP TABLE t_{id};"));
    }
}

/// What is done, and the rows after it.
const TURNS: [(&str, &str); 17] = [
    ("upgrade b1", "b1"),
    ("upgrade c1", "b1 c1"),
    ("upgrade m1", "m1"),
    ("upgrade m2", "m1 m2"),
    ("downgrade a1", "a1"),
    ("upgrade d2", "d2"),
    ("upgrade net@head", "d2 n2"),
    ("upgrade m2", "d2 m2 n2"),
    ("stamp m1", "m1 m2 n2"),
    ("stamp d2", "d2 m2 n2"),
    ("downgrade net@base", "m1 m2"),
    ("upgrade heads", "d2 m2 n2"),
    ("downgrade main@base", "n2"),
    ("downgrade -1", "n1"),
    ("upgrade +1", "n2"),
    ("upgrade d1", "d1 n2"),
    ("downgrade base", ""),
];

struct Both {
    project: TestProject,
    scripts: Folder,
    /// The database, as SQLAlchemy spells it.
    url: String,
}

impl Both {
    fn new(url: &str, theirs: String, config: &str) -> Self {
        let project = TestProject::new(PROGRAM, url);
        project.write("aludel.toml", config);
        files(&project);
        let folder = Folder::new("alembic");
        scripts(folder.path());
        Self { project, scripts: folder, url: theirs }
    }

    fn alembic(&self, arguments: &str) -> String {
        let mut command = alembic().command();
        command.arg("-c").arg(self.scripts.path().join("alembic.ini"));
        command.args(arguments.split_whitespace()).env("URL", &self.url);
        let output = command.current_dir(self.scripts.path()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "alembic {arguments}\n{stderr}");
        sorted(&String::from_utf8_lossy(&output.stdout))
    }

    fn aludel(&self, arguments: &str) -> String {
        sorted(&self.project.run(arguments).ok())
    }

    /// One of the two does something, and the table has these rows.
    fn step(&self, arguments: &str, by_alembic: bool, rows: &str) {
        if by_alembic {
            self.alembic(arguments)
        } else {
            self.aludel(arguments)
        };
        let current: Value =
            serde_json::from_str(&self.project.run("current --json").ok()).unwrap();
        let lines = current["revisions"].as_array().unwrap();
        // What a row implies is current too, and has no row.
        let in_table = lines.iter().filter(|line| line["current"] == true);
        let mut ids: Vec<&str> = in_table.map(|line| line["revision"].as_str().unwrap()).collect();
        ids.sort_unstable();
        assert_eq!(ids.join(" "), rows, "after {arguments}");
    }
}

fn sorted(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// Takes turns, `first` being the place of Alembic's first turn.
fn take_turns(url: &str, theirs: String, first: usize) {
    let config = format!(
        "revisions = \"versions\"\nversion_table = \"alembic_version\"\n[database]\nurl = {url:?}\n"
    );
    let both = Both::new(url, theirs, &config);
    for (at, (step, rows)) in TURNS.into_iter().enumerate() {
        both.step(step, at % 2 == first, rows);
        if at % 4 == 0 {
            assert_eq!(both.aludel("current"), both.alembic("current"), "after {step}");
        }
    }
}

#[test]
fn two_tools_take_turns_on_postgres() {
    let database = server().database();
    let url = database.url();
    let host = url.split('@').nth(1).unwrap().split('/').next().unwrap().replace("%2F", "/");
    take_turns(&url, format!("postgresql+psycopg://postgres@/{}?host={host}", database.name), 0);
}

#[test]
fn two_tools_take_turns_on_sqlite() {
    let folder = Folder::new("turns");
    let path = folder.path().join("turns.db").display().to_string();
    take_turns(&format!("sqlite:{path}"), format!("sqlite:///{path}"), 1);
}
