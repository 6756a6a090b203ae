//! Prometheus' own settings: whom it scrapes, which rules it follows, whom it tells.

use serde::Serialize;

use super::{RulesError, alerts::JOB, file, speed::Speed};

/// Where everything is, seen from Prometheus.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How often it scrapes and evaluates.
    pub speed: Speed,
    /// The file of rules; a path that is not absolute begins where the settings are.
    pub rules: String,
    /// Where Alertmanager is: `host:port`. None: nobody is told.
    pub alertmanager: Option<String>,
    /// Whom it scrapes.
    pub targets: Vec<Target>,
}

/// One job with its targets.
#[derive(Clone, Debug)]
pub struct Target {
    /// The value of the label `job`.
    pub job: String,
    /// Each as `host:port`.
    pub addresses: Vec<String>,
    /// Metrics of theirs that are not kept.
    pub dropped: Vec<&'static str>,
}

impl Target {
    /// A job with one target.
    #[must_use]
    pub fn new(job: &str, address: &str) -> Self {
        Self {
            job: job.to_owned(),
            addresses: vec![address.to_owned()],
            dropped: Vec::new(),
        }
    }

    /// The service: its management listener, since the public one serves no metrics.
    #[must_use]
    pub fn api(address: &str) -> Self {
        Self::new(JOB, address)
    }
}

impl Settings {
    /// The job of the load harness, which is there only while it runs.
    pub const LOADTEST: &str = "loadtest";

    /// As `docker-compose.yml` names everything.
    #[must_use]
    pub fn compose() -> Self {
        Self {
            speed: Speed::Normal,
            rules: "rules.yml".to_owned(),
            alertmanager: Some("alertmanager:9093".to_owned()),
            targets: vec![
                Target::api("api:9464"),
                Target::new(Self::LOADTEST, "loadtest:9465"),
                Target::new("prometheus", "localhost:9090"),
                Target::new("alertmanager", "alertmanager:9093"),
                Target::new("postgres", "postgres-exporter:9187"),
            ],
        }
    }
}

#[derive(Serialize)]
struct File<'a> {
    global: Global,
    rule_files: [&'a str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    alerting: Option<Alerting<'a>>,
    scrape_configs: Vec<Scrape<'a>>,
}

#[derive(Serialize)]
struct Global {
    scrape_interval: &'static str,
    scrape_timeout: &'static str,
    evaluation_interval: &'static str,
}

#[derive(Serialize)]
struct Alerting<'a> {
    alertmanagers: [Static<'a>; 1],
}

#[derive(Serialize)]
struct Scrape<'a> {
    job_name: &'a str,
    #[serde(flatten)]
    addresses: Static<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metric_relabel_configs: Vec<Drop>,
}

/// Metrics whose names fit the expression are not kept.
#[derive(Serialize)]
struct Drop {
    source_labels: [&'static str; 1],
    regex: String,
    action: &'static str,
}

#[derive(Serialize)]
struct Static<'a> {
    static_configs: [Addresses<'a>; 1],
}

#[derive(Serialize)]
struct Addresses<'a> {
    targets: Vec<&'a str>,
}

impl<'a> Static<'a> {
    fn new(addresses: impl IntoIterator<Item = &'a String>) -> Self {
        let targets = addresses.into_iter().map(String::as_str).collect();
        Self {
            static_configs: [Addresses { targets }],
        }
    }
}

impl Drop {
    fn of(names: &[&str]) -> Option<Self> {
        (!names.is_empty()).then(|| Self {
            source_labels: ["__name__"],
            regex: names.join("|"),
            action: "drop",
        })
    }
}

impl<'a> Scrape<'a> {
    fn of(target: &'a Target) -> Self {
        Self {
            job_name: &target.job,
            addresses: Static::new(&target.addresses),
            metric_relabel_configs: Drop::of(&target.dropped).into_iter().collect(),
        }
    }
}

/// Prometheus' settings as YAML.
///
/// # Errors
/// When they cannot be written down.
pub fn prometheus_config(settings: &Settings) -> Result<String, RulesError> {
    let interval = settings.speed.scrape_interval();
    let alerting = settings.alertmanager.as_ref().map(|address| Alerting {
        alertmanagers: [Static::new([address])],
    });
    file::yaml(&File {
        global: Global {
            scrape_interval: interval,
            // No longer than the interval, which Prometheus refuses.
            scrape_timeout: match settings.speed {
                Speed::Normal => "10s",
                Speed::Fast => interval,
            },
            evaluation_interval: interval,
        },
        rule_files: [&settings.rules],
        alerting,
        scrape_configs: settings.targets.iter().map(Scrape::of).collect(),
    })
}
