//! Operations to statements; neighbouring changes of one table become one ALTER TABLE.

use aludel_operations::{EnumColumn, Operation};
use aludel_schema::{Column, EnumType, QualifiedName, Sequence, TableOptions};

use super::{create, types};
use crate::{Dialect::Postgres as PG, Statement};

/// The statements for `operations`, in order.
pub(crate) fn render(operations: &[Operation]) -> Vec<Statement> {
    let mut out: Vec<Statement> = Vec::new();
    let mut open: Option<OpenAlter> = None;
    for operation in operations {
        match rendered(operation) {
            Rendered::Clauses { table, before, clauses, notes } => {
                let joins =
                    open.as_ref().is_some_and(|alter| alter.table == table) && before.is_empty();
                if !joins {
                    out.extend(open.take().map(OpenAlter::close));
                    out.extend(before);
                }
                let alter = open.get_or_insert_with(|| OpenAlter::new(table));
                alter.clauses.extend(clauses);
                alter.notes.extend(notes);
            }
            Rendered::Statements(statements) => {
                out.extend(open.take().map(OpenAlter::close));
                out.extend(statements);
            }
        }
    }
    out.extend(open.map(OpenAlter::close));
    out
}

/// An ALTER TABLE that may still get clauses.
struct OpenAlter {
    table: QualifiedName,
    clauses: Vec<String>,
    notes: Vec<String>,
}

impl OpenAlter {
    fn new(table: QualifiedName) -> Self {
        Self { table, clauses: Vec::new(), notes: Vec::new() }
    }

    fn close(self) -> Statement {
        let mut statement = Statement::new(alter_table(&self.table, &self.clauses));
        statement.notes = self.notes;
        statement
    }
}

fn alter_table(table: &QualifiedName, clauses: &[String]) -> String {
    let name = PG.quote_name(table);
    match clauses {
        [one] => format!("ALTER TABLE {name} {one}"),
        many => format!("ALTER TABLE {name}\n    {}", many.join(",\n    ")),
    }
}

enum Rendered {
    Statements(Vec<Statement>),
    Clauses {
        table: QualifiedName,
        before: Vec<Statement>,
        clauses: Vec<String>,
        notes: Vec<String>,
    },
}

fn clause(table: &QualifiedName, clause: String) -> Rendered {
    Rendered::Clauses {
        table: table.clone(),
        before: Vec::new(),
        clauses: vec![clause],
        notes: Vec::new(),
    }
}

fn rendered(operation: &Operation) -> Rendered {
    let rendered = match operation {
        Operation::AddColumn { table, column, fill: Some(fill) } => {
            restore_column(table, column, fill)
        }
        Operation::AddColumn { table, column, fill: None } => add_column(table, column),
        Operation::DropColumn { table, column } => {
            clause(table, format!("DROP COLUMN {}", PG.quote(&column.name)))
        }
        Operation::AlterColumn { table, from, to } => alter_column(table, from, to),
        Operation::AddConstraint { table, constraint } => {
            clause(table, format!("ADD {}", create::constraint(constraint)))
        }
        Operation::DropConstraint { table, constraint } => {
            clause(table, format!("DROP CONSTRAINT {}", PG.quote(&constraint.label())))
        }
        Operation::ValidateConstraint { table, constraint } => {
            clause(table, format!("VALIDATE CONSTRAINT {}", PG.quote(&constraint.label())))
        }
        Operation::AlterTableOptions { table, from, to } => Rendered::Clauses {
            table: table.clone(),
            before: Vec::new(),
            clauses: table_options(from, to),
            notes: Vec::new(),
        },
        other => Rendered::Statements(statements(other)),
    };
    with_destruction_note(operation, rendered)
}

fn with_destruction_note(operation: &Operation, mut rendered: Rendered) -> Rendered {
    if let Some(lost) = operation.destroys() {
        let note = format!("destructive: {lost}");
        match &mut rendered {
            Rendered::Clauses { notes, .. } => notes.push(note),
            Rendered::Statements(statements) => {
                if let Some(first) = statements.first_mut() {
                    first.notes.push(note);
                }
            }
        }
    }
    rendered
}

