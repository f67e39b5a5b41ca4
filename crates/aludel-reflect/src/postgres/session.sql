SELECT current_schema() AS default_schema, current_user AS role, current_setting('server_version_num') AS version
