//! What is there instead of the export in a build without the Cargo feature `otlp`.

use std::sync::Arc;

use super::{TraceWriter, Traces};
use crate::{config::Config, telemetry::Metrics};

/// Says that this build exports nothing, if the settings name a collector.
///
/// # Errors
/// None.
pub fn start(config: &Config, _: &Arc<Metrics>) -> Result<Option<(Traces, TraceWriter)>, String> {
    if let Some((variable, _)) = config.traces_url() {
        tracing::warn!(
            "{variable} is set, but this build exports no traces: build it with `--features otlp`"
        );
    }
    Ok(None)
}
