-- The NOT NULL constraints that are not as they usually are. An inherited one usually has the name that it has
-- in the first table above. Servers before PostgreSQL 18 have none.
SELECT q.conrelid, q.attnum, q.conname, q.convalidated, q.connoinherit, q.comment, q.apart, q.own
FROM (SELECT k.conrelid, k.conkey[1] AS attnum, k.conname, k.convalidated, k.connoinherit, d.description AS comment,
             {is_own_k} AS own,
             k.connoinherit OR d.description IS NOT NULL OR k.conname <> c.relname || '_' || a.attname || '_not_null' AS unusual,
             CASE WHEN a.attislocal THEN false ELSE coalesce(k.conname <> (
                 SELECT o.conname FROM pg_inherits i JOIN pg_constraint o ON o.conrelid = i.inhparent AND o.contype = 'n' AND NOT o.connoinherit
                 JOIN pg_attribute b ON b.attrelid = o.conrelid AND b.attnum = o.conkey[1]
                 WHERE i.inhrelid = k.conrelid AND b.attname = a.attname ORDER BY i.inhseqno LIMIT 1), false) END AS apart
      FROM pg_constraint k
      JOIN pg_class c ON c.oid = k.conrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
      LEFT JOIN pg_description d ON d.objoid = k.oid AND d.classoid = 'pg_constraint'::regclass
      WHERE k.contype = 'n' AND {is_read} AND {namespaces}) q
WHERE q.own AND q.unusual OR q.apart OR NOT q.convalidated
