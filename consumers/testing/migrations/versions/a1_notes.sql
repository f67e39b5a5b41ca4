-- notes
--
-- revision: a1
-- down_revision: none

-- aludel: upgrade
CREATE TABLE notes (title text NOT NULL CHECK (title <> ''));

-- aludel: downgrade
DROP TABLE notes;
