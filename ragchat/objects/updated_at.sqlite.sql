-- aludel: dialect sqlite

-- Every UPDATE sets `updated_at`, unless it does so itself. SQLite can't change the new row, so a second
-- UPDATE follows.
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
