SELECT o.oid, CASE WHEN pg_opclass_is_visible(o.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END
           || quote_ident(o.opcname) AS name, o.opcdefault
FROM pg_opclass o
JOIN pg_namespace n ON n.oid = o.opcnamespace
