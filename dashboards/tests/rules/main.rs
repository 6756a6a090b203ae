//! Rules, routes and runbooks. Here the rules: that they ask for what there is, that promtool finds nothing, and that each alert fires and keeps silent when it must.

#![expect(clippy::unwrap_used, reason = "a failed fixture must fail the test")]

mod alertmanager;
mod runbooks;
mod tools;

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use api::faults::Fault;
use dashboards::{
    check,
    rules::{
        AlertName, Links, Settings, Speed, alert_rules,
        file::{Labels, Record, Rule, RulesFile},
        prometheus_config, rules, rules_file,
    },
};
use serde::Deserialize;

use self::tools::{package, run};

fn written(speed: Speed) -> RulesFile {
    rules(speed, &Links::default()).unwrap()
}

#[test]
fn no_rule_has_a_fault() {
    for speed in [Speed::Normal, Speed::Fast] {
        assert_eq!(check::rules::faults(&written(speed)), Vec::<String>::new());
    }
}

/// What is done to the rules.
type Change = fn(&mut RulesFile);

#[test]
fn rules_that_do_not_fit_are_found() {
    let cases: [(&str, Change); 8] = [
        ("`http_requests_total` is written by nobody", |file| {
            "rate(http_requests_total[5m]) > 0".clone_into(&mut alert(file, "HandlerPanics").expr);
        }),
        ("only grows", |file| {
            "http_server_panics_total > 0".clone_into(&mut alert(file, "HandlerPanics").expr);
        }),
        ("HandlerPanics: no rule raises it", |file| {
            for group in &mut file.groups {
                group.rules.retain(
                    |rule| !matches!(rule, Rule::Alert(alert) if alert.alert == "HandlerPanics"),
                );
            }
        }),
        ("Watchdog: has no severity", |file| {
            alert(file, "Watchdog").labels = Labels::default();
        }),
        ("Watchdog: has no `summary`", |file| {
            alert(file, "Watchdog").annotations.0.remove(0);
        }),
        ("Watchdog: names another runbook", |file| {
            alert(file, "Watchdog").annotations.0[2].1 = "runbooks/Gone.md".to_owned();
        }),
        ("leads to the board `api-gone`", |file| {
            alert(file, "Watchdog").annotations.0[3].1 = "/d/api-gone?from=now-1h".to_owned();
        }),
        ("says the label `http_route`", |file| {
            alert(file, "DbQueryOverBudget").annotations.0[1].1 = "{{ $labels.http_route }}".into();
        }),
    ];
    for (expected, spoil) in cases {
        let mut file = written(Speed::Normal);
        spoil(&mut file);
        let faults = check::rules::faults(&file);
        assert!(
            faults.iter().any(|fault| fault.contains(expected)),
            "`{expected}` is not among the faults found: {faults:#?}"
        );
    }
}

fn alert<'a>(file: &'a mut RulesFile, name: &str) -> &'a mut dashboards::rules::file::AlertRule {
    let rules = file.groups.iter_mut().flat_map(|group| &mut group.rules);
    let mut alerts = rules.filter_map(|rule| match rule {
        Rule::Alert(alert) if alert.alert == name => Some(alert.as_mut()),
        _ => None,
    });
    alerts.next().unwrap()
}

#[test]
fn every_fault_of_the_service_has_its_alert() {
    for fault in Fault::ALL {
        for name in [fault.alert().sqlite, fault.alert().postgres] {
            assert!(
                AlertName::ALL.iter().any(|alert| alert.as_str() == name),
                "{name}, which {} must raise, is no alert",
                fault.as_str()
            );
        }
    }
}

#[test]
fn all_alerts_that_a_drill_can_raise_say_whether_it_did() {
    for rule in alert_rules(&written(Speed::Normal)) {
        let beside = ["Watchdog", "LoadGeneratorUnreliable"].contains(&rule.alert);
        assert_ne!(check::rules::is_marked(rule), beside, "{}", rule.alert);
    }
}

#[test]
fn the_fast_rules_differ_from_the_normal_ones_by_their_times_alone() {
    let [normal, fast] =
        [Speed::Normal, Speed::Fast].map(|speed| rules_file(speed, &Links::default()).unwrap());
    for (normal, fast) in normal.lines().zip(fast.lines()) {
        let ((normal, times), (fast, fast_times)) = (timed(normal), timed(fast));
        assert_eq!(normal, fast);
        // Undoing a fault takes as long as ever: the label of drills has a minute for it, at either speed.
        let as_it_stands = if normal.trim_start().starts_with("drill: ") {
            Duration::from_mins(1)
        } else {
            Duration::ZERO
        };
        let slowed: Vec<Duration> = fast_times
            .iter()
            .map(|time| time.saturating_sub(as_it_stands) * 60 + as_it_stands)
            .collect();
        assert_eq!(times, slowed, "{normal}");
    }
    assert_eq!(normal.lines().count(), fast.lines().count());
}

