//! The storage of the columns of partitions: the mode, the compression method, the statistics target and options.
//!
//! A partition begins with the mode and the method of the table above it, and without a target and options. Its
//! own mode and method are lost when the column gets another type above. So are its mode and its target when
//! those of the column change above, because the server passes them on. A method and options are not passed on.

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Clause, Column, Definition, Kind, Metadata, ObjectId, SqlText, Table};

use crate::depends::World;
use crate::making_room::room::Room;
use crate::ordering::graph::Graph;
use crate::pair::Pair;
use crate::partitions::bound::{self, part, table_above};
use crate::tables::column;
use crate::types::replacement::moves;

/// A part of the storage of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stored {
    Mode,
    Method,
    Target,
    Options,
}

impl Stored {
    const ALL: [Self; 4] = [Self::Mode, Self::Method, Self::Target, Self::Options];

    fn of(clause: &Clause) -> Option<Self> {
        Self::ALL.into_iter().find(|stored| stored.word() == clause.word)
    }

    /// Returns the word that a partition has for the part.
    const fn word(self) -> &'static str {
        match self {
            Self::Mode => "storage",
            Self::Method => "compression",
            Self::Target => "statistics",
            Self::Options => "column options",
        }
    }

    /// Returns the text for none of the part. A column always has a mode.
    const fn none(self) -> &'static str {
        match self {
            Self::Mode | Self::Options => "",
            Self::Method => "DEFAULT",
            Self::Target => "-1",
        }
    }

    /// Returns true if a partition has the part from the table above it as long as it says nothing of it.
    const fn is_from_above(self) -> bool {
        matches!(self, Self::Mode | Self::Method)
    }

    /// Returns the clause by which a partition states the part; `None` if that is to say nothing.
    fn clause(self, column: &Column, text: &str) -> Option<Clause> {
        (self.is_from_above() || text != self.none()).then(|| Clause {
            word: self.word().to_owned(),
            name: Some(column.name.clone()),
            text: SqlText::new(text),
        })
    }

    /// Returns the part as a table has it for a column. Options are never passed on.
    fn of_column(self, world: &World<'_>, side: &Metadata, column: &Column) -> String {
        let storage = column.effective_storage();
        let own = match self {
            Self::Mode => {
                let base = world.base_type(column, side);
                let sql_type = base.as_ref().unwrap_or(&column.sql_type).spelling();
                let usual = || world.dialect.likely_storage(sql_type).to_owned();
                Some(storage.mode.unwrap_or_else(usual).to_ascii_uppercase())
            }
            Self::Method => storage.compression,
            Self::Target => storage.statistics.map(|own| own.to_string()),
            Self::Options => None,
        };
        own.unwrap_or_else(|| self.none().to_owned())
    }
}

/// A column of the table above a partition, with what happens to it.
struct Above<'m> {
    target: &'m Column,
    /// The column is new, or it is dropped and added again.
    is_made: bool,
    is_retyped: bool,
    /// The parts that differ in the target.
    differing: Vec<Stored>,
}

impl<'m> Above<'m> {
    fn of(
        world: &World<'_>,
        room: &Room,
        replaced: &[ObjectId],
        tables: Pair<&'m Table>,
        target: &'m Column,
    ) -> Self {
        let made = Self { target, is_made: true, is_retyped: false, differing: Vec::new() };
        let Some(database) = tables.database.column(&target.name) else { return made };
        let pair = Pair::new(database, target);
        let id = ObjectId::column(&tables.target.name, target.name.as_str());
        if column::is_renewed(world, &tables.target.name, pair) || room.remade.contains_key(&id) {
            return made;
        }
        let is_retyped = column::is_retyped(pair) || moves(world, replaced, pair);
        let Pair { database: before, target: after } = pair.map(Column::effective_storage);
        let differs = |stored: &Stored| match stored {
            Stored::Mode => before.mode != after.mode,
            Stored::Method => before.compression != after.compression,
            Stored::Target => before.statistics != after.statistics,
            Stored::Options => before.options != after.options,
        };
        let differing = Stored::ALL.into_iter().filter(differs).collect();
        Self { target, is_made: false, is_retyped, differing }
    }

    /// Returns true if a partition may have another form of a part after the change of the column.
    fn changes(&self, stored: Stored) -> bool {
        let is_lost = self.is_retyped && matches!(stored, Stored::Mode | Stored::Method);
        self.is_made || is_lost || self.differing.contains(&stored)
    }

    /// Returns what the change of the column leaves of a part in the partitions; `None` if it leaves what
    /// they have.
    fn leaves(&self, world: &World<'_>, stored: Stored) -> Option<String> {
        let is_lost = match stored {
            Stored::Mode | Stored::Target => self.changes(stored),
            Stored::Method => self.is_made || self.is_retyped,
            Stored::Options => self.is_made,
        };
        is_lost.then(|| match stored {
            Stored::Mode | Stored::Target => {
                stored.of_column(world, world.pair.target, self.target)
            }
            Stored::Method | Stored::Options => stored.none().to_owned(),
        })
    }
}

