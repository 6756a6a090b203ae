//! What a judgement is made of: verdicts, findings, and how they add up.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How a run, or one promise, did.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// Kept.
    #[default]
    Pass,
    /// The figures do not decide it.
    Inconclusive,
    /// Broken.
    Fail,
}

/// One promise, and how it was kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Finding {
    /// Whose promise it is: a route, a query, `run`, `target` or `generator`.
    pub subject: String,
    /// What was promised: `p99 <= 100 ms`, `errors <= 0.1%`.
    pub promise: String,
    /// How it was kept.
    pub verdict: Verdict,
    /// What was counted: requests, calls or seconds. None where counting more of them decides
    /// nothing.
    pub samples: Option<u64>,
    /// Those of them that did not keep the promise.
    pub over: Option<u64>,
    /// Their share.
    pub share: Option<f64>,
    /// The share that is allowed.
    pub allowed: Option<f64>,
    /// The true share is at least this, with the confidence of the budgets…
    pub lower: Option<f64>,
    /// … and at most this.
    pub upper: Option<f64>,
    /// How many requests count as much as one that knows nothing of the others: above 1 where
    /// those over budget came in clusters.
    pub design_effect: Option<f64>,
    /// Whether it enters the verdict over the run; otherwise it is only shown.
    pub counts: bool,
    /// One sentence for people; when it is inconclusive, what would decide it.
    pub message: String,
}

/// The verdict over a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Judgement {
    /// Over the whole run.
    pub verdict: Verdict,
    /// Every promise and how it was kept, in the order of the report.
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// PASS if it was kept, FAIL if not.
    pub(super) fn kept(kept: bool) -> Self {
        if kept { Self::Pass } else { Self::Fail }
    }
}

impl Finding {
    /// A finding without figures, which enters the verdict.
    #[must_use]
    pub fn new(
        verdict: Verdict,
        subject: impl Into<String>,
        promise: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            subject: subject.into(),
            promise: promise.into(),
            verdict,
            counts: true,
            message: message.into(),
            ..Self::default()
        }
    }

    /// Whether more rounds could decide it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.verdict == Verdict::Inconclusive && self.counts && self.samples.is_some()
    }

    /// Whether it stands against a pass.
    #[must_use]
    pub fn is_against(&self) -> bool {
        self.counts && self.verdict != Verdict::Pass
    }
}

impl Judgement {
    /// The verdict over one subject; PASS where nothing was promised.
    #[must_use]
    pub fn of(&self, subject: &str) -> Verdict {
        let own = self.findings.iter().filter(|own| own.subject == subject);
        let own = own.filter(|finding| finding.counts);
        own.map(|finding| finding.verdict).max().unwrap_or_default()
    }

    /// Everything that stands against a pass.
    pub fn against(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.is_against())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Pass => "PASS",
            Self::Inconclusive => "INCONCLUSIVE",
            Self::Fail => "FAIL",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            subject, message, ..
        } = self;
        write!(formatter, "{subject}: {message}")
    }
}
