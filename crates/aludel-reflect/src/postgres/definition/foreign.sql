-- Foreign-data wrappers, servers, user mappings and foreign tables. Options with a secret are not
-- read.
SELECT 'pg_foreign_data_wrapper'::regclass, 'pg_foreign_data_wrapper', w.oid, 'foreign-data wrapper', NULL, NULL, w.fdwname, NULL,
       '',
       CASE WHEN w.fdwhandler = 0 THEN '{}' ELSE ARRAY['handler', '', w.fdwhandler::regproc::text] END
       || CASE WHEN w.fdwvalidator = 0 THEN '{}' ELSE ARRAY['validator', '', w.fdwvalidator::regproc::text] END
       || {options_of_w.fdwoptions},
       '{}', w.fdwowner, w.fdwacl, false, NULL
FROM pg_foreign_data_wrapper w
WHERE {is_new_w} AND NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_foreign_data_wrapper'::regclass AND e.objid = w.oid)
UNION ALL
SELECT 'pg_foreign_server'::regclass, 'pg_foreign_server', s.oid, 'foreign server', NULL, NULL, s.srvname, NULL,
       'FOREIGN DATA WRAPPER ' || (SELECT quote_ident(w.fdwname) FROM pg_foreign_data_wrapper w WHERE w.oid = s.srvfdw),
       CASE WHEN s.srvtype IS NULL THEN '{}' ELSE ARRAY['type', '', quote_literal(s.srvtype)] END
       || CASE WHEN s.srvversion IS NULL THEN '{}' ELSE ARRAY['version', '', quote_literal(s.srvversion)] END
       || {options_of_s.srvoptions},
       '{}', s.srvowner, s.srvacl, false, NULL
FROM pg_foreign_server s
WHERE {is_new_s} AND NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_foreign_server'::regclass AND e.objid = s.oid)
UNION ALL
SELECT 'pg_user_mapping'::regclass, 'pg_user_mapping', u.umid, 'user mapping', NULL, NULL, u.srvname,
       CASE WHEN u.umuser = 0 THEN 'PUBLIC' ELSE quote_ident(u.usename) END,
       '', {options_of_u.umoptions}, '{}', NULL, NULL, false, NULL
FROM pg_user_mappings u
WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_foreign_server'::regclass AND e.objid = u.srvid)
UNION ALL
SELECT 'pg_class'::regclass, 'pg_class', c.oid, 'foreign table', c.nspname, NULL, c.relname, NULL,
       '',
       ARRAY(WITH attribute AS (
                 SELECT a.attnum, a.attname, a.attnotnull,
                        -- PostgreSQL 18: a name of its own. A usual one may have a number.
                        (SELECT quote_ident(k.conname) FROM pg_constraint k
                         WHERE k.conrelid = c.oid AND k.contype = 'n' AND k.conkey[1] = a.attnum
                           AND octet_length(c.relname) + octet_length(a.attname) < 53
                           AND rtrim(k.conname, '0123456789') <> c.relname || '_' || a.attname || '_not_null') AS not_null,
                        a.attgenerated, format_type(a.atttypid, a.atttypmod) AS sql_type,
                        (SELECT CASE WHEN pg_collation_is_visible(k.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END || quote_ident(k.collname)
                         FROM pg_collation k JOIN pg_namespace n ON n.oid = k.collnamespace JOIN pg_type s ON s.oid = a.atttypid
                         WHERE k.oid = a.attcollation AND k.oid <> s.typcollation) AS collation,
                        (SELECT pg_get_expr(f.adbin, f.adrelid) FROM pg_attrdef f WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum) AS expression,
                        nullif(array_to_string(ARRAY(
                            SELECT quote_ident(split_part(o, '=', 1)) || ' ' || quote_literal(substr(o, strpos(o, '=') + 1))
                            FROM unnest(a.attfdwoptions) o ORDER BY 1), ', '), '') AS options
                 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
             SELECT x.part
             FROM (SELECT a.attnum AS rank, CASE a.attgenerated WHEN '' THEN 'attribute' ELSE 'generated attribute' END AS word,
                          a.attname::text AS name,
                          a.sql_type || coalesce(' COLLATE ' || a.collation, '')
                          || CASE a.attgenerated WHEN '' THEN '' WHEN 's' THEN ' GENERATED ALWAYS AS (' || a.expression || ') STORED'
                                  ELSE ' GENERATED ALWAYS AS (' || a.expression || ') VIRTUAL' END AS text
                   FROM attribute a
                   UNION ALL
                   SELECT a.attnum, 'default', a.attname, a.expression FROM attribute a WHERE a.attgenerated = '' AND a.expression IS NOT NULL
                   UNION ALL
                   SELECT a.attnum, CASE WHEN a.not_null IS NULL THEN 'not null' ELSE 'named not null' END, a.attname, coalesce(a.not_null, '')
                   FROM attribute a WHERE a.attnotnull
                   UNION ALL
                   SELECT a.attnum, 'foreign options', a.attname, a.options FROM attribute a WHERE a.options IS NOT NULL
                   UNION ALL
                   SELECT 10000, 'constraint', k.conname, pg_get_constraintdef(k.oid)
                   FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c') p,
             unnest(ARRAY[p.word, p.name, p.text]) WITH ORDINALITY x(part, at)
             ORDER BY p.rank, p.name, p.word, x.at)
       || ARRAY['server', '', quote_ident(s.srvname)] || {options_of_t.ftoptions}
       || ARRAY(SELECT x.part
                FROM pg_attribute a, LATERAL (
                    SELECT 'statistics' AS word, a.attstattarget::text AS text WHERE a.attstattarget >= 0
                    UNION ALL
                    SELECT 'column options', array_to_string(a.attoptions, ', ') WHERE a.attoptions IS NOT NULL) p,
                unnest(ARRAY[p.word, a.attname::text, p.text]) WITH ORDINALITY x(part, at)
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                ORDER BY a.attnum, p.word, x.at),
       ARRAY(SELECT x.part FROM pg_attribute a,
             unnest(ARRAY[a.attname::text, format_type(a.atttypid, a.atttypmod)]) WITH ORDINALITY x(part, at)
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum, x.at),
       c.relowner, c.relacl, false, c.oid
FROM relation c JOIN pg_foreign_table t ON t.ftrelid = c.oid JOIN pg_foreign_server s ON s.oid = t.ftserver
WHERE c.relkind = 'f'
