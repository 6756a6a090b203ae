//! `junit.xml`: one case per promise, in a suite per kind of subject. What is broken has failed;
//! what is not decided, or does not count, is skipped with its message.

use super::Report;
use crate::judge::{Finding, Verdict};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io;

/// The kinds of subjects, in their order.
const SUITES: [&str; 5] = ["routes", "queries", "target", "generator", "run"];

/// The whole file.
///
/// # Errors
/// Never, unless memory is written to in vain.
pub fn render(report: &Report) -> io::Result<String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let all: Vec<_> = report.judgement.findings.iter().collect();
    let time = format!("{:.3}", report.measured.seconds);
    let counts = counts(report, &all);
    let suites = writer
        .create_element("testsuites")
        .with_attribute(("name", "loadtest"))
        .with_attributes(counts.each())
        .with_attribute(("time", time.as_str()));
    suites.write_inner_content(|writer| {
        for kind in SUITES {
            let of_kind = |finding: &&&Finding| kind == suite_of(report, &finding.subject);
            let findings: Vec<_> = all.iter().filter(of_kind).copied().collect();
            if !findings.is_empty() {
                suite(writer, report, kind, &findings)?;
            }
        }
        Ok(())
    })?;
    let text = String::from_utf8(writer.into_inner()).map_err(io::Error::other)?;
    Ok(text + "\n")
}

fn suite_of(report: &Report, subject: &str) -> &'static str {
    let measured = &report.measured;
    if measured.routes.iter().any(|route| route.route == subject) {
        return "routes";
    }
    if measured.queries.iter().any(|query| query.query == subject) {
        return "queries";
    }
    match subject {
        "generator" => "generator",
        "run" => "run",
        // Caches, and whatever else is the target's.
        _ => "target",
    }
}

fn suite(
    writer: &mut Writer<Vec<u8>>,
    report: &Report,
    kind: &str,
    findings: &[&Finding],
) -> io::Result<()> {
    let evidence = &report.evidence;
    let (started, counts) = (allowed(&evidence.started), counts(report, findings));
    let suite = writer
        .create_element("testsuite")
        .with_attribute(("name", kind))
        .with_attributes(counts.each())
        .with_attribute(("timestamp", started.as_str()));
    suite.write_inner_content(|writer| {
        let properties = writer.create_element("properties");
        properties.write_inner_content(|writer| {
            for (name, value) in [
                ("profile", &evidence.plan.profile),
                ("target", &evidence.plan.target),
                ("command", &evidence.command),
            ] {
                let value = allowed(value);
                let property = writer.create_element("property");
                let property = property.with_attributes([("name", name), ("value", &value)]);
                property.write_empty()?;
            }
            Ok(())
        })?;
        findings
            .iter()
            .try_for_each(|finding| case(writer, report, finding))
    })?;
    Ok(())
}

fn case(writer: &mut Writer<Vec<u8>>, report: &Report, finding: &Finding) -> io::Result<()> {
    let [subject, promise] = [&finding.subject, &finding.promise].map(|text| allowed(text));
    let case = writer
        .create_element("testcase")
        .with_attributes([("classname", subject.as_str()), ("name", &promise)]);
    let message = allowed(&finding.message);
    match outcome(report, finding) {
        Verdict::Pass => case.write_empty()?,
        Verdict::Inconclusive => case.write_inner_content(|writer| {
            let skipped = writer.create_element("skipped");
            skipped
                .with_attribute(("message", message.as_str()))
                .write_empty()?;
            Ok(())
        })?,
        Verdict::Fail => case.write_inner_content(|writer| {
            let failure = writer.create_element("failure");
            failure
                .with_attributes([("type", "budget"), ("message", &message)])
                .write_text_content(BytesText::new(&message))?;
            Ok(())
        })?,
    };
    Ok(())
}

/// What does not enter the verdict over the run must not make a job red either.
fn outcome(report: &Report, finding: &Finding) -> Verdict {
    match report.standing(finding) {
        Verdict::Fail if !finding.counts => Verdict::Inconclusive,
        verdict => verdict,
    }
}

/// How many cases there are, and how they ended.
struct Counts([(&'static str, String); 4]);

impl Counts {
    fn each(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, count)| (*name, count.as_str()))
    }
}

fn counts(report: &Report, findings: &[&Finding]) -> Counts {
    let of = |verdict| {
        let ended = findings
            .iter()
            .filter(|own| outcome(report, own) == verdict);
        ended.count().to_string()
    };
    Counts([
        ("tests", findings.len().to_string()),
        ("failures", of(Verdict::Fail)),
        ("skipped", of(Verdict::Inconclusive)),
        ("errors", "0".to_owned()),
    ])
}

/// Characters that XML 1.0 cannot have, not even escaped, are replaced.
fn allowed(text: &str) -> String {
    let is_allowed = |c: char| {
        matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'))
    };
    let replace = |c| if is_allowed(c) { c } else { '\u{fffd}' };
    text.chars().map(replace).collect()
}

#[cfg(test)]
mod tests {
    use crate::judge::{Finding, Verdict};
    use crate::report::tests::golden;
    use roxmltree::Document;

    #[test]
    fn every_promise_is_one_case_and_counts_are_right() {
        let report = golden();
        let xml = super::render(&report).unwrap();
        let document = Document::parse(&xml).unwrap();
        let named = |name: &'static str| {
            let nodes = document.descendants();
            nodes.filter(move |node| node.has_tag_name(name)).count()
        };
        let root = document.root_element();
        let count = |name| root.attribute(name).unwrap().parse::<usize>().unwrap();
        assert_eq!(named("testcase"), report.judgement.findings.len());
        assert_eq!(count("tests"), named("testcase"));
        assert_eq!(count("failures"), named("failure"));
        assert_eq!(count("skipped"), named("skipped"));
        assert!(named("failure") > 0 && named("skipped") > 0 && named("testsuite") > 2);
    }

    #[test]
    fn nothing_has_failed_when_the_generator_cannot_be_trusted() {
        let mut report = golden();
        report.judgement.verdict = Verdict::Inconclusive;
        let xml = super::render(&report).unwrap();
        let document = Document::parse(&xml).unwrap();
        assert_eq!(document.root_element().attribute("failures"), Some("0"));
    }

    #[test]
    fn what_is_shown_only_makes_no_job_red_and_any_text_is_xml() {
        let mut report = golden();
        let evil = "<script>\u{0}&\"']]>\u{1b}[31m";
        report.judgement.verdict = Verdict::Fail;
        let shown = Finding {
            counts: false,
            ..Finding::new(Verdict::Fail, evil, "p99 <= 1 ms", evil)
        };
        report.judgement.findings = vec![shown, Finding::new(Verdict::Fail, evil, "q", evil)];
        let xml = super::render(&report).unwrap();
        let document = Document::parse(&xml).unwrap();
        assert_eq!(document.root_element().attribute("failures"), Some("1"));
        let failure = document
            .descendants()
            .find(|node| node.has_tag_name("failure"));
        let clean = "<script>\u{fffd}&\"']]>\u{fffd}[31m";
        assert_eq!(failure.unwrap().text(), Some(clean));
    }
}
