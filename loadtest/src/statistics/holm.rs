//! Several comparisons at once: who asks twenty times gets one surprise for nothing.
//!
//! S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
//! Statistics 6 (1979).

/// The probabilities, adjusted: each may be compared with the error over all of them.
#[must_use]
pub fn holm(probabilities: &[f64]) -> Vec<f64> {
    let mut order: Vec<_> = probabilities.iter().copied().enumerate().collect();
    order.sort_by(|left, right| left.1.total_cmp(&right.1));
    let mut left = probabilities.iter().map(|_| 1.0).sum::<f64>();
    let mut highest: f64 = 0.0;
    let mut adjusted: Vec<_> = order
        .into_iter()
        .map(|(place, probability)| {
            highest = highest.max(left * probability).min(1.0);
            left -= 1.0;
            (place, highest)
        })
        .collect();
    adjusted.sort_by_key(|(place, _)| *place);
    adjusted.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_least_is_weighed_against_all_and_the_last_against_itself() {
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (found, expected) in adjusted.into_iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
        assert!(holm(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn they_only_grow_and_keep_their_order(probabilities in proptest::collection::vec(0.0..=1.0_f64, 0..20)) {
            let adjusted = holm(&probabilities);
            prop_assert_eq!(adjusted.len(), probabilities.len());
            for (before, after) in probabilities.iter().zip(&adjusted) {
                prop_assert!(after >= before && *after <= 1.0);
                for (other, later) in probabilities.iter().zip(&adjusted) {
                    prop_assert!(before > other || after <= later);
                }
            }
        }
    }
}
