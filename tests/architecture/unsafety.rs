//! What is unsafe is in one file, and allowed nowhere else.

use crate::source::files;

/// See `docs/decisions/0009-the-one-place-with-unsafe.md`.
const ALLOWED: &str = "api/src/database/sqlite/interrupt.rs";

/// The workspace's own source, this file included.
const SOURCES: [&str; 4] = ["api", "loadtest", "dashboards", "tests"];

/// Whether the line, as code, has the word; a comment may.
fn has(line: &str, word: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    // With its hyphen, `'-inline'` of a header of HTTP is another word.
    code.split(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '-'))
        .any(|found| found == word)
}

#[test]
fn one_file_has_unsafe_code_and_each_piece_of_it_says_why() {
    // Not written out, so that it is not found here.
    let keyword = ["un", "safe"].concat();
    let lint = format!("{keyword}_code");
    let mut found = Vec::new();
    for directory in SOURCES {
        for file in files(directory) {
            let path = format!("{directory}/{}", file.path);
            for line in file.text.lines() {
                if has(line, &keyword) || has(line, &lint) {
                    found.push((path.clone(), line.trim().to_owned()));
                }
            }
        }
    }
    let elsewhere: Vec<_> = found.iter().filter(|(path, _)| path != ALLOWED).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
    assert!(!found.is_empty(), "{ALLOWED} is no longer there");
}

#[test]
fn the_word_is_found_in_code_and_not_in_comments() {
    let keyword = ["un", "safe"].concat();
    assert!(has(&format!("    {keyword} {{ f() }};"), &keyword));
    assert!(!has(&format!("f(); // {keyword}"), &keyword));
    assert!(!has(
        &format!("out.{keyword}_to_cache_prepared();"),
        &keyword
    ));
    assert!(!has(&format!("style-src '{keyword}-inline'"), &keyword));
}
