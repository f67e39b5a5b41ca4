//! Renames that are asked for on the command line, as `OLD=NEW`.

use std::collections::BTreeSet;
use std::fmt;

use aludel_schema::{EnumType, Hint, Kind, Metadata, ObjectId, QualifiedName, Sequence};

/// A rename that is asked for: `users=accounts`, `users.mail=email`, `enum:mood=feeling`, or
/// `label:mood.sad=unhappy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedRename {
    /// The kind of the object in words, or `label`; `None` if it is left open.
    kind: Option<String>,
    /// The parts of the old name: schema, table or type, and name.
    old: Vec<String>,
    /// The new name, in the same schema or table.
    new: String,
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
        let old = parts(old).ok_or_else(wrong)?;
        // The new name may repeat the schema or the table.
        let new = parts(new).and_then(|mut parts| parts.pop()).ok_or_else(wrong)?;
        Ok(Self { kind, old, new, text: text.to_owned() })
    }

    /// Adds the rename to the hints of the target.
    ///
    /// # Errors
    ///
    /// Fails if the database has no such object or more than one, or if the target does not have
    /// the new name.
    pub fn add_to(&self, database: &Metadata, target: &mut Metadata) -> Result<(), CantRename> {
        let cant = |reason: String| CantRename { asked: self.text.clone(), reason };
        let mut found = self.candidates(database, target);
        let all: Vec<String> = found.iter().map(|candidate| self.described(candidate)).collect();
        let Some(candidate) = found.pop() else {
            let what = self.kind.as_deref().unwrap_or("object");
            let (old, new) = (self.old.join("."), &self.new);
            return Err(cant(format!(
                "there is no {what} {old} in the database that the models have as {new}"
            )));
        };
        if !found.is_empty() {
            return Err(cant(format!(
                "it may mean {}; write the kind before it, as in column:a.b=c",
                all.join(" and ")
            )));
        }
        let from = self.old.last().cloned().unwrap_or_default();
        let hint = Hint { from, once: true };
        match candidate {
            Candidate::Object(id) => {
                target.hints.objects.insert(id, hint);
            }
            Candidate::Label(of) => {
                target.hints.labels.entry(of).or_default().insert(self.new.clone(), hint);
            }
        }
        Ok(())
    }

    fn described(&self, candidate: &Candidate) -> String {
        match candidate {
            Candidate::Object(id) => format!("{} {}", id.kind, self.old.join(".")),
            Candidate::Label(of) => format!("a label of enum {of}"),
        }
    }

    /// Returns what the rename may mean: the database has it under the old name, and the target
    /// under the new one.
    fn candidates(&self, database: &Metadata, target: &Metadata) -> Vec<Candidate> {
        let [of @ .., name] = self.old.as_slice() else { return Vec::new() };
        let mut found = Vec::new();
        if let Some(schema) = match of {
            [] => Some(None),
            [schema] => Some(Some(schema.clone())),
            _ => None,
        } {
            let named = |name: &str| QualifiedName::new(schema.clone(), name);
            let (old, new) = (named(name), named(&self.new));
            let new_ids = top_level(target);
            let ids = top_level(database).into_iter().filter(|id| id.name == old);
            let ids = ids.map(|id| ObjectId { name: new.clone(), ..id });
            found.extend(ids.filter(|id| new_ids.contains(id)).map(Candidate::Object));
        }
        let owner = match of {
            [owner] => QualifiedName::unqualified(owner.as_str()),
            [schema, owner] => QualifiedName::new(Some(schema.clone()), owner.as_str()),
            _ => return self.of_kind(found),
        };
        let table = before(target, ObjectId::table(&owner), |id| database.tables.contains_key(id));
        let has = database.tables.get(&table.old).is_some_and(|own| own.column(name).is_some());
        let gets = target.tables.get(&table.new).is_some_and(|own| own.column(&self.new).is_some());
        if has && gets {
            found.push(Candidate::Object(ObjectId::column(&table.new, self.new.as_str())));
        }
        let id = ObjectId::new(Kind::Enum, owner);
        let own = before(target, id, |id| database.enums.contains_key(id));
        let has = |side: &Metadata, of: &QualifiedName, label: &String| {
            side.enums.get(of).is_some_and(|own| own.labels.contains(label))
        };
        if has(database, &own.old, name) && has(target, &own.new, &self.new) {
            found.push(Candidate::Label(own.new));
        }
        self.of_kind(found)
    }

    fn of_kind(&self, mut found: Vec<Candidate>) -> Vec<Candidate> {
        if let Some(kind) = &self.kind {
            found.retain(|candidate| match candidate {
                Candidate::Object(id) => id.kind.noun() == kind,
                Candidate::Label(_) => kind == "label",
            });
        }
        found
    }
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
    in_database: impl Fn(&QualifiedName) -> bool,
) -> Owner {
    let asked = target.hints.objects.iter().map(|(id, hint)| (id.clone(), hint.from.clone()));
    let said = target
        .tables
        .values()
        .filter_map(|table| Some((ObjectId::table(&table.name), table.renamed_from.clone()?)));
    let hints: Vec<(ObjectId, String)> = asked.chain(said).collect();
    let of_kind = hints.iter().filter(|(id, _)| id.kind == named.kind);
    let mut pairs = of_kind
        .map(|(id, from)| Owner { old: id.name.sibling(from.as_str()), new: id.name.clone() });
    let found = pairs
        .find(|pair| in_database(&pair.old) && (pair.old == named.name || pair.new == named.name));
    found.unwrap_or_else(|| Owner { old: named.name.clone(), new: named.name })
}

