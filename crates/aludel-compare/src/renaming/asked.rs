//! Renames that are asked for on the command line, as `OLD=NEW`.

use std::collections::BTreeSet;
use std::fmt;

use aludel_dialect::{Dialect, attributes};
use aludel_schema::{
    Constraint, EnumType, Hint, Kind, Metadata, ObjectId, QualifiedName, Sequence, Table, path,
};

use crate::pair::Pair;
use crate::partitions::{bound, exchange};
use crate::renaming::renames::Renamed;
use crate::renaming::{hints, labels};

/// A rename that is asked for: `users=accounts`, `users.mail=email`, `enum:mood=feeling`, or
/// `label:mood.sad=unhappy`. `users=app.users` moves to another schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedRename {
    /// The kind of the object in words, or `label`; `None` if it is left open.
    kind: Option<String>,
    /// The parts of the old name: schema, table or type, and name.
    old: Vec<String>,
    /// The parts of the new name, which may leave out the schema or the table.
    new: Vec<String>,
    text: String,
}

/// The reason why a rename can't be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CantRename {
    /// The rename, as it was asked for.
    pub asked: String,
    /// The reason.
    pub reason: String,
}

impl fmt::Display for CantRename {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--rename {}: {}", self.asked, self.reason)
    }
}

impl std::error::Error for CantRename {}

/// An object or a label that a rename may mean, under its new name.
enum Candidate {
    Object(ObjectId),
    Label(QualifiedName),
}

impl AskedRename {
    /// Parses `OLD=NEW` or `KIND:OLD=NEW`. A name that is no word stands in double quotes.
    ///
    /// # Errors
    ///
    /// Fails if the text has another form.
    pub fn parse(text: &str) -> Result<Self, CantRename> {
        let wrong = || CantRename {
            asked: text.to_owned(),
            reason: "write OLD=NEW, as in users.mail=email or enum:mood=feeling".to_owned(),
        };
        let (old, new) = split(text).ok_or_else(wrong)?;
        let (kind, old) = match old.split_once(':') {
            Some((kind, old)) if !kind.contains('"') => (Some(kind.trim().to_owned()), old),
            _ => (None, old),
        };
        let old = path(old).ok_or_else(wrong)?;
        let new = path(new).ok_or_else(wrong)?;
        Ok(Self { kind, old, new, text: text.to_owned() })
    }

    /// Adds renames to the hints of the target, in any order: that of a column may stand before that of
    /// its table. Returns the reason why the first one that is left can't be carried out.
    pub fn add_all(
        renames: &[Self],
        dialect: Dialect,
        database: &Metadata,
        target: &mut Metadata,
    ) -> Option<CantRename> {
        let mut open: Vec<&Self> = renames.iter().collect();
        loop {
            let before = open.len();
            let mut first = None;
            open.retain(|rename| match rename.add_to(dialect, database, target) {
                Ok(()) => false,
                Err(cant) => {
                    first.get_or_insert(cant);
                    true
                }
            });
            if first.is_none() || open.len() == before {
                return first;
            }
        }
    }

    /// Adds the rename to the hints of the target.
    ///
    /// # Errors
    ///
    /// Fails if the database has no such object or more than one, or if the target does not have
    /// the new name.
    pub(crate) fn add_to(
        &self,
        dialect: Dialect,
        database: &Metadata,
        target: &mut Metadata,
    ) -> Result<(), CantRename> {
        let cant = |reason: String| CantRename { asked: self.text.clone(), reason };
        let mut found = self.candidates(dialect, database, target);
        let all: Vec<String> = found.iter().map(|candidate| self.described(candidate)).collect();
        let Some(candidate) = found.pop() else {
            return Err(cant(self.why_none(Pair::new(database, target))));
        };
        if !found.iter().all(|other| are_overloads(&candidate, other)) {
            return Err(cant(format!(
                "it may mean {}; write the kind before it, as in column:a.b=c",
                all.join(" and ")
            )));
        }
        let others =
            std::iter::once(candidate).chain(found).map(|one| self.add_hint(one, database, target));
        match others.flatten().any(|other| other.once) {
            true => Err(cant(
                "another --rename has the same new name; take one of them away".to_owned(),
            )),
            false => Ok(()),
        }
    }

