-- shared pools
--
-- revision: 00813b007a5a
-- down_revision: 459225de07ca
-- created: 2026-11-22T12:39:42Z

-- aludel: upgrade postgres
CREATE TABLE conversation_pools (
    conversation_id uuid NOT NULL,
    pool_id uuid NOT NULL,
    CONSTRAINT conversation_pools_pkey PRIMARY KEY (conversation_id, pool_id),
    CONSTRAINT conversation_pools_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations (id) ON DELETE CASCADE,
    CONSTRAINT conversation_pools_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES knowledge_pools (id) ON DELETE CASCADE
);

CREATE TABLE pool_members (
    pool_id uuid NOT NULL,
    user_id uuid NOT NULL,
    can_edit boolean DEFAULT false NOT NULL,
    CONSTRAINT pool_members_pkey PRIMARY KEY (pool_id, user_id),
    CONSTRAINT pool_members_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES knowledge_pools (id) ON DELETE CASCADE,
    CONSTRAINT pool_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX pool_members_user_idx ON pool_members (user_id) INCLUDE (can_edit);

-- aludel: downgrade postgres
-- destructive: drops table pool_members and its rows
DROP TABLE pool_members;

-- destructive: drops table conversation_pools and its rows
DROP TABLE conversation_pools;

-- aludel: upgrade sqlite
CREATE TABLE "conversation_pools" (
    conversation_id BLOB NOT NULL,
    pool_id BLOB NOT NULL,
    CONSTRAINT conversation_pools_pkey PRIMARY KEY (conversation_id, pool_id),
    CONSTRAINT conversation_pools_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES conversations (id) ON DELETE CASCADE,
    CONSTRAINT conversation_pools_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES knowledge_pools (id) ON DELETE CASCADE
);

CREATE TABLE "pool_members" (
    pool_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    can_edit BOOLEAN NOT NULL DEFAULT false,
    CONSTRAINT pool_members_pkey PRIMARY KEY (pool_id, user_id),
    CONSTRAINT pool_members_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES knowledge_pools (id) ON DELETE CASCADE,
    CONSTRAINT pool_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX pool_members_user_idx ON pool_members (user_id, can_edit);

-- aludel: downgrade sqlite
-- destructive: drops table pool_members and its rows
DROP TABLE pool_members;

-- destructive: drops table conversation_pools and its rows
DROP TABLE conversation_pools;
