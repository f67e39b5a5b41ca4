//! Which identifiers SQLite takes without quotes.

/// Keywords of SQLite's list that are refused, or mean something else, as an identifier.
const RESERVED: &[&str] = &[
    "abort", "action", "add", "after", "all", "alter", "always", "analyze", "and", "as", "asc",
    "attach", "autoincrement", "before", "begin", "between", "by", "cascade", "case", "cast",
    "check", "collate", "column", "commit", "conflict", "constraint", "create", "cross",
    "current_date", "current_time", "current_timestamp", "database", "default", "deferrable",
    "deferred", "delete", "desc", "detach", "distinct", "do", "drop", "each", "else", "end",
    "escape", "except", "exclusive", "exists", "explain", "fail", "false", "for", "foreign", "from",
    "full", "generated", "glob", "group", "having", "if", "ignore", "immediate", "in", "index",
    "indexed", "initially", "inner", "insert", "instead", "intersect", "into", "is", "isnull",
    "join", "key", "left", "like", "limit", "match", "natural", "no", "not", "nothing", "notnull",
    "null", "of", "offset", "on", "or", "order", "outer", "over", "partition", "plan", "pragma",
    "primary", "query", "raise", "recursive", "references", "regexp", "reindex", "release",
    "rename", "replace", "restrict", "returning", "right", "rollback", "row", "savepoint", "select",
    "set", "table", "temp", "temporary", "then", "to", "transaction", "trigger", "true", "union",
    "unique", "update", "using", "vacuum", "values", "view", "virtual", "when", "where", "window",
    "with", "without",
];

/// Whether the identifier means itself without quotes.
pub(crate) fn is_plain(identifier: &str) -> bool {
    let mut chars = identifier.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && RESERVED.binary_search(&identifier.to_ascii_lowercase().as_str()).is_err()
}

#[cfg(test)]
mod tests {
    use super::RESERVED;

    #[test]
    fn the_list_is_sorted() {
        assert!(RESERVED.is_sorted());
    }
}
