//! The effects of a conversion: losses, and values that are refused. Modifiers, such as the limit of
//! `varchar(3)` and the scale of `numeric(5,1)`, decide much of it.

use super::cast;
use super::sql_type::SqlType;

/// The effects of a conversion on values, beyond another form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effects {
    /// The losses of all values, each as the end of a sentence about them.
    losses: Vec<String>,
    /// The descriptions of refused values.
    refused: Vec<String>,
}

impl Effects {
    pub(crate) fn lose(&mut self, loss: &str) {
        if !self.loses(loss) {
            self.losses.push(loss.to_owned());
        }
    }

    pub(crate) fn refuse(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.refuses(&what) {
            self.refused.push(what);
        }
    }

    /// Returns all losses as the end of one sentence.
    pub(crate) fn loss(&self) -> Option<String> {
        (!self.losses.is_empty()).then(|| self.losses.join(" and "))
    }

    /// Returns all that is true of a refused value as the end of one sentence.
    pub(crate) fn refusal(&self) -> Option<String> {
        (!self.refused.is_empty()).then(|| self.refused.join(" or "))
    }

    /// Returns what is true of a value that becomes NULL, as the end of a sentence about it.
    pub(crate) fn null(&self) -> Option<&'static str> {
        let is_lost = |losses: &[&str]| losses.iter().any(|loss| self.loses(loss));
        if is_lost(&[cast::JSON_NULL, cast::JSON_ROUNDED]) {
            return Some("is a JSON null");
        }
        is_lost(&[cast::NO_DAY_OR_NULL]).then_some("is infinite")
    }

    fn loses(&self, loss: &str) -> bool {
        self.losses.iter().any(|known| known == loss)
    }

    fn refuses(&self, what: &str) -> bool {
        self.refused.iter().any(|known| known == what)
    }

    fn forget_loss(&mut self, loss: &str) {
        self.losses.retain(|known| known != loss);
    }

    fn forget_refusal(&mut self, what: &str) {
        self.refused.retain(|known| known != what);
    }

    /// Adds what a text loses when it is read as a value of a type.
    pub(crate) fn read_text(&mut self, name: &str) {
        let loss = match name {
            "date" | "daterange" | "datemultirange" => cast::NO_TIME,
            "timestamp without time zone" | "tsrange" | "tsmultirange" => cast::NO_ZONE,
            "timestamp with time zone" | "tstzrange" | "tstzmultirange" => cast::IN_SESSION_ZONE,
            "time without time zone" | "time with time zone" => "lose a day and a time zone",
            "real" | "double precision" | "vector" | "halfvec" | "sparsevec" => cast::FEWER_DIGITS,
            "money" => cast::ROUNDED,
            "\"char\"" => cast::ONE_BYTE,
            "jsonb" | "hstore" => cast::KEYS,
            "smallint" | "integer" | "bigint" | "numeric" | "oid" | "boolean" | "uuid"
            | "bytea" | "inet" | "cidr" | "macaddr" | "macaddr8" | "interval" | "tsquery"
            | "int4range" | "int8range" | "numrange" | "int4multirange" | "int8multirange"
            | "nummultirange" | "point" | "line" | "lseg" | "box" | "path" | "polygon"
            | "circle" | "pg_lsn" | "xid" | "xid8" | "cid" | "tid" | "jsonpath" | "ltree"
            | "lquery" | "ltxtquery" | "cube" => cast::SPELLING,
            name if cast::OID_NAMES.contains(&name) => cast::SPELLING,
            "tsvector" => "lose the order and the repetitions of their words",
            _ => return,
        };
        self.lose(loss);
    }
}

