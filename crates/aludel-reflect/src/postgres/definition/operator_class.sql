-- Operator families and classes. What the server holds for a part of a class is said by the class, all
-- other parts by the family, as in a dump.
SELECT 'pg_opfamily'::regclass, 'pg_opfamily', f.oid, 'operator family', m.nspname, NULL, f.opfname, a.amname::text,
       '',
       ARRAY(SELECT x.part FROM class_member p,
             unnest(ARRAY['member', p.label, p.text]) WITH ORDINALITY x(part, at)
             WHERE p.family = f.oid AND p.class IS NULL ORDER BY p.label, x.at),
       '{}', f.opfowner, NULL, false, NULL
FROM pg_opfamily f JOIN mine m ON m.oid = f.opfnamespace JOIN pg_am a ON a.oid = f.opfmethod
WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_opfamily'::regclass AND e.objid = f.oid)
UNION ALL
SELECT 'pg_opclass'::regclass, 'pg_opclass', o.oid, 'operator class', m.nspname, NULL, o.opcname, a.amname::text,
       concat(CASE WHEN o.opcdefault THEN 'DEFAULT ' END, 'FOR TYPE ', format_type(o.opcintype, NULL), ' USING ', a.amname, ' FAMILY ',
           CASE WHEN pg_opfamily_is_visible(f.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END, quote_ident(f.opfname), ' AS ',
           coalesce(
               concat_ws(', ',
                   'STORAGE ' || format_type(nullif(o.opckeytype, 0), NULL),
                   (SELECT string_agg(p.text, ', ' ORDER BY p.label) FROM class_member p WHERE p.class = o.oid)),
               ''),
           -- A class has to say something, and its own type as the stored one says nothing.
           CASE WHEN o.opckeytype = 0 AND NOT EXISTS (SELECT FROM class_member p WHERE p.class = o.oid)
                THEN 'STORAGE ' || format_type(o.opcintype, NULL) END),
       '{}', '{}', o.opcowner, NULL, false, NULL
FROM pg_opclass o JOIN mine m ON m.oid = o.opcnamespace JOIN pg_am a ON a.oid = o.opcmethod
JOIN pg_opfamily f ON f.oid = o.opcfamily JOIN pg_namespace n ON n.oid = f.opfnamespace
WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_opclass'::regclass AND e.objid = o.oid)
