SELECT k.oid, k.conrelid, k.conname, k.contype, k.condeferrable, k.condeferred, k.conindid,
       CASE WHEN k.convalidated THEN 'valid' WHEN {enforced} THEN 'not valid' ELSE 'not enforced' END AS validity,
       {period} AS period, d.description AS comment,
       k.confrelid, k.confupdtype, k.confdeltype, k.confmatchtype, k.conkey, k.confkey, k.connoinherit,
       CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid)
            WHEN k.contype = 'x' OR (k.contype = 'f' AND k.confdeltype IN ('n', 'd'))
            THEN pg_get_constraintdef(k.oid) END AS definition,
       CASE WHEN p.relispartition
            THEN ARRAY[pn.nspname::text, p.relname::text]
                 || ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY x(number, at)
                          JOIN pg_attribute a ON a.attrelid = p.oid AND a.attnum = x.number ORDER BY x.at) END AS partition
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_description d ON d.objoid = k.oid AND d.classoid = 'pg_constraint'::regclass
LEFT JOIN pg_class p ON p.oid = k.confrelid
LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND {is_own_k} AND {is_read} AND {namespaces}
