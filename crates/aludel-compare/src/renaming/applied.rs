//! Renames applied to metadata: every name and text that follows a rename, as the server's own do.

use aludel_dialect::{
    Dialect, NamedAs, Rename, Spelling, declaration_length, move_names, multirange,
    rename_columns_in_query, rename_words, rename_words_in,
};
use aludel_schema::{
    Column, Definition, Kind, Metadata, NotNull, ObjectId, QualifiedName, SqlText, object_name,
};

use crate::not_nulls::own_not_null;
use crate::partitions::bound::{self, part};
use crate::renaming::type_names;
use crate::tables::foreign_keys;
use crate::texts::{each_spelling, each_sql, each_text, each_text_of};

pub(crate) fn rename_table(
    metadata: &mut Metadata,
    from: &QualifiedName,
    to: &QualifiedName,
    dialect: Dialect,
) {
    let names_not_null = metadata.names_not_null;
    if let Some(mut table) = metadata.tables.remove(from) {
        let mut counters = Vec::new();
        for column in &mut table.columns {
            let counter = column.identity_sequence(from);
            let name = column.name.clone();
            let (before, after) =
                (ObjectId::column(from, name.as_str()), ObjectId::column(to, name));
            keep_sequence_name(column, &before, &after);
            counters.extend(counter.zip(column.identity_sequence(to)));
            if names_not_null {
                keep_not_null_name(column, &before, &after);
            }
        }
        table.name = to.clone();
        metadata.add_table(table);
        for (old, new) in counters {
            move_belongings(metadata, Kind::Sequence, &old, &new);
        }
        let is_own_type = dialect.is_own_type(&from.name);
        let types = (!is_own_type).then(|| [from, to].map(|name| dialect.quote_name(name)));
        types
            .into_iter()
            .for_each(|[old, new]| type_names::rename_in_columns(metadata, &old, &new));
    }
    for table in metadata.tables.values_mut() {
        for parent in table.options.inherits.iter_mut().filter(|parent| *parent == from) {
            *parent = to.clone();
        }
    }
    foreign_keys::follow(metadata, from, to);
    let rename = [Rename { from: &from.name, to: &to.name }];
    let by_name = |text: &mut SqlText| rename_words_in(text, &rename, dialect);
    for mut definition in std::mem::take(&mut metadata.definitions).into_values() {
        in_body(&mut definition, by_name, dialect);
        metadata.add_definition(definition);
    }
    // A partition that is taken for a table has the name of that.
    if let Some(mut own) = metadata.definitions.remove(&part(from)) {
        own.id = part(to);
        metadata.add_definition(own);
    }
    follow(metadata, &ObjectId::table(from), &ObjectId::table(to), dialect);
    let mut owned = Vec::new();
    for sequence in metadata.sequences.values_mut() {
        if let Some(owner) = &mut sequence.owned_by
            && owner.table == *from
        {
            owner.table = to.clone();
            owned.push(sequence.name.clone());
        }
    }
    for own in owned.into_iter().filter(|_| from.schema != to.schema) {
        let moved = to.sibling(own.name.as_str());
        move_belongings(metadata, Kind::Sequence, &own, &moved);
        rename_sequence(metadata, &own, &moved, dialect);
    }
}

/// Moves what is kept by the identity of an object to its new name.
fn move_belongings(metadata: &mut Metadata, kind: Kind, from: &QualifiedName, to: &QualifiedName) {
    let [from, to] = [from, to].map(|name| ObjectId::new(kind, name.clone()));
    if let Some(own) = metadata.belongings.remove(&from) {
        metadata.belongings.insert(to.clone(), own);
    }
    if let Some(comment) = metadata.comments.remove(&from) {
        metadata.comments.insert(to, comment);
    }
}

/// Keeps the name of the sequence behind an identity column when its table or column is renamed.
pub(super) fn keep_sequence_name(column: &mut Column, from: &ObjectId, to: &ObjectId) {
    let usual = |column: &ObjectId| {
        let table = column.table.as_ref().map_or("", |table| table.name.as_str());
        column.name.sibling(object_name(table, &column.name.name, "seq")).to_string()
    };
    if let Some(identity) = &mut column.identity {
        let name = identity.sequence.take().unwrap_or_else(|| usual(from));
        // The sequence follows its table to another schema.
        let name = match from.name.schema == to.name.schema {
            true => name,
            false => to.name.sibling(QualifiedName::parse(&name).name).to_string(),
        };
        identity.sequence = Some(name).filter(|name| *name != usual(to));
    }
}

