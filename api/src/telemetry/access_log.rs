//! One line per request. Not a `tracing` event: the line is written straight into a buffer of the worker, which goes to the log's thread in
//! chunks. Measured, an event costs 20 times as much. The field names are those of the rest of the log.

use std::{
    cell::RefCell,
    io::Write,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use chrono::DateTime;
use prometheus::IntCounter;

use super::{Observation, log::LogSink, request::RequestRecord};
use crate::{budget::Phase, config::LogFormat};

/// A buffer is handed over when it holds this much, and at every tick of the worker that finds it not empty.
const CHUNK: usize = 32 * 1024;

/// Longest part of a path that is written.
const PATH_MAX: usize = 256;

/// What the line says beside the record.
pub struct Line<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The route's name, as in the metrics.
    pub route: &'a str,
    /// The path as it was asked for.
    pub path: &'a str,
    /// The numbers.
    pub observation: &'a Observation,
    /// Whether the route's budget was exceeded.
    pub over_budget: bool,
}

/// The access log of one worker.
pub struct AccessLog {
    sink: LogSink,
    format: LogFormat,
    worker: usize,
    levels: [IntCounter; 3],
    buffer: RefCell<Buffer>,
}

#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    lines: u64,
    second: u64,
    /// The time up to the second, as it is written.
    prefix: Vec<u8>,
}

impl AccessLog {
    /// The access log of `worker`; `levels` counts errors, warnings and the rest.
    #[must_use]
    pub fn new(sink: LogSink, format: LogFormat, worker: usize, levels: [IntCounter; 3]) -> Self {
        Self {
            sink,
            format,
            worker,
            levels,
            buffer: RefCell::default(),
        }
    }

    /// Writes the line of a finished request. Level by status: 5xx error, 4xx and over budget warning, else info.
    pub fn write(&self, record: &RequestRecord, line: &Line<'_>) {
        let [errors, warnings, others] = &self.levels;
        let (level, counter) = match line.observation.status {
            500.. => ("ERROR", errors),
            400.. => ("WARN", warnings),
            _ if line.over_budget => ("WARN", warnings),
            _ => ("INFO", others),
        };
        counter.inc();
        let mut buffer = self.buffer.borrow_mut();
        if self.format == LogFormat::Json {
            buffer.bytes.extend_from_slice(b"{\"timestamp\":\"");
        }
        buffer.write_time();
        // Writing into a vector cannot fail.
        let _ = match self.format {
            LogFormat::Json => self.write_json(&mut buffer.bytes, level, record, line),
            LogFormat::Pretty => write_pretty(&mut buffer.bytes, level, record, line),
        };
        buffer.lines += 1;
        if buffer.bytes.len() >= CHUNK {
            buffer.flush(&self.sink);
        }
    }

    /// Hands over what there is.
    pub fn flush(&self) {
        self.buffer.borrow_mut().flush(&self.sink);
    }

    fn write_json(
        &self,
        out: &mut Vec<u8>,
        level: &str,
        record: &RequestRecord,
        line: &Line<'_>,
    ) -> std::io::Result<()> {
        let Line {
            method,
            route,
            path,
            observation,
            over_budget,
        } = line;
        let (trace, ledger) = (&record.trace, &record.ledger);
        put(out, b"\",\"level\":\"", level.as_bytes());
        put(out, b"\",\"target\":\"api::access\",\"message\":\"request\",\"event\":\"http.request\",\"trace_id\":\"", trace.trace_id().as_bytes());
        put(out, b"\",\"span_id\":\"", trace.span_id().as_bytes());
        put(
            out,
            b"\",\"request_id\":\"",
            record.request_id.as_str(trace).as_bytes(),
        );
        put(out, b"\",\"http.route\":\"", route.as_bytes());
        put(out, b"\",\"http.request.method\":\"", method.as_bytes());
        put(out, b"\",\"url.path\":", b"");
        write_json_text(out, path);
        put_number(
            out,
            b",\"http.response.status_code\":",
            u64::from(observation.status),
        );
        put_number(
            out,
            b",\"http.response.body.size\":",
            observation.body_bytes,
        );
        put_millis(out, b",\"duration_ms\":", observation.duration);
        put_number(out, b",\"db.queries\":", u64::from(ledger.query_count()));
        put_number(out, b",\"db.rows\":", ledger.rows());
        let [pool_wait, blocking_queue, db, ..] = observation.phases;
        put_millis(out, b",\"db.ms\":", Duration::from_nanos(db));
        put_millis(
            out,
            b",\"db.wait_ms\":",
            Duration::from_nanos(pool_wait + blocking_queue),
        );
        put_number(out, b",\"cache.hits\":", u64::from(ledger.cache_hits()));
        put_number(out, b",\"cache.misses\":", u64::from(ledger.cache_misses()));
        put(
            out,
            b",\"over_budget\":",
            if *over_budget { b"true" } else { b"false" },
        );
        put(
            out,
            b",\"dominant_phase\":\"",
            observation.dominant_phase().as_str().as_bytes(),
        );
        put_number(out, b"\",\"worker\":", self.worker as u64);
        put(out, b",\"revision\":\"", env!("BUILD_REVISION").as_bytes());
        out.write_all(b"\"}\n")
    }
}

