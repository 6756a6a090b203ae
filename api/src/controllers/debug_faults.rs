//! `/debug/faults` of the management listener: which faults there are, and their switches. Only there with `CENTUM_FAULTS=on`.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Serialize;

use super::{caching::Caching, envelope::NO_SNIFFING};
use crate::{
    app::ManagementState,
    error::{Error, ErrorCode, Violation},
    faults::{Fault, Faults},
};

#[derive(Serialize)]
struct Report {
    faults: Vec<FaultReport>,
}

#[derive(Serialize)]
struct FaultReport {
    name: &'static str,
    does: &'static str,
    /// What must fire while it is on, on the database of this service.
    alert: &'static str,
    on: bool,
}

impl FaultReport {
    fn of(faults: &Faults, fault: Fault) -> Self {
        Self {
            name: fault.as_str(),
            does: fault.does(),
            alert: faults.alert(fault),
            on: faults.is_on(fault),
        }
    }
}

/// `GET /debug/faults`: every fault.
pub async fn list(state: Data<ManagementState>) -> HttpResponse {
    let faults = Fault::ALL
        .iter()
        .map(|fault| FaultReport::of(&state.faults, *fault));
    answer(&Report {
        faults: faults.collect(),
    })
}

/// `DELETE /debug/faults`: all off.
pub async fn all_off(state: Data<ManagementState>) -> HttpResponse {
    state.faults.switch_all_off();
    list(state).await
}

/// `GET /debug/faults/{name}`: one fault.
///
/// # Errors
/// There is none of this name.
pub async fn get(state: Data<ManagementState>, name: Path<String>) -> Result<HttpResponse, Error> {
    let fault = named(&name)?;
    Ok(answer(&FaultReport::of(&state.faults, fault)))
}

/// `PUT /debug/faults/{name}`: on, whether it was or not.
///
/// # Errors
/// There is none of this name.
pub async fn on(state: Data<ManagementState>, name: Path<String>) -> Result<HttpResponse, Error> {
    state.faults.switch(named(&name)?, true);
    get(state, name).await
}

/// `DELETE /debug/faults/{name}`: off, whether it was or not.
///
/// # Errors
/// There is none of this name.
pub async fn off(state: Data<ManagementState>, name: Path<String>) -> Result<HttpResponse, Error> {
    state.faults.switch(named(&name)?, false);
    get(state, name).await
}

fn named(name: &str) -> Result<Fault, Error> {
    Fault::parse(name).ok_or_else(|| {
        let names: Vec<_> = Fault::ALL.iter().map(|fault| fault.as_str()).collect();
        let message = format!(
            "There is no fault of this name: use one of {}",
            names.join(", ")
        );
        Error::invalid(vec![Violation::new(
            "name",
            ErrorCode::RouteNotFound,
            message,
        )])
    })
}

fn answer(report: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(Caching::Never.header())
        .insert_header(NO_SNIFFING)
        .json(report)
}
