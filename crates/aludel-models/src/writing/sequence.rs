//! The attributes of sequences, and of the columns that draw from them.

use aludel_dialect::Dialect;
use aludel_schema::{
    Column, Identity, QualifiedName, Sequence, SequenceOptions, Table, object_name,
};

/// Returns the name that the server gives the sequence of a column.
pub(super) fn usual_sequence(table: &Table, column: &Column) -> QualifiedName {
    table.name.sibling(object_name(&table.name.name, &column.name, "seq"))
}

/// Returns true if `serial` expresses all of the column's default and its sequence.
pub(super) fn is_serial(
    table: &Table,
    column: &Column,
    sequence: &Sequence,
    dialect: Dialect,
) -> bool {
    let usual = usual_sequence(table, column);
    if sequence.name != usual {
        return false;
    }
    let data_type = Some(column.sql_type.spelling().to_owned()).filter(|t| t != "bigint");
    let options = SequenceOptions { data_type, ..SequenceOptions::default() };
    let literal = dialect.literal(&dialect.quote_name(&usual));
    let default = format!("nextval({literal}::regclass)");
    sequence.options == options
        && sequence
            .owned_by
            .as_ref()
            .is_some_and(|owner| owner.table == table.name && owner.column == column.name)
        && !column.nullable
        && column.default.as_ref().is_some_and(|d| d.spelling() == default)
}

/// Returns the attribute of an identity column.
pub(super) fn identity_item(identity: &Identity) -> String {
    let mut parts = Vec::new();
    if let Some(sequence) = &identity.sequence {
        parts.push(format!("sequence = {sequence:?}"));
    }
    parts.extend(option_items(&identity.options));
    match (identity.always, parts.is_empty()) {
        (false, true) => "identity".to_owned(),
        (true, true) => "identity = \"always\"".to_owned(),
        (always, false) => {
            let when = if always { "always" } else { "by_default" };
            format!("identity({when}, {})", parts.join(", "))
        }
    }
}

/// Returns the attribute of a sequence, under this name.
pub(super) fn sequence_item(sequence: &Sequence, name: &str) -> String {
    let mut parts = vec![format!("name = {name:?}")];
    if let Some(owner) = &sequence.owned_by {
        parts.push(format!("owned_by = {:?}", owner.column));
    }
    parts.extend(option_items(&sequence.options));
    format!("sequence({})", parts.join(", "))
}

fn option_items(options: &SequenceOptions) -> Vec<String> {
    let mut parts: Vec<String> =
        options.data_type.iter().map(|name| format!("as = {name:?}")).collect();
    for (word, value) in [
        ("start", options.start),
        ("increment", options.increment),
        ("min", options.min),
        ("max", options.max),
        ("cache", options.cache),
    ] {
        parts.extend(value.map(|value| format!("{word} = {value}")));
    }
    parts.extend(options.cycle.then(|| "cycle".to_owned()));
    let log = |unlogged| if unlogged { "unlogged" } else { "logged" };
    parts.extend(options.unlogged.map(|unlogged| log(unlogged).to_owned()));
    parts
}
