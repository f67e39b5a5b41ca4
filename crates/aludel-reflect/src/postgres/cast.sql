-- The cast of a range to its multirange comes with the type. The other way there is none.
SELECT format_type(c.castsource, NULL) AS source, format_type(c.casttarget, NULL) AS target,
       CASE WHEN s.typtype = 'r' AND t.typtype = 'm' THEN 'r' ELSE c.castcontext END AS castcontext
FROM pg_cast c JOIN pg_type s ON s.oid = c.castsource JOIN pg_type t ON t.oid = c.casttarget
WHERE c.castsource <> c.casttarget
UNION ALL
SELECT format_type(rngmultitypid, NULL), format_type(rngtypid, NULL), 'm' FROM pg_range
