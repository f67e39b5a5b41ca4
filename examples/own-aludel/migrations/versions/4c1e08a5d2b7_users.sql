-- users
--
-- revision: 4c1e08a5d2b7
-- down_revision: none
-- created: 2026-11-02T09:00:00Z

-- aludel: upgrade postgres
CREATE TABLE users (
    id bigint PRIMARY KEY,
    email text NOT NULL
);

-- aludel: upgrade sqlite
CREATE TABLE users (
    id INTEGER NOT NULL PRIMARY KEY,
    email TEXT NOT NULL
);

-- aludel: downgrade
DROP TABLE users;
