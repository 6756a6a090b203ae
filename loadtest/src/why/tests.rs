//! Explanations of made-up runs whose truth is known.

use super::*;
use crate::evidence::{Cell, Round, RouteRecord};
use crate::judge::Finding;
use std::time::Duration;

const ROUTE: &str = "GET /slow";

fn request(ms: f64, waited_ms: f64, phases: &[(&str, f64)]) -> SlowRequest {
    let named = |(name, ms): &(&str, f64)| ((*name).to_owned(), *ms);
    SlowRequest {
        ms,
        waited_ms,
        trace_id: Some(format!("trace-{ms}")),
        request_id: None,
        phases: phases.iter().map(named).collect(),
    }
}

/// So many answers after 1 ms, and the slow ones; none waited.
fn record(fast: u64, slowest: Vec<SlowRequest>) -> RouteRecord {
    let mut cell = Cell::default();
    for _ in 0..fast {
        cell.right.record(Duration::from_millis(1));
    }
    for request in &slowest {
        let elapsed = Duration::from_secs_f64(request.ms / 1_000.0);
        cell.right.record(elapsed);
    }
    RouteRecord {
        route: ROUTE.to_owned(),
        service: cell.right.clone(),
        blocks: BTreeMap::from([(0, cell)]),
        slowest,
        ..RouteRecord::default()
    }
}

fn evidence(rounds: Vec<RouteRecord>) -> Evidence {
    let round = |record| Round {
        routes: vec![record],
        ..Round::default()
    };
    Evidence {
        rounds: rounds.into_iter().map(round).collect(),
        ..Evidence::default()
    }
}

fn measured(phases: &[(&str, f64)]) -> Measurements {
    let named = |(name, ms): &(&str, f64)| ((*name).to_owned(), *ms);
    Measurements {
        routes: vec![RouteFigures {
            route: ROUTE.to_owned(),
            phases_ms: phases.iter().map(named).collect(),
            ..RouteFigures::default()
        }],
        ..Measurements::default()
    }
}

fn of(explanation: &Explanation, phase: &str) -> (f64, Option<f64>) {
    let mut parts = explanation.phases.iter();
    let part = parts.find(|part| part.phase == phase).unwrap();
    (part.slowest_ms, part.all_ms)
}

fn database_is_slow() -> Explanation {
    let slow = request(104.0, 1.0, &[("app", 2.0), ("db", 81.0), ("pool", 15.0)]);
    let counters = [
        ("receive", 0.05),
        ("pool_wait", 0.1),
        ("blocking_queue", 0.02),
        ("db", 0.3),
        ("serialize", 0.01),
        ("handler", 0.02),
    ];
    let evidence = evidence(vec![record(99, vec![slow])]);
    explain(&evidence, &measured(&counters), ROUTE).unwrap()
}

#[test]
fn the_sentence_names_the_phase_that_makes_the_difference() {
    let sentence = database_is_slow().sentence;
    let all = "0.30 ms of 2.0 ms in all";
    let slowest = "db takes 81.0 ms of 104 ms in the slowest 1%";
    assert_eq!(sentence, format!("{slowest}, {all}"));
}

#[test]
fn the_parts_add_up_to_the_whole_in_both_columns() {
    let explanation = database_is_slow();
    let (total, parts) = explanation.phases.split_last().unwrap();
    let slowest: f64 = parts.iter().map(|part| part.slowest_ms).sum();
    let all: f64 = parts.iter().filter_map(|part| part.all_ms).sum();
    assert!((slowest - total.slowest_ms).abs() < 1e-9);
    assert!((all - total.all_ms.unwrap()).abs() < 1e-9);
    assert!((of(&explanation, split::REST).0 - 5.0).abs() < 1e-9);
}

#[test]
fn counters_that_are_finer_than_the_header_are_added_up_and_named() {
    let explanation = database_is_slow();
    let mut parts = explanation.phases.iter();
    let pool = parts.find(|part| part.phase == "pool").unwrap();
    assert!((pool.all_ms.unwrap() - 0.12).abs() < 1e-9);
    let names: Vec<_> = pool.parts_ms.keys().map(String::as_str).collect();
    assert_eq!(names, ["blocking_queue", "pool_wait"]);
}

