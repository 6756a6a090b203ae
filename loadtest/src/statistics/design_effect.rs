//! How little a request tells that shares its fate with its neighbours.
//!
//! The variance of a share that was observed in blocks of unequal size, by the ratio estimator,
//! compared with that of as many independent requests: W. G. Cochran, "Sampling Techniques", 3rd
//! edition (1977), section 3.12 (cluster sampling for proportions); L. Kish, "Survey Sampling"
//! (1965), section 5.4 (the design effect).

use crate::numbers::count;

/// Requests of one block of time, and those of them over budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// All of them.
    pub requests: u64,
    /// Those over budget.
    pub over: u64,
}

/// The ratio of the variances; 1 where the blocks differ no more than chance makes them, and where
/// there are too few to compare.
#[must_use]
pub fn design_effect(blocks: &[Block]) -> f64 {
    let filled = || blocks.iter().filter(|block| block.requests > 0);
    let number = filled().map(|_| 1.0).sum::<f64>();
    let requests: f64 = filled().map(|block| count(block.requests)).sum();
    let over: f64 = filled().map(|block| count(block.over)).sum();
    let share = over / requests;
    let independent = requests * share * (1.0 - share);
    if number < 2.0 || independent.is_nan() || independent <= 0.0 {
        return 1.0;
    }
    let strayed = |block: &Block| (count(block.over) - share * count(block.requests)).powi(2);
    let observed = number / (number - 1.0) * filled().map(strayed).sum::<f64>();
    (observed / independent).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::{lower_bound, upper_bound};
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Binomial, Distribution};

    fn blocks(blocks: &[(u64, u64)]) -> Vec<Block> {
        let block = |(requests, over): &(u64, u64)| Block {
            requests: *requests,
            over: *over,
        };
        blocks.iter().map(block).collect()
    }

    #[test]
    fn blocks_that_are_all_or_nothing_count_as_one_request_each() {
        // Four blocks of 10, two of them late as a whole: 4/3 of 10 requests say as much as one.
        let effect = design_effect(&blocks(&[(10, 10), (10, 0), (10, 10), (10, 0)]));
        assert!((effect - 10.0 * 4.0 / 3.0).abs() < 1e-12, "{effect}");
    }

    #[test]
    fn blocks_of_unequal_size_are_compared_by_their_share() {
        let effect = design_effect(&blocks(&[(10, 3), (30, 1), (0, 0), (20, 4)]));
        let share = 8.0 / 60.0_f64;
        let strayed = (3.0 - 10.0 * share).powi(2)
            + (1.0 - 30.0 * share).powi(2)
            + (4.0 - 20.0 * share).powi(2);
        let expected = 1.5 * strayed / (60.0 * share * (1.0 - share));
        assert!((effect - expected).abs() < 1e-12, "{effect}");
    }

    #[test]
    fn equal_blocks_and_too_few_blocks_have_no_effect() {
        for same in [
            vec![],
            blocks(&[(10, 5)]),
            blocks(&[(10, 1), (10, 1), (20, 2)]),
            blocks(&[(10, 0), (10, 0)]),
            blocks(&[(10, 10), (10, 10)]),
        ] {
            assert!((design_effect(&same) - 1.0).abs() < 1e-12, "{same:?}");
        }
    }

    #[test]
    fn the_truth_is_rarely_beyond_a_bound_although_the_late_ones_come_in_clusters() {
        let mut dice = ChaCha8Rng::seed_from_u64(2);
        let (runs, error) = (2_000, 0.05);
        let (mut above, mut below, mut naive) = (0, 0, 0);
        for _ in 0..runs {
            // One second of five is a bad one, with 5% late: 1% of all requests.
            let block = |_| {
                let late = if dice.random_bool(0.2) { 0.05 } else { 0.0 };
                let requests = dice.random_range(60..140);
                let over = Binomial::new(requests, late).unwrap().sample(&mut dice);
                Block { requests, over }
            };
            let blocks: Vec<_> = (0..100).map(block).collect();
            let samples: f64 = blocks.iter().map(|block| count(block.requests)).sum();
            let over: f64 = blocks.iter().map(|block| count(block.over)).sum();
            let effect = design_effect(&blocks);
            above += u32::from(upper_bound(over / effect, samples / effect, error) < 0.01);
            below += u32::from(lower_bound(over / effect, samples / effect, error) > 0.01);
            naive += u32::from(upper_bound(over, samples, error) < 0.01);
        }
        let most = f64::from(runs) * error;
        assert!(f64::from(above) <= 1.4 * most, "{above} of {runs}");
        assert!(f64::from(below) <= most, "{below} of {runs}");
        assert!(f64::from(naive) > 2.0 * most, "without it: {naive}");
    }

    proptest! {
        #[test]
        fn it_is_never_below_one(
            cells in proptest::collection::vec((0_u64..200, 0.0..=1.0_f64), 0..80)
        ) {
            let block = |(requests, share): (u64, f64)| Block {
                requests,
                over: crate::numbers::whole(share * count(requests)),
            };
            let blocks: Vec<_> = cells.into_iter().map(block).collect();
            let effect = design_effect(&blocks);
            prop_assert!(effect.is_finite() && effect >= 1.0);
        }
    }
}
