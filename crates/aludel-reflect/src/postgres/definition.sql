-- Objects of the kinds that are data: one branch a kind, all with the same columns. Arrays hold the
-- parts of their elements one behind the other.
WITH relation AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.relowner, c.reloptions, c.relacl
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm') AND {namespaces}
      AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid
                      AND e.deptype = 'e')
), domain AS (
    SELECT t.*, n.nspname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype = 'd' AND {namespaces}
      AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid
                      AND e.deptype = 'e')
), dependency AS (
    SELECT r.ev_class AS oid, d.refclassid, d.refobjid, d.refobjsubid
    FROM relation v JOIN pg_rewrite r ON r.ev_class = v.oid
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    WHERE d.deptype = 'n' AND d.refobjid <> v.oid AND d.refobjid >= 16384
    UNION ALL
    SELECT d.objid, d.refclassid, d.refobjid, d.refobjsubid
    FROM domain t JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = t.oid
    WHERE d.deptype = 'n' AND d.refobjid >= 16384
), named AS (
    SELECT DISTINCT p.oid,
           CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
                WHEN 'f' THEN 'foreign table' ELSE CASE WHEN a.attname IS NULL THEN 'table' ELSE 'column' END END AS kind,
           n.nspname, CASE WHEN c.relkind IN ('r', 'p') AND a.attname IS NOT NULL THEN c.relname END AS table_name,
           CASE WHEN c.relkind IN ('r', 'p') THEN coalesce(a.attname, c.relname) ELSE c.relname END AS name
    FROM dependency p JOIN pg_class c ON c.oid = p.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.refobjsubid AND a.attnum > 0
    WHERE p.refclassid = 'pg_class'::regclass
    UNION
    SELECT p.oid, CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' ELSE 'type' END, n.nspname, NULL, t.typname
    FROM dependency p JOIN pg_type t ON t.oid = p.refobjid JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE p.refclassid = 'pg_type'::regclass
    UNION
    SELECT p.oid, 'constraint', n.nspname, c.relname, k.conname
    FROM dependency p JOIN pg_constraint k ON k.oid = p.refobjid JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE p.refclassid = 'pg_constraint'::regclass
)
SELECT CASE v.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END AS kind, v.nspname AS namespace,
       v.relname::text AS name, pg_get_viewdef(v.oid) AS body,
       ARRAY(SELECT x.part FROM unnest(v.reloptions) o,
             unnest(ARRAY['option', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)]) WITH ORDINALITY x(part, at)
             ORDER BY o, x.at) AS clauses,
       ARRAY(SELECT x.part FROM pg_attribute a,
             unnest(ARRAY[a.attname::text, format_type(a.atttypid, a.atttypmod)]) WITH ORDINALITY x(part, at)
             WHERE a.attrelid = v.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum, x.at) AS shape,
       ARRAY(SELECT x.part FROM named d,
             unnest(ARRAY[d.kind, d.nspname::text, coalesce(d.table_name::text, ''), d.name::text]) WITH ORDINALITY x(part, at)
             WHERE d.oid = v.oid ORDER BY d.kind, d.nspname, d.table_name, d.name, x.at) AS depends_on,
       (SELECT d.description FROM pg_description d WHERE d.objoid = v.oid AND d.classoid = 'pg_class'::regclass
        AND d.objsubid = 0) AS comment,
       ARRAY(SELECT x.part FROM pg_description d
             JOIN pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid,
             unnest(ARRAY[a.attname::text, d.description]) WITH ORDINALITY x(part, at)
             WHERE d.objoid = v.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid > 0
             ORDER BY a.attnum, x.at) AS column_comments,
       CASE WHEN pg_get_userbyid(v.relowner) <> current_user THEN pg_get_userbyid(v.relowner)::text END AS owner,
       ARRAY(SELECT x.part
             FROM (SELECT ''::text AS attname, g.* FROM aclexplode(v.relacl) g
                   UNION ALL
                   SELECT a.attname, g.* FROM pg_attribute a, aclexplode(a.attacl) g WHERE a.attrelid = v.oid) p,
             unnest(ARRAY[p.privilege_type, p.attname::text,
                          CASE WHEN p.grantee = 0 THEN '' ELSE pg_get_userbyid(p.grantee)::text END,
                          p.is_grantable::text]) WITH ORDINALITY x(part, at)
             WHERE p.grantee <> v.relowner
             ORDER BY p.attname, p.grantee, p.privilege_type, x.at) AS grants,
       ARRAY(SELECT x.part
             FROM (SELECT 'trigger' AS kind, t.tgname AS name FROM pg_trigger t
                   WHERE t.tgrelid = v.oid AND NOT t.tgisinternal
                   UNION ALL
                   SELECT 'rule', r.rulename FROM pg_rewrite r WHERE r.ev_class = v.oid AND r.rulename <> '_RETURN'
                   UNION ALL
                   SELECT 'column', a.attname FROM pg_attrdef f
                   JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum WHERE f.adrelid = v.oid) l,
             unnest(ARRAY[l.kind, l.name::text]) WITH ORDINALITY x(part, at)
             ORDER BY l.kind, l.name, x.at) AS lost
FROM relation v
UNION ALL
SELECT 'domain', t.nspname, t.typname, format_type(t.typbasetype, t.typtypmod),
       ARRAY(SELECT x.part
             FROM (SELECT 1 AS rank, 'collate' AS word, ''::text AS name,
                          (SELECT CASE WHEN n.nspname = 'pg_catalog' OR pg_collation_is_visible(k.oid)
                                       THEN '' ELSE quote_ident(n.nspname) || '.' END || quote_ident(k.collname)
                           FROM pg_collation k JOIN pg_namespace n ON n.oid = k.collnamespace
                           WHERE k.oid = t.typcollation) AS text
                   FROM pg_type b WHERE b.oid = t.typbasetype AND t.typcollation <> b.typcollation
                   UNION ALL
                   SELECT 2, 'default', '', t.typdefault WHERE t.typdefault IS NOT NULL
                   UNION ALL
                   SELECT 3, 'not null', '', '' WHERE t.typnotnull
                   UNION ALL
                   SELECT 4, 'constraint', k.conname, pg_get_constraintdef(k.oid)
                   FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c') p,
             unnest(ARRAY[p.word, p.name, p.text]) WITH ORDINALITY x(part, at)
             ORDER BY p.rank, p.name, x.at),
       '{}', ARRAY(SELECT x.part FROM named d,
             unnest(ARRAY[d.kind, d.nspname::text, coalesce(d.table_name::text, ''), d.name::text]) WITH ORDINALITY x(part, at)
             WHERE d.oid = t.oid ORDER BY d.kind, d.nspname, d.table_name, d.name, x.at),
       (SELECT d.description FROM pg_description d WHERE d.objoid = t.oid AND d.classoid = 'pg_type'::regclass),
       '{}', CASE WHEN pg_get_userbyid(t.typowner) <> current_user THEN pg_get_userbyid(t.typowner)::text END,
       ARRAY(SELECT x.part FROM aclexplode(t.typacl) g,
             unnest(ARRAY[g.privilege_type, '', pg_get_userbyid(g.grantee)::text, g.is_grantable::text])
                 WITH ORDINALITY x(part, at)
             WHERE g.grantee NOT IN (0, t.typowner) ORDER BY g.grantee, x.at),
       '{}'
FROM domain t
ORDER BY 1, 2, 3