    /// Returns the reason why the rename means nothing.
    fn why_none(&self, pair: Pair<&Metadata>) -> String {
        let what = self.kind.as_deref().unwrap_or("object");
        let kind = Kind::from_noun(what);
        if self.kind.is_some() && kind.is_none() && what != "label" {
            return format!(
                "{what} is no kind; write the kind as messages do, as in enum:a=b or \"materialized view:a=b\""
            );
        }
        if matches!(kind, Some(Kind::Trigger | Kind::Policy | Kind::Rule)) {
            return format!("a {what} gets no other name; it is made again under the new one");
        }
        if let Some(reason) = self.by_itself(pair.database).or_else(|| self.of_identity(pair, kind))
        {
            return reason;
        }
        let (old, new) = (self.old.join("."), self.new.join("."));
        let remedy = self.elsewhere(pair).map(|schema| {
            format!(
                "; a new name without a schema is in the schema of the old one, so write {schema}.{new}"
            )
        });
        format!(
            "there is no {what} {old} in the database that the models have as {new}{}",
            remedy.unwrap_or_default()
        )
    }

    /// Returns why no rename of a part of a view, a foreign table or a partition has to be said.
    fn by_itself(&self, database: &Metadata) -> Option<String> {
        let [of @ .., name] = self.old.as_slice() else { return None };
        let default = database.default_schema.as_deref();
        let owner = in_schema(of, default)?;
        let is_it = |id: &ObjectId| id.table.is_none() && id.name.clone().short(default) == owner;
        let owners = database.definitions.values().filter(|own| is_it(&own.id));
        let reasons = owners.filter_map(|own| {
            let has = |word: &str| {
                let mut parts = own.clauses.iter();
                parts.any(|part| part.word == word && part.name.as_ref() == Some(name))
            };
            let is_column = has("column") || own.shape.iter().any(|column| column.name == *name);
            match own.id.kind {
                Kind::View | Kind::MaterializedView if is_column => Some(format!(
                    "{name} is a column of {}, which gets other names with its query; leave the option away",
                    own.id
                )),
                Kind::ForeignTable if is_column => Some(format!(
                    "{name} is a column of {}, which holds no rows: one column goes and another one comes, and \
                     nothing is lost; leave the option away",
                    own.id
                )),
                Kind::Partition if has("constraint") => Some(format!(
                    "{name} is a constraint of {}, which gets another name if it says the same under that in \
                     the models; leave the option away",
                    own.id
                )),
                _ => None,
            }
        });
        { reasons }.next()
    }

    /// Returns why a sequence gets no name that has to do with an identity column.
    fn of_identity(&self, pair: Pair<&Metadata>, kind: Option<Kind>) -> Option<String> {
        let (old, new) = self.names(pair.database.default_schema.as_deref())?;
        let is_meant = self.kind.is_none() || kind == Some(Kind::Sequence);
        let reason = match (pair.database.identity_of(&old), pair.target.identity_of(&new)) {
            (Some(column), _) => format!(
                "{old} is the sequence of identity {column}, and the models call the sequence of that column \
                 otherwise than {new}"
            ),
            (None, Some(column)) => format!(
                "{new} is the sequence of identity {column} in the models, which is made with the column"
            ),
            (None, None) => return None,
        };
        is_meant.then_some(reason)
    }

    /// Adds the hint that the rename is for an object or a label, and returns the one that was there.
    fn add_hint(
        &self,
        candidate: Candidate,
        database: &Metadata,
        target: &mut Metadata,
    ) -> Option<Hint> {
        let last = |parts: &[String]| parts.last().cloned().unwrap_or_default();
        let hint = |from: String| Hint { from, once: true };
        match candidate {
            Candidate::Object(id) if id.table.is_some() => {
                target.hints.objects.insert(id, hint(last(&self.old)))
            }
            Candidate::Object(id) => {
                let parts = match self.old.as_slice() {
                    // A name without a schema is in the default one.
                    [name] if id.name.schema.is_some() => {
                        database.default_schema.iter().chain([name]).cloned().collect()
                    }
                    parts => parts.to_vec(),
                };
                target.hints.objects.insert(id, hint(in_quotes(&parts)))
            }
            Candidate::Label(of) => {
                let of = target.hints.labels.entry(of).or_default();
                of.insert(last(&self.new), hint(last(&self.old)))
            }
        }
    }

