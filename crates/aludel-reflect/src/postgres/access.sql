-- Tables, sequences, enum types and schemas that another role owns, or on which others have
-- privileges. Lines between `{if column privileges}` and `{end}` are there if any column has some.
WITH mine AS (
    SELECT n.oid, n.nspname, n.nspowner, n.nspacl FROM pg_namespace n WHERE {namespaces}
), member AS (
    SELECT e.classid, e.objid FROM pg_depend e WHERE e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
-- {if column privileges}
), granted_on AS MATERIALIZED (
    SELECT DISTINCT a.attrelid FROM pg_attribute a WHERE a.attrelid >= 16384 AND a.attacl IS NOT NULL
-- {end}
), object AS (
    SELECT CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind, m.nspname AS namespace, c.relname AS name,
           c.relowner AS owner, c.relacl AS acl, false AS is_public, c.oid AS columns_of
    FROM pg_class c JOIN mine m ON m.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'S') AND NOT c.relispartition
      AND NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid)
    UNION ALL
    SELECT 'enum', m.nspname, t.typname, t.typowner, t.typacl, true, NULL
    FROM pg_type t JOIN mine m ON m.oid = t.typnamespace
    WHERE t.typtype = 'e' AND NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid)
    UNION ALL
    SELECT 'schema', NULL, m.nspname, m.nspowner, m.nspacl, m.nspname = 'public', NULL
    FROM mine m
    WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_namespace'::regclass AND e.objid = m.oid)
)
SELECT d.kind, d.namespace, d.name,
{belongings}
FROM object d
WHERE d.acl IS NOT NULL OR pg_get_userbyid(d.owner) <> current_user
-- {if column privileges}
   OR d.columns_of IN (SELECT g.attrelid FROM granted_on g)
-- {end}
ORDER BY 1, 2, 3
