SELECT u.atttypid, u.atttypmod, format_type(u.atttypid, u.atttypmod) AS name
FROM (SELECT DISTINCT a.atttypid, a.atttypmod
      FROM pg_attribute a
      JOIN pg_class c ON c.oid = a.attrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND {namespaces}) u
