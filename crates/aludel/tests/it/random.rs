//! Random schemas that a database accepts.

use aludel::Dialect;
use aludel_schema::{
    Action, Column, Constraint, ConstraintKind, Deferrable, EnumType, ForeignKey, Generated,
    Identity, Index, IndexKey, KeyPart, Metadata, QualifiedName, SequenceOptions, SqlText, Table,
    object_name,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index as Pick, select, subsequence};

/// The types of random columns, with defaults that fit each.
fn types(dialect: Dialect) -> Vec<(&'static str, &'static [&'static str])> {
    match dialect {
        Dialect::Postgres => vec![
            ("text", &["'x'", "'it''s'", "lower('A')"]),
            ("varchar(20)", &["'y'"]),
            ("integer", &["0", "-1", "1 + 1"]),
            ("numeric(10,2)", &["0", "1.5"]),
            ("boolean", &["true", "false"]),
            ("timestamptz", &["now()", "CURRENT_TIMESTAMP"]),
            ("jsonb", &["'{}'", "'{\"a\": [1]}'"]),
            ("text[]", &["'{}'", "ARRAY['a']"]),
            ("uuid", &["gen_random_uuid()"]),
            ("mood", &["'calm'"]),
        ],
        Dialect::Sqlite => vec![
            ("TEXT", &["'x'", "'it''s'", "lower('A')", "CURRENT_TIMESTAMP"]),
            ("VARCHAR(20)", &["'y'"]),
            ("INTEGER", &["0", "-1", "1 + 1"]),
            ("REAL", &["1.5"]),
            ("BOOLEAN", &["true"]),
            ("BLOB", &["x'00'"]),
        ],
    }
}

#[derive(Clone, Debug)]
struct ColumnSeed {
    kind: Pick,
    default: Option<Pick>,
    nullable: bool,
    comment: bool,
}

#[derive(Clone, Debug)]
struct TableSeed {
    columns: Vec<ColumnSeed>,
    identity: bool,
    generated: bool,
    unique: Vec<usize>,
    check: Option<usize>,
    index: Option<(Vec<usize>, bool, bool, usize)>,
    parent: Option<(Pick, usize, bool)>,
}

fn column() -> impl Strategy<Value = ColumnSeed> {
    (any::<Pick>(), proptest::option::of(any::<Pick>()), any::<bool>(), any::<bool>()).prop_map(
        |(kind, default, nullable, comment)| ColumnSeed { kind, default, nullable, comment },
    )
}

fn table() -> impl Strategy<Value = TableSeed> {
    let index = (subsequence(vec![0, 1, 2], 1..3), any::<bool>(), any::<bool>(), 0..3_usize);
    (
        vec(column(), 3..6),
        any::<bool>(),
        any::<bool>(),
        subsequence(vec![0, 1, 2], 0..3),
        proptest::option::of(0..3_usize),
        proptest::option::of(index),
        proptest::option::of((any::<Pick>(), 0..3_usize, any::<bool>())),
    )
        .prop_map(|(columns, identity, generated, unique, check, index, parent)| TableSeed {
            columns,
            identity,
            generated,
            unique,
            check,
            index,
            parent,
        })
}

/// A random schema of up to four tables.
pub(crate) fn metadata(dialect: Dialect) -> impl Strategy<Value = Metadata> {
    let names = subsequence(vec!["ants", "bees", "\"Cats\"", "dogs"], 1..5);
    let labels = subsequence(vec!["angry", "calm", "glad", "sad"], 1..5);
    (names, vec(table(), 4), labels).prop_map(move |(names, seeds, labels)| {
        let mut metadata = Metadata::default();
        let names: Vec<String> = names.into_iter().map(|name| name.replace('"', "")).collect();
        for (name, seed) in names.iter().zip(&seeds) {
            metadata.add_table(build(dialect, name, seed, &names));
        }
        if dialect == Dialect::Postgres {
            let mut labels: Vec<String> = labels.into_iter().map(str::to_owned).collect();
            if !labels.iter().any(|label| label == "calm") {
                labels.push("calm".to_owned());
            }
            let name = QualifiedName::unqualified("mood");
            metadata.enums.insert(name.clone(), EnumType { name, labels, comment: None });
        }
        metadata
    })
}

fn build(dialect: Dialect, name: &str, seed: &TableSeed, names: &[String]) -> Table {
    let postgres = dialect == Dialect::Postgres;
    let mut table = Table::new(QualifiedName::unqualified(name));
    let mut id = Column::new("id", if postgres { "bigint" } else { "INTEGER" });
    id.nullable = false;
    let always = !postgres || seed.unique.len() == 1;
    id.identity = seed.identity.then(|| {
        Box::new(Identity { always, sequence: None, options: SequenceOptions::default() })
    });
    table.columns.push(id);
    let kinds = types(dialect);
    for (at, seed) in seed.columns.iter().enumerate() {
        let (sql_type, defaults) = seed.kind.get(&kinds);
        let mut column = Column::new(format!("c{at}"), "");
        column.sql_type = dialect.sql_type(sql_type);
        column.nullable = seed.nullable;
        column.default = seed.default.map(|pick| Box::new(SqlText::new(*pick.get(defaults))));
        column.comment = (seed.comment && postgres).then(|| format!("it's {at}"));
        table.columns.push(column);
    }
    let key = |columns: Vec<String>| ConstraintKind::primary_key(columns);
    constraint(&mut table, "pkey", key(vec!["id".to_owned()]));
    if !seed.unique.is_empty() {
        let columns = seed
            .unique
            .iter()
            .map(|at| format!("c{at}"))
            .filter(|c| comparable(&table, c))
            .collect::<Vec<_>>();
        if !columns.is_empty() {
            let kind = ConstraintKind::unique(columns);
            constraint(&mut table, "unique", kind);
        }
    }
    if let Some((pick, action, deferred)) = &seed.parent {
        parent(dialect, &mut table, pick.get(names).as_str(), *action, *deferred);
    }
    if let Some(at) = seed.check {
        let texts = [
            format!("c{at} IS NOT NULL"),
            "id BETWEEN 1 AND 1000".to_owned(),
            "id IN (1, 2, 3) OR id > 5".to_owned(),
        ];
        let expression = SqlText::new(texts[at].clone());
        constraint(&mut table, "check", ConstraintKind::check(expression));
    }
    if seed.generated {
        let mut column = Column::new("g", if postgres { "bigint" } else { "INTEGER" });
        column.generated =
            Some(Box::new(Generated { expression: SqlText::new("id * 2"), stored: true }));
        table.columns.push(column);
    }
    if let Some((columns, unique, descending, predicate)) = &seed.index {
        index(&mut table, columns, *unique, *descending, *predicate);
    }
    table
}

fn comparable(table: &Table, column: &str) -> bool {
    table.column(column).is_some_and(|column| !column.sql_type.written.contains("json"))
}

fn constraint(table: &mut Table, label: &str, kind: ConstraintKind) {
    let name = object_name(&table.name.name, "", label);
    table.constraints.push(Constraint::new(Some(name), kind));
}

fn parent(dialect: Dialect, table: &mut Table, target: &str, action: usize, deferred: bool) {
    let mut column = Column::new("parent_id", "");
    column.sql_type =
        dialect.sql_type(if dialect == Dialect::Postgres { "bigint" } else { "INTEGER" });
    table.columns.push(column);
    let (own, there) = (vec!["parent_id".to_owned()], vec!["id".to_owned()]);
    let kind = ConstraintKind::ForeignKey(ForeignKey {
        on_delete: [Action::NoAction, Action::Cascade, Action::SetNull][action],
        ..ForeignKey::new(own, QualifiedName::unqualified(target), there)
    });
    constraint(table, "fkey", kind);
    if let Some(constraint) = table.constraints.last_mut().filter(|_| deferred) {
        constraint.deferrable = Deferrable::InitiallyDeferred;
    }
}

fn index(table: &mut Table, columns: &[usize], unique: bool, descending: bool, predicate: usize) {
    let mut keys: Vec<IndexKey> = columns
        .iter()
        .map(|at| format!("c{at}"))
        .filter(|column| comparable(table, column))
        .map(|column| IndexKey::new(KeyPart::Column(column)))
        .collect();
    keys.push(IndexKey::new(KeyPart::Expression(SqlText::new("id + 1"))));
    keys[0].descending = descending;
    table.indexes.push(Index {
        name: object_name(&table.name.name, "", "idx"),
        keys,
        unique,
        method: "btree".to_owned(),
        include: Vec::new(),
        nulls_not_distinct: false,
        predicate: [
            None,
            Some(SqlText::new("id > 10")),
            Some(SqlText::new("id IN (1, 2) AND id <> 3")),
        ][predicate]
            .clone()
            .map(Box::new),
        settings: aludel_schema::IndexSettings::default(),
        comment: None,
        canonical: None,
    });
}

/// Sources in which random bytes are let loose.
pub(crate) fn seeds() -> impl Strategy<Value = &'static str> {
    select(vec![
        "use aludel::Table;\n#[derive(Table)]\n#[table(index(name, where = \"id > 1\"))]\npub struct Item {\n    #[column(primary_key, default = \"1\")]\n    pub id: i64,\n    pub name: Option<String>,\n}\n",
        "-- m\n-- revision: a1\n-- down_revision: none\n\n-- aludel: upgrade\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;\n-- aludel: downgrade\n-- aludel: irreversible: why\n",
        "models = [\"a/*.rs\"]\n[database]\nurl = \"sqlite:x\"\ndialects = [\"postgres\"]\n[types]\nA = \"text\"\n",
        "label@head+2",
        "CREATE TABLE \"t\" (a INTEGER CONSTRAINT p PRIMARY KEY AUTOINCREMENT, b TEXT DEFAULT (lower('x')) CHECK (b <> '')) STRICT",
        "SELECT E'\\'' || $x$ ; $x$ /* /* */ */ -- c\n;",
    ])
}
