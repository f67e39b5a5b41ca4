//! Access: what declarations say of the owner and the privileges of an object.

use crate::definition::Grant;

/// The owner and the privileges of an object, as object files state them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// The owner; `None` if no file says it.
    pub owner: Option<String>,
    /// The statements about privileges, in their order. Together they are the whole truth; if there
    /// are none, nothing is said of privileges.
    pub changes: Vec<GrantChange>,
}

/// A privilege that a declaration gives or takes. The privilege `ALL` stands for all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantChange {
    /// The verb of the statement.
    pub verb: GrantVerb,
    /// The privilege and its role.
    pub grant: Grant,
}

/// The verb of a statement about privileges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantVerb {
    /// GRANT.
    Grant,
    /// REVOKE.
    Revoke,
    /// REVOKE GRANT OPTION FOR.
    RevokeOption,
}
