//! Renames that nobody has asked for, but that a plan suggests: it drops an object and creates one
//! like it.
//!
//! Such a rename is never carried out by itself. A person is asked, or told how to ask for it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Clause, Column, Definition, Kind, ObjectId, QualifiedName, Table};

use crate::plan::Plan;

/// A rename that a plan suggests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LikelyRename {
    /// The rename in the form of [`AskedRename`](crate::AskedRename): `users.mail=email`.
    pub asked: String,
    /// The object or label that the plan drops, in words: `column users.mail`.
    pub from: String,
    /// The name that it would have.
    pub to: String,
    /// The properties that both share, in words: `both are text NOT NULL`.
    pub evidence: String,
}

impl Plan {
    /// Returns the renames that the plan suggests. An object that is like several others is no
    /// evidence for a rename.
    pub fn likely_renames(&self) -> Vec<LikelyRename> {
        let (mut dropped, mut created) = (Vec::new(), Vec::new());
        let mut parts = Vec::new();
        for operation in self.operations() {
            match operation {
                Operation::Drop(object) => dropped.push(Cow::Borrowed(object)),
                Operation::Create(object) => created.push(Cow::Borrowed(object)),
                Operation::Alter(Alter::Rebuild(rebuild)) => {
                    dropped.extend(columns_without(&rebuild.from, &rebuild.to));
                    created.extend(columns_without(&rebuild.to, &rebuild.from));
                }
                Operation::Alter(Alter::ReplaceType(types)) => {
                    parts.extend(label(&types.from, &types.to));
                }
                Operation::Alter(Alter::Definition { from, to, .. }) => {
                    parts.extend(attributes(from, to));
                }
                Operation::Rename { .. }
                | Operation::Alter(_)
                | Operation::Restore(_)
                | Operation::Comment { .. } => {}
            }
        }
        let ids = |of: &[Cow<'_, Object>]| of.iter().map(|object| object.id()).collect();
        let (before, after): (BTreeSet<ObjectId>, BTreeSet<ObjectId>) =
            (ids(&dropped), ids(&created));
        dropped.retain(|object| !after.contains(&object.id()));
        created.retain(|object| !before.contains(&object.id()));
        let mut found = Vec::new();
        for from in &dropped {
            let mut like = created.iter().filter_map(|to| Some((to, evidence(from, to)?)));
            let (Some((to, evidence)), None) = (like.next(), like.next()) else { continue };
            if dropped.iter().filter(|other| self::evidence(other, to).is_some()).count() == 1 {
                let from = self.known.object(&from.id());
                found.push(LikelyRename::of(&from, &to.id(), evidence));
            }
        }
        found.extend(parts);
        found
    }
}

impl LikelyRename {
    fn of(from: &ObjectId, to: &ObjectId, evidence: String) -> Self {
        let mut old: Vec<&str> = match &from.table {
            Some(table) => parts(table),
            None => from.name.schema.as_deref().into_iter().collect(),
        };
        old.push(&from.name.name);
        // Tables and columns are what a name without a kind means first.
        let kind = match from.kind {
            Kind::Table | Kind::Column => String::new(),
            _ => format!("{}:", from.kind.noun()),
        };
        let asked = format!("{kind}{}={}", dotted(&old), dotted(&[&to.name.name]));
        Self { asked, from: from.to_string(), to: to.name.name.clone(), evidence }
    }
}

/// Returns the columns that another form of a table does not have.
fn columns_without<'t>(table: &'t Table, other: &Table) -> Vec<Cow<'t, Object>> {
    let own = table.columns.iter().filter(|column| other.column(&column.name).is_none());
    let object = |column: &Column| Object::Column {
        table: table.name.clone(),
        column: Box::new(column.clone()),
        constraints: Vec::new(),
    };
    own.map(|column| Cow::Owned(object(column))).collect()
}

fn parts(name: &QualifiedName) -> Vec<&str> {
    name.schema.iter().map(String::as_str).chain([name.name.as_str()]).collect()
}

