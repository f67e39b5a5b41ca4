-- The schema that the search path names before the one in which names without a schema are made, and that
-- is not there. That of the role's name is missing in most databases.
SELECT p.name AS schema
FROM (SELECT btrim(part, ' "') AS name, at
      FROM string_to_table(current_setting('search_path'), ',') WITH ORDINALITY s(part, at)) p
WHERE p.name NOT IN ('', '$user', 'pg_catalog', 'pg_temp') AND NOT EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = p.name)
  AND p.at < ALL (SELECT o.at FROM (SELECT replace(btrim(part, ' "'), '$user', current_user) AS name, at
                  FROM string_to_table(current_setting('search_path'), ',') WITH ORDINALITY s(part, at)) o
                  WHERE o.name = current_schema())
ORDER BY p.at LIMIT 1
