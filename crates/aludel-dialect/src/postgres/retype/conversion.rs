//! Conversions: how the values of a column become values of another type, what they lose by that,
//! and which of them the server refuses.
//!
//! The server assigns the values wherever it has an assignment cast, because an assignment refuses
//! what an explicit cast would cut. Any other conversion is an expression after `USING`. The
//! expression has no modifiers, such as the 3 of `varchar(3)`, so that an assignment applies them
//! too.

use aludel_schema::CastContext;

use super::cast::{self, Casts};
use super::fit::{Effects, fit, smallest_unit};
use super::sql_type::SqlType;

/// A change of a column's type, in the server's spelling and below domains.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retyping<'a> {
    /// The column's name, quoted.
    pub(crate) column: &'a str,
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    /// The context of the server's own cast between the two, if it is known to have one.
    pub(crate) cast: Option<CastContext>,
}

/// The conversion of the values of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conversion {
    /// The expression after `USING`; `None` if the server assigns the values.
    pub(crate) using: Option<String>,
    pub(crate) effects: Effects,
    /// True if there is no way, so that every value but NULL is refused.
    pub(crate) is_missing: bool,
}

/// The way of a value from one type to another, apart from modifiers.
#[derive(Clone, Debug)]
enum Path {
    /// The server assigns the value.
    Assigned,
    /// Explicit casts to one type after the other.
    Casts(Vec<String>),
    /// An expression that is no cast.
    Expression(String),
    /// There is no way. Every value but NULL is refused.
    Missing,
}

/// A way with its effects.
struct Route {
    path: Path,
    effects: Effects,
}

impl Route {
    fn new(path: Path) -> Self {
        Self { path, effects: Effects::default() }
    }

    fn casts<'t>(types: impl IntoIterator<Item = &'t str>) -> Self {
        Self::new(Path::Casts(types.into_iter().map(str::to_owned).collect()))
    }

    fn expression(text: String) -> Self {
        Self::new(Path::Expression(text))
    }

    fn losing(mut self, loss: &str) -> Self {
        self.effects.lose(loss);
        self
    }

    fn refusing(mut self, what: impl Into<String>) -> Self {
        self.effects.refuse(what);
        self
    }
}

/// Returns the conversion for a change of type.
pub(crate) fn conversion(retyping: &Retyping<'_>) -> Conversion {
    let (from, to) = (SqlType::parse(retyping.from), SqlType::parse(retyping.to));
    let Route { path, mut effects } = route(retyping, &from, &to);
    let column = retyping.column;
    if let Path::Missing = path {
        return missing(column, &from, &to);
    }
    if from.array && to.array {
        fit(&from.element(), &to.element(), &mut effects);
    } else {
        fit(&from, &to, &mut effects);
    }
    let using = match path {
        Path::Assigned | Path::Missing => None,
        Path::Casts(types) => Some(format!("{column}::{}", types.join("::"))),
        Path::Expression(text) => Some(text),
    };
    Conversion { using, effects, is_missing: false }
}

/// Returns the conversion that refuses every value but NULL, with a message that says why.
fn missing(column: &str, from: &SqlType, to: &SqlType) -> Conversion {
    let (old, new) = (from.plain(), to.plain());
    let mut effects = Effects::default();
    effects.refuse(format!("is not NULL, because the server has no cast from {old} to {new}"));
    let message = format!("'no cast from {}: '", old.replace('\'', "''"));
    let target = to.castable();
    let using =
        format!("CASE WHEN {column} IS NOT NULL THEN ({message} || {column}::text)::{target} END");
    Conversion { using: Some(using), effects, is_missing: true }
}

fn route(retyping: &Retyping<'_>, from: &SqlType, to: &SqlType) -> Route {
    let column = retyping.column;
    match (from.array, to.array) {
        (false, false) => scalar(retyping, from, to),
        (true, true) => of_elements(scalar(retyping, &from.element(), &to.element())),
        (true, false) => {
            if let Some(known) = known(retyping, from, to) {
                known
            } else if to.is_string() {
                Route::new(Path::Assigned)
            } else if to.is_json() {
                as_json(column, to)
            } else if from.name == to.name {
                Route::expression(only_element(column, to))
                    .refusing("has not exactly one element, of number 1 and not NULL")
            } else {
                by_way_of_text(from, to).losing("become the text of the list")
            }
        }
        (false, true) => {
            if let Some(known) = known(retyping, from, to) {
                known
            } else if from.is_string() {
                let mut route = Route::casts([to.castable().as_str()])
                    .refusing(format!("is no text of {}, such as '{{a,b}}'", to.plain()));
                route.effects.read_text(&to.name);
                route
            } else if from.is_json() {
                Route::new(Path::Missing)
            } else {
                list_of_one(column, scalar(retyping, from, &to.element()))
            }
        }
    }
}

