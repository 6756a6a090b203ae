//! Every file says at its top what lives in it, and fits on a few screens.

use crate::source::files;

/// Longer files hold more than one idea.
const MOST_LINES: usize = 300;

const SOURCES: [&str; 4] = ["api/src", "loadtest/src", "dashboards/src", "tests"];

#[test]
fn no_file_has_more_than_three_hundred_lines() {
    let mut long = Vec::new();
    for directory in SOURCES {
        for file in files(directory) {
            let lines = file.text.lines().count();
            if lines > MOST_LINES {
                long.push(format!("{directory}/{}: {lines} lines", file.path));
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_file_begins_with_what_lives_in_it() {
    let mut silent = Vec::new();
    for directory in SOURCES {
        for file in files(directory) {
            if !file.text.starts_with("//! ") {
                silent.push(format!("{directory}/{}", file.path));
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn a_module_with_parts_has_its_beginning_in_their_directory() {
    for directory in SOURCES {
        let files = files(directory);
        for file in &files {
            let parts = format!("{}/", file.path.trim_end_matches(".rs"));
            assert!(
                !files.iter().any(|other| other.path.starts_with(&parts)),
                "{directory}/{} belongs into {parts}mod.rs",
                file.path
            );
        }
    }
}
