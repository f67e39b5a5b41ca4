WITH mine AS (
    SELECT n.oid, n.nspname FROM pg_namespace n WHERE {namespaces}
), extension_member AS (
    SELECT d.classid, d.objid FROM pg_depend d WHERE d.deptype = 'e'
), relation AS (
    SELECT c.*, m.nspname FROM pg_class c JOIN mine m ON m.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid)
)
SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END AS kind,
       c.nspname AS namespace, c.relname::text AS name
FROM relation c WHERE c.relkind IN ('v', 'm', 'f')
UNION ALL
SELECT 'partition', c.nspname, c.relname FROM relation c WHERE c.relkind IN ('r', 'p') AND c.relispartition
UNION ALL
SELECT 'inherited table', c.nspname, c.relname FROM relation c
WHERE c.relkind = 'r' AND NOT c.relispartition AND EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = c.oid)
UNION ALL
SELECT 'row level security', c.nspname, c.relname FROM relation c WHERE c.relrowsecurity OR c.relforcerowsecurity
UNION ALL
SELECT 'replica identity', c.nspname, c.relname FROM relation c
WHERE c.relkind IN ('r', 'p') AND c.relreplident NOT IN ('d') AND NOT c.relispartition
UNION ALL
SELECT 'storage parameters of TOAST', c.nspname, c.relname FROM relation c
JOIN pg_class t ON t.oid = c.reltoastrelid AND t.reloptions IS NOT NULL
UNION ALL
SELECT 'grants', c.nspname, c.relname FROM relation c WHERE c.relacl IS NOT NULL
UNION ALL
SELECT 'tablespace', c.nspname, c.relname FROM relation c WHERE c.reltablespace <> 0
UNION ALL
SELECT 'clustered index', c.nspname, ic.relname FROM relation c
JOIN pg_index i ON i.indrelid = c.oid AND i.indisclustered JOIN pg_class ic ON ic.oid = i.indexrelid
UNION ALL
SELECT 'invalid index', c.nspname, ic.relname FROM relation c
JOIN pg_index i ON i.indrelid = c.oid AND NOT i.indisvalid JOIN pg_class ic ON ic.oid = i.indexrelid
WHERE ic.relkind = 'i'
UNION ALL
SELECT 'column storage', c.nspname, c.relname || '.' || a.attname FROM relation c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND (a.attstorage <> t.typstorage OR {compression} OR a.attoptions IS NOT NULL)
UNION ALL
SELECT 'trigger', c.nspname, c.relname || '.' || t.tgname FROM relation c
JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
WHERE t.tgparentid = 0
UNION ALL
SELECT 'policy', c.nspname, c.relname || '.' || p.polname FROM relation c JOIN pg_policy p ON p.polrelid = c.oid
UNION ALL
SELECT 'rule', c.nspname, c.relname || '.' || r.rulename FROM relation c
JOIN pg_rewrite r ON r.ev_class = c.oid AND r.rulename <> '_RETURN'
UNION ALL
SELECT 'comment on constraint', c.nspname, c.relname || '.' || k.conname FROM relation c
JOIN pg_constraint k ON k.conrelid = c.oid
JOIN pg_description d ON d.objoid = k.oid AND d.classoid = 'pg_constraint'::regclass
UNION ALL
SELECT CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END, m.nspname,
       p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'
FROM pg_proc p JOIN mine m ON m.oid = p.pronamespace
WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid)
UNION ALL
SELECT CASE t.typtype WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range type' WHEN 'c' THEN 'composite type'
            ELSE 'base type' END, m.nspname, t.typname
FROM pg_type t JOIN mine m ON m.oid = t.typnamespace
LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE (t.typtype IN ('d', 'r') OR (t.typtype = 'c' AND c.relkind = 'c') OR (t.typtype = 'b' AND t.typelem = 0))
  AND NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid)
UNION ALL
SELECT 'collation', m.nspname, k.collname FROM pg_collation k JOIN mine m ON m.oid = k.collnamespace
WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_collation'::regclass AND e.objid = k.oid)
UNION ALL
SELECT 'operator', m.nspname, o.oid::regoperator::text FROM pg_operator o JOIN mine m ON m.oid = o.oprnamespace
WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_operator'::regclass AND e.objid = o.oid)
UNION ALL
SELECT 'text search configuration', m.nspname, k.cfgname FROM pg_ts_config k JOIN mine m ON m.oid = k.cfgnamespace
WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_ts_config'::regclass AND e.objid = k.oid)
UNION ALL
SELECT 'text search dictionary', m.nspname, k.dictname FROM pg_ts_dict k JOIN mine m ON m.oid = k.dictnamespace
WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_ts_dict'::regclass AND e.objid = k.oid)
UNION ALL
SELECT 'statistics', m.nspname, x.stxname FROM pg_statistic_ext x JOIN mine m ON m.oid = x.stxnamespace
UNION ALL
SELECT 'event trigger', NULL, evtname FROM pg_event_trigger t
WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_event_trigger'::regclass AND e.objid = t.oid)
UNION ALL
SELECT 'publication', NULL, pubname FROM pg_publication
UNION ALL
SELECT 'foreign server', NULL, srvname FROM pg_foreign_server
ORDER BY 1, 2, 3
