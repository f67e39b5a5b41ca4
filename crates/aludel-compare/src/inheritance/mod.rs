//! Tables that inherit from others, and tables that are of a type.

pub(crate) mod inherit;
pub(crate) mod parted;
pub(crate) mod stored_above;
pub(crate) mod torn;
pub(crate) mod typed;
