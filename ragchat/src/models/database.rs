//! All tables of the chat system. Both the compiler and `aludel` read this file.
//!
//! The embedded default is SQLite, and deployments use PostgreSQL. Columns and indexes that SQLite
//! lacks are marked where they are declared: embeddings are BLOBs there and are compared by the
//! application, full-text search is done by the application as well, and usage is not partitioned.

use std::ops::Range;

use aludel::{Enum, Table};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

aludel::database! {
    extension("vector"),
}

/// The permissions of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum UserRole {
    Member,
    Admin,
}

/// The visibility of a pool to other users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PoolVisibility {
    Private,
    Shared,
}

/// The progress of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum DocumentStatus {
    Pending,
    Processing,
    Ready,
    Failed,
}

/// The author of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum MessageRole {
    System,
    User,
    Assistant,
    Tool,
}

/// The state of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum MessageStatus {
    Streaming,
    Complete,
    Cancelled,
    Error,
}

/// The kind of a scratchpad entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ScratchpadKind {
    Note,
    Todo,
    Journal,
}

/// The use of an embedding model: one serves queries, another one may be next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ModelStatus {
    Next,
    Current,
    Retired,
}

/// The progress of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum JobState {
    Queued,
    Running,
    Done,
    Failed,
}

/// An account that can log in.
#[derive(Clone, Debug, Table)]
#[table(index(
    "lower(email)",
    name = "users_email_live_key",
    unique,
    where = "deleted_at IS NULL"
))]
pub struct User {
    #[column(primary_key, default = "gen_random_uuid()", sqlite(no_default))]
    pub id: Uuid,
    #[column(check("email LIKE '%_@_%' AND length(email) <= 320", name = "users_email_shape"))]
    pub email: String,
    #[column(default = "''")]
    pub display_name: String,
    pub password_hash: String,
    #[column(default = "'member'")]
    pub role: UserRole,
    #[column(default = "'{}'")]
    pub settings: Value,
    #[column(default = "now()")]
    pub created_at: DateTime<Utc>,
    #[column(default = "now()")]
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// A key that allows a program to act for a user.
#[derive(Clone, Debug, Table)]
#[table(check("expires_at IS NULL OR expires_at > created_at"))]
#[table(index(user_id, name = "api_keys_live_idx", where = "revoked_at IS NULL"))]
pub struct ApiKey {
    #[column(primary_key, identity = "always")]
    pub id: i64,
    #[column(references = "users.id", on_delete = "cascade")]
    pub user_id: Uuid,
    pub name: String,
    #[column(unique, check = "length(key_hash) = 32")]
    pub key_hash: Vec<u8>,
    #[column(default = "'{chat}'", sqlite(type = "TEXT", default = "'[\"chat\"]'"))]
    pub scopes: Vec<String>,
    #[column(default = "now()")]
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A collection of documents that conversations can use.
#[derive(Clone, Debug, Table)]
#[table(index(
    owner_id,
    "lower(name)",
    name = "knowledge_pools_owner_name_key",
    unique,
    where = "deleted_at IS NULL"
))]
pub struct KnowledgePool {
    #[column(primary_key, default = "gen_random_uuid()", sqlite(no_default))]
    pub id: Uuid,
    #[column(references = "users.id", on_delete = "cascade")]
    pub owner_id: Uuid,
    #[column(check = "length(name) BETWEEN 1 AND 200")]
    pub name: String,
    pub description: Option<String>,
    #[column(default = "'private'")]
    pub visibility: PoolVisibility,
    #[column(default = "now()")]
    pub created_at: DateTime<Utc>,
    #[column(default = "now()")]
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Access of a further user to a pool.
#[derive(Clone, Debug, Table)]
#[table(postgres(index(user_id, include(can_edit), name = "pool_members_user_idx")))]
#[table(sqlite(index(user_id, can_edit, name = "pool_members_user_idx")))]
pub struct PoolMember {
    #[column(primary_key, references = "knowledge_pools.id", on_delete = "cascade")]
    pub pool_id: Uuid,
    #[column(primary_key, references = "users.id", on_delete = "cascade")]
    pub user_id: Uuid,
    #[column(default = false)]
    pub can_edit: bool,
}

/// An uploaded file.
#[derive(Clone, Debug, Table)]
#[table(unique(id, pool_id))]
#[table(check(
    "(status = 'failed') = (error_message IS NOT NULL)",
    name = "documents_failed_has_error"
))]
#[table(postgres(check("jsonb_typeof(metadata) = 'object'", name = "documents_metadata_check")))]
#[table(sqlite(check("json_type(metadata) = 'object'", name = "documents_metadata_check")))]
#[table(index(
    pool_id,
    sha256,
    name = "documents_pool_sha256_key",
    unique,
    where = "deleted_at IS NULL"
))]
#[table(index(
    metadata,
    name = "documents_metadata_idx",
    using = "gin",
    opclass = "jsonb_path_ops",
    sqlite(skip)
))]
#[table(index(
    created_at,
    name = "documents_open_idx",
    where = "status IN ('pending', 'processing')"
))]
pub struct Document {
    #[column(primary_key, default = "gen_random_uuid()", sqlite(no_default))]
    pub id: Uuid,
    #[column(references = "knowledge_pools.id", on_delete = "cascade")]
    pub pool_id: Uuid,
    #[column(references = "users.id", on_delete = "set null")]
    pub uploaded_by: Option<Uuid>,
    pub filename: String,
    pub mime_type: String,
    #[column(check = "byte_size >= 0")]
    pub byte_size: i64,
    #[column(check = "length(sha256) = 32")]
    pub sha256: Vec<u8>,
    pub source_url: Option<String>,
    #[column(default = "'pending'")]
    pub status: DocumentStatus,
    pub error_message: Option<String>,
    #[column(default = 0, check = "chunk_count >= 0")]
    pub chunk_count: i32,
    #[column(default = "'{}'")]
    pub metadata: Value,
    #[column(default = "now()")]
    pub created_at: DateTime<Utc>,
    #[column(default = "now()")]
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// The processing of a document; at most one job per document is active.
#[derive(Clone, Debug, Table)]
#[table(check("(state = 'running') = (locked_by IS NOT NULL)"))]
#[table(index(
    document_id,
    name = "ingestion_jobs_one_active",
    unique,
    where = "state IN ('queued', 'running')"
))]
#[table(index(run_after, name = "ingestion_jobs_dequeue_idx", where = "state = 'queued'"))]
pub struct IngestionJob {
    #[column(primary_key, identity = "always")]
    pub id: i64,
    #[column(references = "documents.id", on_delete = "cascade")]
    pub document_id: Uuid,
    #[column(default = "'queued'")]
    pub state: JobState,
    #[column(default = 0, check = "attempts BETWEEN 0 AND 10")]
    pub attempts: i16,
    #[column(default = "now()")]
    pub run_after: DateTime<Utc>,
    pub locked_by: Option<String>,
    pub last_error: Option<String>,
}

