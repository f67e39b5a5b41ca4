-- citations and feedback
--
-- revision: 769ee0da46d4
-- down_revision: a636c262d4ed
-- created: 2026-11-22T12:39:41Z

-- aludel: upgrade postgres
CREATE TABLE message_citations (
    message_id bigint NOT NULL,
    marker smallint NOT NULL,
    chunk_id bigint,
    document_id uuid,
    document_title text NOT NULL,
    quote text NOT NULL,
    score real NOT NULL,
    CONSTRAINT message_citations_pkey PRIMARY KEY (message_id, marker),
    CONSTRAINT message_citations_message_id_fkey FOREIGN KEY (message_id) REFERENCES messages (id) ON DELETE CASCADE,
    CONSTRAINT message_citations_chunk_id_fkey FOREIGN KEY (chunk_id) REFERENCES chunks (id) ON DELETE SET NULL,
    CONSTRAINT message_citations_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE SET NULL,
    CONSTRAINT message_citations_marker_check CHECK (marker > 0)
);

CREATE TABLE message_feedback (
    message_id bigint NOT NULL,
    user_id uuid NOT NULL,
    rating smallint NOT NULL,
    comment text,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT message_feedback_pkey PRIMARY KEY (message_id, user_id),
    CONSTRAINT message_feedback_message_id_fkey FOREIGN KEY (message_id) REFERENCES messages (id) ON DELETE CASCADE,
    CONSTRAINT message_feedback_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT message_feedback_rating_check CHECK (rating IN (-1, 1))
);

CREATE INDEX message_citations_chunk_idx ON message_citations (chunk_id) WHERE chunk_id IS NOT NULL;

-- aludel: downgrade postgres
-- destructive: drops table message_feedback and its rows
DROP TABLE message_feedback;

-- destructive: drops table message_citations and its rows
DROP TABLE message_citations;

-- aludel: upgrade sqlite
CREATE TABLE "message_citations" (
    message_id INTEGER NOT NULL,
    marker INTEGER NOT NULL,
    chunk_id INTEGER,
    document_id BLOB,
    document_title TEXT NOT NULL,
    quote TEXT NOT NULL,
    score REAL NOT NULL,
    CONSTRAINT message_citations_pkey PRIMARY KEY (message_id, marker),
    CONSTRAINT message_citations_message_id_fkey FOREIGN KEY (message_id) REFERENCES messages (id) ON DELETE CASCADE,
    CONSTRAINT message_citations_chunk_id_fkey FOREIGN KEY (chunk_id) REFERENCES chunks (id) ON DELETE SET NULL,
    CONSTRAINT message_citations_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE SET NULL,
    CONSTRAINT message_citations_marker_check CHECK (marker > 0)
);

CREATE TABLE "message_feedback" (
    message_id INTEGER NOT NULL,
    user_id BLOB NOT NULL,
    rating INTEGER NOT NULL,
    comment TEXT,
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT message_feedback_pkey PRIMARY KEY (message_id, user_id),
    CONSTRAINT message_feedback_message_id_fkey FOREIGN KEY (message_id) REFERENCES messages (id) ON DELETE CASCADE,
    CONSTRAINT message_feedback_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT message_feedback_rating_check CHECK (rating IN (-1, 1))
);

CREATE INDEX message_citations_chunk_idx ON message_citations (chunk_id) WHERE chunk_id IS NOT NULL;

-- aludel: downgrade sqlite
-- destructive: drops table message_feedback and its rows
DROP TABLE message_feedback;

-- destructive: drops table message_citations and its rows
DROP TABLE message_citations;
