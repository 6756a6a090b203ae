//! An explanation in plain text, for a terminal.

use super::{Explanation, PhaseSplit, STALL_MS, Surroundings};
use crate::report::Table;
use crate::wording::{count, percent, time, time_or_dash};
use std::fmt::Write;

/// Explanations that are told whole after a run.
const WHOLE: usize = 3;

/// All explanations, one after the other; nothing when there are none.
#[must_use]
pub fn render(explanations: &[Explanation]) -> String {
    let texts = explanations.iter().map(Explanation::render);
    texts.collect::<Vec<_>>().join("\n")
}

/// The first of them, and of the others what is different.
#[must_use]
pub fn render_briefly(explanations: &[Explanation]) -> String {
    let (first, others) = explanations.split_at(WHOLE.min(explanations.len()));
    let mut text = render(first);
    for other in others {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "WHY {}: {}", other.route, other.sentence);
    }
    if !others.is_empty() {
        text.push_str("`loadtest why` with the run.json tells more\n");
    }
    text
}

impl PhaseSplit {
    /// What it consists of in all requests, where the target counts finer.
    #[must_use]
    pub fn parts(&self) -> String {
        let parts = self.parts_ms.iter();
        let parts = parts.map(|(name, ms)| format!("{name} {}", time(*ms)));
        parts.collect::<Vec<_>>().join(", ")
    }
}

impl Explanation {
    /// Which requests are looked at: `the slowest 4 of 354, from 3.6 ms to 16.4 ms`.
    #[must_use]
    pub fn sample(&self) -> String {
        format!(
            "the slowest {} of {}, from {} to {}",
            count(self.slowest),
            count(self.answers),
            time(self.from_ms),
            time(self.to_ms)
        )
    }

    /// What the slowest requests are called in the target's log and traces.
    #[must_use]
    pub fn traces(&self) -> String {
        let traces = self.traces.iter();
        let named = traces.map(|trace| format!("{} ({})", trace.id, time(trace.ms)));
        named.collect::<Vec<_>>().join(", ")
    }

    fn render(&self) -> String {
        let mut text = format!("WHY {}: {}\n", self.route, self.sentence);
        let mut table = Table::new(["  phase, on average", &self.looked_at(), "all", ""]);
        for part in &self.phases {
            table.row([
                format!("  {}", part.phase),
                time(part.slowest_ms),
                time_or_dash(part.all_ms),
                part.parts(),
            ]);
        }
        text.push_str(&table.render());
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  looked at: {}", self.sample());
        if let Some(counted) = self.counted.filter(|counted| *counted != self.answers) {
            let counted = count(counted);
            let _ = writeln!(
                text,
                "  all:       the phases are of {counted} requests that the target counted"
            );
        }
        let around = self.surroundings.to_string();
        if !around.is_empty() {
            let _ = writeln!(text, "  meanwhile: {around}");
        }
        if !self.traces.is_empty() {
            let _ = writeln!(text, "  traces:    {}", self.traces());
        }
        text
    }
}

impl std::fmt::Display for Surroundings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts = Vec::new();
        if let Some(wait) = self.pool_wait_p99_ms {
            parts.push(format!("p99 of waits for a connection {}", time(wait)));
        }
        if let Some(waiting) = self.pool_waiting.filter(|waiting| *waiting > 0) {
            parts.push(format!("{} still waiting at the end", count(waiting)));
        }
        for (cache, hits) in &self.cache_hits {
            parts.push(format!("cache {cache} {} hits", percent(*hits)));
        }
        if self.longest_stall_ms >= STALL_MS {
            let stall = time(self.longest_stall_ms);
            parts.push(format!("no answer to anybody for {stall}"));
        }
        formatter.write_str(&parts.join(", "))
    }
}