fn statements(operation: &Operation) -> Vec<Statement> {
    let sql = match operation {
        Operation::ReplaceEnum { from, to, columns } => return replace_enum(from, to, columns),
        Operation::AddEnumLabel { name, label, before, used_at_once } => {
            return vec![add_enum_label(name, label, before.as_deref(), *used_at_once)];
        }
        Operation::AlterSequence { from, to } => return alter_sequence(from, to),
        Operation::OwnSequence { sequence, seed } => return own_sequence(sequence, *seed),
        Operation::CreateSchema { name } => format!("CREATE SCHEMA {}", PG.quote(name)),
        Operation::DropSchema { name } => format!("DROP SCHEMA {}", PG.quote(name)),
        Operation::CreateExtension { extension } => {
            let schema = extension.schema.as_ref().map(|s| format!(" SCHEMA {}", PG.quote(s)));
            format!(
                "CREATE EXTENSION IF NOT EXISTS {}{}",
                PG.quote(&extension.name),
                schema.unwrap_or_default()
            )
        }
        Operation::DropExtension { extension } => {
            format!("DROP EXTENSION {}", PG.quote(&extension.name))
        }
        Operation::CreateEnum { enum_type } => create_enum(enum_type),
        Operation::DropEnum { enum_type } => {
            format!("DROP TYPE {}", PG.quote_name(&enum_type.name))
        }
        Operation::CreateSequence { sequence } => create::create_sequence(sequence),
        Operation::DropSequence { sequence } => {
            format!("DROP SEQUENCE {}", PG.quote_name(&sequence.name))
        }
        Operation::CreateTable { table, later } => create::create_table(table, later),
        Operation::DropTable { table } => format!("DROP TABLE {}", PG.quote_name(&table.name)),
        Operation::CreateIndex { table, index } => create::create_index(table, index),
        Operation::DropIndex { table, index } => {
            format!("DROP INDEX {}", PG.quote_name(&table.sibling(&index.name)))
        }
        other => names_and_comments(other),
    };
    vec![Statement::new(sql)]
}

/// Renames and comments: what changes no structure.
fn names_and_comments(operation: &Operation) -> String {
    match operation {
        Operation::RenameTable { from, to } => {
            format!("ALTER TABLE {} RENAME TO {}", PG.quote_name(from), PG.quote(&to.name))
        }
        Operation::RenameColumn { table, from, to } => format!(
            "ALTER TABLE {} RENAME COLUMN {} TO {}",
            PG.quote_name(table),
            PG.quote(from),
            PG.quote(to)
        ),
        Operation::RenameConstraint { table, from, to } => format!(
            "ALTER TABLE {} RENAME CONSTRAINT {} TO {}",
            PG.quote_name(table),
            PG.quote(from),
            PG.quote(to)
        ),
        Operation::RenameSequence { from, to } => {
            format!("ALTER SEQUENCE {} RENAME TO {}", PG.quote_name(from), PG.quote(&to.name))
        }
        Operation::RenameIndex { table, from, to } => {
            format!(
                "ALTER INDEX {} RENAME TO {}",
                PG.quote_name(&table.sibling(from)),
                PG.quote(to)
            )
        }
        Operation::CommentOnTable { table, comment } => {
            comment_on("TABLE", &PG.quote_name(table), comment.as_deref())
        }
        Operation::CommentOnColumn { table, column, comment } => {
            let name = format!("{}.{}", PG.quote_name(table), PG.quote(column));
            comment_on("COLUMN", &name, comment.as_deref())
        }
        Operation::CommentOnIndex { table, index, comment } => {
            comment_on("INDEX", &PG.quote_name(&table.sibling(index)), comment.as_deref())
        }
        Operation::CommentOnEnum { name, comment } => {
            comment_on("TYPE", &PG.quote_name(name), comment.as_deref())
        }
        // SQLite's alone; the planner never makes one for PostgreSQL.
        other => format!("-- {other}"),
    }
}

