SELECT n.oid, n.nspname
FROM pg_namespace n
WHERE n.nspname <> 'public' AND {namespaces}
