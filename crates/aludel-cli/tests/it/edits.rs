//! Edits of ragchat's models, one at a time, on databases with rows: the revision applies, `check` is
//! clean after it, the rows are there, and the downgrade brings back the schema as it was.

use std::collections::BTreeMap;
use std::fs;

use aludel_testkit::{Dump, TestDatabase, TestProject, dump, server, sqlite_schema, workspace};

use crate::PROGRAM;

/// An edit: every `(from, to)` is replaced once.
struct Edit {
    what: &'static str,
    replace: &'static [(&'static str, &'static str)],
    /// Where it makes a difference.
    on: On,
    /// A column that was dropped comes back as the last one.
    reorders: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum On {
    Both,
    Postgres,
}

const fn edit(what: &'static str, replace: &'static [(&'static str, &'static str)]) -> Edit {
    Edit { what, replace, on: On::Both, reorders: false }
}

const EDITS: &[Edit] = &[
    edit("a new nullable column", &[("    pub password_hash: String,\n", "    pub password_hash: String,\n    pub nickname: Option<String>,\n")]),
    edit(
        "a new column that forbids NULL and has a default",
        &[("    pub password_hash: String,\n", "    pub password_hash: String,\n    #[column(default = \"'en'\")]\n    pub locale: String,\n")],
    ),
    edit(
        "a new column with a default that is not constant",
        &[("    pub password_hash: String,\n", "    pub password_hash: String,\n    #[column(default = \"now()\")]\n    pub seen_at: DateTime<Utc>,\n")],
    ),
    Edit { reorders: true, ..edit("a dropped column", &[("    pub quote: String,\n", "")]) },
    Edit { reorders: true, ..edit("a dropped column with a check and an index", &[
        ("    pub last_used_at: Option<DateTime<Utc>>,\n    pub forgotten_at: Option<DateTime<Utc>>,\n", "    pub last_used_at: Option<DateTime<Utc>>,\n"),
        ("    name = \"user_memories_important_idx\",\n    where = \"forgotten_at IS NULL\"\n", "    name = \"user_memories_important_idx\"\n"),
    ]) },
    edit("another type", &[("    pub importance: i16,\n", "    pub importance: f32,\n")]),
    edit("a wider type under a primary key and a foreign key", &[
        ("    #[column(primary_key, identity)]\n    pub id: i16,\n", "    #[column(primary_key, identity)]\n    pub id: i32,\n"),
        ("    pub model_id: i16,\n", "    pub model_id: i32,\n"),
    ]).on_postgres(),
    edit("NULL allowed", &[("    pub display_name: String,\n", "    pub display_name: Option<String>,\n")]),
    edit("NULL forbidden, with a default for the rows that have it", &[("    pub source_url: Option<String>,\n", "    #[column(default = \"''\")]\n    pub source_url: String,\n")]),
    edit("another default", &[("default = \"'member'\"", "default = \"'admin'\"")]),
    edit("no default", &[("    #[column(default = false)]\n    pub pinned: bool,\n", "    pub pinned: bool,\n")]),
    edit("a new label at the end", &[("    Admin,\n}", "    Admin,\n    Guest,\n}")]),
    edit("a new label in the middle that is used at once", &[
        ("    Pending,\n    Processing,\n", "    Pending,\n    Queued,\n    Processing,\n"),
        ("default = \"'pending'\"", "default = \"'queued'\""),
    ]),
    edit("a label less, and its enum in a check and a default", &[("    Todo,\n    Journal,\n", "    Todo,\n")]),
    edit("labels in another order", &[("    Private,\n    Shared,\n", "    Shared,\n    Private,\n")]),
    edit("a new index with an expression and a predicate", &[
        ("pub struct Message {", "#[table(index(\"lower(content)\", key(created_at, desc), where = \"role = 'user'\"))]\npub struct Message {"),
    ]),
    edit("an index in another order", &[("index(conversation_id, created_at, id, name", "index(conversation_id, key(created_at, desc), id, name")]),
    edit("another operator class", &[("opclass = \"jsonb_path_ops\"", "opclass = \"jsonb_ops\"")]).on_postgres(),
    edit("other parameters of an HNSW index", &[("with(m = 16, ef_construction = 64)", "with(m = 8, ef_construction = 64)")]).on_postgres(),
    edit("another name for an index", &[("name = \"chunks_pool_idx\"", "name = \"chunks_by_pool\"")]),
    edit("a dropped index", &[("#[table(index(\n    created_at,\n    name = \"documents_open_idx\",\n    where = \"status IN ('pending', 'processing')\"\n))]\n", "")]),
    edit("a new unique constraint", &[("pub struct ApiKey {", "#[table(unique(user_id, name))]\npub struct ApiKey {")]),
    edit("a unique constraint less", &[("#[table(unique(document_id, ordinal))]\n", "")]),
    edit("another name for a key that a foreign key needs", &[("#[table(unique(id, pool_id))]", "#[table(unique(id, pool_id, name = \"documents_in_pool\"))]")]).on_postgres(),
    edit("columns of a key in another order, under a foreign key", &[("#[table(unique(id, pool_id))]", "#[table(unique(pool_id, id))]")]),
    edit("another check", &[("check = \"byte_size >= 0\"", "check = \"byte_size BETWEEN 0 AND 1000000000\"")]),
    edit("a new check", &[("    pub title: Option<String>,\n    pub model: String,\n", "    #[column(check = \"title <> ''\")]\n    pub title: Option<String>,\n    pub model: String,\n")]),
    edit("a check less", &[("#[column(check = \"token_count > 0\")]\n", "")]),
    edit("another action of a foreign key", &[("    #[column(references = \"users.id\", on_delete = \"set null\")]\n", "    #[column(references = \"users.id\", on_delete = \"cascade\")]\n")]),
    edit("a new foreign key", &[("    pub user_id: Option<Uuid>,\n    pub kind: String,\n", "    #[column(references = \"users.id\", on_delete = \"set null\")]\n    pub user_id: Option<Uuid>,\n    pub kind: String,\n")]),
    edit("a foreign key that is checked at commit", &[("references = \"conversations.id\", on_delete = \"set null\"", "references = \"conversations.id\", on_delete = \"set null\", initially_deferred")]),
    edit("comments", &[
        ("comment = \"At most one model serves queries.\"", "comment = \"One model's turn.\""),
        ("/// Generated; never written by the application.\n    #[column(\n        type = \"tsvector\",\n        generated = \"to_tsvector('english', content)\",\n        comment,\n        sqlite(skip)\n    )]\n    pub content_tsv: Option<String>,\n}\n\n/// A passage as", "#[column(type = \"tsvector\", generated = \"to_tsvector('english', content)\", sqlite(skip))]\n    pub content_tsv: Option<String>,\n}\n\n/// A passage as"),
    ]).on_postgres(),
    edit("new tables that refer to one another", &[("/// A chat of one user.\n", "#[derive(Table)]\npub struct Team {\n    #[column(primary_key, identity)]\n    pub id: i64,\n    #[column(references = \"team_members.id\", on_delete = \"set null\")]\n    pub lead_id: Option<i64>,\n}\n\n#[derive(Table)]\npub struct TeamMember {\n    #[column(primary_key, identity)]\n    pub id: i64,\n    #[column(references = \"teams.id\", on_delete = \"cascade\", index)]\n    pub team_id: i64,\n    #[column(references = \"users.id\", on_delete = \"cascade\")]\n    pub user_id: Uuid,\n}\n\n/// A chat of one user.\n")]),
    edit("a renamed column under a check, an index and a foreign key", &[
        ("    #[column(references = \"knowledge_pools.id\", on_delete = \"cascade\")]\n    pub pool_id: Uuid,\n    #[column(references = \"users.id\", on_delete = \"set null\")]", "    #[column(references = \"knowledge_pools.id\", on_delete = \"cascade\", renamed_from = \"pool_id\")]\n    pub shelf_id: Uuid,\n    #[column(references = \"users.id\", on_delete = \"set null\")]"),
        ("#[table(unique(id, pool_id))]", "#[table(unique(id, shelf_id))]"),
        ("references = \"documents(id, pool_id)\"", "references = \"documents(id, shelf_id)\""),
        ("    pool_id,\n    sha256,", "    shelf_id,\n    sha256,"),
    ]),
    edit("a renamed table", &[
        ("#[table(name = \"message_feedback\")]", "#[table(name = \"ratings\", renamed_from = \"message_feedback\")]"),
    ]),
    edit("another generation expression, with an index on the column", &[("generated = \"to_tsvector('english', content)\",\n        comment,\n        sqlite(skip)\n    )]\n    pub content_tsv: Option<String>,\n}\n\n/// A passage as", "generated = \"to_tsvector('simple', content)\",\n        comment,\n        sqlite(skip)\n    )]\n    pub content_tsv: Option<String>,\n}\n\n/// A passage as")]).on_postgres(),
    edit("text that becomes an enum", &[
        ("    pub kind: String,\n    #[column(default = 0)]\n    pub tokens: i64,\n", "    pub kind: UsageKind,\n    #[column(default = 0)]\n    pub tokens: i64,\n"),
        ("/// What was used, for the bill.", "/// What for.\n#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]\npub enum UsageKind {\n    Chat,\n    Ingest,\n}\n\n/// What was used, for the bill."),
    ]),
    edit("an enum that becomes text", &[("    #[column(default = \"'queued'\")]\n    pub state: JobState,\n", "    #[column(default = \"'queued'\")]\n    pub state: String,\n")]),
];

impl Edit {
    const fn on_postgres(mut self) -> Self {
        self.on = On::Postgres;
        self
    }

