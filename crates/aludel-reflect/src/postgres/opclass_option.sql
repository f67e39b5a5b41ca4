SELECT a.attrelid, a.attnum, a.attoptions
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
WHERE a.attoptions IS NOT NULL AND c.relkind IN ('i', 'I')
