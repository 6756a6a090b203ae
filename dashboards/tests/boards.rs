//! The boards: that they are what is committed, that they fit what is measured, and that their links lead somewhere.

#![expect(clippy::unwrap_used, reason = "a failed fixture must fail the test")]

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use dashboards::{
    boards,
    catalogue::Known,
    check::{coverage, links, lint},
    grafana,
    model::{Needs, Unit},
    outputs::{self, Output},
    rules::{self, Links, Speed},
};
use serde_json::Value;

fn all() -> Vec<Output> {
    outputs::all(&Links::default()).unwrap()
}

fn written() -> Vec<Value> {
    boards::all().iter().map(grafana::board).collect()
}

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn no_board_has_a_fault() {
    let known = Known::new();
    for board in written() {
        let faults = lint::faults(&board, &known);
        assert!(faults.is_empty(), "{}: {faults:#?}", board["uid"]);
    }
}

#[test]
fn every_link_leads_to_a_board_and_a_variable_that_there_is() {
    let faults = links::board_faults(&written(), &Known::new());
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_alert_leads_to_a_board_and_a_variable_that_there_is() {
    let rules = rules::rules(Speed::Normal, &Links::default()).unwrap();
    let boards = written();
    let mut leading = 0;
    for alert in rules::alert_rules(&rules) {
        for (name, url) in &alert.annotations.0 {
            assert_eq!(
                links::link_fault(url, &boards),
                None,
                "{}: {name}",
                alert.alert
            );
            leading += u32::from(url.contains("/d/"));
        }
    }
    assert!(leading > 20, "{leading}");
}

#[test]
fn every_panel_names_a_heading_of_a_runbook() {
    let pages = links::Pages::read(&package().join("runbooks")).unwrap();
    let faults: Vec<_> = written()
        .iter()
        .flat_map(|board| links::runbook_faults(board, &pages))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn everything_that_is_measured_is_on_a_board() {
    let boards = boards::all();
    let panels = boards.iter().flat_map(|board| board.rows.iter().flatten());
    let queries = panels.flat_map(|panel| &panel.queries);
    let expressions = queries.map(|query| query.expression.as_str());
    let unseen = coverage::unseen(&Known::new(), expressions);
    assert!(unseen.is_empty(), "{unseen:#?}");
}

#[test]
fn what_is_committed_is_what_is_generated() {
    let outputs = all();
    let differing = outputs::differing(package(), &outputs).unwrap();
    assert_eq!(differing, Vec::<PathBuf>::new());
    let left_over = outputs::left_over(package(), &outputs).unwrap();
    assert_eq!(left_over, Vec::<PathBuf>::new());
}

#[test]
fn the_same_is_generated_each_time() {
    assert_eq!(all(), all());
}

#[test]
fn boards_stand_in_reading_order_under_names_of_their_own() {
    let boards = boards::all();
    let titles: Vec<_> = boards.iter().map(|board| board.title).collect();
    assert!(titles.is_sorted(), "{titles:#?}");
    let uids: BTreeSet<_> = boards.iter().map(|board| board.uid).collect();
    assert_eq!(uids.len(), boards.len());
}

#[test]
fn the_table_of_boards_in_readme_is_that_of_the_code() {
    let boards = boards::all();
    let rows = boards.iter().map(|board| {
        let title = board.title.trim_start_matches("API / ");
        format!("| {title} (`{}`) | {} |\n", board.uid, board.question)
    });
    let table = ["| board | its question |\n|---|---|\n".to_owned()]
        .into_iter()
        .chain(rows)
        .collect::<String>();
    let readme = include_str!("../README.md");
    assert!(readme.contains(&table), "README.md lacks this:\n\n{table}");
}

#[test]
fn panels_say_what_their_values_can_be_and_what_must_go_on() {
    for board in boards::all() {
        for panel in board.rows.iter().flatten() {
            let (least, most) = panel.plausible;
            assert!(least <= most && most.is_finite(), "{}", panel.title);
            // What is left of a budget can be less than nothing.
            if panel.unit == Unit::Ratio && panel.needs != Needs::Rules {
                assert_eq!(panel.plausible, (0.0, 1.0), "{}", panel.title);
            }
            let mut queries = panel.queries.iter();
            assert_eq!(
                queries.any(|query| query.expression.contains("loadtest_")),
                panel.needs == Needs::LoadTest,
                "{}",
                panel.title
            );
        }
    }
}
