//! One rule at a time.

use super::*;
use crate::incidents::INCIDENTS;
use crate::probe::{Scrape, Window};

#[test]
fn what_most_rounds_do_not_show_is_not_proven() {
    let (good, bad) = ([second(200, 0, 0); 10], [second(150, 50, 0); 10]);
    let all = judged(&evidence(&[&bad, &bad, &bad, &bad, &good]));
    assert_eq!(verdict_of(&all, P99), Verdict::Fail);
    // Two of five rounds, each of them bad through and through: no chance, and no rule either.
    let few = judged(&evidence(&[&bad, &good, &good, &good, &bad]));
    assert_eq!(verdict_of(&few, P99), Verdict::Inconclusive);
}

#[test]
fn a_cluster_of_late_requests_counts_as_one_event() {
    let mut clustered = [second(200, 0, 0); 50];
    clustered[4] = second(0, 200, 0);
    let mut scattered = [second(196, 4, 0); 50];
    scattered[4] = second(196, 4, 0);
    let share = |seconds: &[Second]| {
        let judgement = judged(&evidence(&[seconds]));
        let found = judgement.findings.into_iter();
        let mut found = found.filter(|finding| finding.promise == P99);
        found.next().unwrap()
    };
    let (clustered, scattered) = (share(&clustered), share(&scattered));
    assert_eq!((clustered.over, scattered.over), (Some(200), Some(200)));
    assert_eq!(scattered.verdict, Verdict::Fail);
    assert_eq!(clustered.verdict, Verdict::Inconclusive);
    assert!(clustered.design_effect.unwrap() > 100.0);
    assert!((scattered.design_effect.unwrap() - 1.0).abs() < 1e-12);
}

#[test]
fn a_later_look_must_be_surer() {
    let evidence = evidence(&[&[second(100, 0, 0); 4]]);
    let at = |look| verdict_of(&judge_by(&evidence, BUDGETS, look), P99);
    assert_eq!((at(1), at(5)), (Verdict::Pass, Verdict::Inconclusive));
}

#[test]
fn a_run_goes_on_while_more_of_it_could_decide() {
    let short = judged(&evidence(&[&[second(20, 0, 0); 10]]));
    assert!(short.findings.iter().any(Finding::is_open) && !decided(&short));
    let long = judged(&evidence(&[&[second(200, 0, 0); 10]]));
    assert!(decided(&long) && long.verdict == Verdict::Pass);
    let mut dead = evidence(&[&[second(20, 0, 0); 10]]);
    dead.target_died = Some("it stopped answering".to_owned());
    assert!(decided(&judged(&dead)));
}

#[test]
fn looks_begin_with_the_least_number_of_rounds() {
    assert_eq!(look_after(2, 3), None);
    assert_eq!(look_after(3, 3), Some(1));
    assert_eq!(look_after(5, 3), Some(3));
    assert_eq!(look_after(1, 0), Some(1));
    assert_eq!(look_after(0, 0), None);
}

#[test]
fn a_route_that_nothing_reached_is_inconclusive() {
    let judgement = judged(&evidence(&[&[]]));
    assert_eq!(judgement.of(ROUTE), Verdict::Inconclusive);
    assert!(!decided(&judgement), "another round may reach it");
}

#[test]
fn no_errors_at_all_means_none_seen() {
    let budgets = "[default]\nerrors = \"0%\"";
    let promise = "errors <= 0%";
    let good = evidence(&[&[second(5, 0, 0)]]);
    let bad = evidence(&[&[second(5_000, 0, 1)]]);
    let verdict = |evidence| verdict_of(&judge_by(evidence, budgets, 1), promise);
    assert_eq!(
        (verdict(&good), verdict(&bad)),
        (Verdict::Pass, Verdict::Fail)
    );
}

