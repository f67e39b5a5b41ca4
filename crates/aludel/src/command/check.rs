use aludel_dialect::Dialect;
use aludel_reflect::{Leftover, Uncompared};

use super::revision::body;
use crate::difference::{Comparer, Difference};
use crate::error::Error;
use crate::project::Project;

/// The differences between the models and the database, for each dialect that was compared.
#[derive(Debug)]
pub struct Comparison {
    /// One difference for each dialect.
    pub differences: Vec<Difference>,
    /// The dialects of the project that were not compared.
    pub others: Vec<&'static str>,
}

impl Comparison {
    /// Returns true if nothing differs.
    pub fn is_clean(&self) -> bool {
        self.differences.iter().all(Difference::is_empty)
    }

    /// Iterates over what the server does not let the role compare.
    pub fn uncompared(&self) -> impl Iterator<Item = &Uncompared> {
        self.differences.iter().flat_map(|difference| &difference.uncompared)
    }

    /// Iterates over the objects in scope that are not compared.
    pub fn unmanaged(&self) -> impl Iterator<Item = &Leftover> {
        self.differences.iter().flat_map(|difference| &difference.leftovers)
    }
}

/// Compares the models with the database, which has to be at the heads. Nothing is written.
///
/// # Errors
///
/// Fails if the revisions or the models can't be read, if the database can't be reached or is not
/// at the heads, or if it refuses a text of the models.
pub async fn check(project: &Project) -> Result<Comparison, Error> {
    let map = project.revisions()?;
    let dialect = project.dialect()?;
    let difference = Comparer::new(project, &map).compare(dialect, true).await?;
    let others = project.dialects()?.into_iter().filter(|other| *other != dialect);
    let others = others.map(Dialect::name).collect();
    Ok(Comparison { differences: vec![difference], others })
}

/// Returns the SQL of a comparison, upgrade and downgrade, as autogenerate would write it.
pub fn rendered(difference: &Difference) -> (String, String) {
    (body(&difference.upgrade.steps), body(&difference.downgrade.steps))
}
