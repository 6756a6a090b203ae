//! `GET /metrics` of the management listener.

use actix_web::{HttpResponse, http::header, web::Data};

use crate::{app::ManagementState, telemetry::TEXT_FORMAT};

/// Everything in Prometheus' text format.
pub async fn metrics(state: Data<ManagementState>) -> HttpResponse {
    match state.metrics.expose() {
        Ok(text) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, TEXT_FORMAT))
            .body(text),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be shown");
            HttpResponse::InternalServerError().finish()
        }
    }
}