/// A line of a file of rules without its times, and the times.
fn timed(line: &str) -> (String, Vec<Duration>) {
    let (mut text, mut times) = (String::new(), Vec::new());
    let mut rest = line;
    loop {
        let starts = ["[", "offset ", "interval: ", "for: "].map(|start| {
            let at = rest.find(start)?;
            Some(at + start.len())
        });
        let Some(at) = starts.into_iter().flatten().min() else {
            return (text + rest, times);
        };
        let (before, after) = rest.split_at(at);
        let end = after.find(|letter: char| !letter.is_ascii_alphanumeric());
        let (time, after) = after.split_at(end.unwrap_or(after.len()));
        times.push(duration(time));
        text.push_str(before);
        rest = after;
    }
}

fn duration(text: &str) -> Duration {
    let unit = text.find(|letter: char| letter.is_alphabetic()).unwrap();
    let (number, unit) = text.split_at(unit);
    let units = [
        ("ms", 1),
        ("s", 1_000),
        ("m", 60_000),
        ("h", 3_600_000),
        ("d", 86_400_000),
    ];
    let (_, millis) = units.into_iter().find(|(name, _)| *name == unit).unwrap();
    Duration::from_millis(millis * number.parse::<u64>().unwrap())
}

#[test]
fn promtool_finds_nothing_to_say_about_the_rules_and_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    let rules = ["rules.yml", "rules-fast.yml"];
    for (name, speed) in rules.iter().zip([Speed::Normal, Speed::Fast]) {
        let path = folder.path().join(name);
        std::fs::write(&path, rules_file(speed, &Links::default()).unwrap()).unwrap();
        run(
            "promtool",
            &[
                "check".as_ref(),
                "rules".as_ref(),
                "--lint=all".as_ref(),
                "--lint-fatal".as_ref(),
                path.as_os_str(),
            ],
        );
    }
    for (speed, rules) in [Speed::Normal, Speed::Fast].iter().zip(rules) {
        let settings = Settings {
            speed: *speed,
            rules: rules.to_owned(),
            ..Settings::compose()
        };
        let path = folder.path().join("prometheus.yml");
        std::fs::write(&path, prometheus_config(&settings).unwrap()).unwrap();
        run(
            "promtool",
            &["check".as_ref(), "config".as_ref(), path.as_os_str()],
        );
    }
}

fn test_files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(package().join("prometheus/tests")).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn promtool_sees_every_alert_fire_and_keep_silent() {
    std::thread::scope(|scope| {
        for file in test_files() {
            scope.spawn(move || {
                let words = ["test".as_ref(), "rules".as_ref(), file.as_os_str()];
                run("promtool", &words);
            });
        }
    });
}

#[derive(Deserialize)]
struct TestFile {
    group_eval_order: Vec<String>,
    tests: Vec<TestCase>,
}

#[derive(Deserialize)]
struct TestCase {
    #[serde(default)]
    alert_rule_test: Vec<AlertCase>,
}

#[derive(Deserialize)]
struct AlertCase {
    alertname: String,
    #[serde(default)]
    exp_alerts: Vec<serde_json::Value>,
}

/// Also that no test file forgets a group, whose order would be left to chance.
#[test]
fn every_alert_has_a_firing_and_a_silent_case() {
    let groups: BTreeSet<_> = written(Speed::Normal)
        .groups
        .iter()
        .map(|group| group.name.to_owned())
        .collect();
    let (mut firing, mut silent) = (BTreeSet::new(), BTreeSet::new());
    for file in test_files() {
        let text = std::fs::read_to_string(&file).unwrap();
        let parsed: TestFile = serde_saphyr::from_str(&text).unwrap();
        let order: BTreeSet<_> = parsed.group_eval_order.into_iter().collect();
        assert_eq!(order, groups, "{}", file.display());
        for case in parsed
            .tests
            .into_iter()
            .flat_map(|test| test.alert_rule_test)
        {
            let side = if case.exp_alerts.is_empty() {
                &mut silent
            } else {
                &mut firing
            };
            side.insert(case.alertname);
        }
    }
    for name in AlertName::ALL.iter().map(|name| name.as_str()) {
        assert!(
            firing.contains(name),
            "{name} has no case in which it fires"
        );
        // It is never silent: that is what it is for.
        let is_silent = silent.contains(name) || name == "Watchdog";
        assert!(is_silent, "{name} has no case in which it is silent");
    }
}

#[test]
fn a_recorded_series_has_the_labels_that_the_boards_expect() {
    let file = written(Speed::Normal);
    let known = check::rules::known(&file);
    let records = file.groups.iter().flat_map(|group| &group.rules);
    let records = records.filter_map(|rule| match rule {
        Rule::Record(record) => Some(record),
        Rule::Alert(_) => None,
    });
    for Record {
        record,
        expr,
        labels,
    } in records
    {
        let mut written = check::expression::examine(expr, &known).labels.unwrap();
        written.extend(labels.0.iter().map(|(name, _)| (*name).to_owned()));
        let series = known.find(record).unwrap();
        let expected: BTreeSet<_> = series.labels().map(str::to_owned).collect();
        assert_eq!(written, expected, "{record}");
    }
}
