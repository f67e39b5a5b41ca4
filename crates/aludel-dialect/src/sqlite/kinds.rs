//! The table of kinds of SQLite.

use aludel_schema::Kind;

use crate::kind::{Body, ClauseFacts, ClausePlace, KindFacts, Replace};

/// An entry for each kind that is data.
pub(crate) const KINDS: &[KindFacts] = &[VIEW, TRIGGER, VIRTUAL_TABLE];

const PLAIN: KindFacts = KindFacts {
    kind: Kind::View,
    keyword: "",
    created_as: "{name}",
    address: "{name}",
    name_is_text: false,
    before_body: "",
    body: Body::Rest,
    replace: Replace::Never,
    clauses: &[],
    alter: "",
    renames: false,
    granted_as: "",
    is_public: false,
    is_altered_only: false,
    is_type: false,
    hands_over: false,
    create_lock: None,
    drop_locks_tables: false,
    lock: None,
    holds_on: false,
    text_follows_renames: true,
    has_rows: false,
    has_code: false,
};

const VIEW: KindFacts = KindFacts {
    kind: Kind::View,
    keyword: "VIEW",
    before_body: "AS",
    clauses: &[ClauseFacts {
        word: "columns",
        place: ClausePlace::AfterName,
        alter: "",
        create: "({text})",
        set: "",
        change: "",
        unset: "",
        once: false,
        about: &[],
        has_values: false,
        is_exclusive: false,
        rename: "",
    }],
    ..PLAIN
};

const TRIGGER: KindFacts = KindFacts { kind: Kind::Trigger, keyword: "TRIGGER", ..PLAIN };

const VIRTUAL_TABLE: KindFacts = KindFacts {
    kind: Kind::VirtualTable,
    keyword: "VIRTUAL TABLE",
    before_body: "USING",
    text_follows_renames: false,
    ..PLAIN
};
