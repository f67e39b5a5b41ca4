SELECT string_agg('(?<=[^[:alnum:]_$"]' || q.name || '\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)(?: WITH ORDINALITY)? (?:"[^"]*"|[[:alnum:]_$]+))\(' || q.columns || '(?:, ordinality)?\)', '|')
        FROM (SELECT regexp_replace(quote_ident(w.proname), '([^[:alnum:]_" ])', '\\\1', 'g') AS name,
                     -- The server leaves out columns that came after the text was written.
                     (SELECT string_agg(regexp_replace(quote_ident(a.attname), '([^[:alnum:]_" ])', '\\\1', 'g'), '(?:, ' ORDER BY a.attnum)
                             || repeat(')?', count(*)::integer - 1)
                      FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
              FROM pg_depend d JOIN pg_proc w ON w.oid = d.refobjid AND d.refclassid = 'pg_proc'::regclass
              JOIN pg_type t ON t.oid = w.prorettype AND t.typrelid <> 0
              WHERE d.classid = {catalog}::regclass AND d.objid = {oid}) q
