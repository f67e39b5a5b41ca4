//! The attributes that say how the server keeps tables, columns, constraints and indexes.

use aludel_schema::{
    Column, Constraint, IndexSettings, Parameters, QualifiedName, ReplicaIdentity, Table, Validity,
};

use super::parameters;

/// Returns the attributes of a table for its storage and the roles of its indexes.
pub(super) fn of_table(table: &Table) -> Vec<String> {
    let options = &table.options;
    let mut parts = Vec::new();
    let of_toast = |name: &str| name.starts_with("toast.");
    let select = |toast: bool| -> Parameters {
        let pairs = options.with.iter().filter(|(name, _)| of_toast(name) == toast);
        let short = |name: &str| name.trim_start_matches("toast.").to_owned();
        pairs.map(|(name, value)| (short(name), value.to_owned())).collect()
    };
    for (word, chosen) in [("with", select(false)), ("toast", select(true))] {
        if !chosen.is_empty() {
            parts.push(format!("{word}({})", parameters(&chosen)));
        }
    }
    if !options.inherits.is_empty() {
        let names: Vec<String> =
            options.inherits.iter().map(|name| format!("{:?}", name.dotted())).collect();
        parts.push(format!("inherits({})", names.join(", ")));
    }
    let of_type = options.of_type.as_ref().map(QualifiedName::dotted);
    for (word, value) in [
        ("of_type", &of_type),
        ("access_method", &options.access_method),
        ("tablespace", &options.tablespace),
        ("clustered_on", &table.roles.clustered_on),
    ] {
        parts.extend(value.as_ref().map(|value| format!("{word} = {value:?}")));
    }
    parts.extend(options.row_security.then(|| "row_security".to_owned()));
    parts.extend(options.force_row_security.then(|| "force_row_security".to_owned()));
    parts.extend(match &table.roles.replica_identity {
        ReplicaIdentity::PrimaryKey => None,
        ReplicaIdentity::Full => Some("replica_identity = \"full\"".to_owned()),
        ReplicaIdentity::Nothing => Some("replica_identity = \"nothing\"".to_owned()),
        ReplicaIdentity::Index(name) => Some(format!("replica_identity(index = {name:?})")),
    });
    parts
}

/// Returns the attributes of a column for its NOT NULL constraint, its storage and its statistics.
pub(super) fn of_column(column: &Column) -> Vec<String> {
    let mut parts = Vec::new();
    parts.extend(column.inherited.then(|| "inherited".to_owned()));
    if let Some(not_null) = &column.not_null {
        let mut own = Vec::new();
        own.extend(not_null.name.as_ref().map(|name| format!("name = {name:?}")));
        own.extend(not_null.not_valid.then(|| "not_valid".to_owned()));
        own.extend(not_null.no_inherit.then(|| "no_inherit".to_owned()));
        own.extend(not_null.comment.as_ref().map(|text| format!("comment = {text:?}")));
        if !own.is_empty() {
            parts.push(format!("not_null({})", own.join(", ")));
        }
    }
    let storage = column.effective_storage();
    parts.extend(storage.mode.map(|mode| format!("storage = {mode:?}")));
    parts.extend(storage.compression.map(|method| format!("compression = {method:?}")));
    parts.extend(storage.statistics.map(|target| format!("statistics = {target}")));
    if !storage.options.is_empty() {
        parts.push(format!("options({})", parameters(&storage.options)));
    }
    parts
}

/// Returns the attributes of a constraint for its validity, its comments and its index.
pub(super) fn of_constraint(constraint: &Constraint) -> Vec<String> {
    let mut parts = Vec::new();
    match constraint.validity() {
        Validity::Valid => {}
        Validity::NotValid => parts.push("not_valid".to_owned()),
        Validity::NotEnforced => parts.push("not_enforced".to_owned()),
    }
    parts.extend(of_index(&constraint.index));
    parts.extend(constraint.comment.as_ref().map(|text| format!("comment = {text:?}")));
    let on_index = constraint.index_comment.as_ref();
    parts.extend(on_index.map(|text| format!("index_comment = {text:?}")));
    parts
}

/// Returns the attributes for the settings of an index. Those for statistics are at its keys.
pub(super) fn of_index(settings: &IndexSettings) -> Vec<String> {
    let mut parts = Vec::new();
    if !settings.with.is_empty() {
        parts.push(format!("with({})", parameters(&settings.with)));
    }
    parts.extend(settings.tablespace.as_ref().map(|name| format!("tablespace = {name:?}")));
    parts
}
