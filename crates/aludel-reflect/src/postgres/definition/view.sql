-- Views and materialized views.
SELECT 'pg_class'::regclass, 'pg_class', v.oid, CASE v.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, v.nspname,
       NULL, v.relname, NULL,
       {by_name pg_get_viewdef(v.oid) in 'pg_rewrite' = (SELECT r.oid FROM pg_rewrite r WHERE r.ev_class = v.oid AND r.rulename = '_RETURN')},
       ARRAY(SELECT x.part
             FROM (SELECT 1 AS rank, 'access method' AS word, '' AS name, quote_ident(a.amname) AS text
                   FROM pg_am a WHERE a.oid = v.relam AND a.amname <> 'heap'
                   UNION ALL
                   SELECT 2, 'option', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1) FROM unnest(v.reloptions) o
                   UNION ALL
                   SELECT 3, 'toast option', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)
                   FROM pg_class t, unnest(t.reloptions) o WHERE t.oid = v.reltoastrelid
                   UNION ALL
                   SELECT 4, 'tablespace', '', quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = v.reltablespace
                   UNION ALL
                   SELECT 5, 'default', a.attname, pg_get_expr(f.adbin, f.adrelid)
                   FROM pg_attrdef f JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum WHERE f.adrelid = v.oid
                   UNION ALL
                   SELECT 6, w.word, a.attname, w.text
                   FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid, LATERAL (
                       SELECT 'statistics' AS word, a.attstattarget::text AS text WHERE a.attstattarget >= 0
                       UNION ALL
                       SELECT 'storage', CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END
                       WHERE a.attstorage <> t.typstorage
                       UNION ALL
                       SELECT 'compression', CASE a.attcompression WHEN 'p' THEN 'pglz' ELSE 'lz4' END WHERE a.attcompression <> ''
                       UNION ALL
                       SELECT 'column options', array_to_string(a.attoptions, ', ') WHERE a.attoptions IS NOT NULL) w
                   WHERE v.relkind = 'm' AND a.attrelid = v.oid AND a.attnum > 0 AND NOT a.attisdropped
                   UNION ALL
                   SELECT 7, 'depends on extension', e.name, '' FROM extension_of e WHERE e.classid = 'pg_class'::regclass AND e.objid = v.oid) p,
             unnest(ARRAY[p.word, p.name, p.text]) WITH ORDINALITY x(part, at)
             ORDER BY p.rank, p.name, p.word, x.at),
       ARRAY(SELECT x.part FROM pg_attribute a,
             unnest(ARRAY[a.attname::text, format_type(a.atttypid, a.atttypmod)
                          || coalesce((SELECT ' COLLATE ' || CASE WHEN pg_collation_is_visible(k.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END || quote_ident(k.collname)
                                       FROM pg_collation k JOIN pg_namespace n ON n.oid = k.collnamespace JOIN pg_type s ON s.oid = a.atttypid
                                       WHERE k.oid = a.attcollation AND k.oid <> s.typcollation), '')]) WITH ORDINALITY x(part, at)
             WHERE a.attrelid = v.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum, x.at),
       v.relowner, v.relacl, false, v.oid
FROM relation v WHERE v.relkind IN ('v', 'm')
