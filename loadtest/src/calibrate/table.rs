//! What a calibration found, and how it is shown.

use super::USERS;
use crate::budgets::Budgets;
use crate::evidence::{Evidence, Host, Round};
use crate::measurements::Measurements;
use crate::numbers::{count, milliseconds};
use crate::report::Table;
use crate::wording::{per_second, percent, time_or_dash};
use anyhow::Result;
use std::fmt::Write;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Calibration {
    /// As fast as it goes first, then the rates in their order.
    pub lines: Vec<Line>,
}

/// One measurement.
#[derive(Clone, Debug)]
pub struct Line {
    /// Requests per second that were due; None is as fast as it goes.
    pub rate: Option<f64>,
    /// Right answers per second.
    pub achieved: f64,
    /// Half of the requests took no longer.
    pub p50_ms: Option<f64>,
    /// 99 of 100 requests took no longer.
    pub p99_ms: Option<f64>,
    /// Half of the free users began no later than this after the time.
    pub slip_p50_ms: Option<f64>,
    /// 99 of 100 did.
    pub slip_p99_ms: Option<f64>,
    /// Times in which this program did not run.
    pub gaps: u64,
    /// Its processor time per request.
    pub cpu_us_per_request: f64,
    /// The share of its processors that it used.
    pub cpu_share: Option<f64>,
    /// Why it cannot be trusted.
    pub doubts: Vec<String>,
}

impl Line {
    pub(super) fn of(rate: Option<f64>, round: Round) -> Result<Self> {
        let whole = round.whole();
        let sent = whole.requests().max(1);
        let slip = round.generator.slip.clone();
        let cpu_seconds = round.generator.cpu_seconds;
        let quantile = |q: f64| whole.right.quantile(q).map(milliseconds);
        let evidence = Evidence {
            rounds: vec![round],
            ..Evidence::default()
        };
        // The limits that hold where the budgets do not say.
        let measured = Measurements::of(&evidence, &Budgets::parse("budgets.toml", "")?);
        Ok(Self {
            rate,
            achieved: crate::numbers::rate(whole.right.count(), measured.usable_seconds),
            p50_ms: quantile(0.50),
            p99_ms: quantile(0.99),
            slip_p50_ms: slip.quantile(0.50).map(milliseconds),
            slip_p99_ms: slip.quantile(0.99).map(milliseconds),
            gaps: measured.generator.gaps,
            cpu_us_per_request: cpu_seconds * 1e6 / count(sent),
            cpu_share: measured.generator.cpu_share,
            doubts: measured.generator.doubts,
        })
    }
}

impl Calibration {
    /// The highest rate at which this machine's figures can be trusted, none below it being in
    /// doubt.
    #[must_use]
    pub fn trusted(&self) -> Option<f64> {
        let rated = self.lines.iter().filter(|line| line.rate.is_some());
        let trusted = rated.take_while(|line| line.doubts.is_empty());
        trusted.last().and_then(|line| line.rate)
    }

    /// The table, and what it says.
    #[must_use]
    pub fn render(&self) -> String {
        let mut table = Table::new([
            "offered",
            "achieved",
            "p50",
            "p99",
            "slip p50",
            "slip p99",
            "gaps",
            "CPU/request",
            "CPU share",
            "trusted",
        ]);
        for line in &self.lines {
            table.row([
                line.rate.map_or(format!("{USERS} users"), per_second),
                per_second(line.achieved),
                time_or_dash(line.p50_ms),
                time_or_dash(line.p99_ms),
                time_or_dash(line.slip_p50_ms),
                time_or_dash(line.slip_p99_ms),
                line.gaps.to_string(),
                format!("{:.1} us", line.cpu_us_per_request),
                line.cpu_share.map_or("-".to_owned(), percent),
                match (line.rate, line.doubts.as_slice()) {
                    (None, _) => "-".to_owned(),
                    (_, []) => "yes".to_owned(),
                    (_, doubts) => format!("no: {}", doubts.join("; ")),
                },
            ]);
        }
        let Host {
            cpu, cores, kernel, ..
        } = Host::this();
        let mut text = table.render();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{cores} processors, {cpu}, {kernel}");
        let _ = writeln!(text, "{}", self.sentence());
        text
    }

    fn sentence(&self) -> String {
        let first = self.lines.first().map_or(0.0, |line| line.achieved);
        let ceiling = format!(
            "as fast as it goes, {} against a stub on the same machine",
            per_second(first)
        );
        match self.trusted() {
            Some(rate) => format!(
                "{ceiling}; its figures can be trusted up to {}, whatever the target is",
                per_second(rate)
            ),
            None => format!(
                "{ceiling}; its figures cannot be trusted at any rate: something else needs the processors"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(rate: Option<f64>, doubts: &[&str]) -> Line {
        let mut line = Line::of(rate, Round::default()).unwrap();
        line.doubts = doubts.iter().map(|doubt| (*doubt).to_owned()).collect();
        line
    }

    #[test]
    fn figures_are_trusted_up_to_the_first_doubt() {
        let closed = line(None, &["it used all of its processors"]);
        let lines = vec![
            closed,
            line(Some(500.0), &[]),
            line(Some(1_000.0), &[]),
            line(Some(2_000.0), &["it began late"]),
            line(Some(3_000.0), &[]),
        ];
        let calibration = Calibration { lines };
        assert_eq!(calibration.trusted(), Some(1_000.0));
        assert!(
            calibration
                .render()
                .contains("can be trusted up to 1 000/s")
        );
        assert_eq!(Calibration::default().trusted(), None);
    }
}
