//! What stands against a pass, in the form in which CI shows it beside a change: one line each on
//! stdout, `::error` for what is broken and `::warning` for what is not decided.

use super::Report;
use crate::judge::Verdict;
use std::fmt::Write;

/// The platform shows no more of one kind per step.
const MOST: usize = 10;

/// The lines; none when the run passes.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut lines = String::new();
    for (verdict, level) in [(Verdict::Fail, "error"), (Verdict::Inconclusive, "warning")] {
        let of_verdict: Vec<_> = report
            .judgement
            .against()
            .filter(|finding| report.standing(finding) == verdict)
            .collect();
        for finding in of_verdict.iter().take(MOST) {
            let (subject, promise) = (&finding.subject, &finding.promise);
            let title = property(&format!("{verdict}: {subject}: {promise}"));
            // Writing to a string cannot fail.
            let _ = writeln!(lines, "::{level} title={title}::{}", data(&finding.message));
        }
    }
    lines
}

/// A message: no line may end in it.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property: neither may what separates it from others be in it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use crate::judge::{Finding, Verdict};
    use crate::report::tests::golden;

    #[test]
    fn what_is_broken_is_an_error_and_what_is_open_a_warning() {
        let mut report = golden();
        report.judgement.verdict = Verdict::Fail;
        let finding = |verdict, message| Finding::new(verdict, "GET /a,b", "p99 <= 5%", message);
        report.judgement.findings = vec![
            finding(Verdict::Inconclusive, "too few"),
            finding(Verdict::Fail, "100% late\r\n::error::forged"),
            finding(Verdict::Pass, "fine"),
            Finding {
                counts: false,
                ..finding(Verdict::Inconclusive, "only shown")
            },
        ];
        let lines = super::render(&report);
        assert_eq!(
            lines,
            "::error title=FAIL%3A GET /a%2Cb%3A p99 <= 5%25::100%25 late%0D%0A::error::forged\n\
             ::warning title=INCONCLUSIVE%3A GET /a%2Cb%3A p99 <= 5%25::too few\n"
        );
    }

    #[test]
    fn no_more_are_written_than_are_shown() {
        let mut report = golden();
        report.judgement.verdict = Verdict::Fail;
        let finding = Finding::new(Verdict::Fail, "GET /a", "p99 <= 100 ms", "late");
        report.judgement.findings = vec![finding; 30];
        assert_eq!(super::render(&report).lines().count(), 10);
    }

    #[test]
    fn nothing_is_an_error_when_the_generator_cannot_be_trusted() {
        let mut report = golden();
        report.judgement.verdict = Verdict::Inconclusive;
        let finding = Finding::new(Verdict::Fail, "GET /a", "p99 <= 100 ms", "late");
        report.judgement.findings = vec![finding];
        assert!(super::render(&report).starts_with("::warning title=INCONCLUSIVE%3A GET /a"));
    }
}
