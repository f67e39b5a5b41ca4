-- The types of all columns, the options of those that have any, and whether there are privileges on any, in one
-- scan. The first object id of a user is 16384. Columns of other relations than tables do no harm.
SELECT u.atttypid, u.atttypmod, format_type(u.atttypid, u.atttypmod) AS name, u.relation, u.number, u.attoptions, u.has_grants
FROM (SELECT DISTINCT a.atttypid, a.atttypmod, a.attoptions, a.attacl IS NOT NULL AS has_grants,
             CASE WHEN a.attoptions IS NOT NULL THEN a.attrelid END AS relation,
             CASE WHEN a.attoptions IS NOT NULL THEN a.attnum END AS number
      FROM pg_attribute a
      WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped) u
