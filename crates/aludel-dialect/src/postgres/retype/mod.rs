//! Changes of types: the server's own casts, and what a conversion loses or refuses.

pub(crate) mod cast;
pub(crate) mod composite;
pub(crate) mod conversion;
pub(crate) mod fit;
pub(crate) mod length;
pub(crate) mod range;
pub(crate) mod sql_type;
