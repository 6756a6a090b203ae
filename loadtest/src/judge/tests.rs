//! Each rule of the verdict, kept and broken.

use super::*;
use crate::budgets::SHIPPED;
use crate::incidents::INCIDENTS;
use std::collections::BTreeMap;

fn budgets() -> Budgets {
    Budgets::parse("budgets.toml", SHIPPED).unwrap()
}

fn route(route: Route) -> RouteFigures {
    RouteFigures {
        route: route.name().to_owned(),
        requests: 1_000,
        sent: 1_000,
        counted: Some(1_000),
        within_budget: 1_000,
        p99_ms: Some(3.0),
        budget_ms: 100.0,
        ..RouteFigures::default()
    }
}

fn query(over_budget: u64) -> QueryFigures {
    QueryFigures {
        query: "posts.list".to_owned(),
        calls: 1_000,
        budget_ms: 100.0,
        over_budget,
        ..QueryFigures::default()
    }
}

fn good() -> Measurements {
    Measurements {
        routes: Route::ALL.into_iter().map(route).collect(),
        queries: vec![query(1)],
        server: Some(ServerFigures {
            incidents: INCIDENTS
                .iter()
                .map(|incident| (incident.key.to_owned(), Some(0)))
                .collect(),
            ..ServerFigures::default()
        }),
        ..Measurements::default()
    }
}

/// The verdict and the only reason after one change for the worse.
#[track_caller]
fn after(change: impl FnOnce(&mut Measurements)) -> (Verdict, String) {
    let mut measured = good();
    change(&mut measured);
    let judgement = judge(&measured, &budgets());
    let [reason] = judgement.reasons.as_slice() else {
        panic!("one reason expected: {:?}", judgement.reasons);
    };
    (judgement.verdict, reason.to_string())
}

#[test]
fn a_run_within_every_budget_passes() {
    let judgement = judge(&good(), &budgets());
    assert_eq!(
        (judgement.verdict, judgement.reasons),
        (Verdict::Pass, vec![])
    );
}

#[test]
fn a_route_over_its_budget_fails_with_both_figures() {
    let (verdict, reason) = after(|measured| {
        measured.routes[0].within_budget = 989;
        measured.routes[0].p99_ms = Some(153.0);
    });
    assert_eq!(verdict, Verdict::Fail);
    assert_eq!(
        reason,
        "GET /api/v1/users: p99 153 ms, allowed 100 ms (98.90% within)"
    );
}

#[test]
fn exactly_99_of_100_requests_within_the_budget_pass() {
    let mut measured = good();
    measured.routes[0].within_budget = 990;
    assert_eq!(judge(&measured, &budgets()).verdict, Verdict::Pass);
}

#[test]
fn requests_that_fail_fast_are_over_budget_and_not_fast() {
    let mut measured = good();
    let users = &mut measured.routes[0];
    users.errors = 20;
    users.within_budget = 980;
    users.p99_ms = None;
    users.messages = BTreeMap::from([("status 500, expected 200".to_owned(), 20)]);
    let judgement = judge(&measured, &budgets());
    let reasons: Vec<_> = judgement.reasons.iter().map(ToString::to_string).collect();
    assert_eq!(judgement.verdict, Verdict::Fail);
    assert_eq!(
        reasons,
        [
            "GET /api/v1/users: p99 falls among the failed requests, allowed 100 ms (98.00% within)",
            "GET /api/v1/users: errors 2.00%, allowed 0.1%: status 500, expected 200",
        ]
    );
}

#[test]
fn a_request_that_only_one_side_counted_makes_the_run_void() {
    let (verdict, reason) = after(|measured| measured.routes[1].counted = Some(1_001));
    assert_eq!(verdict, Verdict::Void);
    assert_eq!(
        reason,
        "POST /api/v1/users: client sent 1000, server counted 1001"
    );
}

#[test]
fn a_mismatch_weighs_more_than_a_broken_budget() {
    let mut measured = good();
    measured.routes[0].within_budget = 0;
    measured.routes[1].counted = None;
    let judgement = judge(&measured, &budgets());
    assert_eq!(judgement.verdict, Verdict::Void);
    assert_eq!(judgement.of("GET /api/v1/users"), Verdict::Fail);
    assert_eq!(judgement.of("POST /api/v1/users"), Verdict::Void);
    assert_eq!(judgement.of("GET /api/v1/posts"), Verdict::Pass);
}

#[test]
fn a_route_without_requests_makes_the_run_void() {
    let (verdict, reason) = after(|measured| {
        let name = measured.routes[2].route.clone();
        measured.routes[2] = RouteFigures {
            route: name,
            ..RouteFigures::default()
        };
    });
    assert_eq!(verdict, Verdict::Void);
    assert_eq!(reason, "GET /api/v1/users/{user_id}: no request was made");
}

#[test]
fn a_query_below_its_share_fails() {
    let (verdict, reason) = after(|measured| measured.queries = vec![query(2)]);
    assert_eq!(verdict, Verdict::Fail);
    assert_eq!(
        reason,
        "posts.list: 99.80% within 100 ms, at least 99.9% required"
    );
}

#[test]
fn a_query_whose_budget_cannot_be_read_makes_the_run_void() {
    let why = "the target does not export its budget";
    let (verdict, reason) = after(|measured| measured.queries[0].unjudged = Some(why.to_owned()));
    assert_eq!(verdict, Verdict::Void);
    assert_eq!(reason, format!("posts.list: cannot be judged: {why}"));
}

#[test]
fn one_incident_fails_and_an_unknown_number_of_them_is_void() {
    for incident in &INCIDENTS {
        let set = |count| {
            after(move |measured| {
                let incidents = &mut measured.server.as_mut().unwrap().incidents;
                incidents.insert(incident.key.to_owned(), count);
            })
        };
        let failed = format!("target: {} 1, allowed 0", incident.title);
        assert_eq!(set(Some(1)), (Verdict::Fail, failed));
        assert_eq!(set(None).0, Verdict::Void);
    }
}

#[test]
fn a_target_that_died_has_failed_although_nothing_can_be_compared() {
    let (verdict, reason) = after(|measured| {
        measured.target_died = Some("connection refused".to_owned());
        measured
            .routes
            .iter_mut()
            .for_each(|route| route.counted = None);
        measured.server = None;
    });
    assert_eq!(verdict, Verdict::Fail);
    assert_eq!(
        reason,
        "target: it died during the attack: connection refused"
    );
}
