SELECT i.indexrelid, i.indrelid, ic.relname AS name, am.amname, i.indisunique, i.indisvalid OR ic.relkind = 'I' AS is_valid,
       i.indnkeyatts, i.indkey, i.indclass, i.indoption, i.indcollation,
       pg_get_expr(i.indpred, i.indrelid) AS predicate,
       CASE WHEN i.indexprs IS NOT NULL THEN
           ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, false) FROM generate_series(1, i.indnkeyatts) k) END AS expressions,
       CASE WHEN i.indexprs IS NOT NULL THEN
           ARRAY(SELECT coalesce(a.attstattarget, -1) FROM pg_attribute a WHERE a.attrelid = i.indexrelid ORDER BY a.attnum)
           END AS statistics,
       CASE WHEN ic.reltablespace <> 0 THEN (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = ic.reltablespace) END AS spcname,
       i.indisreplident, i.indisclustered, ic.reloptions, d.description AS comment, {nulls_not_distinct} AS nulls_not_distinct
FROM pg_index i
JOIN pg_class ic ON ic.oid = i.indexrelid
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_am am ON am.oid = ic.relam
LEFT JOIN pg_description d ON d.objoid = i.indexrelid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
WHERE c.relkind IN ('r', 'p') AND {is_read} AND {namespaces}
