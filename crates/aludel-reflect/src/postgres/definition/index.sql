-- Indexes of materialized views, and those that partitions have of their own.
SELECT 'pg_class'::regclass, 'pg_class', ic.oid, 'index', c.nspname, c.relname, ic.relname, NULL,
       replace(substr(d.text, strpos(d.text, ' ON ') + 1), 'ON ' || c.full_name || ' ', 'ON ' || c.seen_name || ' '),
       ARRAY(SELECT x.part
             FROM (SELECT 0 AS rank, 'unique' AS word, '' AS name, '' AS text WHERE i.indisunique
                   UNION ALL
                   SELECT a.attnum, 'statistics', a.attnum::text, a.attnum || ' SET STATISTICS ' || a.attstattarget
                   FROM pg_attribute a WHERE a.attrelid = ic.oid AND a.attstattarget >= 0 AND a.attnum > 0
                     AND i.indkey[a.attnum - 1] = 0
                   UNION ALL
                   SELECT 1000, 'clustered', '', '' WHERE i.indisclustered
                   UNION ALL
                   SELECT 1001, 'replica identity', '', '' WHERE i.indisreplident
                   UNION ALL
                   SELECT 1002, 'depends on extension', e.name, '' FROM extension_of e
                   WHERE e.classid = 'pg_class'::regclass AND e.objid = ic.oid) p,
             unnest(ARRAY[p.word, p.name, p.text]) WITH ORDINALITY x(part, at) ORDER BY p.rank, p.name, x.at),
       '{}', NULL, NULL, false, NULL
FROM relation c JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class ic ON ic.oid = i.indexrelid,
     LATERAL (SELECT replace(pg_get_indexdef(ic.oid), ' ON ONLY ' || c.full_name || ' ', ' ON ' || c.full_name || ' ') AS text) d
WHERE c.relkind = 'm' OR (c.relispartition AND NOT ic.relispartition
      AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = ic.oid AND k.contype <> 'f'))
