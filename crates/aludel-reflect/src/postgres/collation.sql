SELECT k.oid AS oid, CASE WHEN n.nspname = 'pg_catalog' OR pg_collation_is_visible(k.oid)
                   THEN k.collname WHEN quote_ident(n.nspname) = n.nspname THEN n.nspname || '.' || k.collname
                   ELSE quote_ident(n.nspname) || '.' || quote_ident(k.collname) END AS name
FROM pg_collation k
JOIN pg_namespace n ON n.oid = k.collnamespace
WHERE k.oid IN ({oids})
