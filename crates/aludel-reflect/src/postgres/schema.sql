SELECT n.oid, n.nspname, d.description AS comment
FROM pg_namespace n
LEFT JOIN pg_description d ON d.objoid = n.oid AND d.classoid = 'pg_namespace'::regclass
    AND (n.nspname, d.description) <> ('public', 'standard public schema')
WHERE {namespaces}
