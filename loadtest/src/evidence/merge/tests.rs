//! Parts of a run, put together.

use super::*;
use crate::evidence::{Cell, Histogram};
use proptest::collection::vec;
use proptest::prelude::*;
use std::time::Duration;

/// One request: route, second, microseconds, and whether it was answered rightly.
type Request = (u32, u32, u64, bool);

fn record(requests: impl IntoIterator<Item = Request>, shard: (u32, u32)) -> Evidence {
    let mut round = Round {
        seconds: 5.0,
        block_seconds: 1,
        ..Round::default()
    };
    round.routes = (0..3)
        .map(|number| RouteRecord {
            route: format!("GET /{number}"),
            ..RouteRecord::default()
        })
        .collect();
    for (route, second, micros, right) in requests {
        let elapsed = Duration::from_micros(micros);
        let own = &mut round.routes[usize::try_from(route).unwrap()];
        let cell = own.blocks.entry(second).or_default();
        round.generator.due += 1;
        round.generator.begun += 1;
        round.generator.slip.record(elapsed / 100);
        if right {
            cell.right.record(elapsed);
            own.service.record(elapsed / 2);
        } else {
            cell.wrong += 1;
            own.message(&format!("status {}", 500 + micros % 4), 1);
        }
    }
    Evidence {
        plan: PlanShown {
            shard,
            seed: 42,
            ..PlanShown::default()
        },
        rounds: vec![round],
        ..Evidence::default()
    }
}

fn requests() -> impl Strategy<Value = Vec<Request>> {
    vec(
        (0..3_u32, 0..5_u32, 1..2_000_000_u64, any::<bool>()),
        0..200,
    )
}

/// The part of the schedule that shard `shard` of `of` sends: every `of`-th ticket.
fn part(requests: &[Request], shard: u32, of: u32) -> Evidence {
    let own = requests.iter().zip((0..of).cycle());
    let own = own.filter(|(_, number)| *number == shard);
    record(own.map(|(request, _)| *request), (shard, of))
}

fn named(parts: impl IntoIterator<Item = Evidence>) -> Vec<(String, Evidence)> {
    let name = |(number, part)| (format!("{number}.json"), part);
    (1..).zip(parts).map(name).collect()
}

proptest! {
    #[test]
    fn the_parts_of_a_run_give_the_whole_run_bit_for_bit(requests in requests(), of in 1..5_u32) {
        let whole = record(requests.clone(), (0, 1));
        let parts = (0..of).map(|shard| part(&requests, shard, of));
        let merged = merge(named(parts)).unwrap();
        prop_assert_eq!(&merged.rounds, &whole.rounds);
        prop_assert_eq!(merged.plan.shard, (0, 1));
        prop_assert_eq!(
            serde_json::to_string(&merged.rounds).unwrap(),
            serde_json::to_string(&whole.rounds).unwrap()
        );
    }

    #[test]
    fn neither_the_order_nor_the_grouping_matters(requests in requests()) {
        let [a, b, c] = [0, 1, 2].map(|shard| part(&requests, shard, 3));
        let all = merge(named([a.clone(), b.clone(), c.clone()])).unwrap();
        let backwards = merge(named([c.clone(), b.clone(), a.clone()])).unwrap();
        let left = merge(named([merge(named([a.clone(), b.clone()])).unwrap(), c.clone()])).unwrap();
        let right = merge(named([a, merge(named([b, c])).unwrap()])).unwrap();
        for other in [backwards, left, right] {
            prop_assert_eq!(&other.rounds, &all.rounds);
            prop_assert_eq!(&other.plan, &all.plan);
            prop_assert!(other.missing_shards.is_empty());
        }
    }
}

#[test]
fn a_missing_part_is_named() {
    let parts = [0, 2].map(|shard| record([], (shard, 4)));
    let merged = merge(named(parts)).unwrap();
    assert_eq!(merged.missing_shards, BTreeSet::from([1, 3]));
    let merged = merge(named([record([], (0, 1))])).unwrap();
    assert!(merged.missing_shards.is_empty());
}

#[test]
fn parts_of_different_runs_are_refused() {
    let first = record([], (0, 2));
    let refused = |change: fn(&mut Evidence)| {
        let mut second = record([], (1, 2));
        change(&mut second);
        merge(named([first.clone(), second]))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(|part| part.plan.seed = 43),
        "2.json was run with seed 43, the first one with 42: the parts of one run have the same plan"
    );
    assert_eq!(
        refused(|part| part.plan.shard = (1, 3)),
        "2.json was run with number of shards 3, the first one with 2: the parts of one run have the same plan"
    );
    assert_eq!(
        refused(|part| part.plan.shard = (0, 2)),
        "2.json has shard 0/2, which is there already"
    );
    assert_eq!(
        refused(|part| part.rounds.clear()),
        "2.json has 0 rounds, the first one 1: give every shard the same number of them, and let none be interrupted"
    );
    assert_eq!(merge(vec![]).unwrap_err(), MergeError::Nothing);
}

#[test]
fn the_busiest_generator_and_every_spoilt_second_stay_visible() {
    let mut parts = [0, 1].map(|shard| record([], (shard, 2)));
    for (part, (cpu, tainted, stall)) in parts.iter_mut().zip([(0.5, 3, 10.0), (4.9, 4, 90.0)]) {
        let round = &mut part.rounds[0];
        round.longest_stall_ms = stall;
        round.generator.cores = 1.0;
        round.generator.cpu_seconds = cpu;
        round.generator.cpu_wait_seconds = Some(cpu / 2.0);
        round.generator.tainted.insert(tainted);
    }
    let merged = merge(named(parts)).unwrap();
    let round = &merged.rounds[0];
    let close = |left: f64, right: f64| (left - right).abs() < 1e-9;
    assert!(close(round.generator.cpu_seconds, 4.9) && close(round.generator.cores, 1.0));
    assert_eq!(round.generator.cpu_wait_seconds, Some(2.45));
    assert_eq!(round.generator.tainted, BTreeSet::from([3, 4]));
    assert!(close(round.longest_stall_ms, 90.0));
}

#[test]
fn a_route_that_only_one_part_asked_is_in_the_whole() {
    let mut parts = [0, 1].map(|shard| record([], (shard, 2)));
    let mut right = Histogram::default();
    right.record(Duration::from_millis(3));
    parts[1].rounds[0].routes.push(RouteRecord {
        route: "GET /rare".to_owned(),
        blocks: [(
            0,
            Cell {
                right,
                ..Cell::default()
            },
        )]
        .into(),
        ..RouteRecord::default()
    });
    let merged = merge(named(parts)).unwrap();
    let last = merged.rounds[0].routes.last().unwrap();
    assert_eq!(
        (last.route.as_str(), last.whole().requests()),
        ("GET /rare", 1)
    );
}
