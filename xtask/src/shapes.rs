//! The projects of which `check` is measured. Nothing differs from the database in any of them.

use std::fmt::Write as _;

use crate::floor;

/// A project of a certain shape.
pub(crate) struct Shape {
    /// A description for the report.
    pub(crate) title: &'static str,
    /// The models and object files.
    pub(crate) files: Vec<File>,
    /// True if the models are those that `reflect` writes, so that all texts have the words of the
    /// server. Other models have those of their author, and the server is asked about them.
    pub(crate) is_reflected: bool,
    /// The budget for the ratio to the bare queries of the catalogue, by psql.
    pub(crate) budget: &'static str,
    /// The budget for the memory.
    pub(crate) memory: &'static str,
}

/// A file of a project.
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Returns projects of about a thousand objects.
pub(crate) fn small() -> [Shape; 3] {
    let tables = || files(0..1000, |models| models);
    let shape = Shape {
        title: "1,000 tables; floor: psql, bare catalogue",
        files: tables(),
        is_reflected: true,
        budget: "1.2 x",
        memory: "40 MiB",
    };
    let spelled = Shape {
        title: "1,000 tables with an author's texts",
        files: tables(),
        is_reflected: false,
        budget: "",
        memory: "",
    };
    let objects = File { name: "objects/all.sql".to_owned(), text: routines_and_views(1000) };
    let others = Shape {
        title: "1,000 functions and 1,000 views of 100 tables",
        files: files(0..100, |models| models).into_iter().chain([objects]).collect(),
        is_reflected: true,
        budget: "1.2 x",
        memory: "",
    };
    [shape, spelled, others]
}

/// Returns projects of thousands of tables.
pub(crate) fn large() -> [Shape; 2] {
    let in_schemas = (0..30).flat_map(|schema| {
        let prefix = format!("s{schema:02}");
        let moved = move |models: String| {
            let enums = models
                .replace(", Enum)]", &format!(", Enum)]\n#[enum_type(schema = \"{prefix}\")]"));
            let tables = enums
                .replace("#[table(name = ", &format!("#[table(schema = \"{prefix}\", name = "));
            let references =
                tables.replace("references = \"", &format!("references = \"{prefix}."));
            references
                .replace("Status", &format!("Status{schema}x"))
                .replace("struct Table", &format!("struct Table{schema}x"))
        };
        let mut own = files(0..300, moved);
        own.iter_mut().for_each(|file| {
            file.name = format!("models/{schema:02}_{}", file.name.replace('/', "_"));
        });
        own
    });
    let tables = Shape {
        title: "5,000 tables",
        files: files(0..5000, |models| models),
        is_reflected: true,
        budget: "1.2 x",
        memory: "150 MiB",
    };
    let schemas = Shape {
        title: "300 tables in each of 30 schemas",
        files: in_schemas.collect(),
        is_reflected: true,
        budget: "1.2 x",
        memory: "",
    };
    [tables, schemas]
}

/// Returns the models of tables, a hundred in each file.
fn files(tables: std::ops::Range<usize>, change: impl Fn(String) -> String) -> Vec<File> {
    let file = |first: usize| File {
        name: format!("models/m{first:05}.rs"),
        text: change(floor::models(first..first + 100)),
    };
    tables.step_by(100).map(file).collect()
}

/// Returns as many functions as views. Each tenth view reads the one before it.
fn routines_and_views(count: usize) -> String {
    let mut out = String::new();
    for number in 0..count {
        let table = format!("table_{:05}", number % 100);
        let read = if number % 10 == 9 { format!("view_{:05}", number - 1) } else { table };
        let _ = writeln!(
            out,
            "CREATE FUNCTION function_{number:05}(a bigint, b text DEFAULT 'x') RETURNS text LANGUAGE sql STABLE \
             AS $$ SELECT b || a::text FROM table_{:05} WHERE id = a $$;\n\
             CREATE VIEW view_{number:05} AS SELECT id, name, amount * 2 AS amount FROM {read} WHERE amount > {number};",
            number % 100
        );
    }
    out
}
