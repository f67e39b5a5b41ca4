//! The tables of kinds: one table for each dialect, with the kinds that are data.

use aludel_schema::Kind;

use crate::kind::{ClauseFacts, ClausePlace, KindFacts, Replace};

/// The table of kinds of PostgreSQL.
pub(crate) const POSTGRES: &[KindFacts] = &[POSTGRES_VIEW, POSTGRES_DOMAIN];

/// The table of kinds of SQLite.
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

const POSTGRES_DOMAIN: KindFacts = KindFacts {
    kind: Kind::Domain,
    keyword: "DOMAIN",
    before_body: "AS",
    body_is_rest: false,
    replace: Replace::Never,
    clauses: &[
        ClauseFacts {
            word: "collate",
            place: ClausePlace::After,
            create: "COLLATE {text}",
            set: "",
            unset: "",
            once: false,
        },
        ClauseFacts {
            word: "default",
            place: ClausePlace::After,
            create: "DEFAULT {text}",
            set: "SET DEFAULT {text}",
            unset: "DROP DEFAULT",
            once: false,
        },
        ClauseFacts {
            word: "not null",
            place: ClausePlace::After,
            create: "NOT NULL",
            set: "SET NOT NULL",
            unset: "DROP NOT NULL",
            once: false,
        },
        ClauseFacts {
            word: "constraint",
            place: ClausePlace::After,
            create: "CONSTRAINT {name} {text}",
            set: "ADD CONSTRAINT {name} {text}",
            unset: "DROP CONSTRAINT {name}",
            once: true,
        },
    ],
    renames: true,
    granted_as: "DOMAIN",
    is_type: true,
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