/// Returns names with dots between them. One that is no word stands in double quotes.
fn dotted(parts: &[&str]) -> String {
    let is_word =
        |part: &str| part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let quoted = parts.iter().map(|part| match is_word(part) {
        true => (*part).to_owned(),
        false => format!("\"{}\"", part.replace('"', "\"\"")),
    });
    quoted.collect::<Vec<_>>().join(".")
}

/// Returns what an object that is dropped has in common with one that is created, if that suggests a
/// rename. Nothing is lost with an index or a constraint, and they are made again.
fn evidence(from: &Object, to: &Object) -> Option<String> {
    match (from, to) {
        (Object::Table(from), Object::Table(to)) => of_tables(from, to),
        (
            Object::Column { table, column: from, .. },
            Object::Column { table: other, column: to, .. },
        ) => (table == other).then(|| of_columns(from, to)).flatten(),
        (Object::Enum(from), Object::Enum(to)) => {
            let same = from.labels.iter().filter(|label| to.labels.contains(label)).count();
            let of = from.labels.len().max(to.labels.len());
            (from.name.schema == to.name.schema && same * 2 > of)
                .then(|| format!("{same} of {of} labels are the same"))
        }
        (Object::Definition(from), Object::Definition(to)) => {
            let owner = |id: &ObjectId| (id.kind, id.table.clone(), id.name.schema.clone());
            let is_other = owner(&from.id) == owner(&to.id) && from.id.name != to.id.name;
            (is_other && from.body.spelling() == to.body.spelling())
                .then(|| "both say the same".to_owned())
        }
        _ => None,
    }
}

fn of_tables(from: &Table, to: &Table) -> Option<String> {
    let is_there = |column: &&Column| {
        let same = to.column(&column.name);
        same.is_some_and(|same| same.sql_type.spelling() == column.sql_type.spelling())
    };
    let same = from.columns.iter().filter(is_there).count();
    let of = from.columns.len().max(to.columns.len());
    (from.name.schema == to.name.schema && same > 1 && same * 2 > of)
        .then(|| format!("{same} of {of} columns are the same"))
}

fn of_columns(from: &Column, to: &Column) -> Option<String> {
    let sql_type = from.sql_type.spelling();
    let is_like = sql_type == to.sql_type.spelling() && from.nullable == to.nullable;
    let not_null = if from.nullable { "" } else { " NOT NULL" };
    is_like.then(|| format!("both are {sql_type}{not_null}"))
}

/// Returns the rename of the only label that one enum type has and its successor does not have, if that
/// has one new label.
fn label(from: &Object, to: &Object) -> Option<LikelyRename> {
    let (Object::Enum(from), Object::Enum(to)) = (from, to) else { return None };
    let only = |of: &[String], others: &[String]| {
        let mut own = of.iter().enumerate().filter(|(_, label)| !others.contains(label));
        let first = own.next().map(|(at, label)| (at, label.clone()));
        first.filter(|_| own.next().is_none())
    };
    let (at, old) = only(&from.labels, &to.labels)?;
    let (new_at, new) = only(&to.labels, &from.labels)?;
    let mut path = parts(&from.name);
    path.push(&old);
    (at == new_at).then(|| LikelyRename {
        asked: format!("label:{}={}", dotted(&path), dotted(&[&new])),
        from: format!("label {old} of enum {}", from.name),
        to: new.clone(),
        evidence: "they have the same place".to_owned(),
    })
}

