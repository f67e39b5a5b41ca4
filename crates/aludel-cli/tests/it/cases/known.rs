//! Cases that do not hold yet, and why. A case of a list that holds fails the test, so that the lists
//! only get shorter.

/// The name of a case, and what is wrong.
pub(super) type Known = (&'static str, &'static str);

/// Cases beside the checkout.
#[rustfmt::skip]
pub(super) const OF_SHARED: &[Known] = &[
];

/// Cases of the folder `cases`.
#[rustfmt::skip]
pub(super) const OF_OWN: &[Known] = &[
];
