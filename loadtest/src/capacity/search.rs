//! Which rate to try next: pure, from what was found so far.
//!
//! Doubling until a rate does not hold, then bisection (by the geometric mean, since the precision
//! is a share) until the bracket is narrow enough; then the highest rate that held runs again. If it
//! does not hold the second time, it is the upper end of a new bracket.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A rate is not looked for below this.
const LEAST_RATE: f64 = 1.0;
/// Steps at most: a target whose capacity changes all the time has none.
const MOST_STEPS: usize = 60;

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every budget was kept.
    Holds,
    /// A budget was broken.
    Breaks,
    /// The last round that was allowed did not decide it, and something was seen over its budget:
    /// it counts as not held.
    Undecided,
    /// The last round that was allowed did not decide it for want of requests; everything that was
    /// seen was within its budget. It does not count as held, but a higher rate may be.
    TooFew,
    /// The generator could not be trusted: it counts as not held.
    Untrusted,
}

/// A step that was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tried {
    /// Requests per second.
    pub rate: f64,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether it was made to confirm an earlier one.
    pub again: bool,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// Try this rate.
    Try(f64),
    /// Try this rate again.
    Again(f64),
    /// There is nothing more to find.
    Done,
}

/// A search.
#[derive(Clone, Debug)]
pub struct Search {
    /// The first rate.
    pub start: f64,
    /// The bracket may be as wide as this share.
    pub precision: f64,
    /// The highest rate that is tried.
    pub max: f64,
    /// What was found so far.
    pub tried: Vec<Tried>,
}

impl Outcome {
    /// Whether rates above it need not be tried.
    fn bounds(self) -> bool {
        matches!(self, Self::Breaks | Self::Undecided | Self::Untrusted)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Holds => "holds",
            Self::Breaks => "breaks",
            Self::Undecided => "undecided",
            Self::TooFew => "too few requests",
            Self::Untrusted => "generator untrusted",
        })
    }
}

impl Search {
    /// The lowest rate that was not held.
    #[must_use]
    pub fn upper(&self) -> Option<Tried> {
        let not_held = self.tried.iter().filter(|tried| tried.outcome.bounds());
        not_held
            .min_by(|one, other| one.rate.total_cmp(&other.rate))
            .copied()
    }

    /// The highest rate below that which may hold: it was held, or there were too few requests.
    fn lower(&self) -> Option<Tried> {
        self.below(|outcome| !outcome.bounds())
    }

    /// The highest rate that held, and none below it did not.
    #[must_use]
    pub fn held(&self) -> Option<f64> {
        self.below(|outcome| outcome == Outcome::Holds)
            .map(|tried| tried.rate)
    }

    /// Whether this rate held when it ran again.
    #[must_use]
    pub fn is_confirmed(&self, rate: f64) -> bool {
        let mut again = self.again(rate);
        again.any(|tried| tried.outcome == Outcome::Holds)
    }

    /// What to do next.
    #[must_use]
    pub fn next(&self) -> Next {
        if self.tried.len() >= MOST_STEPS {
            return Next::Done;
        }
        match (self.lower(), self.upper()) {
            (None, None) => Next::Try(self.start.min(self.max)),
            (Some(lower), None) if lower.rate >= self.max => self.confirm(lower),
            (Some(lower), None) => Next::Try(rounded((lower.rate * 2.0).min(self.max))),
            (None, Some(upper)) if upper.rate / 2.0 < LEAST_RATE => Next::Done,
            (None, Some(upper)) => Next::Try(rounded(upper.rate / 2.0)),
            (Some(lower), Some(upper)) => {
                let middle = rounded((lower.rate * upper.rate).sqrt());
                let narrow = upper.rate <= lower.rate * (1.0 + self.precision);
                if narrow || middle <= lower.rate || middle >= upper.rate {
                    self.confirm(lower)
                } else {
                    Next::Try(middle)
                }
            }
        }
    }

    fn confirm(&self, lower: Tried) -> Next {
        if self.again(lower.rate).next().is_some() {
            Next::Done
        } else {
            Next::Again(lower.rate)
        }
    }

    fn again(&self, rate: f64) -> impl Iterator<Item = &Tried> {
        let same = move |tried: &&Tried| tried.again && tried.rate.total_cmp(&rate).is_eq();
        self.tried.iter().filter(same)
    }

