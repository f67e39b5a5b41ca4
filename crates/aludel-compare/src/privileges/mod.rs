//! Owners, and the privileges of roles.

pub(crate) mod access;
pub(crate) mod owners;
mod withheld;
