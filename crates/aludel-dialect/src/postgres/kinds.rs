//! The table of kinds of PostgreSQL.

use aludel_schema::Kind;

use super::shared::plain::{
    CLUSTERED, COLUMN_COMPRESSION, COLUMN_OPTIONS, COLUMN_STATISTICS, COLUMN_STORAGE, COMMENT,
    FIXED, PLAIN, REPLICA_IDENTITY, STORAGE_PARAMETER, TABLESPACE, TOAST_PARAMETER,
};
use super::shared::{
    DEFAULT_PRIVILEGES, FOREIGN_DATA_WRAPPER, FOREIGN_SERVER, FOREIGN_TABLE, PUBLICATION,
    USER_MAPPING,
};
use crate::kind::{Body, ClauseFacts, ClausePlace, KindFacts, Replace};
use crate::lock::LockMode;

/// An entry for each kind that is data.
pub(crate) const KINDS: &[KindFacts] = &[
    VIEW,
    MATERIALIZED_VIEW,
    INDEX,
    PARTITION,
    DOMAIN,
    COMPOSITE_TYPE,
    RANGE_TYPE,
    FUNCTION,
    PROCEDURE,
    AGGREGATE,
    OPERATOR,
    OPERATOR_FAMILY,
    OPERATOR_CLASS,
    CAST,
    TRIGGER,
    RULE,
    POLICY,
    STATISTICS,
    COLLATION,
    TEXT_SEARCH_CONFIGURATION,
    TEXT_SEARCH_DICTIONARY,
    EVENT_TRIGGER,
    PUBLICATION,
    DEFAULT_PRIVILEGES,
    FOREIGN_DATA_WRAPPER,
    FOREIGN_SERVER,
    USER_MAPPING,
    FOREIGN_TABLE,
];

/// An extension that the object goes with. `DROP EXTENSION` then drops the object too.
const GOES_WITH_EXTENSION: ClauseFacts = ClauseFacts {
    word: "depends on extension",
    place: ClausePlace::Separate,
    set: "DEPENDS ON EXTENSION {part}",
    unset: "NO DEPENDS ON EXTENSION {part}",
    ..FIXED
};

const VIEW: KindFacts = KindFacts {
    kind: Kind::View,
    keyword: "VIEW",
    before_body: "AS",
    body: Body::Rest,
    replace: Replace::WhileShapeGrows,
    clauses: &[
        STORAGE_PARAMETER,
        ClauseFacts {
            word: "default",
            place: ClausePlace::Separate,
            set: "ALTER COLUMN {part} SET DEFAULT {text}",
            unset: "ALTER COLUMN {part} DROP DEFAULT",
            ..FIXED
        },
    ],
    alter: "ALTER VIEW {name}",
    granted_as: "TABLE",
    lock: Some(LockMode::AccessExclusive),
    ..PLAIN
};

const MATERIALIZED_VIEW: KindFacts = KindFacts {
    kind: Kind::MaterializedView,
    keyword: "MATERIALIZED VIEW",
    before_body: "AS",
    body: Body::Rest,
    clauses: &[
        ClauseFacts {
            word: "access method",
            place: ClausePlace::AfterName,
            create: "USING {text}",
            ..FIXED
        },
        STORAGE_PARAMETER,
        TOAST_PARAMETER,
        ClauseFacts { place: ClausePlace::Separate, ..TABLESPACE },
        COLUMN_STATISTICS,
        COLUMN_STORAGE,
        COLUMN_COMPRESSION,
        COLUMN_OPTIONS,
        GOES_WITH_EXTENSION,
    ],
    alter: "ALTER MATERIALIZED VIEW {name}",
    granted_as: "TABLE",
    lock: Some(LockMode::AccessExclusive),
    ..PLAIN
};

/// An index of a materialized view or of a partition. The indexes of tables are declared in models.
const INDEX: KindFacts = KindFacts {
    kind: Kind::Index,
    keyword: "INDEX",
    created_as: "{own}",
    clauses: &[
        ClauseFacts {
            word: "unique",
            place: ClausePlace::BeforeKeyword,
            create: "UNIQUE",
            ..FIXED
        },
        ClauseFacts {
            word: "statistics",
            place: ClausePlace::Separate,
            set: "ALTER COLUMN {text}",
            ..FIXED
        },
        ClauseFacts { alter: "ALTER TABLE {table}", set: "CLUSTER ON {own}", ..CLUSTERED },
        ClauseFacts {
            alter: "ALTER TABLE {table}",
            set: "REPLICA IDENTITY USING INDEX {own}",
            ..REPLICA_IDENTITY
        },
        GOES_WITH_EXTENSION,
    ],
    alter: "ALTER INDEX {name}",
    text_follows_renames: true,
    create_lock: Some(LockMode::Share),
    lock: Some(LockMode::AccessExclusive),
    ..PLAIN
};

