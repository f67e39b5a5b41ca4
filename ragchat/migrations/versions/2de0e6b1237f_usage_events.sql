-- usage events
--
-- revision: 2de0e6b1237f
-- down_revision: 6571e330909c
-- created: 2026-11-22T12:39:42Z

-- aludel: upgrade postgres
CREATE TABLE usage_events (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    user_id uuid,
    kind text NOT NULL,
    tokens bigint DEFAULT 0 NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT usage_events_pkey PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);

CREATE INDEX usage_events_created_brin ON usage_events USING brin (created_at);

-- aludel: downgrade postgres
-- destructive: drops table usage_events and its rows
DROP TABLE usage_events;

-- aludel: upgrade sqlite
CREATE TABLE "usage_events" (
    id INTEGER NOT NULL,
    user_id BLOB,
    kind TEXT NOT NULL,
    tokens INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT usage_events_pkey PRIMARY KEY (id)
);

CREATE INDEX usage_events_created_idx ON usage_events (created_at);

-- aludel: downgrade sqlite
-- destructive: drops table usage_events and its rows
DROP TABLE usage_events;
