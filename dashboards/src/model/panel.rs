//! Panels put together in a few lines: what it is drawn as, what it says, what it asks, what it means.

use super::{BUDGET_SECONDS, Colour, DrillDown, Kind, Needs, Panel, Query, Step, Unit};

/// From the lowest value on: nothing is promised.
const NEUTRAL: Step = Step {
    from: None,
    colour: Colour::Grey,
};

impl Panel {
    /// A panel that has no queries yet.
    ///
    /// It is 12 columns wide and 8 rows high, needs traffic, and its values are 0 or more; those of a ratio are at most 1.
    /// Seconds have the line of 100 ms.
    #[must_use]
    pub fn new(kind: Kind, unit: Unit, title: &'static str) -> Self {
        let (steps, plausible) = match unit {
            Unit::Seconds => (
                vec![NEUTRAL, red(BUDGET_SECONDS)],
                // A request is given up after some seconds.
                (0.0, 60.0),
            ),
            Unit::Ratio => (vec![NEUTRAL], (0.0, 1.0)),
            _ => (vec![NEUTRAL], (0.0, 1e15)),
        };
        Self {
            title,
            description: "",
            runbook: "",
            kind,
            unit,
            steps,
            queries: vec![],
            width: 12,
            height: 8,
            plausible,
            needs: Needs::Traffic,
            drill_down: None,
        }
    }

    /// How to read it, and the page and heading in `runbooks/` that explain it.
    #[must_use]
    pub fn says(mut self, description: &'static str, runbook: &'static str) -> Self {
        self.description = description;
        self.runbook = runbook;
        self
    }

    /// Asks `expression` as well; see [`Query::legend`]. Kinds that show one value for each series ask for the newest only.
    #[must_use]
    pub fn asks(mut self, expression: impl Into<String>, legend: &'static str) -> Self {
        self.queries.push(Query {
            expression: expression.into(),
            legend,
            instant: matches!(self.kind, Kind::Table | Kind::BarGauge),
            colour: None,
            unit: None,
            steps: vec![],
        });
        self
    }

    /// Gives what was asked last a colour.
    #[must_use]
    pub fn coloured(mut self, colour: Colour) -> Self {
        if let Some(query) = self.queries.last_mut() {
            query.colour = Some(colour);
        }
        self
    }

    /// Gives the column that was asked last a unit and steps of its own.
    #[must_use]
    pub fn column(mut self, unit: Unit, steps: impl IntoIterator<Item = Step>) -> Self {
        if let Some(query) = self.queries.last_mut() {
            query.unit = Some(unit);
            query.steps = stepped(steps);
        }
        self
    }

    /// From these values on it means something else; below the first, nothing is promised unless [`good_below`] says so.
    #[must_use]
    pub fn steps(mut self, steps: impl IntoIterator<Item = Step>) -> Self {
        self.steps = stepped(steps);
        self
    }

    /// Columns of 24, and rows of 30 pixels.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        (self.width, self.height) = (width, height);
        self
    }

    /// What its values can be.
    #[must_use]
    pub fn between(mut self, least: f64, most: f64) -> Self {
        self.plausible = (least, most);
        self
    }

    /// What must go on for it to have data.
    #[must_use]
    pub fn needs(mut self, needs: Needs) -> Self {
        self.needs = needs;
        self
    }

    /// A click on a series leads to `board`, with `variable` set to the series' `label`.
    #[must_use]
    pub fn drills_down(
        mut self,
        board: &'static str,
        variable: &'static str,
        label: &'static str,
    ) -> Self {
        self.drill_down = Some(DrillDown {
            board,
            variable,
            label,
        });
        self
    }
}

/// The steps, with one that has no lower end before them.
fn stepped(steps: impl IntoIterator<Item = Step>) -> Vec<Step> {
    let mut steps: Vec<Step> = steps.into_iter().collect();
    if steps.first().is_none_or(|first| first.from.is_some()) {
        steps.insert(0, NEUTRAL);
    }
    steps
}

const fn from(value: f64, colour: Colour) -> Step {
    Step {
        from: Some(value),
        colour,
    }
}

/// From `value` on a promise is broken.
#[must_use]
pub const fn red(value: f64) -> Step {
    from(value, Colour::Red)
}

/// From `value` on a promise is nearly broken.
#[must_use]
pub const fn orange(value: f64) -> Step {
    from(value, Colour::Orange)
}

/// From `value` on a promise is kept.
#[must_use]
pub const fn green(value: f64) -> Step {
    from(value, Colour::Green)
}

/// Below all other steps a promise is kept.
#[must_use]
pub const fn good_below() -> Step {
    Step {
        from: None,
        colour: Colour::Green,
    }
}

/// Below all other steps a promise is broken.
#[must_use]
pub const fn bad_below() -> Step {
    Step {
        from: None,
        colour: Colour::Red,
    }
}
