//! Whether paired rounds differ more than their order explains.
//!
//! The exact randomisation test of R. A. Fisher, "The Design of Experiments" (1935), section 21: if
//! A and B were the same, every difference could as well have had the other sign.

/// More rounds than this have more sign patterns than are worth counting.
pub const MOST_ROUNDS: usize = 20;

/// The share of all sign patterns whose sum is at least as far from zero as that of the
/// differences; None for no round, and for more than [`MOST_ROUNDS`].
#[must_use]
pub fn sign_flip(differences: &[f64]) -> Option<f64> {
    if differences.is_empty() || differences.len() > MOST_ROUNDS {
        return None;
    }
    let total: f64 = differences.iter().map(|difference| difference.abs()).sum();
    // Sums of the same numbers in another order differ in their last digits.
    let far = differences.iter().sum::<f64>().abs() - 1e-12 * total;
    let patterns = 1_u32 << differences.len();
    let sum = |pattern: u32| -> f64 {
        let signed = |(place, difference): (u32, &f64)| match pattern >> place & 1 {
            1 => -difference,
            _ => *difference,
        };
        (0..).zip(differences).map(signed).sum()
    };
    let as_far = (0..patterns).filter(|pattern| sum(*pattern).abs() >= far);
    let as_far = as_far.map(|_| 1.0).sum::<f64>();
    Some(as_far / f64::from(patterns))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn it_is_what_fisher_counted_by_hand() {
        // Darwin's fifteen pairs of maize, in eighths of an inch: 1726 of 32768 patterns.
        let darwin = [
            49.0, -67.0, 8.0, 16.0, 6.0, 23.0, 28.0, 41.0, 14.0, 29.0, 56.0, 24.0, 75.0, 60.0,
            -48.0,
        ];
        let share = sign_flip(&darwin).unwrap();
        assert!((share - 1_726.0 / 32_768.0).abs() < 1e-12, "{share}");
    }

    #[test]
    fn few_rounds_cannot_prove_a_difference() {
        assert_eq!(sign_flip(&[0.3, 0.3, 0.3, 0.3]), Some(2.0 / 16.0));
        assert_eq!(sign_flip(&[0.1; 6]), Some(2.0 / 64.0));
        assert_eq!(sign_flip(&[]), None);
        assert_eq!(sign_flip(&[0.0; MOST_ROUNDS + 1]), None);
    }

    #[test]
    fn rounds_of_the_same_differ_no_more_often_than_the_error_says() {
        let mut dice = ChaCha8Rng::seed_from_u64(4);
        let runs = 2_000;
        let mut found = 0;
        for _ in 0..runs {
            let rounds: [f64; 7] = std::array::from_fn(|_| dice.random_range(-1.0..1.0));
            found += u32::from(sign_flip(&rounds).unwrap() < 0.05);
        }
        // Of the 128 patterns of seven rounds, the six furthest from zero are below 5%.
        let expected = f64::from(runs) * 6.0 / 128.0;
        assert!((f64::from(found) - expected).abs() < 30.0, "{found}");
    }
}
