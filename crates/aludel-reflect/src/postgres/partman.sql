-- The partitions, at any depth, of the tables that pg_partman manages, and its templates for them.
WITH RECURSIVE part AS (
    SELECT i.inhrelid FROM {config} p JOIN pg_inherits i ON i.inhparent = to_regclass(p.parent_table)
    UNION
    SELECT i.inhrelid FROM part JOIN pg_inherits i ON i.inhparent = part.inhrelid
)
SELECT n.nspname, c.relname
FROM (SELECT inhrelid FROM part UNION SELECT to_regclass(template_table) FROM {config}) made
JOIN pg_class c ON c.oid = made.inhrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
