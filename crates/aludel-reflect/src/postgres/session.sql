SELECT current_schema(), current_setting('server_version_num'), current_database()