/// Keeps the name of the NOT NULL constraint of a column when its table or column is renamed.
pub(super) fn keep_not_null_name(column: &mut Column, from: &ObjectId, to: &ObjectId) {
    if column.nullable {
        return;
    }
    let usual = |column: &ObjectId| {
        let table = column.table.as_ref().map_or("", |table| table.name.as_str());
        object_name(table, &column.name.name, "not_null")
    };
    let mut not_null = column.not_null.take().unwrap_or_default();
    let name = not_null.name.take().unwrap_or_else(|| usual(from));
    not_null.name = Some(name).filter(|name| *name != usual(to));
    column.not_null = Some(not_null).filter(|own| **own != NotNull::default());
}

/// Renames a sequence, which may be that of an identity column, in the defaults that use it.
pub(crate) fn rename_sequence(
    metadata: &mut Metadata,
    from: &QualifiedName,
    to: &QualifiedName,
    dialect: Dialect,
) {
    let id = |name: &QualifiedName| ObjectId::new(Kind::Sequence, name.clone());
    if let Some(comment) = metadata.comments.remove(&id(from)) {
        metadata.comments.insert(id(to), comment);
    }
    if let Some(mut sequence) = metadata.sequences.remove(from) {
        sequence.name = to.clone();
        metadata.sequences.insert(to.clone(), sequence);
    }
    for table in metadata.tables.values_mut() {
        let own = table.name.clone();
        for column in &mut table.columns {
            if column.identity_sequence(&own).as_ref() == Some(from) {
                let said = |name: Option<String>, column: &mut Column| {
                    column
                        .identity
                        .iter_mut()
                        .for_each(|identity| identity.sequence.clone_from(&name));
                };
                said(None, column);
                let usual = column.identity_sequence(&own);
                said(Some(to.to_string()).filter(|_| usual.as_ref() != Some(to)), column);
            }
        }
    }
    let literal = |name: &QualifiedName| dialect.literal(&dialect.quote_name(name));
    for column in metadata.tables.values_mut().flat_map(|table| &mut table.columns) {
        if let Some(default) = &mut column.default {
            default.written = default.written.replace(&literal(from), &literal(to));
            default.canonical =
                default.canonical.as_ref().map(|text| text.replace(&literal(from), &literal(to)));
        }
    }
}

/// Applies renames to the body of a definition, for servers that update the stored text themselves.
pub(super) fn in_body(
    definition: &mut Definition,
    rename: impl Fn(&mut SqlText),
    dialect: Dialect,
) {
    if dialect.kind_facts(definition.id.kind).is_some_and(|facts| facts.text_follows_renames) {
        let clauses = definition.clauses.iter_mut().map(|clause| &mut clause.text);
        clauses.chain([&mut definition.body]).for_each(rename);
    }
}

/// Renames a type in the columns and in the texts that name it.
pub(crate) fn rename_type(
    metadata: &mut Metadata,
    from: &QualifiedName,
    to: &QualifiedName,
    dialect: Dialect,
) {
    if let Some(mut own) = metadata.enums.remove(from) {
        let before = own.id();
        own.name = to.clone();
        follow(metadata, &before, &own.id(), dialect);
        metadata.enums.insert(to.clone(), own);
    }
    for table in metadata.tables.values_mut() {
        let of_type = table.options.of_type.iter_mut().filter(|name| *name == from);
        of_type.for_each(|name| to.clone_into(name));
    }
    type_names::follow(metadata, from, to, dialect);
}

/// Renames a definition.
pub(crate) fn rename_definition(
    metadata: &mut Metadata,
    from: &ObjectId,
    to: &ObjectId,
    dialect: Dialect,
) {
    if from.kind == Kind::Partition {
        foreign_keys::follow(metadata, &from.name, &to.name);
    }
    if let Some(mut own) = metadata.definitions.remove(from) {
        own.id = to.clone();
        if matches!(own.id.kind, Kind::ForeignTable | Kind::Partition) && metadata.names_not_null {
            own_not_null::keep_names(&mut own, &from.name, dialect);
        }
        metadata.add_definition(own);
    }
    if from.kind == Kind::Collation {
        rename_collation(metadata, &from.name, &to.name, dialect);
    }
    let named_as = named_in_tree(from.kind, dialect);
    if named_as == NamedAs::Routine {
        // Without the word of a server, a call of a name that others have too may be one of theirs.
        let is_shared = metadata.definitions.keys().any(|other| other.name == from.name);
        let is_free = from.name.schema != to.name.schema || !is_shared;
        each_sql(metadata, |text| {
            if calls_alone(text, from).unwrap_or(is_free) {
                each_spelling(text, |text| {
                    *text = move_names(text, &from.name, &to.name, named_as, dialect);
                });
            }
        });
        let keys = metadata.tables.values_mut().filter_map(|own| own.options.partition_by.as_mut());
        for key in keys.filter(|key| calls_alone(key, from).unwrap_or(is_free)) {
            let moved = |text: &str| move_names(text, &from.name, &to.name, named_as, dialect);
            bound::in_key(key, moved);
        }
    }
    follow(metadata, from, to, dialect);
}