impl Drop for AccessLog {
    fn drop(&mut self) {
        self.flush();
    }
}

fn put(out: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    out.extend_from_slice(key);
    out.extend_from_slice(value);
}

fn put_number(out: &mut Vec<u8>, key: &[u8], number: u64) {
    put(out, key, itoa::Buffer::new().format(number).as_bytes());
}

/// Milliseconds with three decimals.
pub(crate) fn put_millis(out: &mut Vec<u8>, key: &[u8], time: Duration) {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    put_number(out, key, micros / 1000);
    let fraction = micros % 1000;
    let digit = |divisor: u64| b'0' + u8::try_from(fraction / divisor % 10).unwrap_or_default();
    out.extend_from_slice(&[b'.', digit(100), digit(10), digit(1)]);
}

fn write_json_text(out: &mut Vec<u8>, text: &str) {
    let end = (0..=PATH_MAX.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or_default();
    // A text always becomes JSON, and a vector always takes it.
    let _ = serde_json::to_writer(out, text.get(..end).unwrap_or_default());
}

fn write_pretty(
    out: &mut Vec<u8>,
    level: &str,
    record: &RequestRecord,
    line: &Line<'_>,
) -> std::io::Result<()> {
    let observation = line.observation;
    write!(
        out,
        " {level:>5} {} {} {} ",
        observation.status,
        line.method,
        line.path.escape_debug()
    )?;
    put_millis(out, b"", observation.duration);
    write!(out, " ms")?;
    for (phase, nanos) in Phase::ALL
        .into_iter()
        .zip(observation.phases)
        .filter(|(_, nanos)| *nanos >= 1000)
    {
        write!(out, " {}=", phase.as_str())?;
        put_millis(out, b"", Duration::from_nanos(nanos));
    }
    let over_budget = if line.over_budget { " OVER BUDGET" } else { "" };
    writeln!(
        out,
        " queries={} trace={}{over_budget}",
        record.ledger.query_count(),
        record.trace.trace_id()
    )
}

impl Buffer {
    /// Writes the beginning of a line: the time to the millisecond. The part up to the second is made once a second.
    fn write_time(&mut self) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        if now.as_secs() != self.second || self.prefix.is_empty() {
            self.second = now.as_secs();
            let time = DateTime::from_timestamp(i64::try_from(self.second).unwrap_or_default(), 0)
                .unwrap_or_default();
            self.prefix = time.format("%Y-%m-%dT%H:%M:%S.").to_string().into_bytes();
        }
        let millis = now.subsec_millis();
        let digit = |divisor: u32| b'0' + u8::try_from(millis / divisor % 10).unwrap_or_default();
        self.bytes.extend_from_slice(&self.prefix);
        self.bytes
            .extend_from_slice(&[digit(100), digit(10), digit(1), b'Z']);
    }

    fn flush(&mut self, sink: &LogSink) {
        if self.lines > 0 {
            let bytes = std::mem::replace(&mut self.bytes, Vec::with_capacity(CHUNK + 1024));
            sink.send(bytes, std::mem::take(&mut self.lines));
        }
    }
}
