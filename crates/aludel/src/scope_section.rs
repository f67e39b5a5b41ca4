//! The `[scope]` section of `aludel.toml`.

use std::collections::BTreeSet;
use std::ops::Range;

use aludel_schema::{Manage, Pattern, Schemas, Scope};
use serde::Deserialize;
use toml::Spanned;

/// The section as it is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScopeSection {
    schemas: Option<Spanned<BTreeSet<String>>>,
    #[serde(default)]
    ignore: Vec<Spanned<String>>,
    #[serde(default)]
    manage: Vec<Managed>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Managed {
    Grants,
    Owners,
}

/// A mistake in the section, and the bytes of the text that it is about.
pub(crate) struct Mistake {
    pub(crate) message: String,
    pub(crate) at: Range<usize>,
}

impl ScopeSection {
    /// Returns the scope that the section describes.
    pub(crate) fn scope(&self) -> Result<Scope, Mistake> {
        let schemas = match &self.schemas {
            None => Schemas::Named,
            Some(listed) if listed.get_ref().is_empty() => {
                let message = "no schema is listed, so that nothing would be compared".to_owned();
                return Err(Mistake { message, at: listed.span() });
            }
            Some(listed) => Schemas::Listed(listed.get_ref().clone()),
        };
        let pattern = |text: &Spanned<String>| {
            Pattern::parse(text.get_ref())
                .map_err(|error| Mistake { message: error.to_string(), at: text.span() })
        };
        let ignore = self.ignore.iter().map(pattern).collect::<Result<_, _>>()?;
        let manages = |what| self.manage.contains(&what);
        let manage = Manage { grants: manages(Managed::Grants), owners: manages(Managed::Owners) };
        Ok(Scope { schemas, ignore, manage })
    }
}
