-- cancelled answers
--
-- revision: 459225de07ca
-- down_revision: 769ee0da46d4
-- created: 2026-11-22T12:39:41Z

-- aludel: upgrade postgres
ALTER TYPE message_status ADD VALUE 'cancelled' BEFORE 'error';

-- aludel: downgrade postgres
ALTER TABLE messages DROP CONSTRAINT messages_check;

-- fails if a row still has cancelled in message_status
ALTER TYPE message_status RENAME TO message_status_old;

CREATE TYPE message_status AS ENUM ('streaming', 'complete', 'error');

ALTER TABLE messages
    ALTER COLUMN status DROP DEFAULT,
    ALTER COLUMN status TYPE message_status USING status::text::message_status,
    ALTER COLUMN status SET DEFAULT 'complete';

DROP TYPE message_status_old;
ALTER TABLE messages ADD CONSTRAINT messages_check CHECK ((status = 'complete'::message_status) OR (role = 'assistant'::message_role));

-- aludel: upgrade sqlite
-- rebuild messages: a new table, the rows, the old name; children keep their rows
PRAGMA legacy_alter_table = ON;

CREATE TABLE "_aludel_new_messages" (
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
    CONSTRAINT messages_status_check CHECK (status IN ('streaming', 'complete', 'cancelled', 'error')),
    CONSTRAINT messages_prompt_tokens_check CHECK (prompt_tokens >= 0),
    CONSTRAINT messages_completion_tokens_check CHECK (completion_tokens >= 0),
    CONSTRAINT messages_check CHECK (status = 'complete' OR role = 'assistant')
);

INSERT INTO "_aludel_new_messages" (id, conversation_id, parent_id, role, status, content, model, prompt_tokens, completion_tokens, metadata, created_at)
SELECT id, conversation_id, parent_id, role, status, content, model, prompt_tokens, completion_tokens, metadata, created_at FROM "messages";

DROP TABLE "messages";
ALTER TABLE "_aludel_new_messages" RENAME TO "messages";
PRAGMA legacy_alter_table = OFF;
CREATE INDEX messages_thread_idx ON messages (conversation_id, created_at, id);

-- aludel: downgrade sqlite
-- rebuild messages: a new table, the rows, the old name; children keep their rows
PRAGMA legacy_alter_table = ON;

CREATE TABLE "_aludel_new_messages" (
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

INSERT INTO "_aludel_new_messages" (id, conversation_id, parent_id, role, status, content, model, prompt_tokens, completion_tokens, metadata, created_at)
SELECT id, conversation_id, parent_id, role, status, content, model, prompt_tokens, completion_tokens, metadata, created_at FROM "messages";

DROP TABLE "messages";
ALTER TABLE "_aludel_new_messages" RENAME TO "messages";
PRAGMA legacy_alter_table = OFF;
CREATE INDEX messages_thread_idx ON messages (conversation_id, created_at, id);