#[test]
fn an_error_share_for_all_routes_need_not_be_proven_of_each_that_has_none() {
    let (default, own) = (
        "[default]\nerrors = \"0.1%\"",
        "[route.\"GET /a\"]\nerrors = \"0.1%\"",
    );
    let counts = |budgets, wrong| {
        let judgement = judge_by(&evidence(&[&[second(500, 0, wrong)]]), budgets, 1);
        let mut findings = judgement.findings.into_iter();
        let finding = findings.find(|finding| finding.subject == ROUTE).unwrap();
        assert_eq!(finding.verdict, Verdict::Inconclusive);
        finding.counts
    };
    assert!(!counts(default, 0), "all routes together prove it");
    assert!(counts(default, 1), "something speaks against it");
    assert!(counts(own, 0), "it was asked for");
}

#[test]
fn counts_must_agree_with_everything_that_was_sent() {
    let counted = |count: u64| {
        let mut evidence = evidence(&[&[second(2_000, 0, 0); 2]]);
        let record = &mut evidence.rounds[0].routes[0];
        (record.left_out, record.trailing) = (30, 7);
        let name = "http_server_request_duration_seconds_count";
        let after = format!("{name}{{http_route=\"GET /a\"}} {count}");
        let (before, after) = (Scrape::of(""), Scrape::of(&after));
        evidence.target = Some(Window { before, after });
        let judgement = judge_by(&evidence, BUDGETS, 1);
        let mut findings = judgement.findings.into_iter();
        findings.find(|finding| finding.promise == "sent = counted")
    };
    assert_eq!(counted(4_037), None);
    let finding = counted(4_036).unwrap();
    assert_eq!(finding.verdict, Verdict::Inconclusive);
    assert!(!finding.is_open(), "more rounds would not bring it back");
}

#[test]
fn one_incident_fails_and_what_is_not_promised_is_not_judged() {
    for incident in &INCIDENTS {
        let metric = (incident.metric)(&crate::evidence::MetricNames::default()).to_owned();
        let labels = incident.labels.iter();
        let labels: Vec<_> = labels
            .map(|(name, value)| format!("{name}=\"{value}\""))
            .collect();
        let labels = labels.join(",");
        let mut evidence = evidence(&[&[second(2_000, 0, 0)]]);
        evidence.target = Some(Window {
            before: Scrape::of(""),
            after: Scrape::of(&format!("{metric}{{{labels}}} 1")),
        });
        let judged = |budgets: &str| judge_by(&evidence, budgets, 1).of("target");
        let key = incident.key;
        assert_eq!(judged(&format!("[server]\n{key} = 0")), Verdict::Fail);
        assert_eq!(judged(&format!("[server]\n{key} = 1")), Verdict::Pass);
        assert_eq!(judged(""), Verdict::Pass);
    }
}

#[test]
fn a_service_without_metrics_is_judged_by_the_client_alone() {
    let judgement = judge_by(
        &evidence(&[&[second(5_000, 0, 0)]]),
        crate::budgets::SHIPPED,
        1,
    );
    assert_eq!(judgement.verdict, Verdict::Pass, "{judgement:?}");
}

#[test]
fn a_server_that_was_slower_than_its_clients_saw_counts_wrongly() {
    let counted = |within: u64| {
        let mut evidence = evidence(&[&[second(500, 0, 0)]]);
        let record = &mut evidence.rounds[0].routes[0];
        record.service = record.whole().right;
        let bucket = |le, value| {
            let name = "http_server_request_duration_seconds_bucket";
            format!("{name}{{http_route=\"{ROUTE}\",le=\"{le}\"}} {value}\n")
        };
        let buckets = [
            ("0.005", within),
            ("0.1", within),
            ("1", 500),
            ("+Inf", 500),
        ];
        let after = buckets.map(|(le, value)| bucket(le, value)).concat();
        let count =
            format!("http_server_request_duration_seconds_count{{http_route=\"{ROUTE}\"}} 500\n");
        evidence.target = Some(Window {
            before: Scrape::of(""),
            after: Scrape::of(&(after + &count)),
        });
        let judgement = judged(&evidence);
        verdict_of_promise(&judgement, "the server's time lies inside the client's")
    };
    assert_eq!((counted(500), counted(499)), (None, Some(Verdict::Fail)));
}

fn verdict_of_promise(judgement: &Judgement, promise: &str) -> Option<Verdict> {
    let mut findings = judgement.findings.iter();
    let finding = findings.find(|finding| finding.promise == promise)?;
    Some(finding.verdict)
}
