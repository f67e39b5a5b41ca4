WITH mine AS (
    SELECT n.oid, n.nspname FROM pg_namespace n WHERE {namespaces}
), extension_member AS (
    SELECT d.classid, d.objid FROM pg_depend d
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
), relation AS (
    SELECT c.oid, c.relname, c.relkind, c.relispartition, c.relrowsecurity, c.relforcerowsecurity, c.relreplident,
           c.reltoastrelid, c.reltablespace, c.relacl IS NOT NULL AS has_grants, m.nspname
    FROM pg_class c JOIN mine m ON m.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid)
)
SELECT 'foreign table' AS kind, c.nspname AS namespace, NULL::text AS table_name, c.relname::text AS name,
       NULL::text AS aspect
FROM relation c WHERE c.relkind = 'f'
UNION ALL
SELECT 'table', c.nspname, NULL, c.relname, 'partition' FROM relation c WHERE c.relkind IN ('r', 'p') AND c.relispartition
UNION ALL
SELECT 'table', c.nspname, NULL, c.relname, 'inherited table' FROM relation c
WHERE c.relkind = 'r' AND NOT c.relispartition AND EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = c.oid)
UNION ALL
SELECT 'table', c.nspname, NULL, c.relname, 'row level security' FROM relation c WHERE c.relrowsecurity OR c.relforcerowsecurity
UNION ALL
SELECT 'table', c.nspname, NULL, c.relname, 'replica identity' FROM relation c
WHERE c.relkind IN ('r', 'p') AND c.relreplident NOT IN ('d') AND NOT c.relispartition
UNION ALL
SELECT 'table', c.nspname, NULL, c.relname, 'storage parameters of TOAST' FROM relation c
JOIN pg_class t ON t.oid = c.reltoastrelid AND t.reloptions IS NOT NULL
UNION ALL
SELECT CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END,
       c.nspname, NULL, c.relname, 'grants' FROM relation c
WHERE c.has_grants AND c.relkind <> 'v'
UNION ALL
SELECT 'table', c.nspname, NULL, c.relname, 'tablespace' FROM relation c WHERE c.reltablespace <> 0
UNION ALL
SELECT 'index', c.nspname, c.relname, ic.relname, 'tablespace' FROM relation c
JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class ic ON ic.oid = i.indexrelid AND ic.reltablespace <> 0
UNION ALL
SELECT 'index', c.nspname, c.relname, ic.relname, 'clustered index' FROM relation c
JOIN pg_index i ON i.indrelid = c.oid AND i.indisclustered JOIN pg_class ic ON ic.oid = i.indexrelid
UNION ALL
SELECT 'index', c.nspname, c.relname, ic.relname, 'invalid index' FROM relation c
JOIN pg_index i ON i.indrelid = c.oid AND NOT i.indisvalid JOIN pg_class ic ON ic.oid = i.indexrelid
WHERE ic.relkind = 'i'
UNION ALL
SELECT 'trigger', c.nspname, c.relname, t.tgname, NULL FROM relation c
JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
WHERE t.tgparentid = 0
UNION ALL
SELECT 'policy', c.nspname, c.relname, p.polname, NULL FROM relation c JOIN pg_policy p ON p.polrelid = c.oid
UNION ALL
SELECT 'rule', c.nspname, c.relname, r.rulename, NULL FROM relation c
JOIN pg_rewrite r ON r.ev_class = c.oid AND r.rulename <> '_RETURN'
UNION ALL
SELECT 'constraint', c.nspname, c.relname, k.conname, 'comment on constraint' FROM relation c
JOIN pg_constraint k ON k.conrelid = c.oid
JOIN pg_description d ON d.objoid = k.oid AND d.classoid = 'pg_constraint'::regclass
UNION ALL
SELECT CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END, m.nspname, NULL,
       p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', NULL
FROM pg_proc p JOIN mine m ON m.oid = p.pronamespace
WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid)
  -- The constructors of a range type belong to it.
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
UNION ALL
SELECT CASE t.typtype WHEN 'r' THEN 'range type' WHEN 'c' THEN 'composite type' ELSE 'base type' END, m.nspname,
       NULL, t.typname, NULL
FROM pg_type t JOIN mine m ON m.oid = t.typnamespace
WHERE (t.typtype = 'r' OR (t.typtype = 'c' AND (SELECT c.relkind FROM pg_class c WHERE c.oid = t.typrelid) = 'c') OR (t.typtype = 'b' AND t.typelem = 0))
  AND NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid)
UNION ALL
SELECT 'collation', m.nspname, NULL, k.collname, NULL FROM pg_collation k JOIN mine m ON m.oid = k.collnamespace
WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_collation'::regclass AND e.objid = k.oid)
UNION ALL
SELECT 'operator', m.nspname, NULL, o.oid::regoperator::text, NULL FROM pg_operator o JOIN mine m ON m.oid = o.oprnamespace
WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_operator'::regclass AND e.objid = o.oid)
UNION ALL
SELECT 'text search configuration', m.nspname, NULL, k.cfgname, NULL FROM pg_ts_config k JOIN mine m ON m.oid = k.cfgnamespace
WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_ts_config'::regclass AND e.objid = k.oid)
UNION ALL
SELECT 'text search dictionary', m.nspname, NULL, k.dictname, NULL FROM pg_ts_dict k JOIN mine m ON m.oid = k.dictnamespace
WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_ts_dict'::regclass AND e.objid = k.oid)
UNION ALL
SELECT 'statistics', m.nspname, NULL, x.stxname, NULL FROM pg_statistic_ext x JOIN mine m ON m.oid = x.stxnamespace
UNION ALL
SELECT 'event trigger', NULL, NULL, evtname, NULL FROM pg_event_trigger t
WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_event_trigger'::regclass AND e.objid = t.oid)
UNION ALL
SELECT 'publication', NULL, NULL, pubname, NULL FROM pg_publication
UNION ALL
SELECT 'foreign server', NULL, NULL, srvname, NULL FROM pg_foreign_server
ORDER BY 1, 2, 3, 4, 5
