//! Alertmanager's settings: that they are valid, and that each alert reaches whom it is for.

use std::ffi::OsStr;

use dashboards::{
    alertmanager::{RECEIVERS, config},
    rules::{Links, Speed, alert_rules, rules},
};

use crate::tools::{output, run};

/// The settings in a file of their own.
fn settings(speed: Speed) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = config("http://127.0.0.1:9099/", speed).unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

/// Routes an alert with these labels; the receiver must be this one.
fn routes(file: &tempfile::NamedTempFile, receiver: &str, labels: &[String]) -> Option<bool> {
    let words = [
        "config".to_owned(),
        "routes".to_owned(),
        "test".to_owned(),
        format!("--config.file={}", file.path().display()),
        format!("--verify.receivers={receiver}"),
    ];
    let words: Vec<&OsStr> = words.iter().chain(labels).map(OsStr::new).collect();
    Some(output("amtool", &words)?.status.success())
}

#[test]
fn amtool_finds_nothing_to_say_about_the_settings() {
    for speed in [Speed::Normal, Speed::Fast] {
        let file = settings(speed);
        run(
            "amtool",
            &["check-config".as_ref(), file.path().as_os_str()],
        );
    }
}

#[test]
fn each_alert_reaches_whom_it_is_for_and_a_drill_wakes_nobody() {
    let file = settings(Speed::Normal);
    for rule in alert_rules(&rules(Speed::Normal, &Links::default()).unwrap()) {
        let severity = rule.labels.get("severity").unwrap();
        let receiver = match (rule.alert, severity) {
            ("Watchdog", _) => "deadman",
            (_, "page") => "pager",
            (_, "ticket") => "tickets",
            other => panic!("{other:?} reaches nobody"),
        };
        let alert = [
            format!("alertname={}", rule.alert),
            format!("severity={severity}"),
        ];
        for (drill, receiver) in [("false", receiver), ("true", "drill")] {
            let mut labels = alert.to_vec();
            labels.push(format!("drill={drill}"));
            if let Some(reached) = routes(&file, receiver, &labels) {
                assert!(reached, "{labels:?} does not reach {receiver}");
            }
        }
    }
}

#[test]
fn an_alert_of_somebody_elses_becomes_a_ticket_and_a_wrong_receiver_is_noticed() {
    let file = settings(Speed::Normal);
    let foreign = [
        "alertname=DiskFull".to_owned(),
        "severity=warning".to_owned(),
    ];
    for receiver in RECEIVERS {
        if let Some(reached) = routes(&file, receiver, &foreign) {
            assert_eq!(reached, receiver == "tickets", "{receiver}");
        }
    }
}

#[test]
fn each_receiver_is_a_path_of_the_catcher() {
    let text = config("http://127.0.0.1:9099/", Speed::Normal).unwrap();
    for receiver in RECEIVERS {
        let url = format!("url: http://127.0.0.1:9099/{receiver}\n");
        assert!(text.contains(&url), "{text}");
    }
}
