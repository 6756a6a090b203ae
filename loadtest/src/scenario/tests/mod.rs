//! What a scenario file sends, and what is refused.

use super::check::Expected;
use super::flow::Flow;
use super::step::Filled;
use super::values::Values;
use super::*;
use crate::contract::Answer;
use crate::pacer::{Desk, Model};
use crate::population::Population;
use crate::recorder::Recorder;
use crate::visitor::{Shared, Visitor};
use reqwest::StatusCode;
use serde_json::Value;
use std::time::Duration;

const STEP: &str = "[[scenario]]\nname = \"one\"\n[[scenario.step]]\n";

fn parse(text: &str) -> Result<Scenario, String> {
    let environment = |name: &str| (name == "TOKEN").then(|| "s3cret".to_owned());
    let parsed = Scenario::parse("s.toml", text, Path::new("/nowhere"), &environment);
    parsed.map_err(|error| error.to_string())
}

/// A scenario of one kind of users with this one step.
fn one_step(step: &str) -> Scenario {
    parse(&format!("{STEP}{step}")).unwrap()
}

fn visitor(number: usize) -> Visitor {
    let traffic = Arc::new(Traffic::of_personas());
    let shared = Shared {
        population: Arc::new(Population::default()),
        desk: Desk::new(&Model::Closed(Duration::ZERO)),
        recorder: Recorder::new(&traffic, 1),
        progress: Arc::default(),
        traffic,
    };
    Visitor::new(number, 42, "run", &Arc::new(shared))
}

fn answer(status: u16, body: &str) -> Answer {
    let headers = [("etag", "\"v1\""), ("location", "http://other/notes/9?x=1")];
    Answer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: headers.into_iter().collect(),
        body: body.to_owned().into(),
    }
}

/// Goes through the first scenario as [`flow::run`] does, with `answers` instead of a service.
fn go_through(scenario: &Scenario, answers: &[Answer]) -> (Vec<Filled>, Result<(), String>) {
    let flow: &Flow = &scenario.flows[0];
    let mut visitor = visitor(0);
    let tables = &scenario.tables;
    let mut values = Values::begin(tables, &flow.used, flow.kept, &mut visitor);
    let mut sent = Vec::new();
    for (step, answer) in flow.steps.iter().zip(answers) {
        sent.push(step.fill(&mut values, &mut visitor));
        let expected: Expected<'_> = step.check.expected(&step.captures, &values, &mut visitor);
        match expected.judge(answer) {
            Ok(captured) => captured
                .into_iter()
                .for_each(|(place, value)| values.keep(place, value)),
            Err(message) => return (sent, Err(message)),
        }
    }
    (sent, Ok(()))
}

fn sent(scenario: &Scenario) -> Filled {
    go_through(scenario, &[answer(200, "{}")]).0.remove(0)
}

fn judged(check: &str, answer: Answer) -> Result<(), String> {
    let scenario = one_step(&format!("route = \"GET /x\"\n{check}"));
    go_through(&scenario, &[answer]).1
}

#[test]
fn method_and_path_are_those_of_the_route_unless_the_step_says_otherwise() {
    let plain = sent(&one_step("route = \"DELETE /notes\""));
    assert_eq!(
        (plain.method.as_str(), plain.path.as_str()),
        ("DELETE", "/notes")
    );
    let scenario = one_step("route = \"GET /notes/:id\"\nmethod = \"HEAD\"\npath = \"/notes/1\"");
    let other = sent(&scenario);
    assert_eq!(
        (other.method.as_str(), other.path.as_str()),
        ("HEAD", "/notes/1")
    );
    assert_eq!(
        Traffic::of_scenario(&scenario).routes[0].name,
        "GET /notes/:id"
    );
}

#[test]
fn what_fills_a_path_or_a_query_is_encoded() {
    let step = "route = \"GET /n/{id}\"\nparams = { id = \"a/b ä?\" }\nquery = { q = \"1&2\", tag = [\"x\", 2] }";
    assert_eq!(
        sent(&one_step(step)).path,
        "/n/a%2Fb%20%C3%A4%3F?q=1%262&tag=x&tag=2"
    );
}

#[test]
fn json_keeps_the_types_of_its_values() {
    let step = "route = \"POST /n\"\njson = { n = \"{random:7..7}\", s = \"n{random:7..7}\", l = [1, true, { x = \"{{}}\" }] }";
    let request = sent(&one_step(step));
    let body: Value = serde_json::from_slice(&request.body.unwrap()).unwrap();
    let wanted = serde_json::json!({ "n": 7, "s": "n7", "l": [1, true, { "x": "{}" }] });
    assert_eq!(body, wanted);
    assert_eq!(
        request.headers,
        [("content-type".to_owned(), "application/json".to_owned())]
    );
}

#[test]
fn forms_and_texts_are_sent_as_they_are_written() {
    let form = sent(&one_step(
        "route = \"POST /n\"\nform = { a = \"b c\", n = 3 }",
    ));
    assert_eq!(form.body.unwrap(), b"a=b+c&n=3");
    assert_eq!(form.headers[0].1, "application/x-www-form-urlencoded");
    let text =
        "route = \"POST /n\"\nbody = \"<a/>\"\nheaders = { Content-Type = \"application/xml\" }";
    let text = sent(&one_step(text));
    assert_eq!(text.body.unwrap(), b"<a/>");
    assert_eq!(
        text.headers,
        [("content-type".to_owned(), "application/xml".to_owned())]
    );
}

