//! Asks Prometheus and Alertmanager over their HTTP APIs.
//!
//! - [`Prometheus`] is asked for values (`answer`) and for what it does (`state`); [`Alertmanager`] for the alerts that it holds.
//! - [`Variables`] puts values in the place of Grafana's variables, as Grafana does before it asks.
//! - [`Error`] is one sentence with the remedy.
//!
//! What is asked comes from [`boards`](crate::model), rules and runbooks. Another question of the API is a method here.

mod alertmanager;
mod answer;
mod duration;
mod error;
mod http;
mod state;
mod variables;

use std::{collections::BTreeMap, time::Duration};

pub use self::{
    alertmanager::{AlertStatus, Alertmanager, HeldAlert},
    answer::{Exemplar, ExemplarSeries, Labels, Point, Sample, Stream},
    duration::{read_duration, write_duration},
    error::Error,
    state::{ActiveAlert, Build, Metadata, Rule, RuleGroup, Target},
    variables::Variables,
};
use self::{
    answer::{Answer, Matrix},
    http::Http,
    state::{Alerts, Rules, Targets},
};

/// A Prometheus, version 2.42 or newer.
#[derive(Clone, Debug)]
pub struct Prometheus {
    http: Http,
}

/// The times that a range is asked at: `start`, `start + step` and so on, up to `end`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Seconds since 1970.
    pub start: f64,
    /// Seconds since 1970; not before the start.
    pub end: f64,
    /// Between two times. Prometheus refuses more than 11 000 of them.
    pub step: Duration,
}

impl Prometheus {
    /// A Prometheus at an address such as `http://127.0.0.1:9090`; nothing is sent yet.
    ///
    /// # Errors
    /// When that is no address of an HTTP server.
    pub fn at(address: &str) -> Result<Self, Error> {
        Http::at("Prometheus", address).map(|http| Self { http })
    }

    /// Where it is, to be shown: without a slash at the end, and without a password.
    #[must_use]
    pub fn address(&self) -> String {
        self.http.shown()
    }

    /// The value of an expression now, or at a time in seconds since 1970. A scalar is a sample without labels.
    ///
    /// # Errors
    /// When it cannot be asked, or refuses the expression.
    pub async fn query(&self, expression: &str, time: Option<f64>) -> Result<Vec<Sample>, Error> {
        let mut fields = vec![("query", expression.to_owned())];
        fields.extend(time.map(|time| ("time", seconds(time))));
        let answer: Answer = self.http.data("api/v1/query", &fields).await?;
        Ok(answer.into_samples())
    }

    /// The values of an expression over time; a time without a value is left out.
    ///
    /// # Errors
    /// When it cannot be asked, or refuses the expression.
    pub async fn query_range(&self, expression: &str, range: Range) -> Result<Vec<Stream>, Error> {
        let fields = [
            ("query", expression.to_owned()),
            ("start", seconds(range.start)),
            ("end", seconds(range.end)),
            ("step", write_duration(range.step)),
        ];
        let matrix: Matrix = self.http.data("api/v1/query_range", &fields).await?;
        Ok(matrix.into_streams())
    }

    /// The values of a label in the series that match a selector, sorted.
    ///
    /// # Errors
    /// When it cannot be asked, or refuses the selector.
    pub async fn label_values(&self, label: &str, selector: &str) -> Result<Vec<String>, Error> {
        let path = format!("api/v1/label/{label}/values");
        let fields = [("match[]", selector.to_owned())];
        self.http.data(&path, &fields).await
    }

    /// The labels of the series that match a selector and had a sample between two times in seconds since 1970.
    ///
    /// # Errors
    /// When it cannot be asked, or refuses the selector.
    pub async fn series(&self, selector: &str, from: f64, to: f64) -> Result<Vec<Labels>, Error> {
        let fields = [
            ("match[]", selector.to_owned()),
            ("start", seconds(from)),
            ("end", seconds(to)),
        ];
        self.http.data("api/v1/series", &fields).await
    }

    /// The exemplars of the series in an expression between two times in seconds since 1970.
    ///
    /// # Errors
    /// When it cannot be asked, or refuses the expression.
    pub async fn exemplars(
        &self,
        expression: &str,
        from: f64,
        to: f64,
    ) -> Result<Vec<ExemplarSeries>, Error> {
        let fields = [
            ("query", expression.to_owned()),
            ("start", seconds(from)),
            ("end", seconds(to)),
        ];
        self.http.data("api/v1/query_exemplars", &fields).await
    }

    /// The rules that it evaluates, with their state.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn rules(&self) -> Result<Vec<RuleGroup>, Error> {
        let rules: Rules = self.http.data("api/v1/rules", &[]).await?;
        Ok(rules.groups)
    }

    /// The alerts that are pending or fire.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn alerts(&self) -> Result<Vec<ActiveAlert>, Error> {
        let alerts: Alerts = self.http.data("api/v1/alerts", &[]).await?;
        Ok(alerts.alerts)
    }

    /// What it scrapes.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn targets(&self) -> Result<Vec<Target>, Error> {
        let fields = [("state", "active".to_owned())];
        let targets: Targets = self.http.data("api/v1/targets", &fields).await?;
        Ok(targets.active_targets)
    }

    /// What its targets say about their metrics, by name (a counter's without `_total`).
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn metadata(&self) -> Result<BTreeMap<String, Vec<Metadata>>, Error> {
        self.http.data("api/v1/metadata", &[]).await
    }

    /// Which Prometheus it is: the first question to ask, as nothing else answers it.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn build(&self) -> Result<Build, Error> {
        self.http.data("api/v1/status/buildinfo", &[]).await
    }
}

/// A time as the API reads it, to the millisecond.
fn seconds(time: f64) -> String {
    format!("{time:.3}")
}

#[cfg(test)]
mod tests;
