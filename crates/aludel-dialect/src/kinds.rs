//! The tables of kinds: which kinds are data, one table for each dialect.

use aludel_schema::Kind;

use crate::kind::{ClauseFacts, ClausePlace, KindFacts, Replace};

/// The kinds of PostgreSQL that are data.
pub(crate) const POSTGRES: &[KindFacts] = &[POSTGRES_VIEW];

/// The kinds of SQLite that are data.
pub(crate) const SQLITE: &[KindFacts] = &[SQLITE_VIEW];

const POSTGRES_VIEW: KindFacts = KindFacts {
    kind: Kind::View,
    keyword: "VIEW",
    before_body: "AS",
    body_is_rest: true,
    replace: Replace::WhileShapeGrows,
    clauses: &[ClauseFacts {
        word: "option",
        place: ClausePlace::With,
        create: "{name} = {text}",
        set: "SET ({name} = {text})",
        unset: "RESET ({name})",
        once: false,
    }],
    renames: true,
    granted_as: "TABLE",
    is_type: false,
    holds_on: true,
    text_follows_renames: false,
};

const SQLITE_VIEW: KindFacts = KindFacts {
    kind: Kind::View,
    keyword: "VIEW",
    before_body: "AS",
    body_is_rest: true,
    replace: Replace::Never,
    clauses: &[ClauseFacts {
        word: "columns",
        place: ClausePlace::AfterName,
        create: "({text})",
        set: "",
        unset: "",
        once: false,
    }],
    renames: false,
    granted_as: "",
    is_type: false,
    holds_on: false,
    text_follows_renames: true,
};
