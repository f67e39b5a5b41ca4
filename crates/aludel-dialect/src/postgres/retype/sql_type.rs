//! The parts of a type's name in the server's spelling.

use super::cast::names_in_casts;
use crate::dialect::Dialect;
use crate::lexer::significant;

/// A type, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SqlType {
    /// The name as the server spells it, without modifiers and brackets.
    pub(crate) spelled: String,
    /// The name by which facts are found: that of an extension's type has no schema.
    pub(crate) name: String,
    /// The text in the parentheses.
    pub(crate) modifiers: Option<String>,
    /// The fields of an interval, such as `day to second`.
    pub(crate) fields: Option<String>,
    pub(crate) array: bool,
}

/// A range or multirange type, by its bounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    /// The type of the bounds.
    pub(crate) of: &'static str,
    /// True for a multirange.
    pub(crate) many: bool,
}

/// The types of extensions that facts are known of.
const OF_EXTENSIONS: [&str; 6] = ["citext", "hstore", "ltree", "vector", "halfvec", "sparsevec"];

/// The built-in types that have no cast in `pg_cast`.
const WITHOUT_CASTS: [&str; 14] = [
    "uuid",
    "bytea",
    "tsvector",
    "tsquery",
    "line",
    "jsonpath",
    "pg_lsn",
    "pg_snapshot",
    "txid_snapshot",
    "tid",
    "cid",
    "refcursor",
    "gtsvector",
    "aclitem",
];

/// The built-in types without a default operator class for B-trees (`pg_opclass`).
const WITHOUT_ORDER: [&str; 17] = [
    "json",
    "jsonpath",
    "xml",
    "point",
    "line",
    "lseg",
    "box",
    "path",
    "polygon",
    "circle",
    "cid",
    "xid",
    "refcursor",
    "gtsvector",
    "aclitem",
    "pg_snapshot",
    "txid_snapshot",
];

/// The built-in types whose values have no fixed length, and that are not kept as they are
/// (`typstorage` in `pg_type`).
const COMPRESSED: [&str; 16] = [
    "text",
    "character varying",
    "character",
    "bytea",
    "json",
    "jsonb",
    "xml",
    "bit",
    "bit varying",
    "tsvector",
    "path",
    "polygon",
    "jsonpath",
    "refcursor",
    "pg_snapshot",
    "txid_snapshot",
];

impl SqlType {
    pub(crate) fn parse(text: &str) -> Self {
        let (text, array) = match text.strip_suffix("[]") {
            Some(element) => (element, true),
            None => (text, false),
        };
        let (mut spelled, modifiers) = match split_modifiers(text) {
            Some((before, inside, after)) => (format!("{before}{after}"), Some(inside.to_owned())),
            None => (text.to_owned(), None),
        };
        let mut fields = None;
        if let Some(rest) = spelled.strip_prefix("interval ") {
            fields = Some(rest.trim().to_owned());
            spelled = "interval".to_owned();
        }
        let last = spelled.rsplit('.').next().unwrap_or_default();
        let name = if OF_EXTENSIONS.contains(&last) { last.to_owned() } else { spelled.clone() };
        let name = if name == "bpchar" { "character".to_owned() } else { name };
        Self { spelled, name, modifiers, fields, array }
    }

    pub(crate) fn element(&self) -> Self {
        Self { array: false, ..self.clone() }
    }

    /// Returns the name for tables of facts, with brackets.
    pub(crate) fn key(&self) -> String {
        format!("{}{}", self.name, if self.array { "[]" } else { "" })
    }

    /// Returns the name without modifiers, for messages.
    pub(crate) fn plain(&self) -> String {
        format!("{}{}", self.spelled, if self.array { "[]" } else { "" })
    }

    /// Returns the name to cast to, without modifiers. `bit` and `character` alone would mean a
    /// length of one.
    pub(crate) fn castable(&self) -> String {
        let name = match self.name.as_str() {
            "bit" => "bit varying",
            "character" => "bpchar",
            _ => &self.spelled,
        };
        format!("{name}{}", if self.array { "[]" } else { "" })
    }

    /// Returns the number at a position of the modifiers.
    pub(crate) fn number(&self, at: usize) -> Option<i32> {
        self.modifiers.as_ref()?.split(',').nth(at)?.trim().parse().ok()
    }

    /// Returns true if the server assigns a value of any type to this one, as its text.
    pub(crate) fn is_string(&self) -> bool {
        ["text", "character varying", "character", "name", "citext"].contains(&self.name.as_str())
    }

    /// Returns true if the text of a value may have spaces at its end. Enums are not taken for such types.
    pub(crate) fn ends_in_spaces(&self) -> bool {
        self.is_string() || ["json", "xml", "refcursor"].contains(&self.name.as_str())
    }

    pub(crate) fn is_json(&self) -> bool {
        ["json", "jsonb"].contains(&self.name.as_str())
    }

    /// Returns true for a type of the server itself. The text of another type's value is taken to
    /// mean the same in any type that accepts it.
    pub(crate) fn is_builtin(&self) -> bool {
        WITHOUT_CASTS.contains(&self.name.as_str())
            || names_in_casts().any(|name| name == self.name)
    }

    /// Returns true for a type of the server itself whose values a B-tree sorts by default.
    pub(crate) fn is_ordered(&self) -> bool {
        self.is_builtin() && !WITHOUT_ORDER.contains(&self.name.as_str())
    }

