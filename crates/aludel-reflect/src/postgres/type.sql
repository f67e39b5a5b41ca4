-- The types of all columns, the options of those that have any, and whether there are privileges on any, in one
-- scan. The first object id of a user is 16384. Columns of other relations than tables do no harm. The server leaves
-- out the schema of a type that it finds by the search path. A scratch has few columns, which need no scan.
SELECT u.atttypid, u.atttypmod, format_type(u.atttypid, u.atttypmod) AS name, u.relation, u.number, u.attoptions, u.has_grants,
       CASE t.typcategory WHEN 'A' THEN t.typelem ELSE t.oid END AS element, (SELECT n.nspname FROM pg_namespace n WHERE n.oid = t.typnamespace) AS unsaid
FROM (SELECT DISTINCT a.atttypid, a.atttypmod, a.attoptions, a.attacl IS NOT NULL AS has_grants,
             CASE WHEN a.attoptions IS NOT NULL THEN a.attrelid END AS relation,
             CASE WHEN a.attoptions IS NOT NULL THEN a.attnum END AS number
      FROM pg_attribute a
      WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped{of_scope_a}) u
LEFT JOIN pg_type t ON t.oid = u.atttypid AND t.oid >= 16384 AND pg_type_is_visible(t.oid)
