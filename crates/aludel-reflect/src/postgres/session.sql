SELECT current_schema() AS default_schema, current_setting('server_version_num') AS version
