//! Slots, their choices, and edits of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use aludel::Dialect;
use aludel_dialect::parse_definition;
use aludel_models::{Models, Source};
use aludel_schema::{Hint, Kind, Metadata, ObjectId, QualifiedName};

use super::{postgres, sqlite};

/// A place for at most one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    pub(super) kind: Kind,
    pub(super) number: usize,
}

/// The number of choices of an object.
pub(super) const CHOICES: usize = 10;

/// What an object is, as far as its slot leaves it open. All zeros are the plainest object.
pub(super) type Choices = [u8; CHOICES];

/// The choices that mean the same in every slot.
pub(super) const NAME: usize = 0;
pub(super) const HINT: usize = 1;
pub(super) const COMMENT: usize = 2;

/// Pseudo-random numbers that are the same everywhere (SplitMix64).
#[derive(Clone, Debug)]
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn choice(&mut self) -> u8 {
        u8::try_from(self.below(240)).unwrap()
    }

    fn choices(&mut self) -> Choices {
        let mut choices = [0; CHOICES];
        for choice in &mut choices {
            *choice = self.choice();
        }
        choices
    }
}

/// A random schema: the slots that are filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct World {
    pub(super) dialect: Dialect,
    pub(super) slots: BTreeMap<Slot, Choices>,
}

/// An object of an object file.
pub(super) struct Object {
    pub(super) slot: Slot,
    /// The CREATE statement, and others that belong to it.
    pub(super) sql: Vec<String>,
}

impl World {
    /// The slots that there are.
    pub(super) fn all_slots(dialect: Dialect) -> Vec<Slot> {
        let counts = match dialect {
            Dialect::Postgres => postgres::SLOTS,
            Dialect::Sqlite => sqlite::SLOTS,
        };
        let slots = |(kind, count): &(Kind, usize)| {
            let kind = *kind;
            (0..*count).map(move |number| Slot { kind, number })
        };
        counts.iter().flat_map(slots).collect()
    }

    pub(super) fn random(dialect: Dialect, random: &mut Random) -> Self {
        let density = 2 + random.below(8);
        let mut slots = BTreeMap::new();
        for slot in Self::all_slots(dialect) {
            let choices = random.choices();
            if random.below(10) < density {
                slots.insert(slot, choices);
            }
        }
        Self { dialect, slots }
    }

    /// Returns the schema after a few random edits, or rarely another one.
    pub(super) fn edited(&self, random: &mut Random) -> Self {
        if random.below(10) == 0 {
            let mut other = Self::random(self.dialect, random);
            let is_kept = |slot: &Slot| super::shared::KEPT.contains(&(slot.kind, slot.number));
            let kept = self.slots.iter().filter(|(slot, _)| is_kept(slot));
            for (slot, choices) in kept {
                other.slots.entry(*slot).or_insert(*choices);
            }
            return other;
        }
        let all = Self::all_slots(self.dialect);
        let mut world = self.clone();
        for _ in 0..=random.below(6) {
            let slot = all[random.below(all.len())];
            let is_kept = super::shared::KEPT.contains(&(slot.kind, slot.number));
            let filled = world.slots.get_mut(&slot);
            match (filled, random.below(6)) {
                (None, _) => {
                    world.slots.insert(slot, random.choices());
                }
                (Some(_), 0) if !is_kept => {
                    world.slots.remove(&slot);
                }
                (Some(choices), 1) => *choices = random.choices(),
                (Some(choices), 2) => choices[NAME] = if choices[NAME] % 4 == 3 { 0 } else { 3 },
                (Some(choices), _) => choices[random.below(CHOICES)] = random.choice(),
            }
        }
        world
    }

    /// Returns choice `at` of a slot, out of `options`.
    pub(super) fn choice(&self, slot: Slot, at: usize, options: usize) -> usize {
        self.slots.get(&slot).map_or(0, |choices| usize::from(choices[at]) % options)
    }

    pub(super) fn has(&self, kind: Kind, number: usize) -> bool {
        self.slots.contains_key(&Slot { kind, number })
    }

    /// Returns true if the schema has a partitioned table.
    pub(super) fn has_partitions(&self) -> bool {
        self.has(Kind::Table, 3)
    }

    /// Returns the name of the object in a slot, whether it is filled or not.
    pub(super) fn name(&self, slot: Slot) -> QualifiedName {
        let initials = slot.kind.noun().split(' ').map(|word| &word[..2]).collect::<String>();
        let new = if self.choice(slot, NAME, 4) == 3 { "_new" } else { "" };
        let name = QualifiedName::unqualified(format!("{initials}{}{new}", slot.number));
        let schema =
            self.dialect == Dialect::Postgres && slot.number % 3 == 1 && !slot.kind.has_no_schema();
        QualifiedName { schema: schema.then(|| "app".to_owned()), ..name }
    }

    /// Returns the objects of object files.
    pub(super) fn objects(&self) -> Vec<Object> {
        let sql = match self.dialect {
            Dialect::Postgres => postgres::sql,
            Dialect::Sqlite => sqlite::sql,
        };
        let object = |slot: &Slot| {
            sql(self, *slot).filter(|sql| !sql.is_empty()).map(|sql| Object { slot: *slot, sql })
        };
        self.slots.keys().filter_map(object).collect()
    }

    /// Returns the metadata, with hints at the names that objects have in `before`.
    pub(super) fn metadata(&self, before: Option<&Self>) -> Metadata {
        let objects = self.objects();
        let text: Vec<String> =
            objects.iter().flat_map(|object| &object.sql).map(|sql| format!("{sql};\n")).collect();
        let source = Source { path: "objects.sql".into(), text: text.concat() };
        let models = Models::parse(&[], vec![source]).unwrap();
        let mut metadata = match models.metadata(self.dialect, &BTreeMap::new()) {
            Ok(resolved) => resolved.metadata,
            Err(problems) => panic!("{problems:?}\n{}", text.concat()),
        };
        super::tables::add(self, &mut metadata, before);
        let Some(before) = before else { return metadata };
        for object in objects {
            let (old, new) = (before.name(object.slot), self.name(object.slot));
            let is_kept = super::shared::KEPT.contains(&(object.slot.kind, object.slot.number));
            let hinted = before.slots.contains_key(&object.slot)
                && (is_kept || self.choice(object.slot, HINT, 2) == 0);
            if old != new && hinted && self.renames(object.slot.kind) {
                let id = parse_definition(&object.sql[0], self.dialect).unwrap().id;
                metadata.hints.objects.insert(id, Hint::lasting(old.name));
            }
        }
        metadata
    }

    fn renames(&self, kind: Kind) -> bool {
        self.dialect.kind_facts(kind).is_some_and(|facts| facts.renames)
    }

    /// Returns the kinds of the objects of object files.
    pub(super) fn kinds(&self) -> BTreeSet<Kind> {
        self.metadata(None).definitions.keys().map(|id: &ObjectId| id.kind).collect()
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for table in self.metadata(None).tables.values() {
            writeln!(f, "{}", super::tables::shown(table))?;
        }
        for object in self.objects() {
            writeln!(f, "{};", object.sql.join(";\n"))?;
        }
        Ok(())
    }
}
