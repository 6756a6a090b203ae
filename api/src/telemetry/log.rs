//! The log: one JSON object per line on standard output, or something for people. No worker ever waits for it: lines go to a thread over a
//! bounded channel, and what does not fit is dropped and counted.

use std::{
    io::{self, Write},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, bounded};
use prometheus::IntCounter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{EnvFilter, Layer, fmt::MakeWriter, layer::Context, layer::SubscriberExt};

use super::Metrics;
use crate::config::LogFormat;

/// Chunks that may wait for the writer. With chunks of 32 KiB it is 8 MiB at most.
const QUEUE: usize = 256;

/// How long the writer waits for a reader of standard output that does not read, when the service stops.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

enum Message {
    /// Whole lines.
    Lines(Vec<u8>),
    /// Nothing comes after this.
    End,
}

/// Where lines go. Clones share the writer.
#[derive(Clone)]
pub struct LogSink {
    messages: Sender<Message>,
    drops: IntCounter,
}

/// Ends the writer after everything has been written.
pub struct LogWriter {
    messages: Sender<Message>,
    thread: JoinHandle<()>,
    done: Receiver<()>,
}

impl LogSink {
    /// Starts the thread that writes to `out`.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub fn start(
        mut out: impl Write + Send + 'static,
        drops: IntCounter,
    ) -> io::Result<(Self, LogWriter)> {
        let (messages, queue) = bounded(QUEUE);
        let (finished, done) = bounded(1);
        let thread = thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || {
                while let Ok(Message::Lines(bytes)) = queue.recv() {
                    // Nobody to tell if the reader of the log is gone: the service goes on without it.
                    let _ = out.write_all(&bytes).and_then(|()| out.flush());
                }
                // Nobody waits any more: nothing to say.
                let _ = finished.send(());
            })?;
        Ok((
            Self {
                messages: messages.clone(),
                drops,
            },
            LogWriter {
                messages,
                thread,
                done,
            },
        ))
    }

    /// Hands over `lines` whole lines. Never waits.
    pub fn send(&self, bytes: Vec<u8>, lines: u64) {
        if self.messages.try_send(Message::Lines(bytes)).is_err() {
            self.drops.inc_by(lines);
        }
    }
}

impl LogWriter {
    /// Waits until everything that was handed over is written, but no longer than a second for a reader that does not read.
    pub fn finish(self) {
        let sent = self
            .messages
            .send_timeout(Message::End, FLUSH_TIMEOUT)
            .is_ok();
        if sent && self.done.recv_timeout(FLUSH_TIMEOUT).is_ok() {
            drop(self.thread.join());
        }
    }
}

/// A `tracing` subscriber that writes to `sink` and counts events by level.
#[must_use]
pub fn subscriber(
    sink: LogSink,
    format: LogFormat,
    filter: EnvFilter,
    metrics: Arc<Metrics>,
) -> Box<dyn Subscriber + Send + Sync> {
    let registry = tracing_subscriber::registry()
        .with(filter)
        .with(CountByLevel(metrics));
    match format {
        LogFormat::Json => {
            let layer = tracing_subscriber::fmt::layer()
                .json()
                .flatten_event(true)
                .with_current_span(false)
                .with_span_list(false);
            Box::new(registry.with(layer.with_writer(sink)))
        }
        LogFormat::Pretty => Box::new(
            registry.with(
                tracing_subscriber::fmt::layer()
                    .compact()
                    .with_ansi(false)
                    .with_writer(sink),
            ),
        ),
    }
}

struct CountByLevel(Arc<Metrics>);

impl<S: Subscriber> Layer<S> for CountByLevel {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let [error, warn, info, debug, trace] = &self.0.log_events;
        let counter = match *event.metadata().level() {
            Level::ERROR => error,
            Level::WARN => warn,
            Level::INFO => info,
            Level::DEBUG => debug,
            Level::TRACE => trace,
        };
        counter.inc();
    }
}

impl<'a> MakeWriter<'a> for LogSink {
    type Writer = LineWriter<'a>;

    fn make_writer(&'a self) -> LineWriter<'a> {
        LineWriter {
            sink: self,
            line: Vec::new(),
        }
    }
}

/// Collects one event's line and hands it over when it is complete.
pub struct LineWriter<'a> {
    sink: &'a LogSink,
    line: Vec<u8>,
}

impl Write for LineWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for LineWriter<'_> {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            self.sink.send(std::mem::take(&mut self.line), 1);
        }
    }
}