fn comment_on(kind: &str, name: &str, comment: Option<&str>) -> String {
    let text = comment.map_or("NULL".to_owned(), |comment| PG.literal(comment));
    format!("COMMENT ON {kind} {name} IS {text}")
}

fn add_column(table: &QualifiedName, column: &Column) -> Rendered {
    let fills = column.nullable
        || column.default.is_some()
        || column.generated.is_some()
        || column.identity.is_some();
    let notes = if fills {
        Vec::new()
    } else {
        vec![format!(
            "fails if {table} has rows: give {} a default, or add it as nullable and fill it first",
            column.name
        )]
    };
    Rendered::Clauses {
        table: table.clone(),
        before: Vec::new(),
        clauses: vec![format!("ADD COLUMN {}", create::column(column))],
        notes,
    }
}

/// A column whose values are gone: every row gets the same one, and the next row none.
fn restore_column(table: &QualifiedName, column: &Column, fill: &str) -> Rendered {
    let filled = Column { default: Some(fill.into()), ..column.clone() };
    let add = alter_table(table, &[format!("ADD COLUMN {}", create::column(&filled))]);
    let forget =
        alter_table(table, &[format!("ALTER COLUMN {} DROP DEFAULT", PG.quote(&column.name))]);
    let note = format!("the values of {} are gone: rows get an empty one", column.name);
    Rendered::Statements(vec![Statement::new(add).note(note), Statement::new(forget)])
}

fn alter_column(table: &QualifiedName, from: &Column, to: &Column) -> Rendered {
    let name = PG.quote(&to.name);
    let alter = |what: &str| format!("ALTER COLUMN {name} {what}");
    let retyped = from.sql_type != to.sql_type || from.collation != to.collation;
    let mut clauses = Vec::new();
    if from.generated.is_some() && to.generated.is_none() {
        clauses.push(alter("DROP EXPRESSION"));
    }
    if from.identity.is_some() && to.identity.is_none() {
        clauses.push(alter("DROP IDENTITY"));
    }
    if from.default.is_some() && (to.default.is_none() || retyped) {
        clauses.push(alter("DROP DEFAULT"));
    }
    if retyped {
        let collate = create::collate(to.collation.as_ref());
        clauses.push(alter(&format!("TYPE {}{collate}{}", to.sql_type, using(from, to))));
    }
    if let Some(default) = to.default.as_ref().filter(|_| from.default != to.default || retyped) {
        clauses.push(alter(&format!("SET DEFAULT {default}")));
    }
    if from.nullable != to.nullable {
        clauses.push(alter(if to.nullable { "DROP NOT NULL" } else { "SET NOT NULL" }));
    }
    let (mut before, mut notes) = fill_nulls(table, from, to);
    let lost = types::loses(from.sql_type.spelling(), to.sql_type.spelling());
    notes.extend(lost.map(|lost| format!("lossy: the values of {} {lost}", to.name)));
    match (&from.identity, &to.identity) {
        (None, Some(identity)) => {
            clauses.push(alter(&format!("ADD {}", create::identity_clause(identity))));
            return with_sequence_start(table, to, alter_table(table, &clauses));
        }
        (Some(old), Some(new)) if old != new => {
            clauses.push(alter(&identity_changes(new)));
            let name = PG.literal(&PG.quote_name(table));
            let sequence = format!("pg_get_serial_sequence({name}, {})", PG.literal(&to.name));
            before.extend(lifted(&format!("{sequence}::regclass"), &old.options, &new.options));
        }
        _ => {}
    }
    Rendered::Clauses { table: table.clone(), before, clauses, notes }
}

/// Fills NULLs with the new default before they are forbidden.
fn fill_nulls(table: &QualifiedName, from: &Column, to: &Column) -> (Vec<Statement>, Vec<String>) {
    if !from.nullable || to.nullable {
        return (Vec::new(), Vec::new());
    }
    let (table, name) = (PG.quote_name(table), PG.quote(&to.name));
    match to.default.as_ref().filter(|_| from.sql_type == to.sql_type) {
        Some(default) => (
            vec![Statement::new(format!(
                "UPDATE {table} SET {name} = {default} WHERE {name} IS NULL"
            ))],
            Vec::new(),
        ),
        None => (Vec::new(), vec![format!("fails if a row of {table} has NULL in {name}")]),
    }
}

