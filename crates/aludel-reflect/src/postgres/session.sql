-- The query for definitions takes long to plan, so it is asked for here whether there can be any. Objects
-- that a server has from the beginning have oids below 16384.
SELECT current_schema() AS default_schema, current_user AS role, current_setting('server_version_num') AS version,
       EXISTS (SELECT FROM pg_class WHERE oid >= 16384 AND (relkind IN ('v', 'm', 'f', 'c') OR relispartition))
       OR EXISTS (SELECT FROM pg_proc WHERE oid >= 16384)
       OR EXISTS (SELECT FROM pg_type WHERE oid >= 16384 AND typtype IN ('d', 'r'))
       OR EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal)
       OR EXISTS (SELECT FROM pg_rewrite WHERE oid >= 16384)
       OR EXISTS (SELECT FROM pg_policy)
       OR EXISTS (SELECT FROM pg_statistic_ext)
       OR EXISTS (SELECT FROM pg_operator WHERE oid >= 16384)
       OR EXISTS (SELECT FROM pg_opfamily WHERE oid >= 16384)
       OR EXISTS (SELECT FROM pg_opclass WHERE oid >= 16384)
       OR EXISTS (SELECT FROM pg_cast WHERE oid >= 16384)
       OR EXISTS (SELECT FROM pg_collation WHERE oid >= 16384)
       OR EXISTS (SELECT FROM pg_ts_config WHERE oid >= 16384)
       OR EXISTS (SELECT FROM pg_ts_dict WHERE oid >= 16384)
       OR EXISTS (SELECT FROM pg_event_trigger)
       OR EXISTS (SELECT FROM pg_publication)
       OR EXISTS (SELECT FROM pg_default_acl)
       OR EXISTS (SELECT FROM pg_foreign_data_wrapper) AS has_definitions
