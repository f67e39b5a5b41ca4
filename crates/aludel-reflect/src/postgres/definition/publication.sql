-- Publications.
SELECT 'pg_publication'::regclass, 'pg_publication', p.oid, 'publication', NULL, NULL, p.pubname, NULL,
       CASE WHEN p.puballtables THEN 'FOR ALL TABLES' ELSE '' END,
       coalesce((SELECT ARRAY['objects', '', {publication_tables} string_agg(o.text, ', ' ORDER BY o.text)]
                 FROM (SELECT {publication_table} CASE WHEN c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits h WHERE h.inhparent = c.oid)
                               THEN 'ONLY ' ELSE '' END || r.prrelid::regclass || {publication_columns} || {publication_filter} AS text
                       FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid WHERE r.prpubid = p.oid
                       UNION ALL
                       {publication_schemas}) o
                 HAVING count(*) > 0), '{}')
       || ARRAY['options', '', 'publish = ' || quote_literal(concat_ws(', ',
              CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
              CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END))
          || ', publish_via_partition_root = ' || p.pubviaroot
          || CASE to_jsonb(p) ->> 'pubgencols' WHEN 's' THEN ', publish_generated_columns = stored'
                 WHEN 'n' THEN ', publish_generated_columns = none' ELSE '' END],
       '{}', p.pubowner, NULL, false, NULL
FROM pg_publication p
WHERE {is_new_p} AND NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_publication'::regclass AND e.objid = p.oid)
