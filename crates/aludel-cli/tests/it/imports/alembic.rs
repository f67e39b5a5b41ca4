//! Alembic itself makes the database, and its scripts become revisions.

use std::process::Command;

use aludel_testkit::{TestProject, alembic, server};
use serde_json::{Value, json};

use super::Place;
use crate::PROGRAM;

/// The `env.py` of Alembic's generic template, in short.
const ENV: &str = "
import os
from alembic import context
from sqlalchemy import create_engine

print('noise of the project')
if context.is_offline_mode():
    context.configure(url=os.environ['URL'], literal_binds=True, dialect_opts={'paramstyle': 'named'})
    with context.begin_transaction():
        context.run_migrations()
else:
    with create_engine(os.environ['URL']).connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
";

const INI: &str = "[alembic]\nscript_location = %(here)s/scripts\npath_separator = os\n";

/// The name, the variables and the functions of each script.
const SCRIPTS: [(&str, &str, &str, &str); 6] = [
    (
        "a1_users",
        "'''Users and more\n\nSecond line.\n\nRevision ID: a1\nRevises:\nCreate Date: 2026-11-22 08:31:00.123456\n'''\nrevision = 'a1'\ndown_revision = None\nbranch_labels = ('core',)",
        "op.create_table('users', sa.Column('id', sa.Integer, primary_key=True), sa.Column('name', sa.String(50), comment='50% of \"it\"'))",
        "op.drop_table('users')",
    ),
    (
        "b1_orders",
        "revision = 'b1'\ndown_revision = 'a1'",
        "op.create_table('orders', sa.Column('id', sa.Integer, primary_key=True), sa.Column('owner', sa.Integer, sa.ForeignKey('users.id')))\n    op.execute(\"INSERT INTO users (id, name) VALUES (1, 'it''s; 100%')\")",
        "op.execute('DELETE FROM users')\n    op.drop_table('orders')",
    ),
    (
        "c1_index",
        "'''index: built online'''\nrevision = 'c1'\ndown_revision = 'a1'",
        "op.add_column('users', sa.Column('mail', sa.Text))\n    with op.get_context().autocommit_block():\n        op.execute('CREATE INDEX CONCURRENTLY users_mail ON users (mail)')\n    op.execute('ALTER TABLE users ADD CHECK (mail <> $$$$)')",
        "op.drop_column('users', 'mail')",
    ),
    ("m1_merge", "'''merge'''\nrevision = 'm1'\ndown_revision = ('b1', 'c1')", "pass", "pass"),
    (
        "n1_net",
        "revision = 'n1'\ndown_revision = None\nbranch_labels = 'net'\ndepends_on = ('b1',)",
        "op.create_table('links', sa.Column('id', sa.Integer, sa.ForeignKey('orders.id'), primary_key=True))",
        "op.drop_table('links')",
    ),
    (
        "n2_last",
        "revision = 'n2'\ndown_revision = 'n1'",
        "op.execute('CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$')",
        "raise NotImplementedError('no way')",
    ),
];

fn scripts(project: &TestProject) {
    project.write("old/alembic.ini", INI);
    project.write("old/scripts/env.py", ENV);
    project.write("old/scripts/script.py.mako", "");
    for (name, variables, upgrade, downgrade) in SCRIPTS {
        script(project, name, variables, upgrade, downgrade);
    }
}

fn script(project: &TestProject, name: &str, variables: &str, upgrade: &str, downgrade: &str) {
    let text = format!(
        "{variables}\nfrom alembic import op\nimport sqlalchemy as sa\n\
         def upgrade():\n    {upgrade}\ndef downgrade():\n    {downgrade}\n"
    );
    project.write(&format!("old/scripts/versions/{name}.py"), &text);
}

/// The URL of a place, as SQLAlchemy spells it.
fn theirs(place: &Place) -> String {
    let url = place.database.url();
    let host = url.split('@').nth(1).unwrap().split('/').next().unwrap().replace("%2F", "/");
    format!("postgresql+psycopg://postgres@/{}?host={host}", place.database.name)
}

