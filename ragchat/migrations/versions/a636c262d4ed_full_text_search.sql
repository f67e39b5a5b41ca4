-- full text search
--
-- revision: a636c262d4ed
-- down_revision: fcdccebf8d35
-- created: 2026-11-22T12:39:41Z

-- aludel: upgrade postgres
ALTER TABLE chunks ADD COLUMN content_tsv tsvector GENERATED ALWAYS AS (to_tsvector('english', content)) STORED;
ALTER TABLE messages ADD COLUMN content_tsv tsvector GENERATED ALWAYS AS (to_tsvector('english', content)) STORED;
CREATE INDEX chunks_content_tsv_idx ON chunks USING gin (content_tsv) WITH (fastupdate = off);
CREATE INDEX messages_content_tsv_idx ON messages USING gin (content_tsv);
COMMENT ON COLUMN chunks.content_tsv IS 'Generated; never written by the application.';
COMMENT ON COLUMN messages.content_tsv IS 'Generated; never written by the application.';

-- aludel: downgrade postgres
DROP INDEX chunks_content_tsv_idx;
DROP INDEX messages_content_tsv_idx;
ALTER TABLE chunks DROP COLUMN content_tsv;
ALTER TABLE messages DROP COLUMN content_tsv;

-- aludel: upgrade sqlite

-- aludel: downgrade sqlite
