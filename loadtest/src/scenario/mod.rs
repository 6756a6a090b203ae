//! Scenario files: traffic written as data, for a service that is not ours.
//!
//! `loadtest init` writes one with everything explained; `loadtest/examples/notes.toml` is one that is
//! used. In short: `[[scenario]]` is a kind of user, its `[[scenario.step]]`s are requests which
//! they send in this order, over and over. `{placeholders}` in texts are filled for each request:
//! with what an earlier step captured, with a row of `[data]`, with dice.
//!
//! A file is read whole before anything is sent: [`file`] is what is written, `compile`, `steps` and
//! `answers` check it and take it apart, into `step`s that only fill in values. Whatever
//! cannot be meant is an error with its line and column. Values of the environment are in what is
//! sent and in nothing that is shown.

mod answers;
mod body;
mod budgets;
mod check;
mod compile;
mod data;
mod error;
mod file;
mod flow;
mod node;
mod path;
mod pointer;
mod step;
mod steps;
mod template;
mod values;

#[cfg(test)]
mod tests;

pub use error::ScenarioError;

use crate::evidence::MetricNames;
use crate::numbers::portion;
use crate::traffic::{Job, Part, RouteInfo, Traffic};
use anyhow::Context;
use compile::{Surroundings, compile};
use data::Table;
use error::Fault;
use flow::Flow;
use std::path::Path;
use std::sync::Arc;

/// A scenario file that was read, and can be meant.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Hosts that may be attacked although they are not this machine.
    pub allow_hosts: Vec<String>,
    /// What the target's metrics are called.
    pub metrics: MetricNames,
    /// Its `[budgets]`, as the text of a budgets file in which everything has kept its line.
    pub budgets: Option<String>,
    routes: Vec<RouteInfo>,
    tables: Arc<Vec<(String, Table)>>,
    flows: Vec<Arc<Flow>>,
}

impl Scenario {
    /// Reads a scenario file, with the files that it names and the environment.
    ///
    /// # Errors
    /// When it cannot be read, or says something that cannot be meant.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
        let folder = file.parent().unwrap_or(Path::new("."));
        Ok(Self::parse(&name, &text, folder, &environment)?)
    }

    /// Reads the text of a scenario file; `name` is what errors call it, `folder` where it looks
    /// for its data files, `environment` what it looks up its `{env:…}` in.
    ///
    /// # Errors
    /// When the text is no TOML, or says something that cannot be meant.
    pub fn parse(
        name: &str,
        text: &str,
        folder: &Path,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ScenarioError> {
        let around = Surroundings {
            folder,
            environment,
        };
        let read = toml::from_str(text).map_err(|error| Fault::of_toml(&error));
        let scenario = read.and_then(|file| {
            let budgets = budgets::cut_out(text, &file)?;
            let scenario = compile(file, &around)?;
            Ok(Self {
                budgets,
                ..scenario
            })
        });
        scenario.map_err(|fault| fault.within(name, text))
    }

    /// The share of the requests that each route gets, if every answer is right: users of all kinds send
    /// at the same rate, and every one goes through its steps.
    #[must_use]
    pub fn expected_shares(&self) -> Vec<(String, f64)> {
        let weights: usize = self.flows.iter().map(|flow| flow.weight).sum();
        let mut shares: Vec<_> = self
            .routes
            .iter()
            .map(|route| (route.name.clone(), 0.0))
            .collect();
        for flow in &self.flows {
            let requests: u32 = flow.steps.iter().map(|step| step.repeat).sum();
            for step in &flow.steps {
                if let Some((_, share)) = shares.get_mut(step.route.0) {
                    let of_flow = f64::from(step.repeat) / f64::from(requests);
                    *share += of_flow * portion(flow.weight, weights);
                }
            }
        }
        shares
    }
}

impl Traffic {
    /// What a scenario file says.
    #[must_use]
    pub fn of_scenario(scenario: &Scenario) -> Self {
        let part = |flow: &Arc<Flow>| Part {
            name: flow.name.clone(),
            weight: flow.weight,
            jobs: vec![Job {
                name: flow.name.clone(),
                weight: 1,
                run: flow::run(flow, &scenario.tables),
            }],
        };
        Self {
            routes: scenario.routes.clone(),
            parts: scenario.flows.iter().map(part).collect(),
            needs_population: false,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a scenario file names the variables that it takes secrets from"
)]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
