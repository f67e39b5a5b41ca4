-- initial schema
--
-- revision: 9034bbc3f25f
-- down_revision: none
-- created: 2026-11-22T12:39:40Z

-- aludel: upgrade postgres
CREATE TYPE document_status AS ENUM ('pending', 'processing', 'ready', 'failed');
CREATE TYPE message_role AS ENUM ('system', 'user', 'assistant', 'tool');
CREATE TYPE message_status AS ENUM ('streaming', 'complete', 'error');
CREATE TYPE pool_visibility AS ENUM ('private', 'shared');
CREATE TYPE scratchpad_kind AS ENUM ('note', 'todo', 'journal');
CREATE TYPE user_role AS ENUM ('member', 'admin');

CREATE TABLE users (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email text NOT NULL,
    display_name text DEFAULT '' NOT NULL,
    password_hash text NOT NULL,
    role user_role DEFAULT 'member' NOT NULL,
    settings jsonb DEFAULT '{}' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_shape CHECK (email LIKE '%_@_%' AND length(email) <= 320)
);

CREATE TABLE conversations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    title text,
    model text NOT NULL,
    settings jsonb DEFAULT '{}' NOT NULL,
    share_token text,
    pinned boolean DEFAULT false NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT conversations_pkey PRIMARY KEY (id),
    CONSTRAINT conversations_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE knowledge_pools (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    owner_id uuid NOT NULL,
    name text NOT NULL,
    description text,
    visibility pool_visibility DEFAULT 'private' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT knowledge_pools_pkey PRIMARY KEY (id),
    CONSTRAINT knowledge_pools_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT knowledge_pools_name_check CHECK (length(name) BETWEEN 1 AND 200)
);

CREATE TABLE documents (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    pool_id uuid NOT NULL,
    uploaded_by uuid,
    filename text NOT NULL,
    mime_type text NOT NULL,
    byte_size bigint NOT NULL,
    sha256 bytea NOT NULL,
    source_url text,
    status document_status DEFAULT 'pending' NOT NULL,
    error_message text,
    metadata jsonb DEFAULT '{}' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT documents_pkey PRIMARY KEY (id),
    CONSTRAINT documents_id_pool_id_key UNIQUE (id, pool_id),
    CONSTRAINT documents_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES knowledge_pools (id) ON DELETE CASCADE,
    CONSTRAINT documents_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT documents_byte_size_check CHECK (byte_size >= 0),
    CONSTRAINT documents_sha256_check CHECK (length(sha256) = 32),
    CONSTRAINT documents_failed_has_error CHECK ((status = 'failed') = (error_message IS NOT NULL)),
    CONSTRAINT documents_metadata_check CHECK (jsonb_typeof(metadata) = 'object')
);

CREATE TABLE messages (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    conversation_id uuid NOT NULL,
    parent_id bigint,
    role message_role NOT NULL,
    status message_status DEFAULT 'complete' NOT NULL,
    content text NOT NULL,
    model text,
    prompt_tokens integer,
    completion_tokens integer,
    metadata jsonb DEFAULT '{}' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT messages_pkey PRIMARY KEY (id),
    CONSTRAINT messages_conversation_id_id_key UNIQUE (conversation_id, id),
    CONSTRAINT messages_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations (id) ON DELETE CASCADE,
    CONSTRAINT messages_conversation_id_parent_id_fkey FOREIGN KEY (conversation_id, parent_id) REFERENCES messages (conversation_id, id) ON DELETE CASCADE,
    CONSTRAINT messages_prompt_tokens_check CHECK (prompt_tokens >= 0),
    CONSTRAINT messages_completion_tokens_check CHECK (completion_tokens >= 0),
    CONSTRAINT messages_check CHECK (status = 'complete' OR role = 'assistant')
);

CREATE TABLE scratchpad_entries (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    kind scratchpad_kind DEFAULT 'note' NOT NULL,
    content text NOT NULL,
    is_completed boolean DEFAULT false NOT NULL,
    entry_date date NOT NULL,
    metadata jsonb DEFAULT '{}' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT scratchpad_entries_pkey PRIMARY KEY (id),
    CONSTRAINT scratchpad_entries_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT scratchpad_entries_content_check CHECK (content <> ''),
    CONSTRAINT scratchpad_entries_only_todos_complete CHECK (kind = 'todo' OR NOT is_completed)
);

