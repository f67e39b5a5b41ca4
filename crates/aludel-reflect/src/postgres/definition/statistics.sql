SELECT 'pg_statistic_ext'::regclass, 'pg_statistic_ext', s.oid, 'statistics', m.nspname, NULL, s.stxname, NULL,
       (SELECT substr(d.text, strpos(d.text, '.' || quote_ident(s.stxname) || ' ') + 2 + length(quote_ident(s.stxname)))
        FROM pg_get_statisticsobjdef(s.oid) d(text)),
       CASE WHEN s.stxstattarget >= 0 THEN ARRAY['target', '', s.stxstattarget::text] ELSE '{}' END,
       '{}', s.stxowner, NULL, false, NULL
FROM pg_statistic_ext s JOIN mine m ON m.oid = s.stxnamespace
WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_statistic_ext'::regclass AND e.objid = s.oid)
