-- The functions, aggregates and operators that the server calls for the texts of tables, as far as they are not its
-- own ones. An index has them for all of its texts together.
SELECT p.part, p.oid, p.number, q.kind, q.namespace, q.name, q.signature
FROM (
    SELECT 'pg_attrdef'::regclass AS classid, a.oid AS objid, 'column' AS part, a.adrelid AS oid, a.adnum AS number, a.adrelid AS relation
    FROM pg_attrdef a
    UNION ALL
    SELECT 'pg_constraint'::regclass, k.oid, 'constraint', k.oid, 0, k.conrelid FROM pg_constraint k
    UNION ALL
    SELECT 'pg_class'::regclass, i.indexrelid, 'index', i.indexrelid, 0, i.indrelid FROM pg_index i) p
JOIN (
    SELECT d.classid, d.objid, CASE f.prokind WHEN 'a' THEN 'aggregate' ELSE 'function' END AS kind,
           s.nspname AS namespace, f.proname AS name, {signature_of_f} AS signature
    FROM pg_depend d JOIN pg_proc f ON f.oid = d.refobjid JOIN pg_namespace s ON s.oid = f.pronamespace
    LEFT JOIN pg_aggregate g ON g.aggfnoid = f.oid
    WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid >= 16384
    UNION ALL
    SELECT d.classid, d.objid, 'operator', s.nspname, o.oprname, {signature_of_o}
    FROM pg_depend d JOIN pg_operator o ON o.oid = d.refobjid JOIN pg_namespace s ON s.oid = o.oprnamespace
    WHERE d.refclassid = 'pg_operator'::regclass AND d.refobjid >= 16384) q ON q.classid = p.classid AND q.objid = p.objid
JOIN pg_class c ON c.oid = p.relation
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {namespaces}
