//! Sequences, and the options that identity columns share with them.

use std::fmt::Write as _;

use aludel_operations::{ColumnChange, Counter};
use aludel_schema::{
    Column, Identity, Kind, ObjectId, OwnerColumn, QualifiedName, Sequence, SequenceOptions,
    object_name,
};

use crate::dialect::Dialect::Postgres as PG;
use crate::hazard::Hazard;
use crate::lock::LockMode;
use crate::step::Rendered;

/// Renders CREATE SEQUENCE.
pub(super) fn create(sequence: &Sequence) -> String {
    let unlogged = if sequence.options.unlogged == Some(true) { "UNLOGGED " } else { "" };
    let mut sql = format!("CREATE {unlogged}SEQUENCE {}", PG.quote_name(&sequence.name));
    for option in set_options(&sequence.options, true) {
        let _ = write!(sql, " {option}");
    }
    sql
}

pub(super) fn drop(sequence: &Sequence) -> Rendered {
    Rendered::statement(format!("DROP SEQUENCE {}", PG.quote_name(&sequence.name)))
        .lock(sequence.id(), LockMode::AccessExclusive)
}

/// Renders the statement that sets whether the counter is logged, if that changes.
fn set_logged(name: &str, from: &SequenceOptions, to: &SequenceOptions) -> Option<String> {
    let word = match (from.unlogged, to.unlogged) {
        (from, to) if from == to => return None,
        (_, Some(true)) | (Some(false), None) => "UNLOGGED",
        (_, Some(false)) | (_, None) => "LOGGED",
    };
    Some(format!("ALTER SEQUENCE {name} SET {word}"))
}

/// Renders ALTER SEQUENCE with all options.
pub(super) fn alter(from: &Sequence, to: &Sequence) -> Rendered {
    let name = PG.quote_name(&to.name);
    let logged = set_logged(&name, &from.options, &to.options);
    let numbers = SequenceOptions { unlogged: from.options.unlogged, ..to.options.clone() };
    if let Some(logged) = logged.as_ref().filter(|_| numbers == from.options) {
        return Rendered::statement(logged.clone()).lock(to.id(), LockMode::AccessExclusive);
    }
    let data_type = to.options.data_type.as_deref().unwrap_or("bigint");
    let options = all_options(&to.options, Some(data_type)).join(" ");
    let sequence = format!("{}::regclass", PG.literal(&name));
    let alter = format!("ALTER SEQUENCE {name} {options}");
    let lift = lifted(&sequence, &from.options, &to.options);
    let mode = match logged {
        Some(_) => LockMode::AccessExclusive,
        None => LockMode::ShareRowExclusive,
    };
    // The counter may be ahead of the rows, which say whether the type of the column is too narrow.
    let types = [from.options.data_type.as_deref().unwrap_or("bigint"), data_type];
    Rendered::statements(lift.into_iter().chain([alter]).chain(logged).collect())
        .lock(to.id(), mode)
        .hazards(left_outside(&to.id(), &from.options, &to.options, types))
}

/// Returns the hazard of a counter that may stand outside of its new bounds, which the server refuses.
/// `types` are those of the numbers before and after.
pub(super) fn left_outside(
    id: &ObjectId,
    old: &SequenceOptions,
    new: &SequenceOptions,
    types: [&str; 2],
) -> Option<Hazard> {
    let bounds = |options: &SequenceOptions, data_type: &str| {
        let usual = sequence_defaults(data_type, options.increment.unwrap_or(1));
        (options.min.or(usual.min), options.max.or(usual.max))
    };
    let ((old_min, old_max), (min, max)) = (bounds(old, types[0]), bounds(new, types[1]));
    let is_lifted = lifted("", old, new).is_some();
    let below = min.filter(|_| min > old_min && !is_lifted).map(|min| format!("below {min}"));
    let above = max.filter(|_| max < old_max).map(|max| format!("above {max}"));
    let places: Vec<String> = below.into_iter().chain(above).collect();
    let rows = format!("{id} stands {}", places.join(" or "));
    (!places.is_empty()).then(|| Hazard::FailsOnRule { object: id.clone(), rows })
}

/// Renders OWNED BY. With `seed`, the sequence then continues after the values of its column.
pub(super) fn own(sequence: &Sequence, seed: bool) -> Rendered {
    let name = PG.quote_name(&sequence.name);
    let lock = |rendered: Rendered| rendered.lock(sequence.id(), LockMode::ShareRowExclusive);
    let Some(OwnerColumn { table, column }) = &sequence.owned_by else {
        return lock(Rendered::statement(format!("ALTER SEQUENCE {name} OWNED BY NONE")));
    };
    let outside = rows_outside(ObjectId::column(table, column.as_str()), &sequence.options);
    let (quoted, column) = (PG.quote_name(table), PG.quote(column));
    let mut statements = vec![format!("ALTER SEQUENCE {name} OWNED BY {quoted}.{column}")];
    if seed {
        let literal = PG.literal(&name);
        statements.push(format!(
            "SELECT setval({literal}, {}",
            behind_rows(&column, &quoted, &sequence.options)
        ));
    }
    lock(Rendered::statements(statements))
        .lock(ObjectId::table(table), LockMode::AccessShare)
        .hazards(seed.then(|| Hazard::Scans { table: table.clone() }))
        .hazards(outside.filter(|_| seed))
}

