//! How a panel stands: the colour of its worst newest value, or that it says nothing.

use super::{Answered, Firing, Line, ShownBoard, draw};
use crate::model::{Colour, Kind, Step};

/// From good to bad. What cannot be asked is worse than what is asked and red: nobody knows what it hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// A promise is kept, or none was made.
    Fine,
    /// There is nothing to show, and nothing to expect: it needs a load test, or requests, and there were none.
    Idle,
    /// A promise is nearly broken.
    Orange,
    /// There is nothing to show, where there should be.
    Empty,
    /// A promise is broken.
    Red,
    /// Prometheus refuses a query.
    Failed,
}

impl Standing {
    /// What it is called.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Empty => "no data",
            Self::Failed => "fails",
            Self::Orange => "near",
            _ => self.class(),
        }
    }

    /// The class of the page's style.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Idle => "idle",
            Self::Orange => "orange",
            Self::Empty => "empty",
            Self::Red => "red",
            Self::Failed => "failed",
        }
    }

    fn of(colour: Option<Colour>) -> Self {
        match colour {
            Some(Colour::Red) => Self::Red,
            Some(Colour::Orange) => Self::Orange,
            _ => Self::Fine,
        }
    }
}

/// The colour that a value has.
#[must_use]
pub fn colour(steps: &[Step], value: f64) -> Option<Colour> {
    let reached = |step: &&Step| step.from.is_none_or(|from| value >= from);
    steps
        .iter()
        .rev()
        .find(reached)
        .filter(|_| !value.is_nan())
        .map(|step| step.colour)
}

/// How a value stands.
#[must_use]
pub fn value(steps: &[Step], value: f64) -> Standing {
    Standing::of(colour(steps, value))
}

/// Whether less is worse: the lowest values are red.
#[must_use]
pub fn less_is_worse(steps: &[Step]) -> bool {
    steps.first().is_some_and(|step| step.colour == Colour::Red)
}

/// How an alert stands: one that somebody is woken for is red.
#[must_use]
pub fn alert(alert: &Firing) -> Standing {
    match alert.labels.get("severity").map(String::as_str) {
        Some("page") => Standing::Red,
        Some("none") => Standing::Fine,
        _ => Standing::Orange,
    }
}

impl Answered {
    /// How the panel stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        if self.failures().next().is_some() {
            return Standing::Failed;
        }
        if self.is_empty() {
            return if self.is_idle {
                Standing::Idle
            } else {
                Standing::Empty
            };
        }
        if self.panel.kind == Kind::Stacked {
            return draw::whole(&self.lines())
                .map_or(Standing::Fine, |whole| value(&self.panel.steps, whole));
        }
        self.worst()
            .map_or(Standing::Fine, |(standing, _)| standing)
    }

    /// The worst newest value and where it is, if the panel says what is bad.
    #[must_use]
    pub fn worst(&self) -> Option<(Standing, Line<'_>)> {
        // Of a stack the whole is judged, of buckets nothing.
        if matches!(self.panel.kind, Kind::Heatmap | Kind::Stacked) {
            return None;
        }
        let lines = self.lines().into_iter();
        let judged = lines
            .filter(|line| !self.is_limit(line.query))
            .filter_map(|line| {
                let last = line.last()?.value;
                Some((value(self.steps(line.query), last), last, line))
            });
        let less = less_is_worse(&self.panel.steps);
        let badness = |value: f64| if less { -value } else { value };
        let worst = judged.max_by(|(standing, value, _), (other, than, _)| {
            standing
                .cmp(other)
                .then(badness(*value).total_cmp(&badness(*than)))
        });
        worst.map(|(standing, _, line)| (standing, line))
    }
}

impl ShownBoard {
    /// How many of its panels stand so.
    #[must_use]
    pub fn count(&self, standing: Standing) -> usize {
        self.panels()
            .filter(|panel| panel.standing() == standing)
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 3] = [
        Step {
            from: None,
            colour: Colour::Green,
        },
        Step {
            from: Some(0.05),
            colour: Colour::Orange,
        },
        Step {
            from: Some(0.1),
            colour: Colour::Red,
        },
    ];

    #[test]
    fn a_value_has_the_colour_of_the_last_step_that_it_reaches() {
        let standing = |own| value(&STEPS, own);
        assert_eq!(standing(0.049), Standing::Fine);
        assert_eq!(standing(0.05), Standing::Orange);
        assert_eq!(standing(0.1), Standing::Red);
        assert_eq!(standing(f64::INFINITY), Standing::Red);
        assert_eq!(standing(f64::NAN), Standing::Fine);
        assert_eq!(value(&[], 1.0), Standing::Fine);
    }
}
