       -- The owner and the privileges of an object `d`.
       CASE WHEN pg_get_userbyid(d.owner) <> current_user THEN pg_get_userbyid(d.owner)::text END AS owner,
       ARRAY(SELECT x.part
             FROM (SELECT ''::text AS attname, g.* FROM aclexplode(d.acl) g
                   UNION ALL
                   SELECT a.attname, g.* FROM pg_attribute a, aclexplode(a.attacl) g WHERE a.attrelid = d.columns_of) p,
             unnest(ARRAY[p.privilege_type, p.attname::text,
                          CASE WHEN p.grantee = 0 THEN '' ELSE pg_get_userbyid(p.grantee)::text END,
                          p.is_grantable::text,
                          CASE WHEN p.grantor = d.owner THEN '' ELSE pg_get_userbyid(p.grantor)::text END]) WITH ORDINALITY x(part, at)
             WHERE p.grantee <> d.owner AND NOT (d.is_public AND p.grantee = 0 AND p.privilege_type <> 'CREATE')
             ORDER BY p.attname, p.grantee, p.privilege_type, p.grantor, x.at) AS grants,
       (d.is_public AND d.acl IS NOT NULL AND NOT EXISTS (SELECT FROM aclexplode(d.acl) g WHERE g.grantee = 0 AND g.privilege_type <> 'CREATE')) AS revoked_from_public
