//! Conversion between names of Rust and names of SQL.

use heck::{
    ToKebabCase as _, ToLowerCamelCase as _, ToShoutyKebabCase as _, ToShoutySnakeCase as _,
};
use heck::{ToSnakeCase as _, ToUpperCamelCase as _};

/// Converts `PascalCase` or `camelCase` to `snake_case`; a run of capitals is one word.
pub fn snake_case(name: &str) -> String {
    name.to_snake_case()
}

/// Converts `knowledge_pools` to `KnowledgePools`. Characters that an identifier can't have are
/// removed, and a name that would begin with a digit is prefixed with `X`.
pub(crate) fn pascal_case(name: &str) -> String {
    let pascal = name.to_upper_camel_case();
    if pascal.is_empty() || pascal.starts_with(|c: char| c.is_numeric()) {
        return format!("X{pascal}");
    }
    pascal
}

/// The words that are their own plural.
const OWN_PLURALS: [&str; 3] = ["news", "series", "species"];

/// Returns the plural of a `snake_case` name, by the rules of English spelling.
pub fn plural(name: &str) -> String {
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
    let vowel_y = ends(&["ay", "ey", "iy", "oy", "uy"]);
    match name {
        _ if OWN_PLURALS.contains(&last_word(name)) => name.to_owned(),
        _ if ends(&["y"]) && !vowel_y => format!("{}ies", &name[..name.len() - 1]),
        _ if ends(&["sis"]) => format!("{}es", &name[..name.len() - 2]),
        _ if ends(&["iz"]) => format!("{name}zes"),
        _ if ends(&["s", "x", "z", "ch", "sh"]) => format!("{name}es"),
        _ => format!("{name}s"),
    }
}

/// Returns the word whose plural the name is; the name itself if there is none.
pub(crate) fn singular(name: &str) -> String {
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
    let [without_s, without_es] = ["s", "es"].map(|end| name.strip_suffix(end).map(str::to_owned));
    // `statuses` is from `status`, and `causes` from `cause`.
    let is_longer = ends(&["sses", "uses", "iases", "xes", "zzes", "ches", "shes"])
        && !ends(&["auses", "ouses", "caches"])
        && last_word(name) != "uses";
    let last = if is_longer { [without_es, without_s] } else { [without_s, without_es] };
    let first = [
        OWN_PLURALS.contains(&last_word(name)).then(|| name.to_owned()),
        name.strip_suffix("ies").map(|stem| format!("{stem}y")),
        name.strip_suffix("zzes").map(|stem| format!("{stem}z")),
        name.strip_suffix("yses").map(|stem| format!("{stem}ysis")),
    ];
    let mut candidates = first.into_iter().chain(last).flatten();
    candidates.find(|candidate| plural(candidate) == name).unwrap_or_else(|| name.to_owned())
}

fn last_word(name: &str) -> &str {
    name.rsplit('_').next().unwrap_or(name)
}

/// Returns the label of an enum's variant under a `rename_all` rule; `None` for an unknown rule.
pub fn labels(rule: &str, variant: &str) -> Option<String> {
    Some(match rule {
        "snake_case" => variant.to_snake_case(),
        "lowercase" => variant.to_lowercase(),
        "UPPERCASE" => variant.to_uppercase(),
        "SCREAMING_SNAKE_CASE" => variant.to_shouty_snake_case(),
        "kebab-case" => variant.to_kebab_case(),
        "SCREAMING-KEBAB-CASE" => variant.to_shouty_kebab_case(),
        "PascalCase" => variant.to_owned(),
        "camelCase" => variant.to_lower_camel_case(),
        _ => return None,
    })
}

/// Returns true if a word can be a name in Rust only in the form `r#…`.
pub(crate) fn is_keyword(word: &str) -> bool {
    const KEYWORDS: [&str; 53] = [
        "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
        "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
        "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv",
        "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true", "try",
        "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "_",
    ];
    KEYWORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (rust, sql) in [
            ("KnowledgePool", "knowledge_pools"),
            ("HTTPQuery", "http_queries"),
            ("Key", "keys"),
            ("Address", "addresses"),
            ("ScratchpadEntry", "scratchpad_entries"),
            ("V2Box", "v2_boxes"),
            ("Status", "statuses"),
            ("Series", "series"),
            ("TvSeries", "tv_series"),
            ("News", "news"),
            ("Analysis", "analyses"),
            ("Quiz", "quizzes"),
            ("Release", "releases"),
            ("Cause", "causes"),
            ("CacheUse", "cache_uses"),
            ("Alias", "aliases"),
            ("Branch", "branches"),
            ("Cache", "caches"),
            ("Size", "sizes"),
            ("Day", "days"),
        ] {
            assert_eq!(plural(&snake_case(rust)), sql);
            assert_eq!(singular(sql), snake_case(rust));
        }
        assert_eq!(singular("data"), "data");
        assert_eq!(labels("SCREAMING_SNAKE_CASE", "InProgress").unwrap(), "IN_PROGRESS");
        assert_eq!(labels("kebab-case", "InProgress").unwrap(), "in-progress");
        assert_eq!(labels("nonsense", "A"), None);
    }
}
