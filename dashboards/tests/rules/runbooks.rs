//! The runbooks: that they hold, and the check itself against injected faults.

use std::{collections::BTreeSet, path::Path};

use dashboards::{
    catalogue::Known,
    check::{
        rules::known,
        runbooks::{Page, faults, queries, read},
    },
    rules::{Links, Speed, rules},
};

use crate::tools::package;

fn pages() -> Vec<Page> {
    read(&package().join("runbooks")).unwrap()
}

fn root() -> &'static Path {
    package().parent().unwrap()
}

fn everything() -> Known {
    known(&rules(Speed::Normal, &Links::default()).unwrap())
}

#[test]
fn no_runbook_has_a_fault() {
    assert_eq!(
        faults(&pages(), &everything(), root()),
        Vec::<String>::new()
    );
}

#[test]
fn every_page_asks_and_all_that_it_asks_is_run() {
    let asked: BTreeSet<_> = queries(&pages())
        .into_iter()
        .map(|(page, _)| page)
        .collect();
    // All but the index.
    assert_eq!(asked.len(), pages().len() - 1);
}

/// The faults after something in a page was replaced.
fn faults_with(name: &str, before: &str, after: &str) -> Vec<String> {
    let mut pages = pages();
    let page = pages.iter_mut().find(|page| page.name == name).unwrap();
    assert!(page.text.contains(before), "{before}");
    page.text = page.text.replace(before, after);
    faults(&pages, &everything(), root())
}

#[test]
fn a_page_that_does_not_hold_is_found() {
    let page = "CacheStampede.md";
    let cases = [
        (page, "## Impact", "## Consequences", "has the headings"),
        (
            page,
            "## Mend now\n",
            "## Mend now\n\n## Mend now\n",
            "has the headings",
        ),
        (
            page,
            "# CacheStampede\n",
            "# Stampede\n",
            "does not begin with `# CacheStampede`",
        ),
        (
            page,
            "cache_gets_total{",
            "cache_hits_total{",
            "`cache_hits_total` is written by nobody",
        ),
        (
            page,
            "rate(cache_evictions_total[5m])",
            "cache_evictions_total",
            "only grows",
        ),
        (
            page,
            "(rate(cache_gets_total",
            "(rate(cache_gets_total{",
            "CacheStampede.md",
        ),
        (
            page,
            "```promql",
            "```text",
            "asks for nothing under `Look first`",
        ),
        (
            page,
            "(DbQueryErrors.md)",
            "(Gone.md)",
            "links to `Gone.md`",
        ),
        (
            page,
            "(DbQueryErrors.md)",
            "(DbQueryErrors.md#gone)",
            "the heading `gone`",
        ),
        (
            page,
            "CENTUM_CACHE_TTL_MS",
            "CENTUM_CACHE_LIFE",
            "the setting `CENTUM_CACHE_LIFE`",
        ),
        (
            page,
            "drill cache_stampede",
            "drill stampede",
            "its drill does not say",
        ),
        (
            "HealthCheckFailing.md",
            "9464/readyz",
            "9464/ready",
            "asks for `/ready`",
        ),
        (
            "HandlerPanics.md",
            "9464/debug/faults",
            "9464/debug/faults/gone",
            "`/debug/faults/gone`",
        ),
        (
            "README.md",
            "| [Watchdog]",
            "| [Dog]",
            "lacks the line `| [Watchdog]",
        ),
    ];
    for (name, before, after, expected) in cases {
        let found = faults_with(name, before, after);
        assert!(
            found.iter().any(|fault| fault.contains(expected)),
            "`{expected}` is not among the faults found: {found:#?}"
        );
    }
}

#[test]
fn an_alert_without_a_page_and_a_page_without_an_alert_are_found() {
    let mut pages = pages();
    let page = pages
        .iter_mut()
        .find(|page| page.name == "LogFlood.md")
        .unwrap();
    "NoFlood.md".clone_into(&mut page.name);
    let found = faults(&pages, &everything(), root());
    for expected in [
        "the alert LogFlood has no page",
        "NoFlood.md: there is no such alert",
    ] {
        assert!(found.iter().any(|fault| fault == expected), "{found:#?}");
    }
}

/// What a page looks for in the log is written there: its name stands in the service's source.
#[test]
fn every_event_that_a_page_looks_for_is_logged() {
    let mut source = String::new();
    read_source(&root().join("api/src"), &mut source);
    let mut events = BTreeSet::new();
    for page in pages() {
        let named = page.text.split(".event == \"").skip(1);
        events.extend(named.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
    }
    assert!(events.len() > 4, "{events:?}");
    for event in events {
        let written = [
            format!("event = \"{event}\""),
            // The access line is written by hand.
            format!("\\\"event\\\":\\\"{event}\\\""),
        ];
        assert!(written.iter().any(|text| source.contains(text)), "{event}");
    }
}

fn read_source(folder: &Path, source: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_source(&path, source);
        } else {
            source.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}