    fn apply(&self, models: &str) -> String {
        let mut edited = models.to_owned();
        for (from, to) in self.replace {
            assert!(edited.contains(from), "{}: the models have no {from:?}", self.what);
            edited = edited.replacen(from, to, 1);
        }
        edited
    }
}

/// Rows in every table that the edits touch; `{uuid:N}` and `{bytes:N}` are filled in per dialect.
const ROWS: &str = "
INSERT INTO users (id, email, password_hash) VALUES ({uuid:1}, 'a@b.c', 'x'), ({uuid:2}, 'd@e.f', 'y');
INSERT INTO knowledge_pools (id, owner_id, name) VALUES ({uuid:3}, {uuid:1}, 'papers');
INSERT INTO documents (id, pool_id, uploaded_by, filename, mime_type, byte_size, sha256, source_url)
    VALUES ({uuid:4}, {uuid:3}, {uuid:1}, 'a.pdf', 'application/pdf', 10, {bytes:1}, NULL),
           ({uuid:5}, {uuid:3}, NULL, 'b.pdf', 'application/pdf', 20, {bytes:2}, 'https://example.org');
INSERT INTO conversations (id, user_id, title, model) VALUES ({uuid:6}, {uuid:1}, 'first', 'm');
INSERT INTO messages (conversation_id, role, content) VALUES ({uuid:6}, 'user', 'why?');
INSERT INTO messages (conversation_id, parent_id, role, content) VALUES ({uuid:6}, 1, 'assistant', 'because');
INSERT INTO embedding_models (provider, name, dimensions, status) VALUES ('local', 'mini', 384, 'current');
INSERT INTO chunks (document_id, pool_id, ordinal, content, token_count) VALUES ({uuid:4}, {uuid:3}, 0, 'text', 1);
INSERT INTO chunk_embeddings (chunk_id, model_id, embedding) VALUES (1, 1, {vector});
INSERT INTO message_citations (message_id, marker, chunk_id, document_id, document_title, quote, score)
    VALUES (2, 1, 1, {uuid:4}, 'a', 'text', 0.5);
INSERT INTO message_feedback (message_id, user_id, rating) VALUES (2, {uuid:1}, 1);
INSERT INTO scratchpad_entries (id, user_id, content, entry_date) VALUES ({uuid:7}, {uuid:1}, 'note', '2026-01-01');
INSERT INTO user_memories (id, user_id, content, source_conversation_id) VALUES ({uuid:8}, {uuid:1}, 'likes tea', {uuid:6});
INSERT INTO api_keys (user_id, name, key_hash) VALUES ({uuid:1}, 'laptop', {bytes:3});
INSERT INTO ingestion_jobs (document_id) VALUES ({uuid:4});
INSERT INTO usage_events (user_id, kind, tokens) VALUES ({uuid:1}, 'chat', 5);
";

const TABLES: [&str; 15] = [
    "users",
    "knowledge_pools",
    "documents",
    "conversations",
    "messages",
    "embedding_models",
    "chunks",
    "chunk_embeddings",
    "message_citations",
    "message_feedback",
    "scratchpad_entries",
    "user_memories",
    "api_keys",
    "ingestion_jobs",
    "usage_events",
];

fn rows(postgres: bool) -> String {
    let mut sql = ROWS.to_owned();
    for number in 1..=9 {
        let digits = format!("{number:032x}");
        let uuid = if postgres { format!("'{digits}'") } else { format!("x'{digits}'") };
        let bytes = format!("{number:064x}");
        let bytes = if postgres { format!("'\\x{bytes}'") } else { format!("x'{bytes}'") };
        sql = sql
            .replace(&format!("{{uuid:{number}}}"), &uuid)
            .replace(&format!("{{bytes:{number}}}"), &bytes);
    }
    let vector = if postgres { "array_fill(0.5, ARRAY[384])::vector" } else { "zeroblob(1536)" };
    sql.replace("{vector}", vector)
}

/// What an edit is tried on.
trait Database {
    fn run(&self, sql: &str);
    fn count(&self, table: &str) -> String;
    fn schema(&self) -> BTreeMap<String, String>;
}

impl Database for TestDatabase {
    fn run(&self, sql: &str) {
        self.sql(sql);
    }