/// Returns the hazard of a column whose values may be outside of the bounds that its sequence states.
pub(super) fn rows_outside(column: ObjectId, options: &SequenceOptions) -> Option<Hazard> {
    let what = match options.increment.unwrap_or(1) >= 0 {
        true => format!("is above {}", options.max?),
        false => format!("is below {}", options.min?),
    };
    Some(Hazard::FailsOnValues { column, what })
}

/// Makes a sequence continue where another one stands, and behind the values of its column, so that no
/// number is given again.
pub(super) fn take_over(counter: &Counter) -> Rendered {
    let Counter { column, from, to, before, after, .. } = counter;
    let ascending = after.increment.unwrap_or(1) >= 0;
    let (beyond, last) = if ascending { ("greatest", "max") } else { ("least", "min") };
    let rows = column.as_ref().map(|OwnerColumn { table, column }| {
        let (table, column) = (PG.quote_name(table), PG.quote(column));
        (format!("(SELECT {last}({column}) FROM {table})"), format!("EXISTS (SELECT FROM {table})"))
    });
    let (values, has_rows) = rows.unzip();
    let bound = match ascending {
        true => after.min.filter(|_| before.min < after.min),
        false => after.max.filter(|_| before.max > after.max),
    };
    let bound = bound.map(|bound| bound.to_string());
    let limits: Vec<String> =
        ["last_value".to_owned()].into_iter().chain(values).chain(bound).collect();
    let value = match limits.as_slice() {
        [one] => one.clone(),
        _ => format!("{beyond}({})", limits.join(", ")),
    };
    let is_called = has_rows.map(|has_rows| format!(" OR {has_rows}")).unwrap_or_default();
    let sql = format!(
        "SELECT setval({}, {value}, is_called{is_called}) FROM {}",
        PG.literal(&PG.quote_name(to)),
        PG.quote_name(from)
    );
    let rendered = Rendered::statement(sql).hazards(taken_outside(counter));
    match column {
        None => rendered,
        Some(OwnerColumn { table, .. }) => rendered
            .lock(ObjectId::table(table), LockMode::AccessShare)
            .hazard(Hazard::Scans { table: table.clone() }),
    }
}

/// Returns the hazard of a counter, or of values of its column, that may be beyond the last number of the
/// sequence that continues.
fn taken_outside(counter: &Counter) -> Option<Hazard> {
    let Counter { column, from, before, after, data_type, .. } = counter;
    let most = column.as_ref().and_then(|_| sequence_defaults(data_type, 1).max);
    let where_to = match after.increment.unwrap_or(1) >= 0 {
        true => after.max.filter(|max| before.max.max(most) > Some(*max)).map(|max| ("above", max)),
        false => {
            let least = most.map(|most| -most - 1);
            let is_above = |min: &i64| least.is_some_and(|least| least < *min);
            let is_below = |min: &i64| before.min < Some(*min) || is_above(min);
            after.min.filter(is_below).map(|min| ("below", min))
        }
    };
    let (place, bound) = where_to?;
    let [from, to] = [from, &counter.to].map(|name| ObjectId::new(Kind::Sequence, name.clone()));
    let stands = format!("{from} stands {place} {bound}");
    Some(match column.as_ref().map(OwnerColumn::id) {
        None => Hazard::FailsOnRule { object: to, rows: stands },
        Some(column) => {
            let rows = format!("{stands}, or a value of {column} is {place} it");
            Hazard::FailsOnRule { object: column, rows }
        }
    })
}

/// Returns the expression for the sequence behind an identity column. The server finds any of those that
/// belong to the column.
pub(super) fn of_identity(change: &ColumnChange) -> String {
    let ColumnChange { table, to, .. } = change;
    let named = to.identity_sequence(table).filter(|_| change.has_others);
    if let Some(name) = named {
        return PG.literal(&PG.quote_name(&name));
    }
    let table = PG.literal(&PG.quote_name(table));
    format!("pg_get_serial_sequence({table}, {})", PG.literal(&to.name))
}

/// Renders `GENERATED … AS IDENTITY` with the options that differ from the defaults.
pub(super) fn identity_clause(identity: &Identity) -> String {
    let when = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
    let mut options = Vec::new();
    if let Some(name) = &identity.sequence {
        options.push(format!("SEQUENCE NAME {}", PG.quote_name(&QualifiedName::parse(name))));
    }
    options.extend(set_options(&identity.options, false));
    let options =
        if options.is_empty() { String::new() } else { format!(" ({})", options.join(" ")) };
    format!("GENERATED {when} AS IDENTITY{options}")
}

