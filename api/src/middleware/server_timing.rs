//! The header `Server-Timing` (<https://www.w3.org/TR/server-timing/>): where the time went, in milliseconds, for the caller to see.

use std::{cell::RefCell, time::Duration};

use actix_web::http::header::HeaderValue;

use crate::{
    budget::{CacheOutcome, Ledger, nanos},
    telemetry::access_log::put_millis,
};

/// How many microseconds of answers from the cache are remembered.
const REMEMBERED: usize = 512;

/// Makes the headers of one worker. Answers from the cache differ in their microseconds only, so each such header is made once and then shared:
/// a value of a header is validated byte by byte.
pub struct ServerTiming {
    hits: RefCell<Vec<Option<HeaderValue>>>,
}

impl Default for ServerTiming {
    fn default() -> Self {
        Self {
            hits: RefCell::new(vec![None; REMEMBERED]),
        }
    }
}

impl ServerTiming {
    /// The header of a request that has taken `elapsed` so far.
    #[must_use]
    pub fn header(&self, ledger: &Ledger, elapsed: Duration) -> HeaderValue {
        let only_hit = ledger.accounted_by_database() == 0
            && ledger.query_count() == 0
            && ledger.last_cache_outcome() == Some(CacheOutcome::Hit);
        if !only_hit {
            return header(ledger, elapsed);
        }
        let micros = usize::try_from(elapsed.as_micros()).unwrap_or(usize::MAX);
        let mut hits = self.hits.borrow_mut();
        match hits.get_mut(micros) {
            Some(remembered) => remembered
                .get_or_insert_with(|| header(ledger, elapsed))
                .clone(),
            None => header(ledger, elapsed),
        }
    }
}

/// `pool;dur=0.020, db;dur=0.310;desc="1 query", cache;desc=miss, app;dur=0.120`. `pool` is all waiting for a connection; `app` is what is left.
fn header(ledger: &Ledger, elapsed: Duration) -> HeaderValue {
    let elapsed = nanos(elapsed);
    let [receive, pool_wait, blocking_queue, db, ..] = ledger.phases(elapsed);
    let waited = pool_wait + blocking_queue;
    let mut text = Vec::with_capacity(96);
    put_database(&mut text, waited, db, ledger.query_count());
    if let Some(outcome) = ledger.last_cache_outcome() {
        text.extend_from_slice(b", cache;desc=");
        text.extend_from_slice(outcome.as_str().as_bytes());
    }
    put_millis(
        &mut text,
        b", app;dur=",
        elapsed.saturating_sub(receive + waited + db),
    );
    HeaderValue::from_maybe_shared(bytes::Bytes::from(text))
        .unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Most requests are answered by the cache: then this part is always the same.
fn put_database(text: &mut Vec<u8>, waited: u64, db: u64, queries: u32) {
    if waited + db == 0 && queries == 0 {
        return text.extend_from_slice(b"pool;dur=0, db;dur=0;desc=\"0 queries\"");
    }
    put_millis(text, b"pool;dur=", waited);
    put_millis(text, b", db;dur=", db);
    text.extend_from_slice(b";desc=\"");
    text.extend_from_slice(itoa::Buffer::new().format(queries).as_bytes());
    text.extend_from_slice(if queries == 1 {
        b" query\""
    } else {
        b" queries\""
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{CacheOutcome, Phase};

    #[test]
    fn a_request_without_queries_says_so() {
        let ledger = Ledger::default();
        ledger.cache(CacheOutcome::Hit);
        let header = header(&ledger, Duration::from_micros(12));
        assert_eq!(
            header,
            "pool;dur=0, db;dur=0;desc=\"0 queries\", cache;desc=hit, app;dur=0.012"
        );
    }

    #[test]
    fn an_answer_from_the_cache_shares_its_header() {
        let ledger = Ledger::default();
        ledger.cache(CacheOutcome::Hit);
        let timing = ServerTiming::default();
        for micros in [0, 7, 7, 511, 512, 70_000] {
            let elapsed = Duration::from_micros(micros);
            assert_eq!(timing.header(&ledger, elapsed), header(&ledger, elapsed));
        }
        ledger.spend(Phase::PoolWait, Duration::from_micros(2));
        let elapsed = Duration::from_micros(7);
        assert_eq!(timing.header(&ledger, elapsed), header(&ledger, elapsed));
    }

    #[test]
    fn the_header_says_where_the_time_went() {
        let ledger = Ledger::default();
        ledger.spend(Phase::PoolWait, Duration::from_micros(20));
        ledger.spend(Phase::Db, Duration::from_micros(310));
        ledger.query(0, 1);
        ledger.cache(CacheOutcome::Miss);
        let header = header(&ledger, Duration::from_micros(1450));
        assert_eq!(
            header,
            "pool;dur=0.020, db;dur=0.310;desc=\"1 query\", cache;desc=miss, app;dur=1.120"
        );
    }
}