    /// Returns the default schema, if the target has the new name there and the old name states another
    /// schema.
    fn elsewhere<'m>(&self, pair: Pair<&'m Metadata>) -> Option<&'m str> {
        let ([of, _], [new]) = (self.old.as_slice(), self.new.as_slice()) else { return None };
        let is_schema =
            top_level(pair.database).iter().any(|id| id.name.schema.as_ref() == Some(of));
        let is_there = is_schema
            && top_level(pair.target)
                .iter()
                .any(|id| id.name == QualifiedName::unqualified(new.as_str()));
        pair.database.default_schema.as_deref().filter(|_| is_there)
    }

    fn described(&self, candidate: &Candidate) -> String {
        match candidate {
            Candidate::Object(id) => format!("{} {}", id.kind, self.old.join(".")),
            Candidate::Label(of) => format!("a label of enum {of}"),
        }
    }

    /// Returns what the rename may mean: the database has it under the old name, and the target
    /// under the new one.
    fn candidates(
        &self,
        dialect: Dialect,
        database: &Metadata,
        target: &Metadata,
    ) -> Vec<Candidate> {
        let ([of @ .., name], [.., new]) = (self.old.as_slice(), self.new.as_slice()) else {
            return Vec::new();
        };
        let default = database.default_schema.as_deref();
        let sides = Pair::new(database, target);
        let mut found = self.whole(dialect, sides);
        let mut add = |id: ObjectId| {
            let is_it =
                |other: &Candidate| matches!(other, Candidate::Object(other) if *other == id);
            if !found.iter().any(is_it) {
                found.push(Candidate::Object(id));
            }
        };
        in_schema_of(sides, of, [name, new]).into_iter().for_each(&mut add);
        let owner = Some(of).filter(|of| !of.is_empty()).and_then(|of| in_schema(of, default));
        let Some(owner) = owner else { return self.of_kind(found) };
        index_of_definition(sides, &owner, [name, new]).into_iter().for_each(&mut add);
        let in_database = |id: &QualifiedName| {
            database.tables.contains_key(id) || database.definitions.contains_key(&bound::part(id))
        };
        let table = before(target, ObjectId::table(&owner), default, in_database);
        let names = Pair::new(&table.old, &table.new);
        // A partition has the columns of the table above it.
        let [had, has] = [
            bound::table_above(database, &table.old, dialect),
            exchange::declared(dialect, target, &table.new, default),
        ];
        let had = had.is_some_and(|own| own.column(name).is_some());
        let has = has.is_some_and(|own| own.column(new).is_some());
        if had && has && exchange::changes_as_table(dialect, sides, names) {
            found.push(Candidate::Object(ObjectId::column(&table.new, new.as_str())));
        }
        let tables = Pair::new(database.tables.get(&table.old), target.tables.get(&table.new));
        found.extend(parts(tables, name, new).into_iter().map(Candidate::Object));
        found.extend(attribute(Pair::new(database, target), &owner, [name, new], dialect));
        let id = ObjectId::new(Kind::Enum, owner);
        let own = before(target, id, default, |id| database.enums.contains_key(id));
        let old = own.old.as_known(default, |id| database.enums.contains_key(id));
        let own = Owner { old, new: own.new.as_known(default, |id| target.enums.contains_key(id)) };
        let has = |side: &Metadata, id: &ObjectId, label: &String| {
            labels::of(side, id, dialect).is_some_and(|labels| labels.contains(label))
        };
        let [old_id, new_id] = [&own.old, &own.new].map(|of| ObjectId::new(Kind::Enum, of.clone()));
        let mut stored = target.hints.stored.iter().filter(|(_, of)| **of == own.new);
        let is_stored = stored.any(|(id, _)| has(database, id, name) && has(target, id, new));
        if is_stored || (has(database, &old_id, name) && has(target, &new_id, new)) {
            found.push(Candidate::Label(own.new));
        }
        self.of_kind(found)
    }

    /// Returns the objects of the target in no table that the rename may mean. The argument of a function may have a
    /// type that is renamed too.
    fn whole(&self, dialect: Dialect, pair: Pair<&Metadata>) -> Vec<Candidate> {
        let default = pair.database.default_schema.as_deref();
        let Some((old, new)) = self.names(default) else { return Vec::new() };
        let identity = identity(pair, &old, &new);
        let there = top_level(pair.target);
        let mut ids = top_level(pair.database);
        let is_called = |id: &ObjectId| id.name.clone().short(default) == old;
        if ids.iter().any(|id| id.signature.is_some() && is_called(id)) {
            let renamed = Renamed::hinted(dialect, pair.database, pair.target).metadata;
            let over_renamed = renamed.definitions.keys().filter(|id| id.signature.is_some());
            ids.extend(over_renamed.cloned());
        }
        let ids = ids.into_iter().filter(is_called).map(|id| {
            let named = |name: &QualifiedName| ObjectId { name: name.clone(), ..id.clone() };
            named(&new.clone().as_known(default, |name| there.contains(&named(name))))
        });
        let found = ids.filter_map(|id| same(&there, id)).chain(identity);
        found.map(Candidate::Object).collect()
    }

    /// Returns both names of an object in no table. A new name without a schema is in the old one.
    fn names(&self, default: Option<&str>) -> Option<(QualifiedName, QualifiedName)> {
        let (old, new) = (in_schema(&self.old, default)?, in_schema(&self.new, default)?);
        let new = if self.new.len() == 1 { old.sibling(new.name) } else { new };
        Some((old, new))
    }

    fn of_kind(&self, mut found: Vec<Candidate>) -> Vec<Candidate> {
        if let Some(word) = &self.kind {
            let kind = Kind::from_noun(word);
            found.retain(|candidate| match candidate {
                Candidate::Object(id) => kind.is_some_and(|kind| id.kind.is_meant_by(kind)),
                Candidate::Label(_) => word == "label",
            });
        }
        found
    }
}

