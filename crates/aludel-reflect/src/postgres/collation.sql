SELECT k.oid AS oid, CASE WHEN n.nspname = 'pg_catalog' OR pg_collation_is_visible(k.oid)
                   THEN '' ELSE n.nspname || '.' END || k.collname AS name
FROM pg_collation k
JOIN pg_namespace n ON n.oid = k.collnamespace
WHERE k.oid IN ({oids})
