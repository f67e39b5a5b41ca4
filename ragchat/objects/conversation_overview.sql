-- What the list of conversations shows.
CREATE VIEW conversation_overview AS
SELECT c.id, c.user_id, c.title, c.updated_at, count(m.id) AS messages, max(m.created_at) AS last_message_at
FROM conversations c
LEFT JOIN messages m ON m.conversation_id = c.id
WHERE c.deleted_at IS NULL
GROUP BY c.id;