CREATE TABLE user_memories (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    content text NOT NULL,
    importance smallint DEFAULT 3 NOT NULL,
    source_conversation_id uuid,
    created_at timestamptz DEFAULT now() NOT NULL,
    last_used_at timestamptz,
    forgotten_at timestamptz,
    CONSTRAINT user_memories_pkey PRIMARY KEY (id),
    CONSTRAINT user_memories_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT user_memories_source_conversation_id_fkey FOREIGN KEY (source_conversation_id) REFERENCES conversations (id) ON DELETE SET NULL,
    CONSTRAINT user_memories_content_check CHECK (content <> ''),
    CONSTRAINT user_memories_importance_check CHECK (importance BETWEEN 1 AND 5)
);

CREATE UNIQUE INDEX conversations_share_token_key ON conversations (share_token) WHERE share_token IS NOT NULL;
CREATE INDEX conversations_recent_idx ON conversations (user_id, updated_at DESC) INCLUDE (title) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX documents_pool_sha256_key ON documents (pool_id, sha256) WHERE deleted_at IS NULL;
CREATE INDEX documents_metadata_idx ON documents USING gin (metadata jsonb_path_ops);
CREATE INDEX documents_open_idx ON documents (created_at) WHERE status IN ('pending', 'processing');
CREATE UNIQUE INDEX knowledge_pools_owner_name_key ON knowledge_pools (owner_id, lower(name)) WHERE deleted_at IS NULL;
CREATE INDEX messages_thread_idx ON messages (conversation_id, created_at, id);
CREATE INDEX scratchpad_entries_recent_idx ON scratchpad_entries (user_id, entry_date DESC);
CREATE INDEX user_memories_important_idx ON user_memories (user_id, importance DESC) WHERE forgotten_at IS NULL;
CREATE UNIQUE INDEX users_email_live_key ON users (lower(email)) WHERE deleted_at IS NULL;

-- aludel: downgrade postgres
-- destructive: drops table user_memories and its rows
DROP TABLE user_memories;

-- destructive: drops table scratchpad_entries and its rows
DROP TABLE scratchpad_entries;

-- destructive: drops table messages and its rows
DROP TABLE messages;

-- destructive: drops table documents and its rows
DROP TABLE documents;

-- destructive: drops table knowledge_pools and its rows
DROP TABLE knowledge_pools;

-- destructive: drops table conversations and its rows
DROP TABLE conversations;

-- destructive: drops table users and its rows
DROP TABLE users;

DROP TYPE document_status;
DROP TYPE message_role;
DROP TYPE message_status;
DROP TYPE pool_visibility;
DROP TYPE scratchpad_kind;
DROP TYPE user_role;

-- aludel: upgrade sqlite
CREATE TABLE "users" (
    id BLOB NOT NULL,
    email TEXT NOT NULL,
    display_name TEXT NOT NULL DEFAULT '',
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL DEFAULT 'member',
    settings TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    deleted_at TEXT,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_shape CHECK (email LIKE '%_@_%' AND length(email) <= 320),
    CONSTRAINT users_role_check CHECK (role IN ('member', 'admin'))
);

