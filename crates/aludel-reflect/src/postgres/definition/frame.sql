-- Objects of the kinds that are data. Each branch of `definition` is a kind or several kinds of one
-- catalogue, with the same columns; arrays hold the parts of their elements one behind the other.
-- What all kinds have alike is added at the end. Lines between `{if …}` and `{end}` are there if the query
-- has that branch.
WITH mine AS (
    SELECT n.oid, n.nspname FROM pg_namespace n WHERE {namespaces}
), member AS (
    SELECT e.classid, e.objid FROM pg_depend e WHERE e.deptype = 'e'
), extension_of AS (
    -- The extensions that objects go with although they are no members (`DEPENDS ON EXTENSION`).
    SELECT d.classid, d.objid, e.extname::text AS name
    FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'x'
), relation AS (
    SELECT c.oid, m.nspname, c.relname, c.relkind, c.relowner, c.reloptions, c.relacl, c.relam, c.relispartition,
           c.reltablespace, c.reltoastrelid,
           quote_ident(m.nspname) || '.' || quote_ident(c.relname) AS full_name,
           -- The default schema goes without saying, but not the others of the search path.
           CASE WHEN pg_table_is_visible(c.oid) AND (c.relnamespace = pg_my_temp_schema() OR m.nspname = current_schema()) THEN ''
                ELSE quote_ident(m.nspname) || '.' END || quote_ident(c.relname) AS seen_name
    FROM pg_class c JOIN mine m ON m.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND NOT EXISTS (SELECT FROM member e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid)
-- {if partition}
), default_of_part AS (
    -- The defaults that a partition has of its own, or lacks.
    SELECT f.oid, a.attrelid AS relation, a.attname::text, pg_get_expr(f.adbin, f.adrelid) AS text
    FROM relation c JOIN pg_inherits h ON h.inhrelid = c.oid
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    JOIN pg_attribute b ON b.attrelid = h.inhparent AND b.attname = a.attname
    LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
    LEFT JOIN pg_attrdef g ON g.adrelid = b.attrelid AND g.adnum = b.attnum
    WHERE c.relispartition AND (a.atthasdef OR b.atthasdef)
      AND pg_get_expr(f.adbin, f.adrelid) IS DISTINCT FROM pg_get_expr(g.adbin, g.adrelid)
), constraint_of_part AS (
    -- A usual NOT NULL constraint is said by SET NOT NULL.
    SELECT k.oid, k.conrelid, k.conname::text, k.contype, k.conkey
    FROM relation c JOIN pg_constraint k ON k.conrelid = c.oid
    LEFT JOIN pg_attribute a ON k.contype = 'n' AND a.attrelid = c.oid AND a.attnum = k.conkey[1]
    WHERE c.relispartition AND k.conparentid = 0 AND k.coninhcount = 0
      AND (k.contype IN ('p', 'u', 'f', 'c', 'x') OR k.contype = 'n' AND (NOT k.convalidated
           OR octet_length(c.relname) + octet_length(a.attname) < 54 AND rtrim(k.conname, '0123456789') <> c.relname || '_' || a.attname || '_not_null'))
), not_null_of_part AS (
    -- PostgreSQL 18: a partition that was a table of its own keeps the names of these.
    SELECT o.oid, o.conrelid, o.conname::text, a.attname
    FROM relation c JOIN pg_inherits h ON h.inhrelid = c.oid
    JOIN pg_constraint o ON o.conrelid = c.oid AND o.contype = 'n' AND o.coninhcount > 0
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = o.conkey[1]
    JOIN pg_attribute b ON b.attrelid = h.inhparent AND b.attname = a.attname
    JOIN pg_constraint t ON t.conrelid = h.inhparent AND t.contype = 'n' AND t.conkey[1] = b.attnum
    WHERE c.relispartition AND o.conname <> t.conname
-- {end}
-- {if operator class}
), class_member AS (
    -- The operators and functions of operator families, and the class that holds them.
    SELECT p.catalog, p.oid, p.family, p.label, p.text, e.refobjid AS class
    FROM (SELECT 'pg_amop'::regclass AS catalog, x.oid, x.amopfamily AS family,
                 format('OPERATOR %s (%s, %s)', x.amopstrategy, format_type(x.amoplefttype, NULL), format_type(x.amoprighttype, NULL)) AS label,
                 format('OPERATOR %s %s', x.amopstrategy, x.amopopr::regoperator)
                     || coalesce(' FOR ORDER BY ' || (SELECT CASE WHEN pg_opfamily_is_visible(f.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END || quote_ident(f.opfname)
                                                      FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace WHERE f.oid = x.amopsortfamily), '') AS text
          FROM pg_amop x WHERE x.oid >= 16384
          UNION ALL
          SELECT 'pg_amproc'::regclass, x.oid, x.amprocfamily,
                 format('FUNCTION %s (%s, %s)', x.amprocnum, format_type(x.amproclefttype, NULL), format_type(x.amprocrighttype, NULL)),
                 format('FUNCTION %s (%s, %s) %s', x.amprocnum, format_type(x.amproclefttype, NULL), format_type(x.amprocrighttype, NULL), x.amproc::regprocedure)
          FROM pg_amproc x WHERE x.oid >= 16384) p
    LEFT JOIN pg_depend e ON e.classid = p.catalog AND e.objid = p.oid AND e.refclassid = 'pg_opclass'::regclass
-- {end}
), definition AS (
    -- The types of the columns.
    SELECT NULL::regclass AS classid, NULL::name AS catalog, NULL::oid AS oid, NULL::text AS kind, NULL::name AS namespace,
           NULL::name AS table_name, NULL::text AS name, NULL::text AS signature, NULL::text AS body, NULL::text[] AS clauses,
           NULL::text[] AS shape, NULL::oid AS owner, NULL::aclitem[] AS acl, NULL::bool AS is_public, NULL::oid AS columns_of
    WHERE false
    UNION ALL
{branches}
), part AS (
    SELECT d.classid, d.oid, d.classid AS part_class, d.oid AS part FROM definition d
-- {if view}
    UNION ALL
    SELECT d.classid, d.oid, 'pg_rewrite'::regclass, r.oid
    FROM definition d JOIN pg_rewrite r ON r.ev_class = d.oid AND r.rulename = '_RETURN'
    WHERE d.classid = 'pg_class'::regclass
-- {end}
-- {if type}
    UNION ALL
    SELECT d.classid, d.oid, 'pg_class'::regclass, t.typrelid
    FROM definition d JOIN pg_type t ON t.oid = d.oid AND t.typrelid <> 0 WHERE d.classid = 'pg_type'::regclass
    UNION ALL
    SELECT d.classid, d.oid, 'pg_constraint'::regclass, k.oid
    FROM definition d JOIN pg_constraint k ON k.contypid = d.oid WHERE d.classid = 'pg_type'::regclass
-- {end}
-- {if partition}
    UNION ALL
    SELECT 'pg_class'::regclass, k.conrelid, 'pg_constraint'::regclass, k.oid FROM constraint_of_part k
    UNION ALL
    SELECT 'pg_class'::regclass, f.relation, 'pg_attrdef'::regclass, f.oid FROM default_of_part f WHERE f.oid IS NOT NULL
-- {end}
-- {if publication}
    UNION ALL
    SELECT d.classid, d.oid, 'pg_publication_rel'::regclass, r.oid
    FROM definition d JOIN pg_publication_rel r ON r.prpubid = d.oid WHERE d.classid = 'pg_publication'::regclass
-- {end}
    UNION ALL
    SELECT d.classid, d.oid, 'pg_attrdef'::regclass, f.oid
    FROM definition d JOIN pg_attrdef f ON f.adrelid = d.oid WHERE d.kind IN ('view', 'foreign table')
-- {if operator class}
    UNION ALL
    SELECT 'pg_opclass'::regclass, p.class, p.catalog, p.oid FROM class_member p WHERE p.class IS NOT NULL
    UNION ALL
    SELECT 'pg_opfamily'::regclass, p.family, p.catalog, p.oid FROM class_member p WHERE p.class IS NULL
-- {end}
), dependency AS (
    SELECT DISTINCT p.classid, p.oid, d.refclassid, d.refobjid, d.refobjsubid
    FROM part p JOIN pg_depend d ON d.classid = p.part_class AND d.objid = p.part
    WHERE d.deptype IN ('n', 'a') AND d.refobjid >= 16384 AND d.refobjid NOT IN (p.oid, p.part)
      -- A partition has the types and collations of its table.
      AND NOT (d.classid = 'pg_class'::regclass AND d.objsubid > 0
               AND EXISTS (SELECT FROM relation c WHERE c.oid = d.objid AND c.relispartition))
      -- A foreign key of a partition is satisfied with any key of the columns that it refers to.
      AND NOT (d.classid = 'pg_constraint'::regclass AND d.refclassid = 'pg_class'::regclass
               AND EXISTS (SELECT FROM pg_constraint k WHERE k.oid = d.objid AND k.conindid = d.refobjid))
), used_type AS (
    SELECT p.classid, p.oid, coalesce(nullif(t.typelem, 0), r.rngtypid, t.oid) AS type
    FROM dependency p JOIN pg_type t ON t.oid = p.refobjid LEFT JOIN pg_range r ON r.rngmultitypid = t.oid
    WHERE p.refclassid = 'pg_type'::regclass
), used_relation AS (
    SELECT p.classid, p.oid, p.refobjid AS relation, p.refobjsubid AS number
    FROM dependency p WHERE p.refclassid = 'pg_class'::regclass
    UNION
    SELECT u.classid, u.oid, t.typrelid, 0 FROM used_type u JOIN pg_type t ON t.oid = u.type AND t.typrelid <> 0
    UNION
    -- The server makes an index again when one of its columns changes.
    SELECT p.classid, p.oid, i.indrelid, unnest(i.indkey)
    FROM dependency p JOIN pg_index i ON i.indexrelid = p.refobjid WHERE p.refclassid = 'pg_class'::regclass
), named AS (
    SELECT p.classid, p.oid,
           CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
                WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'composite type'
                WHEN 'i' THEN CASE WHEN k.oid IS NULL THEN 'index' ELSE 'constraint' END
                ELSE CASE WHEN a.attname IS NOT NULL THEN 'column' WHEN c.relispartition THEN 'partition' ELSE 'table' END END AS kind,
           n.nspname, CASE WHEN c.relkind = 'i' THEN h.relname WHEN c.relkind IN ('r', 'p') AND a.attname IS NOT NULL THEN c.relname END AS table_name,
           CASE WHEN c.relkind IN ('r', 'p') THEN coalesce(a.attname, c.relname) ELSE c.relname END AS name,
           NULL::text AS signature
    FROM used_relation p JOIN pg_class c ON c.oid = p.relation JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.number AND a.attnum > 0
    LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class h ON h.oid = i.indrelid
    LEFT JOIN pg_constraint k ON k.conindid = c.oid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
    UNION
    SELECT u.classid, u.oid,
           CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range type' ELSE 'base type' END,
           n.nspname, NULL, t.typname, NULL
    FROM used_type u JOIN pg_type t ON t.oid = u.type JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typrelid = 0
    UNION
    SELECT p.classid, p.oid, 'constraint', n.nspname, c.relname, k.conname, NULL
    FROM dependency p JOIN pg_constraint k ON k.oid = p.refobjid JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE p.refclassid = 'pg_constraint'::regclass
-- {if function}
    UNION
    SELECT p.classid, p.oid, CASE f.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END,
           n.nspname, NULL, f.proname, {signature_of_f}
    FROM dependency p JOIN pg_proc f ON f.oid = p.refobjid JOIN pg_namespace n ON n.oid = f.pronamespace
    LEFT JOIN pg_aggregate g ON g.aggfnoid = f.oid
    WHERE p.refclassid = 'pg_proc'::regclass
-- {end}
-- {if operator}
    UNION
    SELECT p.classid, p.oid, 'operator', n.nspname, NULL, o.oprname, {signature_of_o}
    FROM dependency p JOIN pg_operator o ON o.oid = p.refobjid JOIN pg_namespace n ON n.oid = o.oprnamespace
    WHERE p.refclassid = 'pg_operator'::regclass
-- {end}
-- {if operator class}
    UNION
    SELECT p.classid, p.oid, 'operator family', n.nspname, NULL, f.opfname, a.amname::text
    FROM dependency p JOIN pg_opfamily f ON f.oid = p.refobjid JOIN pg_namespace n ON n.oid = f.opfnamespace
    JOIN pg_am a ON a.oid = f.opfmethod
    WHERE p.refclassid = 'pg_opfamily'::regclass
    UNION
    SELECT p.classid, p.oid, 'operator class', n.nspname, NULL, o.opcname, a.amname::text
    FROM dependency p JOIN pg_opclass o ON o.oid = p.refobjid JOIN pg_namespace n ON n.oid = o.opcnamespace
    JOIN pg_am a ON a.oid = o.opcmethod
    WHERE p.refclassid = 'pg_opclass'::regclass
-- {end}
-- {if collation}
    UNION
    SELECT p.classid, p.oid, 'collation', n.nspname, NULL, k.collname, NULL
    FROM dependency p JOIN pg_collation k ON k.oid = p.refobjid JOIN pg_namespace n ON n.oid = k.collnamespace
    WHERE p.refclassid = 'pg_collation'::regclass
    UNION
    SELECT p.classid, p.oid, 'text search configuration', n.nspname, NULL, k.cfgname, NULL
    FROM dependency p JOIN pg_ts_config k ON k.oid = p.refobjid JOIN pg_namespace n ON n.oid = k.cfgnamespace
    WHERE p.refclassid = 'pg_ts_config'::regclass
    UNION
    SELECT p.classid, p.oid, 'text search dictionary', n.nspname, NULL, k.dictname, NULL
    FROM dependency p JOIN pg_ts_dict k ON k.oid = p.refobjid JOIN pg_namespace n ON n.oid = k.dictnamespace
    WHERE p.refclassid = 'pg_ts_dict'::regclass
-- {end}
-- {if foreign}
    UNION
    -- The columns of foreign tables change their types one by one.
    SELECT p.classid, p.oid, 'column', n.nspname, c.relname, a.attname, NULL
    FROM used_relation p JOIN pg_class c ON c.oid = p.relation AND c.relkind = 'f' JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.number AND a.attnum > 0
    UNION
    SELECT p.classid, p.oid, 'foreign-data wrapper', NULL, NULL, w.fdwname, NULL
    FROM dependency p JOIN pg_foreign_data_wrapper w ON w.oid = p.refobjid
    WHERE p.refclassid = 'pg_foreign_data_wrapper'::regclass
    UNION
    SELECT p.classid, p.oid, 'foreign server', NULL, NULL, s.srvname, NULL
    FROM dependency p JOIN pg_foreign_server s ON s.oid = p.refobjid
    WHERE p.refclassid = 'pg_foreign_server'::regclass
-- {end}
    UNION
    SELECT d.classid, d.oid, 'extension', NULL, NULL, e.name, NULL
    FROM definition d JOIN extension_of e ON e.classid = d.classid AND e.objid = d.oid
-- {if default privileges}
    UNION
    SELECT d.classid, d.oid, 'schema', NULL, NULL, n.nspname, NULL
    FROM definition d JOIN pg_default_acl a ON a.oid = d.oid JOIN pg_namespace n ON n.oid = a.defaclnamespace
    WHERE d.classid = 'pg_default_acl'::regclass AND n.nspname <> 'public'
-- {end}
), depends AS (
    SELECT n.classid, n.oid, array_agg(x.part ORDER BY n.kind, n.nspname, n.table_name, n.name, n.signature, x.at) AS parts
    FROM named n,
         unnest(ARRAY[n.kind, coalesce(n.nspname::text, ''), coalesce(n.table_name::text, ''), n.name::text, coalesce(n.signature, '-')])
             WITH ORDINALITY x(part, at)
    GROUP BY n.classid, n.oid
)
SELECT d.kind, d.namespace, d.table_name, d.name, d.signature, d.body, d.clauses, d.shape, r.parts AS depends_on,
       obj_description(d.oid, d.catalog) AS comment,
       ARRAY(SELECT x.part FROM pg_description e
             JOIN pg_attribute a ON a.attrelid = e.objoid AND a.attnum = e.objsubid,
             unnest(ARRAY[a.attname::text, e.description]) WITH ORDINALITY x(part, at)
             WHERE e.objoid = d.columns_of AND e.classoid = 'pg_class'::regclass AND e.objsubid > 0
             ORDER BY a.attnum, x.at) AS column_comments,
{belongings},
       EXISTS (SELECT FROM pg_user_mappings u, unnest(u.umoptions) o
               WHERE u.umid = d.oid AND d.kind = 'user mapping' AND split_part(o, '=', 1) ~* 'password') AS has_secret,
       -- A role may read the options of its own mapping if it may use the server. An owner of the server may read those
       -- of all roles.
       EXISTS (SELECT FROM pg_user_mappings u JOIN pg_foreign_server s ON s.oid = u.srvid
               WHERE u.umid = d.oid AND d.kind = 'user mapping' AND u.umoptions IS NULL
                 AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
                 AND NOT CASE WHEN u.umuser = 0 THEN pg_has_role(s.srvowner, 'USAGE')
                              ELSE u.usename = current_user AND (pg_has_role(s.srvowner, 'USAGE') OR has_server_privilege(s.oid, 'USAGE')) END) AS is_unread,
       d.kind = 'materialized view' AND EXISTS (SELECT FROM pg_class c WHERE c.oid = d.oid AND c.relispopulated) AS is_populated,
       CASE WHEN d.kind = 'range type' THEN ARRAY(
           SELECT x.part
           FROM pg_range r JOIN pg_depend e ON e.refobjid IN (r.rngtypid, r.rngmultitypid)
           JOIN pg_proc f ON f.oid = e.objid LEFT JOIN pg_aggregate g ON g.aggfnoid = f.oid JOIN pg_namespace n ON n.oid = f.pronamespace,
                unnest(ARRAY[n.nspname, f.proname, {signature_of_f}]) WITH ORDINALITY x(part, at)
           WHERE r.rngtypid = d.oid AND e.classid = 'pg_proc'::regclass AND e.refclassid = 'pg_type'::regclass AND e.deptype = 'i'
           ORDER BY f.oid, x.at) END AS constructors
FROM definition d LEFT JOIN depends r ON r.classid = d.classid AND r.oid = d.oid
ORDER BY 1, 2, 3, 4, 5
