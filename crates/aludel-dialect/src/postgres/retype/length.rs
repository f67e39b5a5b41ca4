//! The lengths of values.

use super::sql_type::SqlType;

/// Returns the number of bytes that a value of a type takes at most; `None` if it is unlimited or unknown. A letter
/// takes up to four of them.
pub(crate) fn longest(sql_type: &SqlType) -> Option<usize> {
    let number = |at| sql_type.number(at).and_then(|own| usize::try_from(own).ok());
    match sql_type.name.as_str() {
        _ if sql_type.array => None,
        "boolean" | "\"char\"" => Some(1),
        "smallint" => Some(2),
        "integer" | "real" | "date" | "oid" | "xid" | "cid" => Some(4),
        "regclass" | "regproc" | "regprocedure" | "regtype" | "regrole" | "regnamespace" => Some(4),
        "bigint" | "double precision" | "money" | "macaddr8" | "pg_lsn" | "xid8" => Some(8),
        "timestamp without time zone" | "timestamp with time zone" => Some(8),
        "time without time zone" | "macaddr" | "tid" => Some(8),
        "time with time zone" => Some(12),
        "uuid" | "interval" | "point" => Some(16),
        "line" | "circle" => Some(24),
        "lseg" | "box" => Some(32),
        "name" => Some(64),
        "character varying" | "character" => Some(number(0)? * 4 + 4),
        "bit" | "bit varying" => Some(number(0)? / 8 + 9),
        "numeric" => Some(number(0)? / 2 + 16),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{SqlType, longest};

    #[test]
    fn lengths_are_known_of_types_with_a_limit() {
        for (sql_type, length) in [
            ("integer", Some(4)),
            ("integer[]", None),
            ("text", None),
            ("character varying(10)", Some(44)),
            ("character varying", None),
            ("timestamp(3) with time zone", Some(8)),
            ("interval day to second", Some(16)),
            ("numeric", None),
            ("numeric(10,2)", Some(21)),
            ("\"char\"", Some(1)),
            ("own", None),
        ] {
            assert_eq!(longest(&SqlType::parse(sql_type)), length, "{sql_type}");
        }
    }
}
