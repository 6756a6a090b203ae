//! One line per request. Not a `tracing` event: the line is written straight into a buffer of the worker, which goes to the log's thread in
//! chunks. Measured, an event costs 20 times as much. The field names are those of the rest of the log.

use std::{
    cell::RefCell,
    io::Write,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use chrono::DateTime;
use prometheus::IntCounter;

use super::{
    Observation,
    log::LogSink,
    request::{RequestRecord, shown},
};
use crate::{
    budget::{Phase, nanos},
    config::LogFormat,
};

/// A buffer is handed over when it holds this much, and at every tick of the worker that finds it not empty.
const CHUNK: usize = 32 * 1024;

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
    /// The end of every JSON line of this worker.
    end: Vec<u8>,
    levels: [IntCounter; 3],
    buffer: RefCell<Buffer>,
}

#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    lines: u64,
    /// When the time of day was read, and what it was.
    clock: Option<(Instant, Duration)>,
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
            end: format!(
                "\",\"worker\":{worker},\"revision\":\"{}\"}}\n",
                env!("BUILD_REVISION")
            )
            .into_bytes(),
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
        buffer.write_time(record.started + line.observation.duration);
        match self.format {
            LogFormat::Json => self.write_json(&mut buffer.bytes, level, record, line),
            // Writing into a vector cannot fail.
            LogFormat::Pretty => drop(write_pretty(&mut buffer.bytes, level, record, line)),
        }
        buffer.lines += 1;
        if buffer.bytes.len() >= CHUNK {
            buffer.flush(&self.sink);
        }
    }

    /// Hands over what there is.
    pub fn flush(&self) {
        self.buffer.borrow_mut().flush(&self.sink);
    }

    fn write_json(&self, out: &mut Vec<u8>, level: &str, record: &RequestRecord, line: &Line<'_>) {
        put(out, b"\",\"level\":\"", level.as_bytes());
        put_identity(out, record);
        put(out, b"\",\"http.route\":\"", line.route.as_bytes());
        put(out, METHOD, line.method.as_bytes());
        put_text(out, b"\",\"url.path\":\"", line.path);
        put_number(out, STATUS, u64::from(line.observation.status));
        put_number(out, BODY_SIZE, line.observation.body_bytes);
        put_millis(out, b",\"duration_ms\":", nanos(line.observation.duration));
        put_queries(out, record, line.observation);
        put_number(
            out,
            b",\"cache.hits\":",
            u64::from(record.ledger.cache_hits()),
        );
        put_number(
            out,
            b",\"cache.misses\":",
            u64::from(record.ledger.cache_misses()),
        );
        let over_budget: &[u8] = if line.over_budget { b"true" } else { b"false" };
        put(out, b",\"over_budget\":", over_budget);
        let phase = line.observation.dominant_phase();
        put(out, b",\"dominant_phase\":\"", phase.as_str().as_bytes());
        out.extend_from_slice(&self.end);
    }
}

impl Drop for AccessLog {
    fn drop(&mut self) {
        self.flush();
    }
}

const EVENT: &[u8] =
    b"\",\"target\":\"api::access\",\"message\":\"request\",\"event\":\"http.request\",\"trace_id\":\"";
const METHOD: &[u8] = b"\",\"http.request.method\":\"";
const STATUS: &[u8] = b"\",\"http.response.status_code\":";
const BODY_SIZE: &[u8] = b",\"http.response.body.size\":";

fn put_identity(out: &mut Vec<u8>, record: &RequestRecord) {
    put(out, EVENT, record.trace.trace_id_bytes());
    put(out, b"\",\"span_id\":\"", record.trace.span_id_bytes());
    put(
        out,
        b"\",\"request_id\":\"",
        record.request_id.as_bytes(&record.trace),
    );
}

/// Most requests are answered by the cache: then this part is always the same.
fn put_queries(out: &mut Vec<u8>, record: &RequestRecord, observation: &Observation) {
    let [_, pool_wait, blocking_queue, db, ..] = observation.phases;
    let queries = record.ledger.query_count();
    if queries == 0 && db + pool_wait + blocking_queue == 0 {
        out.extend_from_slice(b",\"db.queries\":0,\"db.rows\":0,\"db.ms\":0,\"db.wait_ms\":0");
        return;
    }
    put_number(out, b",\"db.queries\":", u64::from(queries));
    put_number(out, b",\"db.rows\":", record.ledger.rows());
    put_millis(out, b",\"db.ms\":", db);
    put_millis(out, b",\"db.wait_ms\":", pool_wait + blocking_queue);
}

fn put(out: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    out.extend_from_slice(key);
    out.extend_from_slice(value);
}

fn put_number(out: &mut Vec<u8>, key: &[u8], number: u64) {
    put(out, key, itoa::Buffer::new().format(number).as_bytes());
}

/// Nanoseconds as milliseconds with three decimals, or a plain 0.
pub(crate) fn put_millis(out: &mut Vec<u8>, key: &[u8], nanos: u64) {
    let micros = nanos / 1000;
    if micros == 0 {
        return put(out, key, b"0");
    }
    put_number(out, key, micros / 1000);
    out.push(b'.');
    out.extend_from_slice(&three_digits(micros % 1000));
}

/// A number below 1000 with leading zeros.
fn three_digits(number: u64) -> [u8; 3] {
    let digit = |divisor: u64| b'0' + (number / divisor % 10) as u8;
    [digit(100), digit(10), digit(1)]
}

/// The path as it stands between the quotes of a JSON string.
fn put_text(out: &mut Vec<u8>, key: &[u8], text: &str) {
    out.extend_from_slice(key);
    let plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\';
    let text = shown(text);
    if text.bytes().all(plain) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    let escaped = serde_json::to_vec(text).unwrap_or_default();
    out.extend_from_slice(
        escaped
            .get(1..escaped.len().saturating_sub(1))
            .unwrap_or_default(),
    );
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
    put_millis(out, b"", nanos(observation.duration));
    write!(out, " ms")?;
    for (phase, spent) in Phase::ALL
        .into_iter()
        .zip(observation.phases)
        .filter(|(_, spent)| *spent >= 1000)
    {
        write!(out, " {}=", phase.as_str())?;
        put_millis(out, b"", spent);
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
    fn write_time(&mut self, ended: Instant) {
        let now = self.now(ended);
        if now.as_secs() != self.second || self.prefix.is_empty() {
            self.second = now.as_secs();
            let time = DateTime::from_timestamp(i64::try_from(self.second).unwrap_or_default(), 0)
                .unwrap_or_default();
            self.prefix = time.format("%Y-%m-%dT%H:%M:%S.").to_string().into_bytes();
        }
        self.bytes.extend_from_slice(&self.prefix);
        self.bytes
            .extend_from_slice(&three_digits(u64::from(now.subsec_millis())));
        self.bytes.push(b'Z');
    }

    /// The time of day at `ended`: reckoned from the clock's last reading, which is at most as old as a chunk.
    fn now(&mut self, ended: Instant) -> Duration {
        let (read_at, time) = *self.clock.get_or_insert_with(|| {
            (
                Instant::now(),
                SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default(),
            )
        });
        let earlier = read_at.saturating_duration_since(ended);
        (time + ended.saturating_duration_since(read_at)).saturating_sub(earlier)
    }

    fn flush(&mut self, sink: &LogSink) {
        self.clock = None;
        if self.lines > 0 {
            let bytes = std::mem::replace(&mut self.bytes, Vec::with_capacity(CHUNK + 1024));
            sink.send(bytes, std::mem::take(&mut self.lines));
        }
    }
}
