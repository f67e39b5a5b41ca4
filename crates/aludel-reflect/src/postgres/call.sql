-- The functions, aggregates and operators that the server calls for the texts of tables, as far as they are not its
-- own ones. An index has them for all of its texts together. Before PostgreSQL 15 it is a generated column that depends
-- on them, and not its expression: it would go with a function that is dropped, without CASCADE.
SELECT CASE WHEN coalesce(a.oid, o.generated) IS NOT NULL THEN 'column' WHEN k.oid IS NOT NULL THEN 'constraint'
            WHEN p.partrelid IS NOT NULL THEN 'table' ELSE 'index' END AS part,
       coalesce(a.adrelid, o.generated, k.oid, i.indexrelid, p.partrelid) AS oid, coalesce(a.adnum, q.objsubid) AS number,
       q.kind, q.namespace, q.name, q.signature
FROM (
    SELECT d.classid, d.objid, d.objsubid,
           CASE f.prokind WHEN 'a' THEN 'aggregate' ELSE 'function' END AS kind,
           s.nspname AS namespace, f.proname AS name, {signature_of_f} AS signature
    FROM pg_depend d JOIN pg_proc f ON f.oid = d.refobjid JOIN pg_namespace s ON s.oid = f.pronamespace
    LEFT JOIN pg_aggregate g ON g.aggfnoid = f.oid
    WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid >= 16384
    UNION ALL
    SELECT d.classid, d.objid, d.objsubid, 'operator', s.nspname, o.oprname, {signature_of_o}
    FROM pg_depend d JOIN pg_operator o ON o.oid = d.refobjid JOIN pg_namespace s ON s.oid = o.oprnamespace
    WHERE d.refclassid = 'pg_operator'::regclass AND d.refobjid >= 16384) q
CROSS JOIN LATERAL (SELECT CASE WHEN q.classid = 'pg_class'::regclass AND q.objsubid > 0 THEN q.objid END AS generated) o
LEFT JOIN pg_attrdef a ON q.classid = 'pg_attrdef'::regclass AND a.oid = q.objid
LEFT JOIN pg_constraint k ON q.classid = 'pg_constraint'::regclass AND k.oid = q.objid
LEFT JOIN pg_index i ON q.classid = 'pg_class'::regclass AND i.indexrelid = q.objid
LEFT JOIN pg_partitioned_table p ON q.classid = 'pg_class'::regclass AND q.objsubid = 0 AND p.partrelid = q.objid
JOIN pg_class c ON c.oid = coalesce(a.adrelid, o.generated, k.conrelid, i.indrelid, p.partrelid)
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {namespaces}
