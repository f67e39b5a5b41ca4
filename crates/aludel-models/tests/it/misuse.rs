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
        ("inherits = \"items\"", "3:8 table items inherits from itself"),
        ("schema = \"app\", inherits = \"items\"", "3:8 table app.items inherits from itself"),
        (
            "schema = \"pg_app\"",
            "3:8 schema pg_app has a name that begins with pg_, and PostgreSQL keeps such names for itself",
        ),
        (
            "sequence(name = \"numbers\", owned_by = \"c\")",
            "2:9 `owned_by` names column c, and table items has none of that name",
        ),
        ("sequence(name = \"numbers\", owned_by = \"b\")", ""),
    ] {
        assert_eq!(problems(Dialect::Postgres, attribute, "").join("\n"), problem, "{attribute}");
    }
    for (word, of) in [("autoincrement", "#[table(…)]"), ("rename_all", "#[table(…)]")] {
        let problem = format!("2:9 unknown attribute `{word}` of {of}");
        assert_eq!(problems(Dialect::Postgres, word, ""), [problem]);
    }
}

#[test]
fn tables_that_inherit_in_a_circle_are_refused() {
    let text = "#[derive(Table)]\n#[table(inherits = \"bs\")]\nstruct A { #[column(inherited)] id: i64 }\n\
                #[derive(Table)]\n#[table(inherits = \"cs\")]\nstruct B { #[column(inherited)] id: i64 }\n\
                #[derive(Table)]\n#[table(inherits = \"as\")]\nstruct C { #[column(inherited)] id: i64 }\n";
    let source = Source { path: "item.rs".into(), text: text.to_owned() };
    let models = Models::parse(&[source], Vec::new()).unwrap();
    let problems = models.metadata(Dialect::Postgres, &BTreeMap::new()).unwrap_err();
    let problems: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        problems,
        [
            "table as inherits from cs, which inherits from as",
            "table bs inherits from as, which inherits from bs",
            "table cs inherits from bs, which inherits from cs",
        ]
    );
}