/// A table that is a partition of another one. The body is the name of that one.
const PARTITION: KindFacts = KindFacts {
    kind: Kind::Partition,
    keyword: "TABLE",
    before_body: "PARTITION OF",
    clauses: &[
        ClauseFacts {
            word: "unlogged",
            place: ClausePlace::BeforeKeyword,
            create: "UNLOGGED",
            set: "SET UNLOGGED",
            unset: "SET LOGGED",
            ..FIXED
        },
        ClauseFacts {
            word: "bound",
            alter: "ALTER TABLE {body}",
            create: "{text}",
            set: "ATTACH PARTITION {name} {text}",
            unset: "DETACH PARTITION {name}",
            once: true,
            ..FIXED
        },
        ClauseFacts {
            word: "not null name",
            place: ClausePlace::List,
            create: "CONSTRAINT {part} NOT NULL {text}",
            rename: "RENAME CONSTRAINT {part} TO",
            ..FIXED
        },
        ClauseFacts { word: "partition by", create: "PARTITION BY {text}", ..FIXED },
        ClauseFacts { word: "access method", create: "USING {text}", ..FIXED },
        TABLESPACE,
        ClauseFacts { place: ClausePlace::Separate, ..STORAGE_PARAMETER },
        TOAST_PARAMETER,
        ClauseFacts {
            word: "default",
            place: ClausePlace::Separate,
            set: "ALTER COLUMN {part} SET DEFAULT {text}",
            unset: "ALTER COLUMN {part} DROP DEFAULT",
            ..FIXED
        },
        ClauseFacts {
            word: "not null",
            place: ClausePlace::Separate,
            set: "ALTER COLUMN {part} SET NOT NULL",
            unset: "ALTER COLUMN {part} DROP NOT NULL",
            ..FIXED
        },
        // What partitions of this one have of their own is said of them.
        ClauseFacts { alter: "ALTER TABLE ONLY {name}", ..COLUMN_STATISTICS },
        ClauseFacts {
            alter: "ALTER TABLE ONLY {name}",
            unset: "ALTER COLUMN {part} SET STORAGE DEFAULT",
            ..COLUMN_STORAGE
        },
        COLUMN_COMPRESSION,
        COLUMN_OPTIONS,
        ClauseFacts {
            word: "constraint",
            place: ClausePlace::Separate,
            set: "ADD CONSTRAINT {part} {text}",
            unset: "DROP CONSTRAINT {part}",
            rename: "RENAME CONSTRAINT {part} TO",
            once: true,
            ..FIXED
        },
        ClauseFacts {
            word: "row security",
            place: ClausePlace::Separate,
            set: "ENABLE ROW LEVEL SECURITY",
            unset: "DISABLE ROW LEVEL SECURITY",
            ..FIXED
        },
        ClauseFacts {
            word: "forced row security",
            place: ClausePlace::Separate,
            set: "FORCE ROW LEVEL SECURITY",
            unset: "NO FORCE ROW LEVEL SECURITY",
            ..FIXED
        },
        ClauseFacts {
            word: "replica identity",
            place: ClausePlace::Separate,
            set: "REPLICA IDENTITY {text}",
            unset: "REPLICA IDENTITY DEFAULT",
            ..FIXED
        },
        ClauseFacts {
            word: "trigger",
            place: ClausePlace::Separate,
            set: "{text} TRIGGER {part}",
            unset: "ENABLE TRIGGER {part}",
            ..FIXED
        },
        ClauseFacts { about: &["constraint"], ..CLUSTERED },
        ClauseFacts { word: "replica identity index", about: &["constraint"], ..REPLICA_IDENTITY },
        ClauseFacts {
            alter: "COMMENT ON CONSTRAINT {part} ON {name} IS",
            about: &["constraint", "not null name"],
            ..COMMENT
        },
        ClauseFacts {
            word: "comment on index",
            alter: "COMMENT ON INDEX {schema}{part} IS",
            about: &["constraint"],
            ..COMMENT
        },
    ],
    alter: "ALTER TABLE {name}",
    granted_as: "TABLE",
    renames: false,
    lock: Some(LockMode::AccessExclusive),
    text_follows_renames: true,
    has_rows: true,
    ..PLAIN
};

