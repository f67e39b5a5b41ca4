//! Names of sequences that follow those of the columns that they count for.

use std::collections::BTreeMap;

use aludel_dialect::Dialect;
use aludel_schema::{
    Column, Kind, Metadata, ObjectId, QualifiedName, Sequence, Table, object_name,
};

use crate::names::moving;
use crate::pair::Pair;

/// A sequence under both of its names, in one schema.
pub(crate) struct Follows {
    pub(crate) from: QualifiedName,
    pub(crate) to: QualifiedName,
}

/// Returns the renames of sequences that the same column has on both sides, by schema: the name of one
/// behind `serial` or an identity contains those of table and column. Tables and columns have the names
/// of the target already, and `former` returns what they were called.
pub(crate) fn followed(
    pair: Pair<&Metadata>,
    former: impl Fn(&ObjectId) -> ObjectId,
    dialect: Dialect,
) -> Vec<Vec<Follows>> {
    let mut renames: BTreeMap<Option<String>, Vec<Follows>> = BTreeMap::new();
    let sequences = pair.target.sequences.values();
    let owned = sequences.filter_map(|sequence| of_owner(pair, sequence, dialect));
    for rename in owned.chain(of_identities(pair, former)) {
        let of_schema = renames.entry(rename.to.schema.clone()).or_default();
        if !of_schema.iter().any(|other| other.from == rename.from) {
            of_schema.push(rename);
        }
    }
    renames.into_values().map(|renames| without_clashes(pair, renames)).collect()
}

/// Returns true if a relation has the name on one of the sides.
pub(crate) fn is_taken(pair: Pair<&Metadata>, name: &QualifiedName) -> bool {
    let sides = [pair.database, pair.target].into_iter();
    { sides }.any(|side| moving::is_taken(side, Kind::Sequence, name))
}

/// Returns the rename of a sequence that is an object of its own.
fn of_owner(pair: Pair<&Metadata>, sequence: &Sequence, dialect: Dialect) -> Option<Follows> {
    let now = &pair.database.sequences;
    let owned_alike =
        |other: &&Sequence| other.owned_by.is_some() && other.owned_by == sequence.owned_by;
    if now.get(&sequence.name).is_some_and(|same| owned_alike(&same)) {
        return None;
    }
    // One that the target keeps for the same owner is another one of several.
    let moves = |old: &&Sequence| {
        owned_alike(old)
            && old.name.schema == sequence.name.schema
            && numbers(pair.database, old, dialect) == numbers(pair.target, sequence, dialect)
            && !pair.target.sequences.get(&old.name).is_some_and(|kept| owned_alike(&kept))
    };
    let same = now.values().find(moves)?;
    Some(Follows { from: same.name.clone(), to: sequence.name.clone() })
}

/// Returns true if the column that a sequence belongs to draws from it. Others may belong to the column
/// beside that one.
fn numbers(metadata: &Metadata, sequence: &Sequence, dialect: Dialect) -> bool {
    let owner = sequence.owned_by.as_ref();
    let column = owner.and_then(|own| metadata.tables.get(&own.table)?.column(&own.column));
    let default = column.and_then(|column| column.default.as_ref());
    let literal = dialect.literal(&dialect.quote_name(&sequence.name));
    default.is_some_and(|text| text.written.contains(&literal))
}

/// Returns the renames of the sequences behind identity columns: to the names that the target states or that are
/// asked for, and of those that have the usual name of the column as it was called.
fn of_identities(pair: Pair<&Metadata>, former: impl Fn(&ObjectId) -> ObjectId) -> Vec<Follows> {
    let mut found = Vec::new();
    for table in pair.target.tables.values() {
        for column in table.columns.iter().filter(|column| column.identity.is_some()) {
            let was = former(&ObjectId::column(&table.name, column.name.as_str()));
            found.extend(of_identity(pair, table, column, &was));
        }
    }
    found
}

fn of_identity(
    pair: Pair<&Metadata>,
    table: &Table,
    column: &Column,
    was: &ObjectId,
) -> Option<Follows> {
    let before = pair.database.tables.get(&table.name)?.column(&column.name)?;
    let from = before.identity_sequence(&table.name)?;
    let to = column.identity_sequence(&table.name)?;
    let mut said = column.identity.iter().filter_map(|identity| identity.sequence.as_ref());
    let old_table = was.table.as_ref().map_or("", |table| table.name.as_str());
    let follows = from.name == object_name(old_table, &was.name.name, "seq");
    let is_asked = || {
        let to = ObjectId::new(Kind::Sequence, to.clone());
        pair.target.hints.objects.contains_key(&to)
    };
    let is_due = follows || said.next().is_some() || is_asked();
    (is_due && from != to && from.schema == to.schema).then_some(Follows { from, to })
}

/// Returns true if a sequence is that of an identity column which the target does not have.
fn goes_with_its_column(pair: Pair<&Metadata>, sequence: &QualifiedName) -> bool {
    let column = pair.database.identity_of(sequence);
    column.is_some_and(|column| !pair.target.contains(&column))
}

/// Leaves out the renames to names that something else keeps.
fn without_clashes(pair: Pair<&Metadata>, mut renames: Vec<Follows>) -> Vec<Follows> {
    loop {
        let is_clash = |rename: &Follows| {
            let leaves = renames.iter().any(|other| other.from == rename.to);
            !leaves
                && !pair.target.sequences.contains_key(&rename.to)
                && moving::is_taken(pair.database, Kind::Sequence, &rename.to)
                && !goes_with_its_column(pair, &rename.to)
        };
        match renames.iter().position(is_clash) {
            Some(at) => _ = renames.remove(at),
            None => return renames,
        }
    }
}