CREATE TABLE "conversations" (
    id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    title TEXT,
    model TEXT NOT NULL,
    settings TEXT NOT NULL DEFAULT '{}',
    share_token TEXT,
    pinned BOOLEAN NOT NULL DEFAULT false,
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    deleted_at TEXT,
    CONSTRAINT conversations_pkey PRIMARY KEY (id),
    CONSTRAINT conversations_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE "knowledge_pools" (
    id BLOB NOT NULL,
    owner_id BLOB NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    visibility TEXT NOT NULL DEFAULT 'private',
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    deleted_at TEXT,
    CONSTRAINT knowledge_pools_pkey PRIMARY KEY (id),
    CONSTRAINT knowledge_pools_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT knowledge_pools_name_check CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT knowledge_pools_visibility_check CHECK (visibility IN ('private', 'shared'))
);

CREATE TABLE "documents" (
    id BLOB NOT NULL,
    pool_id BLOB NOT NULL,
    uploaded_by BLOB,
    filename TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    byte_size INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    source_url TEXT,
    status TEXT NOT NULL DEFAULT 'pending',
    error_message TEXT,
    metadata TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    deleted_at TEXT,
    CONSTRAINT documents_pkey PRIMARY KEY (id),
    CONSTRAINT documents_id_pool_id_key UNIQUE (id, pool_id),
    CONSTRAINT documents_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES knowledge_pools (id) ON DELETE CASCADE,
    CONSTRAINT documents_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT documents_byte_size_check CHECK (byte_size >= 0),
    CONSTRAINT documents_sha256_check CHECK (length(sha256) = 32),
    CONSTRAINT documents_status_check CHECK (status IN ('pending', 'processing', 'ready', 'failed')),
    CONSTRAINT documents_failed_has_error CHECK ((status = 'failed') = (error_message IS NOT NULL)),
    CONSTRAINT documents_metadata_check CHECK (json_type(metadata) = 'object')
);

CREATE TABLE "messages" (
    id INTEGER NOT NULL,
    conversation_id BLOB NOT NULL,
    parent_id INTEGER,
    role TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'complete',
    content TEXT NOT NULL,
    model TEXT,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    metadata TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT messages_pkey PRIMARY KEY (id),
    CONSTRAINT messages_conversation_id_id_key UNIQUE (conversation_id, id),
    CONSTRAINT messages_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations (id) ON DELETE CASCADE,
    CONSTRAINT messages_conversation_id_parent_id_fkey FOREIGN KEY (conversation_id, parent_id) REFERENCES messages (conversation_id, id) ON DELETE CASCADE,
    CONSTRAINT messages_role_check CHECK (role IN ('system', 'user', 'assistant', 'tool')),
    CONSTRAINT messages_status_check CHECK (status IN ('streaming', 'complete', 'error')),
    CONSTRAINT messages_prompt_tokens_check CHECK (prompt_tokens >= 0),
    CONSTRAINT messages_completion_tokens_check CHECK (completion_tokens >= 0),
    CONSTRAINT messages_check CHECK (status = 'complete' OR role = 'assistant')
);

CREATE TABLE "scratchpad_entries" (
    id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    kind TEXT NOT NULL DEFAULT 'note',
    content TEXT NOT NULL,
    is_completed BOOLEAN NOT NULL DEFAULT false,
    entry_date TEXT NOT NULL,
    metadata TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT scratchpad_entries_pkey PRIMARY KEY (id),
    CONSTRAINT scratchpad_entries_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT scratchpad_entries_kind_check CHECK (kind IN ('note', 'todo', 'journal')),
    CONSTRAINT scratchpad_entries_content_check CHECK (content <> ''),
    CONSTRAINT scratchpad_entries_only_todos_complete CHECK (kind = 'todo' OR NOT is_completed)
);

CREATE TABLE "user_memories" (
    id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    content TEXT NOT NULL,
    importance INTEGER NOT NULL DEFAULT 3,
    source_conversation_id BLOB,
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    last_used_at TEXT,
    forgotten_at TEXT,
    CONSTRAINT user_memories_pkey PRIMARY KEY (id),
    CONSTRAINT user_memories_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT user_memories_source_conversation_id_fkey FOREIGN KEY (source_conversation_id) REFERENCES conversations (id) ON DELETE SET NULL,
    CONSTRAINT user_memories_content_check CHECK (content <> ''),
    CONSTRAINT user_memories_importance_check CHECK (importance BETWEEN 1 AND 5)
);

CREATE UNIQUE INDEX conversations_share_token_key ON conversations (share_token) WHERE share_token IS NOT NULL;
CREATE INDEX conversations_recent_idx ON conversations (user_id, updated_at DESC) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX documents_pool_sha256_key ON documents (pool_id, sha256) WHERE deleted_at IS NULL;
CREATE INDEX documents_open_idx ON documents (created_at) WHERE status IN ('pending', 'processing');
CREATE UNIQUE INDEX knowledge_pools_owner_name_key ON knowledge_pools (owner_id, lower(name)) WHERE deleted_at IS NULL;
CREATE INDEX messages_thread_idx ON messages (conversation_id, created_at, id);
CREATE INDEX scratchpad_entries_recent_idx ON scratchpad_entries (user_id, entry_date DESC);
CREATE INDEX user_memories_important_idx ON user_memories (user_id, importance DESC) WHERE forgotten_at IS NULL;
CREATE UNIQUE INDEX users_email_live_key ON users (lower(email)) WHERE deleted_at IS NULL;

-- aludel: downgrade sqlite
-- destructive: drops table user_memories and its rows
DROP TABLE user_memories;

-- destructive: drops table scratchpad_entries and its rows
DROP TABLE scratchpad_entries;

-- destructive: drops table messages and its rows
DROP TABLE messages;

-- destructive: drops table documents and its rows
DROP TABLE documents;

-- destructive: drops table knowledge_pools and its rows
DROP TABLE knowledge_pools;

-- destructive: drops table conversations and its rows
DROP TABLE conversations;

-- destructive: drops table users and its rows
DROP TABLE users;
