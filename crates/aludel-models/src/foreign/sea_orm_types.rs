//! The SQL types of SeaORM: by `column_type`, and by Rust type.

use crate::notation::types::well_known;
use crate::source::item::TypeRef;

/// Returns the SQL type of a `column_type`, such as `String(StringLen::N(80))`.
pub(crate) fn column_type(text: &str) -> Option<String> {
    let text = text.trim();
    let (name, inner) = match text.split_once('(') {
        Some((name, rest)) => (name.trim(), rest.strip_suffix(')')?.trim()),
        None => (text, ""),
    };
    let name = name.rsplit("::").next().unwrap_or(name);
    let numbers: Vec<&str> =
        inner.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()).collect();
    let sized = |base: &str| match numbers.as_slice() {
        [] => base.to_owned(),
        numbers => format!("{base}({})", numbers.join(", ")),
    };
    Some(match name {
        "Char" => sized("char"),
        "String" => sized("varchar"),
        "Decimal" => sized("numeric"),
        "Bit" => sized("bit"),
        "VarBit" => sized("varbit"),
        "Custom" | "custom" => inner.trim_matches(['"', '\\']).to_owned(),
        name => fixed(name)?.to_owned(),
    })
}

fn fixed(name: &str) -> Option<&'static str> {
    Some(match name {
        "Text" => "text",
        "TinyInteger" | "SmallInteger" | "TinyUnsigned" => "smallint",
        "Integer" | "SmallUnsigned" => "integer",
        "BigInteger" | "Unsigned" => "bigint",
        "Float" => "real",
        "Double" => "double precision",
        "DateTime" | "Timestamp" => "timestamp",
        "TimestampWithTimeZone" => "timestamptz",
        "Time" => "time",
        "Date" => "date",
        "Interval" => "interval",
        "Binary" | "VarBinary" | "Blob" => "bytea",
        "Boolean" => "boolean",
        "Money" => "money",
        "Json" => "json",
        "JsonBinary" => "jsonb",
        "Uuid" => "uuid",
        "Cidr" => "cidr",
        "Inet" => "inet",
        "MacAddr" => "macaddr",
        "LTree" => "ltree",
        _ => return None,
    })
}

/// Returns the SQL type of a Rust type, by the names of SeaORM's prelude first.
pub(crate) fn rust_type(ty: &TypeRef) -> Option<&'static str> {
    Some(match ty.name() {
        "DateTime" if ty.arguments.is_empty() => "timestamp",
        "TimeDateTime" | "ChronoDateTime" => "timestamp",
        "DateTimeUtc"
        | "DateTimeWithTimeZone"
        | "DateTimeLocal"
        | "TimeDateTimeWithTimeZone"
        | "ChronoDateTimeUtc"
        | "ChronoDateTimeWithTimeZone" => "timestamptz",
        "TimeDate" | "ChronoDate" => "date",
        "TimeTime" | "ChronoTime" => "time",
        "Json" => "json",
        "u64" => "bigint",
        "PgVector" => "vector",
        _ => return well_known(ty, &[]),
    })
}

/// Returns the SQL of a `default_expr` whose meaning is known.
pub(crate) fn default_expr(text: &str) -> Option<&'static str> {
    let compact: String = text.split_whitespace().collect();
    match compact.trim_start_matches("sea_orm::sea_query::").trim_start_matches("sea_query::") {
        "Expr::current_timestamp()" => Some("CURRENT_TIMESTAMP"),
        "Expr::current_date()" => Some("CURRENT_DATE"),
        "Expr::current_time()" => Some("CURRENT_TIME"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn column_types_keep_their_sizes() {
        for (text, expected) in [
            ("Text", Some("text")),
            ("String(StringLen::N(80))", Some("varchar(80)")),
            ("String(StringLen::None)", Some("varchar")),
            ("Decimal(Some((16, 4)))", Some("numeric(16, 4)")),
            ("Decimal(None)", Some("numeric")),
            ("ColumnType::JsonBinary", Some("jsonb")),
            ("custom(\"citext\")", Some("citext")),
            ("VarBinary(StringLen::N(10))", Some("bytea")),
            ("Array(X)", None),
        ] {
            assert_eq!(column_type(text).as_deref(), expected, "{text}");
        }
    }
}
