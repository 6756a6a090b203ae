//! Counts by duration where they are made: in a row by [`slot`], so that to count is to add one.
//! A [`Histogram`] has only what there is; this has a place for everything up to the longest time
//! that came.

use crate::evidence::{Histogram, edge_of, slot};
use std::time::Duration;

/// The row grows by so many places at once.
const STEP: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Counts {
    row: Vec<u32>,
}

impl Counts {
    /// Counts a duration.
    pub(super) fn record(&mut self, elapsed: Duration) {
        let place = slot(elapsed);
        if self.row.len() <= place {
            self.row.resize((place + 1).next_multiple_of(STEP), 0);
        }
        if let Some(count) = self.row.get_mut(place) {
            *count += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.row.iter().all(|count| *count == 0)
    }

    /// Adds everything to a histogram.
    pub(super) fn add_to(&self, histogram: &mut Histogram) {
        for (place, count) in self.row.iter().enumerate() {
            if *count > 0 {
                histogram.add(edge_of(place), u64::from(*count));
            }
        }
    }

    /// Begins anew.
    pub(super) fn clear(&mut self) {
        self.row.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_what_a_histogram_counts() {
        let (mut counts, mut histogram) = (Counts::default(), Histogram::default());
        for exponent in 0..34 {
            for nanos in [0, 1, 7, 999, 1_001] {
                let elapsed = Duration::from_nanos(3_u64.pow(exponent) + nanos);
                counts.record(elapsed);
                histogram.record(elapsed);
            }
        }
        let mut counted = Histogram::default();
        counts.add_to(&mut counted);
        assert_eq!(counted, histogram);
        counts.clear();
        counts.add_to(&mut counted);
        assert_eq!(counted, histogram);
    }
}
