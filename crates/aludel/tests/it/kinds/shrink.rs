//! Making a failure small: emptying slots and undoing edits while the failure stays.

use std::time::Instant;

use super::world::{CHOICES, Slot, World};

/// Two schemas between which a plan fails.
pub(super) type Worlds = (World, World);

/// Returns smaller schemas, as long as they `fail` and until the time is over.
pub(super) fn shrink(mut worlds: Worlds, end: Instant, fail: impl Fn(&Worlds) -> bool) -> Worlds {
    loop {
        let before = worlds.clone();
        for step in steps(&before) {
            let mut smaller = worlds.clone();
            step(&mut smaller);
            if Instant::now() > end {
                return worlds;
            }
            if smaller != worlds && fail(&smaller) {
                worlds = smaller;
            }
        }
        if worlds == before {
            return worlds;
        }
    }
}

type Step = Box<dyn Fn(&mut Worlds)>;

fn steps((a, b): &Worlds) -> Vec<Step> {
    let mut slots: Vec<Slot> = a.slots.keys().chain(b.slots.keys()).copied().collect();
    slots.sort_unstable();
    slots.dedup();
    let mut steps: Vec<Step> = Vec::new();
    for many in [12, 4] {
        for some in slots.chunks(many).map(<[Slot]>::to_vec).filter(|some| some.len() > 1) {
            steps.push(Box::new(move |(a, b)| {
                a.slots.retain(|slot, _| !some.contains(slot));
                b.slots.retain(|slot, _| !some.contains(slot));
            }));
        }
    }
    for slot in slots {
        steps.push(Box::new(move |(a, b)| {
            a.slots.remove(&slot);
            b.slots.remove(&slot);
        }));
        steps.push(Box::new(move |(a, b)| match a.slots.get(&slot) {
            Some(choices) => drop(b.slots.insert(slot, *choices)),
            None => drop(b.slots.remove(&slot)),
        }));
        for at in 0..CHOICES {
            steps.push(Box::new(move |(a, b)| {
                for world in [a, b] {
                    world.slots.entry(slot).and_modify(|choices| choices[at] = 0);
                }
            }));
            steps.push(Box::new(move |(a, b)| {
                if let (Some(from), Some(to)) = (a.slots.get(&slot), b.slots.get_mut(&slot)) {
                    to[at] = from[at];
                }
            }));
        }
    }
    steps
}