/// Adds the effects of modifiers to those of the cast between the bare types.
pub(crate) fn fit(from: &SqlType, to: &SqlType, effects: &mut Effects) {
    let same_depth = from.array == to.array;
    if same_depth
        && from.name == to.name
        && from.modifiers == to.modifiers
        && from.fields == to.fields
    {
        return;
    }
    match to.name.as_str() {
        "character varying" | "character" => length(from, to, effects),
        "bit" => {
            let from_integer = ["smallint", "integer", "bigint"].contains(&from.name.as_str());
            let bits = to.number(0).unwrap_or(1);
            let same = from.name == "bit" && from.number(0).unwrap_or(1) == bits;
            if !from_integer && !same {
                effects.refuse(format!("has not exactly {bits} bits"));
            }
        }
        "bit varying" => {
            let longest = bits(from);
            if let Some(limit) = to.number(0)
                && longest.is_none_or(|longest| longest > limit)
            {
                effects.refuse(format!("has more than {limit} bits"));
            }
        }
        "name" if longest_text(from).is_some_and(|longest| longest <= NAME) => {
            effects.forget_loss(cast::SHORT_NAME);
        }
        "money" => amount(from, effects),
        "numeric" => scale(from, to, effects),
        "smallint" | "integer" | "bigint" => whole(from, to, effects),
        "real" | "double precision" => float(from, to, effects),
        "time without time zone"
        | "time with time zone"
        | "timestamp without time zone"
        | "timestamp with time zone"
        | "interval" => fraction(from, to, effects),
        "vector" | "halfvec" | "sparsevec" => {
            let known = from.array || from.is_string() || from.name != to.name;
            if let Some(size) = to.number(0)
                && (known || from.number(0) != Some(size))
            {
                effects.refuse(format!("has not exactly {size} dimensions"));
            }
        }
        _ if to.modifiers.is_some() && from.modifiers != to.modifiers => {
            let modifiers = to.modifiers.as_deref().unwrap_or_default();
            effects.refuse(format!("is no {}({modifiers})", to.spelled));
        }
        _ => {}
    }
}

/// Compares the length of texts with a limit.
fn length(from: &SqlType, to: &SqlType, effects: &mut Effects) {
    let Some(limit) = to.number(0) else { return };
    if longest_text(from).is_none_or(|longest| longest > limit) {
        let spaces = if from.ends_in_spaces() { ", spaces at the end apart" } else { "" };
        effects.refuse(format!("has more than {limit} characters{spaces}"));
        // The server cuts spaces in silence. The text of a `character` has none at its end.
        let has_none = from.name == "character" || effects.loses(cast::NO_END_SPACES);
        if from.ends_in_spaces() && !has_none {
            effects.lose(&format!("lose spaces at their end behind {limit} characters"));
        }
    }
}

/// Returns the number of characters that the text of a value can have at most.
fn longest_text(of: &SqlType) -> Option<i32> {
    if of.array {
        return None;
    }
    match of.name.as_str() {
        "character varying" => of.number(0),
        "character" => of.modifiers.is_some().then(|| of.number(0)).flatten(),
        "bit" | "bit varying" => bits(of),
        "name" => Some(NAME),
        "\"char\"" => Some(4),
        "boolean" => Some(5),
        "numeric" => digits(of).map(|own| own.before_point.max(1) + own.after_point.max(0) + 2),
        "real" | "double precision" => Some(24),
        "date" => Some(24),
        "smallint" => Some(6),
        "integer" => Some(11),
        "bigint" => Some(20),
        "uuid" => Some(36),
        "macaddr" => Some(17),
        "macaddr8" => Some(23),
        _ => None,
    }
}

/// The number of bytes of a name.
const NAME: i32 = 63;

/// Returns the number of bits that a value can have at most.
fn bits(of: &SqlType) -> Option<i32> {
    match of.name.as_str() {
        "bit" => Some(of.number(0).unwrap_or(1)),
        "bit varying" => of.number(0),
        "smallint" | "integer" => Some(32),
        "bigint" => Some(64),
        _ => None,
    }
}

/// The digits that a number can have at most.
#[derive(Clone, Copy, Debug)]
struct Digits {
    before_point: i32,
    after_point: i32,
}

fn digits(of: &SqlType) -> Option<Digits> {
    let whole = |before_point| Some(Digits { before_point, after_point: 0 });
    match of.name.as_str() {
        "boolean" => whole(1),
        "smallint" => whole(5),
        "integer" => whole(10),
        "bigint" => whole(19),
        "numeric" => {
            let (precision, scale) = (of.number(0)?, of.number(1).unwrap_or(0));
            Some(Digits { before_point: precision - scale, after_point: scale })
        }
        _ => None,
    }
}

