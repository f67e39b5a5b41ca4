//! SQLite: DDL, and the DDL that its reflection stands for.

use aludel_dialect::Dialect;
use aludel_reflect::reflect;
use aludel_schema::QualifiedName;

use crate::case::{column, sqlite, sqlite_reflection, sqlite_says, statements, table, wait};

#[test]
fn columns_have_types_nullability_and_defaults() {
    sqlite_says([
        ("nothing", "", &[]),
        (
            "types with modifiers, and none at all",
            "CREATE TABLE t (a INTEGER, b VARCHAR(20), c DECIMAL(10, 2), d UNSIGNED BIG INT, e)",
            &[
                "CREATE TABLE \"t\" (\n    a INTEGER,\n    b VARCHAR(20),\n    c DECIMAL(10, 2),\n    \
               d UNSIGNED BIG INT,\n    e\n)",
            ],
        ),
        (
            "NULL and NOT NULL",
            "CREATE TABLE t (a TEXT NOT NULL, b TEXT NULL)",
            &["CREATE TABLE \"t\" (\n    a TEXT NOT NULL,\n    b TEXT\n)"],
        ),
        (
            "literals, expressions, and a word that is a string there",
            "CREATE TABLE t (a DEFAULT 'x', b DEFAULT -1, c DEFAULT (1 + 1), d DEFAULT CURRENT_TIMESTAMP, \
             e DEFAULT word, f DEFAULT \"it's\", g DEFAULT NULL, h DEFAULT (NULL), i DEFAULT true)",
            &[
                "CREATE TABLE \"t\" (\n    a DEFAULT 'x',\n    b DEFAULT -1,\n    c DEFAULT (1 + 1),\n    \
               d DEFAULT CURRENT_TIMESTAMP,\n    e DEFAULT 'word',\n    f DEFAULT 'it''s',\n    g,\n    h,\n    \
               i DEFAULT true\n)",
            ],
        ),
        (
            "collations, and columns that are computed",
            "CREATE TABLE t (a TEXT COLLATE NOCASE, b GENERATED ALWAYS AS (lower(a)) STORED, c TEXT AS (a || 'x'))",
            &[
                "CREATE TABLE \"t\" (\n    a TEXT COLLATE NOCASE,\n    b GENERATED ALWAYS AS (lower(a)) STORED,\n    \
               c TEXT GENERATED ALWAYS AS (a || 'x') VIRTUAL\n)",
            ],
        ),
    ]);
}

#[test]
fn constraints_keep_their_names_and_all_that_they_demand() {
    sqlite_says([
        (
            "with names, at the column and at the table",
            "CREATE TABLE t (a INTEGER CONSTRAINT pk PRIMARY KEY, b CONSTRAINT positive CHECK (b > 0), CONSTRAINT u UNIQUE (a, b))",
            &[
                "CREATE TABLE \"t\" (\n    a INTEGER,\n    b,\n    CONSTRAINT pk PRIMARY KEY (a),\n    \
               CONSTRAINT positive CHECK (b > 0),\n    CONSTRAINT u UNIQUE (a, b)\n)",
            ],
        ),
        (
            "without names",
            "CREATE TABLE t (a UNIQUE, b, CHECK (a <> b) CHECK (b > 0))",
            &[
                "CREATE TABLE \"t\" (\n    a,\n    b,\n    UNIQUE (a),\n    CHECK (a <> b),\n    CHECK (b > 0)\n)",
            ],
        ),
        (
            "a key of two columns, which may be NULL unless they say otherwise",
            "CREATE TABLE t (a, b NOT NULL, PRIMARY KEY (B, a))",
            &["CREATE TABLE \"t\" (\n    a,\n    b NOT NULL,\n    PRIMARY KEY (b, a)\n)"],
        ),
        (
            "a key by which rows are stored, which is never NULL",
            "CREATE TABLE t (a, b, PRIMARY KEY (b, a)) WITHOUT ROWID",
            &["CREATE TABLE \"t\" (\n    a,\n    b,\n    PRIMARY KEY (b, a)\n) WITHOUT ROWID"],
        ),
        (
            "AUTOINCREMENT",
            "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b)",
            &["CREATE TABLE \"t\" (\n    a INTEGER PRIMARY KEY AUTOINCREMENT,\n    b\n)"],
        ),
        (
            "a key that says what it is anyway",
            "CREATE TABLE t (a INTEGER NOT NULL PRIMARY KEY, b INTEGER CHECK (b > 0 -- above\n))",
            &[
                "CREATE TABLE \"t\" (\n    a INTEGER NOT NULL,\n    b INTEGER,\n    PRIMARY KEY (a),\n    CHECK (b > 0 -- above\n)\n)",
            ],
        ),
        (
            "options of the table",
            "CREATE TABLE t (a TEXT PRIMARY KEY, b INT) WITHOUT ROWID, STRICT",
            &[
                "CREATE TABLE \"t\" (\n    a TEXT,\n    b INT,\n    PRIMARY KEY (a)\n) WITHOUT ROWID, STRICT",
            ],
        ),
    ]);
}