/// Returns the only element of an array. Any other array is refused by a cast that never succeeds: the text
/// of an array is a value of some types.
fn only_element(column: &str, to: &SqlType) -> String {
    format!(
        "CASE WHEN cardinality({column}) = 1 AND {column}[1] IS DISTINCT FROM NULL THEN {column}[1] \
         WHEN {column} IS NOT NULL THEN ('not one element: ' || {column}::text)::integer::text::{} END",
        to.castable()
    )
}

/// Returns the route that a cast of the server is.
fn known(retyping: &Retyping<'_>, from: &SqlType, to: &SqlType) -> Option<Route> {
    let path = |context| match context {
        CastContext::Implicit | CastContext::Assignment => Path::Assigned,
        CastContext::Explicit | CastContext::OfRange => Path::Casts(vec![to.castable()]),
        CastContext::OfMultirange => Path::Expression(only_range(retyping.column, to)),
    };
    let (old, new) = (from.key(), to.key());
    if let Some(casts) = cast::find(&old, &new).filter(|casts| is_everywhere(casts, retyping)) {
        let mut route = Route::new(path(casts.context));
        casts.loss.into_iter().for_each(|loss| route.effects.lose(loss));
        casts.refuses.into_iter().for_each(|what| route.effects.refuse(what));
        return Some(route);
    }
    let context = retyping.cast?;
    let route = Route::new(path(context));
    Some(match context {
        CastContext::OfRange => route,
        CastContext::OfMultirange => route.refusing(SEVERAL_RANGES),
        CastContext::Implicit | CastContext::Assignment | CastContext::Explicit => {
            let route = route.losing("keep what the database's own cast keeps");
            route.refusing("is refused by its cast")
        }
    })
}

/// Returns true unless only some versions of the server have the cast, and this one is not known to
/// have it.
fn is_everywhere(casts: &Casts, retyping: &Retyping<'_>) -> bool {
    let bytes = casts.from.contains(&"bytea") || casts.to.contains(&"bytea");
    !bytes || retyping.cast.is_some()
}

fn scalar(retyping: &Retyping<'_>, from: &SqlType, to: &SqlType) -> Route {
    let column = retyping.column;
    if from.name == to.name {
        return Route::new(Path::Assigned);
    }
    if ["smallint", "integer", "bigint"].contains(&from.name.as_str()) && to.name == "bit" {
        return bits_of_integer(from, to);
    }
    if ["real", "double precision"].contains(&from.name.as_str()) && to.name == "numeric" {
        // The server's cast keeps 15 digits of the 17 that the text has.
        return Route::casts(["text", to.castable().as_str()]);
    }
    if let Some(route) = known(retyping, from, to) {
        return route;
    }
    if to.is_string() {
        let route = Route::new(Path::Assigned);
        return match to.name.as_str() {
            "name" => route.losing(cast::SHORT_NAME),
            "character" if from.ends_in_spaces() => route.losing(cast::NO_END_SPACES),
            _ => route,
        };
    }
    if let Some(route) = detour(column, from, to) {
        return route;
    }
    if from.is_string() {
        let mut route =
            Route::casts([to.castable().as_str()]).refusing(format!("is no {}", to.plain()));
        route.effects.read_text(&to.name);
        return route;
    }
    if to.is_json() {
        return as_json(column, to);
    }
    if from.is_json() {
        let mut route = Route::expression(format!("({column} #>> '{{}}')::{}", to.castable()))
            .refusing(format!("is no JSON string or number that is a {}", to.plain()))
            .losing("lose their kind of JSON value");
        route.effects.read_text(&to.name);
        return route;
    }
    by_way_of_text(from, to)
}

