//! The verdict: measurements and budgets in, reasons out. Pure, so a report can be judged again.
//!
//! A run is VOID when its figures cannot be trusted: client and server did not count the same
//! requests, or something with a budget was not measured. Otherwise it FAILs when a budget was
//! broken. A target that died has failed, whatever else could not be measured.

use crate::budgets::Budgets;
use crate::incidents::INCIDENTS;
use crate::measurements::{Measurements, QueryFigures, RouteFigures, ServerFigures};
use crate::numbers::{least, milliseconds, whole_share};
use crate::routes::Route;
use crate::wording::{percent, time};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a run, a route or a query did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// Every budget was kept.
    Pass,
    /// A budget was broken.
    Fail,
    /// The figures cannot be trusted.
    Void,
}

/// One thing that stands against a pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What it makes of the run: FAIL or VOID.
    pub verdict: Verdict,
    /// The route or query, or `target`.
    pub subject: String,
    /// What was measured and what is allowed.
    pub message: String,
}

/// The verdict over a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Over the whole run.
    pub verdict: Verdict,
    /// Everything that stands against a pass, in the order of the report.
    pub reasons: Vec<Reason>,
}

/// Judges a run.
#[must_use]
pub fn judge(measured: &Measurements, budgets: &Budgets) -> Judgement {
    let mut bench = Bench::default();
    if let Some(why) = &measured.target_died {
        bench.fail("target", format!("it died during the attack: {why}"));
    }
    for figures in &measured.routes {
        bench.route(figures, budgets);
        if measured.target_died.is_none() {
            bench.trust(figures);
        }
    }
    for figures in &measured.queries {
        bench.query(figures, budgets);
    }
    if let Some(server) = &measured.server {
        bench.server(server, budgets);
    }
    let died = measured.target_died.as_ref().map(|_| Verdict::Fail);
    let worst = bench.reasons.iter().map(|reason| reason.verdict).max();
    Judgement {
        verdict: died.or(worst).unwrap_or(Verdict::Pass),
        reasons: bench.reasons,
    }
}

impl Judgement {
    /// The verdict over one route, one query, or the `target`.
    #[must_use]
    pub fn of(&self, subject: &str) -> Verdict {
        Reason::worst(&self.reasons, subject)
    }
}

impl Reason {
    /// The verdict over one subject, by all the reasons of a run.
    #[must_use]
    pub fn worst(reasons: &[Self], subject: &str) -> Verdict {
        let own = reasons.iter().filter(|reason| reason.subject == subject);
        own.map(|reason| reason.verdict)
            .max()
            .unwrap_or(Verdict::Pass)
    }
}

#[derive(Default)]
struct Bench {
    reasons: Vec<Reason>,
}

impl Bench {
    fn fail(&mut self, subject: &str, message: String) {
        self.against(Verdict::Fail, subject, message);
    }

    fn void(&mut self, subject: &str, message: String) {
        self.against(Verdict::Void, subject, message);
    }

    fn against(&mut self, verdict: Verdict, subject: &str, message: String) {
        self.reasons.push(Reason {
            verdict,
            subject: subject.to_owned(),
            message,
        });
    }

    /// The route's budgets, by the client's clock.
    fn route(&mut self, figures: &RouteFigures, budgets: &Budgets) {
        let Some(route) = Route::named(&figures.route) else {
            return self.void(&figures.route, "there is no such route".to_owned());
        };
        let budget = budgets.route(route);
        if figures.within_budget < least(0.99, figures.requests) {
            let within = percent(figures.share_within());
            let allowed = time(milliseconds(budget.p99.0));
            let measured = figures.p99_ms.map_or_else(
                || "p99 falls among the failed requests".to_owned(),
                |p99| format!("p99 {}", time(p99)),
            );
            let message = format!("{measured}, allowed {allowed} ({within} within)");
            self.fail(&figures.route, message);
        }
        let right = figures.requests - figures.errors;
        if right < least(1.0 - budget.errors.0, figures.requests) {
            let share = percent(figures.error_share());
            let first = figures.messages.iter().max_by_key(|(_, count)| **count);
            let first = first.map_or(String::new(), |(message, _)| format!(": {message}"));
            let message = format!("errors {share}, allowed {}{first}", budget.errors);
            self.fail(&figures.route, message);
        }
    }

    /// Whether both sides counted the same, and anything at all.
    fn trust(&mut self, figures: &RouteFigures) {
        if figures.requests == 0 {
            return self.void(&figures.route, "no request was made".to_owned());
        }
        match figures.counted {
            Some(counted) if counted == figures.sent => {}
            Some(counted) => {
                let message = format!("client sent {}, server counted {counted}", figures.sent);
                self.void(&figures.route, message);
            }
            None => self.void(
                &figures.route,
                "the target exports no count of it".to_owned(),
            ),
        }
    }

    /// The query's budget, by the server's clock.
    fn query(&mut self, figures: &QueryFigures, budgets: &Budgets) {
        let within = time(figures.budget_ms);
        if let Some(why) = &figures.unjudged {
            return self.void(&figures.query, format!("cannot be judged: {why}"));
        }
        let share = budgets.query(&figures.query).share;
        // Rounded up to a whole call: 0.1% of 670 calls is one, or a single late call would break
        // a promise that so few calls cannot prove broken.
        if figures.within_budget() < whole_share(share.0, figures.calls) {
            let measured = percent(figures.share_within());
            let message = format!("{measured} within {within}, at least {share} required");
            self.fail(&figures.query, message);
        }
    }

    /// What must not happen in the target.
    fn server(&mut self, figures: &ServerFigures, budgets: &Budgets) {
        for incident in &INCIDENTS {
            let (what, allowed) = (incident.title, (incident.allowed)(&budgets.server));
            match figures.count(incident) {
                None => self.void("target", format!("it does not export the number of {what}")),
                Some(count) if count > allowed => {
                    self.fail("target", format!("{what} {count}, allowed {allowed}"));
                }
                Some(_) => {}
            }
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Void => "VOID",
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.subject, self.message)
    }
}

#[cfg(test)]
mod tests;