/// Returns what the plan leaves of a partition and of its storage, and the partition with the storage that it is
/// to have; `None` if that is the same. The partition is as `without` says it apart from that.
pub(crate) fn changes(
    world: &World<'_>,
    room: &Room,
    replaced: &[ObjectId],
    pair: Pair<&Definition>,
    without: &Definition,
) -> Option<[Definition; 2]> {
    let sides = world.pair;
    let above = table_above(sides.target, &pair.target.id.name, world.dialect)?;
    let before = sides.database.tables.get(&above.name)?;
    let (mut from, mut to) = (without.clone(), without.clone());
    let is_left_alone = world.leaves_alone(&pair.target.id);
    let is_below_another = bound::above(sides.target, pair.target, world.dialect).len() > 1;
    for column in &above.columns {
        let change = Above::of(world, room, replaced, Pair::new(before, above), column);
        for stored in Stored::ALL {
            let own = pair.map(|partition| said(partition, stored, column));
            let is_said = own.database.is_some() || own.target.is_some();
            if !is_said && !is_below_another && !change.changes(stored) {
                continue;
            }
            // A target that reaches a partition that is left alone is no difference there.
            if own.target.is_none() && !stored.is_from_above() && is_left_alone {
                continue;
            }
            let of_above = |side, partition| above_of(world, side, partition, stored, column);
            let left = change.leaves(world, stored).or(own.database);
            let left = left.unwrap_or_else(|| of_above(sides.database, pair.database));
            let wanted = own.target.unwrap_or_else(|| of_above(sides.target, pair.target));
            if left == wanted {
                continue;
            }
            from.clauses.extend(stored.clause(column, &left));
            to.clauses.extend(stored.clause(column, &wanted));
            if change.changes(stored) {
                to.depends_on.push(ObjectId::column(&above.name, column.name.as_str()));
            }
        }
    }
    (from.clauses != to.clauses).then_some([from, to])
}

/// Returns what a partition says of a part of the storage of a column.
fn said(partition: &Definition, stored: Stored, column: &Column) -> Option<String> {
    let mut clauses = partition.clauses.iter();
    let own = clauses
        .find(|clause| clause.word == stored.word() && clause.name.as_ref() == Some(&column.name));
    own.map(|clause| clause.text.spelling().to_owned())
}

/// Returns what a partition has of a part of the storage of a column if it says nothing of that.
fn above_of(
    world: &World<'_>,
    side: &Metadata,
    partition: &Definition,
    stored: Stored,
    column: &Column,
) -> String {
    if !stored.is_from_above() {
        return stored.none().to_owned();
    }
    let names = bound::above(side, partition, world.dialect);
    let said =
        names.iter().find_map(|name| said(side.definitions.get(&part(name))?, stored, column));
    let of_table = || {
        let column = names.iter().find_map(|name| side.tables.get(*name)?.column(&column.name));
        stored.of_column(world, side, column?).into()
    };
    said.or_else(of_table).unwrap_or_else(|| stored.of_column(world, side, column))
}

/// Returns a partition without what it says of storage, which it may say of a column that has changed.
pub(crate) fn unsaid(partition: &Definition) -> Definition {
    let mut left = partition.clone();
    let is_partition = partition.id.kind == Kind::Partition;
    left.clauses.retain(|clause| !is_partition || Stored::of(clause).is_none());
    left
}

/// Adds edges that let new partitions come after changes of the columns above them that would reach what
/// they have of their own, or that they begin with.
pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    for (at, operation) in operations.iter().enumerate() {
        let Operation::Create(Object::Definition(partition)) = operation else { continue };
        let is_partition = partition.id.kind == Kind::Partition;
        let name = Some(&partition.id.name).filter(|_| is_partition);
        let table = name.and_then(|name| table_above(world.pair.target, name, world.dialect));
        let Some(table) = table else { continue };
        for (other, operation) in operations.iter().enumerate() {
            let is_before = changed(operation, table)
                .into_iter()
                .any(|column| reaches(column, table, partition));
            if is_before {
                graph.edge(other, at);
            }
        }
    }
}

/// Returns the columns of a table whose storage an operation changes.
fn changed<'o>(operation: &'o Operation, table: &Table) -> Vec<&'o Column> {
    match operation {
        Operation::Alter(Alter::Column(change)) if change.table == table.name => {
            let columns = Pair::new(&*change.from, &*change.to);
            let is_it = column::is_retyped(columns) || columns.differs(Column::effective_storage);
            is_it.then_some(&*change.to).into_iter().collect()
        }
        Operation::Alter(Alter::ReplaceType(replacement)) => {
            let columns = replacement.columns.iter().filter(|own| own.table == table.name);
            columns.map(|own| &own.column).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns true if a change of a column reaches what a new partition has of its own, or what it begins with.
fn reaches(column: &Column, table: &Table, partition: &Definition) -> bool {
    let is_own = |clause: &Clause| {
        Stored::of(clause).is_some() && clause.name.as_ref() == Some(&column.name)
    };
    let is_stored = table.column(&column.name).is_some_and(|own| own.storage.is_some());
    is_stored || column.storage.is_some() || partition.clauses.iter().any(is_own)
}
