SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attidentity,
       a.attgenerated, a.attcollation,
       CASE WHEN a.attcollation <> t.typcollation THEN
           (SELECT CASE WHEN cn.nspname = 'pg_catalog' OR pg_collation_is_visible(k.oid)
                        THEN k.collname WHEN quote_ident(cn.nspname) = cn.nspname THEN cn.nspname || '.' || k.collname
                        ELSE quote_ident(cn.nspname) || '.' || quote_ident(k.collname) END
            FROM pg_collation k JOIN pg_namespace cn ON cn.oid = k.collnamespace
            WHERE k.oid = a.attcollation) END AS collation_name,
       pg_get_expr(ad.adbin, ad.adrelid) AS expression, de.description AS comment,
       CASE WHEN a.attstorage <> t.typstorage OR a.attcompression <> '' OR a.attstattarget >= 0
                OR a.attoptions IS NOT NULL OR NOT a.attislocal THEN
           ARRAY[CASE WHEN a.attislocal THEN '' ELSE 'inherited' END,
                 CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text ELSE '' END,
                 a.attcompression::text, coalesce(a.attstattarget, -1)::text] || a.attoptions END AS rare
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
LEFT JOIN pg_description de ON de.objoid = a.attrelid AND de.classoid = 'pg_class'::regclass
    AND de.objsubid = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND {is_read}
    AND {namespaces}
