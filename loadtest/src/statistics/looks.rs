//! The probability of a wrong verdict, spent over the looks at a run: who looks until it fits will
//! find that it fits.
//!
//! Half of what is left goes to every look, so that all looks together never cost more than the
//! whole, however many there are: Boole's inequality, G. Boole, "An Investigation of the Laws of
//! Thought" (1854), chapter XIX.

/// The part of `error` that the `look`-th look may spend; the first is 1.
#[must_use]
pub fn error_at_look(error: f64, look: u32) -> f64 {
    error * 0.5_f64.powi(i32::try_from(look.max(1)).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::count;
    use crate::statistics::{lower_bound, upper_bound};
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Binomial, Distribution};

    #[test]
    fn all_looks_together_never_cost_more_than_the_whole() {
        let mut spent = 0.0;
        for look in 1..=60 {
            spent += error_at_look(0.05, look);
            assert!(spent <= 0.05, "after {look} looks: {spent}");
        }
        assert!(spent > 0.049_999, "nearly all of it is used: {spent}");
    }

    #[test]
    fn who_looks_five_times_is_wrong_no_more_often_than_promised() {
        let mut dice = ChaCha8Rng::seed_from_u64(3);
        let (truth, runs) = (0.01, 1_000);
        let late = Binomial::new(600, truth).unwrap();
        let (mut passed, mut failed) = (0, 0);
        for _ in 0..runs {
            let (mut over, mut samples) = (0.0, 0.0);
            let (mut pass, mut fail) = (false, false);
            for look in 1..=5 {
                over += count(late.sample(&mut dice));
                samples += 600.0;
                let error = error_at_look(0.05, look);
                pass |= upper_bound(over, samples, error) < truth;
                fail |= lower_bound(over, samples, error) > truth;
            }
            passed += u32::from(pass);
            failed += u32::from(fail);
        }
        assert!(passed <= 50 && failed <= 50, "{passed} {failed} of {runs}");
        assert!(passed > 0 && failed > 0, "the bounds are not idle");
    }
}
