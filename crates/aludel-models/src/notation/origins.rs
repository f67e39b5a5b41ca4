//! Where objects stand in the source.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aludel_schema::{Kind, ObjectId, QualifiedName};

use crate::error::Position;

/// Where objects stand in the files of models and objects.
#[derive(Debug, Default)]
pub struct Origins {
    pub(super) paths: Vec<PathBuf>,
    pub(super) tables: BTreeMap<QualifiedName, TableOrigin>,
    pub(super) definitions: BTreeMap<ObjectId, Place>,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The file, as it shall be shown.
    pub path: &'a Path,
    /// Where in it.
    pub at: Position,
}

/// A file by its number, and a place in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) at: Position,
}

/// Where a table stands, and what is in it.
#[derive(Debug)]
pub(super) struct TableOrigin {
    pub(super) place: Place,
    pub(super) members: Vec<Member>,
}

/// A column, constraint or index.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) kind: Kind,
    pub(super) name: Box<str>,
    pub(super) at: Position,
}

impl Origins {
    /// The place of an object; of one in a table that has no place of its own, that of the table.
    pub fn find(&self, object: &ObjectId) -> Option<Origin<'_>> {
        if let Some(place) = self.definitions.get(object) {
            return self.origin(*place);
        }
        // An object file may name the default schema.
        let is_same = |other: &&ObjectId| {
            other.kind == object.kind
                && other.table.is_none()
                && other.name.name == object.name.name
        };
        if let Some(same) = self.definitions.keys().find(is_same).filter(|_| object.table.is_none())
        {
            return self.definitions.get(same).and_then(|place| self.origin(*place));
        }
        let table = self.tables.get(object.table_name()?)?;
        let named = |member: &&Member| {
            member.kind == object.kind && *member.name == *object.name.name.as_str()
        };
        let found = table.members.iter().find(named);
        let at = found.map_or(table.place.at, |member| member.at);
        self.origin(Place { at, ..table.place })
    }

    fn origin(&self, place: Place) -> Option<Origin<'_>> {
        Some(Origin { path: self.paths.get(place.file)?, at: place.at })
    }
}
