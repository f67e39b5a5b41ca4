//! The casts between PostgreSQL's own types, and those of common extensions: in which context the
//! server applies each of them (`pg_cast`), what it loses, and on which values it fails.
//!
//! A change of a column's type may use an assignment cast without being asked. An explicit cast has
//! to be written as `USING column::type`.

use std::collections::BTreeMap;

use aludel_schema::CastContext::{Assignment as A, Explicit as E, Implicit as I};
use aludel_schema::{CastContext, CastTypes};

/// Casts from each of some types to each of others, without modifiers.
#[derive(Debug)]
pub(crate) struct Casts {
    pub(crate) from: &'static [&'static str],
    pub(crate) to: &'static [&'static str],
    pub(crate) context: CastContext,
    /// The loss of the values, as the end of a sentence about them.
    pub(crate) loss: Option<&'static str>,
    /// The description of a value that the cast refuses.
    pub(crate) refuses: Option<&'static str>,
}

const fn casts(
    from: &'static [&'static str],
    context: CastContext,
    to: &'static [&'static str],
) -> Casts {
    Casts { from, to, context, loss: None, refuses: None }
}

impl Casts {
    const fn losing(mut self, loss: &'static str) -> Self {
        self.loss = Some(loss);
        self
    }

    const fn refusing(mut self, refuses: &'static str) -> Self {
        self.refuses = Some(refuses);
        self
    }
}

pub(crate) const ROUNDED: &str = "are rounded";
pub(crate) const FEWER_DIGITS: &str = "keep fewer digits";
pub(crate) const IN_SESSION_ZONE: &str = "are read in the session's time zone";
pub(crate) const NO_TIME: &str = "lose their time of day";
pub(crate) const NO_DAY_OR_NULL: &str = "lose their day, and become NULL if they are infinite";
pub(crate) const NO_ZONE: &str = "lose their time zone";
pub(crate) const SHORT_NAME: &str = "are cut after 63 bytes";
pub(crate) const ONE_BYTE: &str = "are cut after one byte";
pub(crate) const NO_END_SPACES: &str = "lose the spaces at their end";
pub(crate) const TRUTH: &str = "become true unless they are 0";
pub(crate) const KEYS: &str = "lose the order and the repetitions of their keys";
pub(crate) const SPELLING: &str = "are read as what they spell";
pub(crate) const SHAPE: &str = "keep only a part of their shape";
/// Since PostgreSQL 18. Earlier versions refuse it.
pub(crate) const JSON_NULL: &str = "become NULL if they are a JSON null";
pub(crate) const JSON_ROUNDED: &str = "are rounded, and become NULL if they are a JSON null";
pub(crate) const RANGE: &str = "is out of range";

pub(crate) const OID_NAMES: &[&str] = &[
    "regclass",
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
];

const REAL: &str = "real";
const DOUBLE: &str = "double precision";
const STAMP: &str = "timestamp without time zone";
const STAMP_TZ: &str = "timestamp with time zone";
const TIME: &str = "time without time zone";
const TIME_TZ: &str = "time with time zone";
const VARCHAR: &str = "character varying";
const CHAR: &str = "\"char\"";
const STRINGS: &[&str] = &["text", VARCHAR, "character"];

