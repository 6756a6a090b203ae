//! Which modules and crates a source file names. No parser of Rust: comments and unit tests are cut away, and what follows `crate::`,
//! `super::` or the name of a library is a path, wherever it stands.

use crate::source::SourceFile;

impl SourceFile {
    /// The modules of the crate that this file names, as `database::types::TimestampMicros`. `$crate::` of a macro belongs to whoever
    /// calls it.
    pub fn modules(&self) -> Vec<String> {
        let code = self.code();
        let mut found = paths_after(&code, "crate::");
        let own = self.module();
        for (depth, prefix) in ["super::", "super::super::"].into_iter().enumerate() {
            let Some(kept) = own.len().checked_sub(depth + 1) else {
                continue;
            };
            let parent = own.get(..kept).unwrap_or_default();
            let relative = paths_after(&code, prefix);
            found.extend(relative.into_iter().map(|path| {
                parent
                    .iter()
                    .copied()
                    .chain([path.as_str()])
                    .collect::<Vec<_>>()
                    .join("::")
            }));
        }
        found
    }

    /// Whether this file names the library `name`.
    pub fn uses_library(&self, name: &str) -> bool {
        !paths_after(&self.code(), &format!("{name}::")).is_empty()
    }

    /// The code without comments and unit tests.
    fn code(&self) -> String {
        let (code, _) = self
            .text
            .split_once("#[cfg(test)]")
            .unwrap_or((&self.text, ""));
        let without_comment = |line: &str| {
            line.split_once("//")
                .map_or(line, |(code, _)| code)
                .to_owned()
        };
        code.lines()
            .map(without_comment)
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The module's own path: `services/users.rs` is `services::users`, `cache/mod.rs` is `cache`.
    fn module(&self) -> Vec<&str> {
        let path = self.path.strip_suffix(".rs").unwrap();
        path.strip_suffix("/mod")
            .unwrap_or(path)
            .split('/')
            .collect()
    }
}

/// Every path that begins with `prefix`, without it; groups in braces are taken apart.
fn paths_after(code: &str, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let before = code.get(..at).unwrap().chars().next_back();
        let begins = before.is_none_or(|character| !is_of_path(character) && character != '$');
        if begins {
            expand("", code.get(at + prefix.len()..).unwrap(), &mut found);
        }
    }
    found
}

/// Adds the path at the beginning of `text`, or every path of the group that begins there.
fn expand(prefix: &str, text: &str, found: &mut Vec<String>) {
    let text = text.trim_start();
    if let Some(group) = text.strip_prefix('{') {
        for item in items(group) {
            expand(prefix, item, found);
        }
        return;
    }
    let end = text
        .find(|character| !is_of_path(character))
        .unwrap_or(text.len());
    let (path, rest) = text.split_at(end);
    let path = format!("{prefix}{path}");
    if path.ends_with("::") && rest.starts_with('{') {
        expand(&path, rest, found);
    } else if !path.is_empty() {
        found.push(path);
    }
}

/// The items of a group up to its closing brace.
fn items(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut items) = (0, 0, Vec::new());
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                items.push(group.get(start..at).unwrap());
                start = at + 1;
                if character == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    items
}

fn is_of_path(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == ':'
}

#[test]
fn paths_are_found_in_groups_and_beside_them_and_not_in_comments_and_tests() {
    let text = concat!(
        "//! See crate::comment.\n",
        "use crate::{\n    a::{B, c::D},\n    e,\n};\n",
        "use super::f;\n",
        "let x = crate::g::h(); $crate::own(); mycrate::no();\n",
        "#[cfg(test)]\nmod tests { use crate::test; }",
    );
    let file = SourceFile {
        path: "layer/file.rs".to_owned(),
        text: text.to_owned(),
    };
    assert_eq!(file.modules(), ["a::B", "a::c::D", "e", "g::h", "layer::f"]);
    assert!(file.uses_library("mycrate") && !file.uses_library("crat"));
}