    fn below(&self, fits: impl Fn(Outcome) -> bool) -> Option<Tried> {
        let end = self.upper().map_or(f64::INFINITY, |upper| upper.rate);
        let below = self.tried.iter().filter(|tried| tried.rate < end);
        let fitting = below.filter(|tried| fits(tried.outcome));
        fitting
            .max_by(|one, other| one.rate.total_cmp(&other.rate))
            .copied()
    }
}

/// A rate as a person would write it: whole, or with one decimal where it is small.
fn rounded(rate: f64) -> f64 {
    if rate >= 100.0 {
        rate.round()
    } else {
        (rate * 10.0).round() / 10.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(start: f64, max: f64) -> Search {
        Search {
            start,
            precision: 0.03,
            max,
            tried: Vec::new(),
        }
    }

    /// Runs a search to its end against a target that `answers`.
    fn run(mut search: Search, mut answers: impl FnMut(f64, bool) -> Outcome) -> Search {
        loop {
            let (rate, again) = match search.next() {
                Next::Try(rate) => (rate, false),
                Next::Again(rate) => (rate, true),
                Next::Done => return search,
            };
            let outcome = answers(rate, again);
            search.tried.push(Tried {
                rate,
                outcome,
                again,
            });
        }
    }

    fn up_to(capacity: f64) -> impl FnMut(f64, bool) -> Outcome {
        move |rate, _| {
            if rate <= capacity {
                Outcome::Holds
            } else {
                Outcome::Breaks
            }
        }
    }

    #[test]
    fn the_bracket_holds_the_capacity_wherever_it_begins() {
        for (start, capacity) in [
            (200.0, 777.0),
            (200.0, 200.0),
            (5_000.0, 33.3),
            (1.0, 54_321.0),
        ] {
            let done = run(search(start, f64::INFINITY), up_to(capacity));
            let (held, upper) = (done.held().unwrap(), done.upper().unwrap().rate);
            assert!(held <= capacity && capacity < upper, "{held} {upper}");
            assert!(upper <= held * 1.031, "{held} {upper}");
            assert!(done.is_confirmed(held));
            assert!(done.tried.len() <= 25, "{} steps", done.tried.len());
        }
    }

    #[test]
    fn it_ends_at_the_highest_rate_that_may_be_tried() {
        let done = run(search(200.0, 1_000.0), up_to(5_000.0));
        assert_eq!((done.held(), done.upper()), (Some(1_000.0), None));
        assert!(done.is_confirmed(1_000.0));
    }

    #[test]
    fn a_rate_that_does_not_hold_again_is_the_end_of_a_new_bracket() {
        let mut highest = 0.0_f64;
        let done = run(search(100.0, f64::INFINITY), |rate, again| {
            let good = rate <= if again { 450.0 } else { 500.0 };
            highest = highest.max(if good { rate } else { 0.0 });
            if good {
                Outcome::Holds
            } else {
                Outcome::Breaks
            }
        });
        let held = done.held().unwrap();
        assert!(held <= 450.0 && held > 430.0, "{held} of {highest}");
        assert!(done.is_confirmed(held));
    }

    #[test]
    fn for_want_of_requests_it_goes_up_and_what_was_not_proven_is_not_held() {
        let done = run(search(100.0, f64::INFINITY), |rate, _| match rate {
            rate if rate < 350.0 => Outcome::TooFew,
            rate if rate <= 900.0 => Outcome::Holds,
            _ => Outcome::Breaks,
        });
        assert!(
            done.held()
                .is_some_and(|held| held > 870.0 && held <= 900.0)
        );
        let never = run(search(100.0, f64::INFINITY), |rate, _| {
            if rate < 900.0 {
                Outcome::TooFew
            } else {
                Outcome::Breaks
            }
        });
        assert_eq!(never.held(), None);
    }

    #[test]
    fn what_was_not_decided_counts_as_not_held() {
        for outcome in [Outcome::Undecided, Outcome::Untrusted] {
            let done = run(search(100.0, f64::INFINITY), |rate, _| {
                if rate > 300.0 {
                    outcome
                } else {
                    Outcome::Holds
                }
            });
            assert!(done.held().is_some_and(|held| held > 290.0));
            assert_eq!(done.upper().unwrap().outcome, outcome);
        }
    }

    #[test]
    fn a_target_that_holds_nothing_ends_it() {
        let done = run(search(200.0, f64::INFINITY), |_, _| Outcome::Breaks);
        assert_eq!(done.held(), None);
        assert!(done.tried.len() < 10);
    }
}
