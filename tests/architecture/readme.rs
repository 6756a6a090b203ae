//! README's tables and the pages of queries and errors are those of the code.

use std::fmt::Write as _;

use api::{config::Config, routes::ROUTES};

fn readme() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    std::fs::read_to_string(path).unwrap()
}

#[track_caller]
fn assert_in_readme(table: &str) {
    assert!(
        readme().contains(table),
        "README.md lacks this table:\n\n{table}"
    );
}

#[test]
fn the_table_of_urls_is_that_of_the_code() {
    let mut table =
        String::from("| URL | success | queries, at most | budget |\n|---|---|---|---|\n");
    for route in ROUTES {
        let (name, budget) = (route.name, route.budget.as_millis());
        let _ = writeln!(
            table,
            "| `{name}` | {} | {} | {budget} ms |",
            route.success, route.max_queries
        );
    }
    assert_in_readme(&table);
}

#[test]
fn the_table_of_settings_is_that_of_the_code() {
    let mut table = String::from("| setting | default | what it is |\n|---|---|---|\n");
    for setting in Config::settings() {
        let _ = writeln!(
            table,
            "| `{}` | `{}` | {} |",
            setting.variable, setting.default, setting.help
        );
    }
    assert_in_readme(&table);
}

#[test]
fn the_page_of_queries_is_that_of_the_code() {
    assert_page_is(
        "queries",
        &api::budget::markdown(api::repositories::QUERIES),
    );
}

#[test]
fn the_page_of_errors_is_that_of_the_code() {
    assert_page_is("errors", &api::error::markdown());
}

/// The command that prints a page has its name.
#[track_caller]
fn assert_page_is(name: &str, printed: &str) {
    let path = format!("{}/../docs/{name}.md", env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(
        page, printed,
        "make it anew: cargo run -p api -- {name} > docs/{name}.md"
    );
}
