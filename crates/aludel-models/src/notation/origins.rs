//! Positions of objects in the source.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aludel_schema::{Kind, ObjectId, QualifiedName};

use crate::error::Position;

/// The positions of objects, in the sources and in the object files.
#[derive(Debug, Default)]
pub struct Origins {
    pub(super) paths: Vec<PathBuf>,
    pub(super) tables: BTreeMap<QualifiedName, TableOrigin>,
    /// The objects outside of tables: enum types, sequences, extensions, and those of the object files.
    pub(super) objects: BTreeMap<ObjectId, Place>,
    /// The statements of object files that set attributes of an object, in their order.
    pub(super) attributes: BTreeMap<ObjectId, Vec<Place>>,
}

/// A position in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The path of the file, as messages show it.
    pub path: &'a Path,
    /// The position in the file.
    pub at: Position,
}

/// The number of a file, and a position in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) at: Position,
}

/// The position of a table, and those of its parts.
#[derive(Debug)]
pub(super) struct TableOrigin {
    pub(super) place: Place,
    pub(super) members: Vec<Member>,
}

/// A column, constraint or index of a table.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) kind: Kind,
    pub(super) name: Box<str>,
    pub(super) at: Position,
    /// The attributes of a column that are SQL, with their words.
    pub(super) attributes: Box<[(&'static str, Position)]>,
}

impl TableOrigin {
    fn member(&self, object: &ObjectId) -> Option<&Member> {
        let is_it =
            |own: &&Member| own.kind == object.kind && *own.name == *object.name.name.as_str();
        self.members.iter().find(is_it)
    }
}

impl Origins {
    /// Returns the position of an object. A part of a table without a position has that of the
    /// table.
    pub fn find(&self, object: &ObjectId) -> Option<Origin<'_>> {
        if let Some(place) = self.objects.get(object) {
            return self.origin(*place);
        }
        // An object file may state the default schema, so this comparison ignores schemas.
        fn table(id: &ObjectId) -> Option<&String> {
            id.table.as_ref().map(|table| &table.name)
        }
        let is_same = |other: &&ObjectId| {
            other.kind == object.kind
                && table(other) == table(object)
                && other.name.name == object.name.name
        };
        if let Some(same) = self.objects.keys().find(is_same) {
            return self.objects.get(same).and_then(|place| self.origin(*place));
        }
        let table = self.tables.get(object.table_name()?)?;
        let at = table.member(object).map_or(table.place.at, |member| member.at);
        self.origin(Place { at, ..table.place })
    }

    /// Returns the position of an attribute of a column, by its word. A column without the attribute
    /// has its own position.
    pub fn find_attribute(&self, object: &ObjectId, word: &str) -> Option<Origin<'_>> {
        let attribute = || {
            let table = self.tables.get(object.table_name()?)?;
            let mut attributes = table.member(object)?.attributes.iter();
            let (_, at) = attributes.find(|(own, _)| *own == word)?;
            self.origin(Place { at: *at, ..table.place })
        };
        attribute().or_else(|| self.find(object))
    }

    /// Returns the position of a statement that sets an attribute of an object, by its number from 0.
    pub fn find_statement(&self, object: &ObjectId, number: usize) -> Option<Origin<'_>> {
        let place = self.attributes.get(object).and_then(|places| places.get(number));
        place.and_then(|place| self.origin(*place)).or_else(|| self.find(object))
    }

    fn origin(&self, place: Place) -> Option<Origin<'_>> {
        Some(Origin { path: self.paths.get(place.file)?, at: place.at })
    }
}
