-- accounts
--
-- revision: a1
-- down_revision: none

-- aludel: upgrade
CREATE TABLE accounts (id INTEGER PRIMARY KEY, email TEXT NOT NULL);

-- aludel: downgrade
DROP TABLE accounts;
