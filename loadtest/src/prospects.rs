//! What a run can decide, said before it is made: how many requests each promise would be judged
//! from, and how many it takes at least. Pure; `loadtest plan` shows it.
//!
//! It is about the least that proves a kept promise: not one request over budget. A target that is
//! close to its budget needs more, which only a run can tell.

use crate::budgets::Budgets;
use crate::judge::{Rule, look_after};
use crate::numbers::{count, whole};
use crate::statistics::least_for_pass;
use crate::wording;

/// What is going to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// Requests of a round.
    pub per_round: f64,
    /// Rounds at least and at most.
    pub rounds: (u32, u32),
    /// Routes by name, with the share of all requests that each one gets.
    pub shares: Vec<(String, f64)>,
}

/// What can be said of one promise.
#[derive(Clone, Debug, PartialEq)]
pub struct Prospect {
    /// Whose promise it is: a route, or `run`.
    pub subject: String,
    /// What is promised.
    pub promise: String,
    /// Requests per round that are expected to be counted for it.
    pub per_round: f64,
    /// So many of them, all within budget, prove it at the first look, at the second, and so on;
    /// empty where nothing needs to be proven.
    pub least: Vec<u64>,
    /// The round after which it can be decided at the earliest; None if in no round.
    pub round: Option<u32>,
    /// With so many times the requests per round, it could be decided.
    pub times: f64,
    /// Whether it enters the verdict over the run when it stays undecided.
    pub counts: bool,
}

impl Prospect {
    /// Whether a run would stay inconclusive for it.
    #[must_use]
    pub fn is_against(&self) -> bool {
        self.counts && self.round.is_none()
    }
}

/// What can be said of every promise about routes and of that of the run.
#[must_use]
pub fn prospects(load: &Load, budgets: &Budgets) -> Vec<Prospect> {
    let run = format!("errors <= {}", budgets.run_errors);
    let prospect = |subject: &str, promise: String, share: f64, allowed: f64| {
        load.prospect(budgets, subject, promise, share, allowed)
    };
    let mut prospects = vec![prospect("run", run, 1.0, budgets.run_errors.0)];
    for (route, share) in &load.shares {
        let budget = budgets.route(route);
        for promise in &budget.times {
            let allowed = promise.percentile.allowed();
            prospects.push(prospect(route, promise.to_string(), *share, allowed));
        }
        if let Some(errors) = budget.errors {
            let promise = format!("errors <= {errors}");
            prospects.push(Prospect {
                counts: budget.errors_of_its_own,
                ..prospect(route, promise, *share, errors.0)
            });
        }
    }
    prospects
}

impl Load {
    fn prospect(
        &self,
        budgets: &Budgets,
        subject: &str,
        promise: String,
        share: f64,
        allowed: f64,
    ) -> Prospect {
        let (first, most) = self.rounds;
        let per_round = self.per_round * share;
        let rounds = (1..=most).filter_map(|round| Some((round, look_after(round, first)?)));
        let needed = rounds.filter_map(|(round, look)| {
            let error = Rule::at_look(budgets, look).error();
            // A share of nothing is not proven, only seen: one request is enough to look at.
            let least = least_for_pass(allowed, error).unwrap_or(1);
            (round > 0).then_some((round, least))
        });
        let needed: Vec<(u32, u64)> = needed.collect();
        let reached = |(round, least): &&(u32, u64)| per_round * f64::from(*round) >= count(*least);
        let times = needed
            .iter()
            .map(|(round, least)| count(*least) / (per_round * f64::from(*round)));
        Prospect {
            subject: subject.to_owned(),
            promise,
            per_round,
            round: needed.iter().find(reached).map(|(round, _)| *round),
            times: times.fold(f64::INFINITY, f64::min),
            least: needed.iter().map(|(_, least)| *least).collect(),
            counts: true,
        }
    }
}

/// What would decide everything: a rate, or a length of the rounds. None when everything can be
/// decided, and when nothing would help.
#[must_use]
pub fn remedy(prospects: &[Prospect], rate: f64, round_seconds: f64) -> Option<String> {
    let against = prospects.iter().filter(|prospect| prospect.is_against());
    let times = against.map(|prospect| prospect.times).reduce(f64::max)?;
    if !times.is_finite() {
        return None;
    }
    let rate = wording::count(whole((rate * times).ceil()));
    let seconds = whole((round_seconds * times).ceil());
    Some(format!(
        "--rate {} or --round-time {seconds}s",
        rate.replace(' ', "")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budgets::Percentile;

    fn load(per_round: f64, rounds: (u32, u32)) -> Load {
        let share = |name: &str, share| (name.to_owned(), share);
        Load {
            per_round,
            rounds,
            shares: vec![share("GET /often", 0.9), share("GET /rarely", 0.1)],
        }
    }

    fn of(load: &Load, text: &str) -> Vec<Prospect> {
        prospects(load, &Budgets::parse("budgets.toml", text).unwrap())
    }

    #[test]
    fn what_is_called_often_is_decided_early_and_what_is_called_rarely_late() {
        let found = of(
            &load(1_000.0, (1, 8)),
            "[run]\nerrors = \"1%\"\n[default]\np99 = \"100ms\"",
        );
        let [run, often, rarely] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!((run.promise.as_str(), run.round), ("errors <= 1%", Some(1)));
        // With half the error at the first look, 368 requests prove a p99.
        assert_eq!((often.round, often.least[0]), (Some(1), 368));
        assert!((rarely.per_round - 100.0).abs() < 1e-9);
        // 100 a round; at the sixth look 712 are needed, at the eighth 850.
        assert_eq!(rarely.round, None);
        assert!((rarely.times - 850.0 / 800.0).abs() < 1e-9, "{rarely:?}");
        let remedy = remedy(&found, 200.0, 5.0);
        assert_eq!(remedy.as_deref(), Some("--rate 213 or --round-time 6s"));
    }

    #[test]
    fn what_the_plan_says_is_what_the_judge_does() {
        for percentile in Percentile::ALL {
            let allowed = percentile.allowed();
            let budgets = Budgets::parse("budgets.toml", "").unwrap();
            for look in 1..6 {
                let error = Rule::at_look(&budgets, look).error();
                let least = count(least_for_pass(allowed, error).unwrap());
                let upper = |samples| crate::statistics::upper_bound(0.0, samples, error);
                assert!(upper(least) <= allowed && upper(least - 1.0) > allowed);
            }
        }
    }

    #[test]
    fn looks_begin_with_the_least_number_of_rounds() {
        let found = of(&load(1_000.0, (3, 4)), "[default]\np99 = \"100ms\"");
        assert_eq!(found[1].round, Some(3));
        assert_eq!(found[1].least.len(), 2);
    }

    #[test]
    fn an_error_share_for_all_routes_need_not_be_decided_for_each() {
        let text = "[run]\nerrors = \"1%\"\n[default]\nerrors = \"0.1%\"";
        let found = of(&load(1_000.0, (1, 1)), text);
        assert!(found.iter().all(|prospect| !prospect.is_against()));
        assert_eq!(found[2].round, None);
        let own = of(
            &load(1_000.0, (1, 1)),
            "[route.\"GET /rarely\"]\nerrors = \"0.1%\"",
        );
        assert!(own[1].is_against());
    }
}
