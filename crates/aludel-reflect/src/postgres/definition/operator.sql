SELECT 'pg_operator'::regclass, 'pg_operator', o.oid, 'operator', m.nspname, NULL, o.oprname, {signature_of_o},
       '(' || concat_ws(', ',
           'FUNCTION = ' || {function o.oprcode},
           'LEFTARG = ' || format_type(nullif(o.oprleft, 0), NULL),
           'RIGHTARG = ' || format_type(nullif(o.oprright, 0), NULL),
           (SELECT 'COMMUTATOR = ' || CASE WHEN pg_operator_is_visible(c.oid) THEN c.oprname ELSE 'OPERATOR(' || quote_ident(n.nspname) || '.' || c.oprname || ')' END
            FROM pg_operator c JOIN pg_namespace n ON n.oid = c.oprnamespace WHERE c.oid = o.oprcom),
           (SELECT 'NEGATOR = ' || CASE WHEN pg_operator_is_visible(c.oid) THEN c.oprname ELSE 'OPERATOR(' || quote_ident(n.nspname) || '.' || c.oprname || ')' END
            FROM pg_operator c JOIN pg_namespace n ON n.oid = c.oprnamespace WHERE c.oid = o.oprnegate),
           'RESTRICT = ' || {function o.oprrest},
           'JOIN = ' || {function o.oprjoin},
           CASE WHEN o.oprcanhash THEN 'HASHES' END,
           CASE WHEN o.oprcanmerge THEN 'MERGES' END) || ')',
       '{}', '{}', o.oprowner, NULL, false, NULL
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
