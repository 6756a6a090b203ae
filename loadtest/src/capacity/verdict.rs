//! The verdict over a search for the capacity, and its sentence.

use super::finding::{Capacity, Step};
use super::saturation::{Resource, generator, saturated};
use super::search::{Outcome, Search, Tried};
use crate::judge::Verdict;
use crate::wording::{per_second, percent};

/// Rates are rounded: a bracket may be so much wider than was asked for.
const ROUNDING: f64 = 0.01;

impl Capacity {
    /// Puts the end of a search into words and figures.
    pub(super) fn conclude(&mut self, search: &Search) {
        let upper = search.upper();
        self.holds = search.held();
        self.breaks = upper.map(|upper| upper.rate);
        self.confirmed = self.holds.is_some_and(|rate| search.is_confirmed(rate));
        let held = self.holds.and_then(|rate| self.at(rate));
        let broke = self.breaks.and_then(|rate| self.at(rate));
        let untrusted = broke.filter(|step| step.outcome == Some(Outcome::Untrusted));
        let saturation = match (untrusted, broke) {
            (Some(step), _) => Some(generator(&step.doubts)),
            (None, Some(step)) => {
                let held = held.and_then(|step| step.load.as_ref());
                Some(saturated(held, step.load.as_ref()))
            }
            (None, None) => None,
        };
        self.footprint = held.and_then(|step| step.footprint.clone());
        self.saturation = saturation;
        (self.verdict, self.sentence) = self.verdict(upper);
    }

    fn verdict(&self, upper: Option<Tried>) -> (Verdict, String) {
        if let Some(died) = &self.died {
            let last = self.steps.last().map_or(0.0, |step| step.rate);
            return (
                Verdict::Fail,
                format!("the target died at {}: {died}", per_second(last)),
            );
        }
        let Some(holds) = self.holds else {
            return self.nothing_holds(upper);
        };
        let held = per_second(holds);
        if !self.confirmed {
            let sentence = format!("{held} held, but was not confirmed");
            return (Verdict::Inconclusive, sentence);
        }
        let Some(upper) = upper else {
            let sentence =
                format!("every budget holds at {held}, the highest rate that may be tried");
            return (Verdict::Pass, sentence);
        };
        let (broken, width) = (per_second(upper.rate), upper.rate / holds - 1.0);
        let bracket = format!("every budget holds at {held}; {broken}");
        let precise = width <= self.plan.precision + ROUNDING;
        match upper.outcome {
            Outcome::Untrusted => {
                let sentence = format!("{bracket} is more than this generator can be trusted with");
                (Verdict::Inconclusive, sentence)
            }
            _ if !precise => {
                let sentence = format!(
                    "{bracket} does not, and what lies between could not be decided: too few requests, make --step-time longer"
                );
                (Verdict::Inconclusive, sentence)
            }
            Outcome::Undecided => {
                let rounds = self.plan.rounds;
                let sentence = format!(
                    "{bracket} could not be decided in {rounds} rounds and counts as not held ({} more)",
                    percent(width)
                );
                (Verdict::Pass, sentence)
            }
            _ => {
                let why = self.first_reason(upper.rate);
                let sentence = format!("{bracket} ({} more) does not{why}", percent(width));
                (Verdict::Pass, sentence)
            }
        }
    }

    fn nothing_holds(&self, upper: Option<Tried>) -> (Verdict, String) {
        let few = |step: &&Step| step.outcome == Some(Outcome::TooFew);
        if let Some(step) = self.steps.iter().rfind(few) {
            let why = step.reasons.first().map_or("", String::as_str);
            let sentence = format!(
                "no rate could be proven to hold, for want of requests ({why}): make --step-time longer, allow more --rounds, or begin at a higher --start"
            );
            return (Verdict::Inconclusive, sentence);
        }
        let Some(upper) = upper else {
            return (Verdict::Inconclusive, "no rate was tried".to_owned());
        };
        let rate = per_second(upper.rate);
        if upper.outcome == Outcome::Untrusted {
            let sentence = format!("even {rate} is more than this generator can be trusted with");
            return (Verdict::Inconclusive, sentence);
        }
        let why = self.first_reason(upper.rate);
        (
            Verdict::Fail,
            format!("the budgets do not hold even at {rate}{why}"),
        )
    }

    fn first_reason(&self, rate: f64) -> String {
        let reason = self.at(rate).and_then(|step| step.reasons.first());
        reason.map_or(String::new(), |reason| format!(": {reason}"))
    }

    /// Whether the target, not the generator, set the limit.
    #[must_use]
    pub fn is_the_targets(&self) -> bool {
        let resource = self.saturation.as_ref().map(|found| found.resource);
        resource != Some(Resource::Generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::finding::PlanShown;

    fn tried(rate: f64, outcome: Outcome, again: bool) -> (Tried, Step) {
        let step = Step {
            rate,
            again,
            outcome: Some(outcome),
            reasons: vec!["GET /: p99 is too long".to_owned()],
            doubts: vec!["it began late".to_owned()],
            ..Step::default()
        };
        let tried = Tried {
            rate,
            outcome,
            again,
        };
        (tried, step)
    }

    fn concluded(steps: &[(f64, Outcome, bool)]) -> Capacity {
        let steps = steps.iter().map(|step| tried(step.0, step.1, step.2));
        let (tried, steps): (Vec<_>, Vec<_>) = steps.unzip();
        let mut capacity = Capacity {
            plan: PlanShown {
                precision: 0.03,
                rounds: 3,
                ..PlanShown::default()
            },
            steps,
            ..Capacity::default()
        };
        capacity.conclude(&Search {
            start: 100.0,
            precision: 0.03,
            max: f64::INFINITY,
            tried,
        });
        capacity
    }

    #[test]
    fn a_confirmed_bracket_passes_and_says_what_broke_first() {
        use Outcome::{Breaks, Holds, Undecided};
        let found = concluded(&[
            (100.0, Holds, false),
            (102.0, Breaks, false),
            (100.0, Holds, true),
        ]);
        assert_eq!(found.verdict, Verdict::Pass);
        let sentence =
            "every budget holds at 100/s; 102/s (2.00% more) does not: GET /: p99 is too long";
        assert_eq!(found.sentence, sentence);
        let found = concluded(&[
            (100.0, Holds, false),
            (102.0, Undecided, false),
            (100.0, Holds, true),
        ]);
        assert!(
            found
                .sentence
                .contains("could not be decided in 3 rounds and counts as not held")
        );
    }

    #[test]
    fn the_generators_limit_is_no_capacity() {
        use Outcome::{Holds, Untrusted};
        let found = concluded(&[
            (100.0, Holds, false),
            (102.0, Untrusted, false),
            (100.0, Holds, true),
        ]);
        assert_eq!(found.verdict, Verdict::Inconclusive);
        assert!(!found.is_the_targets());
        assert!(found.saturation.unwrap().sentence.contains("it began late"));
    }

    #[test]
    fn a_target_that_holds_nothing_fails_and_one_that_was_hardly_asked_does_not() {
        use Outcome::{Breaks, TooFew};
        assert_eq!(concluded(&[(100.0, Breaks, false)]).verdict, Verdict::Fail);
        let few = concluded(&[(100.0, TooFew, false), (200.0, Breaks, false)]);
        assert_eq!(few.verdict, Verdict::Inconclusive);
        assert!(few.sentence.contains("--step-time"), "{}", few.sentence);
    }
}
