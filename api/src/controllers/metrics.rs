//! `GET /metrics` of the management listener.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web::Data,
};

use crate::{app::ManagementState, telemetry::Exposition};

/// Everything, in the form that `Accept` asks for.
pub async fn metrics(state: Data<ManagementState>, request: HttpRequest) -> HttpResponse {
    let accepted: Vec<_> = request
        .headers()
        .get_all(header::ACCEPT)
        .filter_map(|value| HeaderValue::to_str(value).ok())
        .collect();
    let exposition = Exposition::negotiated(&accepted.join(","));
    match state.metrics.expose(exposition) {
        Ok(text) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, exposition.content_type()))
            .insert_header((header::VARY, "Accept"))
            .body(text),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be shown");
            HttpResponse::InternalServerError().finish()
        }
    }
}