/// Returns the route by way of text, if the text of a value means the same in both types.
fn by_way_of_text(from: &SqlType, to: &SqlType) -> Route {
    let through = || Route::casts(["text", &to.castable()]);
    if let (Some(old), Some(new)) = (from.range(), to.range())
        && old.many == new.many
    {
        let bound = |of| SqlType::parse(of);
        let inner = Retyping { column: "", from: old.of, to: new.of, cast: None };
        let Route { path, effects } = scalar(&inner, &bound(old.of), &bound(new.of));
        return match path {
            Path::Missing => Route::new(Path::Missing),
            _ if old.of == "numeric" => {
                let route = through().losing("have their bounds in another form");
                route.refusing("has bounds that are no whole numbers in range")
            }
            Path::Assigned | Path::Casts(_) | Path::Expression(_) => Route { effects, ..through() },
        };
    }
    if !from.is_builtin() || !to.is_builtin() {
        let mut route = through().refusing(format!("is no {} as text", to.plain()));
        route.effects.read_text(&to.name);
        return route;
    }
    match to.name.as_str() {
        "xml" if is_plain(from) => through(),
        "xml" => through().refusing("is not well-formed XML"),
        "tsvector" => through().losing(cast::SPELLING).refusing("is no tsvector as text"),
        "refcursor" => through(),
        "bytea" => {
            through().losing("become the bytes of their text").refusing("has a backslash as text")
        }
        "\"char\"" => through().losing(cast::ONE_BYTE),
        _ => Route::new(Path::Missing),
    }
}

/// Returns true for a type whose values have no text with a sign that means something in XML.
fn is_plain(of: &SqlType) -> bool {
    let names = [
        "smallint",
        "integer",
        "bigint",
        "numeric",
        "real",
        "double precision",
        "oid",
        "boolean",
        "date",
        "uuid",
        "inet",
        "cidr",
        "macaddr",
        "macaddr8",
        "bit",
        "bit varying",
        "bytea",
        "pg_lsn",
    ];
    !of.array && names.contains(&of.name.as_str())
}

/// Returns the casts of an integer to bits. An integer keeps its last bits, as many as there is
/// room for, and has its sign in the first one.
fn bits_of_integer(from: &SqlType, to: &SqlType) -> Route {
    let (own, all) = if from.name == "bigint" { ("bigint", 64) } else { ("integer", 32) };
    let target = format!("bit({})", to.number(0).unwrap_or(1));
    let route = match from.name.as_str() {
        "smallint" => Route::casts([own, target.as_str()]),
        _ => Route::casts([target.as_str()]),
    };
    let keeps_all = to.number(0).unwrap_or(1) >= all;
    if keeps_all { route } else { route.losing("keep only their last bits") }
}

/// Returns a conversion between two types of the server that have no cast, but mean the same.
fn detour(column: &str, from: &SqlType, to: &SqlType) -> Option<Route> {
    let target = to.castable();
    Some(match (from.name.as_str(), to.name.as_str()) {
        ("smallint" | "bigint" | "numeric" | "real" | "double precision", "boolean") => {
            Route::expression(format!("({column} <> 0)")).losing(cast::TRUTH)
        }
        ("boolean", "smallint" | "bigint" | "numeric" | "real" | "double precision") => {
            Route::casts(["integer", target.as_str()])
        }
        ("money", "smallint" | "integer" | "bigint" | "real" | "double precision") => {
            Route::casts(["numeric", target.as_str()]).losing(cast::ROUNDED).refusing(cast::RANGE)
        }
        ("smallint" | "real" | "double precision", "money") => {
            Route::casts(["numeric", target.as_str()]).losing(cast::ROUNDED).refusing(cast::RANGE)
        }
        ("integer", "bit varying") => Route::casts(["bit(32)", target.as_str()]),
        ("bigint", "bit varying") => Route::casts(["bit(64)", target.as_str()]),
        ("smallint", "bit varying") => Route::casts(["integer", "bit(32)", target.as_str()]),
        ("bit" | "bit varying", "smallint") => {
            Route::casts(["\"bit\"", "integer", target.as_str()])
                .losing("lose the zeros in front")
                .refusing(cast::RANGE)
        }
        ("bit varying", "integer" | "bigint") => Route::casts(["\"bit\"", target.as_str()])
            .losing("lose the zeros in front")
            .refusing(cast::RANGE),
        ("json", "boolean") => Route::casts(["jsonb", "boolean"])
            .losing(cast::JSON_NULL)
            .refusing("is no JSON boolean"),
        ("json", "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision") => {
            let route = Route::casts(["jsonb", target.as_str()]).losing(cast::JSON_ROUNDED);
            route.refusing("is no JSON number in range")
        }
        ("uuid", "bytea") => Route::expression(format!("uuid_send({column})")),
        ("bytea", "uuid") => Route::expression(format!("encode({column}, 'hex')::uuid"))
            .refusing("has not exactly 16 bytes"),
        _ => return range_of_many(column, from, to),
    })
}

