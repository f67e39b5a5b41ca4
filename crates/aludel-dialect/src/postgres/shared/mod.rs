//! The entries of the table of kinds for what several schemas or databases share.

pub(super) mod plain;

use aludel_schema::Kind;

use plain::{COLUMN_OPTIONS, COLUMN_STATISTICS, FIXED, PLAIN};

use crate::kind::{ClauseFacts, ClausePlace, KindFacts};
use crate::lock::LockMode;

/// A publication. The server takes a table out of it when the table goes, and lets other objects
/// under it change.
pub(super) const PUBLICATION: KindFacts = KindFacts {
    kind: Kind::Publication,
    keyword: "PUBLICATION",
    clauses: &[
        ClauseFacts { word: "objects", create: "FOR {text}", set: "SET {text}", ..FIXED },
        ClauseFacts { word: "options", create: "WITH ({text})", set: "SET ({text})", ..FIXED },
    ],
    alter: "ALTER PUBLICATION {name}",
    create_lock: Some(LockMode::ShareUpdateExclusive),
    holds_on: false,
    ..PLAIN
};

/// The privileges that roles get on objects of a sort that a role will make. The name is that of the
/// sort, and the signature says whose objects these are.
pub(super) const DEFAULT_PRIVILEGES: KindFacts = KindFacts {
    kind: Kind::DefaultPrivileges,
    keyword: "DEFAULT PRIVILEGES",
    address: "{signature}",
    name_is_text: true,
    is_altered_only: true,
    clauses: &[
        ClauseFacts {
            word: "grant",
            place: ClausePlace::Separate,
            set: "GRANT {text} ON {own} TO {part}",
            unset: "REVOKE {text} ON {own} FROM {part}",
            once: true,
            ..FIXED
        },
        ClauseFacts {
            word: "grant option",
            place: ClausePlace::Separate,
            set: "GRANT {text} ON {own} TO {part} WITH GRANT OPTION",
            unset: "REVOKE {text} ON {own} FROM {part}",
            once: true,
            ..FIXED
        },
        ClauseFacts {
            word: "public",
            place: ClausePlace::Separate,
            set: "GRANT {text} ON {own} TO PUBLIC",
            unset: "REVOKE {text} ON {own} FROM PUBLIC",
            once: true,
            ..FIXED
        },
        // All roles have privileges on functions and types.
        ClauseFacts {
            word: "revoked",
            place: ClausePlace::Separate,
            set: "REVOKE ALL ON {own} FROM PUBLIC",
            unset: "GRANT ALL ON {own} TO PUBLIC",
            ..FIXED
        },
    ],
    alter: "ALTER DEFAULT PRIVILEGES {signature}",
    renames: false,
    ..PLAIN
};

/// An option of a wrapper, a server, a mapping or a foreign table.
const OPTION: ClauseFacts = ClauseFacts {
    word: "option",
    place: ClausePlace::Options,
    create: "{part} {text}",
    set: "OPTIONS (ADD {part} {text})",
    change: "OPTIONS (SET {part} {text})",
    unset: "OPTIONS (DROP {part})",
    ..FIXED
};

pub(super) const FOREIGN_DATA_WRAPPER: KindFacts = KindFacts {
    kind: Kind::ForeignDataWrapper,
    keyword: "FOREIGN DATA WRAPPER",
    clauses: &[
        ClauseFacts {
            word: "handler",
            create: "HANDLER {text}",
            set: "HANDLER {text}",
            unset: "NO HANDLER",
            ..FIXED
        },
        ClauseFacts {
            word: "validator",
            create: "VALIDATOR {text}",
            set: "VALIDATOR {text}",
            unset: "NO VALIDATOR",
            ..FIXED
        },
        OPTION,
    ],
    alter: "ALTER FOREIGN DATA WRAPPER {name}",
    granted_as: "FOREIGN DATA WRAPPER",
    ..PLAIN
};