fn by_alembic(place: &Place, arguments: &str) {
    let mut command = alembic().command();
    command.arg("-c").arg(place.project.path().join("old/alembic.ini"));
    command.args(arguments.split_whitespace()).env("URL", theirs(place));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn import(place: &Place, url: &str, arguments: &[&str]) -> Command {
    let python = alembic().python().display().to_string();
    let mut words = vec!["import", "alembic", "old", "--python", &python];
    words.extend_from_slice(arguments);
    let mut command = place.project.command(&words);
    command.env("URL", url);
    command
}

fn imported(place: &Place, arguments: &[&str]) -> Value {
    let output =
        import(place, &theirs(place), &[&["--json"], arguments].concat()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_graph_is_kept_and_the_database_taken_over() {
    let place = Place::new();
    scripts(&place.project);
    by_alembic(&place, "upgrade b1");
    by_alembic(&place, "upgrade net@head");
    let would = imported(&place, &["--dry-run"]);
    assert_eq!(place.project.revisions(), [""; 0]);
    assert_eq!(place.sql("SELECT to_regclass('aludel_version')"), "");
    let did = imported(&place, &[]);
    assert_eq!(did["stamped"], would["stamped"]);
    assert_eq!(did["stamped"], json!(["n2"]));
    assert_eq!(did["applied"], json!(["a1", "b1", "n1", "n2"]));
    assert_eq!(place.current(), "b1 n2 (head)");
    let first = place.project.read("versions/a1_users.sql");
    for words in [
        "-- Users and more\n--\n-- revision: a1\n-- down_revision: none\n-- branch_labels: core\n-- created: 2026-11-22T08:31:00\n",
        "-- aludel: upgrade\n-- Second line.\n\nCREATE TABLE users (",
        "50% of \"it\"",
        "-- aludel: downgrade\nDROP TABLE users;",
    ] {
        assert!(first.contains(words), "{words}\nin\n{first}");
    }
    for word in ["alembic_version", "BEGIN", "Running"] {
        assert!(!first.contains(word), "{word} in\n{first}");
    }
    let index = place.project.read("versions/c1_index.sql");
    let alone = "-- aludel: no-transaction\nCREATE INDEX CONCURRENTLY users_mail ON users (mail);";
    assert!(index.contains(alone), "{index}");
    let last = place.project.read("versions/n2_last.sql");
    assert!(last.contains("irreversible: Alembic can't print the downgrade: NotImplementedError"));
    let merge = place.project.read("versions/m1_merge.sql");
    assert!(merge.contains("-- down_revision: b1, c1\n"), "{merge}");
    let net = place.project.read("versions/n1_net.sql");
    assert!(net.contains("-- branch_labels: net\n-- depends_on: b1\n"), "{net}");
    assert_eq!(place.sql("SELECT version_num FROM alembic_version"), "n2", "it stays as it is");
    place.project.run("upgrade heads").ok();
}

#[test]
fn the_revisions_build_what_alembic_builds() {
    let place = Place::new();
    scripts(&place.project);
    by_alembic(&place, "upgrade heads");
    imported(&place, &[]);
    assert_eq!(place.project.run("upgrade heads").exits(0).stdout, "");
    place.project.run("check --heads").exits(3).stdout.clear();
    place.builds_the_same("alembic_version", false);
    // Again: nothing is new, and nothing is written twice.
    let again = imported(&place, &[]);
    assert!(again["files"].as_array().unwrap().iter().all(|file| file["new"] == false));
    let lines = place.sql("SELECT count(*) FROM aludel_version_log");
    assert_eq!(lines, SCRIPTS.len().to_string());
}

#[test]
fn alembics_own_version_table_may_go_on() {
    let place = Place::new();
    scripts(&place.project);
    place
        .project
        .write("aludel.toml", "revisions = \"versions\"\nversion_table = \"alembic_version\"\n");
    by_alembic(&place, "upgrade b1");
    assert_eq!(imported(&place, &[])["stamped"], json!(["b1"]));
    place.project.run("upgrade heads").ok();
    by_alembic(&place, "upgrade heads");
    assert_eq!(
        place.sql("SELECT count(*) FROM alembic_version_log WHERE direction = 'import'"),
        "2"
    );
}

#[test]
fn what_alembic_cannot_print_is_a_gap_if_that_is_wanted() {
    let place = Place::new();
    place.project.write("old/alembic.ini", INI);
    place.project.write("old/scripts/env.py", ENV);
    place.project.write("old/scripts/script.py.mako", "");
    script(
        &place.project,
        "a1",
        "revision = 'a1'\ndown_revision = None",
        "rows = op.get_bind().execute(sa.text('SELECT 1')).fetchall()",
        "pass",
    );
    by_alembic(&place, "upgrade head");
    let refused = import(&place, &theirs(&place), &[]).output().unwrap();
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{words}");
    assert!(words.contains("--> old/scripts/versions/a1.py:6"), "{words}");
    assert!(words.contains("Alembic can't print it offline"), "{words}");
    assert_eq!(place.project.revisions(), [""; 0]);
    imported(&place, &["--with-gaps"]);
    assert_eq!(place.current(), "a1 (head)");
    let gaps = place.project.run("check --heads").exits(3);
    assert!(gaps.stdout.contains("a1 has no upgrade"), "{}", gaps.stdout);
    let empty = server().database();
    let stopped = place.project.run(&format!("upgrade head --database-url {}", empty.url()));
    let stopped = stopped.exits(1).says("revision a1 has no upgrade for PostgreSQL yet");
    stopped.says("check --heads").stdout.clear();
}

#[test]
fn a_project_of_alembic_that_does_not_work_is_told() {
    let place = Place::new();
    place.project.write("old/note.txt", "");
    let run = |url: &str, arguments: &[&str]| {
        let output = import(&place, url, arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let url = theirs(&place);
    assert!(run(&url, &[]).contains("expected: alembic.ini or pyproject.toml"));
    scripts(&place.project);
    assert!(run("sqlite://", &[]).contains("Alembic prints SQL for sqlite"));
    place.project.write("old/scripts/versions/x.py", "revision = 'a1'\ndown_revision = 'zz'\n");
    assert!(run(&url, &[]).contains("zz"));
    place.project.write("old/scripts/versions/x.py", "import nothing_of_the_kind\n");
    assert!(run(&url, &[]).contains("nothing_of_the_kind"));
    let project = TestProject::new(PROGRAM, "sqlite:x.db");
    project.write("alembic.ini", INI);
    let none = project.run("import alembic . --python /nowhere/python").exits(1);
    none.says("/nowhere/python").says("--python").stdout.clear();
}