#[test]
fn foreign_keys_have_both_ends_actions_and_time() {
    let parent = "CREATE TABLE \"p\" (\n    a INTEGER,\n    PRIMARY KEY (a)\n)";
    let make = "CREATE TABLE p (a INTEGER PRIMARY KEY);";
    for (name, column, key) in [
        (
            "a reference without columns means the primary key",
            "REFERENCES p",
            "FOREIGN KEY (x) REFERENCES p (a)",
        ),
        (
            "actions",
            "REFERENCES p (a) ON DELETE CASCADE ON UPDATE SET NULL",
            "FOREIGN KEY (x) REFERENCES p (a) ON UPDATE SET NULL ON DELETE CASCADE",
        ),
        (
            "a key that is checked at commit",
            "CONSTRAINT k REFERENCES p DEFERRABLE INITIALLY DEFERRED",
            "CONSTRAINT k FOREIGN KEY (x) REFERENCES p (a) DEFERRABLE INITIALLY DEFERRED",
        ),
        (
            "what says that it is not deferrable says nothing",
            "REFERENCES p NOT DEFERRABLE INITIALLY DEFERRED",
            "FOREIGN KEY (x) REFERENCES p (a)",
        ),
    ] {
        let child = format!("CREATE TABLE \"c\" (\n    x,\n    {key}\n)");
        let found = sqlite_reflection(&format!("{make} CREATE TABLE c (x {column})"));
        assert_eq!(statements(Dialect::Sqlite, &found.metadata), [&child, parent], "{name}");
    }
}

#[test]
fn indexes_and_views() {
    let table = "CREATE TABLE \"t\" (\n    a,\n    b\n)";
    let make = |ddl: &str| format!("CREATE TABLE t (a, b); {ddl}");
    for (name, ddl, expected) in [
        ("an index", "CREATE INDEX i ON t (a, b)", "CREATE INDEX i ON t (a, b)"),
        (
            "an index in any spelling",
            "create unique index if not exists \"i\" on \"t\" ( [a] )",
            "CREATE UNIQUE INDEX i ON t (a)",
        ),
        (
            "an index with everything",
            "CREATE INDEX i ON t (lower(a), b COLLATE NOCASE DESC) WHERE b > 0",
            "CREATE INDEX i ON t (lower(a), b COLLATE NOCASE DESC) WHERE b > 0",
        ),
        ("a view", "CREATE VIEW v AS SELECT a FROM t", "CREATE VIEW v AS SELECT a FROM t"),
        (
            "a view with a list of columns",
            "CREATE VIEW v (x, y) AS SELECT a, b FROM t",
            "CREATE VIEW v (x, y) AS SELECT a, b FROM t",
        ),
    ] {
        let found = sqlite_reflection(&make(ddl));
        assert_eq!(statements(Dialect::Sqlite, &found.metadata), [table, expected], "{name}");
        assert!(found.leftovers.is_empty(), "{name}");
    }
}

#[test]
fn every_way_to_quote_and_to_comment_is_read() {
    let ddl = "CREATE TABLE IF NOT EXISTS [select] ( -- a table\n  \"or\"\"der\" TEXT, `from` /* a column */ TEXT, 'a b' TEXT )";
    let found = sqlite_reflection(ddl);
    let names: Vec<String> =
        table(&found, "select").columns.into_iter().map(|column| column.name).collect();
    assert_eq!(names, ["or\"der", "from", "a b"]);
}

#[test]
fn two_spellings_of_one_thing_are_equal() {
    for (name, one, other) in [
        ("the case of a type", "a varchar(20)", "a VARCHAR(20)"),
        ("the parentheses of a default", "a DEFAULT 1", "a DEFAULT (1)"),
        ("the case and the quotes of an expression", "a AS (LOWER(\"b\"))", "a AS ( lower( b ) )"),
    ] {
        let ddl = |own| format!("CREATE TABLE t ({own}, b TEXT)");
        let of = |own| column(&sqlite_reflection(&ddl(own)), "t.a");
        assert_eq!(of(one), of(other), "{name}");
    }
    let of = |check| {
        let ddl = format!("CREATE TABLE t (a, CHECK ({check}))");
        table(&sqlite_reflection(&ddl), "t").constraints
    };
    assert_eq!(of("a > 0 AND a<9"), of("(a>0 and \"a\" < 9)"));
    assert_ne!(of("a = 'x'"), of("a = 'X'"));
}

#[test]
fn triggers_and_virtual_tables() {
    sqlite_says([
        (
            "a trigger",
            "CREATE TABLE t (a); CREATE TRIGGER touch AFTER INSERT ON t BEGIN UPDATE t SET a = 1; END",
            &[
                "CREATE TABLE \"t\" (\n    a\n)",
                "CREATE TRIGGER touch AFTER INSERT ON t BEGIN UPDATE t SET a = 1; END",
            ],
        ),
        (
            "a virtual table, without its shadows",
            "CREATE VIRTUAL TABLE words USING fts5 (body, tokenize = 'porter')",
            &["CREATE VIRTUAL TABLE words USING fts5 (body, tokenize = 'porter')"],
        ),
    ]);
}

#[test]
fn tables_to_ignore_are_left_out() {
    let connection = sqlite("CREATE TABLE t (a); CREATE TABLE v (a); CREATE TABLE v_log (a)");
    let ignore = ["v", "v_log"].map(QualifiedName::unqualified);
    let found = wait(reflect(&connection, &ignore)).unwrap();
    assert_eq!(found.metadata.tables.len(), 1);
    assert!(found.metadata.tables.contains_key(&QualifiedName::unqualified("t")));
}