/// All casts of `pg_cast` between types that a column can have.
pub(crate) const CASTS: &[Casts] = &[
    // Numbers.
    casts(&["smallint"], I, &["integer", "bigint", "numeric", REAL, DOUBLE]),
    casts(&["integer"], I, &["bigint", "numeric", DOUBLE]),
    casts(&["bigint"], I, &["numeric"]),
    casts(&[REAL], I, &[DOUBLE]),
    casts(&["integer", "bigint"], I, &[REAL]).losing(FEWER_DIGITS),
    casts(&["bigint"], I, &[DOUBLE]).losing(FEWER_DIGITS),
    casts(&["numeric"], I, &[REAL, DOUBLE]).losing(FEWER_DIGITS).refusing(RANGE),
    casts(&["integer", "bigint"], A, &["smallint"]).refusing(RANGE),
    casts(&["bigint"], A, &["integer"]).refusing(RANGE),
    casts(&["numeric", REAL, DOUBLE], A, &["smallint", "integer", "bigint"])
        .losing(ROUNDED)
        .refusing(RANGE),
    casts(&[DOUBLE], A, &[REAL]).losing(FEWER_DIGITS).refusing(RANGE),
    casts(&[REAL, DOUBLE], A, &["numeric"]).losing(FEWER_DIGITS),
    casts(&["integer"], E, &["boolean"]).losing(TRUTH),
    casts(&["boolean"], E, &["integer"]),
    casts(&["integer", "bigint"], A, &["money"]).refusing(RANGE),
    casts(&["numeric"], A, &["money"]).losing(ROUNDED).refusing(RANGE),
    casts(&["money"], A, &["numeric"]),
    casts(&["xid8"], E, &["xid"]).losing("lose their epoch"),
    // Object identifiers.
    casts(&["smallint"], I, &["oid"]).losing("become positive"),
    casts(&["integer"], I, &["oid"]).losing("become positive"),
    casts(&["bigint"], I, &["oid"]).refusing(RANGE),
    casts(&["smallint", "integer"], I, OID_NAMES).losing("become positive"),
    casts(&["bigint"], I, OID_NAMES).refusing(RANGE),
    casts(&["oid"], I, OID_NAMES),
    casts(&["oid"], A, &["bigint"]),
    casts(&["oid"], A, &["integer"]).losing("become negative if they are large"),
    casts(OID_NAMES, I, &["oid"]),
    casts(OID_NAMES, A, &["bigint"]),
    casts(OID_NAMES, A, &["integer"]).losing("become negative if they are large"),
    casts(&["regoper"], I, &["regoperator"]),
    casts(&["regoperator"], I, &["regoper"]),
    casts(&["regproc"], I, &["regprocedure"]),
    casts(&["regprocedure"], I, &["regproc"]),
    casts(&["text", VARCHAR], I, &["regclass"]).losing(SPELLING).refusing("names no relation"),
    // Strings.
    casts(&["text"], I, &[VARCHAR]),
    casts(&["text", VARCHAR], I, &["character"]).losing(NO_END_SPACES),
    casts(&[VARCHAR], I, &["text"]),
    casts(&["character"], I, &["text", VARCHAR]).losing(NO_END_SPACES),
    casts(STRINGS, I, &["name"]).losing(SHORT_NAME),
    casts(STRINGS, A, &[CHAR]).losing(ONE_BYTE),
    casts(STRINGS, E, &["xml"]).refusing("is not well-formed XML"),
    casts(&["name"], I, &["text"]),
    casts(&["name"], A, &[VARCHAR, "character"]),
    casts(&[CHAR], I, &["text"]),
    casts(&[CHAR], A, &[VARCHAR, "character"]),
    casts(&[CHAR], E, &["integer"]),
    casts(&["integer"], E, &[CHAR]).refusing(RANGE),
    casts(&["xml"], A, &["character"]).losing(NO_END_SPACES),
    casts(&["boolean", "cidr", "inet", "xml"], A, STRINGS),
    // Bits. An integer keeps its last bits, as many as there is room for.
    casts(&["bit"], I, &["bit varying"]),
    casts(&["bit varying"], I, &["bit"]),
    casts(&["bit"], E, &["integer"]).refusing(RANGE),
    casts(&["bit"], E, &["bigint"]).refusing(RANGE),
    casts(&["integer", "bigint"], E, &["bit"]),
    // Bytes, since PostgreSQL 18.
    casts(&["smallint", "integer", "bigint"], E, &["bytea"]),
    casts(&["bytea"], E, &["smallint", "integer", "bigint"])
        .losing("lose the number of their bytes")
        .refusing("has too many bytes"),
    // Dates and times.
    casts(&["date"], I, &[STAMP]),
    casts(&["date"], I, &[STAMP_TZ]).losing(IN_SESSION_ZONE),
    casts(&[STAMP], I, &[STAMP_TZ]).losing(IN_SESSION_ZONE),
    casts(&[STAMP_TZ], A, &[STAMP]).losing(IN_SESSION_ZONE),
    casts(&[STAMP, STAMP_TZ], A, &["date"]).losing(NO_TIME),
    casts(&[STAMP, STAMP_TZ], A, &[TIME]).losing(NO_DAY_OR_NULL),
    casts(&[STAMP_TZ], A, &[TIME_TZ]).losing(NO_DAY_OR_NULL),
    casts(&[TIME], I, &[TIME_TZ]).losing(IN_SESSION_ZONE),
    casts(&[TIME], I, &["interval"]),
    casts(&[TIME_TZ], A, &[TIME]).losing(NO_ZONE),
    casts(&["interval"], A, &[TIME]).losing("lose their days"),
    // Documents.
    casts(&["json"], A, &["jsonb"])
        .losing(KEYS)
        .refusing("has a character or a number that jsonb can't hold"),
    casts(&["jsonb"], A, &["json"]),
    casts(&["jsonb"], E, &["boolean"]).losing(JSON_NULL).refusing("is no JSON boolean"),
    casts(&["jsonb"], E, &["smallint", "integer", "bigint", REAL, DOUBLE])
        .losing(JSON_ROUNDED)
        .refusing("is no JSON number in range"),
    casts(&["jsonb"], E, &["numeric"]).losing(JSON_NULL).refusing("is no JSON number"),
    // Networks.
    casts(&["cidr"], I, &["inet"]),
    casts(&["inet"], A, &["cidr"]).losing("lose the bits behind their netmask"),
    casts(&["macaddr"], I, &["macaddr8"]),
    casts(&["macaddr8"], I, &["macaddr"]).refusing("has other bytes than FF:FE in its middle"),
    // Shapes.
    casts(&["point"], A, &["box"]),
    casts(&["box"], A, &["polygon"]),
    casts(&["path"], A, &["polygon"]).refusing("is an open path"),
    casts(&["polygon"], A, &["path"]),
    casts(&["box", "circle", "lseg", "polygon"], E, &["point"]).losing(SHAPE),
    casts(&["box", "polygon"], E, &["circle"]).losing(SHAPE),
    casts(&["circle", "polygon"], E, &["box"]).losing(SHAPE),
    casts(&["box"], E, &["lseg"]).losing(SHAPE),
    casts(&["circle"], E, &["polygon"]).losing(SHAPE),
    // Ranges.
    casts(&["int4range"], E, &["int4multirange"]),
    casts(&["int8range"], E, &["int8multirange"]),
    casts(&["numrange"], E, &["nummultirange"]),
    casts(&["daterange"], E, &["datemultirange"]),
    casts(&["tsrange"], E, &["tsmultirange"]),
    casts(&["tstzrange"], E, &["tstzmultirange"]),
];

