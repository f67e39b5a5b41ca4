-- Functions, procedures and aggregates. The shape is what CREATE OR REPLACE has to keep: the result,
-- the types of what is given out, the parameters, and the defaults from the last one, which may become more.
SELECT 'pg_proc'::regclass, 'pg_proc', f.oid,
       CASE f.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END,
       m.nspname, NULL, f.proname, {signature_of_f},
       CASE f.prokind WHEN 'a' THEN
           '(' || coalesce(nullif(pg_get_function_arguments(f.oid), ''), '*') || E') (\n    ' || concat_ws(E',\n    ',
               'SFUNC = ' || {function g.aggtransfn},
               'STYPE = ' || format_type(g.aggtranstype, NULL),
               'SSPACE = ' || nullif(g.aggtransspace, 0),
               'FINALFUNC = ' || {function g.aggfinalfn},
               CASE WHEN g.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
               'FINALFUNC_MODIFY = ' || CASE WHEN g.aggfinalmodify = (CASE g.aggkind WHEN 'n' THEN 'r' ELSE 'w' END)::"char" THEN NULL
                   ELSE CASE g.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
               'COMBINEFUNC = ' || {function g.aggcombinefn},
               'SERIALFUNC = ' || {function g.aggserialfn},
               'DESERIALFUNC = ' || {function g.aggdeserialfn},
               'INITCOND = ' || quote_literal(g.agginitval),
               'MSFUNC = ' || {function g.aggmtransfn},
               'MINVFUNC = ' || {function g.aggminvtransfn},
               'MSTYPE = ' || format_type(nullif(g.aggmtranstype, 0), NULL),
               'MSSPACE = ' || nullif(g.aggmtransspace, 0),
               'MFINALFUNC = ' || {function g.aggmfinalfn},
               CASE WHEN g.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
               'MFINALFUNC_MODIFY = ' || CASE WHEN g.aggmfinalfn = 0 OR g.aggmfinalmodify = (CASE g.aggkind WHEN 'n' THEN 'r' ELSE 'w' END)::"char" THEN NULL
                   ELSE CASE g.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
               'MINITCOND = ' || quote_literal(g.aggminitval),
               (SELECT 'SORTOP = OPERATOR(' || quote_ident(n.nspname) || '.' || o.oprname || ')'
                FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE o.oid = g.aggsortop),
               'PARALLEL = ' || CASE f.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END,
               CASE g.aggkind WHEN 'h' THEN 'HYPOTHETICAL' END) || E'\n)'
       ELSE (SELECT substr(d.text, strpos(d.text, '.' || quote_ident(f.proname) || '(') + 1 + length(quote_ident(f.proname)))
             FROM (SELECT {by_name pg_get_functiondef(f.oid) in 'pg_proc' = f.oid}) d(text))
       END,
       ARRAY(SELECT x.part FROM extension_of e, unnest(ARRAY['depends on extension', e.name, '']) WITH ORDINALITY x(part, at)
             WHERE e.classid = 'pg_proc'::regclass AND e.objid = f.oid ORDER BY e.name, x.at),
       ARRAY['result', CASE f.prokind WHEN 'a' THEN format_type(f.prorettype, NULL) ELSE coalesce(pg_get_function_result(f.oid), '') END,
             'out', (SELECT coalesce(string_agg(format_type(t.type, NULL), ', ' ORDER BY t.number), '')
                     FROM unnest(f.proallargtypes) WITH ORDINALITY t(type, number) WHERE f.proargmodes[t.number] IN ('o', 'b', 't'))]
       || ARRAY(SELECT x.part
                FROM unnest(coalesce(f.proargnames, '{}')) WITH ORDINALITY a(name, number),
                     unnest(ARRAY[a.name, coalesce(f.proargmodes[a.number]::text, 'i')]) WITH ORDINALITY x(part, at)
                WHERE f.prokind <> 'a' ORDER BY a.number, x.at)
       || ARRAY(SELECT x.part FROM generate_series(1, f.pronargdefaults) number,
                unnest(ARRAY['default', number::text]) WITH ORDINALITY x(part, at) ORDER BY number, x.at),
       f.proowner, f.proacl, true, NULL
FROM pg_proc f JOIN mine m ON m.oid = f.pronamespace LEFT JOIN pg_aggregate g ON g.aggfnoid = f.oid
WHERE NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_proc'::regclass AND e.objid = f.oid)
  -- The constructors of a range type belong to it.
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = f.oid AND e.deptype = 'i')
