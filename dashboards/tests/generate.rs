//! The command `generate`, as a program: what it writes, what it finds, what it refuses.

#![expect(clippy::unwrap_used, reason = "a failed fixture must fail the test")]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn generate(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dashboards"))
        .arg("generate")
        .arg("--folder")
        .arg(folder)
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn what_is_written_is_up_to_date_until_somebody_changes_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("grafana")).unwrap();
    let missing = generate(folder.path(), &["--check"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stdout).contains("grafana/api-start.json: differs"));

    let written = generate(folder.path(), &[]);
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    let again = generate(folder.path(), &["--check"]);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stdout));

    let board = folder.path().join("grafana/api-red.json");
    let changed = fs::read_to_string(&board).unwrap();
    fs::write(&board, changed.replace("99 %", "90 %")).unwrap();
    fs::write(folder.path().join("grafana/old.json"), "{}").unwrap();
    let stale = generate(folder.path(), &["--check"]);
    assert_eq!(stale.status.code(), Some(1));
    let said = text(&stale.stdout);
    assert!(said.contains("grafana/api-red.json: differs"), "{said}");
    assert!(said.contains("grafana/old.json: nothing"), "{said}");
    assert!(!said.contains("api-start"), "{said}");
}

#[test]
fn alerts_link_to_where_one_says_that_runbooks_and_boards_are() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("grafana")).unwrap();
    let options = [
        "--runbooks=https://wiki.example.org/runbooks",
        "--boards=https://grafana.example.org",
    ];
    let written = generate(folder.path(), &options);
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    for file in ["prometheus/rules.yml", "prometheus/rules-fast.yml"] {
        let rules = fs::read_to_string(folder.path().join(file)).unwrap();
        let link = "runbook_url: https://wiki.example.org/runbooks/Watchdog.md";
        assert!(rules.contains(link), "{file}");
        assert!(rules.contains("https://grafana.example.org/d/api-start"));
        assert!(!rules.contains("localhost"), "{file}");
    }
}

#[test]
fn another_folder_is_refused_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let refused = generate(folder.path(), &[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(refused.stdout.is_empty());
    let said = text(&refused.stderr);
    assert!(said.starts_with("error: "), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("--folder"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
