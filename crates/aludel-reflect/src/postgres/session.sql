-- Some queries take longer to plan than to run, so the branches of them that may find something are asked for here.
-- Objects that a server has from the beginning have oids below 16384.
SELECT current_schema() AS default_schema, current_user AS role, current_setting('server_version_num') AS version,
       ARRAY(SELECT b.name FROM (VALUES
           ('view', r.has_view),
           ('index', r.has_matview OR r.has_partition),
           ('partition', r.has_partition),
           ('type', EXISTS (SELECT FROM pg_type WHERE oid >= 16384 AND typtype IN ('d', 'r')) OR r.has_composite_type),
           ('function', EXISTS (SELECT FROM pg_proc WHERE oid >= 16384)),
           ('operator', EXISTS (SELECT FROM pg_operator WHERE oid >= 16384) OR EXISTS (SELECT FROM pg_cast WHERE oid >= 16384)),
           ('operator class', EXISTS (SELECT FROM pg_opfamily WHERE oid >= 16384) OR EXISTS (SELECT FROM pg_opclass WHERE oid >= 16384)),
           ('trigger', EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal) OR EXISTS (SELECT FROM pg_policy)
                       OR EXISTS (SELECT FROM pg_event_trigger)
                       OR EXISTS (SELECT FROM pg_rewrite WHERE oid >= 16384 AND rulename <> '_RETURN')),
           ('statistics', EXISTS (SELECT FROM pg_statistic_ext)),
           ('collation', EXISTS (SELECT FROM pg_collation WHERE oid >= 16384) OR EXISTS (SELECT FROM pg_ts_config WHERE oid >= 16384)
                         OR EXISTS (SELECT FROM pg_ts_dict WHERE oid >= 16384)),
           ('publication', EXISTS (SELECT FROM pg_publication)),
           ('foreign', EXISTS (SELECT FROM pg_foreign_data_wrapper)),
           ('default privileges', EXISTS (SELECT FROM pg_default_acl))) b(name, found)
       WHERE b.found) AS branches
FROM (SELECT coalesce(bool_or(relkind IN ('v', 'm')), false) AS has_view, coalesce(bool_or(relkind = 'm'), false) AS has_matview,
             coalesce(bool_or(relkind = 'c'), false) AS has_composite_type, coalesce(bool_or(relispartition), false) AS has_partition
      FROM pg_class WHERE oid >= 16384) r