/// A model that turns text into vectors.
#[derive(Clone, Debug, Table)]
#[table(unique(provider, name, dimensions))]
#[table(index(
    status,
    name = "embedding_models_one_current",
    unique,
    where = "status = 'current'",
    comment = "At most one model serves queries."
))]
pub struct EmbeddingModel {
    #[column(primary_key, identity)]
    pub id: i16,
    pub provider: String,
    pub name: String,
    #[column(check = "dimensions BETWEEN 1 AND 16000")]
    pub dimensions: i32,
    #[column(default = "'next'")]
    pub status: ModelStatus,
    #[column(default = "now()")]
    pub created_at: DateTime<Utc>,
}

/// One retrievable passage of a document.
#[derive(Clone, Debug, Table)]
#[table(comment)]
#[table(unique(document_id, ordinal))]
#[table(foreign_key(
    document_id,
    pool_id,
    references = "documents(id, pool_id)",
    on_delete = "cascade",
    on_update = "cascade"
))]
#[table(index(pool_id, name = "chunks_pool_idx"))]
#[table(index(
    content_tsv,
    name = "chunks_content_tsv_idx",
    using = "gin",
    with(fastupdate = "off"),
    sqlite(skip)
))]
pub struct Chunk {
    #[column(primary_key, identity = "always")]
    pub id: i64,
    pub document_id: Uuid,
    pub pool_id: Uuid,
    #[column(check = "ordinal >= 0")]
    pub ordinal: i32,
    #[column(check = "content <> ''")]
    pub content: String,
    #[column(check = "token_count > 0")]
    pub token_count: i32,
    pub page: Option<i32>,
    /// The range of characters in the document's text.
    #[column(sqlite(type = "TEXT"))]
    pub span: Option<Range<i32>>,
    /// Generated; never written by the application.
    #[column(
        type = "tsvector",
        generated = "to_tsvector('english', content)",
        comment,
        sqlite(skip)
    )]
    pub content_tsv: Option<String>,
}