/// Returns true for functions of one name, all of which a rename means.
fn are_overloads(one: &Candidate, other: &Candidate) -> bool {
    match (one, other) {
        (Candidate::Object(one), Candidate::Object(other)) => {
            one.kind.is_called() && one.kind == other.kind && one.name == other.name
        }
        (Candidate::Label(_), _) | (_, Candidate::Label(_)) => false,
    }
}

/// Returns the constraint and the index that a table has under the old name in the database, and under
/// the new one in the target. The index of a constraint goes with it.
fn parts(tables: Pair<Option<&Table>>, old: &str, new: &str) -> Vec<ObjectId> {
    let (Some(database), Some(target)) = (tables.database, tables.target) else {
        return Vec::new();
    };
    let is_called = |own: &Constraint, name: &str| own.name.as_deref() == Some(name);
    let was = database.constraints.iter().any(|own| is_called(own, old));
    let constraint = target.constraints.iter().find(|own| is_called(own, new)).filter(|_| was);
    let index = target.index(new).filter(|_| database.index(old).is_some());
    let constraint = constraint.map(|own| own.id(&target.name));
    constraint.into_iter().chain(index.map(|own| own.id(&target.name))).collect()
}

/// Returns the constraints and indexes of the tables of a schema, or of all tables, that the database has under the
/// old name, and the target under the new one.
fn in_schema_of(
    pair: Pair<&Metadata>,
    schema: &[String],
    [old, new]: [&String; 2],
) -> Vec<ObjectId> {
    let default = pair.database.default_schema.as_deref();
    let is_of = |name: &QualifiedName| match schema {
        [] => true,
        [schema] => name.schema.as_deref().or(default) == Some(schema),
        [_, _, ..] => false,
    };
    let tables = pair.database.tables.values().filter(|table| is_of(&table.name));
    let of_tables = tables.flat_map(|table| {
        let own =
            before(pair.target, ObjectId::table(&table.name), default, |id| *id == table.name);
        parts(Pair::new(Some(table), pair.target.tables.get(&own.new)), old, new)
    });
    let indexes = pair.database.definitions.keys().filter(|id| id.kind == Kind::Index);
    let owners = indexes.filter(|id| id.name.name == *old && !schema.is_empty() && is_of(&id.name));
    let owners = owners.filter_map(|id| id.table.as_ref());
    of_tables.chain(owners.filter_map(|of| index_of_definition(pair, of, [old, new]))).collect()
}

