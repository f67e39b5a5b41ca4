-- api keys and ingestion jobs
--
-- revision: 6571e330909c
-- down_revision: 00813b007a5a
-- created: 2026-11-22T12:39:42Z

-- aludel: upgrade postgres
CREATE TYPE job_state AS ENUM ('queued', 'running', 'done', 'failed');

CREATE TABLE api_keys (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    key_hash bytea NOT NULL,
    scopes text[] DEFAULT '{chat}' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT api_keys_pkey PRIMARY KEY (id),
    CONSTRAINT api_keys_key_hash_key UNIQUE (key_hash),
    CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT api_keys_key_hash_check CHECK (length(key_hash) = 32),
    CONSTRAINT api_keys_check CHECK (expires_at IS NULL OR expires_at > created_at)
);

CREATE TABLE ingestion_jobs (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    document_id uuid NOT NULL,
    state job_state DEFAULT 'queued' NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    run_after timestamptz DEFAULT now() NOT NULL,
    locked_by text,
    last_error text,
    CONSTRAINT ingestion_jobs_pkey PRIMARY KEY (id),
    CONSTRAINT ingestion_jobs_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE,
    CONSTRAINT ingestion_jobs_attempts_check CHECK (attempts BETWEEN 0 AND 10),
    CONSTRAINT ingestion_jobs_check CHECK ((state = 'running') = (locked_by IS NOT NULL))
);

CREATE INDEX api_keys_live_idx ON api_keys (user_id) WHERE revoked_at IS NULL;
CREATE UNIQUE INDEX ingestion_jobs_one_active ON ingestion_jobs (document_id) WHERE state IN ('queued', 'running');
CREATE INDEX ingestion_jobs_dequeue_idx ON ingestion_jobs (run_after) WHERE state = 'queued';

-- aludel: downgrade postgres
-- destructive: drops table ingestion_jobs and its rows
DROP TABLE ingestion_jobs;

-- destructive: drops table api_keys and its rows
DROP TABLE api_keys;

DROP TYPE job_state;

-- aludel: upgrade sqlite
CREATE TABLE "api_keys" (
    id INTEGER NOT NULL,
    user_id BLOB NOT NULL,
    name TEXT NOT NULL,
    key_hash BLOB NOT NULL,
    scopes TEXT NOT NULL DEFAULT '["chat"]',
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    expires_at TEXT,
    revoked_at TEXT,
    CONSTRAINT api_keys_pkey PRIMARY KEY (id),
    CONSTRAINT api_keys_key_hash_key UNIQUE (key_hash),
    CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT api_keys_key_hash_check CHECK (length(key_hash) = 32),
    CONSTRAINT api_keys_check CHECK (expires_at IS NULL OR expires_at > created_at)
);

CREATE TABLE "ingestion_jobs" (
    id INTEGER NOT NULL,
    document_id BLOB NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued',
    attempts INTEGER NOT NULL DEFAULT 0,
    run_after TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    locked_by TEXT,
    last_error TEXT,
    CONSTRAINT ingestion_jobs_pkey PRIMARY KEY (id),
    CONSTRAINT ingestion_jobs_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE,
    CONSTRAINT ingestion_jobs_state_check CHECK (state IN ('queued', 'running', 'done', 'failed')),
    CONSTRAINT ingestion_jobs_attempts_check CHECK (attempts BETWEEN 0 AND 10),
    CONSTRAINT ingestion_jobs_check CHECK ((state = 'running') = (locked_by IS NOT NULL))
);

CREATE INDEX api_keys_live_idx ON api_keys (user_id) WHERE revoked_at IS NULL;
CREATE UNIQUE INDEX ingestion_jobs_one_active ON ingestion_jobs (document_id) WHERE state IN ('queued', 'running');
CREATE INDEX ingestion_jobs_dequeue_idx ON ingestion_jobs (run_after) WHERE state = 'queued';

-- aludel: downgrade sqlite
-- destructive: drops table ingestion_jobs and its rows
DROP TABLE ingestion_jobs;

-- destructive: drops table api_keys and its rows
DROP TABLE api_keys;
