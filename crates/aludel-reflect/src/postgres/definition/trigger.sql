-- Triggers, rules and policies.
SELECT 'pg_trigger'::regclass, 'pg_trigger', t.oid, 'trigger', c.nspname, c.relname, t.tgname, NULL,
       replace(substr(d.text, strpos(d.text, h.text) + length(h.text)), ' ON ' || c.full_name || ' ', ' ON ' || c.seen_name || ' '),
       CASE WHEN t.tgconstraint <> 0 THEN ARRAY['constraint', '', ''] ELSE '{}' END
       || CASE t.tgenabled WHEN 'D' THEN ARRAY['enabled', '', 'DISABLE'] WHEN 'R' THEN ARRAY['enabled', '', 'ENABLE REPLICA']
               WHEN 'A' THEN ARRAY['enabled', '', 'ENABLE ALWAYS'] ELSE '{}' END
       || ARRAY(SELECT x.part FROM extension_of e, unnest(ARRAY['depends on extension', e.name, '']) WITH ORDINALITY x(part, at)
                WHERE e.classid = 'pg_trigger'::regclass AND e.objid = t.oid ORDER BY e.name, x.at),
       '{}', NULL, NULL, false, NULL
FROM relation c JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgparentid = 0,
     LATERAL (SELECT pg_get_triggerdef(t.oid) AS text) d, LATERAL (SELECT 'TRIGGER ' || quote_ident(t.tgname) || ' ' AS text) h
UNION ALL
SELECT 'pg_rewrite'::regclass, 'pg_rewrite', r.oid, 'rule', c.nspname, c.relname, r.rulename, NULL,
       replace(ltrim(substr(d.text, strpos(d.text, h.text) + length(h.text))), ' TO ' || c.full_name, ' TO ' || c.seen_name),
       CASE r.ev_enabled WHEN 'D' THEN ARRAY['enabled', '', 'DISABLE'] WHEN 'R' THEN ARRAY['enabled', '', 'ENABLE REPLICA']
            WHEN 'A' THEN ARRAY['enabled', '', 'ENABLE ALWAYS'] ELSE '{}' END,
       '{}', NULL, NULL, false, NULL
FROM relation c JOIN pg_rewrite r ON r.ev_class = c.oid AND r.rulename <> '_RETURN',
     LATERAL (SELECT pg_get_ruledef(r.oid) AS text) d, LATERAL (SELECT 'RULE ' || quote_ident(r.rulename) || ' AS' AS text) h
UNION ALL
SELECT 'pg_policy'::regclass, 'pg_policy', p.oid, 'policy', c.nspname, c.relname, p.polname, NULL,
       'ON ' || c.seen_name || CASE WHEN p.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END
       || CASE p.polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE'
               WHEN 'd' THEN ' FOR DELETE' ELSE '' END,
       CASE WHEN p.polroles = '{0}' THEN '{}' ELSE ARRAY['roles', '', (
           SELECT string_agg(CASE WHEN o.oid = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(o.oid)) END, ', ' ORDER BY pg_get_userbyid(o.oid))
           FROM unnest(p.polroles) o(oid))] END
       || CASE WHEN p.polqual IS NULL THEN '{}' ELSE ARRAY['using', '', '(' || pg_get_expr(p.polqual, p.polrelid) || ')'] END
       || CASE WHEN p.polwithcheck IS NULL THEN '{}' ELSE ARRAY['check', '', '(' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'] END,
       '{}', NULL, NULL, false, NULL
FROM relation c JOIN pg_policy p ON p.polrelid = c.oid
UNION ALL
SELECT 'pg_event_trigger'::regclass, 'pg_event_trigger', t.oid, 'event trigger', NULL, NULL, t.evtname, NULL,
       'ON ' || t.evtevent
       || coalesce(' WHEN TAG IN (' || (SELECT string_agg(quote_literal(tag), ', ') FROM unnest(t.evttags) tag) || ')', '')
       || ' EXECUTE FUNCTION ' || {function t.evtfoid} || '()',
       CASE t.evtenabled WHEN 'D' THEN ARRAY['enabled', '', 'DISABLE'] WHEN 'R' THEN ARRAY['enabled', '', 'ENABLE REPLICA']
            WHEN 'A' THEN ARRAY['enabled', '', 'ENABLE ALWAYS'] ELSE '{}' END,
       '{}', t.evtowner, NULL, false, NULL
FROM pg_event_trigger t
WHERE {is_new_t}
  AND NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_event_trigger'::regclass AND e.objid = t.oid)
