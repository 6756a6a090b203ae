//! How often a decision is right, by simulated rounds.

use super::decision::{
    Compared, Difference, PAIRS, Rule, decide, least_pairs, least_probability, routes,
};
use super::figures::{Figures, Measure};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};

/// How far a figure strays from round to round, in logarithms: more than on a quiet machine, where
/// p50 strays by 1 to 2%.
const NOISE: f64 = 0.03;
/// How far both sides of a pair stray together: what the machine does besides.
const DRIFT: f64 = 0.10;

fn rule() -> Rule {
    Rule {
        gated: Measure::ALL[..4].to_vec(),
        min_effect: 0.05,
        error: 0.05,
    }
}

/// A round of a service that does `work` times as much as the first one. Latency and throughput
/// of one round stray together.
fn round(work: f64, drift: f64, dice: &mut ChaCha8Rng) -> Figures {
    let noise = Normal::new(0.0, NOISE).unwrap();
    let mut stray = || (drift + noise.sample(dice)).exp();
    let (common, p50, cpu) = (stray(), stray(), stray());
    Figures {
        requests: 10_000,
        p50_ms: Some(0.5 * work * p50),
        p99_ms: Some(2.0 * work * common * common),
        throughput: 2_000.0 / (work * common),
        cpu_ms_per_request: Some(0.1 * work * cpu),
        queries_per_request: Some(1.2),
        ..Figures::default()
    }
}

fn pairs(work: f64, dice: &mut ChaCha8Rng) -> Vec<(Figures, Figures)> {
    let drift = Normal::new(0.0, DRIFT).unwrap();
    let pair = |_| {
        let drift = drift.sample(dice);
        (round(1.0, drift, dice), round(work, drift, dice))
    };
    (0..PAIRS).map(pair).collect()
}

fn any(compared: &[Compared], difference: Difference) -> bool {
    compared.iter().any(|one| one.difference == difference)
}

#[test]
fn the_same_service_is_called_different_in_at_most_one_of_twenty_comparisons() {
    let mut dice = ChaCha8Rng::seed_from_u64(11);
    let runs = 1_000;
    let mut alarms = 0;
    for _ in 0..runs {
        let compared = decide(&pairs(1.0, &mut dice), &rule());
        let alarm = any(&compared, Difference::Slower) || any(&compared, Difference::Faster);
        alarms += u32::from(alarm);
    }
    assert!(alarms * 20 <= runs, "{alarms} of {runs}");
}

#[test]
fn without_the_least_effect_the_error_still_is_what_was_promised() {
    let mut dice = ChaCha8Rng::seed_from_u64(12);
    let rule = Rule {
        min_effect: 0.0,
        ..rule()
    };
    let runs = 1_000;
    let mut alarms = 0;
    for _ in 0..runs {
        let compared = decide(&pairs(1.0, &mut dice), &rule);
        let alarm = any(&compared, Difference::Slower) || any(&compared, Difference::Faster);
        alarms += u32::from(alarm);
    }
    // Two standard deviations above 5% of 1000.
    assert!(alarms <= 64, "{alarms} of {runs}");
    assert!(
        alarms >= 5,
        "a test that never errs finds nothing: {alarms}"
    );
}

#[test]
fn ten_per_cent_more_work_is_found_in_at_least_nine_of_ten_comparisons() {
    let mut dice = ChaCha8Rng::seed_from_u64(13);
    let runs = 500;
    let (mut slower, mut faster) = (0, 0);
    for _ in 0..runs {
        slower += u32::from(any(
            &decide(&pairs(1.1, &mut dice), &rule()),
            Difference::Slower,
        ));
        faster += u32::from(any(
            &decide(&pairs(1.0 / 1.1, &mut dice), &rule()),
            Difference::Faster,
        ));
    }
    assert!(slower * 10 >= runs * 9, "slower: {slower} of {runs}");
    assert!(faster * 10 >= runs * 9, "faster: {faster} of {runs}");
}

#[test]
fn a_difference_that_is_certain_but_small_is_none() {
    let mut dice = ChaCha8Rng::seed_from_u64(14);
    let pair = |_| {
        let a = Figures {
            throughput: 1_000.0,
            p50_ms: Some(dice.random_range(0.99..1.01)),
            ..Figures::default()
        };
        let b = Figures {
            p50_ms: a.p50_ms.map(|ms| ms * 1.04),
            ..a.clone()
        };
        (a, b)
    };
    let pairs: Vec<_> = (0..PAIRS).map(pair).collect();
    let compared = decide(&pairs, &rule());
    let p50 = compared.first().unwrap();
    assert!(p50.adjusted.unwrap() < 0.05 && (p50.ratio - 1.04).abs() < 1e-9);
    assert_eq!(p50.difference, Difference::NotDistinguishable);
    let larger = Rule {
        min_effect: 0.03,
        ..rule()
    };
    let compared = decide(&pairs, &larger);
    assert_eq!(compared.first().unwrap().difference, Difference::Slower);
}

#[test]
fn more_throughput_is_faster_and_p99_decides_nothing() {
    let figures = |throughput, p99_ms| Figures {
        throughput,
        p99_ms: Some(p99_ms),
        ..Figures::default()
    };
    let pairs = vec![(figures(1_000.0, 1.0), figures(1_200.0, 3.0)); 8];
    let compared = decide(&pairs, &rule());
    let found: Vec<_> = compared
        .iter()
        .map(|one| (one.measure, one.difference))
        .collect();
    let expected = [
        (Measure::Throughput, Difference::Faster),
        (Measure::P99, Difference::Shown),
    ];
    assert_eq!(found, expected, "what is not known is not compared");
}

#[test]
fn so_many_pairs_are_needed_to_decide_anything() {
    assert_eq!([1, 2, 3, 4].map(|m| least_pairs(m, 0.05)), [6, 7, 7, 8]);
    assert!((least_probability(4, 7) - 0.0625).abs() < 1e-12);
    // By the test itself: as many pairs as that, and all of them agree.
    let figures = |worse: f64| Figures {
        p50_ms: Some(worse),
        throughput: 1_000.0 / worse,
        cpu_ms_per_request: Some(worse),
        queries_per_request: Some(worse),
        ..Figures::default()
    };
    for (pairs, found) in [(7, Difference::NotDistinguishable), (8, Difference::Slower)] {
        let pairs = vec![(figures(1.0), figures(2.0)); pairs];
        let compared = decide(&pairs, &rule());
        let gated = compared.iter().filter(|one| one.adjusted.is_some());
        assert!(gated.clone().all(|one| one.difference == found));
        assert_eq!(gated.count(), 4);
    }
}

#[test]
fn routes_are_compared_where_both_sides_answered_in_every_pair() {
    let figures = |routes: &[(&str, f64)]| Figures {
        routes_p50_ms: routes
            .iter()
            .map(|(route, ms)| ((*route).to_owned(), *ms))
            .collect(),
        ..Figures::default()
    };
    let pairs = [
        (
            figures(&[("GET /a", 1.0), ("GET /b", 1.0)]),
            figures(&[("GET /a", 2.0)]),
        ),
        (
            figures(&[("GET /a", 1.0)]),
            figures(&[("GET /a", 2.0), ("GET /b", 1.0)]),
        ),
    ];
    let compared = routes(&pairs, &rule());
    assert_eq!(compared.len(), 1);
    assert_eq!(compared[0].route, "GET /a");
    assert!((compared[0].ratio - 2.0).abs() < 1e-12);
}
