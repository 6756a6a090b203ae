//! What an alert is: its names, and the words in which it is written into a file of rules.

use std::time::Duration;

use api::telemetry::catalogue::FAULT_ACTIVE;

use super::{
    Links,
    file::{AlertRule, Labels, Rule},
    speed::Speed,
};

macro_rules! alerts {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {
        /// Every alert by its name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum AlertName {
            $($(#[doc = $doc])+ $name,)+
        }

        impl AlertName {
            /// Every alert, in the order of the runbooks' index.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The value of the label `alertname`, and the name of the runbook's file.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// What it says, in one sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii()),+ }
            }
        }
    };
}

alerts! {
    /// Too many requests end with a 5xx.
    SloHttpAvailabilityBudgetBurn;
    /// Too many answers take longer than 100 ms.
    SloHttpLatencyBudgetBurn;
    /// Too many queries take longer than their budget.
    SloDbQueryBudgetBurn;
    /// Errors at so little traffic that no budget can tell.
    LowVolumeErrors;
    /// Prometheus cannot reach an instance, or knows of none.
    ApiTargetDown;
    /// An instance starts again and again.
    CrashLooping;
    /// A check behind `/readyz` fails.
    HealthCheckFailing;
    /// A worker thread is dead or stuck: its heartbeat stands still.
    WorkerStopped;
    /// A worker's event loop is held up by work that does not wait.
    WorkerEventLoopBlocked;
    /// A handler panicked.
    HandlerPanics;
    /// Many clients hang up before their answer is complete.
    ClientDisconnects;
    /// Callers stand and wait for connections all the time.
    DbPoolStarved;
    /// Waiting for a connection takes a quarter of the budget.
    DbPoolWaitEatsBudget;
    /// A query breaks its budget too often.
    DbQueryOverBudget;
    /// Queries fail, or connections cannot be had.
    DbQueryErrors;
    /// The database plans a query in another way than before.
    QueryPlanChanged;
    /// A request runs the same query again and again.
    NPlusOneSuspected;
    /// Many requests wait for each load of a cache.
    CacheStampede;
    /// The database lacks migrations that this version knows.
    MigrationsPending;
    /// The file descriptors are running out.
    FdExhaustion;
    /// The series that the promises are judged by are not there.
    ApiTelemetryAbsent;
    /// Two metrics that count the same thing do not agree.
    TelemetryInconsistent;
    /// Label values that were not declared are folded into `_overflow`.
    MetricsCardinalityOverflow;
    /// Log lines or spans are thrown away.
    TelemetryDropped;
    /// The log is written far faster than requests explain.
    LogFlood;
    /// The load harness itself stalls, so what it measures is its own.
    LoadGeneratorUnreliable;
    /// Always fires: where it is not heard, alerts get lost.
    Watchdog;
}

/// Whom an alert is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Somebody, now: users are hurt or soon will be.
    Page,
    /// Somebody, on the next working day.
    Ticket,
    /// Nobody: a machine listens.
    Nobody,
}

impl Severity {
    /// The value of the label `severity`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Ticket => "ticket",
            Self::Nobody => "none",
        }
    }
}

/// The label that says whether a drill may have caused the alert: `true` or `false`.
pub const DRILL: &str = "drill";

/// One alerting rule, at one speed.
#[derive(Clone, Debug)]
pub struct Alert {
    /// Its name.
    pub name: AlertName,
    /// Whom it is for.
    pub severity: Severity,
    /// What must not be.
    pub expression: String,
    /// For how long it must be so.
    pub hold: Duration,
    /// For how long the alert goes on once it is no longer so.
    pub keep: Duration,
    /// How far back the expression looks: so long after a drill it may still be the drill's. None: no drill touches it.
    pub reach: Option<Duration>,
    /// Labels besides severity and drill.
    pub labels: Vec<(&'static str, String)>,
    /// What is the matter, in a line.
    pub summary: String,
    /// The same with the figure, and what it means.
    pub description: String,
    /// The board to look at.
    pub board: &'static str,
    /// Labels of the alert that choose what the board shows, by the board's variables.
    pub variables: &'static [(&'static str, &'static str)],
}

/// So much later than a drill's end its last trace may be seen: a scrape, an evaluation, and what the service does to undo the fault, such as
/// making an index again. The last is no faster where rules are: it is added as it stands.
const SLACK: Duration = Duration::from_mins(1);

impl Alert {
    /// An alert that fires as soon as `expression` has a series, and that a drill up to `reach` ago may have caused.
    #[must_use]
    pub fn new(name: AlertName, severity: Severity, reach: Duration, expression: String) -> Self {
        Self {
            name,
            severity,
            expression,
            hold: Duration::ZERO,
            keep: Duration::ZERO,
            reach: Some(reach),
            labels: Vec::new(),
            summary: String::new(),
            description: String::new(),
            board: "",
            variables: &[],
        }
    }

    /// Fires only once it has been so for this long.
    #[must_use]
    pub fn hold(self, hold: Duration) -> Self {
        Self { hold, ..self }
    }

    /// What is the matter, in a line; and with the figure.
    #[must_use]
    pub fn says(self, summary: &str, description: impl Into<String>) -> Self {
        Self {
            summary: summary.to_owned(),
            description: description.into(),
            ..self
        }
    }

    /// Where to look: a board, and the labels of the alert that choose what it shows, by the board's variables.
    #[must_use]
    pub fn shows(
        self,
        board: &'static str,
        variables: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self {
            board,
            variables,
            ..self
        }
    }

    /// The rule as it is written into the file.
    #[must_use]
    pub fn rule(self, speed: Speed, links: &Links) -> Rule {
        let time = |time: Duration| (!time.is_zero()).then(|| speed.text(time));
        let mut labels = vec![("severity", self.severity.as_str().to_owned())];
        labels.extend(self.labels.clone());
        labels.extend(self.reach.map(|reach| (DRILL, drill(speed, reach))));
        let annotations = vec![
            ("summary", self.summary.clone()),
            ("description", self.description.clone()),
            (
                "runbook_url",
                format!("{}/{}.md", links.runbooks, self.name.as_str()),
            ),
            ("dashboard", self.dashboard(links)),
        ];
        Rule::Alert(Box::new(AlertRule {
            alert: self.name.as_str(),
            expr: self.expression,
            hold: time(self.hold),
            keep_firing_for: time(self.keep),
            labels: Labels(labels),
            annotations: Labels(annotations),
        }))
    }

    fn dashboard(&self, links: &Links) -> String {
        let chosen = |(variable, label): &(&str, &str)| {
            format!("&var-{variable}={{{{ $labels.{label} | urlquery }}}}")
        };
        let chosen: String = self.variables.iter().map(chosen).collect();
        format!("{}/d/{}?from=now-1h{chosen}", links.boards, self.board)
    }
}

/// `true` where a fault was switched on in the alert's job within what the expression looks at, otherwise `false`.
///
/// A template that asks, and no part of the expression: so the alert's value stays what it is, and the alert fires whether or not the service
/// has fault switches. Prometheus 2.42 and 3 both let labels ask (`query` is the function that annotations have). Never empty: the series
/// `ALERTS` would show the template itself.
fn drill(speed: Speed, reach: Duration) -> String {
    let window = Speed::Normal.text(speed.of(reach) + SLACK);
    let active = FAULT_ACTIVE.name;
    format!(
        "{{{{ if query (printf \"max_over_time({active}{{job=%q}}[{window}]) == 1\" $labels.job) }}}}true{{{{ else }}}}false{{{{ end }}}}"
    )
}
