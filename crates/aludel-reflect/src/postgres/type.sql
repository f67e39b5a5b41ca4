SELECT u.atttypid, u.atttypmod, format_type(u.atttypid, u.atttypmod) AS name
FROM (SELECT DISTINCT a.atttypid, a.atttypmod
      FROM pg_attribute a
      -- The first object id of a user is 16384. The types of other relations do no harm.
      WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped) u
