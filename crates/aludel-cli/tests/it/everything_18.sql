CREATE EXTENSION btree_gist;
CREATE TABLE shelves (id integer PRIMARY KEY);
CREATE TABLE boxes (
    id integer CONSTRAINT box_id NOT NULL PRIMARY KEY,
    label text CONSTRAINT needs_label NOT NULL,
    note text NOT NULL NO INHERIT,
    shelf_id integer CONSTRAINT boxes_shelf REFERENCES shelves NOT ENFORCED,
    size integer,
    width integer CHECK (width > 0) NO INHERIT NOT ENFORCED,
    CONSTRAINT boxes_size CHECK (size > 0) NOT ENFORCED
);
ALTER TABLE boxes ADD CONSTRAINT boxes_size_there NOT NULL size NOT VALID;
COMMENT ON CONSTRAINT needs_label ON boxes IS 'nobody finds a box without one';
COMMENT ON CONSTRAINT boxes_shelf ON boxes IS 'as it was told';
CREATE TABLE heavy_boxes (extra integer CONSTRAINT extra_there NOT NULL) INHERITS (boxes);
CREATE TABLE rooms (
    id integer GENERATED ALWAYS AS IDENTITY,
    label text NOT NULL,
    during tstzrange NOT NULL,
    length integer GENERATED ALWAYS AS (length(label)) VIRTUAL,
    CONSTRAINT rooms_key PRIMARY KEY (id, during WITHOUT OVERLAPS),
    CONSTRAINT rooms_label UNIQUE (label, during WITHOUT OVERLAPS)
);
CREATE TABLE bookings (
    room_id integer NOT NULL,
    period tstzrange NOT NULL,
    CONSTRAINT bookings_room FOREIGN KEY (room_id, PERIOD period) REFERENCES rooms (id, PERIOD during)
);
