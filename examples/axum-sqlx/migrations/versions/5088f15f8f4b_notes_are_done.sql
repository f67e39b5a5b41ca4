-- notes are done
--
-- revision: 5088f15f8f4b
-- down_revision: c3960f32b73b
-- created: 2026-11-26T11:56:21Z

-- aludel: upgrade
ALTER TABLE notes ADD COLUMN done boolean DEFAULT false NOT NULL;

-- aludel: downgrade
-- destructive: drops column notes.done and its values
ALTER TABLE notes DROP COLUMN done;