const DOMAIN: KindFacts = KindFacts {
    kind: Kind::Domain,
    keyword: "DOMAIN",
    before_body: "AS",
    clauses: &[
        ClauseFacts { word: "collate", create: "COLLATE {text}", ..FIXED },
        ClauseFacts {
            word: "default",
            create: "DEFAULT {default}",
            set: "SET DEFAULT {default}",
            unset: "DROP DEFAULT",
            ..FIXED
        },
        ClauseFacts {
            word: "not null",
            create: "NOT NULL",
            set: "SET NOT NULL",
            unset: "DROP NOT NULL",
            rename: "RENAME CONSTRAINT {part} TO",
            ..FIXED
        },
        ClauseFacts {
            word: "not null name",
            create: "CONSTRAINT {part} NOT NULL",
            set: "ADD CONSTRAINT {part} NOT NULL",
            unset: "DROP NOT NULL",
            rename: "RENAME CONSTRAINT {part} TO",
            ..FIXED
        },
        ClauseFacts {
            word: "constraint",
            create: "CONSTRAINT {part} {text}",
            set: "ADD CONSTRAINT {part} {text}",
            unset: "DROP CONSTRAINT {part}",
            rename: "RENAME CONSTRAINT {part} TO",
            once: true,
            ..FIXED
        },
        ClauseFacts {
            alter: "COMMENT ON CONSTRAINT {part} ON DOMAIN {name} IS",
            about: &["constraint", "not null", "not null name"],
            ..COMMENT
        },
    ],
    alter: "ALTER DOMAIN {name}",
    granted_as: "DOMAIN",
    is_public: true,
    is_type: true,
    hands_over: true,
    ..PLAIN
};

const COMPOSITE_TYPE: KindFacts = KindFacts {
    kind: Kind::CompositeType,
    keyword: "TYPE",
    before_body: "AS",
    clauses: &[ClauseFacts {
        word: "attribute",
        place: ClausePlace::List,
        create: "{part} {text}",
        set: "ADD ATTRIBUTE {part} {text}",
        change: "ALTER ATTRIBUTE {part} TYPE {text}",
        unset: "DROP ATTRIBUTE {part}",
        has_values: true,
        ..FIXED
    }],
    alter: "ALTER TYPE {name}",
    granted_as: "TYPE",
    is_public: true,
    is_type: true,
    ..PLAIN
};

const RANGE_TYPE: KindFacts = KindFacts {
    kind: Kind::RangeType,
    keyword: "TYPE",
    before_body: "AS RANGE",
    granted_as: "TYPE",
    is_public: true,
    is_type: true,
    hands_over: true,
    ..PLAIN
};

const FUNCTION: KindFacts = KindFacts {
    kind: Kind::Function,
    keyword: "FUNCTION",
    address: "{name}({signature})",
    replace: Replace::WhileShapeGrows,
    clauses: &[GOES_WITH_EXTENSION],
    alter: "ALTER FUNCTION {name}({signature})",
    granted_as: "FUNCTION",
    is_public: true,
    has_code: true,
    ..PLAIN
};

const PROCEDURE: KindFacts = KindFacts {
    kind: Kind::Procedure,
    keyword: "PROCEDURE",
    alter: "ALTER PROCEDURE {name}({signature})",
    granted_as: "PROCEDURE",
    ..FUNCTION
};

const AGGREGATE: KindFacts = KindFacts {
    kind: Kind::Aggregate,
    keyword: "AGGREGATE",
    clauses: &[],
    alter: "",
    granted_as: "FUNCTION",
    has_code: false,
    ..FUNCTION
};

/// A parameter of the list in parentheses, whose name is a keyword.
const PARAMETER: ClauseFacts = ClauseFacts {
    word: "parameter",
    place: ClausePlace::List,
    create: "{label} = {text}",
    ..FIXED
};

const OPERATOR: KindFacts = KindFacts {
    kind: Kind::Operator,
    keyword: "OPERATOR",
    address: "{name} ({signature})",
    name_is_text: true,
    clauses: &[
        PARAMETER,
        ClauseFacts {
            word: "estimator",
            set: "SET ({label} = {text})",
            unset: "SET ({label} = NONE)",
            ..PARAMETER
        },
        ClauseFacts { word: "flag", create: "{label}", ..PARAMETER },
    ],
    alter: "ALTER OPERATOR {name} ({signature})",
    renames: false,
    ..PLAIN
};

/// A family states the operators and functions that no class of it holds.
const OPERATOR_FAMILY: KindFacts = KindFacts {
    kind: Kind::OperatorFamily,
    keyword: "OPERATOR FAMILY",
    created_as: "{name} USING {signature}",
    address: "{name} USING {signature}",
    clauses: &[ClauseFacts {
        word: "member",
        place: ClausePlace::Separate,
        set: "ADD {text}",
        unset: "DROP {label}",
        once: true,
        ..FIXED
    }],
    alter: "ALTER OPERATOR FAMILY {name} USING {signature}",
    ..PLAIN
};

const OPERATOR_CLASS: KindFacts = KindFacts {
    kind: Kind::OperatorClass,
    keyword: "OPERATOR CLASS",
    address: "{name} USING {signature}",
    ..PLAIN
};

