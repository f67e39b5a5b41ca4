-- The objects and properties that neither a model nor an object file declares. Lines between `{if …}` and `{end}`
-- are there if the branch of that name may find something.
WITH mine AS (
    SELECT n.oid, n.nspname FROM pg_namespace n WHERE {namespaces}
), extension_member AS (
    SELECT d.classid, d.objid FROM pg_depend d
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
), remarked AS (
    SELECT d.objoid FROM pg_description d WHERE d.classoid = 'pg_constraint'::regclass
), relation AS (
    SELECT c.oid, c.relname, c.relkind, c.relispartition, m.nspname
    FROM pg_class c JOIN mine m ON m.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid)
)
SELECT 'index' AS kind, c.nspname AS namespace, c.relname::text AS table_name, ic.relname::text AS name,
       -- The index of a partitioned table is valid if each partition has an index attached to it.
       CASE ic.relkind WHEN 'i' THEN 'invalid index' ELSE 'ON ONLY its table' END AS aspect
FROM relation c
JOIN pg_index i ON i.indrelid = c.oid AND NOT i.indisvalid JOIN pg_class ic ON ic.oid = i.indexrelid
-- {if view}
UNION ALL
-- No one statement makes a view that reads itself. Before PostgreSQL 16, each view depends on itself in whole.
SELECT DISTINCT 'view', c.nspname, NULL, c.relname, 'query that reads itself of view'
FROM relation c JOIN pg_rewrite r ON r.ev_class = c.oid JOIN pg_depend d ON d.objid = r.oid
WHERE c.relkind = 'v' AND r.rulename = '_RETURN' AND d.classid = 'pg_rewrite'::regclass AND d.deptype = 'n'
  AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid > 0
-- {end}
-- {if partition}
UNION ALL
-- A partition may compute a column in another way than its table (PostgreSQL 16).
SELECT 'partition', c.nspname, NULL, c.relname, 'expression of generated column ' || quote_ident(a.attname) || ' of'
FROM relation c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND a.attgenerated <> ''
JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum JOIN pg_inherits h ON h.inhrelid = c.oid
JOIN pg_attribute b ON b.attrelid = h.inhparent AND b.attname = a.attname
JOIN pg_attrdef e ON e.adrelid = b.attrelid AND e.adnum = b.attnum
WHERE c.relispartition AND pg_get_expr(d.adbin, d.adrelid) <> pg_get_expr(e.adbin, e.adrelid)
UNION ALL
-- The index that a partition has from its table is declared by no object file.
SELECT 'partition', c.nspname, NULL, c.relname,
       CASE WHEN i.indisclustered THEN 'clustered by ' ELSE 'replica identity by ' END || ic.relname
FROM relation c JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class ic ON ic.oid = i.indexrelid
WHERE c.relispartition AND (i.indisclustered OR i.indisreplident) AND ic.relispartition
UNION ALL
-- Comments on the constraints that a partition has from its table, but for checks. A usual NOT NULL constraint has no name in an object file.
SELECT 'partition', c.nspname, NULL, c.relname, 'comment on constraint ' || k.conname || ' of'
FROM relation c JOIN pg_constraint k ON k.conrelid = c.oid JOIN pg_inherits h ON h.inhrelid = c.oid
LEFT JOIN pg_attribute a ON k.contype = 'n' AND a.attrelid = c.oid AND a.attnum = k.conkey[1]
WHERE c.relispartition AND k.oid IN (SELECT r.objoid FROM remarked r)
  AND CASE WHEN c.relkind = 'f' THEN true
           WHEN k.contype <> 'n' THEN k.contype <> 'c' AND (k.conparentid <> 0 OR k.coninhcount > 0)
           WHEN k.coninhcount = 0 THEN k.convalidated AND NOT (octet_length(c.relname) + octet_length(a.attname) < 54
                                       AND rtrim(k.conname, '0123456789') <> c.relname || '_' || a.attname || '_not_null')
           ELSE EXISTS (SELECT FROM pg_constraint t JOIN pg_attribute b ON b.attrelid = t.conrelid AND b.attnum = t.conkey[1]
                        WHERE t.conrelid = h.inhparent AND t.contype = 'n' AND b.attname = a.attname AND t.conname = k.conname) END
