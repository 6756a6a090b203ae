//! A cumulative histogram as a scrape gives it.

/// Upper bounds, ascending, each with the number of observations up to and including it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Buckets(Vec<(f64, f64)>);

impl Buckets {
    /// Sorts the pairs of (`le`, cumulative count) and adds up those of the same bound.
    #[must_use]
    pub fn new(pairs: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut sorted: Vec<_> = pairs.into_iter().collect();
        sorted.sort_by(|left, right| left.0.total_cmp(&right.0));
        sorted.dedup_by(|next, kept| {
            let same = next.0.total_cmp(&kept.0).is_eq();
            kept.1 += if same { next.1 } else { 0.0 };
            same
        });
        Self(sorted)
    }

    /// All observations.
    #[must_use]
    pub fn count(&self) -> f64 {
        self.0.last().map_or(0.0, |(_, count)| *count)
    }

    /// Observations up to and including `bound`: exact, and only known where a bucket ends there.
    #[must_use]
    pub fn up_to(&self, bound: f64) -> Option<f64> {
        let ends_there = |upper: f64| (upper - bound).abs() < 1e-9;
        self.0
            .iter()
            .find(|(upper, _)| ends_there(*upper))
            .map(|(_, count)| *count)
    }

    /// The finite upper bounds.
    pub fn bounds(&self) -> impl Iterator<Item = f64> + '_ {
        self.0
            .iter()
            .map(|(upper, _)| *upper)
            .filter(|upper| upper.is_finite())
    }

    /// An estimate of quantile `q` by straight lines inside the buckets, as Prometheus'
    /// `histogram_quantile` makes it: beyond the last finite bound it is that bound.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let total = self.count();
        if total <= 0.0 {
            return None;
        }
        let rank = q * total;
        let (mut lower, mut below) = (0.0, 0.0);
        for (upper, count) in &self.0 {
            if *count >= rank && *count > below {
                let into = (rank - below) / (count - below);
                let reached = lower + (upper - lower) * into;
                return Some(if upper.is_finite() { reached } else { lower });
            }
            if upper.is_finite() {
                lower = *upper;
            }
            below = *count;
        }
        Some(lower)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets() -> Buckets {
        Buckets::new([
            (f64::INFINITY, 100.0),
            (0.1, 99.0),
            (0.05, 50.0),
            (0.01, 0.0),
        ])
    }

    fn close(left: Option<f64>, right: f64) -> bool {
        left.is_some_and(|left| (left - right).abs() < 1e-12)
    }

    #[test]
    fn counts_at_a_boundary_are_exact_and_unknown_elsewhere() {
        assert!(close(buckets().up_to(0.1), 99.0));
        assert_eq!(buckets().up_to(0.03), None);
        assert!((buckets().count() - 100.0).abs() < f64::EPSILON);
    }

    #[test]
    fn quantiles_are_interpolated_within_their_bucket() {
        assert!(close(buckets().quantile(0.25), 0.03));
        assert!(close(buckets().quantile(0.99), 0.1));
        assert!(
            close(buckets().quantile(0.999), 0.1),
            "beyond the last bound"
        );
        assert_eq!(Buckets::default().quantile(0.99), None);
    }

    #[test]
    fn series_of_the_same_bound_add_up() {
        let both = Buckets::new([(0.1, 1.0), (1.0, 2.0), (0.1, 10.0), (1.0, 20.0)]);
        assert_eq!(both, Buckets::new([(0.1, 11.0), (1.0, 22.0)]));
    }
}