/// A passage as one model sees it. One partial index for each model, so that a switch to another
/// model locks no chunk.
#[derive(Clone, Debug, Table)]
#[table(index(
    key("embedding::vector(384)", opclass = "vector_cosine_ops"),
    name = "chunk_embeddings_m1_hnsw",
    using = "hnsw",
    with(m = 16, ef_construction = 64),
    where = "model_id = 1",
    sqlite(skip)
))]
pub struct ChunkEmbedding {
    #[column(primary_key, references = "chunks.id", on_delete = "cascade")]
    pub chunk_id: i64,
    #[column(primary_key, references = "embedding_models.id", on_delete = "restrict")]
    pub model_id: i16,
    #[column(type = "vector", sqlite(type = "BLOB"))]
    pub embedding: Vec<f32>,
}

/// A chat of one user.
#[derive(Clone, Debug, Table)]
#[table(postgres(index(
    user_id,
    key(updated_at, desc),
    name = "conversations_recent_idx",
    include(title),
    where = "deleted_at IS NULL"
)))]
#[table(sqlite(index(
    user_id,
    key(updated_at, desc),
    name = "conversations_recent_idx",
    where = "deleted_at IS NULL"
)))]
#[table(index(
    share_token,
    name = "conversations_share_token_key",
    unique,
    where = "share_token IS NOT NULL"
))]
pub struct Conversation {
    #[column(primary_key, default = "gen_random_uuid()", sqlite(no_default))]
    pub id: Uuid,
    #[column(references = "users.id", on_delete = "cascade")]
    pub user_id: Uuid,
    pub title: Option<String>,
    pub model: String,
    #[column(default = "'{}'")]
    pub settings: Value,
    pub share_token: Option<String>,
    #[column(default = false)]
    pub pinned: bool,
    #[column(default = "now()")]
    pub created_at: DateTime<Utc>,
    #[column(default = "now()")]
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// The use of a pool by a conversation.
#[derive(Clone, Debug, Table)]
pub struct ConversationPool {
    #[column(primary_key, references = "conversations.id", on_delete = "cascade")]
    pub conversation_id: Uuid,
    #[column(primary_key, references = "knowledge_pools.id", on_delete = "cascade")]
    pub pool_id: Uuid,
}

/// A message of a conversation. Messages form a tree, because a question can be asked again.
#[derive(Clone, Debug, Table)]
#[table(unique(conversation_id, id))]
#[table(foreign_key(
    conversation_id,
    parent_id,
    references = "messages(conversation_id, id)",
    on_delete = "cascade"
))]
#[table(check("status = 'complete' OR role = 'assistant'"))]
#[table(index(conversation_id, created_at, id, name = "messages_thread_idx"))]
#[table(index(content_tsv, name = "messages_content_tsv_idx", using = "gin", sqlite(skip)))]
pub struct Message {
    #[column(primary_key, identity = "always")]
    pub id: i64,
    #[column(references = "conversations.id", on_delete = "cascade")]
    pub conversation_id: Uuid,
    pub parent_id: Option<i64>,
    pub role: MessageRole,
    #[column(default = "'complete'")]
    pub status: MessageStatus,
    pub content: String,
    pub model: Option<String>,
    #[column(check = "prompt_tokens >= 0")]
    pub prompt_tokens: Option<i32>,
    #[column(check = "completion_tokens >= 0")]
    pub completion_tokens: Option<i32>,
    #[column(default = "'{}'")]
    pub metadata: Value,
    #[column(default = "now()")]
    pub created_at: DateTime<Utc>,
    /// Generated; never written by the application.
    #[column(
        type = "tsvector",
        generated = "to_tsvector('english', content)",
        comment,
        sqlite(skip)
    )]
    pub content_tsv: Option<String>,
}