-- {end}
UNION ALL
-- Models have no word for an index of a table that goes with an extension.
SELECT 'index', c.nspname, c.relname, ic.relname, 'depends on extension ' || e.extname
FROM relation c JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class ic ON ic.oid = i.indexrelid
JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = ic.oid AND d.deptype = 'x'
     AND d.refclassid = 'pg_extension'::regclass
JOIN pg_extension e ON e.oid = d.refobjid
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
-- {if partition}
UNION ALL
-- Object files say nothing of a foreign table that is a partition, nor of its triggers.
SELECT 'trigger', c.nspname, c.relname, t.tgname,
       CASE t.tgenabled WHEN 'D' THEN 'disabled' WHEN 'A' THEN 'enabled always' WHEN 'R' THEN 'enabled for replicas'
            ELSE 'enabled' END || ' on the partition'
FROM relation c JOIN pg_trigger t ON t.tgrelid = c.oid JOIN pg_trigger p ON p.oid = t.tgparentid
WHERE c.relispartition AND c.relkind = 'f' AND t.tgenabled <> p.tgenabled
  AND (NOT p.tgisinternal OR p.tgparentid <> 0
       AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.oid = p.tgconstraint AND o.contype <> 't'))
-- {end}
UNION ALL
SELECT 'constraint', c.nspname, c.relname, k.conname, 'comment on the inherited constraint'
FROM relation c JOIN pg_constraint k ON k.conrelid = c.oid
WHERE NOT c.relispartition AND NOT k.conislocal AND k.oid IN (SELECT r.objoid FROM remarked r)
UNION ALL
-- A foreign key without its triggers is not enforced.
SELECT DISTINCT 'table', c.nspname, NULL, c.relname, 'disabled triggers of foreign keys of table'
FROM relation c JOIN pg_trigger t ON t.tgrelid = c.oid
WHERE t.tgisinternal AND t.tgconstraint <> 0 AND t.tgenabled <> 'O'
-- {if foreign}
UNION ALL
-- Object files have no word for a foreign table that is a partition or has columns from another table.
SELECT 'foreign table', c.nspname, NULL, c.relname,
       CASE WHEN c.relispartition THEN 'place in ' ELSE 'inheritance from ' END || h.inhparent::regclass || ' of foreign table'
FROM relation c JOIN pg_inherits h ON h.inhrelid = c.oid WHERE c.relkind = 'f'
-- {end}
-- {if partition}
UNION ALL
-- PostgreSQL 18: an object file says nothing of the number at the end of the usual name.
SELECT 'partition', c.nspname, NULL, c.relname, 'name ' || quote_ident(k.conname) || ' of a NOT NULL constraint of partition'
FROM relation c JOIN pg_constraint k ON k.conrelid = c.oid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
WHERE c.relispartition AND k.contype = 'n' AND k.coninhcount = 0 AND octet_length(c.relname) + octet_length(a.attname) < 54
  AND k.convalidated AND k.conname <> c.relname || '_' || a.attname || '_not_null' AND rtrim(k.conname, '0123456789') = c.relname || '_' || a.attname || '_not_null'
-- {end}
UNION ALL
-- Only the column of a table is said to own a sequence.
SELECT 'sequence', c.nspname, NULL, c.relname, 'owner ' || o.oid::regclass || '.' || quote_ident(a.attname) || ' of sequence'
FROM relation c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'a'
     AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
