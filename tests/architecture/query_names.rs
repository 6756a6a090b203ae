//! One name in every place: a query's name is its repository's table and the function that runs it.

use api::repositories::QUERIES;

use crate::source::files;

/// Run by connections themselves: for every transaction, and for a fault.
const OF_CONNECTIONS: [&str; 2] = ["transaction", "faults"];

#[test]
fn a_query_is_named_after_its_file_and_its_function() {
    let repositories = files("api/src/repositories");
    for query in QUERIES {
        let (table, function) = query
            .name
            .split_once('.')
            .unwrap_or_else(|| panic!("{} is no table and function", query.name));
        if OF_CONNECTIONS.contains(&table) {
            continue;
        }
        let path = format!("{table}.rs");
        let file = repositories
            .iter()
            .find(|file| file.path == path)
            .unwrap_or_else(|| panic!("{}: there is no repositories/{path}", query.name));
        assert!(
            file.text.contains(&format!("pub async fn {function}(")),
            "{}: {path} has no function {function}",
            query.name
        );
    }
}

#[test]
fn every_function_of_a_repository_runs_the_query_of_its_name() {
    for file in files("api/src/repositories") {
        let table = file.path.trim_end_matches(".rs");
        let functions = file
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("pub async fn ")?.split('(').next());
        for function in functions {
            let name = format!("{table}.{function}");
            assert!(
                QUERIES.iter().any(|query| query.name == name),
                "{name} is no query"
            );
        }
    }
}

#[test]
fn names_are_unique_and_in_lower_case() {
    let mut names: Vec<_> = QUERIES.iter().map(|query| query.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), QUERIES.len());
    for name in names {
        let word = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        assert!(
            name.split('.').count() == 2 && name.split('.').all(word),
            "{name}"
        );
    }
}