#[test]
fn a_wait_for_a_free_user_is_told_apart_from_the_target() {
    let slow = request(900.0, 890.0, &[("db", 1.0)]);
    let evidence = evidence(vec![record(50, vec![slow])]);
    let sentence = explain(&evidence, &measured(&[]), ROUTE).unwrap().sentence;
    let expected = "wait for a free user takes 890 ms of 900 ms in the slowest 1%";
    assert!(sentence.starts_with(expected), "{sentence}");
}

#[test]
fn a_target_that_says_nothing_is_explained_as_far_as_the_client_sees() {
    let evidence = evidence(vec![record(50, vec![request(40.0, 0.0, &[])])]);
    let explanation = explain(&evidence, &measured(&[]), ROUTE).unwrap();
    let phases = explanation.phases.iter();
    let phases: Vec<_> = phases.map(|part| part.phase.as_str()).collect();
    assert_eq!(phases, [WAITED, "target, network and client", TOTAL]);
    let begin = "target, network and client takes 40.0 ms of 40.0 ms";
    assert!(explanation.sentence.starts_with(begin));
}

#[test]
fn a_hundredth_is_looked_at_and_as_much_less_as_was_kept() {
    let slow = |from: u32, to: u32| {
        let requests = (from..=to).rev();
        let requests = requests.map(|ms| request(f64::from(ms), 0.0, &[]));
        requests.collect::<Vec<_>>()
    };
    let look = |rounds| {
        let explanation = explain(&evidence(rounds), &measured(&[]), ROUTE).unwrap();
        (explanation.slowest, explanation.answers)
    };
    assert_eq!(look(vec![record(490, slow(101, 110))]), (5, 500));
    // Of the first round nothing below 106 ms was kept, so below it nothing is certain.
    let first = record(990, slow(106, 110));
    let second = record(990, slow(100, 109));
    assert_eq!(look(vec![first, second]), (9, 1_995));
}

#[test]
fn three_traces_lead_on_from_the_slowest_to_the_fastest_of_them() {
    let requests = (1..=9)
        .rev()
        .map(|ms| request(f64::from(ms) * 10.0, 0.0, &[]));
    let evidence = evidence(vec![record(891, requests.collect())]);
    let explanation = explain(&evidence, &measured(&[]), ROUTE).unwrap();
    let ids = explanation.traces.iter().map(|trace| trace.id.as_str());
    assert_eq!(
        ids.collect::<Vec<_>>(),
        ["trace-90", "trace-50", "trace-10"]
    );
}

#[test]
fn only_routes_that_failed_are_explained_unasked() {
    let evidence = evidence(vec![record(99, vec![request(104.0, 0.0, &[])])]);
    let measured = measured(&[]);
    let judged = |verdict| Judgement {
        verdict,
        findings: vec![Finding::new(verdict, ROUTE, "p99 <= 1 ms", "")],
    };
    assert_eq!(why(&evidence, &measured, &judged(Verdict::Fail)).len(), 1);
    assert!(why(&evidence, &measured, &judged(Verdict::Pass)).is_empty());
    assert!(explain(&evidence, &measured, "GET /other").is_none());
}

#[test]
fn after_a_run_the_first_three_are_told_whole_and_the_others_in_a_sentence() {
    let explanations = vec![database_is_slow(); 5];
    let text = render_briefly(&explanations);
    assert_eq!(text.matches("WHY GET /slow: db takes").count(), 5);
    assert_eq!(text.matches("looked at:").count(), 3);
    assert!(text.ends_with("tells more\n"));
    assert_eq!(
        render_briefly(&explanations[..3]),
        render(&explanations[..3])
    );
}

#[test]
fn the_text_has_the_sentence_the_split_the_surroundings_and_the_traces() {
    let mut explanation = database_is_slow();
    explanation.counted = Some(103);
    explanation.surroundings = Surroundings {
        pool_wait_p99_ms: Some(12.0),
        pool_waiting: Some(3),
        cache_hits: BTreeMap::from([("users".to_owned(), 0.5)]),
        longest_stall_ms: 80.0,
    };
    let text = render(&[explanation]);
    for part in [
        "WHY GET /slow: db takes 81.0 ms",
        "blocking_queue 0.02 ms, pool_wait 0.10 ms",
        "the slowest 1 of 100, from 104 ms to 104 ms",
        "the phases are of 103 requests that the target counted",
        "p99 of waits for a connection 12.0 ms, 3 still waiting at the end, cache users 50.00% hits, \
         no answer to anybody for 80.0 ms",
        "trace-104 (104 ms)",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}
