SELECT format_type(c.castsource, NULL) AS source, format_type(c.casttarget, NULL) AS target, c.castcontext
FROM pg_cast c
WHERE c.castsource <> c.casttarget
