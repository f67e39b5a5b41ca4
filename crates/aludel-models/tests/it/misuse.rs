//! Attributes that contradict themselves or would have no effect are refused at their place.

use std::collections::BTreeMap;

use aludel_dialect::Dialect;
use aludel_models::{Models, Source};

/// Returns the problems of a table, each as `line:column message`.
fn problems(dialect: Dialect, of_table: &str, of_column: &str) -> Vec<String> {
    let text = format!(
        "#[derive(Table)]\n#[table({of_table})]\nstruct Item {{\n#[column(primary_key)] id: i64,\n\
         #[column({of_column})] b: i64 }}"
    );
    let source = Source { path: "item.rs".into(), text };
    let problems = match Models::parse(&[source], Vec::new()) {
        Ok(models) => models.metadata(dialect, &BTreeMap::new()).err().unwrap_or_default(),
        Err(problems) => problems,
    };
    let told = |problem: &aludel_models::ModelError| {
        format!("{}:{} {}", problem.at.line, problem.at.column, problem.message)
    };
    problems.iter().map(told).collect()
}

#[test]
fn attributes_of_a_column_have_an_effect_or_are_refused() {
    for (attribute, problem) in [
        ("virtual", "5:10 `virtual` without `generated`"),
        ("name = \"\"", "5:10 `name` is empty"),
        ("renamed_from = \"\"", "5:10 `renamed_from` is empty"),
        ("unique(name = \"\")", "5:17 `name` is empty"),
        ("index(name = \"\")", "5:16 `name` is empty"),
        ("default = \"1\", default = \"2\"", "5:25 `default` stands twice"),
        ("type = \"int\", postgres(type = \"text\", type = \"text\")", "5:48 `type` stands twice"),
        ("default = \"1\", postgres(default = \"2\")", ""),
        ("check = \"b > 1\", check = \"b < 9\"", ""),
        ("skip = false", ""),
        ("not_null = false", ""),
        ("autoincrement", ""),
    ] {
        assert_eq!(problems(Dialect::Postgres, "", attribute).join("\n"), problem, "{attribute}");
    }
    let numbers = "5:10 SQLite numbers only an integer that is the whole primary key, not b";
    assert_eq!(problems(Dialect::Sqlite, "", "autoincrement"), [numbers]);
}

#[test]
fn attributes_of_a_table_have_an_effect_or_are_refused() {
    for (attribute, problem) in [
        ("name = \"\"", "2:9 `name` is empty"),
        ("primary_key(id, id)", "2:9 column id stands twice in primary_key(…)"),
        ("unique(b, b)", "2:9 column b stands twice in unique(…)"),
        (
            "primary_key(b)",
            "4:24 column id has `primary_key`, and the primary key of the table does not name it",
        ),
        ("primary_key(b, id)", ""),
        ("unlogged, unlogged", "2:19 `unlogged` stands twice"),
        ("unlogged, postgres(unlogged = false)", ""),
        ("with(fillfactor = 50), with(autovacuum_enabled = false)", ""),
        ("comments = 3", "2:9 `comments` takes no value but true or false"),
        ("inherits = \"nope\"", "3:8 `inherits` names table nope, and no model has that name"),
    ] {
        assert_eq!(problems(Dialect::Postgres, attribute, "").join("\n"), problem, "{attribute}");
    }
    for (word, of) in [("autoincrement", "#[table(…)]"), ("rename_all", "#[table(…)]")] {
        let problem = format!("2:9 unknown attribute `{word}` of {of}");
        assert_eq!(problems(Dialect::Postgres, word, ""), [problem]);
    }
}