/// Returns the index that a materialized view or a partition has under the old name in the database, and under the
/// new one in the target.
fn index_of_definition(
    pair: Pair<&Metadata>,
    of: &QualifiedName,
    [old, new]: [&String; 2],
) -> Option<ObjectId> {
    let default = pair.database.default_schema.as_deref();
    let index = |of: &QualifiedName, name: &String| ObjectId {
        name: of.sibling(name.as_str()),
        ..ObjectId::within(Kind::Index, of, name.as_str())
    };
    let owners = [Kind::MaterializedView, Kind::Partition].map(|kind| {
        let in_database = |name: &QualifiedName| {
            pair.database.definitions.contains_key(&ObjectId::new(kind, name.clone()))
        };
        before(pair.target, ObjectId::new(kind, of.clone()), default, in_database)
    });
    owners.into_iter().find_map(|owner| {
        let [was, is] = [index(&owner.old, old), index(&owner.new, new)];
        let is_it = pair.database.definitions.contains_key(&was)
            && pair.target.definitions.contains_key(&is);
        is_it.then_some(is)
    })
}

/// Returns the sequence of an identity column that has the old name in the database, and the new one in the target.
fn identity(pair: Pair<&Metadata>, old: &QualifiedName, new: &QualifiedName) -> Option<ObjectId> {
    let (was, is) = (pair.database.identity_of(old)?, pair.target.identity_of(new)?);
    let of = is.table.as_ref()?;
    let default = pair.database.default_schema.as_deref();
    let mut hints = hints::of_objects(pair.target);
    let hint = hints.find(|(id, _)| *id == ObjectId::table(of));
    let former = hint.map(|(id, hint)| hint.former(&id.name, default));
    let table = former.filter(|name| pair.database.tables.contains_key(name));
    let table = table.unwrap_or_else(|| of.clone());
    let before = pair.database.tables.get(&table)?;
    let hint = pair.target.hints.objects.get(&is).map(|hint| hint.from.clone());
    let said = || pair.target.tables.get(of)?.column(&is.name.name)?.renamed_from.clone();
    let former = hint.or_else(said).filter(|name| before.column(name).is_some());
    let column = former.unwrap_or_else(|| is.name.name.clone());
    let is_it = was == ObjectId::column(&table, column);
    is_it.then(|| ObjectId::new(Kind::Sequence, new.clone()))
}

/// Returns the attribute that a composite type has under the old name in the database, and under the new
/// one in the target.
fn attribute(
    pair: Pair<&Metadata>,
    of: &QualifiedName,
    [old, new]: [&String; 2],
    dialect: Dialect,
) -> Option<Candidate> {
    let id = |name: &QualifiedName| ObjectId::new(Kind::CompositeType, name.clone());
    let has = |side: &Metadata, of: &QualifiedName| side.definitions.contains_key(&id(of));
    let default = pair.database.default_schema.as_deref();
    let in_database = |name: &QualifiedName| has(pair.database, name);
    let both = before(pair.target, id(of), default, in_database);
    let before = both.old.as_known(default, in_database);
    let after = both.new.as_known(default, |name| has(pair.target, name));
    let is_of = |side: &Metadata, of: &QualifiedName, name: &String| {
        let own = side.definitions.get(&id(of));
        own.is_some_and(|own| attributes(own, dialect).contains(name))
    };
    let is_it = is_of(pair.database, &before, old) && is_of(pair.target, &after, new);
    is_it.then(|| Candidate::Object(ObjectId::column(&after, new.as_str())))
}