/// Renders the options that differ from the defaults, as clauses.
fn set_options(options: &SequenceOptions, with_type: bool) -> Vec<String> {
    let mut clauses = Vec::new();
    if let Some(data_type) = options.data_type.as_ref().filter(|_| with_type) {
        clauses.push(format!("AS {data_type}"));
    }
    for (word, value) in [
        ("START WITH", options.start),
        ("INCREMENT BY", options.increment),
        ("MINVALUE", options.min),
        ("MAXVALUE", options.max),
        ("CACHE", options.cache),
    ] {
        if let Some(value) = value {
            clauses.push(format!("{word} {value}"));
        }
    }
    if options.cycle {
        clauses.push("CYCLE".to_owned());
    }
    clauses
}

/// Returns the values that PostgreSQL uses for options that are not specified, as documented on its
/// page on CREATE SEQUENCE.
pub fn sequence_defaults(data_type: &str, increment: i64) -> SequenceOptions {
    let max = match data_type {
        "smallint" => i64::from(i16::MAX),
        "integer" => i64::from(i32::MAX),
        _ => i64::MAX,
    };
    let (min, max) = if increment < 0 { (-max - 1, -1) } else { (1, max) };
    SequenceOptions {
        data_type: None,
        start: Some(if increment < 0 { max } else { min }),
        increment: Some(1),
        min: Some(min),
        max: Some(max),
        cache: Some(1),
        cycle: false,
        unlogged: None,
    }
}

/// Renders the statement for the counter of a new identity that is not logged as its table is.
pub(super) fn identity_log(table: &QualifiedName, column: &Column) -> Option<String> {
    let identity = column.identity.as_ref()?;
    identity_logged(table, &column.name, &SequenceOptions::default(), identity)
}

/// Renders the statement that sets whether the counter of an identity is logged, if that changes.
pub(super) fn identity_logged(
    table: &QualifiedName,
    column: &str,
    from: &SequenceOptions,
    to: &Identity,
) -> Option<String> {
    let usual = || table.sibling(object_name(&table.name, column, "seq"));
    let name = to.sequence.as_deref().map_or_else(usual, QualifiedName::parse);
    set_logged(&PG.quote_name(&name), from, &to.options)
}

/// Returns the end of a `setval` call that makes a sequence continue after the values of a column,
/// unless the sequence starts beyond them anyway.
pub(super) fn behind_rows(column: &str, table: &str, options: &SequenceOptions) -> String {
    let ascending = options.increment.unwrap_or(1) >= 0;
    let (last, beyond) = if ascending { ("max", ">=") } else { ("min", "<=") };
    let bound = if ascending { options.min } else { options.max };
    let start = options.start.or(bound).unwrap_or(if ascending { 1 } else { -1 });
    format!("{last}({column})) FROM {table} HAVING {last}({column}) {beyond} {start}")
}

/// Returns the query that raises a sequence to a new, higher minimum. The server refuses a minimum
/// above the current value, and RESTART could yield numbers that are taken.
pub(super) fn lifted(
    sequence: &str,
    old: &SequenceOptions,
    new: &SequenceOptions,
) -> Option<String> {
    let ascending = new.increment.unwrap_or(1) > 0 && old.increment.unwrap_or(1) > 0;
    let min = Some(new.min.unwrap_or(1));
    let min = min.filter(|min| ascending && *min > old.min.unwrap_or(1))?;
    let step = new.increment.unwrap_or(1);
    // One that has given no number stands where it begins.
    let start = old.start.or(old.min).unwrap_or(1);
    Some(format!(
        "SELECT setval({sequence}, greatest(coalesce(pg_sequence_last_value({sequence}) + {step}, {start}), {min}), false)"
    ))
}

pub(super) fn identity_changes(identity: &Identity) -> String {
    let mut changes =
        vec![format!("SET GENERATED {}", if identity.always { "ALWAYS" } else { "BY DEFAULT" })];
    changes.extend(all_options(&identity.options, None).into_iter().map(|o| format!("SET {o}")));
    changes.join(" ")
}

/// Renders all options, including those that return to their defaults.
fn all_options(options: &SequenceOptions, own_type: Option<&str>) -> Vec<String> {
    let number = |value: Option<i64>, word: &str, none: String| match value {
        Some(value) => format!("{word} {value}"),
        None => none,
    };
    let ascending = options.increment.unwrap_or(1) >= 0;
    let start = options.start.or(if ascending { options.min } else { options.max });
    let mut all: Vec<String> = own_type.map(|name| format!("AS {name}")).into_iter().collect();
    all.extend([
        number(options.increment, "INCREMENT BY", "INCREMENT BY 1".to_owned()),
        number(options.min, "MINVALUE", "NO MINVALUE".to_owned()),
        number(options.max, "MAXVALUE", "NO MAXVALUE".to_owned()),
        number(start, "START WITH", format!("START WITH {}", if ascending { 1 } else { -1 })),
        number(options.cache, "CACHE", "CACHE 1".to_owned()),
        if options.cycle { "CYCLE" } else { "NO CYCLE" }.to_owned(),
    ]);
    all
}
