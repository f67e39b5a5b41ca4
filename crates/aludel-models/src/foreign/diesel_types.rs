//! The SQL types of diesel by their names in `table!`.

/// Returns the PostgreSQL type, for a type with this length if it has one.
pub(crate) fn sql_type(name: &str, length: Option<&str>) -> Option<String> {
    let sized = |base: &str| match length {
        Some(length) => format!("{base}({length})"),
        None => base.to_owned(),
    };
    Some(match name {
        "Varchar" | "VarChar" => sized("varchar"),
        "Bpchar" => sized("char"),
        "Bit" => sized("bit"),
        "Varbit" => sized("varbit"),
        name => fixed(name)?.to_owned(),
    })
}

fn fixed(name: &str) -> Option<&'static str> {
    Some(match name {
        "Bool" => "boolean",
        "SmallInt" | "Int2" | "SmallSerial" | "TinyInt" => "smallint",
        "Integer" | "Int4" | "Serial" => "integer",
        "BigInt" | "Int8" | "BigSerial" => "bigint",
        "Float" | "Float4" => "real",
        "Double" | "Float8" => "double precision",
        "Numeric" | "Decimal" => "numeric",
        "Text" | "TinyText" | "MediumText" | "LongText" => "text",
        "Citext" => "citext",
        "Bytea" | "Binary" | "Blob" => "bytea",
        "Date" => "date",
        "Time" => "time",
        "Timestamp" => "timestamp",
        "Timestamptz" | "TimestamptzSqlite" => "timestamptz",
        "Interval" => "interval",
        "Uuid" => "uuid",
        "Json" => "json",
        "Jsonb" => "jsonb",
        "Inet" => "inet",
        "Cidr" => "cidr",
        "MacAddr" => "macaddr",
        "MacAddr8" => "macaddr8",
        "Money" => "money",
        "Oid" => "oid",
        "CChar" => "\"char\"",
        "PgLsn" => "pg_lsn",
        "Tsvector" | "TsVector" => "tsvector",
        "Tsquery" | "TsQuery" => "tsquery",
        "Ltree" => "ltree",
        "Int4range" => "int4range",
        "Int8range" => "int8range",
        "Numrange" => "numrange",
        "Daterange" => "daterange",
        "Tsrange" => "tsrange",
        "Tstzrange" => "tstzrange",
        _ => return None,
    })
}

/// Returns the type of a range of this element type.
pub(crate) fn range(element: &str) -> Option<&'static str> {
    Some(match element {
        "integer" => "int4range",
        "bigint" => "int8range",
        "numeric" => "numrange",
        "date" => "daterange",
        "timestamp" => "tsrange",
        "timestamptz" => "tstzrange",
        _ => return None,
    })
}