pub(super) const FOREIGN_SERVER: KindFacts = KindFacts {
    kind: Kind::ForeignServer,
    keyword: "SERVER",
    clauses: &[
        ClauseFacts { word: "type", place: ClausePlace::AfterName, create: "TYPE {text}", ..FIXED },
        ClauseFacts {
            word: "version",
            place: ClausePlace::AfterName,
            create: "VERSION {text}",
            set: "VERSION {text}",
            ..FIXED
        },
        OPTION,
    ],
    alter: "ALTER SERVER {name}",
    granted_as: "FOREIGN SERVER",
    ..PLAIN
};

/// A user mapping, whose name is that of its server, and whose signature is the role.
pub(super) const USER_MAPPING: KindFacts = KindFacts {
    kind: Kind::UserMapping,
    keyword: "USER MAPPING",
    created_as: "FOR {signature} SERVER {name}",
    address: "FOR {signature} SERVER {name}",
    clauses: &[OPTION],
    alter: "ALTER USER MAPPING FOR {signature} SERVER {name}",
    renames: false,
    ..PLAIN
};

/// The clauses of a foreign table that are its columns.
const ATTRIBUTES: &[&str] = &["attribute", "generated attribute"];

pub(super) const FOREIGN_TABLE: KindFacts = KindFacts {
    kind: Kind::ForeignTable,
    keyword: "FOREIGN TABLE",
    clauses: &[
        ClauseFacts {
            word: "attribute",
            place: ClausePlace::List,
            create: "{part} {text}",
            set: "ADD COLUMN {part} {text}",
            change: "ALTER COLUMN {part} TYPE {text}",
            unset: "DROP COLUMN {part}",
            ..FIXED
        },
        // No ALTER changes a generated column; a foreign table loses no values by a new one.
        ClauseFacts {
            word: "generated attribute",
            place: ClausePlace::List,
            create: "{part} {text}",
            set: "ADD COLUMN {part} {text}",
            unset: "DROP COLUMN {part}",
            once: true,
            ..FIXED
        },
        ClauseFacts {
            word: "default",
            place: ClausePlace::InList,
            create: "DEFAULT {text}",
            set: "ALTER COLUMN {part} SET DEFAULT {text}",
            unset: "ALTER COLUMN {part} DROP DEFAULT",
            once: true,
            about: ATTRIBUTES,
            ..FIXED
        },
        ClauseFacts {
            word: "not null",
            place: ClausePlace::InList,
            create: "NOT NULL",
            set: "ALTER COLUMN {part} SET NOT NULL",
            unset: "ALTER COLUMN {part} DROP NOT NULL",
            about: ATTRIBUTES,
            ..FIXED
        },
        // No row is read for a new one, so that it needs no RENAME.
        ClauseFacts {
            word: "named not null",
            place: ClausePlace::InList,
            create: "CONSTRAINT {text} NOT NULL",
            set: "ADD CONSTRAINT {text} NOT NULL {part}",
            unset: "ALTER COLUMN {part} DROP NOT NULL",
            once: true,
            about: ATTRIBUTES,
            ..FIXED
        },
        ClauseFacts {
            word: "foreign options",
            place: ClausePlace::Separate,
            set: "ALTER COLUMN {part} OPTIONS ({text})",
            unset: "ALTER COLUMN {part} OPTIONS ({drops})",
            once: true,
            about: ATTRIBUTES,
            ..FIXED
        },
        ClauseFacts {
            word: "constraint",
            place: ClausePlace::List,
            create: "CONSTRAINT {part} {text}",
            set: "ADD CONSTRAINT {part} {text}",
            unset: "DROP CONSTRAINT {part}",
            once: true,
            ..FIXED
        },
        ClauseFacts { word: "server", create: "SERVER {text}", ..FIXED },
        OPTION,
        ClauseFacts { about: ATTRIBUTES, ..COLUMN_STATISTICS },
        ClauseFacts { about: ATTRIBUTES, ..COLUMN_OPTIONS },
    ],
    alter: "ALTER FOREIGN TABLE {name}",
    granted_as: "TABLE",
    lock: Some(LockMode::AccessExclusive),
    ..PLAIN
};
