//! `GET /debug/queries` of the management listener: every query, how it did, and how the database runs it. HTML for people, JSON for programs.

mod page;

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::{Serialize, Serializer};

use super::{
    caching::{Caching, VARY_OF_UNCODED},
    envelope::{NO_SNIFFING, Shown},
    html,
};
use crate::{
    app::ManagementState,
    budget::Query,
    models::Timestamp,
    plans::{Plan, Record},
    telemetry::QuerySummary,
};

/// Everything that is shown.
#[derive(Serialize)]
struct Report {
    queries: Vec<QueryReport>,
    /// The newest captures, the newest first; at most 100.
    captures: Vec<CaptureReport>,
}

#[derive(Serialize)]
struct QueryReport {
    name: &'static str,
    summary: &'static str,
    operation: &'static str,
    budget_seconds: f64,
    max_rows: u32,
    access: String,
    #[serde(flatten)]
    numbers: QuerySummary,
    newest_plan: Option<CaptureReport>,
}

#[derive(Clone, Serialize)]
struct CaptureReport {
    query: &'static str,
    time: Shown<Timestamp>,
    trace_id: String,
    over_budget: bool,
    duration_seconds: f64,
    rows: usize,
    sql: String,
    #[serde(serialize_with = "shared")]
    plan: Arc<Plan>,
    previous_plan_hash: Option<String>,
}

fn shared<S: Serializer>(plan: &Arc<Plan>, serializer: S) -> Result<S::Ok, S::Error> {
    plan.as_ref().serialize(serializer)
}

impl From<&Arc<Record>> for CaptureReport {
    fn from(record: &Arc<Record>) -> Self {
        Self {
            query: record.query.name,
            time: Shown(record.time),
            trace_id: record.trace_id.clone(),
            over_budget: record.over_budget,
            duration_seconds: record.duration.as_secs_f64(),
            rows: record.rows,
            sql: record.sql.clone(),
            plan: Arc::clone(&record.plan),
            previous_plan_hash: record.previous_hash.clone(),
        }
    }
}

/// The report, as HTML where the client prefers it (`Accept: text/html`, as browsers do), else as JSON.
pub async fn debug_queries(state: Data<ManagementState>, request: HttpRequest) -> HttpResponse {
    let report = report(&state);
    if html::is_preferred(&request) {
        return html::ok(page::render(&report), Caching::Never);
    }
    HttpResponse::Ok()
        .insert_header(Caching::Never.header())
        .insert_header(VARY_OF_UNCODED)
        .insert_header(NO_SNIFFING)
        .json(report)
}

fn report(state: &ManagementState) -> Report {
    let plans = &state.plans;
    let queries = plans.queries().iter().enumerate();
    Report {
        queries: queries
            .filter_map(|(slot, query)| query_report(state, slot, query))
            .collect(),
        captures: plans.records().iter().map(CaptureReport::from).collect(),
    }
}

fn query_report(state: &ManagementState, slot: usize, query: &Query) -> Option<QueryReport> {
    Some(QueryReport {
        name: query.name,
        summary: query.summary,
        operation: query.operation,
        budget_seconds: query.budget.as_secs_f64(),
        max_rows: query.max_rows,
        access: query.access.to_string(),
        numbers: state.metrics.query_summary(slot)?,
        newest_plan: state.plans.newest(slot).as_ref().map(CaptureReport::from),
    })
}
