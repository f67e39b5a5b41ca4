-- Domains, composite types and range types.
SELECT 'pg_type'::regclass, 'pg_type', t.oid,
       CASE t.typtype WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range type' ELSE 'composite type' END,
       m.nspname, NULL, t.typname, NULL,
       CASE t.typtype
           WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod)
           WHEN 'r' THEN '(' || concat_ws(', ',
               'subtype = ' || format_type(r.rngsubtype, NULL),
               (SELECT 'subtype_opclass = ' || CASE WHEN pg_opclass_is_visible(o.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END || quote_ident(o.opcname)
                FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace WHERE o.oid = r.rngsubopc AND NOT o.opcdefault),
               (SELECT 'collation = ' || CASE WHEN pg_collation_is_visible(k.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END || quote_ident(k.collname)
                FROM pg_collation k JOIN pg_namespace n ON n.oid = k.collnamespace JOIN pg_type s ON s.oid = r.rngsubtype
                WHERE k.oid = r.rngcollation AND k.oid <> s.typcollation),
               'canonical = ' || {function r.rngcanonical},
               'subtype_diff = ' || {function r.rngsubdiff},
               'multirange_type_name = ' || format_type(r.rngmultitypid, NULL)) || ')'
           ELSE '' END,
       ARRAY(SELECT x.part
             FROM (SELECT 1 AS rank, 'collate' AS word, ''::text AS name,
                          (SELECT CASE WHEN pg_collation_is_visible(k.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END || quote_ident(k.collname)
                           FROM pg_collation k JOIN pg_namespace n ON n.oid = k.collnamespace WHERE k.oid = t.typcollation) AS text
                   FROM pg_type b WHERE b.oid = t.typbasetype AND t.typcollation <> b.typcollation
                   UNION ALL
                   SELECT 2, 'default', '', coalesce(pg_get_expr(t.typdefaultbin, 'pg_type'::regclass), t.typdefault)
                   WHERE t.typdefault IS NOT NULL
                   UNION ALL
                   -- From PostgreSQL 17 on it has a name.
                   SELECT 3, CASE WHEN k.conname <> left(t.typname, 54) || '_not_null' THEN 'not null name' ELSE 'not null' END,
                          coalesce(k.conname, ''), ''
                   FROM (SELECT t.oid AS of) d LEFT JOIN pg_constraint k ON k.contypid = d.of AND k.contype = 'n' WHERE t.typnotnull
                   UNION ALL
                   -- CREATE DOMAIN does not know NOT VALID.
                   SELECT 4, 'constraint', k.conname, regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '')
                   FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'
                   UNION ALL
                   SELECT 5, 'comment on constraint', k.conname, e.description
                   FROM pg_constraint k JOIN pg_description e ON e.objoid = k.oid AND e.classoid = 'pg_constraint'::regclass
                   WHERE k.contypid = t.oid AND k.contype IN ('c', 'n')
                   UNION ALL
                   SELECT 4 + a.attnum, 'attribute', a.attname,
                          format_type(a.atttypid, a.atttypmod) || coalesce(
                              (SELECT ' COLLATE ' || CASE WHEN pg_collation_is_visible(k.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END || quote_ident(k.collname)
                               FROM pg_collation k JOIN pg_namespace n ON n.oid = k.collnamespace JOIN pg_type s ON s.oid = a.atttypid
                               WHERE k.oid = a.attcollation AND k.oid <> s.typcollation), '')
                   FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) p,
             unnest(ARRAY[p.word, p.name, p.text]) WITH ORDINALITY x(part, at)
             ORDER BY p.rank, p.name, x.at),
       '{}', t.typowner, t.typacl, true, nullif(t.typrelid, 0)
FROM pg_type t JOIN mine m ON m.oid = t.typnamespace LEFT JOIN pg_range r ON r.rngtypid = t.oid
WHERE (t.typtype IN ('d', 'r') OR (t.typtype = 'c' AND (SELECT c.relkind FROM pg_class c WHERE c.oid = t.typrelid) = 'c'))
  AND NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid)
