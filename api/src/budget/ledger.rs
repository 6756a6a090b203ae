//! What one request has spent: queries by name, rows, and time by phase. It belongs to one request on one thread, so it locks nothing.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

/// Where the time of a request can go. The handler's own time is what the others leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Waiting for the request's body: the client's time.
    Receive,
    /// Waiting for a connection, or for one's turn to write.
    PoolWait,
    /// Waiting in the queue of a connection's thread (SQLite).
    BlockingQueue,
    /// The database at work, as the caller sees it.
    Db,
    /// Waiting for a load that another request runs, and the cache's own work around a load.
    CacheLoad,
    /// Making the bytes of the answer.
    Serialize,
    /// Everything else.
    Handler,
}

impl Phase {
    /// Every phase, in the order of the reports.
    pub const ALL: [Self; 7] = [
        Self::Receive,
        Self::PoolWait,
        Self::BlockingQueue,
        Self::Db,
        Self::CacheLoad,
        Self::Serialize,
        Self::Handler,
    ];

    /// The value of the label `phase`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Receive => "receive",
            Self::PoolWait => "pool_wait",
            Self::BlockingQueue => "blocking_queue",
            Self::Db => "db",
            Self::CacheLoad => "cache_load",
            Self::Serialize => "serialize",
            Self::Handler => "handler",
        }
    }
}

/// How a look-up in the cache ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheOutcome {
    /// The entry was there.
    Hit,
    /// This caller ran the loader.
    Miss,
    /// Another caller ran the loader, and this one waited for it.
    Coalesced,
    /// The loader failed.
    Error,
}

impl CacheOutcome {
    /// Every outcome, in the order of the metric's handles.
    pub const ALL: [Self; 4] = [Self::Hit, Self::Miss, Self::Coalesced, Self::Error];

    /// The value of the label `result`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Coalesced => "coalesced",
            Self::Error => "error",
        }
    }
}

/// How often one query ran in one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryCount {
    /// The query's place in the list of all queries.
    pub slot: usize,
    /// How often it ran.
    pub count: u32,
}

/// The account of one request.
#[derive(Debug, Default)]
pub struct Ledger {
    phases: [Cell<u64>; Phase::ALL.len() - 1],
    queries: RefCell<Vec<QueryCount>>,
    rows: Cell<u64>,
    retries: Cell<u32>,
    cache_hits: Cell<u32>,
    cache_misses: Cell<u32>,
    last_cache_outcome: Cell<Option<CacheOutcome>>,
}

impl Ledger {
    /// Adds time to a phase. The handler's time is what is left over, so nothing can be added to it.
    pub fn spend(&self, phase: Phase, time: Duration) {
        if let Some(cell) = self.phases.get(phase as usize) {
            cell.set(cell.get().saturating_add(nanos(time)));
        }
    }

    /// Books one run of the query in `slot`, and the rows that it returned.
    pub fn query(&self, slot: usize, rows: u64) {
        self.rows.set(self.rows.get().saturating_add(rows));
        let mut queries = self.queries.borrow_mut();
        match queries.iter_mut().find(|entry| entry.slot == slot) {
            Some(entry) => entry.count += 1,
            None => queries.push(QueryCount { slot, count: 1 }),
        }
    }

    /// Books that a statement or a transaction is tried again.
    pub fn retry(&self) {
        self.retries.set(self.retries.get() + 1);
    }

    /// How often something was tried.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.retries.get() + 1
    }

    /// Books one look-up in the cache.
    pub fn cache(&self, outcome: CacheOutcome) {
        let counter = if outcome == CacheOutcome::Hit {
            &self.cache_hits
        } else {
            &self.cache_misses
        };
        counter.set(counter.get() + 1);
        self.last_cache_outcome.set(Some(outcome));
    }

    /// Time that is accounted for so far, in nanoseconds.
    #[must_use]
    pub fn accounted(&self) -> u64 {
        self.phases.iter().map(Cell::get).sum()
    }

    /// Time that was spent on and for the database so far, in nanoseconds.
    #[must_use]
    pub fn accounted_by_database(&self) -> u64 {
        let [_, pool_wait, blocking_queue, db, ..] = &self.phases;
        pool_wait.get() + blocking_queue.get() + db.get()
    }

    /// Nanoseconds by phase for a request that took `total` nanoseconds. They add up to `total` exactly as long as nothing ran side by side.
    #[must_use]
    pub fn phases(&self, total: u64) -> [u64; Phase::ALL.len()] {
        let [
            receive,
            pool_wait,
            blocking_queue,
            db,
            cache_load,
            serialize,
        ] = &self.phases;
        let handler = total.saturating_sub(self.accounted());
        [
            receive.get(),
            pool_wait.get(),
            blocking_queue.get(),
            db.get(),
            cache_load.get(),
            serialize.get(),
            handler,
        ]
    }

    /// Calls `each` for every query that ran.
    pub fn each_query(&self, each: impl FnMut(&QueryCount)) {
        self.queries.borrow().iter().for_each(each);
    }

    /// How many queries ran, whatever their names.
    #[must_use]
    pub fn query_count(&self) -> u32 {
        self.queries.borrow().iter().map(|entry| entry.count).sum()
    }

    /// Rows that all queries returned.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows.get()
    }

    /// Look-ups that found an entry.
    #[must_use]
    pub fn cache_hits(&self) -> u32 {
        self.cache_hits.get()
    }

    /// Look-ups that did not.
    #[must_use]
    pub fn cache_misses(&self) -> u32 {
        self.cache_misses.get()
    }

    /// How the newest look-up ended.
    #[must_use]
    pub fn last_cache_outcome(&self) -> Option<CacheOutcome> {
        self.last_cache_outcome.get()
    }
}

/// Nanoseconds in 64 bits: 584 years are enough.
#[must_use]
pub fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phases_add_up_to_the_duration() {
        let ledger = Ledger::default();
        ledger.spend(Phase::PoolWait, Duration::from_nanos(5));
        ledger.spend(Phase::Db, Duration::from_nanos(7));
        ledger.spend(Phase::Db, Duration::from_nanos(11));
        assert_eq!(ledger.phases(100), [0, 5, 0, 18, 0, 0, 77]);
    }

    #[test]
    fn a_query_is_counted_by_its_name() {
        let ledger = Ledger::default();
        ledger.query(3, 1);
        ledger.query(4, 20);
        ledger.query(3, 0);
        let mut counts = Vec::new();
        ledger.each_query(|entry| counts.push((entry.slot, entry.count)));
        assert_eq!(counts, [(3, 2), (4, 1)]);
        assert_eq!((ledger.query_count(), ledger.rows()), (3, 21));
    }
}