/// A table or a type under both of its names.
struct Owner {
    old: QualifiedName,
    new: QualifiedName,
}

/// Returns both names of a table or a type that is named by one of them.
fn before(
    target: &Metadata,
    named: ObjectId,
    default_schema: Option<&str>,
    in_database: impl Fn(&QualifiedName) -> bool,
) -> Owner {
    let of_kind = hints::of_objects(target).filter(|(id, _)| id.kind == named.kind);
    let pairs = of_kind
        .map(|(id, hint)| Owner { old: hint.former(&id.name, default_schema), new: id.name });
    let (old, other): (Vec<Owner>, Vec<Owner>) =
        pairs.filter(|pair| in_database(&pair.old)).partition(|pair| pair.old == named.name);
    // Where names change places, the old one is meant, as on the whole left side of a rename.
    let found = old.into_iter().chain(other.into_iter().filter(|pair| pair.new == named.name));
    let found = { found }.next();
    found.unwrap_or_else(|| Owner { old: named.name.clone(), new: named.name })
}

/// Returns the objects that a rename can mean and that are in no table.
fn top_level(metadata: &Metadata) -> BTreeSet<ObjectId> {
    let tables = metadata.tables.keys().map(ObjectId::table);
    let enums = metadata.enums.values().map(EnumType::id);
    let sequences = metadata.sequences.values().map(Sequence::id);
    tables.chain(enums).chain(sequences).chain(metadata.definitions.keys().cloned()).collect()
}

/// Returns an object of the target under the identity that a rename has for it. A table may become a
/// partition, and a partition a table; both are renamed as a table.
fn same(target: &BTreeSet<ObjectId>, id: ObjectId) -> Option<ObjectId> {
    let other = match id.kind {
        Kind::Table => bound::part(&id.name),
        Kind::Partition => ObjectId::table(&id.name),
        _ => return target.contains(&id).then_some(id),
    };
    let table = || ObjectId::table(&id.name);
    match target.contains(&id) {
        true => Some(id),
        false => target.contains(&other).then(table),
    }
}

/// Returns the name that the parts state; `None` if they are too many.
fn in_schema(parts: &[String], default_schema: Option<&str>) -> Option<QualifiedName> {
    match parts {
        [name] => Some(QualifiedName::unqualified(name.as_str())),
        [schema, name] => {
            let name = QualifiedName::new(Some(schema.clone()), name.as_str());
            Some(name.short(default_schema))
        }
        _ => None,
    }
}

/// Returns the text of a dotted name.
fn in_quotes(parts: &[String]) -> String {
    let quoted = parts.iter().map(|part| format!("\"{}\"", part.replace('"', "\"\"")));
    quoted.collect::<Vec<_>>().join(".")
}

/// Splits at the first `=` outside of double quotes.
fn split(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let at = text.find(|c: char| {
        quoted ^= c == '"';
        c == '=' && !quoted
    })?;
    Some((&text[..at], &text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::AskedRename;

    #[test]
    fn the_forms_of_a_rename() {
        for (text, kind, old, new) in [
            ("a=b", None, &["a"][..], "b"),
            ("s.t.a = b", None, &["s", "t", "a"], "b"),
            ("a.b=a.c", None, &["a", "b"], "a|c"),
            ("column:a.b=c", Some("column"), &["a", "b"], "c"),
            ("\"a.\"\"=:\".b=\"c d\"", None, &["a.\"=:", "b"], "c d"),
        ] {
            let asked = AskedRename::parse(text).unwrap();
            assert_eq!(asked.kind.as_deref(), kind, "{text}");
            assert_eq!(
                (asked.old.join("|"), asked.new.join("|")),
                (old.join("|"), new.to_owned()),
                "{text}"
            );
        }
        for text in ["", "a", "=b", "a=", "a.=b", "\"a=b", "a.\"b\"c=d"] {
            assert!(AskedRename::parse(text).is_err(), "{text}");
        }
    }
}
