SELECT 'pg_class'::regclass AS classid, 'pg_class'::text::name AS catalog, v.oid,
       CASE v.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END AS kind, v.nspname AS namespace,
       NULL::name AS table_name, v.relname::text AS name, NULL::text AS signature, pg_get_viewdef(v.oid) AS body,
       ARRAY(SELECT x.part
             FROM (SELECT 1 AS rank, 'access method' AS word, '' AS name, quote_ident(a.amname) AS text
                   FROM pg_am a WHERE a.oid = v.relam AND a.amname <> 'heap'
                   UNION ALL
                   SELECT 2, 'option', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1) FROM unnest(v.reloptions) o) p,
             unnest(ARRAY[p.word, p.name, p.text]) WITH ORDINALITY x(part, at)
             ORDER BY p.rank, p.name, x.at) AS clauses,
       ARRAY(SELECT x.part FROM pg_attribute a,
             unnest(ARRAY[a.attname::text, format_type(a.atttypid, a.atttypmod)
                          || coalesce((SELECT ' COLLATE ' || CASE WHEN pg_collation_is_visible(k.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END || quote_ident(k.collname)
                                       FROM pg_collation k JOIN pg_namespace n ON n.oid = k.collnamespace JOIN pg_type s ON s.oid = a.atttypid
                                       WHERE k.oid = a.attcollation AND k.oid <> s.typcollation), '')]) WITH ORDINALITY x(part, at)
             WHERE a.attrelid = v.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum, x.at) AS shape,
       v.relowner AS owner, v.relacl AS acl, false AS is_public, v.oid AS columns_of
FROM relation v WHERE v.relkind IN ('v', 'm')
