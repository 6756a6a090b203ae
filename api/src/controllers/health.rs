//! The probes, in the form that Kubernetes gave them. They answer from memory. Only the management listener says why.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};

use super::{caching::Caching, envelope::NO_SNIFFING, problem::RETRY_AFTER_SECONDS};
use crate::{
    app::{AppState, ManagementState},
    telemetry::Lifecycle,
};

/// `GET /livez`: 200 unless a worker has not looked at the clock for ten seconds. Looks at no dependency.
pub async fn livez(state: Data<ManagementState>) -> HttpResponse {
    answer(state.service.workers_are_alive(), String::new())
}

/// `GET /livez` of the public listener.
pub async fn public_livez(state: Data<AppState>) -> HttpResponse {
    answer(state.service.workers_are_alive(), String::new())
}

/// `GET /readyz` of the public listener: a yes or a no, whatever the query asks for.
pub async fn public_readyz(state: Data<AppState>) -> HttpResponse {
    let ready = state.service.lifecycle() == Lifecycle::Ready
        && state.health.results().iter().all(|check| check.passed);
    answer(ready, String::new())
}

/// `GET /startupz`: 200 once the service has migrated, connected and bound.
pub async fn startupz(state: Data<ManagementState>) -> HttpResponse {
    answer(
        state.service.lifecycle() != Lifecycle::Starting,
        String::new(),
    )
}

/// `GET /readyz[?verbose][&exclude=CHECK]`: 200 if requests may be sent here. `verbose` lists the checks.
pub async fn readyz(state: Data<ManagementState>, request: HttpRequest) -> HttpResponse {
    let parameters: Vec<_> = form_urlencoded::parse(request.query_string().as_bytes()).collect();
    let excluded = |name: &str| {
        parameters
            .iter()
            .any(|(key, value)| key == "exclude" && value == name)
    };
    let lifecycle = state.service.lifecycle();
    let mut ready = lifecycle == Lifecycle::Ready;
    let mut report = vec![format!(
        "[{}]lifecycle {}\n",
        mark(ready),
        lifecycle.as_str()
    )];
    for check in state.health.results() {
        if excluded(check.name) {
            report.push(format!("[ ]{} excluded\n", check.name));
            continue;
        }
        ready &= check.passed;
        let outcome = if check.passed { "ok" } else { "failed" };
        report.push(format!(
            "[{}]{} {outcome} {:.1}ms\n",
            mark(check.passed),
            check.name,
            check.duration.as_secs_f64() * 1e3
        ));
    }
    let verbose = parameters.iter().any(|(key, _)| key == "verbose");
    answer(
        ready,
        if verbose {
            report.concat()
        } else {
            String::new()
        },
    )
}

fn mark(passed: bool) -> char {
    if passed { '+' } else { '-' }
}

fn answer(passed: bool, report: String) -> HttpResponse {
    let mut response = if passed {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    if !passed {
        response.insert_header((header::RETRY_AFTER, RETRY_AFTER_SECONDS));
    }
    response
        .insert_header(NO_SNIFFING)
        .insert_header(header::ContentType::plaintext())
        .insert_header(Caching::Never.header());
    response.body(report + if passed { "ok\n" } else { "not ok\n" })
}
