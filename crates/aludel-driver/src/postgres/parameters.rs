//! The parameters of a connection from all sources, in libpq's order of precedence.

use std::collections::BTreeMap;

use crate::error::UrlError;
use crate::libpq::{LibpqEnvironment, Stated};

use super::url_parts::stated_in;

/// The parameters of a connection by their names: those of the URL, then those of the service, then
/// those of the variables.
pub(crate) struct Parameters {
    stated: BTreeMap<String, Stated>,
    /// True if no message may show the name of an unknown parameter of the URL, because it may be the
    /// rest of a password with a `?` in it.
    hides_names: bool,
}

impl Parameters {
    /// Collects the parameters of a URL behind its scheme, and of its surroundings.
    ///
    /// # Errors
    ///
    /// Fails if the URL is malformed, or if the service can't be read.
    pub(crate) fn collect(rest: &str, surroundings: &LibpqEnvironment) -> Result<Self, UrlError> {
        let own = stated_in(rest).map_err(UrlError::in_url)?;
        let hides_names = rest.split_once('?').is_some_and(|(_, query)| query.contains('@'));
        let mut parameters = Self { stated: BTreeMap::new(), hides_names };
        for stated in own {
            parameters.stated.insert(stated.name.clone(), stated);
        }
        let around =
            surroundings.stated(parameters.get("service"), parameters.get("servicefile"))?;
        for stated in around {
            parameters.stated.entry(stated.name.clone()).or_insert(stated);
        }
        Ok(parameters)
    }

    /// Returns the value of a parameter; `None` if nobody states it, or states nothing.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.stated.get(name).map(|stated| stated.value.as_str()).filter(|value| !value.is_empty())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Stated> {
        self.stated.values()
    }

    /// Returns an error in the value of a parameter, which names who states it.
    pub(crate) fn wrong(&self, name: &str, problem: String) -> UrlError {
        let origin = self.stated.get(name).and_then(|stated| stated.origin.clone());
        UrlError { origin, problem }
    }

    /// Returns an error in parameters of TLS that contradict each other, which names all who state them
    /// if the URL does not.
    pub(crate) fn contradict(&self, problem: String) -> UrlError {
        let tls = self.stated.values().filter(|stated| stated.name.starts_with("ssl"));
        let origins: Option<Vec<String>> = tls.map(|stated| stated.origin.clone()).collect();
        let origin = origins.map(|origins| origins.join(" and ")).filter(|names| !names.is_empty());
        UrlError { origin, problem }
    }

    /// Returns the error of a parameter that there is not.
    pub(crate) fn unknown(&self, name: &str) -> UrlError {
        let is_plain = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        let problem = match is_plain && !self.hides_names {
            true => format!(
                "a connection has no option `{name}`; docs/configuration.md lists those that it has"
            ),
            false => "it has an option that a connection does not have; a `?` or `@` in user or \
                      password is written as %3F or %40"
                .to_owned(),
        };
        self.wrong(name, problem)
    }
}
