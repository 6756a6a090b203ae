//! The fault switches of a service, on its management listener.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use api::faults::Fault;
use reqwest::{Client, Method};

/// Switching is a line in memory; what a fault does comes later.
const LIMIT: Duration = Duration::from_secs(10);

/// Switches a fault on or off.
///
/// # Errors
/// When the service does not answer, or has no switches.
pub async fn switch(management: SocketAddr, fault: Fault, on: bool) -> Result<()> {
    let (method, what) = if on {
        (Method::PUT, "on")
    } else {
        (Method::DELETE, "off")
    };
    let name = fault.as_str();
    let url = format!("http://{management}/debug/faults/{name}");
    let client = Client::builder().no_proxy().timeout(LIMIT).build()?;
    let answer = client.request(method, url).send().await;
    let answer = answer.with_context(|| {
        format!("{name} cannot be switched {what}: no answer from {management}")
    })?;
    let status = answer.status();
    ensure!(
        status.is_success(),
        "{name} cannot be switched {what} ({status}): is the service at {management} one with CENTUM_FAULTS=on?"
    );
    Ok(())
}
