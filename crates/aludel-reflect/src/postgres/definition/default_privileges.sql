-- Default privileges. A role has all privileges on its own objects, and everybody may run functions
-- and use types, unless that is revoked for the whole database.
SELECT 'pg_default_acl'::regclass, 'pg_default_acl', a.oid, 'default privileges', NULL, NULL, a.sort, a.whom, '', a.clauses,
       '{}', NULL, NULL, false, NULL
FROM (SELECT d.oid,
             CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                                  WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' END AS sort,
             'FOR ROLE ' || quote_ident(pg_get_userbyid(d.defaclrole)) || coalesce(' IN SCHEMA ' || quote_ident(m.nspname), '') AS whom,
             ARRAY(SELECT x.part
                   FROM (SELECT CASE WHEN g.grantee = 0 THEN 'public' WHEN g.is_grantable THEN 'grant option' ELSE 'grant' END AS word,
                                CASE WHEN g.grantee = 0 THEN '' ELSE pg_get_userbyid(g.grantee)::text END AS role,
                                CASE count(*) WHEN (CASE d.defaclobjtype WHEN 'r' THEN {privileges_of_tables} WHEN 'S' THEN 3 WHEN 'n' THEN 2 ELSE 1 END)
                                              THEN 'ALL' ELSE string_agg(g.privilege_type, ', ' ORDER BY g.privilege_type) END AS text
                         FROM aclexplode(d.defaclacl) g
                         WHERE g.grantee <> d.defaclrole
                           AND NOT (g.grantee = 0 AND d.defaclnamespace = 0 AND d.defaclobjtype IN ('f', 'T'))
                         GROUP BY 1, 2
                         UNION ALL
                         SELECT 'revoked', '', ''
                         WHERE d.defaclnamespace = 0 AND d.defaclobjtype IN ('f', 'T')
                           AND NOT EXISTS (SELECT FROM aclexplode(d.defaclacl) g WHERE g.grantee = 0)) c,
                        unnest(ARRAY[c.word, c.role, c.text]) WITH ORDINALITY x(part, at)
                   ORDER BY c.word, c.role, x.at) AS clauses
      FROM pg_default_acl d LEFT JOIN mine m ON m.oid = d.defaclnamespace
      WHERE {is_new_d} AND (d.defaclnamespace = 0 OR m.oid IS NOT NULL) AND d.defaclobjtype IN ('r', 'S', 'f', 'T', 'n')) a
WHERE a.clauses <> '{}'
