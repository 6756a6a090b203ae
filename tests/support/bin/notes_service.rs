//! A service that is not ours: notes, kept in memory, on another framework, with metrics in names of its own and a document of its own.
//! `--slow-ms N` makes it slow to read a note, `--failing` makes it fail to create one, `--token T` lets nobody in without it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a service that cannot start must fail its test"
)]

use std::{
    collections::BTreeMap,
    io::Write as _,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use prometheus::{Counter, Gauge, HistogramOpts, HistogramVec, Registry, TextEncoder};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Bytes in a page of memory.
const PAGE: f64 = 4096.0;
/// Notes that are there from the beginning.
const NOTES: u64 = 20;

struct Notes {
    titles: Mutex<BTreeMap<u64, String>>,
    slow: Duration,
    failing: bool,
    token: Option<String>,
    registry: Registry,
    requests: HistogramVec,
    cpu: Counter,
    memory: Gauge,
}

type Answer = Response<Full<Bytes>>;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let notes = Arc::new(Notes::new(&std::env::args().collect::<Vec<_>>()));
    let address = listener.local_addr().unwrap();
    let mut out = std::io::stdout();
    writeln!(out, "http://{address}").unwrap();
    loop {
        let (connection, _) = listener.accept().await.unwrap();
        connection.set_nodelay(true).unwrap();
        let notes = Arc::clone(&notes);
        tokio::spawn(async move {
            let answer = service_fn(|request| {
                let notes = Arc::clone(&notes);
                async move { notes.answer(request).await }
            });
            // A client that hangs up is no fault of ours.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(connection), answer)
                .await;
        });
    }
}

impl Notes {
    fn new(arguments: &[String]) -> Self {
        let after = |name: &str| {
            let place = arguments.iter().position(|argument| argument == name);
            place.map(|place| arguments[place + 1].clone())
        };
        let options = HistogramOpts::new("notes_request_seconds", "Time of requests");
        let registry = Registry::new();
        let requests = HistogramVec::new(options, &["verb", "path"]).unwrap();
        let cpu = Counter::new("notes_cpu_seconds", "Processor time").unwrap();
        let memory = Gauge::new("notes_memory_bytes", "Resident memory").unwrap();
        registry.register(Box::new(requests.clone())).unwrap();
        registry.register(Box::new(cpu.clone())).unwrap();
        registry.register(Box::new(memory.clone())).unwrap();
        let note = |id| (id, format!("note {id}"));
        Self {
            titles: Mutex::new((1..=NOTES).map(note).collect()),
            slow: Duration::from_millis(after("--slow-ms").map_or(0, |ms| ms.parse().unwrap())),
            failing: arguments.iter().any(|argument| argument == "--failing"),
            token: after("--token"),
            registry,
            requests,
            cpu,
            memory,
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Answer, hyper::Error> {
        let began = Instant::now();
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let path = head.uri.path().to_owned();
        match path.as_str() {
            "/metrics" => return Ok(answer(StatusCode::OK, "text/plain", self.metrics())),
            "/openapi.json" => {
                let document = include_str!("notes_openapi.json").to_owned();
                return Ok(answer(StatusCode::OK, "application/json", document));
            }
            _ => {}
        }
        let shown = head.headers.get("authorization");
        let wanted = self.token.as_ref().map(|token| format!("Bearer {token}"));
        let known = wanted.is_none_or(|wanted| shown.is_some_and(|shown| *shown == *wanted));
        let (template, answer) = match path.strip_prefix("/notes") {
            _ if !known => ("other", problem(StatusCode::UNAUTHORIZED)),
            Some("") => ("/notes", self.all(&head.method, &body)),
            Some(id) => ("/notes/{id}", self.one(&head.method, id).await),
            None => ("other", problem(StatusCode::NOT_FOUND)),
        };
        let labels = [head.method.as_str(), template];
        let series = self.requests.with_label_values(&labels);
        series.observe(began.elapsed().as_secs_f64());
        Ok(answer)
    }

    fn all(&self, method: &Method, body: &[u8]) -> Answer {
        let mut titles = self.titles.lock().unwrap();
        if method == Method::GET {
            let notes = titles.iter().take(NOTES.try_into().unwrap());
            let notes: Vec<_> = notes.map(|(id, title)| note(*id, title)).collect();
            return json_answer(StatusCode::OK, &json!({ "notes": notes }));
        }
        let title = serde_json::from_slice::<Value>(body).ok();
        let title = title.and_then(|note| note["title"].as_str().map(str::to_owned));
        match title {
            _ if method != Method::POST => problem(StatusCode::METHOD_NOT_ALLOWED),
            _ if self.failing => problem(StatusCode::INTERNAL_SERVER_ERROR),
            None => problem(StatusCode::BAD_REQUEST),
            Some(title) => {
                let id = titles.last_key_value().map_or(1, |(last, _)| last + 1);
                let created = json_answer(StatusCode::CREATED, &note(id, &title));
                titles.insert(id, title);
                created
            }
        }
    }

    async fn one(&self, method: &Method, id: &str) -> Answer {
        let id = id.trim_start_matches('/').parse().unwrap_or(0);
        if method == Method::GET && !self.slow.is_zero() {
            tokio::time::sleep(self.slow).await;
        }
        let mut titles = self.titles.lock().unwrap();
        let Some(title) = titles.get(&id) else {
            return problem(StatusCode::NOT_FOUND);
        };
        if method == Method::GET {
            return json_answer(StatusCode::OK, &note(id, title));
        }
        if method != Method::DELETE {
            return problem(StatusCode::METHOD_NOT_ALLOWED);
        }
        titles.remove(&id);
        let gone = Response::builder().status(StatusCode::NO_CONTENT);
        gone.body(Full::default()).unwrap()
    }

    fn metrics(&self) -> String {
        let first = |file: &str, place: usize| {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            let number = text.split_whitespace().nth(place);
            number
                .and_then(|number| number.parse::<f64>().ok())
                .unwrap_or(0.0)
        };
        let spent = first("/proc/self/schedstat", 0) / 1e9;
        self.cpu.inc_by((spent - self.cpu.get()).max(0.0));
        self.memory.set(first("/proc/self/statm", 1) * PAGE);
        let families = self.registry.gather();
        TextEncoder::new().encode_to_string(&families).unwrap()
    }
}

fn note(id: u64, title: &str) -> Value {
    json!({ "id": id, "title": title })
}

fn problem(status: StatusCode) -> Answer {
    json_answer(status, &json!({ "problem": status.as_str() }))
}

fn json_answer(status: StatusCode, body: &Value) -> Answer {
    answer(status, "application/json", body.to_string())
}

fn answer(status: StatusCode, kind: &str, body: String) -> Answer {
    let answer = Response::builder()
        .status(status)
        .header("content-type", kind);
    answer.body(Full::from(body)).unwrap()
}
