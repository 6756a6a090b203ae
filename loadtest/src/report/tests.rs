//! A small run that is committed (`loadtest/tests-data/run.json`), and what is written of it.
//! `loadtest judge loadtest/tests-data/run.json --out DIR` writes it again.

use super::*;
use std::path::Path;

const RUN: &str = include_str!("../../tests-data/run.json");

pub(super) fn golden() -> Report {
    Report::parse(Path::new("run.json"), RUN).unwrap()
}

pub(super) fn budgets() -> Budgets {
    let BudgetsShown { file, text } = golden().budgets;
    Budgets::parse(&file, &text).unwrap()
}

#[test]
fn judged_again_it_says_what_it_said() {
    let golden = golden();
    let again = Report::of(golden.evidence.clone(), &budgets());
    let verdicts = |report: &Report| -> Vec<_> {
        let findings = report.judgement.findings.iter();
        let verdict = |own: &Finding| (own.subject.clone(), own.promise.clone(), own.verdict);
        findings.map(verdict).collect()
    };
    assert_eq!(verdicts(&again), verdicts(&golden));
    let written = serde_json::to_string(&again).unwrap() + "\n";
    assert!(written == RUN, "another text: write it again");
}

#[test]
fn other_budgets_give_another_verdict() {
    let evidence = golden().evidence;
    let loose = "[default]\np99 = \"10s\"\nerrors = \"50%\"\nstall = \"60s\"\n";
    let loose = Budgets::parse("loose.toml", loose).unwrap();
    assert_eq!(golden().verdict(), Verdict::Fail);
    let again = Report::of(evidence, &loose);
    assert_ne!(again.verdict(), Verdict::Fail);
    assert_eq!(again.budgets.file, "loose.toml");
}

#[test]
fn a_terminal_shows_it_so() {
    insta::assert_snapshot!(text::plain(&text::render(&golden(), None)));
}

#[test]
fn a_summary_shows_it_so() {
    insta::assert_snapshot!(markdown::render(&golden()));
}

#[test]
fn ci_reads_it_so() {
    insta::assert_snapshot!(junit::render(&golden()).unwrap());
}

#[test]
fn what_is_no_report_is_one_sentence() {
    let error = |text: &str| {
        let error = Report::parse(Path::new("x.json"), text).unwrap_err();
        format!("{:#}", anyhow::Error::from(error))
    };
    for (text, sentence) in [
        (
            "",
            "x.json: this is no run.json of loadtest: EOF while parsing a value at line 1 column 0",
        ),
        (
            "{\"schema\": 1,\n\"evidence\" 3}",
            "x.json: this is no run.json of loadtest: expected `:` at line 2 column 12",
        ),
        (
            "[1, 2]",
            "x.json: this is no run.json of loadtest: trailing characters at line 1 column 5",
        ),
        (
            "{\"name\": \"another\"}",
            "x.json: this is no run.json of loadtest: missing field `schema` at line 1 column 19",
        ),
        (
            "{\"schema\": 1}",
            "x.json: this is no run.json of loadtest: missing field `evidence` at line 1 column 13",
        ),
        (
            "{\"schema\": 2, \"all\": \"different\"}",
            "x.json has schema 2, but this version of loadtest reads schema 1: use the version that wrote it",
        ),
    ] {
        assert_eq!(error(text), sentence);
    }
    let missing = Report::read(Path::new("/nowhere/run.json")).unwrap_err();
    assert_eq!(missing.to_string(), "cannot read /nowhere/run.json");
}

#[test]
fn all_files_are_written_or_none_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let read = |name| std::fs::read_to_string(folder.path().join(name));
    let mut report = golden();
    report.write(folder.path(), &Format::ALL).unwrap();
    assert!(
        read("run.json").unwrap() == RUN,
        "another text: write it again"
    );
    let page = read("report.html").unwrap();
    // A folder in the place of a file: that one cannot be put there.
    std::fs::remove_file(folder.path().join("junit.xml")).unwrap();
    std::fs::create_dir(folder.path().join("junit.xml")).unwrap();
    report.evidence.command = "another".to_owned();
    let error = report.write(folder.path(), &[Format::Junit, Format::Html]);
    let error = format!("{:#}", error.unwrap_err());
    let path = folder.path().join("junit.xml");
    assert!(
        error.starts_with(&format!("cannot write {}: ", path.display())),
        "{error}"
    );
    assert_eq!(read("report.html").unwrap(), page);
    let left = std::fs::read_dir(folder.path()).unwrap();
    assert_eq!(left.count(), 5, "nothing half done is left");
}
