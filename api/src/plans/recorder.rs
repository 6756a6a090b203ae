//! Asks for the plans of picked calls, one after the other, and keeps the newest.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{Plan, forms::Forms};
use crate::{
    budget::{Access, Query},
    clock::Clock,
    database::{Capture, Picked, SideConnection},
    faults::Faults,
    models::Timestamp,
    telemetry::{CaptureResult, Metrics},
};

/// How many records are kept.
const KEPT: usize = 100;

/// Of how many statements it is remembered that their plans may have been changed by a fault.
const LOOKED_AT: usize = 256;

/// A call whose plan is known. Without the values of binds: those are the clients'.
#[derive(Clone, Debug)]
pub struct Record {
    /// The query.
    pub query: Query,
    /// Its statement, with placeholders, in PostgreSQL's dialect.
    pub sql: String,
    /// How the database would run it at that time.
    pub plan: Arc<Plan>,
    /// The hash of the plan before, if it was another.
    pub previous_hash: Option<String>,
    /// Whether the call took longer than its budget; if not, it was the first of its statement.
    pub over_budget: bool,
    /// How long the call took.
    pub duration: Duration,
    /// How many rows it returned or touched.
    pub rows: usize,
    /// The trace of its request; empty outside of requests.
    pub trace_id: String,
    /// When the plan was asked for.
    pub time: Timestamp,
}

/// Keeps what is known of plans.
pub struct Recorder {
    queries: &'static [Query],
    metrics: Arc<Metrics>,
    clock: Clock,
    every_call: bool,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    forms: Forms,
    newest: VecDeque<Arc<Record>>,
    /// The newest of each query, which others may have pushed out of `newest`.
    by_query: HashMap<usize, Arc<Record>>,
}

impl Recorder {
    /// A recorder that knows nothing yet. With `every_call`, known statements are explained again however fast they were.
    #[must_use]
    pub fn new(
        queries: &'static [Query],
        metrics: &Arc<Metrics>,
        clock: Clock,
        every_call: bool,
    ) -> Arc<Self> {
        Arc::new(Self {
            queries,
            metrics: Arc::clone(metrics),
            clock,
            every_call,
            kept: Mutex::default(),
        })
    }

    /// Explains what comes out of `picked` until nothing can come any more. What was explained while `faults` changed plans is explained
    /// once more when they are back.
    pub async fn run(&self, mut picked: Picked, mut connection: SideConnection, faults: Faults) {
        let mut looked_at: HashMap<(usize, String), Capture> = HashMap::new();
        loop {
            let next = tokio::select! {
                biased;
                () = faults.plans_are_back(), if !looked_at.is_empty() => {
                    for ((_, sql), capture) in looked_at.drain() {
                        self.explain(&capture, &sql, &mut connection).await;
                    }
                    continue;
                }
                next = picked.next() => next,
            };
            let Some(capture) = next else {
                return;
            };
            let sql = capture.query.sql();
            let changed = faults.look_at_plans();
            self.explain(&capture, &sql, &mut connection).await;
            if changed && looked_at.len() < LOOKED_AT {
                let again = Capture {
                    again: true,
                    over_budget: false,
                    ..capture
                };
                looked_at.insert((again.slot, sql), again);
            }
        }
    }

    async fn explain(&self, capture: &Capture, sql: &str, connection: &mut SideConnection) {
        let Some(query) = self.queries.get(capture.slot).copied() else {
            return;
        };
        let known = self.kept().forms.is_settled(capture.slot, sql);
        let wanted = self.every_call || capture.again || capture.over_budget || !known;
        if query.access == Access::Nothing || !wanted {
            return;
        }
        let explained = connection.explain(&capture.query).await;
        match explained.and_then(|raw| Plan::read(&raw)) {
            Ok(plan) => self.record(query, capture, sql.to_owned(), plan),
            Err(error) => self.failed(query, capture, sql, &error),
        }
    }

    fn failed(&self, query: Query, capture: &Capture, sql: &str, error: &str) {
        self.kept().forms.remember(capture.slot, sql, None);
        self.count(capture.slot, CaptureResult::Failed);
        tracing::warn!(
            event = "db.plan_failed",
            db.query.summary = query.name,
            error,
            trace_id = capture.trace_id,
            "the plan of a query could not be had"
        );
    }

    /// Every query.
    #[must_use]
    pub fn queries(&self) -> &'static [Query] {
        self.queries
    }

    /// The newest record of the query in `slot`.
    #[must_use]
    pub fn newest(&self, slot: usize) -> Option<Arc<Record>> {
        self.kept().by_query.get(&slot).cloned()
    }

    /// The newest records, the newest first.
    #[must_use]
    pub fn records(&self) -> Vec<Arc<Record>> {
        self.kept().newest.iter().rev().cloned().collect()
    }

    fn record(&self, query: Query, capture: &Capture, sql: String, plan: Plan) {
        let plan = Arc::new(plan);
        let before = self.kept().forms.remember(capture.slot, &sql, Some(&plan));
        self.metrics
            .plans
            .show(capture.slot, &plan.hash, &plan.root.node);
        let record = Arc::new(Record {
            query,
            sql,
            previous_hash: before.as_ref().map(|plan| plan.hash.clone()),
            plan,
            over_budget: capture.over_budget,
            duration: capture.duration,
            rows: capture.rows,
            trace_id: capture.trace_id.clone(),
            time: self.clock.now(),
        });
        if capture.over_budget {
            self.count(capture.slot, CaptureResult::Captured);
            warn_slow(&record);
        }
        if let Some(before) = before {
            self.metrics.plans.changed(capture.slot);
            warn_changed(&record, &before);
        }
        // What is as it was is no news, and would push out what is.
        if capture.again && record.previous_hash.is_none() && !record.over_budget {
            return;
        }
        let mut kept = self.kept();
        kept.by_query.insert(capture.slot, Arc::clone(&record));
        kept.newest.push_back(record);
        if kept.newest.len() > KEPT {
            kept.newest.pop_front();
        }
    }

    fn count(&self, slot: usize, result: CaptureResult) {
        if let Some(query) = self.metrics.queries.get(slot) {
            query.captured(result);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn warn_slow(record: &Record) {
    tracing::warn!(
        event = "db.slow_query",
        db.query.summary = record.query.name,
        duration_ms = record.duration.as_secs_f64() * 1e3,
        budget_ms = record.query.budget.as_secs_f64() * 1e3,
        rows = record.rows,
        plan = json(&record.plan),
        plan_hash = record.plan.hash,
        trace_id = record.trace_id,
        "how the database runs a query that took longer than its budget"
    );
}

fn warn_changed(record: &Record, before: &Plan) {
    tracing::warn!(
        event = "db.plan_changed",
        db.query.summary = record.query.name,
        plan = json(&record.plan),
        plan_hash = record.plan.hash,
        previous_plan = json(before),
        previous_plan_hash = before.hash,
        trace_id = record.trace_id,
        "the database runs a statement in another way than before"
    );
}

fn json(plan: &Plan) -> String {
    serde_json::to_string(&plan.root).unwrap_or_default()
}
