SELECT 'pg_statistic_ext'::regclass, 'pg_statistic_ext', s.oid, 'statistics', m.nspname, NULL, s.stxname, NULL,
       -- The server lists the columns in the order of the table, which can't be that of the models.
       (SELECT replace(substr(d.text, strpos(d.text, '.' || quote_ident(s.stxname) || ' ') + 2 + length(quote_ident(s.stxname))),
                       coalesce(' ON ' || k.by_number, ''), coalesce(' ON ' || k.by_name, ''))
        FROM pg_get_statisticsobjdef(s.oid) d(text),
             (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS by_number,
                     string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) AS by_name
              FROM pg_attribute a WHERE a.attrelid = s.stxrelid AND a.attnum = ANY (s.stxkeys)) k),
       CASE WHEN s.stxstattarget >= 0 THEN ARRAY['target', '', s.stxstattarget::text] ELSE '{}' END,
       '{}', s.stxowner, NULL, false, NULL
FROM pg_statistic_ext s JOIN mine m ON m.oid = s.stxnamespace
WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_statistic_ext'::regclass AND e.objid = s.oid)
