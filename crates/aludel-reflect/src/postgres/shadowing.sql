-- The types and routines of `pg_catalog` that have one of these names, if unqualified SQL finds them before those
-- of the default schema.
SELECT f.kind, f.name, f.signature
FROM (SELECT 'type' AS kind, t.typname AS name, NULL::text AS signature
      FROM pg_type t WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typname IN ({types})
      UNION ALL
      SELECT 'routine', f.proname, {signature_of_f}
      FROM pg_proc f LEFT JOIN pg_aggregate g ON g.aggfnoid = f.oid
      WHERE f.pronamespace = 'pg_catalog'::regnamespace AND f.proname IN ({routines})) f
WHERE array_position(current_schemas(true), 'pg_catalog') < array_position(current_schemas(true), current_schema())
