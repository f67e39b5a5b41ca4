SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, c.reloptions, c.relispartition,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key, d.description AS comment,
       c.relkind = 'r' AND NOT c.relispartition
           AND EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = c.oid) AS inherits
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
WHERE c.relkind IN ('r', 'p', 'S') AND {namespaces}
