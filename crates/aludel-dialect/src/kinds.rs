//! The tables of kinds: one table for each dialect, with the kinds that are data.

use aludel_schema::Kind;

use crate::dialect::Dialect;
use crate::kind::{ClauseFacts, ClausePlace, KindFacts, Replace};
use crate::lock::LockMode;

impl Dialect {
    /// Returns the table of kinds: an entry for each kind that is data on this database.
    pub fn kinds(self) -> &'static [KindFacts] {
        match self {
            Self::Postgres => POSTGRES,
            Self::Sqlite => SQLITE,
        }
    }

    /// Returns the entry of a kind in the table of kinds; `None` if the kind is not data.
    pub fn kind_facts(self, kind: Kind) -> Option<&'static KindFacts> {
        self.kinds().iter().find(|facts| facts.kind == kind)
    }
}

/// The table of kinds of PostgreSQL.
const POSTGRES: &[KindFacts] = &[POSTGRES_VIEW, POSTGRES_DOMAIN];

/// The table of kinds of SQLite.
const SQLITE: &[KindFacts] = &[SQLITE_VIEW];

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
    lock: Some(LockMode::AccessExclusive),
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
    lock: None,
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
    lock: None,
    is_type: false,
    holds_on: false,
    text_follows_renames: true,
};