    fn count(&self, table: &str) -> String {
        self.sql(&format!("SELECT count(*) FROM {table}"))
    }

    fn schema(&self) -> BTreeMap<String, String> {
        let objects: Dump = dump(self);
        objects.into_iter().map(|((kind, name), sql)| (format!("{kind} {name}"), sql)).collect()
    }
}

struct SqliteFile(std::path::PathBuf);

impl Database for SqliteFile {
    fn run(&self, sql: &str) {
        let connection = rusqlite::Connection::open(&self.0).unwrap();
        connection.execute_batch(&format!("PRAGMA foreign_keys = ON;{sql}")).unwrap();
    }

    fn count(&self, table: &str) -> String {
        let connection = rusqlite::Connection::open(&self.0).unwrap();
        let count: i64 = connection
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
            .unwrap();
        count.to_string()
    }

    fn schema(&self) -> BTreeMap<String, String> {
        sqlite_schema(&self.0)
    }
}

fn ragchat(url: &str, dialect: &str) -> (TestProject, String) {
    let project = TestProject::new(PROGRAM, url);
    project.write(
        "aludel.toml",
        &format!("models = [\"models/*.rs\"]\nrevisions = \"versions\"\n[database]\ndialects = [\"{dialect}\"]\n"),
    );
    let source = workspace().join("ragchat");
    let models = fs::read_to_string(source.join("src/models/database.rs")).unwrap();
    project.models(&models);
    for entry in fs::read_dir(source.join("migrations/versions")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        project.write(&format!("versions/{name}"), &fs::read_to_string(&path).unwrap());
    }
    project.run("upgrade head").exits(0).ok();
    project.run("check").exits(0).ok();
    (project, models)
}

#[test]
fn every_edit_goes_up_and_down_on_postgres() {
    let database = server().database();
    let (project, models) = ragchat(&database.url(), "postgres");
    database.run(&rows(true));
    for edit in EDITS {
        try_edit(&project, &models, edit, &database);
    }
}

#[test]
fn every_edit_goes_up_and_down_on_sqlite() {
    let (project, models) = ragchat("sqlite:test.db", "sqlite");
    let database = SqliteFile(project.path().join("test.db"));
    database.run(&rows(false));
    for edit in EDITS {
        if edit.on == On::Both {
            try_edit(&project, &models, edit, &database);
        }
    }
}

fn try_edit(project: &TestProject, models: &str, edit: &Edit, database: &impl Database) {
    let what = edit.what;
    let before = database.schema();
    let counts = |database: &dyn Fn(&str) -> String| TABLES.map(database);
    let rows_before = counts(&|table| database.count(table));
    project.models(&edit.apply(models));
    let file = format!("versions/{}", project.migrate(what));
    let text = project.read(&file);
    let renamed = |table: &str| {
        if what == "a renamed table" {
            table.replace("message_feedback", "ratings")
        } else {
            table.to_owned()
        }
    };
    assert_eq!(
        counts(&|table| database.count(&renamed(table))),
        rows_before,
        "{what}: rows after upgrade\n{text}"
    );

    let down = project.run("downgrade -1");
    assert_eq!(down.code, 0, "{what}: downgrade\n{text}\n{}", down.stderr);
    let after = database.schema();
    for (name, sql) in &before {
        let now = after.get(name).map_or("nothing", String::as_str);
        let same = if edit.reorders { sorted(now) == sorted(sql) } else { now == sql };
        assert!(same, "{what}: {name} after downgrade\n{text}\n{sql}\n{now}");
    }
    assert_eq!(after.len(), before.len(), "{what}: objects after downgrade\n{text}");
    assert_eq!(
        counts(&|table| database.count(table)),
        rows_before,
        "{what}: rows after downgrade\n{text}"
    );
    fs::remove_file(project.path().join(file)).unwrap();
    project.models(models);
}

/// Without the order of columns.
fn sorted(sql: &str) -> Vec<String> {
    let mut words: Vec<String> =
        sql.split([',', '\n']).map(|part| part.trim().to_owned()).collect();
    words.sort();
    words
}
