SELECT v.name, v.requires::text[] AS requires
FROM pg_available_extension_versions() v
JOIN pg_available_extensions() a ON a.name = v.name AND a.default_version = v.version
WHERE v.requires <> '{}'
