//! Asks Alertmanager which alerts it holds.

use serde::Deserialize;

use super::{Error, Labels, http::Http};

/// An Alertmanager, version 0.25 or newer.
#[derive(Clone, Debug)]
pub struct Alertmanager {
    http: Http,
}

/// An alert that it has been sent.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldAlert {
    /// `alertname` among them.
    pub labels: Labels,
    /// With their templates filled in.
    pub annotations: Labels,
    /// RFC 3339.
    pub starts_at: String,
    /// RFC 3339; in the future unless it is resolved.
    pub ends_at: String,
    /// Whether anybody is told.
    pub status: AlertStatus,
}

/// Whether anybody is told of an alert.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertStatus {
    /// `unprocessed`, `active` or `suppressed`.
    pub state: String,
    /// The silences that suppress it.
    pub silenced_by: Vec<String>,
    /// The alerts that inhibit it.
    pub inhibited_by: Vec<String>,
}

impl Alertmanager {
    /// An Alertmanager at an address such as `http://127.0.0.1:9093`; nothing is sent yet.
    ///
    /// # Errors
    /// When that is no address of an HTTP server.
    pub fn at(address: &str) -> Result<Self, Error> {
        Http::at("Alertmanager", address).map(|http| Self { http })
    }

    /// The alerts that it holds, suppressed ones too.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn alerts(&self) -> Result<Vec<HeldAlert>, Error> {
        self.http.bare("api/v2/alerts").await
    }
}
