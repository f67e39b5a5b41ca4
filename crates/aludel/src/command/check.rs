use super::revision::body;
use crate::difference::{Comparer, Difference};
use crate::error::Error;
use crate::project::Project;

/// How the models and the database differ, for each dialect that was looked at.
#[derive(Debug)]
pub struct Comparison {
    /// One for each dialect.
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// Whether nothing differs.
    pub fn is_clean(&self) -> bool {
        self.differences.iter().all(Difference::is_empty)
    }
}

/// Compares the models with the database, which has to be at the heads; writes nothing anywhere.
pub async fn check(project: &Project) -> Result<Comparison, Error> {
    let map = project.revisions()?;
    let dialect = project.dialect()?;
    let difference = Comparer::new(project, &map).compare(dialect, true).await?;
    Ok(Comparison { differences: vec![difference] })
}

/// The SQL of a comparison: upgrade and downgrade, as autogenerate would write it.
pub fn rendered(difference: &Difference) -> (String, String) {
    (body(&difference.upgrade.steps), body(&difference.downgrade.steps))
}