/// Returns the renames of the attributes that a composite type loses, if it gets one of the same type for
/// each of them, and no other one like it.
fn attributes(from: &Definition, to: &Definition) -> Vec<LikelyRename> {
    let only_in = |one: &Definition, other: &Definition| -> Vec<Clause> {
        let own = one.clauses.iter().filter(|_| one.id.kind == Kind::CompositeType);
        let is_there = |own: &Clause| other.clauses.iter().any(|clause| clause.is_same_part(own));
        own.filter(|clause| !is_there(clause)).cloned().collect()
    };
    let (gone, new) = (only_in(from, to), only_in(to, from));
    let like = |all: &[Clause], one: &Clause| -> Vec<Clause> {
        let same = all.iter().filter(|own| own.text.spelling() == one.text.spelling());
        same.cloned().collect()
    };
    let id = |clause: &Clause| {
        let name = clause.name.as_deref().unwrap_or_default();
        ObjectId::column(&to.id.name, name)
    };
    let renames = gone.iter().filter_map(|old| match like(&new, old).as_slice() {
        [new] if like(&gone, old).len() == 1 => {
            let evidence = format!("both are {}", new.text.spelling());
            let likely = LikelyRename::of(&id(old), &id(new), evidence);
            let name = old.name.as_deref().unwrap_or_default();
            Some(LikelyRename { from: format!("attribute {name} of {}", to.id), ..likely })
        }
        _ => None,
    });
    renames.collect()
}

#[cfg(test)]
mod tests {
    use aludel_dialect::Dialect;
    use aludel_schema::{Column, EnumType, Metadata, QualifiedName, Table};

    use crate::{AskedRename, Renamed, Way, plan};

    /// The tables and their columns, as `users: id int, mail text`, and enum types, as
    /// `mood = sad, glad`.
    fn metadata(text: &str) -> Metadata {
        let mut metadata = Metadata::default();
        for line in text.split(';').map(str::trim).filter(|line| !line.is_empty()) {
            if let Some((name, columns)) = line.split_once(':') {
                let mut table = Table::new(QualifiedName::unqualified(name));
                for column in columns.split(',') {
                    let (name, sql_type) = column.trim().split_once(' ').unwrap();
                    table.columns.push(Column::new(name, sql_type));
                }
                metadata.add_table(table);
            } else if let Some((name, labels)) = line.split_once(" = ") {
                let name = QualifiedName::unqualified(name);
                let labels = labels.split(", ").map(str::to_owned).collect();
                let own = EnumType { name: name.clone(), labels, comment: None };
                metadata.enums.insert(name, own);
            }
        }
        metadata
    }

    #[test]
    fn a_rename_is_suggested_where_one_object_takes_the_place_of_one() {
        for (database, target, likely) in [
            ("t: id int, mail text", "t: id int, email text", &["t.mail=email"][..]),
            ("t: id int, Mail text", "t: id int, email text", &["t.\"Mail\"=email"]),
            ("t: id int, mail text", "t: id int, email varchar", &[]),
            ("t: id int, mail text", "t: id int, email text, phone text", &[]),
            ("t: id int, a text, b text", "t: id int, c text", &[]),
            ("t: id int, a text, b date", "t: id int, c text, d date", &["t.a=c", "t.b=d"]),
            ("t: id int, a text; u: id int, b int", "t: id int; u: id int, b int, a text", &[]),
            ("t: id int, a text, b date", "u: id int, a text, c date", &["t=u", "u.b=c"]),
            ("t: id int, a text, b date", "u: id int", &[]),
            ("t: id int", "u: id int", &[]),
            ("t: id int, a text", "u: id int, a text; v: id int, a text", &[]),
            ("mood = sad, ok, glad", "feeling = sad, ok, glad", &["enum:mood=feeling"]),
            ("mood = sad, ok, glad", "mood = unhappy, ok, glad", &["label:mood.sad=unhappy"]),
            ("mood = sad, ok, glad", "mood = ok, glad, unhappy", &[]),
        ] {
            let (database, mut wanted) = (metadata(database), metadata(target));
            let difference = |target: &Metadata| {
                plan(&Renamed::hinted(Dialect::Postgres, &database, target), target, Way::Forward)
            };
            let mut asked = Vec::new();
            // The rename of a table may bring those of its columns to light.
            while let Some(rename) = difference(&wanted).likely_renames().into_iter().next() {
                let parsed = AskedRename::parse(&rename.asked).unwrap();
                parsed.add_to(Dialect::Postgres, &database, &mut wanted).unwrap();
                asked.push(rename.asked);
            }
            assert_eq!(asked, likely, "{target}");
        }
    }
}
