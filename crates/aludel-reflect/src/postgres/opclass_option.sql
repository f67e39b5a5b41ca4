SELECT a.attrelid, a.attnum, a.attoptions
FROM pg_attribute a
WHERE a.attoptions IS NOT NULL
  AND (SELECT c.relkind FROM pg_class c WHERE c.oid = a.attrelid) IN ('i', 'I')