/// Renames a collation in the columns and the keys of indexes that have it, and in texts.
fn rename_collation(
    metadata: &mut Metadata,
    from: &QualifiedName,
    to: &QualifiedName,
    dialect: Dialect,
) {
    each_text(metadata, |text| {
        if text.contains("COLLATE") {
            *text = move_names(text, from, to, NamedAs::Collation, dialect);
        }
    });
    let own = dialect.written_collation(from);
    for table in metadata.tables.values_mut() {
        let columns = table.columns.iter_mut().map(|column| &mut column.collation);
        let keys = table.indexes.iter_mut().flat_map(|index| &mut index.keys);
        let names = columns.chain(keys.map(|key| &mut key.collation)).flatten();
        names.filter(|name| **name == own).for_each(|name| *name = dialect.written_collation(to));
    }
}

/// Renames the multirange type that comes with a range type, on which all rest that name it.
pub(crate) fn rename_multirange(
    metadata: &mut Metadata,
    from: &ObjectId,
    to: &ObjectId,
    dialect: Dialect,
) {
    let is_of = |own: &&Definition| multirange(own, dialect).as_ref() == Some(&from.name);
    let range = metadata.definitions.values().find(is_of).map(|own| own.id.clone());
    rename_type(metadata, &from.name, &to.name, dialect);
    let mut renamed = Vec::new();
    for mut own in std::mem::take(&mut metadata.definitions).into_values() {
        let before = own.id.clone();
        if range.as_ref().is_some_and(|range| before == *range || own.depends_on.contains(range)) {
            in_texts(&mut own, from, to, dialect);
        }
        if own.id != before {
            renamed.push((before, own.id.clone()));
        }
        metadata.add_definition(own);
    }
    renamed.iter().for_each(|(from, to)| follow(metadata, from, to, dialect));
}

/// Renames an object in the definitions that rest on it or belong to it: in their texts, as far as
/// the server resolves them, in their identities, and in the identities of what rests on those.
fn follow(metadata: &mut Metadata, from: &ObjectId, to: &ObjectId, dialect: Dialect) {
    if has_parts(from.kind) {
        for (mut id, text) in std::mem::take(&mut metadata.comments) {
            if id.table.as_ref() == Some(&from.name) {
                id = ObjectId::within(id.kind, &to.name, id.name.name);
            }
            metadata.comments.insert(id, text);
        }
    }
    let mut renamed = vec![(from.clone(), to.clone())];
    while let Some((from, to)) = renamed.pop() {
        for mut own in std::mem::take(&mut metadata.definitions).into_values() {
            let is_part = |id: &ObjectId| id.table.as_ref() == Some(&from.name);
            // Where texts are kept as they are written, they are renamed by their tokens.
            let is_tree = dialect.capabilities().spelling == Spelling::AskServer;
            let before = own.id.clone();
            if is_tree && own.depends_on.iter().any(|on| *on == from || is_part(on)) {
                in_texts(&mut own, &from, &to, dialect);
            }
            for id in own.depends_on.iter_mut().chain([&mut own.id]) {
                if *id == from {
                    id.clone_from(&to);
                } else if is_part(id) && has_parts(from.kind) {
                    id.table = Some(to.name.clone());
                    id.name.schema.clone_from(&to.name.schema);
                } else if is_named_by_server(id, &from) {
                    id.name = to.name.clone();
                }
            }
            if own.id != before {
                renamed.push((before, own.id.clone()));
            }
            metadata.add_definition(own);
        }
        if from.kind.is_called() {
            each_sql(metadata, |text| {
                let calls = text.calls.iter_mut().flatten().filter(|id| **id == from);
                calls.for_each(|id| id.clone_from(&to));
            });
            let keys =
                metadata.tables.values_mut().filter_map(|own| own.options.partition_by.as_mut());
            let calls = keys.flat_map(|key| key.calls.iter_mut().flatten());
            calls.filter(|id| **id == from).for_each(|id| id.clone_from(&to));
        }
    }
}

/// Returns true if a text calls an object, and no other one of its name; `None` if no server has said what
/// it calls.
fn calls_alone(text: &SqlText, id: &ObjectId) -> Option<bool> {
    let calls = text.calls.as_ref()?;
    let mut others = calls.iter().filter(|other| *other != id);
    Some(calls.contains(id) && others.all(|other| other.name != id.name))
}

