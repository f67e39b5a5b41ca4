-- Collations and what text search is made of.
SELECT 'pg_collation'::regclass, 'pg_collation', k.oid, 'collation', m.nspname, NULL, k.collname, NULL,
       '(' || concat_ws(', ',
           'provider = ' || CASE k.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
           CASE WHEN NOT k.collisdeterministic THEN 'deterministic = false' END,
           'locale = ' || quote_literal(l.locale),
           CASE WHEN l.locale IS NULL AND k.collcollate = k.collctype THEN 'locale = ' || quote_literal(k.collcollate) END,
           CASE WHEN l.locale IS NULL AND k.collcollate <> k.collctype THEN 'lc_collate = ' || quote_literal(k.collcollate) END,
           CASE WHEN l.locale IS NULL AND k.collcollate <> k.collctype THEN 'lc_ctype = ' || quote_literal(k.collctype) END,
           'rules = ' || quote_literal(to_jsonb(k) ->> 'collicurules')) || ')',
       '{}', '{}', k.collowner, NULL, false, NULL
FROM pg_collation k JOIN mine m ON m.oid = k.collnamespace,
     LATERAL (SELECT coalesce(to_jsonb(k) ->> 'colllocale', to_jsonb(k) ->> 'colliculocale') AS locale) l
WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_collation'::regclass AND e.objid = k.oid)
UNION ALL
SELECT 'pg_ts_config'::regclass, 'pg_ts_config', k.oid, 'text search configuration', m.nspname, NULL, k.cfgname, NULL,
       '(PARSER = ' || (SELECT CASE WHEN pg_ts_parser_is_visible(p.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END || quote_ident(p.prsname)
                        FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace WHERE p.oid = k.cfgparser) || ')',
       ARRAY(SELECT x.part
             FROM (SELECT y.alias, string_agg(
                              CASE WHEN pg_ts_dict_is_visible(d.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END || quote_ident(d.dictname),
                              ', ' ORDER BY p.mapseqno) AS dictionaries
                   FROM pg_ts_config_map p JOIN pg_ts_dict d ON d.oid = p.mapdict JOIN pg_namespace n ON n.oid = d.dictnamespace
                   JOIN ts_token_type(k.cfgparser) y ON y.tokid = p.maptokentype
                   WHERE p.mapcfg = k.oid GROUP BY y.alias) z,
             unnest(ARRAY['mapping', z.alias, z.dictionaries]) WITH ORDINALITY x(part, at) ORDER BY z.alias, x.at),
       '{}', k.cfgowner, NULL, false, NULL
FROM pg_ts_config k JOIN mine m ON m.oid = k.cfgnamespace
WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_ts_config'::regclass AND e.objid = k.oid)
UNION ALL
SELECT 'pg_ts_dict'::regclass, 'pg_ts_dict', k.oid, 'text search dictionary', m.nspname, NULL, k.dictname, NULL,
       '',
       ARRAY['parameter', 'TEMPLATE', (
                 SELECT CASE WHEN pg_ts_template_is_visible(p.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END || quote_ident(p.tmplname)
                 FROM pg_ts_template p JOIN pg_namespace n ON n.oid = p.tmplnamespace WHERE p.oid = k.dicttemplate)]
       || ARRAY(SELECT x.part
                -- The server joins the options as `name = value, name = value`.
                FROM regexp_matches(k.dictinitoption, '("(?:[^"]|"")+"|[^\s",=]+) = (E?''(?:[^'']|'''')*''|[^,]+)', 'g') WITH ORDINALITY o(said, number),
                     unnest(ARRAY['option', CASE WHEN o.said[1] LIKE '"%' THEN replace(btrim(o.said[1], '"'), '""', '"') ELSE o.said[1] END, o.said[2]])
                         WITH ORDINALITY x(part, at)
                ORDER BY o.number, x.at),
       '{}', k.dictowner, NULL, false, NULL
FROM pg_ts_dict k JOIN mine m ON m.oid = k.dictnamespace
WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_ts_dict'::regclass AND e.objid = k.oid)
