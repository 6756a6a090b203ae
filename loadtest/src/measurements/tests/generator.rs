//! What makes a generator one that is not trusted.

use super::*;

/// Whether a generator that used and waited for this share of its one processor is trusted, when
/// so many of 100 requests waited for a user; None is a closed model.
fn trusted(used: f64, wait: Option<f64>, waited: Option<u64>, budgets: &str) -> bool {
    let generator = GeneratorRecord {
        due: waited.map_or(0, |_| 100),
        begun: 100,
        waited: waited.unwrap_or(100),
        cpu_seconds: 10.0 * used,
        cpu_wait_seconds: wait.map(|wait| 10.0 * wait),
        cores: 1.0,
        ..GeneratorRecord::default()
    };
    let round = Round {
        generator,
        ..round(vec![])
    };
    let evidence = Evidence {
        rounds: vec![round],
        ..Evidence::default()
    };
    of(&evidence, budgets).generator.is_trusted()
}

#[test]
fn a_generator_that_waited_for_its_processors_is_doubted_where_requests_were_late() {
    let shipped = |used, wait, waited| trusted(used, Some(wait), waited, SHIPPED);
    // As fast as it got, with other programs beside it.
    assert!(!shipped(0.67, 0.33, Some(100)));
    assert!(!shipped(0.25, 0.75, Some(2)));
    // There was always a user free, and how late they began is judged by itself.
    assert!(shipped(0.25, 0.75, Some(1)));
    // The target was slow, and the processors were not.
    assert!(shipped(0.25, 0.25, Some(100)));
    // In a closed model.
    assert!(!shipped(0.67, 0.33, None));
    assert!(shipped(0.05, 2.0, None));
    // Where the kernel does not say, and where somebody wants no limit.
    assert!(trusted(0.67, None, Some(100), SHIPPED));
    let none = "[generator]\ncpu = \"100%\"\n";
    assert!(trusted(0.67, Some(0.9), Some(100), none));
}

#[test]
fn every_limit_of_the_generator_is_a_doubt_of_its_own() {
    let mut slip = Histogram::default();
    slip.record(Duration::from_millis(6));
    let generator = GeneratorRecord {
        due: 100,
        begun: 98,
        slip,
        gaps: vec![(500.0, 80.0), (900.0, 20.0)],
        tainted: BTreeSet::from([0]),
        cpu_seconds: 9.0,
        cores: 1.0,
        ..GeneratorRecord::default()
    };
    let spoilt = Round {
        generator,
        ..round(vec![])
    };
    let evidence = Evidence {
        rounds: vec![spoilt],
        ..Evidence::default()
    };
    let figures = of(&evidence, SHIPPED).generator;
    assert_eq!((figures.gaps, figures.longest_gap_ms), (2, 80.0));
    assert!(!figures.is_trusted());
    assert_eq!(
        figures.doubts,
        [
            "it did not run in 1 of 10 seconds (10.00%, allowed 1%)",
            "it used 90.00% of its processors, allowed 85%",
            "1 of 100 requests began 6.0 ms late or later, allowed 5.0 ms",
            "it began 98.00% of the requests that were due, at least 99% required",
        ]
    );
    let idle = Evidence {
        rounds: vec![round(vec![])],
        ..Evidence::default()
    };
    assert!(of(&idle, SHIPPED).generator.is_trusted());
}