/// Returns the conversion of a multirange of the server to the range of the same type.
fn range_of_many(column: &str, from: &SqlType, to: &SqlType) -> Option<Route> {
    let (old, new) = (from.range()?, to.range()?);
    let is_only = old.many && !new.many && old.of == new.of;
    is_only.then(|| Route::expression(only_range(column, to)).refusing(SEVERAL_RANGES))
}

/// The multiranges that are no range.
const SEVERAL_RANGES: &str = "has several ranges";

/// Returns the expression for the range that a multirange of the same type has, if it is its only one.
fn only_range(column: &str, to: &SqlType) -> String {
    format!(
        "CASE WHEN multirange(range_merge({column})) = {column} THEN range_merge({column}) \
         ELSE {column}::text::{} END",
        to.castable()
    )
}

fn as_json(column: &str, to: &SqlType) -> Route {
    Route::expression(format!("to_{}({column})", to.name))
}

/// Returns the route of arrays whose elements take a route.
fn of_elements(route: Route) -> Route {
    let path = match route.path {
        Path::Assigned => Path::Assigned,
        Path::Casts(types) => Path::Casts(types.iter().map(|name| format!("{name}[]")).collect()),
        // An expression can't be applied to each element.
        Path::Expression(_) | Path::Missing => Path::Missing,
    };
    Route { path, effects: route.effects }
}

/// Returns the route from a value to the list of it alone. NULL stays NULL.
fn list_of_one(column: &str, route: Route) -> Route {
    let one = match &route.path {
        Path::Assigned => column.to_owned(),
        Path::Casts(types) => format!("{column}::{}", types.join("::")),
        Path::Expression(text) => text.clone(),
        Path::Missing => return route,
    };
    let list = format!("CASE WHEN {column} IS NOT NULL THEN ARRAY[{one}] END");
    Route { path: Path::Expression(list), effects: route.effects }
}

/// Returns true if a change of type writes every row again. PostgreSQL keeps the rows if both types
/// have the same binary form and every value fits, as with a longer limit or none (PostgreSQL's
/// page on ALTER TABLE, "Notes").
pub(crate) fn rewrites(from: &str, to: &str) -> bool {
    let (old, new) = (SqlType::parse(from), SqlType::parse(to));
    // The elements of an array are looked at one by one, unless nothing is asked of them.
    let looks = old.array && (old.name != new.name || new.modifiers.is_some());
    if old.array != new.array || looks || !cast::has_same_form(&old.name, &new.name) {
        return old != new;
    }
    !grows(&old, &new)
}