/// The casts of extensions whose types the models have names for.
pub(crate) const EXTENSION_CASTS: &[Casts] = &[
    casts(&["text", VARCHAR, "boolean", "inet"], A, &["citext"]),
    casts(&["character"], A, &["citext"]).losing(NO_END_SPACES),
    casts(&["citext"], I, &["text", VARCHAR]),
    casts(&["citext"], A, &["character"]).losing(NO_END_SPACES),
    casts(&["hstore"], E, &["json", "jsonb"]),
    casts(&["text[]"], E, &["hstore"])
        .losing("lose repeated keys")
        .refusing("has an odd number of elements"),
    casts(&["vector"], I, &["real[]"]),
    casts(&["vector"], I, &["halfvec"]).losing(FEWER_DIGITS).refusing(RANGE),
    casts(&["vector"], I, &["sparsevec"]),
    casts(&["halfvec"], I, &["sparsevec"]),
    casts(&["halfvec"], A, &["vector", "real[]"]),
    casts(&["sparsevec"], A, &["vector"]),
    casts(&["sparsevec"], A, &["halfvec"]).losing(FEWER_DIGITS).refusing(RANGE),
    casts(&["real[]"], A, &["vector", "sparsevec"]).refusing("has NULL or a list in it"),
    casts(&["real[]"], A, &["halfvec"]).losing(FEWER_DIGITS).refusing("has NULL or a list in it"),
    casts(
        &["integer[]", "double precision[]", "numeric[]"],
        A,
        &["vector", "halfvec", "sparsevec"],
    )
    .losing(FEWER_DIGITS)
    .refusing("has NULL or a list in it"),
];

/// Returns all casts between the types of the server itself, one by one.
pub(crate) fn builtin() -> BTreeMap<CastTypes, CastContext> {
    let one = |casts: &Casts, from: &str, to: &str| {
        (CastTypes { from: from.to_owned(), to: to.to_owned() }, casts.context)
    };
    let all = CASTS.iter().flat_map(|casts| {
        let pairs = casts.from.iter().flat_map(|from| casts.to.iter().map(move |to| (from, to)));
        pairs.map(move |(from, to)| one(casts, from, to))
    });
    all.collect()
}

/// Returns the casts from one type to another, both without modifiers.
pub(crate) fn find(from: &str, to: &str) -> Option<&'static Casts> {
    let is_here = |casts: &&Casts| casts.from.contains(&from) && casts.to.contains(&to);
    CASTS.iter().find(is_here).or_else(|| EXTENSION_CASTS.iter().find(is_here))
}

/// Returns true if the values of both types have the same bytes, so that rows stay as they are.
pub(crate) fn has_same_form(from: &str, to: &str) -> bool {
    let is_text = |name: &str| ["text", VARCHAR, "citext"].contains(&name);
    let is_id = |name: &str| name == "oid" || name == "integer" || OID_NAMES.contains(&name);
    from == to
        || (is_text(from) && is_text(to))
        || (is_id(from) && is_id(to))
        || (from == "cidr" && to == "inet")
        || (from == "bit" && to == "bit varying")
        || (from == "xml" && (to == "text" || to == VARCHAR))
}

/// Returns the names of all types that the table of casts knows.
pub(crate) fn names_in_casts() -> impl Iterator<Item = &'static str> {
    CASTS.iter().flat_map(|casts| casts.from.iter().chain(casts.to).copied())
}
