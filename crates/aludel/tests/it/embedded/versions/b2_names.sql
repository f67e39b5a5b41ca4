-- names
--
-- revision: b2
-- down_revision: a1

-- aludel: upgrade
ALTER TABLE accounts ADD COLUMN name TEXT;
INSERT INTO accounts (id, email) VALUES (1, 'a@example.org');

-- aludel: downgrade
ALTER TABLE accounts DROP COLUMN name;