/// A passage that an answer rests on. Title and quote are kept as they were: a citation outlives a
/// document that is read again or deleted.
#[derive(Clone, Debug, Table)]
#[table(index(chunk_id, name = "message_citations_chunk_idx", where = "chunk_id IS NOT NULL"))]
pub struct MessageCitation {
    #[column(primary_key, references = "messages.id", on_delete = "cascade")]
    pub message_id: i64,
    #[column(primary_key, check = "marker > 0")]
    pub marker: i16,
    #[column(references = "chunks.id", on_delete = "set null")]
    pub chunk_id: Option<i64>,
    #[column(references = "documents.id", on_delete = "set null")]
    pub document_id: Option<Uuid>,
    pub document_title: String,
    pub quote: String,
    pub score: f32,
}

/// The rating of an answer by a user.
#[derive(Clone, Debug, Table)]
#[table(name = "message_feedback")]
pub struct MessageFeedback {
    #[column(primary_key, references = "messages.id", on_delete = "cascade")]
    pub message_id: i64,
    #[column(primary_key, references = "users.id", on_delete = "cascade")]
    pub user_id: Uuid,
    #[column(check = "rating IN (-1, 1)")]
    pub rating: i16,
    pub comment: Option<String>,
    #[column(default = "now()")]
    pub created_at: DateTime<Utc>,
}

/// A note that a user, or the assistant for them, has written.
#[derive(Clone, Debug, Table)]
#[table(check(
    "kind = 'todo' OR NOT is_completed",
    name = "scratchpad_entries_only_todos_complete"
))]
#[table(index(user_id, key(entry_date, desc), name = "scratchpad_entries_recent_idx"))]
pub struct ScratchpadEntry {
    #[column(primary_key, default = "gen_random_uuid()", sqlite(no_default))]
    pub id: Uuid,
    #[column(references = "users.id", on_delete = "cascade")]
    pub user_id: Uuid,
    #[column(default = "'note'")]
    pub kind: ScratchpadKind,
    #[column(check = "content <> ''")]
    pub content: String,
    #[column(default = false)]
    pub is_completed: bool,
    pub entry_date: NaiveDate,
    #[column(default = "'{}'")]
    pub metadata: Value,
    #[column(default = "now()")]
    pub created_at: DateTime<Utc>,
    #[column(default = "now()")]
    pub updated_at: DateTime<Utc>,
}

/// A fact that the assistant remembers about a user.
#[derive(Clone, Debug, Table)]
#[table(index(
    user_id,
    key(importance, desc),
    name = "user_memories_important_idx",
    where = "forgotten_at IS NULL"
))]
pub struct UserMemory {
    #[column(primary_key, default = "gen_random_uuid()", sqlite(no_default))]
    pub id: Uuid,
    #[column(references = "users.id", on_delete = "cascade")]
    pub user_id: Uuid,
    #[column(check = "content <> ''")]
    pub content: String,
    #[column(default = 3, check = "importance BETWEEN 1 AND 5")]
    pub importance: i16,
    #[column(references = "conversations.id", on_delete = "set null")]
    pub source_conversation_id: Option<Uuid>,
    #[column(default = "now()")]
    pub created_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub forgotten_at: Option<DateTime<Utc>>,
}

/// What was used, for the bill. Partitioned by month on PostgreSQL.
#[derive(Clone, Debug, Table)]
#[table(
    postgres(primary_key(id, created_at), partition_by = "range (created_at)"),
    sqlite(primary_key(id))
)]
#[table(postgres(index(created_at, name = "usage_events_created_brin", using = "brin")))]
#[table(sqlite(index(created_at, name = "usage_events_created_idx")))]
pub struct UsageEvent {
    #[column(identity = "always")]
    pub id: i64,
    pub user_id: Option<Uuid>,
    pub kind: String,
    #[column(default = 0)]
    pub tokens: i64,
    #[column(default = "now()")]
    pub created_at: DateTime<Utc>,
}
