//! The columns of a table.

use aludel_operations::{Alter, ColumnChange, Object, Operation};
use aludel_schema::{Column, Kind, NotNull, ObjectId, QualifiedName, SqlText, Table};

use crate::depends::World;
use crate::pair::Pair;
use crate::tables::recomputed;

/// The columns of a table that exists on both sides, paired by name.
#[derive(Debug, Default)]
pub(crate) struct Matched<'a> {
    /// The columns that exist on both sides.
    pub(crate) both: Vec<Pair<&'a Column>>,
    pub(crate) gone: Vec<&'a Column>,
    /// The columns that go with an attribute of the type of their table.
    pub(crate) gone_with_type: Vec<&'a Column>,
    pub(crate) new: Vec<&'a Column>,
    /// The columns that come with an attribute of the type of their table.
    pub(crate) new_with_type: Vec<&'a Column>,
}

pub(crate) fn matched<'a>(tables: Pair<&'a Table>) -> Matched<'a> {
    let mut matched = Matched::default();
    let is_typed = tables.map(|table| table.options.of_type.is_some());
    let is_typed = is_typed.database && is_typed.target;
    for target in &tables.target.columns {
        match tables.database.column(&target.name) {
            Some(database) => matched.both.push(Pair::new(database, target)),
            None if target.inherited && is_typed => matched.new_with_type.push(target),
            None => matched.new.push(target),
        }
    }
    let goes_by_itself = |column: &Column| column.inherited && is_typed;
    let gone = tables.database.columns.iter().filter(|c| tables.target.column(&c.name).is_none());
    (matched.gone_with_type, matched.gone) = gone.partition(|column| goes_by_itself(column));
    matched
}

/// Returns true if another table or a type says of which type the column is, on both sides.
fn is_inherited(column: Pair<&Column>) -> bool {
    column.database.inherited && column.target.inherited
}

/// Returns true if a column gets another type with that of an attribute, or of another table's column.
pub(crate) fn follows_type(column: Pair<&Column>) -> bool {
    is_inherited(column) && column.differs(|column| (&column.sql_type, &column.collation))
}

/// Returns true if the values of a column change their form: its type or its collation differs.
pub(crate) fn is_retyped(column: Pair<&Column>) -> bool {
    !is_inherited(column) && column.differs(|column| (&column.sql_type, &column.collation))
}

/// Returns true if the values of the column are computed in another way, or begin to be computed. A stored
/// generated column that becomes a plain one keeps its values.
pub(crate) fn is_computed_anew(column: Pair<&Column>) -> bool {
    let stored = column.database.generated.as_ref().is_some_and(|generated| generated.stored);
    let keeps_its_values = stored && column.target.generated.is_none();
    !is_inherited(column) && column.differs(|column| &column.generated) && !keeps_its_values
}

/// Returns true if a difference of the column itself makes it necessary to drop the column and add
/// it again: its generation expression differs, and the server can't change that in place.
pub(crate) fn is_renewed(world: &World<'_>, table: &QualifiedName, column: Pair<&Column>) -> bool {
    is_computed_anew(column) && !recomputed::stays(world, table, column)
}

/// The ways in which a plan treats columns of a table beyond their own differences.
pub(crate) struct Ways<'w> {
    /// True for a column that is dropped and added again.
    pub renewed: &'w dyn Fn(&ObjectId) -> bool,
    /// Returns what an inherited column is like after it has gone and come with the one above.
    pub returns: &'w dyn Fn(&Column) -> Option<Column>,
    /// True for a column whose default is removed and set again.
    pub redefaulted: &'w dyn Fn(&Column) -> bool,
    /// Returns the default of a column that follows one above for which that is done.
    pub reset: &'w dyn Fn(&Column) -> Option<Option<Box<SqlText>>>,
    /// True for a column whose type is replaced by a new one of the same name. The replacement sets its type
    /// and default, unless the default calls a function that is made again, too.
    pub moves: &'w dyn Fn(&Column) -> bool,
}

