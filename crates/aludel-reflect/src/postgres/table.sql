SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, c.reloptions, NOT ({is_read}) AS is_left_out,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key, d.description AS comment,
       CASE WHEN c.relkind = 'r' AND NOT c.relispartition AND EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = c.oid)
           THEN ARRAY(SELECT h.inhparent FROM pg_inherits h WHERE h.inhrelid = c.oid ORDER BY h.inhseqno) END AS parents,
       c.relrowsecurity, c.relforcerowsecurity, c.relreplident, ty.typname, tn.nspname AS type_schema, s.spcname,
       am.amname, toast.reloptions AS toast_options
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
LEFT JOIN pg_type ty ON ty.oid = c.reloftype
LEFT JOIN pg_namespace tn ON tn.oid = ty.typnamespace
LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
LEFT JOIN pg_am am ON am.oid = c.relam AND am.amname <> 'heap'
LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
WHERE c.relkind IN ('r', 'p', 'S') AND {namespaces}
