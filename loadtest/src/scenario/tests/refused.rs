//! Whatever cannot be meant is an error with its line and column.

use super::{STEP, parse};
use crate::budgets::Budgets;
use std::time::Duration;

#[track_caller]
fn refused(text: &str, wanted: &str) {
    let error = parse(text).expect_err(text);
    assert!(error.starts_with(wanted), "{error}\ninstead of\n{wanted}");
}

/// In a file whose fourth line this is.
#[track_caller]
fn step_refused(step: &str, wanted: &str) {
    refused(&format!("{STEP}{step}"), wanted);
}

#[test]
fn a_file_that_is_no_scenario() {
    refused("[[scenario", "s.toml:1:11: ");
    refused("", "s.toml:1:1: there is no [[scenario]]");
    refused("\nscenarios = 1", "s.toml:2:1: unknown field `scenarios`");
    refused(
        "[[scenario]]\nname = \"a\"",
        "s.toml:1:1: a scenario without a [[scenario.step]]",
    );
    refused(
        "[[scenario]]\nname = \"a\"\nweight = 0\n[[scenario.step]]\nroute = \"GET /\"",
        "s.toml:3:10: a weight is a whole number from 1",
    );
    let twice = format!("{STEP}route = \"GET /\"\n{STEP}route = \"GET /\"");
    refused(&twice, "s.toml:6:8: there is a scenario \"one\" already");
}

#[test]
fn a_step_that_cannot_be_sent() {
    for (step, wanted) in [
        (
            "route = \"/x\"",
            "s.toml:4:9: a route is named \"METHOD /path/{template}\"",
        ),
        ("route = \"get /x\"", "s.toml:4:9: \"get\" is no method"),
        ("route = \"GET x\"", "s.toml:4:9: a path begins with \"/\""),
        (
            "route = \"GET /x\"\nurl = 1",
            "s.toml:5:1: unknown field `url`",
        ),
        (
            "route = \"GET /x\"\nrepeat = 0",
            "s.toml:5:10: `repeat` is a whole number from 1",
        ),
        (
            "route = \"GET /x\"\npause = \"2\"",
            "s.toml:5:9: \"2\" is no time",
        ),
        (
            "route = \"GET /x\"\npause = \"2000s\"",
            "s.toml:5:9: a pause takes 60s at most",
        ),
        (
            "route = \"GET /x\"\njson = 1\nbody = \"\"",
            "s.toml:4:9: a request has one body",
        ),
        (
            "route = \"GET /x\"\njson = [2024-01-01]",
            "s.toml:5:9: a date is written in quotes",
        ),
        (
            "route = \"GET /x\"\nheaders = { \"a b\" = \"\" }",
            "s.toml:5:13: \"a b\" is no header's name",
        ),
        (
            "route = \"GET /x\"\nheaders = { Host = \"\" }",
            "s.toml:5:13: host is set by the connection",
        ),
        (
            "route = \"GET /x\"\nheaders = { a = \"\\n\" }",
            "s.toml:5:17: no header holds line breaks",
        ),
        (
            "route = \"GET /x\"\nparams = { id = 1 }",
            "s.toml:5:12: the path \"/x\" has no {id}",
        ),
        (
            "route = \"GET /x\"\nquery = { a = { b = 1 } }",
            "s.toml:5:15: a value here is a text",
        ),
    ] {
        step_refused(step, wanted);
    }
}

#[test]
fn a_placeholder_that_nothing_fills() {
    for (step, wanted) in [
        (
            "route = \"GET /x/{id}\"",
            "s.toml:4:9: there is no value {id}",
        ),
        (
            "route = \"GET /x\"\nquery = { a = \"{random:1-2}\" }",
            "s.toml:5:15: {random:1-2} needs two whole numbers",
        ),
        (
            "route = \"GET /x\"\nquery = { a = \"{zipf:2..1}\" }",
            "s.toml:5:15: {zipf:2..1} needs two whole numbers",
        ),
        (
            "route = \"GET /x\"\nquery = { a = \"{dice:1}\" }",
            "s.toml:5:15: there is no value {dice:1}",
        ),
        (
            "route = \"GET /x\"\njson = { a = [1, \"{\"] }",
            "s.toml:5:18: a brace without its counterpart",
        ),
        (
            "route = \"GET /x\"\nheaders = { a = \"{env:NONE}\" }",
            "s.toml:5:17: the environment has no variable NONE",
        ),
        (
            "route = \"GET /{id}\"\ncapture = { id = \"/id\" }",
            "s.toml:4:9: {id} is used before a step has captured it",
        ),
        (
            "route = \"GET /x\"\ncapture = { unique = \"/id\" }",
            "s.toml:5:13: {unique} stands for something else",
        ),
        (
            "route = \"GET /x\"\ncapture = { \"a.b\" = \"/id\" }",
            "s.toml:5:13: \"a.b\" is no name",
        ),
    ] {
        step_refused(step, wanted);
    }
}