/// Returns the objects that a rename can mean and that are in no table.
fn top_level(metadata: &Metadata) -> BTreeSet<ObjectId> {
    let tables = metadata.tables.keys().map(ObjectId::table);
    let enums = metadata.enums.values().map(EnumType::id);
    let sequences = metadata.sequences.values().map(Sequence::id);
    tables.chain(enums).chain(sequences).chain(metadata.definitions.keys().cloned()).collect()
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

/// Returns the parts of a dotted name. Words keep their case.
fn parts(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    loop {
        let (part, behind) = match rest.strip_prefix('"') {
            Some(_) => quoted(rest)?,
            None => {
                let end = rest.find('.').unwrap_or(rest.len());
                (rest[..end].trim().to_owned(), &rest[end..])
            }
        };
        if part.is_empty() {
            return None;
        }
        parts.push(part);
        match behind.trim_start() {
            "" => return Some(parts),
            more => rest = more.strip_prefix('.')?.trim_start(),
        }
    }
}

/// Reads a name in double quotes, in which a double quote is written twice, and returns it with the
/// text behind it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut rest = text.strip_prefix('"')?;
    loop {
        let at = rest.find('"')?;
        name.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AskedRename;

    #[test]
    fn the_forms_of_a_rename() {
        for (text, kind, old, new) in [
            ("a=b", None, &["a"][..], "b"),
            ("s.t.a = b", None, &["s", "t", "a"], "b"),
            ("a.b=a.c", None, &["a", "b"], "c"),
            ("column:a.b=c", Some("column"), &["a", "b"], "c"),
            ("\"a.\"\"=:\".b=\"c d\"", None, &["a.\"=:", "b"], "c d"),
        ] {
            let asked = AskedRename::parse(text).unwrap();
            assert_eq!((asked.kind.as_deref(), asked.new.as_str()), (kind, new), "{text}");
            assert_eq!(asked.old, old, "{text}");
        }
        for text in ["", "a", "=b", "a=", "a.=b", "\"a=b", "a.\"b\"c=d"] {
            assert!(AskedRename::parse(text).is_err(), "{text}");
        }
    }
}
