//! What a run reports, as far as the tests ask.

use serde_json::Value;

/// `run.json`.
#[derive(Debug)]
pub struct Report(Value);

impl Report {
    pub fn of(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap())
    }

    pub fn verdict(&self) -> &str {
        self.0["judgement"]["verdict"].as_str().unwrap()
    }

    /// The verdict over one promise.
    pub fn verdict_of(&self, subject: &str, promise: &str) -> &str {
        let findings = self.0["judgement"]["findings"].as_array().unwrap();
        let finding = findings
            .iter()
            .find(|finding| finding["subject"] == subject && finding["promise"] == promise);
        let finding = finding.unwrap_or_else(|| panic!("{subject}: {promise} in {findings:#?}"));
        finding["verdict"].as_str().unwrap()
    }

    /// What is said about a subject.
    pub fn said_of(&self, subject: &str) -> String {
        let findings = self.0["judgement"]["findings"].as_array().unwrap();
        let own = findings
            .iter()
            .filter(|finding| finding["subject"] == subject);
        own.map(|finding| finding["message"].as_str().unwrap())
            .collect::<Vec<_>>()
            .join("; ")
    }

    /// A figure of a route; none where it was not measured.
    pub fn maybe(&self, route: &str, figure: &str) -> Option<f64> {
        let routes = self.0["measured"]["routes"].as_array().unwrap();
        let figures = routes.iter().find(|figures| figures["route"] == route);
        figures.unwrap()[figure].as_f64()
    }

    /// A figure of a route.
    pub fn of_route(&self, route: &str, figure: &str) -> f64 {
        let found = self.maybe(route, figure);
        found.unwrap_or_else(|| panic!("{figure} of {route} in {:#}", self.0["measured"]))
    }

    /// The shortest answer of a route.
    pub fn shortest_ms(&self, route: &str) -> f64 {
        let routes = self.0["measured"]["routes"].as_array().unwrap();
        let figures = routes.iter().find(|figures| figures["route"] == route);
        let latency = figures.unwrap()["latency"].as_array().unwrap();
        let times = latency.iter().filter_map(|point| point["ms"].as_f64());
        times.reduce(f64::min).unwrap()
    }

    /// The messages of a route's wrong answers.
    pub fn messages(&self, route: &str) -> String {
        let routes = self.0["measured"]["routes"].as_array().unwrap();
        let figures = routes.iter().find(|figures| figures["route"] == route);
        figures.unwrap()["messages"].to_string()
    }

    /// A figure of the whole run, by its path.
    pub fn at(&self, pointer: &str) -> &Value {
        let found = self.0.pointer(pointer);
        found.unwrap_or_else(|| panic!("{pointer} in {:#}", self.0["measured"]))
    }

    pub fn number_at(&self, pointer: &str) -> f64 {
        self.at(pointer).as_f64().unwrap()
    }
}
