-- index
--
-- revision: c3
-- down_revision: b2

-- aludel: upgrade
CREATE INDEX accounts_name ON accounts (name);

-- aludel: downgrade
DROP INDEX accounts_name;
