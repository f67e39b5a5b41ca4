//! Names of Rust to names of SQL.

/// `PascalCase` or `camelCase` to `snake_case`; a run of capitals is one word.
pub fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, c) in chars.iter().enumerate() {
        let boundary = c.is_uppercase()
            && at > 0
            && chars[at - 1] != '_'
            && (!chars[at - 1].is_uppercase()
                || chars.get(at + 1).is_some_and(|next| next.is_lowercase()));
        if boundary {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// The plural of a `snake_case` name, by the rules of English spelling.
pub fn plural(name: &str) -> String {
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
    let vowel_y = ends(&["ay", "ey", "iy", "oy", "uy"]);
    match name {
        _ if ends(&["y"]) && !vowel_y => format!("{}ies", &name[..name.len() - 1]),
        _ if ends(&["s", "x", "z", "ch", "sh"]) => format!("{name}es"),
        _ => format!("{name}s"),
    }
}

/// The labels of an enum's variants under a `rename_all` rule; `None` for an unknown rule.
pub fn labels(rule: &str, variant: &str) -> Option<String> {
    let snake = snake_case(variant);
    Some(match rule {
        "snake_case" => snake,
        "lowercase" => variant.to_lowercase(),
        "UPPERCASE" => variant.to_uppercase(),
        "SCREAMING_SNAKE_CASE" => snake.to_uppercase(),
        "kebab-case" => snake.replace('_', "-"),
        "SCREAMING-KEBAB-CASE" => snake.to_uppercase().replace('_', "-"),
        "PascalCase" => variant.to_owned(),
        "camelCase" => {
            let mut chars = variant.chars();
            chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
        }
        _ => return None,
    })
}

/// Whether a word can't be a name in Rust unless it is written `r#…`.
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
        ] {
            assert_eq!(plural(&snake_case(rust)), sql);
        }
        assert_eq!(labels("SCREAMING_SNAKE_CASE", "InProgress").unwrap(), "IN_PROGRESS");
        assert_eq!(labels("kebab-case", "InProgress").unwrap(), "in-progress");
        assert_eq!(labels("nonsense", "A"), None);
    }
}
