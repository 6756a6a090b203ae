//! Sends a question and reads the answer's envelope. What is in the envelope is elsewhere.

use std::time::Duration;

use reqwest::{Client, Response};
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

use super::Error;

/// How long an answer may take: as Grafana waits by default.
const LIMIT: Duration = Duration::from_secs(30);
/// Of an answer that nobody understands, so much is shown.
const SHOWN: usize = 80;

/// A server with an HTTP API.
#[derive(Clone, Debug)]
pub(super) struct Http {
    server: &'static str,
    address: Url,
    client: Client,
    limit: Duration,
}

/// Around every answer of Prometheus.
#[derive(Deserialize)]
struct Envelope<T> {
    status: String,
    data: Option<T>,
    error: Option<String>,
}

impl Http {
    pub(super) fn at(server: &'static str, address: &str) -> Result<Self, Error> {
        let wrong = || Error::Address {
            server,
            address: address.to_owned(),
        };
        let mut url = Url::parse(address).map_err(|_cause| wrong())?;
        if !["http", "https"].contains(&url.scheme()) || !url.has_host() {
            return Err(wrong());
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        // What listens here is asked itself, whatever proxy there is for the rest of the world.
        let client = Client::builder().no_proxy().build();
        Ok(Self {
            server,
            address: url,
            client: client.map_err(|_cause| wrong())?,
            limit: LIMIT,
        })
    }

    /// Another patience, for tests of what happens at its end.
    #[cfg(test)]
    pub(super) fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// What is in the envelope of the answer.
    pub(super) async fn data<T: DeserializeOwned>(
        &self,
        path: &str,
        fields: &[(&str, String)],
    ) -> Result<T, Error> {
        let url = self.url(path, fields)?;
        let (status, body) = self.ask(&url).await?;
        let Ok(envelope) = serde_json::from_slice::<Envelope<T>>(&body) else {
            return Err(self.stranger(&url, status, &body));
        };
        if envelope.status == "success"
            && let Some(data) = envelope.data
        {
            return Ok(data);
        }
        let question = fields.first().map_or(path, |(_, value)| value);
        Err(Error::Refused {
            server: self.server,
            question: question.to_owned(),
            reason: envelope
                .error
                .unwrap_or_else(|| "no reason given".to_owned()),
        })
    }

    /// An answer without an envelope.
    pub(super) async fn bare<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        let url = self.url(path, &[])?;
        let (status, body) = self.ask(&url).await?;
        serde_json::from_slice(&body).map_err(|_cause| self.stranger(&url, status, &body))
    }

    fn url(&self, path: &str, fields: &[(&str, String)]) -> Result<Url, Error> {
        let mut url = self.address.join(path).map_err(|_cause| Error::Address {
            server: self.server,
            address: format!("{}{path}", self.address),
        })?;
        if !fields.is_empty() {
            url.query_pairs_mut().extend_pairs(fields);
        }
        Ok(url)
    }

    async fn ask(&self, url: &Url) -> Result<(u16, Vec<u8>), Error> {
        let answer = self
            .client
            .get(url.clone())
            .timeout(self.limit)
            .send()
            .await;
        let answer = answer.map_err(|error| self.silence(&error))?;
        let status = Response::status(&answer).as_u16();
        let body = answer.bytes().await.map_err(|error| self.silence(&error))?;
        Ok((status, body.to_vec()))
    }

    fn silence(&self, error: &reqwest::Error) -> Error {
        let (server, address) = (self.server, self.shown());
        if error.is_timeout() {
            let limit = self.limit;
            return Error::Timeout {
                server,
                address,
                limit,
            };
        }
        let mut cause: &dyn std::error::Error = error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        Error::Absent {
            server,
            address,
            cause: cause.to_string(),
        }
    }

    fn stranger(&self, url: &Url, status: u16, body: &[u8]) -> Error {
        let text = String::from_utf8_lossy(body);
        let line = text.trim().lines().next().unwrap_or_default();
        let start: String = line.chars().take(SHOWN).collect();
        Error::Stranger {
            server: self.server,
            url: format!("{}{}", url.origin().ascii_serialization(), url.path()),
            found: format!("status {status}, `{start}`"),
        }
    }

    /// Its address without the slash at the end, and without a password.
    pub(super) fn shown(&self) -> String {
        let mut address = self.address.clone();
        // Neither can fail on an address that has a host.
        let _ = (address.set_username(""), address.set_password(None));
        address.as_str().trim_end_matches('/').to_owned()
    }
}
