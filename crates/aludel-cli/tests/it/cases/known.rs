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
    ("enums/label-renamed", "a label's renamed_from is not read"),
    ("objects/attributes-of-a-column-stay", "the server resets storage and compression when a type changes, and no statement gives them back"),
    ("objects/clustered-index-stays", "the statistics target of an index that is made again is lost"),
    ("renames/table-whose-name-is-taken-again", "a hint is ignored where a new table takes the old name"),
    ("sqlite/column-with-a-foreign-key-comes", "a table is rebuilt where ADD COLUMN would do"),
    ("types/numeric-to-double", "the way back keeps 15 digits of the 17 that there are"),
];