impl Matched<'_> {
    /// Returns the operations for the columns.
    pub(crate) fn operations(&self, table: &QualifiedName, ways: &Ways<'_>) -> Vec<Operation> {
        let Ways { renewed, returns, redefaulted, reset, moves } = ways;
        let mut operations: Vec<Operation> = Vec::new();
        let (mut drops, mut adds) = (Vec::new(), Vec::new());
        for column in &self.both {
            let is_renewed = renewed(&ObjectId::column(table, column.target.name.as_str()));
            if is_renewed {
                let is_inherited = column.map(|column| column.inherited);
                let returned = returns(column.target).filter(|_| is_inherited.target);
                // It goes with the one above.
                if !is_inherited.database || is_inherited.target && returned.is_none() {
                    drops.push(drop(table, column.database));
                }
                match returned {
                    Some(made) => {
                        operations.extend(changes(table, Pair::new(&made, column.target)));
                    }
                    None => adds.push(column.target),
                }
            } else if let Some(default) = reset(column.target) {
                let database = Column { default, ..column.database.clone() };
                operations.extend(changes(table, Pair::new(&database, column.target)));
            } else if moves(column.database)
                && moves(column.target)
                && !(calls(column.target) && redefaulted(column.target))
            {
                let mut database = column.database.clone();
                database.default.clone_from(&column.target.default);
                operations.extend(changes(table, Pair::new(&database, column.target)));
            } else if redefaulted(column.target) {
                let mut database = column.database.clone();
                database.default = None;
                operations.extend(alter(table, Pair::new(column.database, &database)));
                operations.extend(changes(table, Pair::new(&database, column.target)));
            } else {
                operations.extend(changes(table, *column));
            }
        }
        for column in &self.new_with_type {
            operations.extend(changes(table, Pair::new(&as_attribute(column), column)));
        }
        drops.extend(self.gone.iter().map(|column| drop(table, column)));
        drops.extend(operations);
        adds.extend(&self.new);
        drops.extend(adds.iter().map(|column| create(table, column)));
        drops.extend(additions(table, adds));
        drops
    }
}

/// Returns a column as it comes with an attribute of the type of its table.
fn as_attribute(column: &Column) -> Column {
    Column {
        sql_type: column.sql_type.clone(),
        collation: column.collation.clone(),
        inherited: true,
        ..Column::new(column.name.as_str(), "")
    }
}

pub(crate) fn create(table: &QualifiedName, column: &Column) -> Operation {
    Operation::Create(object(table, column))
}

fn object(table: &QualifiedName, column: &Column) -> Object {
    let (table, column) = (table.clone(), Box::new(column.clone()));
    Object::Column { table, column, constraints: Vec::new() }
}

pub(crate) fn drop(table: &QualifiedName, column: &Column) -> Operation {
    Operation::Drop(object(table, column))
}

/// Returns the changes of a column that stays.
pub(crate) fn changes(table: &QualifiedName, column: Pair<&Column>) -> Vec<Operation> {
    let mut operations = Vec::new();
    let mut database = column.database.clone();
    if is_inherited(column) {
        database.sql_type.clone_from(&column.target.sql_type);
        database.collation.clone_from(&column.target.collation);
    }
    let values = |column: &Column| {
        let generated = column.generated.clone();
        (column.default.clone(), column.identity.clone(), generated, column.effective_storage())
    };
    let null = |column: &Column| {
        let not_null = column.not_null.as_deref().cloned().unwrap_or_default();
        (column.nullable, NotNull { comment: None, unsaid: false, ..not_null })
    };
    if is_retyped(column) || column.differs(values) || column.differs(null) {
        operations.extend(alter(table, Pair::new(&database, column.target)));
    }
    if column.differs(|column| &column.comment) {
        operations.push(comment(table, column.target));
    }
    operations.extend(not_null_comment(table, column));
    operations
}

