//! The record of the request that the current task serves. Code below the middleware books here what the request spends, without passing
//! the record through every function.

use std::{
    cell::Cell,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::task::futures::TaskLocalFuture;

use super::{
    idempotency::IdempotencyOutcome,
    trace::{RequestId, TraceContext},
};
use crate::{
    budget::{Ledger, Phase, Timeline},
    clock::Clock,
};

/// One request, from its first byte to its end.
#[derive(Debug)]
pub struct RequestRecord {
    /// When it began.
    pub started: Instant,
    /// What time it is for this request.
    pub clock: Clock,
    /// Its trace.
    pub trace: TraceContext,
    /// Its id.
    pub request_id: RequestId,
    /// What its client accepts, where that is not simply the usual: errors are told in that form.
    pub accept: Option<Box<str>>,
    /// Its route's slot in the URL table, once it is matched.
    pub route: Cell<usize>,
    /// What it has spent.
    pub ledger: Ledger,
    /// What became of it, if it has a key.
    pub idempotency: Cell<Option<IdempotencyOutcome>>,
    /// When its deadline began to run: not before its body is there, because that time is the client's.
    pub running_since: Cell<Option<Instant>>,
    /// What it did when; empty where no trace is kept.
    pub timeline: Timeline,
}

impl RequestRecord {
    /// Its body is on its way.
    pub fn body_begins(&self) {
        self.running_since.set(None);
    }

    /// Its body is there, or will not be waited for.
    pub fn body_ends(&self) {
        self.running_since.set(Some(Instant::now()));
    }

    /// The body was waited for so long.
    pub fn received(&self, waited: Duration) {
        self.ledger.spend(Phase::Receive, waited);
    }
}

/// Longest part of a path that is shown.
const PATH_MAX: usize = 256;

/// The part of a path that logs and traces show.
#[must_use]
pub fn shown(path: &str) -> &str {
    path.get(..path.floor_char_boundary(PATH_MAX))
        .unwrap_or_default()
}

tokio::task_local! {
    static CURRENT: Rc<RequestRecord>;
}

/// A future that runs as the request of a record.
pub type Scoped<F> = TaskLocalFuture<Rc<RequestRecord>, F>;

/// Runs `future` as the request of `record`.
pub fn scope<F: Future>(record: Rc<RequestRecord>, future: F) -> Scoped<F> {
    CURRENT.scope(record, future)
}

/// Calls `call` as the request of `record`.
pub fn sync_scope<T>(record: Rc<RequestRecord>, call: impl FnOnce() -> T) -> T {
    CURRENT.sync_scope(record, call)
}

/// The trace id of the current request; empty outside any request.
#[must_use]
pub fn trace_id() -> String {
    with_current(|record| record.trace.trace_id().to_owned()).unwrap_or_default()
}

/// Calls `read` with the record of the current request; `None` outside any request.
pub fn with_current<T>(read: impl FnOnce(&RequestRecord) -> T) -> Option<T> {
    CURRENT.try_with(|record| read(record)).ok()
}
