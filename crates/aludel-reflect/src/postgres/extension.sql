SELECT e.extname, n.nspname, e.extversion, CASE WHEN d.description IS DISTINCT FROM a.comment THEN d.description END AS comment,
       ARRAY(SELECT r.extname::text FROM pg_depend p JOIN pg_extension r ON r.oid = p.refobjid
             WHERE p.objid = e.oid AND p.classid = 'pg_extension'::regclass AND p.refclassid = 'pg_extension'::regclass
             ORDER BY 1) AS requires,
       ARRAY(SELECT t.typname::text FROM pg_depend p JOIN pg_type t ON t.oid = p.objid
             WHERE p.refobjid = e.oid AND p.refclassid = 'pg_extension'::regclass AND p.classid = 'pg_type'::regclass
               AND p.deptype = 'e' AND t.typnamespace = e.extnamespace ORDER BY 1) AS types,
       ARRAY(SELECT o.opcname::text FROM pg_depend p JOIN pg_opclass o ON o.oid = p.objid
             WHERE p.refobjid = e.oid AND p.refclassid = 'pg_extension'::regclass AND p.classid = 'pg_opclass'::regclass
               AND p.deptype = 'e' AND o.opcnamespace = e.extnamespace ORDER BY 1) AS operator_classes,
       NOT e.extrelocatable AS is_fixed
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
LEFT JOIN pg_description d ON d.objoid = e.oid AND d.classoid = 'pg_extension'::regclass
LEFT JOIN pg_available_extensions() a ON a.name = e.extname
WHERE e.extname <> 'plpgsql'