#[test]
fn a_check_that_no_answer_can_meet() {
    for (check, wanted) in [
        (
            "capture = { id = \"id\" }",
            "s.toml:5:18: \"id\" is no JSON pointer",
        ),
        (
            "capture = { id = \"header: \" }",
            "s.toml:5:18: \"\" is no header's name",
        ),
        (
            "check = { json = { \"a\" = 1 } }",
            "s.toml:5:20: \"a\" is no JSON pointer",
        ),
        (
            "check = { json = { \"/*\" = 1 } }",
            "s.toml:5:20: a check names one place",
        ),
        (
            "check = { json = { \"/a\" = \"{unique}\" } }",
            "s.toml:5:27: what is drawn anew",
        ),
        (
            "check = { status = 99 }",
            "s.toml:5:20: a status is a number from 200 to 599",
        ),
        (
            "check = { status = [200, \"x\"] }",
            "s.toml:5:26: a status is a number",
        ),
        (
            "check = { max_bytes = -1 }",
            "s.toml:5:23: `max_bytes` is a whole number from 0",
        ),
        ("check = { code = 1 }", "s.toml:5:11: unknown field `code`"),
    ] {
        step_refused(&format!("route = \"GET /x\"\n{check}"), wanted);
    }
}

#[test]
fn data_that_is_not_there() {
    let with = |data: &str, step: &str| format!("{data}\n{STEP}{step}");
    let step = "route = \"GET /{u}\"";
    refused(
        &with("[data.u]", step),
        "s.toml:1:7: either `file` or `values` is needed",
    );
    refused(
        &with("[data.u]\nvalues = []", step),
        "s.toml:2:10: there is nothing in it",
    );
    refused(
        &with("[data.u]\nvalues = [[1]]", step),
        "s.toml:2:11: a value is a text",
    );
    refused(
        &with("[data.u]\nfile = \"no.csv\"", step),
        "s.toml:2:8: /nowhere/no.csv: ",
    );
    let column = with("[data.u]\nvalues = [1]", "route = \"GET /{u.x}\"");
    refused(&column, "s.toml:6:9: [data.u] is a list: use {u}");
    let taken = with(
        "[data.u]\nvalues = [1]",
        "route = \"GET /\"\ncapture.u = \"/x\"",
    );
    refused(&taken, "s.toml:7:9: \"u\" is a table of [data] already");
}

#[test]
fn budgets_in_the_file_are_read_where_they_stand() {
    let budgets = "\n[budgets.default]\np99 = \"1s\"\n[budgets.route.\"GET /x\"]\n  p98 = \"1s\"";
    let scenario = parse(&format!(
        "{STEP}route = \"GET /x\"\nbody = \"s3cret\"{budgets}"
    ))
    .unwrap();
    let cut = scenario.budgets.unwrap();
    assert!(!cut.contains("s3cret"));
    let error = Budgets::parse("s.toml", &cut).unwrap_err().to_string();
    assert!(
        error.starts_with("s.toml:9:3: unknown field `p98`"),
        "{error}"
    );
    let budgets = Budgets::parse("s.toml", &cut.replace("p98", "p95")).unwrap();
    let times = budgets.route("GET /x").times;
    let times: Vec<_> = times.iter().map(|time| time.within.0).collect();
    assert_eq!(times, [Duration::from_secs(1); 2]);
    let inline = format!("budgets.default.p99 = \"1s\"\n{STEP}route = \"GET /x\"");
    refused(&inline, "s.toml:1:");
}
