//! Type names in the spelling of PostgreSQL's `format_type`.

use crate::dialect::Dialect;
use crate::lexer::{TokenKind, significant};

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

/// Returns true if an assignment cast converts the values, so that ALTER COLUMN TYPE needs no
/// `USING`.
pub(crate) fn assigns(from: &str, to: &str) -> bool {
    let (from, to) = (base(from), base(to));
    let number = |name: &str| {
        ["smallint", "integer", "bigint", "numeric", "real", "double precision"].contains(&name)
    };
    let text = |name: &str| ["text", "character varying", "character"].contains(&name);
    from == to || (number(&from) && number(&to)) || text(&to)
}

/// Returns true if one type is boolean and the other one an integer type.
pub(crate) fn counts_truth(from: &str, to: &str) -> bool {
    let number = |name: &str| ["smallint", "integer", "bigint"].contains(&name);
    (from == "boolean" && number(to)) || (number(from) && to == "boolean")
}

/// Returns true if there is a direct cast, so that `USING column::type` works.
pub(crate) fn casts(from: &str, to: &str) -> bool {
    const GROUPS: &[&[&str]] = &[
        &["text", "character varying", "character", "json", "jsonb", "xml"],
        &["smallint", "integer", "bigint", "numeric", "real", "double precision"],
        &["date", "timestamp without time zone", "timestamp with time zone"],
        &["vector", "halfvec", "sparsevec", "real[]"],
    ];
    let (from, to) = (base(from), base(to));
    let text = ["text", "character varying", "character"].contains(&from.as_str());
    text || GROUPS
        .iter()
        .any(|group| group.contains(&from.as_str()) && group.contains(&to.as_str()))
}

/// Describes the loss when values are silently changed by a conversion. A conversion that fails for
/// values that do not fit loses nothing.
pub(crate) fn loses(from: &str, to: &str) -> Option<&'static str> {
    const ZONED: &str = "timestamp with time zone";
    const LOCAL: &str = "timestamp without time zone";
    let (old, new) = (base(from), base(to));
    let fewer = |otherwise| fraction(to, otherwise) < fraction(from, otherwise);
    match (old.as_str(), new.as_str()) {
        (ZONED, LOCAL) | (LOCAL, ZONED) => Some("are read in the session's time zone"),
        (ZONED | LOCAL, "date") => Some("lose their time of day"),
        (ZONED, ZONED) | (LOCAL, LOCAL) if fewer(6) => Some("are rounded"),
        ("real" | "double precision", "smallint" | "integer" | "bigint") => Some("are rounded"),
        ("numeric", "smallint" | "integer" | "bigint") if fraction(from, u32::MAX) > 0 => {
            Some("are rounded")
        }
        ("numeric" | "real" | "double precision", "numeric") if fewer(u32::MAX) => {
            Some("are rounded")
        }
        ("numeric", "real" | "double precision")
        | ("double precision" | "bigint" | "integer", "real")
        | ("bigint", "double precision")
        | ("vector", "halfvec") => Some("keep fewer digits"),
        _ => None,
    }
}

/// Returns true if a change of type writes every row again. PostgreSQL keeps the rows if both types
/// have the same binary form and every value fits, as with a longer limit or none (PostgreSQL's
/// page on ALTER TABLE, "Notes").
pub(crate) fn rewrites(from: &str, to: &str) -> bool {
    let (old, new) = (base(from), base(to));
    let limit = |name: &str| modifiers(name).first().copied();
    let grows = || match (limit(from), limit(to)) {
        (_, None) => true,
        (Some(from), Some(to)) => to >= from,
        (None, Some(_)) => false,
    };
    match (old.as_str(), new.as_str()) {
        ("character varying", "text") => false,
        ("text" | "character varying", "character varying") => !grows(),
        ("bit varying", "bit varying") => !grows(),
        ("numeric", "numeric") => {
            !(grows() && modifiers(to).get(1) == modifiers(from).get(1) || modifiers(to).is_empty())
        }
        ("cidr", "inet") => false,
        (old, new) if old == new && old.starts_with("timestamp") => !grows(),
        _ => from != to,
    }
}

/// Returns true if a default may differ from row to row. Functions that are constant within a
/// statement are listed here; any other function counts as volatile.
pub(crate) fn may_be_volatile(default: &str) -> bool {
    const STABLE: [&str; 21] = [
        "now",
        "current_setting",
        "lower",
        "upper",
        "coalesce",
        "nullif",
        "greatest",
        "least",
        "concat",
        "date_trunc",
        "to_tsvector",
        "to_timestamp",
        "transaction_timestamp",
        "statement_timestamp",
        "make_interval",
        "jsonb_build_object",
        "jsonb_build_array",
        "json_build_object",
        "json_build_array",
        "numeric",
        "varchar",
    ];
    let tokens = significant(default, Dialect::Postgres);
    tokens.windows(2).any(|pair| {
        let is_call = pair[0].kind == TokenKind::Word && pair[1].is_symbol("(");
        is_call && !STABLE.iter().any(|name| pair[0].is_word(name))
    })
}

/// Returns the numbers in the parentheses of a type name.
fn modifiers(name: &str) -> Vec<u32> {
    let inside = name.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    let parts = inside.map(|(inside, _)| inside.split(',')).into_iter().flatten();
    parts.filter_map(|part| part.trim().parse().ok()).collect()
}

/// Returns the number of fractional digits: the last modifier, or `otherwise` if there is none.
fn fraction(name: &str, otherwise: u32) -> u32 {
    let modifiers = name.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    let last = modifiers.and_then(|(modifiers, _)| modifiers.rsplit(',').next());
    last.and_then(|digits| digits.trim().parse().ok()).unwrap_or(otherwise)
}

/// Returns the name without modifiers.
fn base(name: &str) -> String {
    match (name.find('('), name.find(')')) {
        (Some(open), Some(close)) if open < close => {
            format!("{}{}", &name[..open], &name[close + 1..])
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{canonical, loses};

    #[test]
    fn what_a_new_type_costs_is_said() {
        for (from, to, expected) in [
            ("numeric(10,2)", "integer", Some("are rounded")),
            ("numeric(10,0)", "integer", None),
            ("numeric(12,4)", "numeric(14,2)", Some("are rounded")),
            ("numeric(12,2)", "numeric(10,2)", None),
            ("numeric", "numeric(12,2)", Some("are rounded")),
            ("numeric(12,2)", "numeric", None),
            ("double precision", "bigint", Some("are rounded")),
            ("bigint", "integer", None),
            ("double precision", "real", Some("keep fewer digits")),
            ("timestamp with time zone", "date", Some("lose their time of day")),
            ("timestamp with time zone", "timestamp(0) with time zone", Some("are rounded")),
            ("timestamp(3) with time zone", "timestamp with time zone", None),
            (
                "timestamp without time zone",
                "timestamp with time zone",
                Some("are read in the session's time zone"),
            ),
            ("vector(3)", "halfvec(3)", Some("keep fewer digits")),
            ("character varying(20)", "character varying(10)", None),
        ] {
            assert_eq!(loses(from, to), expected, "{from} to {to}");
        }
    }

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