/// Compares the digits of numbers with those that there is room for.
fn scale(from: &SqlType, to: &SqlType, effects: &mut Effects) {
    let (old, Some(new)) = (digits(from), digits(to)) else { return };
    let rounded = old.is_none_or(|old| old.after_point > new.after_point);
    if rounded {
        effects.lose(cast::ROUNDED);
    }
    // 9.99 becomes 10.0, which has one digit more before the point.
    let carry = i32::from(rounded);
    if old.is_none_or(|old| old.before_point + carry > new.before_point) {
        effects.refuse(cast::RANGE);
    }
}

/// Takes back what does not happen to a `numeric` that has the form of a whole number, and to few
/// bits.
fn whole(from: &SqlType, to: &SqlType, effects: &mut Effects) {
    if ["bit", "bit varying"].contains(&from.name.as_str()) {
        let room = match to.name.as_str() {
            "smallint" => 15,
            "integer" => 32,
            _ => 64,
        };
        if bits(from).is_some_and(|bits| bits <= room) {
            effects.forget_refusal(cast::RANGE);
        }
    }
    let ("numeric", Some(old)) = (from.name.as_str(), digits(from)) else { return };
    let room = match to.name.as_str() {
        "smallint" => 4,
        "integer" => 9,
        _ => 18,
    };
    let rounded = old.after_point > 0;
    if !rounded {
        effects.forget_loss(cast::ROUNDED);
    }
    if old.before_point + i32::from(rounded) <= room {
        effects.forget_refusal(cast::RANGE);
        effects.refuse("is NaN");
    }
}

/// Takes back what does not happen to a whole number of few digits that becomes an amount of money. An
/// amount has up to three digits behind the point, and 64 bits for all of them.
fn amount(from: &SqlType, effects: &mut Effects) {
    let Some(old) = digits(from) else { return };
    if old.after_point <= 0 {
        effects.forget_loss(cast::ROUNDED);
    }
    if old.before_point <= 15 && effects.refuses(cast::RANGE) {
        effects.forget_refusal(cast::RANGE);
        if from.name == "numeric" {
            effects.refuse("is NaN");
        }
    }
}

/// Takes back what does not happen to a `numeric` of few digits.
fn float(from: &SqlType, to: &SqlType, effects: &mut Effects) {
    let ("numeric", Some(old)) = (from.name.as_str(), digits(from)) else { return };
    let (exact, largest) = if to.name == "real" { (6, 37) } else { (15, 307) };
    if old.before_point + old.after_point.max(0) <= exact {
        effects.forget_loss(cast::FEWER_DIGITS);
    }
    if old.before_point <= largest {
        effects.forget_refusal(cast::RANGE);
    }
}

/// Compares the fractions of seconds, and the fields of intervals.
fn fraction(from: &SqlType, to: &SqlType, effects: &mut Effects) {
    let digits = |of: &SqlType| match of.name.as_str() {
        "date" => 0,
        _ => of.number(0).unwrap_or(6),
    };
    let has_seconds = from.name != "interval" || smallest_unit(from) == smallest_unit(to);
    if to.name == "interval" && smallest_unit(to) < smallest_unit(from) {
        effects.lose(&format!("lose what is finer than {}", unit(to)));
    } else if has_seconds && digits(to) < digits(from) {
        effects.lose(cast::ROUNDED);
    }
}

/// The units of an interval. Whole seconds and their fractions are one.
const UNITS: [&str; 6] = ["year", "month", "day", "hour", "minute", "second"];

/// Returns the place of the smallest unit that an interval has among all of them.
pub(super) fn smallest_unit(of: &SqlType) -> usize {
    let fields = of.fields.as_deref().unwrap_or("second");
    let last = fields.rsplit(' ').next().unwrap_or_default();
    UNITS.iter().position(|unit| *unit == last).unwrap_or(UNITS.len() - 1)
}

/// Returns the smallest unit of an interval with fields.
fn unit(of: &SqlType) -> String {
    let fields = of.fields.as_deref().unwrap_or("second");
    let last = fields.rsplit(' ').next().unwrap_or_default();
    format!("a {last}").replace("a hour", "an hour")
}
