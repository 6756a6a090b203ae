//! Counters that say which loads are too old. Several ids share one; a write to one of them makes its neighbours load again, which is harmless.

use std::sync::atomic::{AtomicU64, Ordering};

/// With 100 000 cached ids a write makes about six neighbours load again; the counters take 128 KiB.
pub(super) const GENERATIONS: usize = 1 << 14;

pub(super) type Generation = u64;

pub(super) struct Generations(Box<[AtomicU64]>);

impl Default for Generations {
    fn default() -> Self {
        Self((0..GENERATIONS).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Generations {
    /// The generation that a load begun now belongs to.
    pub(super) fn current(&self, id: i64) -> Generation {
        // Acquire: who sees the new generation also sees the commit that came before it.
        self.counter(id)
            .map_or(0, |counter| counter.load(Ordering::Acquire))
    }

    /// Ends the generation and returns it.
    pub(super) fn advance(&self, id: i64) -> Generation {
        self.counter(id)
            .map_or(0, |counter| counter.fetch_add(1, Ordering::AcqRel))
    }

    /// Ends the generations of all `ids`.
    pub(super) fn advance_all(&self, ids: &[i64]) {
        for id in ids {
            self.advance(*id);
        }
    }

    fn counter(&self, id: i64) -> Option<&AtomicU64> {
        // Ids are given out in sequence: their low bits spread evenly.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "only the low bits are used"
        )]
        self.0.get(id as usize % GENERATIONS)
    }
}
