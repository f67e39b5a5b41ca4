//! The SQL types of Rust types.

use crate::source::item::TypeRef;

/// Returns the PostgreSQL type of a well-known Rust type, by its last path segment and its
/// arguments. `path` is the path that the file's `use` gives the type, if there is one.
pub(crate) fn well_known(ty: &TypeRef, path: &[String]) -> Option<&'static str> {
    let name = path.last().map_or(ty.name(), String::as_str);
    let argument = |at: usize| ty.arguments.get(at).map(TypeRef::name);
    let from = |segment: &str| path.iter().chain(&ty.path).any(|part| part == segment);
    Some(match name {
        "bool" => "boolean",
        "i8" | "i16" | "u8" => "smallint",
        "i32" | "u16" => "integer",
        "i64" | "u32" => "bigint",
        "f32" => "real",
        "f64" => "double precision",
        "String" | "str" | "char" => "text",
        "Bytes" | "BytesMut" => "bytea",
        "Uuid" => "uuid",
        "DateTime" if ty.arguments.is_empty() && (from("civil") || from("jiff")) => "timestamp",
        "DateTime" if !ty.arguments.is_empty() => "timestamptz",
        "OffsetDateTime" | "UtcDateTime" | "Timestamp" | "Zoned" | "SystemTime" => "timestamptz",
        "NaiveDateTime" | "PrimitiveDateTime" => "timestamp",
        "NaiveDate" | "Date" => "date",
        "NaiveTime" | "Time" => "time",
        "Duration" | "TimeDelta" | "Span" | "SignedDuration" | "PgInterval" => "interval",
        "Value" | "JsonValue" | "Json" | "RawValue" => "jsonb",
        "Decimal" | "BigDecimal" => "numeric",
        "IpAddr" | "Ipv4Addr" | "Ipv6Addr" | "IpInet" => "inet",
        "IpNetwork" | "IpNet" | "IpCidr" => "cidr",
        "MacAddress" | "MacAddr" => "macaddr",
        "Vector" => "vector",
        "HalfVector" => "halfvec",
        "SparseVector" => "sparsevec",
        "TsVector" => "tsvector",
        "TsQuery" => "tsquery",
        "PgLTree" => "ltree",
        "PgHstore" => "hstore",
        "PgRange" | "Range" | "RangeInclusive" => range(argument(0)?)?,
        "[]" if argument(0) == Some("u8") => "bytea",
        "Vec" if argument(0) == Some("u8") => "bytea",
        _ => return None,
    })
}

fn range(of: &str) -> Option<&'static str> {
    Some(match of {
        "i32" => "int4range",
        "i64" => "int8range",
        "Decimal" | "BigDecimal" => "numrange",
        "NaiveDate" | "Date" => "daterange",
        "NaiveDateTime" | "PrimitiveDateTime" => "tsrange",
        "DateTime" | "OffsetDateTime" | "Timestamp" | "Zoned" => "tstzrange",
        _ => return None,
    })
}

/// Returns true for a type that only wraps another one.
pub(crate) fn is_wrapper(name: &str) -> bool {
    matches!(name, "Box" | "Arc" | "Rc" | "Cow" | "Secret" | "SecretBox")
}