    /// Returns true if it is known that values that differ in this type still differ in another one.
    pub(crate) fn is_kept_apart_in(&self, other: &Self) -> bool {
        const NUMBERS: [&str; 4] = ["smallint", "integer", "bigint", "numeric"];
        const TIMES: [&str; 3] =
            ["date", "timestamp without time zone", "timestamp with time zone"];
        let is_in = |list: &[&str], name: &String| list.contains(&name.as_str());
        let both_in = |list: &[&str]| is_in(list, &self.name) && is_in(list, &other.name);
        let rank = |name: &String| TIMES.iter().position(|own| own == name);
        // The text of a value tells it from all others. Blanks at the end of a `character` do not count.
        let is_text = is_in(&["text", "character varying"], &other.name);
        self.name == other.name
            || is_text
            || both_in(&NUMBERS)
            || (self.name == "real" && other.name == "double precision")
            || (both_in(&TIMES) && rank(&self.name) < rank(&other.name))
    }

    /// Returns true if the text of a value, read as one of another type, gives what a conversion gives.
    pub(crate) fn has_texts_of(&self, other: &Self) -> bool {
        const WHOLE: [&str; 3] = ["smallint", "integer", "bigint"];
        const TEXTS: [&str; 2] = ["text", "character varying"];
        let (old, new) = (self.name.as_str(), other.name.as_str());
        let are_both = |family: &[&str]| family.contains(&old) && family.contains(&new);
        let becomes_numeric = WHOLE.contains(&old) && new == "numeric";
        self.array == other.array
            && (old == new || are_both(&WHOLE) || are_both(&TEXTS) || becomes_numeric)
    }

    /// Returns the storage mode that columns of the type have by themselves; `None` for a type that
    /// nothing is known of.
    pub(crate) fn usual_storage(&self) -> Option<&'static str> {
        let is_compressed =
            self.array || COMPRESSED.contains(&self.name.as_str()) || self.range().is_some();
        match self.name.as_str() {
            _ if is_compressed => Some("extended"),
            "numeric" | "inet" | "cidr" => Some("main"),
            "citext" | "hstore" | "ltree" => Some("extended"),
            "vector" | "halfvec" | "sparsevec" => Some("external"),
            _ if self.is_builtin() => Some("plain"),
            _ => None,
        }
    }

    /// Returns the storage mode that columns of the type have by themselves, which is a guess for an
    /// unknown one. `SET STORAGE DEFAULT` exists only since PostgreSQL 16.
    pub(crate) fn likely_storage(&self) -> &'static str {
        self.usual_storage().unwrap_or(match self.name.as_str() {
            "geometry" | "geography" => "main",
            _ => "extended",
        })
    }

    /// Returns true if the server certainly compares values of the type with those of the other one in
    /// the order of an index of the other one.
    pub(crate) fn is_compared_with(&self, other: &str) -> bool {
        let other = Self::parse(other);
        let are_both = |family: &[&str]| {
            [self, &other].iter().all(|own| !own.array && family.contains(&own.name.as_str()))
        };
        are_both(&["smallint", "integer", "bigint"]) || are_both(&["text", "character varying"])
    }

    /// Returns true if the server certainly takes the expression as a default of the type.
    pub(crate) fn is_certain_default(&self, expression: &str) -> bool {
        let tokens = significant(expression, Dialect::Postgres);
        let texts: Vec<String> = tokens.iter().map(|t| t.text.to_ascii_lowercase()).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        // Nine digits fit into every type of numbers but `smallint`.
        let is_number = |text: &str| text.len() < 10 && text.bytes().all(|b| b.is_ascii_digit());
        let is_any = |names: &[&str]| names.contains(&self.name.as_str());
        let is_plain = !self.array && self.modifiers.is_none();
        match texts.as_slice() {
            [text] if text.starts_with('\'') => is_plain && self.is_string(),
            ["true" | "false"] => is_plain && self.name == "boolean",
            [number] if is_number(number) => {
                is_plain && is_any(&["integer", "bigint", "numeric", "double precision", "real"])
            }
            ["now", "(", ")"] | ["current_timestamp"] => {
                is_plain
                    && is_any(&["timestamp with time zone", "timestamp without time zone", "date"])
            }
            _ => false,
        }
    }

    /// Returns what the type is made of, if it is a range or a multirange of the server.
    pub(crate) fn range(&self) -> Option<Range> {
        let (name, many) = match self.name.strip_suffix("multirange") {
            Some(name) => (name, true),
            None => (self.name.strip_suffix("range")?, false),
        };
        let of = match name {
            "int4" => "integer",
            "int8" => "bigint",
            "num" => "numeric",
            "date" => "date",
            "ts" => "timestamp without time zone",
            "tstz" => "timestamp with time zone",
            _ => return None,
        };
        Some(Range { of, many })
    }
}

/// Returns the text before the parentheses of a type name, inside of them, and behind them.
fn split_modifiers(text: &str) -> Option<(&str, &str, &str)> {
    let mut quoted = false;
    let open = text.find(|c| {
        quoted ^= c == '"';
        c == '(' && !quoted
    })?;
    let (before, rest) = text.split_at(open);
    let (inside, after) = rest.get(1..)?.split_once(')')?;
    Some((before, inside, after))
}

#[cfg(test)]
mod tests {
    use super::SqlType;

    #[test]
    fn a_default_is_certain_if_its_type_is_obvious() {
        for (sql_type, expression, certain) in [
            ("text", "'a'", true),
            ("integer", "'a'", false),
            ("integer", "12", true),
            ("integer", "1234567890", false),
            ("smallint", "12", false),
            ("numeric(3,1)", "12", false),
            ("integer[]", "12", false),
            ("boolean", "TRUE", true),
            ("boolean", "1", false),
            ("timestamp with time zone", "now()", true),
            ("time without time zone", "now()", false),
            ("text", "nonsense()", false),
            ("text", "'a' || 1", false),
        ] {
            let found = SqlType::parse(sql_type).is_certain_default(expression);
            assert_eq!(found, certain, "{sql_type} DEFAULT {expression}");
        }
    }
}
