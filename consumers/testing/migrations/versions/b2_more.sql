-- more
--
-- revision: b2
-- down_revision: a1

-- aludel: upgrade
CREATE INDEX notes_title ON notes (title);

-- aludel: downgrade
DROP INDEX notes_title;
