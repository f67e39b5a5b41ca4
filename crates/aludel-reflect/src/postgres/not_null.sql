-- The NOT NULL constraints that are not as they usually are. An inherited one usually has the name that it has
-- in the first table above. Servers before PostgreSQL 18 have none.
SELECT k.conrelid, k.conkey[1] AS attnum, k.conname, k.convalidated, k.connoinherit, d.description AS comment
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
LEFT JOIN pg_description d ON d.objoid = k.oid AND d.classoid = 'pg_constraint'::regclass
WHERE k.contype = 'n' AND {is_read} AND {namespaces}
    AND CASE WHEN {is_own_k}
        THEN NOT k.convalidated OR k.connoinherit OR d.description IS NOT NULL OR k.conname <> c.relname || '_' || a.attname || '_not_null'
        ELSE NOT a.attislocal AND k.conname <> (
            SELECT o.conname FROM pg_inherits i JOIN pg_constraint o ON o.conrelid = i.inhparent AND o.contype = 'n' AND NOT o.connoinherit
            JOIN pg_attribute b ON b.attrelid = o.conrelid AND b.attnum = o.conkey[1]
            WHERE i.inhrelid = k.conrelid AND b.attname = a.attname ORDER BY i.inhseqno LIMIT 1) END
