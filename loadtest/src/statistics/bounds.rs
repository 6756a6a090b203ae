//! Exact one-sided bounds on a share.
//!
//! C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case
//! of the binomial", Biometrika 26 (1934). Written with the regularised incomplete beta function,
//! they hold for counts that are no whole numbers, as those divided by a design effect are:
//! E. L. Korn, B. I. Graubard, "Confidence intervals for proportions with small expected number of
//! positive counts estimated from survey data", Survey Methodology 24 (1998).

use statrs::function::beta::checked_beta_reg;

/// Halvings of the interval from 0 to 1: the bound is exact to the last digit of a double.
const HALVINGS: u32 = 60;

/// The share that `over` of `samples` do not exceed, but for the probability `error`.
#[must_use]
pub fn upper_bound(over: f64, samples: f64, error: f64) -> f64 {
    if over >= samples {
        return 1.0;
    }
    quantile(1.0 - error, over + 1.0, samples - over)
}

/// The share that `over` of `samples` do not fall below, but for the probability `error`.
#[must_use]
pub fn lower_bound(over: f64, samples: f64, error: f64) -> f64 {
    if over <= 0.0 {
        return 0.0;
    }
    quantile(error, over, (samples - over).max(0.0) + 1.0)
}

/// The least number of samples, all of them kept, that proves that no more than the share
/// `allowed` is over: those for which `(1 - allowed)^n` is at most `error`.
#[must_use]
pub fn least_for_pass(allowed: f64, error: f64) -> Option<u64> {
    let least = (error.ln() / (-allowed).ln_1p()).ceil();
    (allowed > 0.0 && least.is_finite()).then(|| crate::numbers::whole(least.max(1.0)))
}

/// Quantile of the beta distribution. Its distribution function rises, so halving finds it
/// whatever the parameters are.
fn quantile(probability: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if checked_beta_reg(a, b, middle).is_ok_and(|reached| reached < probability) {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::count;
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Binomial, Distribution};

    fn close(left: f64, right: f64, by: f64) -> bool {
        (left - right).abs() < by
    }

    #[test]
    fn the_bounds_are_those_of_the_tables() {
        // 10 of 100 at 95%, two-sided, as every table of exact binomial limits has it.
        assert!(close(lower_bound(10.0, 100.0, 0.025), 0.0490, 5e-5));
        assert!(close(upper_bound(10.0, 100.0, 0.025), 0.1762, 5e-5));
        // Nothing of n: the closed form 1 - error^(1/n), "the rule of three".
        let exact = 1.0 - 0.05_f64.powf(1.0 / 300.0);
        assert!(close(upper_bound(0.0, 300.0, 0.05), exact, 1e-12));
        assert!(close(lower_bound(300.0, 300.0, 0.05), 1.0 - exact, 1e-12));
    }

    #[test]
    fn the_bounds_stay_exact_for_many_samples() {
        // Against the integral of the beta density in 25 digits.
        let error = 1.0 - 0.954_718_109_473_867;
        assert!(close(upper_bound(1e4, 1e6, error), 0.010_17, 1e-11));
        let error = 1.0 - 0.943_446_841_781_56;
        assert!(close(upper_bound(1e5, 1e7, error), 0.010_05, 1e-11));
    }

    #[test]
    fn nothing_is_known_of_nothing() {
        assert!(close(lower_bound(0.0, 0.0, 0.05), 0.0, 1e-12));
        assert!(close(upper_bound(0.0, 0.0, 0.05), 1.0, 1e-12));
    }

    #[test]
    fn so_many_samples_prove_a_percentile_at_least() {
        let least = [0.05, 0.01, 0.001].map(|allowed| least_for_pass(allowed, 0.05));
        assert_eq!(least, [Some(59), Some(299), Some(2_995)]);
        assert_eq!(least_for_pass(0.0, 0.05), None, "nothing proves never");
        for (samples, allowed) in [(59.0, 0.05), (299.0, 0.01), (2_995.0, 0.001)] {
            assert!(upper_bound(0.0, samples, 0.05) <= allowed);
            assert!(upper_bound(0.0, samples - 1.0, 0.05) > allowed);
        }
    }

    #[test]
    fn the_truth_is_beyond_a_bound_in_no_more_runs_than_it_says() {
        let mut dice = ChaCha8Rng::seed_from_u64(1);
        let (truth, samples, runs, error) = (0.01, 800, 4_000, 0.05);
        let late = Binomial::new(samples, truth).unwrap();
        let (mut above, mut below) = (0, 0);
        for _ in 0..runs {
            let over = count(late.sample(&mut dice));
            above += u32::from(upper_bound(over, count(samples), error) < truth);
            below += u32::from(lower_bound(over, count(samples), error) > truth);
        }
        let most = f64::from(runs) * error;
        assert!(f64::from(above) <= most && f64::from(below) <= most);
        // They are bounds that say something: half the allowed mistakes are made.
        assert!(f64::from(above) > most / 4.0 && f64::from(below) > most / 4.0);
    }

    proptest! {
        #[test]
        fn the_share_lies_between_the_bounds(over in 0_u32..500, more in 1_u32..5_000, error in 0.001..0.5) {
            let (over, samples) = (f64::from(over), f64::from(over + more));
            let share = over / samples;
            prop_assert!(lower_bound(over, samples, error) <= share);
            prop_assert!(upper_bound(over, samples, error) >= share);
        }

        #[test]
        fn another_one_over_raises_both_bounds(over in 0_u32..500, more in 1_u32..5_000) {
            let (over, samples) = (f64::from(over), f64::from(over + more));
            for bound in [lower_bound, upper_bound] {
                prop_assert!(bound(over + 1.0, samples + 1.0, 0.05) > bound(over, samples, 0.05));
            }
        }

        #[test]
        fn samples_that_know_of_each_other_say_less(over in 1_u32..100, more in 1_u32..5_000, effect in 1.0..50.0) {
            let (over, samples) = (f64::from(over), f64::from(over + more));
            let wide = |bound: fn(f64, f64, f64) -> f64| bound(over / effect, samples / effect, 0.05);
            prop_assert!(wide(upper_bound) >= upper_bound(over, samples, 0.05) - 1e-12);
            prop_assert!(wide(lower_bound) <= lower_bound(over, samples, 0.05) + 1e-12);
        }
    }
}
