WITH mine AS (
    SELECT n.oid, n.nspname FROM pg_namespace n WHERE {namespaces}
), extension_member AS (
    SELECT d.classid, d.objid FROM pg_depend d
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
), relation AS (
    SELECT c.oid, c.relname, c.relkind, c.relispartition, m.nspname
    FROM pg_class c JOIN mine m ON m.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid)
)
SELECT 'index' AS kind, c.nspname AS namespace, c.relname::text AS table_name, ic.relname::text AS name,
       'invalid index'::text AS aspect
FROM relation c
JOIN pg_index i ON i.indrelid = c.oid AND NOT i.indisvalid JOIN pg_class ic ON ic.oid = i.indexrelid
WHERE ic.relkind = 'i'
UNION ALL
SELECT 'base type', m.nspname, NULL, t.typname, NULL
FROM pg_type t JOIN mine m ON m.oid = t.typnamespace
WHERE t.typtype = 'b' AND t.typelem = 0
  AND NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid)
UNION ALL
-- A subscription holds the password of another server, so that it is known by name alone.
SELECT 'subscription', NULL, NULL, s.subname, NULL
FROM pg_subscription s JOIN pg_database b ON b.oid = s.subdbid WHERE b.datname = current_database()
ORDER BY 1, 2, 3, 4, 5
