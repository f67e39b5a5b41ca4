-- The objects of `pg_catalog` that have one of these names, if unqualified SQL finds them before those of the
-- default schema.
SELECT f.kind, f.name, f.signature
FROM (SELECT 'type' AS kind, t.typname AS name, NULL::text AS signature
      FROM pg_type t WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typname IN ({names})
      UNION ALL
      SELECT 'function', f.proname, {signature_of_f}
      FROM pg_proc f LEFT JOIN pg_aggregate g ON g.aggfnoid = f.oid
      WHERE f.pronamespace = 'pg_catalog'::regnamespace AND f.proname IN ({names})
      UNION ALL
      SELECT 'table', c.relname, NULL
      FROM pg_class c WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relname IN ({names})
      UNION ALL
      SELECT 'operator', o.oprname, {signature_of_o}
      FROM pg_operator o WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oprname IN ({names})
      UNION ALL
      SELECT 'text search configuration', c.cfgname, NULL
      FROM pg_ts_config c WHERE c.cfgnamespace = 'pg_catalog'::regnamespace AND c.cfgname IN ({names})
      UNION ALL
      SELECT 'text search dictionary', d.dictname, NULL
      FROM pg_ts_dict d WHERE d.dictnamespace = 'pg_catalog'::regnamespace AND d.dictname IN ({names})
      UNION ALL
      SELECT DISTINCT 'collation', k.collname, NULL
      FROM pg_collation k WHERE k.collnamespace = 'pg_catalog'::regnamespace AND k.collname IN ({names})) f
WHERE array_position(current_schemas(true), 'pg_catalog') < array_position(current_schemas(true), current_schema())
