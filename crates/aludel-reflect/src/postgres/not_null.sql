-- The NOT NULL constraints of columns, which PostgreSQL 18 has. A join that finds those whose names are not as
-- usual would take far longer than to read all names.
SELECT k.conrelid, k.conkey[1] AS number, k.conname, NOT k.convalidated AS not_valid, k.connoinherit, {is_own_k} AS is_own,
       CASE WHEN k.coninhcount > 0 THEN
           (SELECT NOT a.attislocal AND k.conname <> {name_above}
            FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1]) END AS is_apart,
       r.description AS comment
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_description r ON r.objoid = k.oid AND r.classoid = 'pg_constraint'::regclass
WHERE k.contype = 'n' AND c.relkind IN ('r', 'p') AND {is_read} AND {namespaces}
