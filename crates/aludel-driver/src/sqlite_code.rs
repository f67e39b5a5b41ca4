//! The names of the result codes of SQLite.

/// Returns the name of a result code, without what extends it.
pub(crate) fn code_name(extended: i32) -> String {
    const NAMES: [&str; 27] = [
        "OK",
        "ERROR",
        "INTERNAL",
        "PERM",
        "ABORT",
        "BUSY",
        "LOCKED",
        "NOMEM",
        "READONLY",
        "INTERRUPT",
        "IOERR",
        "CORRUPT",
        "NOTFOUND",
        "FULL",
        "CANTOPEN",
        "PROTOCOL",
        "EMPTY",
        "SCHEMA",
        "TOOBIG",
        "CONSTRAINT",
        "MISMATCH",
        "MISUSE",
        "NOLFS",
        "AUTH",
        "FORMAT",
        "RANGE",
        "NOTADB",
    ];
    // The lower eight bits are the primary code.
    let primary = usize::try_from(extended & 0xff).unwrap_or_default();
    let name = NAMES.get(primary).copied().unwrap_or("ERROR");
    format!("SQLITE_{name}")
}
