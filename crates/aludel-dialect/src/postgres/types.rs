//! Type names in the spelling of PostgreSQL's `format_type`.

use crate::dialect::Dialect;
use crate::lexer::significant;
use crate::token::TokenKind;

/// Returns the canonical spelling of a built-in type. Any other type name is returned with single
/// spaces.
pub(crate) fn canonical(written: &str) -> String {
    if PLAIN.contains(&written) {
        return written.to_owned();
    }
    let parts = Parts::read(written);
    let Some(base) = parts.builtin() else { return parts.verbatim };
    format!("{base}{}", parts.array)
}

/// The most common names that are already canonical.
const PLAIN: [&str; 9] =
    ["bigint", "text", "integer", "boolean", "uuid", "jsonb", "date", "bytea", "smallint"];

/// The parts of a type name: words, modifiers, words after the modifiers, array brackets.
struct Parts {
    name: String,
    modifiers: Option<String>,
    suffix: String,
    array: String,
    verbatim: String,
}

impl Parts {
    fn read(written: &str) -> Self {
        let (mut name, mut suffix) = (Vec::new(), Vec::new());
        let mut modifiers: Option<String> = None;
        let (mut inside, mut brackets, mut qualified) = (false, 0, false);
        for token in significant(written, Dialect::Postgres) {
            match token.text {
                "(" => (inside, modifiers) = (true, Some(String::new())),
                ")" => inside = false,
                "[" => brackets += 1,
                "]" => {}
                text if inside => modifiers.get_or_insert_default().push_str(text),
                "." => qualified = true,
                _ if token.kind == TokenKind::Quoted => qualified = true,
                text if modifiers.is_some() => suffix.push(text.to_ascii_lowercase()),
                text if token.kind == TokenKind::Word => name.push(text.to_ascii_lowercase()),
                _ => {}
            }
        }
        Self {
            name: if qualified { String::new() } else { name.join(" ") },
            modifiers,
            suffix: suffix.join(" "),
            array: "[]".repeat(usize::from(brackets > 0)),
            verbatim: written.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    fn builtin(&self) -> Option<String> {
        let modifiers = self.modifiers.as_deref();
        let with = |base: &str| match modifiers {
            Some(modifiers) => format!("{base}({modifiers})"),
            None => base.to_owned(),
        };
        let sized = |base: &str| format!("{base}({})", modifiers.unwrap_or("1"));
        Some(match self.name.as_str() {
            "int" | "int4" | "integer" => "integer".to_owned(),
            "int2" | "smallint" => "smallint".to_owned(),
            "int8" | "bigint" => "bigint".to_owned(),
            "bool" | "boolean" => "boolean".to_owned(),
            "float4" | "real" => "real".to_owned(),
            "float8" | "double precision" => "double precision".to_owned(),
            "float" => float(modifiers).to_owned(),
            "decimal" | "dec" | "numeric" => match modifiers {
                Some(one) if !one.contains(',') => format!("numeric({one},0)"),
                _ => with("numeric"),
            },
            "varchar" | "character varying" | "char varying" => with("character varying"),
            "char" | "character" | "nchar" => sized("character"),
            "bit" => sized("bit"),
            "varbit" | "bit varying" => with("bit varying"),
            "timestamptz" => zoned(&with("timestamp"), "with time zone"),
            "timetz" => zoned(&with("time"), "with time zone"),
            "timestamp" | "time" => {
                let zone = if self.suffix == "with time zone" { "with" } else { "without" };
                zoned(&with(&self.name), &format!("{zone} time zone"))
            }
            "timestamp with time zone"
            | "timestamp without time zone"
            | "time with time zone"
            | "time without time zone" => self.name.clone(),
            "text" | "bytea" | "uuid" | "json" | "jsonb" | "date" | "inet" | "cidr" | "macaddr"
            | "tsvector" | "tsquery" | "xml" | "money" | "oid" | "int4range" | "int8range"
            | "numrange" | "tsrange" | "tstzrange" | "daterange" | "citext" | "ltree"
            | "hstore" | "vector" | "halfvec" | "sparsevec" | "interval" => with(&self.name),
            _ => return None,
        })
    }
}

fn zoned(base: &str, zone: &str) -> String {
    format!("{base} {zone}")
}

fn float(modifiers: Option<&str>) -> &'static str {
    match modifiers.and_then(|bits| bits.parse::<u8>().ok()) {
        Some(1..=24) => "real",
        _ => "double precision",
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn aliases_are_spelt_as_the_server_does() {
        for (written, expected) in [
            ("INT", "integer"),
            ("varchar( 80 )", "character varying(80)"),
            ("timestamptz", "timestamp with time zone"),
            ("timestamptz(3)", "timestamp(3) with time zone"),
            ("timestamp (3) with time zone", "timestamp(3) with time zone"),
            ("timestamp", "timestamp without time zone"),
            ("decimal(10)", "numeric(10,0)"),
            ("numeric(10, 2)", "numeric(10,2)"),
            ("char", "character(1)"),
            ("text[][]", "text[]"),
            ("varchar(3)[]", "character varying(3)[]"),
            ("float(24)", "real"),
            ("\"char\"", "\"char\""),
            ("public.mood", "public.mood"),
            ("vector(384)", "vector(384)"),
        ] {
            assert_eq!(canonical(written), expected, "{written}");
        }
    }
}
