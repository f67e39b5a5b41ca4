-- touch updated_at, overview of conversations, default partition
--
-- revision: c41f7be0a9d2
-- down_revision: 2de0e6b1237f
-- created: 2026-11-22T12:39:43Z

-- aludel: upgrade postgres
-- The folder `objects` declares the function, the triggers and the view.
CREATE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
CREATE TRIGGER users_updated_at BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER knowledge_pools_updated_at BEFORE UPDATE ON knowledge_pools FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER documents_updated_at BEFORE UPDATE ON documents FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER conversations_updated_at BEFORE UPDATE ON conversations FOR EACH ROW EXECUTE FUNCTION set_updated_at();

CREATE TABLE usage_events_default PARTITION OF usage_events DEFAULT;

CREATE VIEW conversation_overview AS
SELECT c.id, c.user_id, c.title, c.updated_at, count(m.id) AS messages, max(m.created_at) AS last_message_at
FROM conversations c
LEFT JOIN messages m ON m.conversation_id = c.id
WHERE c.deleted_at IS NULL
GROUP BY c.id;

-- aludel: downgrade postgres
DROP VIEW conversation_overview;
-- destructive: drops the rows of usage_events that are in its default partition
DROP TABLE usage_events_default;
DROP TRIGGER users_updated_at ON users;
DROP TRIGGER knowledge_pools_updated_at ON knowledge_pools;
DROP TRIGGER documents_updated_at ON documents;
DROP TRIGGER conversations_updated_at ON conversations;
DROP FUNCTION set_updated_at();

-- aludel: upgrade sqlite
CREATE TRIGGER users_updated_at AFTER UPDATE ON users FOR EACH ROW WHEN NEW.updated_at = OLD.updated_at
BEGIN
    UPDATE users SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;

CREATE TRIGGER knowledge_pools_updated_at AFTER UPDATE ON knowledge_pools FOR EACH ROW WHEN NEW.updated_at = OLD.updated_at
BEGIN
    UPDATE knowledge_pools SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;

CREATE TRIGGER documents_updated_at AFTER UPDATE ON documents FOR EACH ROW WHEN NEW.updated_at = OLD.updated_at
BEGIN
    UPDATE documents SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;

CREATE TRIGGER conversations_updated_at AFTER UPDATE ON conversations FOR EACH ROW WHEN NEW.updated_at = OLD.updated_at
BEGIN
    UPDATE conversations SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;

CREATE VIEW conversation_overview AS
SELECT c.id, c.user_id, c.title, c.updated_at, count(m.id) AS messages, max(m.created_at) AS last_message_at
FROM conversations c
LEFT JOIN messages m ON m.conversation_id = c.id
WHERE c.deleted_at IS NULL
GROUP BY c.id;

-- aludel: downgrade sqlite
DROP VIEW conversation_overview;
DROP TRIGGER users_updated_at;
DROP TRIGGER knowledge_pools_updated_at;
DROP TRIGGER documents_updated_at;
DROP TRIGGER conversations_updated_at;
