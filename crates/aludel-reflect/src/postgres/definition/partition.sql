-- Partitions. What they have in common with their table is not said of them.
SELECT 'pg_class'::regclass, 'pg_class', c.oid, 'partition', c.nspname, NULL, c.relname, NULL,
       CASE WHEN pg_table_is_visible(p.oid) AND (p.relnamespace = pg_my_temp_schema() OR pn.nspname = current_schema()) THEN '' ELSE quote_ident(pn.nspname) || '.' END || quote_ident(p.relname),
       ARRAY(SELECT x.part
             FROM (SELECT 0 AS rank, 'unlogged' AS word, '' AS name, '' AS text WHERE k.relpersistence = 'u'
                   UNION ALL
                   SELECT 1, 'bound', '', pg_get_expr(k.relpartbound, k.oid)
                   UNION ALL
                   SELECT 1, 'not null name', o.conname, quote_ident(o.attname) FROM not_null_of_part o WHERE o.conrelid = c.oid
                   UNION ALL
                   SELECT 2, 'partition by', '', pg_get_partkeydef(k.oid) WHERE k.relkind = 'p'
                   UNION ALL
                   SELECT 3, 'access method', '', quote_ident(a.amname)
                   FROM pg_am a WHERE a.oid = k.relam AND a.amname <> 'heap'
                   UNION ALL
                   SELECT 4, 'tablespace', '', quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = k.reltablespace
                   UNION ALL
                   SELECT 5, 'option', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1) FROM unnest(k.reloptions) o
                   UNION ALL
                   SELECT 6, 'toast option', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)
                   FROM pg_class t, unnest(t.reloptions) o WHERE t.oid = k.reltoastrelid
                   UNION ALL
                   SELECT 7, 'default', d.attname, coalesce(d.text, 'NULL') FROM default_of_part d WHERE d.relation = c.oid
                   UNION ALL
                   SELECT 8, 'not null', a.attname, ''
                   FROM pg_attribute a JOIN pg_attribute b ON b.attrelid = p.oid AND b.attname = a.attname
                   WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attnotnull AND NOT b.attnotnull
                     AND NOT EXISTS (SELECT FROM constraint_of_part o WHERE o.conrelid = c.oid AND o.contype = 'n' AND o.conkey[1] = a.attnum)
                   UNION ALL
                   SELECT 9, 'statistics', a.attname, a.attstattarget::text
                   FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attstattarget >= 0
                   UNION ALL
                   SELECT 9, w.word, a.attname, w.text
                   FROM pg_attribute a JOIN pg_attribute b ON b.attrelid = p.oid AND b.attname = a.attname AND NOT b.attisdropped, LATERAL (
                       SELECT 'storage' AS word,
                              CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END AS text
                       WHERE a.attstorage <> b.attstorage
                       UNION ALL
                       SELECT 'compression', CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' ELSE 'DEFAULT' END
                       WHERE a.attcompression <> b.attcompression) w
                   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                   UNION ALL
                   SELECT 9, 'column options', a.attname, array_to_string(a.attoptions, ', ')
                   FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attoptions IS NOT NULL
                   UNION ALL
                   -- Before PostgreSQL 18, a foreign key to a partitioned table gives usual names to the keys behind it.
                   SELECT CASE WHEN o.contype = 'n' THEN 9 WHEN o.contype <> 'f' THEN 10 WHEN starts_with(o.conname, c.relname) THEN 11 ELSE 12 END, 'constraint', o.conname, pg_get_constraintdef(o.oid)
                   FROM constraint_of_part o WHERE o.conrelid = c.oid
                   UNION ALL
                   SELECT 13, 'row security', '', '' WHERE k.relrowsecurity
                   UNION ALL
                   SELECT 14, 'forced row security', '', '' WHERE k.relforcerowsecurity
                   UNION ALL
                   SELECT 15, 'replica identity', '', CASE k.relreplident WHEN 'f' THEN 'FULL' ELSE 'NOTHING' END
                   WHERE k.relreplident IN ('f', 'n')
                   UNION ALL
                   -- The table above says of a trigger when it fires, as long as nobody says so of the partition. Before
                   -- PostgreSQL 15, the trigger of a partition is an internal one, as those of constraints are everywhere.
                   SELECT 16, 'trigger', t.tgname,
                          CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END
                   FROM pg_trigger t JOIN pg_trigger a ON a.oid = t.tgparentid
                   WHERE t.tgrelid = c.oid AND t.tgenabled <> a.tgenabled
                     AND (NOT a.tgisinternal OR a.tgparentid <> 0
                          AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.oid = a.tgconstraint AND o.contype <> 't'))
                   UNION ALL
                   SELECT 17, 'comment on constraint', o.conname, e.description
                   FROM (SELECT oid, conrelid, conname FROM constraint_of_part UNION ALL SELECT oid, conrelid, conname FROM not_null_of_part) o
                   JOIN pg_description e ON e.objoid = o.oid AND e.classoid = 'pg_constraint'::regclass
                   WHERE o.conrelid = c.oid
                   UNION ALL
                   -- A check that a partition has from its table has the name of that.
                   SELECT 17, 'check comment', o.conname::text, e.description
                   FROM pg_constraint o JOIN pg_description e ON e.objoid = o.oid AND e.classoid = 'pg_constraint'::regclass
                   WHERE o.conrelid = c.oid AND o.contype = 'c' AND o.coninhcount > 0
                   UNION ALL
                   SELECT 18, 'comment on index', o.conname, e.description
                   FROM constraint_of_part o JOIN pg_constraint i ON i.oid = o.oid
                   JOIN pg_description e ON e.objoid = i.conindid AND e.classoid = 'pg_class'::regclass AND e.objsubid = 0
                   WHERE o.conrelid = c.oid AND o.contype IN ('p', 'u', 'x')
                   UNION ALL
                   SELECT 19, w.word, o.conname, ''
                   FROM constraint_of_part o JOIN pg_constraint n ON n.oid = o.oid JOIN pg_index i ON i.indexrelid = n.conindid,
                   LATERAL (SELECT 'clustered' AS word WHERE i.indisclustered
                            UNION ALL
                            SELECT 'replica identity index' WHERE i.indisreplident) w
                   WHERE o.conrelid = c.oid AND o.contype IN ('p', 'u', 'x')) q,
             unnest(ARRAY[q.word, q.name, q.text]) WITH ORDINALITY x(part, at)
             ORDER BY q.rank, q.name, q.word, x.at),
       ARRAY(SELECT x.part FROM pg_attribute a,
             unnest(ARRAY[a.attname::text, format_type(a.atttypid, a.atttypmod)]) WITH ORDINALITY x(part, at)
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum, x.at),
       c.relowner, c.relacl, false, c.oid
FROM relation c JOIN pg_class k ON k.oid = c.oid JOIN pg_inherits h ON h.inhrelid = c.oid
JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE c.relispartition AND c.relkind IN ('r', 'p')
