CREATE EXTENSION pg_trgm;
CREATE EXTENSION btree_gist;
CREATE EXTENSION vector;
CREATE SCHEMA audit;
CREATE TYPE mood AS ENUM ('sad', 'so so', 'HAPPY');
CREATE TYPE audit."Level" AS ENUM ('INFO', 'WARN_A');
COMMENT ON TYPE mood IS 'how it is';
CREATE SEQUENCE tickets AS integer START WITH 100 INCREMENT BY 5 CYCLE;

CREATE TABLE parents (
    a integer,
    b text COLLATE "C",
    "Weird name" uuid DEFAULT gen_random_uuid() NOT NULL,
    CONSTRAINT parents_pk PRIMARY KEY (a, b),
    CONSTRAINT once UNIQUE NULLS NOT DISTINCT ("Weird name") INCLUDE (a) DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE parents IS 'It''s a "table"';
COMMENT ON COLUMN parents.b IS 'a
column';

CREATE TABLE everything (
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 7 INCREMENT BY 2) PRIMARY KEY,
    number serial UNIQUE,
    ticket integer DEFAULT nextval('tickets') NOT NULL,
    small smallint CHECK (small BETWEEN 1 AND 9),
    flag boolean DEFAULT true NOT NULL,
    price numeric(10,2) DEFAULT 0,
    ratio double precision,
    short varchar(20) DEFAULT 'x''y' NOT NULL,
    code character(3),
    payload jsonb DEFAULT '{"a": 1}' NOT NULL,
    raw json,
    tags text[] DEFAULT '{}' NOT NULL,
    moods mood[],
    mood mood DEFAULT 'so so' NOT NULL,
    level audit."Level",
    at timestamptz DEFAULT now() NOT NULL,
    at_local timestamp(3),
    day date,
    clock time,
    span int4range,
    address inet,
    bytes bytea,
    vec vector(3),
    half halfvec(4),
    title text NOT NULL,
    search tsvector GENERATED ALWAYS AS (to_tsvector('english', title)) STORED,
    during tstzrange,
    parent_a integer,
    parent_b text COLLATE "C",
    self_id bigint,
    "type" text,
    CONSTRAINT everything_parent FOREIGN KEY (parent_a, parent_b) REFERENCES parents (a, b)
        MATCH FULL ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE,
    CONSTRAINT everything_self FOREIGN KEY (self_id) REFERENCES everything (id) ON DELETE SET NULL (self_id),
    CHECK (price >= 0 OR flag),
    CONSTRAINT named CHECK (short <> code) NO INHERIT,
    EXCLUDE USING gist (title WITH =, during WITH &&) WHERE (flag)
);
CREATE UNIQUE INDEX everything_title_key ON everything (lower(title)) WHERE mood = 'HAPPY';
CREATE INDEX ON everything (at DESC NULLS LAST, id) INCLUDE (flag);
CREATE INDEX ON everything USING gin (payload jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX trigrams ON everything USING gist (title gist_trgm_ops (siglen = 32));
CREATE INDEX ON everything USING hnsw (vec vector_cosine_ops) WITH (ef_construction = 32, m = 8);
CREATE INDEX ON everything (title COLLATE "C", (price * 2) DESC);
CREATE INDEX ON everything USING brin (at) WITH (pages_per_range = 16);
CREATE UNIQUE INDEX ON everything (code) NULLS NOT DISTINCT;
CREATE INDEX ON everything ((flag AND small IN (1, 2)));
COMMENT ON INDEX trigrams IS 'for search';

CREATE UNLOGGED TABLE cache (key text PRIMARY KEY, value text) WITH (fillfactor = 70);
CREATE TABLE audit.log (id integer, at date NOT NULL, level audit."Level" DEFAULT 'INFO', PRIMARY KEY (id, at))
    PARTITION BY RANGE (at);

CREATE TABLE egg (id integer PRIMARY KEY, hen_id integer);
CREATE TABLE hen (id integer PRIMARY KEY, egg_id integer REFERENCES egg);
ALTER TABLE egg ADD CONSTRAINT egg_hen_fkey FOREIGN KEY (hen_id) REFERENCES hen;
ALTER TABLE egg ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;
COMMENT ON CONSTRAINT positive ON egg IS 'rows are checked later';

CREATE TABLE kept (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hen_id integer CONSTRAINT kept_hen REFERENCES hen,
    note text,
    body bytea,
    total numeric(10,2) NOT NULL,
    during tstzrange,
    CONSTRAINT kept_once UNIQUE (note) WITH (fillfactor = 70),
    CONSTRAINT kept_alone EXCLUDE USING gist (during WITH &&) WITH (fillfactor = 80) WHERE (total > 0) DEFERRABLE
) WITH (fillfactor = 80, toast.autovacuum_enabled = false);
COMMENT ON CONSTRAINT kept_once ON kept IS 'only once';
COMMENT ON INDEX kept_once IS 'the index of that';
COMMENT ON CONSTRAINT kept_hen ON kept IS 'whose it is';
COMMENT ON CONSTRAINT kept_alone ON kept IS 'one at a time';
ALTER TABLE kept ALTER note SET STORAGE EXTERNAL, ALTER note SET COMPRESSION pglz, ALTER body SET STORAGE MAIN;
ALTER TABLE kept ALTER note SET STATISTICS 500, ALTER total SET STATISTICS 0;
ALTER TABLE kept ALTER hen_id SET (n_distinct = -0.5, n_distinct_inherited = 100);
CREATE UNIQUE INDEX kept_identity ON kept (id, total) WITH (fillfactor = 60, deduplicate_items = off);
ALTER TABLE kept REPLICA IDENTITY USING INDEX kept_identity;
ALTER TABLE kept CLUSTER ON kept_pkey;
CREATE INDEX kept_lower ON kept (lower(note), id, (total * 2));
ALTER INDEX kept_lower ALTER COLUMN 1 SET STATISTICS 300;
ALTER INDEX kept_lower ALTER COLUMN 3 SET STATISTICS 0;
ALTER TABLE kept ENABLE ROW LEVEL SECURITY;
ALTER TABLE kept FORCE ROW LEVEL SECURITY;
ALTER TABLE hen REPLICA IDENTITY FULL;
ALTER TABLE egg REPLICA IDENTITY NOTHING;

CREATE TABLE animals (
    id integer NOT NULL,
    name text DEFAULT 'x',
    legs integer,
    tail integer DEFAULT 1 CHECK (tail >= 0)
);
CREATE TABLE cats (lives integer DEFAULT 9, legs integer, PRIMARY KEY (id)) INHERITS (animals);
ALTER TABLE cats ALTER name SET DEFAULT 'cat', ALTER tail SET STATISTICS 50;
ALTER TABLE ONLY cats ALTER tail DROP DEFAULT;
COMMENT ON COLUMN cats.name IS 'what it answers to';
CREATE TABLE audit.lions () INHERITS (cats);