#[test]
fn what_one_step_captures_the_next_one_sends() {
    let scenario = one_step(
        "route = \"POST /n\"\ncapture = { id = \"/data/id\", tag = \"header:ETag\", there = \"header:location\" }\n\
         [[scenario.step]]\nroute = \"GET /n/{id}\"\nheaders = { if-match = \"{tag}\" }\n\
         check = { json = { \"/id\" = \"{id}\" } }\n\
         [[scenario.step]]\nroute = \"GET /location\"\npath = \"{there}\"",
    );
    let answers = [
        answer(201, r#"{"data":{"id":7}}"#),
        answer(200, r#"{"id":"7"}"#),
        answer(200, ""),
    ];
    let (sent, judged) = go_through(&scenario, &answers);
    assert_eq!(judged, Ok(()));
    assert_eq!(
        (sent[1].path.as_str(), sent[2].path.as_str()),
        ("/n/7", "/notes/9?x=1")
    );
    assert_eq!(
        sent[1].headers,
        [("if-match".to_owned(), "\"v1\"".to_owned())]
    );
}

#[test]
fn what_is_set_is_the_same_in_the_request_and_in_its_check() {
    let scenario = one_step(
        "route = \"POST /n\"\nset = { title = \"t {unique}\" }\njson = { title = \"{title}\" }\n\
         check = { json = { \"/title\" = \"{title}\" } }",
    );
    let first = sent(&scenario).body.unwrap();
    assert_eq!(first, br#"{"title":"t run-0-1"}"#);
    let body = String::from_utf8(first).unwrap();
    assert_eq!(go_through(&scenario, &[answer(200, &body)]).1, Ok(()));
}

#[test]
fn headers_of_the_target_go_with_every_request_and_their_values_are_not_shown() {
    let scenario = parse(&format!(
        "[target]\nheaders = {{ Authorization = \"Bearer {{env:TOKEN}}\", accept = \"a\" }}\n\
         {STEP}route = \"GET /x\"\nheaders = {{ Accept = \"b\" }}"
    ));
    let scenario = scenario.unwrap();
    let headers = sent(&scenario).headers;
    assert!(headers.contains(&("authorization".to_owned(), "Bearer s3cret".to_owned())));
    assert_eq!(
        headers.iter().filter(|(name, _)| name == "accept").count(),
        1
    );
    assert!(!format!("{scenario:?}").contains("s3cret"));
}

#[test]
fn a_pass_takes_one_row_of_a_table() {
    let scenario = parse(&format!(
        "[data.colours]\nvalues = [\"red\", \"blue\"]\npick = \"in_turn\"\n\
         {STEP}route = \"GET /{{colours}}/{{colours}}\""
    ));
    let scenario = scenario.unwrap();
    let paths = [(); 3].map(|()| sent(&scenario).path);
    assert_eq!(paths, ["/red/red", "/blue/blue", "/red/red"]);
}

#[test]
fn a_csv_file_names_its_columns_in_its_first_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("u.csv"), "name,mail\n\"A, B\",a@b\n").unwrap();
    let text = format!(
        "[data.u]\nfile = \"u.csv\"\n{STEP}route = \"GET /{{u.mail}}\"\nquery = {{ q = \"{{u.name}}\" }}"
    );
    let scenario = Scenario::parse("s.toml", &text, folder.path(), &|_| None).unwrap();
    assert_eq!(sent(&scenario).path, "/a%40b?q=A%2C+B");
}

#[test]
fn an_answer_is_checked_by_status_header_json_text_and_size() {
    let body = r#"{"a":[{"b":1}]}"#;
    let check = "check = { status = [200, 304], header = { etag = \"\\\"v*\" }, json = { \"/a/0/b\" = 1 }, body_contains = \"b\", max_bytes = 99 }";
    assert_eq!(judged(check, answer(200, body)), Ok(()));
    for (check, status, message) in [
        ("", 500, "status 500 instead of 2xx"),
        ("check.status = 201", 200, "status 200 instead of 201"),
        (
            "check.status = [200, 304]",
            404,
            "status 404 instead of 200 or 304",
        ),
        ("check.max_bytes = 3", 200, "a body of more than 3 bytes"),
        (
            "check.header.etag = \"v1\"",
            200,
            "header etag is not as expected",
        ),
        ("check.header.x-none = \"*\"", 200, "no header x-none"),
        (
            "check.body_contains = [\"b\", \"z\"]",
            200,
            "the body lacks a text",
        ),
        (
            "check.json = { \"/a/0/b\" = true }",
            200,
            "/a/0/b is not as expected",
        ),
        (
            "check.json = { \"/a/1\" = 1 }",
            200,
            "no /a/1 in the answer",
        ),
        ("capture.x = \"/a/1\"", 200, "no /a/1 to capture"),
        (
            "capture.x = \"header:x-none\"",
            200,
            "no header x-none to capture",
        ),
    ] {
        assert_eq!(judged(check, answer(status, body)), Err(message.to_owned()));
    }
    let no_json = judged("capture.x = \"/a\"", answer(200, "<p>"));
    assert_eq!(no_json, Err("the body is no JSON".to_owned()));
}

#[test]
fn routes_share_the_requests_by_weight_and_by_step() {
    let scenario = parse(
        "[[scenario]]\nname = \"r\"\nweight = 3\n[[scenario.step]]\nroute = \"GET /a\"\n\
         [[scenario]]\nname = \"w\"\n[[scenario.step]]\nroute = \"POST /a\"\nrepeat = 3\n[[scenario.step]]\nroute = \"GET /a\"",
    );
    let shares = scenario.unwrap().expected_shares();
    let (names, shares): (Vec<_>, Vec<_>) = shares.into_iter().unzip();
    assert_eq!(names, ["GET /a", "POST /a"]);
    assert!((shares[0] - 0.8125).abs() < 1e-12 && (shares[1] - 0.1875).abs() < 1e-12);
}

mod refused;
