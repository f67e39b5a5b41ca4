//! The parts that only a server needs: messages of several statements, other connections that see it, locks that
//! others hold, and poolers in front of it.

pub(crate) mod commit;
pub(crate) mod custom;
pub(crate) mod encoding;
pub(crate) mod estimate;
pub(crate) mod message;
pub(crate) mod monitor;
pub(crate) mod pooler;
pub(crate) mod read_only;
pub(crate) mod reindexed;
pub(crate) mod replica;
pub(crate) mod role;
pub(crate) mod timeouts;
