//! The places of boxes and their connections in a picture.
//!
//! A table stands to the right of the tables that it refers to. A stack of tables that would become
//! much taller than the picture is wide is divided into several ones.

use std::collections::BTreeMap;

/// The space between two stacks, and between two boxes of a stack.
const BETWEEN_STACKS: f64 = 90.0;
const BETWEEN_BOXES: f64 = 24.0;

/// The number of times that the boxes are sorted by their neighbours.
const SWEEPS: usize = 8;

/// A box that needs a place.
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
    /// The boxes that this one refers to, by their indexes.
    pub(super) parents: Vec<usize>,
}

/// The place of the upper left corner of a box.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Corner {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// Returns the places of all boxes, in their order.
pub(super) fn places(sizes: &[Size]) -> Vec<Corner> {
    let mut stacks = divided(stacks(sizes), sizes);
    for sweep in 0..SWEEPS {
        let centres = centres(&stacks, sizes);
        let children = children(sizes);
        for stack in &mut stacks {
            let pull = |at: usize| {
                let near = if sweep % 2 == 0 { &sizes[at].parents } else { &children[at] };
                let near: Vec<f64> =
                    near.iter().filter(|other| **other != at).map(|o| centres[*o]).collect();
                if near.is_empty() { centres[at] } else { mean(&near) }
            };
            stack.sort_by(|a, b| pull(*a).total_cmp(&pull(*b)).then(a.cmp(b)));
        }
    }
    let mut corners = vec![Corner::default(); sizes.len()];
    let mut x = 0.0;
    let tallest = stacks.iter().map(|stack| height(stack, sizes)).fold(0.0, f64::max);
    for stack in &stacks {
        let mut y = (tallest - height(stack, sizes)) / 2.0;
        for &at in stack {
            corners[at] = Corner { x, y };
            y += sizes[at].height + BETWEEN_BOXES;
        }
        x += width(stack, sizes) + BETWEEN_STACKS;
    }
    corners
}

/// Puts each box into the stack behind those of its parents. A circle is cut where it closes.
fn stacks(sizes: &[Size]) -> Vec<Vec<usize>> {
    let mut depths: BTreeMap<usize, usize> = BTreeMap::new();
    for at in 0..sizes.len() {
        depth(at, sizes, &mut depths, &mut Vec::new());
    }
    let count = depths.values().max().map_or(0, |deepest| deepest + 1);
    let mut stacks = vec![Vec::new(); count];
    for (at, depth) in depths {
        stacks[depth].push(at);
    }
    stacks
}

fn depth(
    at: usize,
    sizes: &[Size],
    depths: &mut BTreeMap<usize, usize>,
    path: &mut Vec<usize>,
) -> usize {
    if let Some(known) = depths.get(&at) {
        return *known;
    }
    if path.contains(&at) {
        return 0;
    }
    path.push(at);
    let parents = sizes[at].parents.iter().filter(|parent| **parent != at);
    let depth = parents.map(|parent| depth(*parent, sizes, depths, path) + 1).max().unwrap_or(0);
    path.pop();
    depths.insert(at, depth);
    depth
}

/// Divides stacks that are taller than a picture of all boxes has to be.
fn divided(stacks: Vec<Vec<usize>>, sizes: &[Size]) -> Vec<Vec<usize>> {
    let area: f64 = sizes
        .iter()
        .map(|size| (size.width + BETWEEN_STACKS) * (size.height + BETWEEN_BOXES))
        .sum();
    let tallest = sizes.iter().map(|size| size.height).fold(0.0, f64::max);
    let limit = area.sqrt().max(tallest);
    let mut divided = Vec::new();
    for stack in stacks {
        let mut part: Vec<usize> = Vec::new();
        for at in stack {
            let is_full = height(&part, sizes) + BETWEEN_BOXES + sizes[at].height > limit;
            if is_full && !part.is_empty() {
                divided.push(std::mem::take(&mut part));
            }
            part.push(at);
        }
        divided.push(part);
    }
    divided
}

fn height(stack: &[usize], sizes: &[Size]) -> f64 {
    let boxes: f64 = stack.iter().map(|at| sizes[*at].height + BETWEEN_BOXES).sum();
    (boxes - BETWEEN_BOXES).max(0.0)
}

fn width(stack: &[usize], sizes: &[Size]) -> f64 {
    stack.iter().map(|at| sizes[*at].width).fold(0.0, f64::max)
}

/// Returns the heights at which the centres of the boxes are.
fn centres(stacks: &[Vec<usize>], sizes: &[Size]) -> Vec<f64> {
    let mut centres = vec![0.0; sizes.len()];
    for stack in stacks {
        let mut y = -height(stack, sizes) / 2.0;
        for &at in stack {
            centres[at] = y + sizes[at].height / 2.0;
            y += sizes[at].height + BETWEEN_BOXES;
        }
    }
    centres
}

fn children(sizes: &[Size]) -> Vec<Vec<usize>> {
    let mut children = vec![Vec::new(); sizes.len()];
    for (at, size) in sizes.iter().enumerate() {
        size.parents.iter().for_each(|parent| children[*parent].push(at));
    }
    children
}

#[expect(clippy::cast_precision_loss, reason = "a table has few neighbours")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(parents: &[usize]) -> Size {
        Size { width: 100.0, height: 50.0, parents: parents.to_vec() }
    }

    #[test]
    fn a_box_is_behind_those_that_it_refers_to() {
        let corners = places(&[size(&[1, 0]), size(&[]), size(&[0])]);
        let xs: Vec<f64> = corners.iter().map(|corner| corner.x).collect();
        assert_eq!(xs, [190.0, 0.0, 380.0]);
    }

    #[test]
    fn boxes_do_not_overlap_and_circles_end() {
        let sizes: Vec<Size> = (0..40).map(|at| size(&[(at + 1) % 40, at / 3])).collect();
        let corners = places(&sizes);
        for (at, a) in corners.iter().enumerate() {
            for b in &corners[at + 1..] {
                assert!((a.x - b.x).abs() >= 100.0 || (a.y - b.y).abs() >= 50.0, "{a:?} {b:?}");
            }
        }
    }
}
