//! The defaults that entries of the table of kinds begin with.

use aludel_schema::Kind;

use crate::kind::{Body, ClauseFacts, ClausePlace, KindFacts, Replace};

/// The properties that most kinds share.
pub(in crate::postgres) const PLAIN: KindFacts = KindFacts {
    kind: Kind::View,
    keyword: "",
    created_as: "{name}",
    address: "{name}",
    name_is_text: false,
    before_body: "",
    body: Body::Part,
    replace: Replace::Never,
    clauses: &[],
    alter: "",
    renames: true,
    granted_as: "",
    is_public: false,
    is_altered_only: false,
    is_type: false,
    hands_over: false,
    create_lock: None,
    drop_locks_tables: false,
    lock: None,
    holds_on: true,
    text_follows_renames: false,
    has_rows: false,
    has_code: false,
};

/// A clause that only a new object can have.
pub(in crate::postgres) const FIXED: ClauseFacts = ClauseFacts {
    word: "",
    place: ClausePlace::After,
    alter: "",
    create: "",
    set: "",
    change: "",
    unset: "",
    rename: "",
    once: false,
    about: &[],
    has_values: false,
    is_exclusive: false,
};

pub(in crate::postgres) const COLUMN_STATISTICS: ClauseFacts = ClauseFacts {
    word: "statistics",
    place: ClausePlace::Separate,
    set: "ALTER COLUMN {part} SET STATISTICS {text}",
    unset: "ALTER COLUMN {part} SET STATISTICS -1",
    ..FIXED
};

pub(in crate::postgres) const COLUMN_STORAGE: ClauseFacts = ClauseFacts {
    word: "storage",
    place: ClausePlace::Separate,
    set: "ALTER COLUMN {part} SET STORAGE {text}",
    ..FIXED
};

pub(in crate::postgres) const COLUMN_COMPRESSION: ClauseFacts = ClauseFacts {
    word: "compression",
    place: ClausePlace::Separate,
    set: "ALTER COLUMN {part} SET COMPRESSION {text}",
    unset: "ALTER COLUMN {part} SET COMPRESSION DEFAULT",
    ..FIXED
};

/// The options of a column. There are only these two.
pub(in crate::postgres) const COLUMN_OPTIONS: ClauseFacts = ClauseFacts {
    word: "column options",
    place: ClausePlace::Separate,
    set: "ALTER COLUMN {part} SET ({text})",
    unset: "ALTER COLUMN {part} RESET (n_distinct, n_distinct_inherited)",
    once: true,
    ..FIXED
};

pub(in crate::postgres) const STORAGE_PARAMETER: ClauseFacts = ClauseFacts {
    word: "option",
    place: ClausePlace::With,
    create: "{part} = {text}",
    set: "SET ({part} = {text})",
    unset: "RESET ({part})",
    ..FIXED
};

pub(in crate::postgres) const TOAST_PARAMETER: ClauseFacts = ClauseFacts {
    word: "toast option",
    place: ClausePlace::Separate,
    set: "SET (toast.{part} = {text})",
    unset: "RESET (toast.{part})",
    ..FIXED
};

pub(in crate::postgres) const TABLESPACE: ClauseFacts = ClauseFacts {
    word: "tablespace",
    create: "TABLESPACE {text}",
    set: "SET TABLESPACE {text}",
    unset: "SET TABLESPACE pg_default",
    ..FIXED
};

/// A comment on a constraint of the object.
pub(in crate::postgres) const COMMENT: ClauseFacts = ClauseFacts {
    word: "comment on constraint",
    place: ClausePlace::Separate,
    set: "{text}",
    unset: "NULL",
    ..FIXED
};

/// The index by which a table is clustered.
pub(in crate::postgres) const CLUSTERED: ClauseFacts = ClauseFacts {
    word: "clustered",
    place: ClausePlace::Separate,
    set: "CLUSTER ON {part}",
    unset: "SET WITHOUT CLUSTER",
    is_exclusive: true,
    ..FIXED
};

/// The index that is the replica identity of a table.
pub(in crate::postgres) const REPLICA_IDENTITY: ClauseFacts = ClauseFacts {
    word: "replica identity",
    place: ClausePlace::Separate,
    set: "REPLICA IDENTITY USING INDEX {part}",
    unset: "REPLICA IDENTITY DEFAULT",
    is_exclusive: true,
    ..FIXED
};
