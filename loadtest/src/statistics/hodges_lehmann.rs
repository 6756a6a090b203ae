//! By how much paired rounds differ.
//!
//! The median of the averages of all pairs of differences (Walsh averages), with the exact interval
//! that belongs to Wilcoxon's signed-rank test: J. L. Hodges, E. L. Lehmann, "Estimates of location
//! based on rank tests", Annals of Mathematical Statistics 34 (1963); M. Hollander, D. A. Wolfe,
//! "Nonparametric Statistical Methods", 2nd edition (1999), sections 3.2 and 3.3.

/// A difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// The best single guess.
    pub estimate: f64,
    /// It lies between these, with the confidence asked for; None when so few rounds cannot give
    /// such an interval.
    pub interval: Option<(f64, f64)>,
}

/// The difference of which `differences` were observed; None when there are none.
#[must_use]
pub fn shift(differences: &[f64], confidence: f64) -> Option<Shift> {
    let walsh = walsh_averages(differences);
    let last = walsh.len().checked_sub(1)?;
    let (low, high) = (walsh.get(last / 2)?, walsh.get(last - last / 2)?);
    let place = interval_place(differences.len(), (1.0 - confidence) / 2.0);
    let interval =
        place.and_then(|place| Some((*walsh.get(place)?, *walsh.get(last.checked_sub(place)?)?)));
    Some(Shift {
        estimate: f64::midpoint(*low, *high),
        interval,
    })
}

/// The averages of all pairs, each with itself, too; ascending.
fn walsh_averages(differences: &[f64]) -> Vec<f64> {
    let mut averages = Vec::new();
    for (place, left) in differences.iter().enumerate() {
        let rest = differences.iter().skip(place);
        averages.extend(rest.map(|right| f64::midpoint(*left, *right)));
    }
    averages.sort_by(f64::total_cmp);
    averages
}

/// The place, from 0, of the Walsh average that begins the interval: the greatest rank sum that is
/// not reached with a probability above `tail`.
fn interval_place(rounds: usize, tail: f64) -> Option<usize> {
    let mut below = 0.0;
    let within = signed_rank(rounds).into_iter().take_while(|probability| {
        below += probability;
        below <= tail
    });
    within.count().checked_sub(1)
}

/// The probability of every sum of positive ranks when each rank is positive or not by a coin.
fn signed_rank(rounds: usize) -> Vec<f64> {
    let mut sums = vec![1.0];
    for rank in 1..=rounds {
        let mut next = vec![0.0; sums.len() + rank];
        for shift in [0, rank] {
            for (into, probability) in next.iter_mut().skip(shift).zip(&sums) {
                *into += probability / 2.0;
            }
        }
        sums = next;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn close(left: f64, right: f64) -> bool {
        (left - right).abs() < 1e-9
    }

    #[test]
    fn it_is_the_shift_of_the_textbook() {
        // Hollander and Wolfe, table 3.1: a depression scale of nine patients, before and after, in
        // thousandths.
        let before = [1_830, 500, 1_620, 2_480, 1_680, 1_880, 1_550, 3_060, 1_300];
        let after = [878, 647, 598, 2_050, 1_060, 1_290, 1_060, 3_140, 1_290];
        let mut differences = [0.0; 9];
        for (place, difference) in differences.iter_mut().enumerate() {
            *difference = f64::from(before[place] - after[place]);
        }
        let shift = shift(&differences, 0.95).unwrap();
        assert!(close(shift.estimate, 460.0), "{shift:?}");
        let (low, high) = shift.interval.unwrap();
        assert!(close(low, 10.0) && close(high, 786.0), "{shift:?}");
    }

    #[test]
    fn the_rank_sums_are_those_of_the_tables() {
        // P(T <= 2) = 3/128 for seven rounds, P(T <= 0) = 1/32 for five.
        let seven: f64 = signed_rank(7).into_iter().take(3).sum();
        assert!(close(seven, 3.0 / 128.0));
        assert!(close(signed_rank(5)[0], 1.0 / 32.0));
        assert!(close(signed_rank(20).into_iter().sum(), 1.0));
    }

    #[test]
    fn five_rounds_give_an_estimate_and_no_interval_of_95_percent() {
        let shift = shift(&[0.1, 0.2, 0.3, 0.4, 0.5], 0.95).unwrap();
        assert!(close(shift.estimate, 0.3));
        assert_eq!(shift.interval, None);
        assert_eq!(super::shift(&[], 0.95), None);
    }

    #[test]
    fn the_truth_is_in_the_interval_as_often_as_it_says() {
        let mut dice = ChaCha8Rng::seed_from_u64(5);
        let runs = 2_000;
        let mut missed = 0;
        for _ in 0..runs {
            let rounds: [f64; 9] = std::array::from_fn(|_| 0.5 + dice.random_range(-1.0..1.0));
            let (low, high) = shift(&rounds, 0.95).unwrap().interval.unwrap();
            missed += u32::from(!(low..=high).contains(&0.5));
        }
        assert!(
            missed <= runs / 20 && missed > runs / 100,
            "{missed} of {runs}"
        );
    }
}
