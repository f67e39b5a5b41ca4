SELECT DISTINCT e.extname, i.object_names AS names
FROM pg_extension e
JOIN pg_depend m ON m.refclassid = 'pg_extension'::regclass AND m.refobjid = e.oid AND m.deptype = 'e'
JOIN pg_depend d ON d.refclassid = m.classid AND d.refobjid = m.objid AND d.deptype IN ('n', 'a')
CROSS JOIN LATERAL pg_identify_object_as_address(d.classid, d.objid, d.objsubid) i
WHERE NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = d.classid AND x.objid = d.objid AND x.deptype = 'e')
  AND d.classid NOT IN ('pg_amop'::regclass, 'pg_amproc'::regclass)
