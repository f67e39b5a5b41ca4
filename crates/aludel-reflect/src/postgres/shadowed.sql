-- The objects that SQL without their schema does not mean, because `pg_catalog` comes before their schema in the
-- search path and has the name too. The first object id of a user is 16384. The server asks whether an object is
-- visible last (OFFSET 0), because that takes longest.
SELECT CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range type' ELSE 'composite type' END AS kind,
       n.nspname AS namespace, t.typname AS name, NULL::text AS signature
FROM (SELECT t.* FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
      WHERE t.oid >= 16384 AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') OFFSET 0) t
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_type s ON s.typname = t.typname AND s.typnamespace = 'pg_catalog'::regnamespace
WHERE {namespaces} AND NOT pg_type_is_visible(t.oid)
-- {if function}
UNION ALL
SELECT CASE f.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END,
       n.nspname, f.proname, {signature_of_f}
FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
JOIN pg_proc s ON s.proname = f.proname AND s.proargtypes = f.proargtypes AND s.pronamespace = 'pg_catalog'::regnamespace
LEFT JOIN pg_aggregate g ON g.aggfnoid = f.oid
WHERE f.oid >= 16384 AND {namespaces} AND NOT pg_function_is_visible(f.oid)
-- {end}
-- {if operator}
UNION ALL
SELECT 'operator', n.nspname, o.oprname, {signature_of_o}
FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
JOIN pg_operator s ON s.oprname = o.oprname AND s.oprleft = o.oprleft AND s.oprright = o.oprright
     AND s.oprnamespace = 'pg_catalog'::regnamespace
WHERE o.oid >= 16384 AND {namespaces} AND NOT pg_operator_is_visible(o.oid)
-- {end}
-- {if collation}
UNION ALL
SELECT 'text search configuration', n.nspname, c.cfgname, NULL
FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_ts_config s ON s.cfgname = c.cfgname AND s.cfgnamespace = 'pg_catalog'::regnamespace
WHERE {namespaces} AND NOT pg_ts_config_is_visible(c.oid)
UNION ALL
SELECT 'text search dictionary', n.nspname, d.dictname, NULL
FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace
JOIN pg_ts_dict s ON s.dictname = d.dictname AND s.dictnamespace = 'pg_catalog'::regnamespace
WHERE {namespaces} AND NOT pg_ts_dict_is_visible(d.oid)
UNION ALL
SELECT 'collation', n.nspname, k.collname, NULL
FROM pg_collation k JOIN pg_namespace n ON n.oid = k.collnamespace
JOIN pg_collation s ON s.collname = k.collname AND s.collnamespace = 'pg_catalog'::regnamespace
WHERE {namespaces} AND NOT pg_collation_is_visible(k.oid)
-- {end}
