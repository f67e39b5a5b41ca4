//! Drawing of a graph of revisions in lanes, the newest first.

/// A revision to draw.
pub(crate) struct Node<'a> {
    pub(crate) id: &'a str,
    pub(crate) parents: &'a [String],
    /// True if the circle is filled.
    pub(crate) filled: bool,
}

/// The drawing of one revision: the lanes on its own line, and the lines that join it to its
/// neighbours.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Drawn {
    /// The line on which branches come together in this revision.
    pub(crate) before: Option<String>,
    pub(crate) node: String,
    /// The line on which the parents of a merge part.
    pub(crate) after: Option<String>,
}

/// Draws each node, in order. A child has to come before its parents.
pub(crate) fn draw(nodes: &[Node<'_>]) -> Vec<Drawn> {
    let shown: std::collections::BTreeSet<&str> = nodes.iter().map(|node| node.id).collect();
    let mut lanes: Vec<Option<&str>> = Vec::new();
    nodes.iter().map(|node| lane(node, &shown, &mut lanes)).collect()
}

fn lane<'a>(
    node: &Node<'a>,
    shown: &std::collections::BTreeSet<&str>,
    lanes: &mut Vec<Option<&'a str>>,
) -> Drawn {
    // The lanes of all children lead to this node, which is drawn in the first of them.
    let waiting: Vec<usize> =
        (0..lanes.len()).filter(|lane| lanes[*lane] == Some(node.id)).collect();
    let own = waiting.first().copied().unwrap_or_else(|| free(lanes));
    let before = (waiting.len() > 1).then(|| joint(lanes, own, &waiting[1..], ['╯', '┴']));
    waiting.iter().skip(1).for_each(|lane| lanes[*lane] = None);
    trim(lanes);
    if lanes.len() <= own {
        lanes.resize(own + 1, None);
    }
    lanes[own] = Some(node.id);
    let circle = if node.filled { '●' } else { '○' };
    let column = |(lane, id): (usize, &Option<&str>)| match id {
        _ if lane == own => circle,
        Some(_) => '│',
        None => ' ',
    };
    let drawn: String = lanes.iter().enumerate().map(column).flat_map(|c| [c, ' ']).collect();
    let mut parents = node.parents.iter().map(String::as_str).filter(|id| shown.contains(id));
    lanes[own] = parents.next();
    let others: Vec<usize> = parents
        .map(|parent| {
            let lane =
                lanes.iter().position(|id| *id == Some(parent)).unwrap_or_else(|| free(lanes));
            lanes[lane] = Some(parent);
            lane
        })
        .collect();
    let after = (!others.is_empty()).then(|| joint(lanes, own, &others, ['╮', '┬']));
    trim(lanes);
    Drawn { before, node: drawn.trim_end().to_owned(), after }
}

fn free(lanes: &mut Vec<Option<&str>>) -> usize {
    lanes.iter().position(Option::is_none).unwrap_or_else(|| {
        lanes.push(None);
        lanes.len() - 1
    })
}

fn trim(lanes: &mut Vec<Option<&str>>) {
    while lanes.last().is_some_and(Option::is_none) {
        lanes.pop();
    }
}

/// Draws a line from lane `own` to the lanes `others`, such as `├─┼─╮`.
fn joint(lanes: &[Option<&str>], own: usize, others: &[usize], [end, middle]: [char; 2]) -> String {
    let (mut first, mut last) = (own, own);
    for lane in others {
        (first, last) = (first.min(*lane), last.max(*lane));
    }
    let mut out = String::new();
    for (lane, id) in lanes.iter().enumerate() {
        let inside = lane > first && lane < last;
        out.push(match (lane == own, others.contains(&lane)) {
            (true, _) if first < own && own < last => '┼',
            (true, _) if own == last => '┤',
            (true, _) => '├',
            (_, true) if lane == last => end,
            (_, true) if lane == first => {
                if end == '╮' {
                    '╭'
                } else {
                    '╰'
                }
            }
            (_, true) => middle,
            _ if inside && id.is_some() => '┼',
            _ if inside => '─',
            _ if id.is_some() => '│',
            _ => ' ',
        });
        out.push(if lane >= first && lane < last { '─' } else { ' ' });
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(lines: &[&str]) -> String {
        let parsed: Vec<(&str, Vec<String>)> = lines
            .iter()
            .map(|line| {
                let (id, parents) = line.split_once(':').unwrap();
                (id, parents.split_whitespace().map(str::to_owned).collect())
            })
            .collect();
        let nodes: Vec<Node<'_>> = parsed
            .iter()
            .map(|(id, parents)| Node { id, parents, filled: id.starts_with('x') })
            .collect();
        let mut out = String::new();
        for (drawn, node) in draw(&nodes).into_iter().zip(&nodes) {
            drawn.before.iter().for_each(|line| out.push_str(&format!("{line}\n")));
            out.push_str(&format!("{} {}\n", drawn.node, node.id));
            drawn.after.iter().for_each(|line| out.push_str(&format!("{line}\n")));
        }
        out
    }

    #[test]
    fn a_diamond_with_a_branch_beside_it() {
        let picture = drawn(&["h: m", "m: b c", "b: xa", "z: c", "c: xa", "xa:"]);
        assert_eq!(picture, "○ h\n○ m\n├─╮\n○ │ b\n│ │ ○ z\n│ ├─╯\n│ ○ c\n├─╯\n● xa\n");
    }

    #[test]
    fn an_octopus_and_a_second_base() {
        let picture = drawn(&["m: a b c", "c:", "b: xa", "a: xa", "xa:"]);
        assert_eq!(picture, "○ m\n├─┬─╮\n│ │ ○ c\n│ ○ b\n○ │ a\n├─╯\n● xa\n");
    }
}
