//! Do the answers' headers tell the truth? Of each route the slowest answers are looked at.

use super::{Case, over_routes, target};
use crate::evidence::SlowRequest;
use crate::judge::{Finding, Verdict};
use crate::wording::{count, time};
use std::collections::{BTreeMap, BTreeSet};

const TIMING: &str = "Server-Timing <= the client's time";
/// The header is rounded to microseconds, phase by phase.
const ROUNDING_MS: f64 = 0.01;

/// A header that names a request.
struct Name {
    promise: &'static str,
    header: &'static str,
    of: fn(&SlowRequest) -> Option<&str>,
}

const NAMES: [Name; 2] = [
    Name {
        promise: "every answer has a trace id of its own",
        header: "traceresponse",
        of: |request| request.trace_id.as_deref(),
    },
    Name {
        promise: "every answer has a request id of its own",
        header: "X-Request-Id",
        of: |request| request.request_id.as_deref(),
    },
];

pub(super) fn findings(case: &Case) -> Vec<Finding> {
    let routes = case.evidence.rounds.iter().flat_map(|round| &round.routes);
    let mut slowest: BTreeMap<&str, Vec<&SlowRequest>> = BTreeMap::new();
    for record in routes {
        let kept = slowest.entry(&record.route).or_default();
        kept.extend(&record.slowest);
    }
    let all: Vec<_> = slowest.values().flatten().copied().collect();
    let mut findings = timing(&slowest);
    findings.extend(NAMES.iter().map(|name| unique(name, &all)));
    findings
}

fn timing(slowest: &BTreeMap<&str, Vec<&SlowRequest>>) -> Vec<Finding> {
    let told = slowest.iter().filter_map(|(route, kept)| {
        let told = kept.iter().filter(|request| !request.phases.is_empty());
        let told: Vec<_> = told.copied().collect();
        (!told.is_empty()).then_some((*route, told))
    });
    let told: Vec<_> = told.collect();
    if told.is_empty() {
        let message = "no answer has the header Server-Timing";
        return vec![unknown(TIMING, message)];
    }
    let answers: usize = told.iter().map(|(_, told)| told.len()).sum();
    let answers = count(u64::try_from(answers).unwrap_or(u64::MAX));
    let results = told
        .into_iter()
        .map(|(route, told)| (route, told.into_iter().try_for_each(within)));
    over_routes(TIMING, results.collect(), |routes| {
        format!("{answers} answers of {routes}")
    })
}

fn within(request: &SlowRequest) -> Result<(), String> {
    let server: f64 = request.phases.values().sum();
    let client = request.ms - request.waited_ms;
    if server <= client + ROUNDING_MS {
        return Ok(());
    }
    let (server, client) = (time(server), time(client));
    Err(format!("an answer says {server} that took {client}"))
}

fn unique(name: &Name, all: &[&SlowRequest]) -> Finding {
    let Name {
        promise,
        header,
        of,
    } = name;
    let ids: Vec<_> = all.iter().filter_map(|request| of(request)).collect();
    if ids.is_empty() {
        return unknown(promise, &format!("no answer has the header {header}"));
    }
    let number = |number| count(u64::try_from(number).unwrap_or(u64::MAX));
    let distinct = ids.iter().collect::<BTreeSet<_>>().len();
    let (all, without) = (number(all.len()), all.len() - ids.len());
    if without > 0 {
        let without = number(without);
        let message = format!("{without} of {all} answers have no {header}");
        return target(false, promise, message);
    }
    let twice = ids.len() - distinct;
    let message = if twice > 0 {
        format!(
            "{} of {all} answers have one that another has",
            number(twice)
        )
    } else {
        format!("{all} answers")
    };
    target(twice == 0, promise, message)
}

fn unknown(promise: &str, message: &str) -> Finding {
    Finding::new(Verdict::Inconclusive, super::TARGET, promise, message)
}
