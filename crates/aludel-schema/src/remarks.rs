//! Comments in the text of a table.

/// The comments that a database keeps in the text of a column or constraint. A table that is made again by its
/// parts would lose them.
///
/// They are no part of what a table is: parts that differ in nothing else are equal.
#[derive(Clone, Debug, Default)]
pub struct Remarks(Option<Box<Texts>>);

#[derive(Clone, Debug)]
struct Texts {
    above: Vec<String>,
    behind: Vec<String>,
}

impl PartialEq for Remarks {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Remarks {}

impl Remarks {
    /// Returns true if there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the comments before the part, in order.
    pub fn above(&self) -> &[String] {
        self.0.as_ref().map_or(&[], |texts| &texts.above)
    }

    /// Returns the comments in the part and behind it, in order.
    pub fn behind(&self) -> &[String] {
        self.0.as_ref().map_or(&[], |texts| &texts.behind)
    }

    /// Adds a comment before the part.
    pub fn add_above(&mut self, text: impl Into<String>) {
        self.texts().above.push(text.into());
    }

    /// Adds a comment in the part or behind it.
    pub fn add_behind(&mut self, text: impl Into<String>) {
        self.texts().behind.push(text.into());
    }

    /// Adds the comments of another part.
    pub fn add(&mut self, other: &Self) {
        if let Some(other) = &other.0 {
            let texts = self.texts();
            texts.above.extend(other.above.iter().cloned());
            texts.behind.extend(other.behind.iter().cloned());
        }
    }

    fn texts(&mut self) -> &mut Texts {
        self.0.get_or_insert_with(|| Box::new(Texts { above: Vec::new(), behind: Vec::new() }))
    }
}
