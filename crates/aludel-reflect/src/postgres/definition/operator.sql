SELECT 'pg_operator'::regclass, 'pg_operator', o.oid, 'operator', m.nspname, NULL, o.oprname, {signature_of_o},
       '',
       ARRAY(SELECT x.part
             FROM (VALUES
                 (0, 'parameter', 'FUNCTION', {function o.oprcode}),
                 (1, 'parameter', 'LEFTARG', format_type(nullif(o.oprleft, 0), NULL)),
                 (2, 'parameter', 'RIGHTARG', format_type(nullif(o.oprright, 0), NULL)),
                 (3, 'parameter', 'COMMUTATOR', (
                     SELECT CASE WHEN pg_operator_is_visible(c.oid) THEN c.oprname ELSE 'OPERATOR(' || quote_ident(n.nspname) || '.' || c.oprname || ')' END
                     FROM pg_operator c JOIN pg_namespace n ON n.oid = c.oprnamespace WHERE c.oid = o.oprcom)),
                 (4, 'parameter', 'NEGATOR', (
                     SELECT CASE WHEN pg_operator_is_visible(c.oid) THEN c.oprname ELSE 'OPERATOR(' || quote_ident(n.nspname) || '.' || c.oprname || ')' END
                     FROM pg_operator c JOIN pg_namespace n ON n.oid = c.oprnamespace WHERE c.oid = o.oprnegate)),
                 (5, 'estimator', 'RESTRICT', {function o.oprrest}),
                 (6, 'estimator', 'JOIN', {function o.oprjoin}),
                 (7, 'flag', 'HASHES', CASE WHEN o.oprcanhash THEN '' END),
                 (8, 'flag', 'MERGES', CASE WHEN o.oprcanmerge THEN '' END)) p(rank, word, name, text),
             unnest(ARRAY[p.word, p.name, p.text]) WITH ORDINALITY x(part, at)
             WHERE p.text IS NOT NULL ORDER BY p.rank, x.at),
       '{}', o.oprowner, NULL, false, NULL
FROM pg_operator o JOIN mine m ON m.oid = o.oprnamespace
WHERE o.oprcode <> 0
  AND NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_operator'::regclass AND e.objid = o.oid)
UNION ALL
SELECT 'pg_cast'::regclass, 'pg_cast', k.oid, 'cast', NULL, NULL, '',
       format_type(k.castsource, NULL) || ' AS ' || format_type(k.casttarget, NULL),
       CASE k.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || k.castfunc::regprocedure WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END
       || CASE k.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END,
       '{}', '{}', NULL, NULL, false, NULL
FROM pg_cast k
WHERE k.oid >= 16384 AND {is_new_k}
  -- A range type brings a cast to its multirange type.
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_cast'::regclass AND e.objid = k.oid AND e.deptype IN ('e', 'i'))
