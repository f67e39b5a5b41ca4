//! Parts of models that are no SQL text, and that the database refuses all the same: keys of types
//! without an order, foreign keys between other types, options, identities. `check` finds them, with
//! the line of the model, on an empty database and on one whose tables change.

use aludel_testkit::{TestProject, server};

use crate::{PROGRAM, sqlite_project};

/// Models that are right, wrong ones, and what is said of them.
struct Case {
    name: &'static str,
    /// The models that the database has been brought to before; empty for an empty database.
    before: &'static str,
    models: &'static str,
    says: &'static [&'static str],
}

const POSTGRES: &[Case] = &[
    Case {
        name: "a key of a type without an order",
        before: "",
        models: r#"pub struct T { #[column(primary_key, type = "json")] pub id: String }"#,
        says: &["constraint ts_pkey of ts", "json has no default operator class", ":2:12"],
    },
    Case {
        name: "a key whose column gets such a type",
        before: "pub struct T { #[column(primary_key)] pub id: i64, #[column(unique)] pub x: i32 }",
        models: r#"pub struct T { #[column(primary_key)] pub id: i64, #[column(unique, type = "json", using = "to_json(x)")] pub x: String }"#,
        says: &["constraint ts_x_key of ts", "json has no default operator class"],
    },
    Case {
        name: "an index whose column gets such a type",
        before: "pub struct T { #[column(primary_key)] pub id: i64, #[column(index)] pub x: i32 }",
        models: r#"pub struct T { #[column(primary_key)] pub id: i64, #[column(index, type = "json", using = "to_json(x)")] pub x: String }"#,
        says: &["index ts_x_idx of ts", "json has no default operator class"],
    },
    Case {
        name: "a foreign key of another type",
        before: "",
        models: r#"pub struct U { #[column(primary_key)] pub id: i64 }
#[derive(Table)] pub struct T { #[column(primary_key)] pub id: i64, #[column(references = "us.id")] pub u: String }"#,
        says: &["foreign key constraint \"ts_u_fkey\" cannot be implemented", "text and bigint"],
    },
    Case {
        name: "a foreign key whose other end changes",
        before: r#"pub struct U { #[column(primary_key)] pub id: i64 }
#[derive(Table)] pub struct T { #[column(primary_key)] pub id: i64, #[column(references = "us.id")] pub u: i64 }"#,
        models: r#"pub struct U { #[column(primary_key)] pub id: String }
#[derive(Table)] pub struct T { #[column(primary_key)] pub id: i64, #[column(references = "us.id")] pub u: i64 }"#,
        says: &["foreign key constraint \"ts_u_fkey\" cannot be implemented"],
    },
    Case {
        name: "an action that sets a generated column",
        before: "",
        models: r#"pub struct U { #[column(primary_key)] pub id: i64 }
#[derive(Table)] pub struct T { #[column(primary_key)] pub id: i64, #[column(generated = "id", references = "us.id", on_delete = "set null")] pub u: i64 }"#,
        says: &["invalid ON DELETE action for foreign key"],
    },
    Case {
        name: "a column that is generated from itself",
        before: "pub struct T { #[column(primary_key)] pub id: i64 }",
        models: r#"pub struct T { #[column(primary_key)] pub id: i64, #[column(generated = "x + 1")] pub x: i64 }"#,
        says: &["column ts.x", "cannot use generated column \"x\""],
    },
    Case {
        name: "a column that is generated from another such one",
        before: "",
        models: r#"pub struct T { #[column(primary_key)] pub id: i64, #[column(generated = "id + 1")] pub x: i64, #[column(generated = "x + 1")] pub y: i64 }"#,
        says: &["column ts.y", "cannot use generated column \"x\""],
    },
    Case {
        name: "the default of an added column, when it is evaluated",
        before: "pub struct T { #[column(primary_key)] pub id: i64 }",
        models: r#"pub struct T { #[column(primary_key)] pub id: i64, #[column(default = "1 / 0")] pub x: i64 }"#,
        says: &["the default of ts.x", "division by zero"],
    },
    Case {
        name: "the default of an added column, out of range",
        before: "pub struct T { #[column(primary_key)] pub id: i64 }",
        models: r#"pub struct T { #[column(primary_key)] pub id: i64, #[column(default = "99999")] pub x: i16 }"#,
        says: &["the default of ts.x", "smallint out of range"],
    },
    Case {
        name: "an identity of a text",
        before: "",
        models: "pub struct T { #[column(primary_key, identity)] pub id: String }",
        says: &["column ts.id", "identity column type must be smallint, integer, or bigint"],
    },
    Case {
        name: "an identity that starts below its minimum",
        before: "",
        models: "pub struct T { #[column(primary_key, identity(start = 0, min = 5))] pub id: i64 }",
        says: &["column ts.id", "START value (0) cannot be less than MINVALUE (5)"],
    },
    Case {
        name: "a sequence that starts below its minimum",
        before: "",
        models: r#"#[table(sequence(name = "s", start = 1, min = 5))]
pub struct T { #[column(primary_key)] pub id: i64 }"#,
        says: &["sequence s", "START value (1) cannot be less than MINVALUE (5)"],
    },
    Case {
        name: "a storage parameter out of range",
        before: "pub struct T { #[column(primary_key)] pub id: i64 }",
        models: "#[table(with(fillfactor = 900))]\npub struct T { #[column(primary_key)] pub id: i64 }",
        says: &["table ts", "value 900 out of bounds for option \"fillfactor\"", ":3:12"],
    },
    Case {
        name: "a storage parameter of a key",
        before: "",
        models: "#[table(unique(id, with(nonsense = 1)))]\npub struct T { pub id: i64 }",
        says: &["constraint ts_id_key of ts", "unrecognized parameter \"nonsense\""],
    },
    Case {
        name: "a tablespace",
        before: "",
        models: "#[table(tablespace = \"nonsense\")]\npub struct T { pub id: i64 }",
        says: &["table ts", "tablespace \"nonsense\" does not exist"],
    },
    Case {
        name: "an access method",
        before: "",
        models: "#[table(access_method = \"nonsense\")]\npub struct T { pub id: i64 }",
        says: &["table ts", "access method \"nonsense\" does not exist"],
    },
    Case {
        name: "a partition key",
        before: "",
        models: "#[table(partition_by = \"list (id, x)\")]\npub struct T { pub id: i64, pub x: i64 }",
        says: &["table ts", "cannot use \"list\" partition strategy with more than one column"],
    },
    Case {
        name: "a column that is inherited with another type",
        before: "",
        models: "pub struct U { pub x: String }\n#[derive(Table)]\n#[table(inherits(\"us\"))]\npub struct T { pub x: i64 }",
        says: &["table ts", "column \"x\" has a type conflict"],
    },
    Case {
        name: "a column that is inherited and not listed",
        before: "",
        models: "pub struct U { pub x: String }\n#[derive(Table)]\n#[table(inherits(\"us\"))]\npub struct T { pub y: i64 }",
        says: &["table ts inherits column x of us", "#[column(inherited)]", ":5:12"],
    },
    Case {
        name: "a storage that the type has not",
        before: "pub struct T { #[column(primary_key)] pub id: i64 }",
        models: r#"pub struct T { #[column(primary_key, storage = "external")] pub id: i64 }"#,
        says: &["column ts.id", "column data type bigint can only have storage PLAIN"],
    },
    Case {
        name: "a compression",
        before: "",
        models: r#"pub struct T { #[column(compression = "nonsense")] pub x: String }"#,
        says: &["column ts.x", "invalid compression method \"nonsense\""],
    },
    Case {
        name: "an option of a column",
        before: "",
        models: "pub struct T { #[column(options(n_distinct = -7))] pub x: String }",
        says: &["column ts.x", "value -7 out of bounds for option \"n_distinct\""],
    },
    Case {
        name: "a collation",
        before: "",
        models: r#"pub struct T { #[column(collate = "nonsense")] pub x: String }"#,
        says: &["column ts.x", "collation \"nonsense\""],
    },
    Case {
        name: "a partition key over a generated column",
        before: "",
        models: r#"#[table(partition_by = "list (g)")]
pub struct T { pub id: i64, #[column(generated = "id + 1")] pub g: i64 }"#,
        says: &["table ts", "cannot use generated column in partition key", ":3:12"],
    },
    Case {
        name: "an exclusion constraint without the partition key",
        before: "",
        models: r#"#[table(partition_by = "list (x)", exclude("USING gist (r WITH &&)", name = "apart"))]
pub struct T { #[column(type = "int4range")] pub r: String, pub x: i64 }"#,
        says: &["constraint apart of ts", "partition", ":2:36"],
    },
    Case {
        name: "a check of a partitioned table alone",
        before: "",
        models: r#"#[table(partition_by = "list (x)", check("x > 0", name = "great", no_inherit))]
pub struct T { pub x: i64 }"#,
        says: &[
            "constraint great of ts",
            "cannot add NO INHERIT constraint to partitioned table \"ts\"",
        ],
    },
    Case {
        name: "a partitioned table that is sorted",
        before: "",
        models: r#"#[table(partition_by = "list (x)", index(x, name = "by_x"), clustered_on = "by_x")]
pub struct T { pub x: i64 }"#,
        says: &["table ts", "cannot mark index clustered in partitioned table"],
    },
    Case {
        name: "a child of a partitioned table",
        before: "",
        models: r#"#[table(partition_by = "list (x)")]
pub struct U { pub x: i64 }
#[derive(Table)]
#[table(inherits("us"))]
pub struct T { #[column(inherited)] pub x: i64 }"#,
        says: &["table ts", "cannot inherit from partitioned table \"us\"", ":6:12"],
    },
    Case {
        name: "a foreign key to a table that a crash empties",
        before: "",
        models: r#"#[table(unlogged)]
pub struct U { #[column(primary_key)] pub id: i64 }
#[derive(Table)] pub struct T { #[column(primary_key)] pub id: i64, #[column(references = "us.id")] pub u: i64 }"#,
        says: &[
            "constraint ts_u_fkey of ts",
            "constraints on permanent tables may reference only permanent tables",
        ],
    },
    Case {
        name: "a foreign key to a table that a crash will empty",
        before: r#"pub struct U { #[column(primary_key)] pub id: i64 }
#[derive(Table)] pub struct T { #[column(primary_key)] pub id: i64, #[column(references = "us.id")] pub u: i64 }"#,
        models: r#"#[table(unlogged)]
pub struct U { #[column(primary_key)] pub id: i64 }
#[derive(Table)] pub struct T { #[column(primary_key)] pub id: i64, #[column(references = "us.id")] pub u: i64 }"#,
        says: &[
            "constraint ts_u_fkey of ts",
            "constraints on permanent tables may reference only permanent tables",
        ],
    },
    Case {
        name: "a foreign key to a key that is checked late",
        before: "",
        models: r#"#[table(unique(id, deferrable))]
pub struct U { pub id: i64 }
#[derive(Table)] pub struct T { #[column(primary_key)] pub id: i64, #[column(references = "us.id")] pub u: i64 }"#,
        says: &[
            "constraint ts_u_fkey of ts",
            "cannot use a deferrable unique constraint for referenced table \"us\"",
        ],
    },
    Case {
        name: "a foreign key that sets a column of none",
        before: "",
        models: r#"#[table(foreign_key(u, references = "us(id)", on_delete = "set null", set_columns(id)))]
pub struct T { #[column(primary_key)] pub id: i64, pub u: i64 }
#[derive(Table)]
pub struct U { #[column(primary_key)] pub id: i64 }"#,
        says: &["constraint ts_u_fkey of ts", "must be part of foreign key"],
    },
    Case {
        name: "rows sorted by a part of them",
        before: "",
        models: r#"#[table(index(x, name = "by_x", where = "x > 0"), clustered_on = "by_x")]
pub struct T { pub x: i64 }"#,
        says: &["table ts", "cannot cluster on partial index \"by_x\"", ":3:12"],
    },
    Case {
        name: "rows sorted by an index that becomes one of a part",
        before: r#"#[table(index(x, name = "by_x"), clustered_on = "by_x")]
pub struct T { pub x: i64 }"#,
        models: r#"#[table(index(x, name = "by_x", where = "x > 0"), clustered_on = "by_x")]
pub struct T { pub x: i64 }"#,
        says: &["table ts", "cannot cluster on partial index \"by_x\""],
    },
    Case {
        name: "rows sorted by an index without an order",
        before: "",
        models: r#"#[table(index(x, name = "by_x", using = "hash"), clustered_on = "by_x")]
pub struct T { pub x: i64 }"#,
        says: &["table ts", "cannot cluster on index \"by_x\""],
    },
    Case {
        name: "rows that are known by what may be NULL",
        before: r#"#[table(index(x, unique, name = "by_x"), replica_identity(index = "by_x"))]
pub struct T { pub x: i64 }"#,
        models: r#"#[table(index(x, unique, name = "by_x"), replica_identity(index = "by_x"))]
pub struct T { pub x: Option<i64> }"#,
        says: &[
            "table ts",
            "index \"by_x\" cannot be used as replica identity because column \"x\" is nullable",
        ],
    },
    Case {
        name: "rows that are known by what is not unique",
        before: "",
        models: r#"#[table(index(x, name = "by_x"), replica_identity(index = "by_x"))]
pub struct T { pub x: i64 }"#,
        says: &["table ts", "cannot use non-unique index \"by_x\" as replica identity"],
    },
    Case {
        name: "rows that are known by a key that is checked late",
        before: "",
        models: r#"#[table(unique(x, deferrable, name = "by_x"), replica_identity(index = "by_x"))]
pub struct T { pub x: i64 }"#,
        says: &["table ts", "cannot use non-immediate index \"by_x\" as replica identity"],
    },
    Case {
        name: "rows in a row of the same table",
        before: "pub struct T { pub id: i64 }",
        models: r#"pub struct T { pub id: i64, #[column(type = "ts[]")] pub x: Option<String> }"#,
        says: &["column ts.x", "composite type ts cannot be made a member of itself", ":2:"],
    },
    Case {
        name: "a key of a column twice",
        before: "",
        models: "#[table(unique(id, id))]\npub struct T { pub id: i64 }",
        says: &["column id stands twice in unique(…)"],
    },
    Case {
        name: "a tablespace of an index",
        before: "",
        models: r#"#[table(index(id, tablespace = "nonsense"))]
pub struct T { pub id: i64 }"#,
        says: &["index ts_id_idx of ts", "tablespace \"nonsense\" does not exist", ":2:9"],
    },
    Case {
        name: "a sequence that changes",
        before: r#"#[table(sequence(name = "s"))]
pub struct T { pub id: i64 }"#,
        models: r#"#[table(sequence(name = "s", start = 1, min = 5))]
pub struct T { pub id: i64 }"#,
        says: &["sequence s", "START value (1) cannot be less than MINVALUE (5)"],
    },
    Case {
        name: "an extension",
        before: "",
        models: "pub struct T { pub x: String }\naludel::database! { extension(\"nonsense\") }",
        says: &["the database refuses extension nonsense of the models", ":3:21"],
    },
];

const SQLITE: &[Case] = &[
    Case {
        name: "a column that is generated from itself",
        before: "pub struct T { #[column(primary_key)] pub id: i64 }",
        models: r#"pub struct T { #[column(primary_key)] pub id: i64, #[column(generated = "x + 1")] pub x: i64 }"#,
        says: &["column ts.x", "generated column loop on \"x\""],
    },
    Case {
        name: "columns that are generated from each other",
        before: "",
        models: r#"pub struct T { #[column(primary_key)] pub id: i64, #[column(generated = "y + 1")] pub x: i64, #[column(generated = "x + 1")] pub y: i64 }"#,
        says: &["generated column loop on \"x\""],
    },
    Case {
        name: "a generated primary key",
        before: "",
        models: r#"pub struct T { #[column(primary_key, generated = "x")] pub id: i64, pub x: i64 }"#,
        says: &["constraint ts_pkey of ts", "generated columns cannot be part of the PRIMARY KEY"],
    },
    Case {
        name: "no key without a rowid",
        before: "",
        models: "#[table(without_rowid)]\npub struct T { pub id: i64 }",
        says: &["table ts", "PRIMARY KEY missing on table ts", ":3:12"],
    },
    Case {
        name: "a collation",
        before: "",
        models: r#"pub struct T { #[column(collate = "nonsense")] pub x: String }"#,
        says: &["column ts.x", "no such collation sequence: nonsense"],
    },
    Case {
        name: "a default that is no label",
        before: "pub struct T { #[column(primary_key)] pub id: i64 }",
        models: r#"pub struct T { #[column(primary_key)] pub id: i64, #[column(default = "'drft'")] pub state: State }
#[derive(Enum)] pub enum State { Draft, Done }"#,
        says: &["the default of ts.state", "CHECK constraint failed"],
    },
    Case {
        name: "a counter of texts",
        before: "",
        models: "pub struct T { #[column(primary_key, autoincrement)] pub id: String }",
        says: &["SQLite numbers only an integer that is the whole primary key, not id"],
    },
];

fn are_refused(cases: &[Case], project: impl Fn() -> TestProject) {
    for case in cases {
        let project = project();
        let whole = |models: &str| format!("#[derive(Table)]\n{models}\n");
        if !case.before.is_empty() {
            project.models(&whole(case.before));
            project.migrate("before");
        }
        project.models(&whole(case.models));
        let outcome = project.run("check").exits(1);
        for words in case.says {
            assert!(outcome.stderr.contains(words), "{}, {words:?}: {}", case.name, outcome.stderr);
        }
    }
}

/// A server has limits, which a large model may reach.
#[test]
fn the_limits_of_a_server_are_known() {
    let columns = |number: usize| {
        let names: Vec<String> = (0..number).map(|at| format!("c{at}")).collect();
        (format!("pub {}: i32", names.join(": i32, pub ")), names.join(", "))
    };
    let (keys, names) = columns(33);
    let (many, _) = columns(1601);
    for (models, says) in [
        (format!("#[table(index({names}))]\npub struct T {{ {keys} }}"), "more than 32 columns"),
        (format!("#[table(unique({names}))]\npub struct T {{ {keys} }}"), "more than 32 columns"),
        (format!("pub struct T {{ {many} }}"), "tables can have at most 1600 columns"),
    ] {
        let database = server().database();
        let project = TestProject::new(PROGRAM, &database.url());
        project.models(&format!("#[derive(Table)]\n{models}\n"));
        let _ = project.run("check").exits(1).says(says).says("models/models.rs:");
    }
}

#[test]
fn postgresql_refuses_parts_that_are_no_texts() {
    let databases: Vec<_> = POSTGRES.iter().map(|_| server().database()).collect();
    let left = std::cell::RefCell::new(databases.iter());
    are_refused(POSTGRES, || {
        let database = left.borrow_mut().next().expect("a database for each case");
        TestProject::new(PROGRAM, &database.url())
    });
}

#[test]
fn sqlite_refuses_parts_that_are_no_texts() {
    are_refused(SQLITE, sqlite_project);
}

/// All of this is right, and nothing of it is certain without a look.
#[test]
fn parts_that_are_right_are_taken() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    project.models(RIGHT);
    project.migrate("right");
    project.run("check --strict").ok();
    project.models(&RIGHT.replace("fillfactor = 90", "fillfactor = 80"));
    project.migrate("another_fillfactor");
    project.run("check --strict").ok();
    project.run("downgrade base --yes").ok();
}

const RIGHT: &str = r#"
aludel::database! { extension("citext") }

#[derive(Enum)]
pub enum Colour { Red, Green }

#[derive(Table)]
#[table(with(fillfactor = 90), sequence(name = "numbers", start = 10, min = 5))]
pub struct Item {
    #[column(primary_key, identity(start = 7), storage = "plain", statistics = 40)]
    pub id: i64,
    #[column(collate = "C", compression = "pglz")]
    pub title: String,
    #[column(generated = "id + 1")]
    pub next: i64,
    #[column(type = "citext", unique(with(fillfactor = 50)))]
    pub word: String,
    #[column(unique)]
    pub colour: Colour,
    #[column(type = "int4range")]
    pub during: String,
}

#[derive(Table)]
#[table(foreign_key(text, references = "items(word)", on_delete = "cascade"))]
pub struct Part {
    #[column(primary_key, type = "uuid", default = "gen_random_uuid()")]
    pub key: String,
    #[column(references = "items.id")]
    pub item: i32,
    #[column(type = "citext")]
    pub text: String,
}

#[derive(Table)]
pub struct Animal {
    pub legs: i32,
    pub name: String,
}

#[derive(Table)]
#[table(inherits("animals"))]
pub struct Cat {
    pub legs: i32,
    #[column(inherited)]
    pub name: String,
    pub lives: i32,
}

#[derive(Table)]
#[table(partition_by = "range (during, id)", unique(during, id), index(id, name = "entries_by_id"))]
#[table(check("id > 0", name = "entries_great"), access_method = "heap")]
pub struct Entry {
    pub id: i64,
    #[column(type = "int4range")]
    pub during: String,
    #[column(references = "items.id")]
    pub item: Option<i64>,
}

#[derive(Table)]
#[table(unlogged, unique(id, deferrable), index(key, unique, name = "drafts_by_key"))]
#[table(index(during, using = "gist", name = "drafts_by_time"), clustered_on = "drafts_by_time")]
#[table(replica_identity(index = "drafts_by_key"))]
pub struct Draft {
    #[column(primary_key)]
    pub id: i64,
    pub key: String,
    #[column(type = "int4range")]
    pub during: String,
    #[column(references = "items.id")]
    pub item: i64,
    #[column(references = "drafts.id")]
    pub other: Option<i64>,
    #[column(type = "animals")]
    pub about: String,
}
"#;
