//! The direction of a plan.

/// The direction of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Towards the models. Values for existing rows are left to the author.
    Forward,
    /// Back to the former state of the database. A column that is added again gets an empty value
    /// in existing rows, so a downgrade also works on tables with rows.
    Back,
}
