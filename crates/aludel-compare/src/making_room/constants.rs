//! Objects that an expression names in quotes: `'items'::regclass`, `nextval('s'::regclass)`. The server
//! keeps the object itself, so that the expression rests on it.

use std::collections::BTreeMap;

use aludel_dialect::{Token, TokenKind};
use aludel_schema::{EnumType, Kind, Metadata, ObjectId, QualifiedName, Sequence, path};

use crate::names::meant::Lookup;
use crate::pair::Pair;

/// The objects that can be named in quotes, by name without schema.
#[derive(Debug, Default)]
pub(crate) struct Constants(BTreeMap<String, Vec<ObjectId>>);

impl Constants {
    pub(crate) fn of(pair: Pair<&Metadata>) -> Self {
        let mut all: BTreeMap<String, Vec<ObjectId>> = BTreeMap::new();
        for side in [pair.database, pair.target] {
            let tables = side.tables.keys().map(ObjectId::table);
            let sequences = side.sequences.values().map(Sequence::id);
            let identities = side.counters().map(|name| ObjectId::new(Kind::Sequence, name));
            let enums = side.enums.values().map(EnumType::id);
            let whole = side.definitions.keys().filter(|id| id.table.is_none()).cloned();
            for id in tables.chain(sequences).chain(identities).chain(enums).chain(whole) {
                let known = all.entry(id.name.name.clone()).or_default();
                if !known.contains(&id) {
                    known.push(id);
                }
            }
        }
        Self(all)
    }

    /// Returns true if a text may name an object in quotes.
    pub(crate) fn may_be_in(text: &str) -> bool {
        text.contains("reg")
    }

    /// Returns the objects that a token names if it is in quotes and cast to a type of identities.
    pub(crate) fn named<'c>(
        &'c self,
        tokens: &[Token<'_>],
        at: usize,
        lookup: &Lookup,
    ) -> Vec<&'c ObjectId> {
        let constant = tokens.get(at).and_then(|token| constant(token, &tokens[at + 1..]));
        let Some((name, fits)) = constant else { return Vec::new() };
        let known = self.0.get(&name.name).map_or(&[][..], Vec::as_slice);
        lookup.meant(known, &name).into_iter().filter(|id| fits(id.kind)).collect()
    }
}

/// Returns the name that a token states in quotes, and the kinds that the type behind it is about.
fn constant(token: &Token<'_>, behind: &[Token<'_>]) -> Option<(QualifiedName, Fits)> {
    if token.kind != TokenKind::String || !behind.first()?.is_symbol("::") {
        return None;
    }
    let fits = fits(&behind.get(1)?.identifier()?)?;
    let name = token.text.strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'");
    // The types of the arguments follow the name of a function in parentheses.
    let name = name.split_once('(').map_or(name.as_str(), |(name, _)| name);
    let mut parts = path(name)?;
    let name = parts.pop()?;
    Some((QualifiedName::new(parts.pop(), name), fits))
}

type Fits = fn(Kind) -> bool;

/// Returns which kinds the values of a type of identities are of.
fn fits(sql_type: &str) -> Option<Fits> {
    let fits: Fits = match sql_type {
        "regclass" => |kind| kind == Kind::Sequence || is_relation(kind),
        "regtype" => |kind| {
            let is_type = matches!(
                kind,
                Kind::Enum | Kind::Domain | Kind::RangeType | Kind::BaseType | Kind::Type
            );
            is_type || is_relation(kind)
        },
        "regproc" | "regprocedure" => {
            |kind| matches!(kind, Kind::Function | Kind::Procedure | Kind::Aggregate)
        }
        "regoper" | "regoperator" => |kind| kind == Kind::Operator,
        "regconfig" => |kind| kind == Kind::TextSearchConfiguration,
        "regdictionary" => |kind| kind == Kind::TextSearchDictionary,
        "regcollation" => |kind| kind == Kind::Collation,
        _ => return None,
    };
    Some(fits)
}

/// Returns true if an object of the kind is a relation with columns, and therefore a type as well.
fn is_relation(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Table
            | Kind::View
            | Kind::MaterializedView
            | Kind::ForeignTable
            | Kind::Partition
            | Kind::CompositeType
    )
}
