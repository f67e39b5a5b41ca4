SELECT d.classid::regclass::text AS catalog, d.objid
FROM pg_depend d
WHERE d.deptype = 'e' AND d.classid IN ('pg_class'::regclass, 'pg_type'::regclass, 'pg_namespace'::regclass)