/// Returns true if the server knows without a look at the values that all of them fit.
fn grows(old: &SqlType, new: &SqlType) -> bool {
    let limit = |name: &SqlType| name.number(0);
    match new.name.as_str() {
        _ if old.modifiers == new.modifiers && old.fields == new.fields => {
            old.name == new.name || new.modifiers.is_none()
        }
        _ if new.modifiers.is_none() && new.fields.is_none() => new.name != "character",
        "interval" => {
            let last = smallest_unit(&SqlType::parse("interval"));
            let [from, to] = [old, new].map(smallest_unit);
            let fits = from < last || limit(new).unwrap_or(6) >= limit(old).unwrap_or(6);
            old.name == new.name && to >= from && fits
        }
        "numeric" => {
            old.name == "numeric"
                && limit(new) >= limit(old)
                && limit(old).is_some()
                && new.number(1) == old.number(1)
        }
        "character varying"
        | "bit varying"
        | "time without time zone"
        | "time with time zone"
        | "timestamp without time zone"
        | "timestamp with time zone" => {
            let same = old.name == new.name && old.fields == new.fields;
            same && limit(old).is_some() && limit(new) >= limit(old)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Retyping, conversion, rewrites};

    #[test]
    fn values_are_assigned_where_the_server_can() {
        for (from, to, expected) in [
            ("integer", "bigint", "assigned"),
            ("numeric(10,2)", "integer", "assigned, lossy, fails"),
            ("numeric(9,0)", "integer", "assigned, fails"),
            ("numeric(12,4)", "numeric(14,2)", "assigned, lossy"),
            ("numeric(12,2)", "numeric(10,2)", "assigned, fails"),
            ("double precision", "numeric", "c::text::numeric"),
            ("real", "numeric(7,2)", "c::text::numeric, lossy, fails"),
            ("real[]", "numeric[]", "c::text[]::numeric[]"),
            ("character varying(20)", "character varying(10)", "assigned, lossy, fails"),
            ("character(20)", "character varying(10)", "assigned, lossy, fails"),
            ("character varying(10)[]", "character varying(20)[]", "assigned"),
            ("timestamp(3) with time zone", "timestamp with time zone", "assigned"),
            ("timestamp with time zone[]", "timestamp(0) with time zone[]", "assigned, lossy"),
            ("interval", "interval day to minute", "assigned, lossy"),
            ("bit varying(8)", "bit(3)", "assigned, fails"),
            ("money", "numeric", "assigned"),
            ("uuid", "character varying(36)", "assigned"),
            ("vector(3)", "halfvec(3)", "assigned, lossy, fails"),
            ("real[]", "vector(3)", "assigned, fails"),
            ("text", "ext.citext", "assigned"),
            ("text", "character varying(3)[]", "c::character varying[], lossy, fails"),
            ("bit(8)", "integer", "c::integer"),
            ("integer", "bit(8)", "c::bit(8), lossy"),
            ("smallint", "bit(32)", "c::integer::bit(32)"),
            ("hstore", "jsonb", "c::jsonb"),
            ("text[]", "jsonb", "to_jsonb(c)"),
            ("jsonb", "numeric(5,1)", "c::numeric, lossy, fails"),
            ("text", "bit(3)", "c::bit varying, fails"),
            ("int4range", "int4multirange", "c::int4multirange"),
            ("json", "character(9)", "assigned, lossy, fails"),
            ("xml", "character(9)", "assigned, lossy, fails"),
            ("json", "character varying(9)", "assigned, lossy, fails"),
            ("jsonb", "character(9)", "assigned, fails"),
            ("integer", "name", "assigned"),
            ("numeric(6,2)", "name", "assigned"),
            ("text", "name", "assigned, lossy"),
            ("smallint", "money", "c::numeric::money"),
            ("integer", "money", "assigned"),
            ("numeric(4,0)", "money", "assigned, fails"),
            ("numeric(4,2)", "money", "assigned, lossy, fails"),
            ("interval year", "interval(0)", "assigned"),
            ("interval(3)", "interval(0)", "assigned, lossy"),
            ("uuid", "xml", "c::text::xml"),
            ("circle", "xml", "c::text::xml, fails"),
            ("integer", "integer[]", "CASE WHEN c IS NOT NULL THEN ARRAY[c] END"),
            ("mood", "pair", "c::text::pair, fails"),
            (
                "integer",
                "date",
                "CASE WHEN c IS NOT NULL THEN ('no cast from integer: ' || c::text)::date END, fails",
            ),
        ] {
            let found = conversion(&Retyping { column: "c", from, to, cast: None });
            let using = found.using.unwrap_or_else(|| "assigned".to_owned());
            let lossy = found.effects.loss().map_or("", |_| ", lossy");
            let fails = found.effects.refusal().map_or("", |_| ", fails");
            assert_eq!(format!("{using}{lossy}{fails}"), expected, "{from} to {to}");
        }
    }

    #[test]
    fn rows_stay_where_the_bytes_do() {
        for (from, to, expected) in [
            ("character varying(3)", "character varying(5)", false),
            ("character varying(3)", "text", false),
            ("text", "citext", false),
            ("cidr", "inet", false),
            ("numeric(5,1)", "numeric(7,1)", false),
            ("text", "character varying(3)", true),
            ("numeric(5,1)", "numeric(7,2)", true),
            ("character varying(3)[]", "text[]", true),
            ("integer", "bigint", true),
        ] {
            assert_eq!(rewrites(from, to), expected, "{from} to {to}");
        }
    }
}