JOIN pg_class o ON o.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum = d.refobjsubid
WHERE c.relkind = 'S' AND (o.relispartition OR o.relkind NOT IN ('r', 'p'))
-- {if type}
UNION ALL
SELECT 'domain', m.nspname, NULL, t.typname, 'NOT VALID of check ' || quote_ident(k.conname) || ' of domain'
FROM pg_type t JOIN mine m ON m.oid = t.typnamespace JOIN pg_constraint k ON k.contypid = t.oid
WHERE t.typtype = 'd' AND k.contype = 'c' AND NOT k.convalidated
  AND NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid)
-- {end}
-- {if partition}
UNION ALL
-- An index that a partition has from its table is declared there. Before PostgreSQL 16, it gets the comment of the one
-- above when the server makes it again for a new type of a column.
SELECT 'index', c.nspname, c.relname, ic.relname, q.aspect || ' the partition''s index'
FROM relation c JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class ic ON ic.oid = i.indexrelid AND ic.relispartition
JOIN pg_inherits h ON h.inhrelid = ic.oid JOIN pg_class pc ON pc.oid = h.inhparent,
     LATERAL (SELECT 'comment on' AS aspect WHERE obj_description(ic.oid, 'pg_class') <> coalesce(obj_description(pc.oid, 'pg_class'), '')
              UNION ALL
              SELECT 'storage parameters of' WHERE NOT (coalesce(ic.reloptions, '{}') @> coalesce(pc.reloptions, '{}')
                                                    AND coalesce(ic.reloptions, '{}') <@ coalesce(pc.reloptions, '{}'))) q
WHERE c.relispartition
-- {end}
-- {if type}
UNION ALL
SELECT 'domain', m.nspname, NULL, t.typname, 'comment on its NOT NULL constraint'
FROM pg_type t JOIN mine m ON m.oid = t.typnamespace JOIN pg_constraint k ON k.contypid = t.oid
WHERE t.typtype = 'd' AND k.contype = 'n' AND k.oid IN (SELECT r.objoid FROM remarked r)
  AND NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid)
-- {end}
UNION ALL
SELECT 'base type', m.nspname, NULL, t.typname, NULL
FROM pg_type t JOIN mine m ON m.oid = t.typnamespace
WHERE t.typtype = 'b' AND t.typelem = 0
  AND NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid)
UNION ALL
SELECT 'text search parser', m.nspname, NULL, p.prsname, NULL
FROM pg_ts_parser p JOIN mine m ON m.oid = p.prsnamespace
WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_ts_parser'::regclass AND e.objid = p.oid)
UNION ALL
SELECT 'text search template', m.nspname, NULL, t.tmplname, NULL
FROM pg_ts_template t JOIN mine m ON m.oid = t.tmplnamespace
WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_ts_template'::regclass AND e.objid = t.oid)
UNION ALL
SELECT 'conversion', m.nspname, NULL, c.conname, NULL
FROM pg_conversion c JOIN mine m ON m.oid = c.connamespace
WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_conversion'::regclass AND e.objid = c.oid)
UNION ALL
-- The server's own objects that no schema holds have lower numbers.
SELECT 'access method', NULL, NULL, a.amname, NULL
FROM pg_am a
WHERE a.oid >= 16384
  AND NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_am'::regclass AND e.objid = a.oid)
UNION ALL
SELECT 'language', NULL, NULL, l.lanname, NULL
FROM pg_language l
WHERE l.oid >= 16384
  AND NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_language'::regclass AND e.objid = l.oid)
UNION ALL
SELECT 'transform', NULL, NULL, 'for ' || format_type(t.trftype, NULL) || ' language ' || l.lanname, NULL
FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang
WHERE t.oid >= 16384
  AND NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_transform'::regclass AND e.objid = t.oid)
UNION ALL
-- A subscription holds the password of another server, so that it is known by name alone.
SELECT 'subscription', NULL, NULL, s.subname, NULL
FROM pg_subscription s JOIN pg_database b ON b.oid = s.subdbid WHERE b.datname = current_database()
ORDER BY 1, 2, 3, 4, 5
