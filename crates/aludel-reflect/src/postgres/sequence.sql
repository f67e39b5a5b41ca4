SELECT s.seqrelid, format_type(s.seqtypid, NULL) AS data_type, s.seqstart, s.seqincrement, s.seqmax, s.seqmin,
       s.seqcache, s.seqcycle, c.relpersistence = 'u' AS is_unlogged, e.description AS comment, d.refobjid, d.refobjsubid, d.deptype
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
LEFT JOIN pg_description e ON e.objoid = s.seqrelid AND e.classoid = 'pg_class'::regclass
LEFT JOIN pg_depend d ON d.objid = s.seqrelid AND d.classid = 'pg_class'::regclass
    AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