const CAST: KindFacts = KindFacts {
    kind: Kind::Cast,
    keyword: "CAST",
    created_as: "({signature})",
    address: "({signature})",
    renames: false,
    ..PLAIN
};

/// The state in which a trigger or a rule fires, if it is not the default.
const ENABLED: ClauseFacts = ClauseFacts {
    word: "enabled",
    place: ClausePlace::Separate,
    set: "{text} TRIGGER {own}",
    unset: "ENABLE TRIGGER {own}",
    ..FIXED
};

const TRIGGER: KindFacts = KindFacts {
    kind: Kind::Trigger,
    keyword: "TRIGGER",
    created_as: "{own}",
    address: "{own} ON {table}",
    replace: Replace::WhilePlain,
    clauses: &[
        ClauseFacts {
            word: "constraint",
            place: ClausePlace::BeforeKeyword,
            create: "CONSTRAINT",
            ..FIXED
        },
        ENABLED,
        ClauseFacts { alter: "ALTER TRIGGER {own} ON {table}", ..GOES_WITH_EXTENSION },
    ],
    alter: "ALTER TABLE {table}",
    create_lock: Some(LockMode::ShareRowExclusive),
    lock: Some(LockMode::AccessExclusive),
    text_follows_renames: true,
    ..PLAIN
};

const RULE: KindFacts = KindFacts {
    kind: Kind::Rule,
    keyword: "RULE",
    created_as: "{own}",
    address: "{own} ON {table}",
    before_body: "AS",
    replace: Replace::WhilePlain,
    clauses: &[ClauseFacts { set: "{text} RULE {own}", unset: "ENABLE RULE {own}", ..ENABLED }],
    alter: "ALTER TABLE {table}",
    create_lock: Some(LockMode::AccessExclusive),
    lock: Some(LockMode::AccessExclusive),
    ..PLAIN
};

const POLICY: KindFacts = KindFacts {
    kind: Kind::Policy,
    keyword: "POLICY",
    created_as: "{own}",
    address: "{own} ON {table}",
    clauses: &[
        ClauseFacts {
            word: "roles",
            create: "TO {text}",
            set: "TO {text}",
            unset: "TO PUBLIC",
            ..FIXED
        },
        ClauseFacts { word: "using", create: "USING {text}", set: "USING {text}", ..FIXED },
        ClauseFacts {
            word: "check",
            create: "WITH CHECK {text}",
            set: "WITH CHECK {text}",
            ..FIXED
        },
    ],
    alter: "ALTER POLICY {own} ON {table}",
    create_lock: Some(LockMode::AccessExclusive),
    lock: Some(LockMode::AccessExclusive),
    text_follows_renames: true,
    ..PLAIN
};

const STATISTICS: KindFacts = KindFacts {
    kind: Kind::Statistics,
    keyword: "STATISTICS",
    clauses: &[ClauseFacts {
        word: "target",
        place: ClausePlace::Separate,
        set: "SET STATISTICS {text}",
        unset: "SET STATISTICS -1",
        ..FIXED
    }],
    alter: "ALTER STATISTICS {name}",
    create_lock: Some(LockMode::ShareUpdateExclusive),
    drop_locks_tables: true,
    text_follows_renames: true,
    ..PLAIN
};

const COLLATION: KindFacts = KindFacts { kind: Kind::Collation, keyword: "COLLATION", ..PLAIN };

const TEXT_SEARCH_CONFIGURATION: KindFacts = KindFacts {
    kind: Kind::TextSearchConfiguration,
    keyword: "TEXT SEARCH CONFIGURATION",
    clauses: &[ClauseFacts {
        word: "mapping",
        place: ClausePlace::Separate,
        set: "ADD MAPPING FOR {part} WITH {text}",
        change: "ALTER MAPPING FOR {part} WITH {text}",
        unset: "DROP MAPPING FOR {part}",
        ..FIXED
    }],
    alter: "ALTER TEXT SEARCH CONFIGURATION {name}",
    ..PLAIN
};

const TEXT_SEARCH_DICTIONARY: KindFacts = KindFacts {
    kind: Kind::TextSearchDictionary,
    keyword: "TEXT SEARCH DICTIONARY",
    clauses: &[
        PARAMETER,
        ClauseFacts {
            word: "option",
            create: "{part} = {text}",
            set: "({part} = {text})",
            unset: "({part})",
            ..PARAMETER
        },
    ],
    alter: "ALTER TEXT SEARCH DICTIONARY {name}",
    ..PLAIN
};

const EVENT_TRIGGER: KindFacts = KindFacts {
    kind: Kind::EventTrigger,
    keyword: "EVENT TRIGGER",
    clauses: &[ClauseFacts { set: "{text}", unset: "ENABLE", ..ENABLED }],
    alter: "ALTER EVENT TRIGGER {name}",
    ..PLAIN
};