/// Returns the comment on the NOT NULL constraint of a column, if it differs or the constraint is
/// made again.
fn not_null_comment(table: &QualifiedName, column: Pair<&Column>) -> Option<Operation> {
    let comments =
        column.map(|column| column.not_null.as_ref().and_then(|own| own.comment.clone()));
    let valid = column.map(|column| column.nullable || column.may_still_be_null());
    let is_made = column.database.nullable || (valid.target && !valid.database);
    let before = comments.database.filter(|_| !is_made);
    (!column.target.nullable && before != comments.target).then(|| {
        let name = column.target.not_null_name(table);
        let on = ObjectId::within(Kind::Constraint, table, name);
        Operation::Comment { on, comment: comments.target }
    })
}

/// Returns one ALTER, or two with a state in between. A generated column can't be updated, so it
/// becomes a plain one first. Between an identity and a default, a sequence of the same name may
/// have to be dropped or created. Before NULLs are replaced by a default of another type, the
/// column must have that type. A default may call a function that can only go before the column gets its new
/// type, or be made when the column has left its old one.
fn alter(table: &QualifiedName, column: Pair<&Column>) -> Vec<Operation> {
    let alter = |from: &Column, to: &Column| {
        // Until the last of them, it is the heir's own if it was so before.
        let from = Column { inherited: column.database.inherited, ..from.clone() };
        Operation::Alter(Alter::Column(ColumnChange::new(table.clone(), from, to.clone())))
    };
    let Pair { database, target } = column;
    if database.generated.is_some() && target.generated.is_none() {
        let plain = Column { generated: None, ..database.clone() };
        let mut operations = vec![alter(database, &plain)];
        if plain != *target {
            operations.push(alter(&plain, target));
        }
        return operations;
    }
    let becomes_identity =
        database.default.is_some() && target.identity.is_some() && database.identity.is_none();
    let leaves_identity =
        database.identity.is_some() && target.identity.is_none() && target.default.is_some();
    if becomes_identity || leaves_identity {
        let mut between = database.clone();
        between.default = None;
        between.identity = None;
        return vec![alter(database, &between), alter(&between, target)];
    }
    if column.differs(|column| &column.sql_type)
        && database.nullable
        && !target.nullable
        && target.default.is_some()
    {
        let between = Column { nullable: true, not_null: None, ..target.clone() };
        return vec![alter(database, &between), alter(&between, target)];
    }
    let mut states = vec![database.clone()];
    if column.differs(|column| &column.sql_type) && column.differs(|column| &column.default) {
        let calling = [database, target].into_iter().filter(|column| calls(column));
        states.extend(calling.map(|column| Column { default: None, ..column.clone() }));
    }
    states.push(target.clone());
    states.windows(2).map(|pair| alter(&pair[0], &pair[1])).collect()
}

/// Returns true if the default of a column is known to call a function of the user.
fn calls(column: &Column) -> bool {
    let calls = column.default.as_ref().and_then(|default| default.calls.as_ref());
    calls.is_some_and(|calls| !calls.is_empty())
}

fn comment(table: &QualifiedName, column: &Column) -> Operation {
    let on = ObjectId::column(table, column.name.as_str());
    Operation::Comment { on, comment: column.comment.clone() }
}

/// Returns what neither ADD COLUMN nor CREATE TABLE can say of new columns: their storage, a NOT
/// NULL that is not valid, and their comments.
pub(crate) fn additions<'c>(
    table: &QualifiedName,
    columns: impl IntoIterator<Item = &'c Column>,
) -> Vec<Operation> {
    let mut operations = Vec::new();
    let mut comments = Vec::new();
    for column in columns {
        let mut made = Column { storage: None, ..column.clone() };
        if let Some(not_null) = &mut made.not_null {
            not_null.comment = None;
        }
        if column.may_still_be_null() {
            made.nullable = true;
            made.not_null = None;
        }
        operations.extend(changes(table, Pair::new(&made, column)));
        comments.extend(column.comment.is_some().then(|| comment(table, column)));
    }
    operations.extend(comments);
    operations
}
