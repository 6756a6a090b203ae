//! Requests and answers that fail where the test is, with what was answered.

use std::{collections::BTreeMap, panic::Location};

use reqwest::{RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::Value;

/// A request that is being made.
#[must_use = "a request does nothing before it is sent"]
pub struct Request(RequestBuilder);

impl Request {
    pub(crate) fn new(builder: RequestBuilder) -> Self {
        Self(builder)
    }

    pub fn json(self, body: &Value) -> Self {
        Self(
            self.0
                .header("content-type", "application/json")
                .body(body.to_string()),
        )
    }

    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self(
            self.0
                .header("content-type", content_type)
                .body(body.into()),
        )
    }

    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends it and reads the whole answer.
    #[track_caller]
    pub fn send(self) -> impl Future<Output = Response> {
        let at = Location::caller();
        async move {
            self.try_send()
                .await
                .unwrap_or_else(|error| panic!("{at}: {error:?}"))
        }
    }

    /// The same for a test in which the connection may break.
    pub async fn try_send(self) -> Result<Response, reqwest::Error> {
        let response = self.0.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await?;
        Ok(Response {
            status,
            headers,
            text: String::from_utf8_lossy(&body).into_owned(),
            body: body.into(),
        })
    }
}

/// An answer.
#[derive(Debug)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    /// The bytes of the text, coded as they came.
    pub body: Vec<u8>,
}

impl Response {
    /// Fails if the status is another.
    #[track_caller]
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// Fails if it is not this error, with the status that goes with it.
    #[track_caller]
    pub fn expect_error(self, status: u16, code: &str) -> Value {
        let body = self.expect(status).json();
        assert_eq!(body["error"]["code"], code, "{body}");
        body
    }

    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Fails if it is not the same answer as `first`, given again.
    #[track_caller]
    pub fn assert_replays(&self, first: &Self) {
        assert_eq!(self.header("idempotency-replayed"), Some("true"));
        assert_eq!(self.status, first.status, "{}", self.text);
        assert_eq!(self.text, first.text);
        assert_eq!(self.lasting_headers(), first.lasting_headers());
    }

    /// All headers but those that are of one request: its id, its trace, its times, and whether its answer was given before.
    fn lasting_headers(&self) -> BTreeMap<&str, &[u8]> {
        const OF_ONE_REQUEST: [&str; 5] = [
            "date",
            "idempotency-replayed",
            "server-timing",
            "traceresponse",
            "x-request-id",
        ];
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.as_bytes()));
        headers
            .filter(|(name, _)| !OF_ONE_REQUEST.contains(name))
            .collect()
    }

    /// How many queries the request ran.
    #[must_use]
    pub fn queries(&self) -> usize {
        let timing = self.header("server-timing").unwrap_or_default();
        let (_, from_count) = timing.split_once("desc=\"").expect("Server-Timing");
        let count = from_count.split(' ').next().unwrap_or_default();
        count.parse().expect("a number")
    }

    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