/// `USING` where no assignment cast leads from one type to the other.
fn using(from: &Column, to: &Column) -> String {
    let (old, new) = (from.sql_type.spelling(), to.sql_type.spelling());
    let name = PG.quote(&to.name);
    if types::counts_truth(old, new) {
        // There is a cast between boolean and integer, and to no other number.
        format!(" USING {name}::integer::{}", to.sql_type)
    } else if types::assigns(old, new) {
        String::new()
    } else if types::casts(old, new) {
        format!(" USING {name}::{}", to.sql_type)
    } else {
        format!(" USING {name}::text::{}", to.sql_type)
    }
}

/// A new identity column has to continue behind the values that are there.
fn with_sequence_start(table: &QualifiedName, column: &Column, alter: String) -> Rendered {
    let (name, quoted) = (PG.quote(&column.name), PG.quote_name(table));
    let none = aludel_schema::SequenceOptions::default();
    let options = column.identity.as_ref().map_or(&none, |identity| &identity.options);
    Rendered::Statements(vec![
        Statement::new(alter),
        Statement::new(format!(
            "SELECT setval(pg_get_serial_sequence({}, {}), {}",
            PG.literal(&quoted),
            PG.literal(&column.name),
            behind_rows(&name, &quoted, options)
        )),
    ])
}

/// The rest of a `setval` that makes a sequence go on behind the values of a column, if there are
/// any that it would come to.
fn behind_rows(column: &str, table: &str, options: &aludel_schema::SequenceOptions) -> String {
    let ascending = options.increment.unwrap_or(1) >= 0;
    let (last, beyond) = if ascending { ("max", ">=") } else { ("min", "<=") };
    let bound = if ascending { options.min } else { options.max };
    let start = options.start.or(bound).unwrap_or(if ascending { 1 } else { -1 });
    format!("{last}({column})) FROM {table} HAVING {last}({column}) {beyond} {start}")
}

/// A sequence that stands below its new least value is lifted to it first: the server refuses to
/// leave it outside of its bounds, and a RESTART could hand out numbers that are taken.
fn lifted(
    sequence: &str,
    old: &aludel_schema::SequenceOptions,
    new: &aludel_schema::SequenceOptions,
) -> Option<Statement> {
    let ascending = new.increment.unwrap_or(1) > 0 && old.increment.unwrap_or(1) > 0;
    let min = new.min.filter(|min| ascending && *min > old.min.unwrap_or(1))?;
    let step = new.increment.unwrap_or(1);
    Some(Statement::new(format!(
        "SELECT setval({sequence}, greatest(coalesce(pg_sequence_last_value({sequence}) + {step}, {min}), {min}), false)"
    )))
}

fn identity_changes(identity: &aludel_schema::Identity) -> String {
    let mut changes =
        vec![format!("SET GENERATED {}", if identity.always { "ALWAYS" } else { "BY DEFAULT" })];
    changes.extend(
        all_sequence_options(&identity.options, None).into_iter().map(|o| format!("SET {o}")),
    );
    changes.join(" ")
}