/// Returns true if an object is a user mapping of a server, whose name it has.
fn is_named_by_server(id: &ObjectId, server: &ObjectId) -> bool {
    id.kind == Kind::UserMapping && server.kind == Kind::ForeignServer && id.name == server.name
}

/// Returns true if an object of the kind has columns, triggers or other parts.
fn has_parts(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Table
            | Kind::Partition
            | Kind::View
            | Kind::MaterializedView
            | Kind::ForeignTable
            | Kind::CompositeType
    )
}

/// Returns the places in which a text that the server keeps as a tree names an object.
fn named_in_tree(object: Kind, dialect: Dialect) -> NamedAs {
    match object {
        Kind::Function | Kind::Procedure | Kind::Aggregate => NamedAs::Routine,
        Kind::Table
        | Kind::Partition
        | Kind::View
        | Kind::MaterializedView
        | Kind::ForeignTable => NamedAs::Relation,
        Kind::Collation => NamedAs::Collation,
        Kind::Enum => NamedAs::CastType,
        kind if dialect.kind_facts(kind).is_some_and(|facts| facts.is_type) => NamedAs::CastType,
        _ => NamedAs::Anything,
    }
}

/// Returns the places in which a declaration, such as that of parameters, names an object.
fn named_in_declaration(object: Kind, dialect: Dialect) -> NamedAs {
    match named_in_tree(object, dialect) {
        NamedAs::Relation | NamedAs::CastType | NamedAs::Declared => NamedAs::Declared,
        NamedAs::Routine => NamedAs::Routine,
        NamedAs::Collation | NamedAs::Anything => NamedAs::Anything,
    }
}

/// Returns the length of what is a declaration in a text of a definition. The rest is kept as a tree.
fn declaration(by: Kind, text: &str, dialect: Dialect) -> usize {
    let is_tree = matches!(
        by,
        Kind::View
            | Kind::MaterializedView
            | Kind::Policy
            | Kind::Rule
            | Kind::Trigger
            | Kind::Statistics
            | Kind::Partition
            | Kind::Publication
            | Kind::Index
    );
    let has_code = dialect.kind_facts(by).is_some_and(|facts| facts.has_code);
    match is_tree {
        true => 0,
        false if has_code => declaration_length(text, dialect),
        false => text.len(),
    }
}

/// Renames an object in the texts of a definition that rests on it, and in its signature. The server
/// keeps these as trees, except for what is in quotes.
fn in_texts(own: &mut Definition, from: &ObjectId, to: &ObjectId, dialect: Dialect) {
    let by = own.id.kind;
    let text = |text: &mut String| {
        let (declared, tree) = text.split_at(declaration(by, text, dialect));
        let declared =
            in_text(declared, from, to, named_in_declaration(from.kind, dialect), dialect);
        let tree = in_text(tree, from, to, named_in_tree(from.kind, dialect), dialect);
        *text = declared + &tree;
    };
    each_text_of(own, text);
    let rename = [Rename { from: &from.name.name, to: &to.name.name }];
    let of_types = own.shape.iter_mut().map(|column| &mut column.sql_type);
    for name in of_types.chain(&mut own.id.signature) {
        *name = match from.name.schema == to.name.schema {
            true => rename_words(name, &rename, dialect),
            false => move_names(name, &from.name, &to.name, NamedAs::Anything, dialect),
        };
    }
}

/// Renames an object in a text that names it in these places.
fn in_text(
    text: &str,
    from: &ObjectId,
    to: &ObjectId,
    named_as: NamedAs,
    dialect: Dialect,
) -> String {
    let rename = [Rename { from: &from.name.name, to: &to.name.name }];
    match from.name.schema == to.name.schema {
        // A column may have the name of a type or a routine, and so may a parameter.
        true if matches!(named_as, NamedAs::CastType | NamedAs::Routine) => {
            move_names(text, &from.name, &to.name, named_as, dialect)
        }
        true if named_as == NamedAs::Declared => {
            let moved = move_names(text, &from.name, &to.name, named_as, dialect);
            // The server leaves out a schema of the search path.
            let [from, to] = [from, to].map(|id| QualifiedName::unqualified(id.name.name.as_str()));
            move_names(&moved, &from, &to, named_as, dialect)
        }
        true if from.kind == Kind::Column => rename_columns_in_query(text, &rename, dialect),
        true => rename_words(text, &rename, dialect),
        false => move_names(text, &from.name, &to.name, named_as, dialect),
    }
}