/// Every option, so that those which went back to their defaults are said too.
fn all_sequence_options(
    options: &aludel_schema::SequenceOptions,
    own_type: Option<&str>,
) -> Vec<String> {
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

fn alter_sequence(from: &Sequence, to: &Sequence) -> Vec<Statement> {
    let name = PG.quote_name(&to.name);
    let data_type = to.options.data_type.as_deref().unwrap_or("bigint");
    let options = all_sequence_options(&to.options, Some(data_type)).join(" ");
    let sequence = format!("{}::regclass", PG.literal(&name));
    let alter = Statement::new(format!("ALTER SEQUENCE {name} {options}"));
    lifted(&sequence, &from.options, &to.options).into_iter().chain([alter]).collect()
}

fn own_sequence(sequence: &Sequence, seed: bool) -> Vec<Statement> {
    let name = PG.quote_name(&sequence.name);
    let Some((table, column)) = &sequence.owned_by else {
        return vec![Statement::new(format!("ALTER SEQUENCE {name} OWNED BY NONE"))];
    };
    let (table, column) = (PG.quote_name(table), PG.quote(column));
    let mut out = vec![Statement::new(format!("ALTER SEQUENCE {name} OWNED BY {table}.{column}"))];
    if seed {
        let literal = PG.literal(&name);
        out.push(Statement::new(format!(
            "SELECT setval({literal}, {}",
            behind_rows(&column, &table, &sequence.options)
        )));
    }
    out
}

fn create_enum(enum_type: &EnumType) -> String {
    let labels: Vec<String> = enum_type.labels.iter().map(|label| PG.literal(label)).collect();
    format!("CREATE TYPE {} AS ENUM ({})", PG.quote_name(&enum_type.name), labels.join(", "))
}

/// ADD VALUE takes part in a transaction, but the label can't be used before that one commits
/// (PostgreSQL's ALTER TYPE page); then it has to come first, on its own.
fn add_enum_label(
    name: &QualifiedName,
    label: &str,
    before: Option<&str>,
    alone: bool,
) -> Statement {
    let place = before.map(|label| format!(" BEFORE {}", PG.literal(label))).unwrap_or_default();
    let (name, label) = (PG.quote_name(name), PG.literal(label));
    if alone {
        Statement::new(format!("ALTER TYPE {name} ADD VALUE IF NOT EXISTS {label}{place}"))
            .outside_transaction()
    } else {
        Statement::new(format!("ALTER TYPE {name} ADD VALUE {label}{place}"))
    }
}

/// Labels can't be dropped or moved: a new type takes the columns of the old one. A row whose label
/// is gone makes the cast fail, and nothing is changed.
fn replace_enum(from: &EnumType, to: &EnumType, columns: &[EnumColumn]) -> Vec<Statement> {
    let old = from.name.sibling(format!("{}_old", from.name.name));
    let rename =
        format!("ALTER TYPE {} RENAME TO {}", PG.quote_name(&from.name), PG.quote(&old.name));
    let gone: Vec<&str> =
        from.labels.iter().filter(|l| !to.labels.contains(l)).map(String::as_str).collect();
    let mut first = Statement::new(rename);
    if !gone.is_empty() {
        first =
            first.note(format!("fails if a row still has {} in {}", gone.join(" or "), to.name));
    }
    let mut out = vec![first, Statement::new(create_enum(to))];
    out.extend(columns.iter().map(|column| Statement::new(move_to_enum(column))));
    out
}

fn move_to_enum(EnumColumn { table, column, default }: &EnumColumn) -> String {
    let name = PG.quote(&column.name);
    let text = if column.sql_type.spelling().ends_with("[]") { "text[]" } else { "text" };
    let mut clauses = Vec::new();
    if column.default.is_some() {
        clauses.push(format!("ALTER COLUMN {name} DROP DEFAULT"));
    }
    clauses.push(format!(
        "ALTER COLUMN {name} TYPE {} USING {name}::{text}::{}",
        column.sql_type, column.sql_type
    ));
    if let Some(default) = default {
        clauses.push(format!("ALTER COLUMN {name} SET DEFAULT {default}"));
    }
    alter_table(table, &clauses)
}

fn table_options(from: &TableOptions, to: &TableOptions) -> Vec<String> {
    let mut clauses = Vec::new();
    if from.unlogged != to.unlogged {
        clauses.push(if to.unlogged { "SET UNLOGGED" } else { "SET LOGGED" }.to_owned());
    }
    let gone: Vec<&str> =
        from.with.iter().map(|(name, _)| name).filter(|name| !to.with.has(name)).collect();
    if !gone.is_empty() {
        clauses.push(format!("RESET ({})", gone.join(", ")));
    }
    if to.with != from.with && !to.with.is_empty() {
        clauses.push(format!("SET ({})", create::parameters(&to.with)));
    }
    clauses
}
