//! What the application logs, kept in memory.

use std::{
    io::{self, Write},
    sync::{Arc, LazyLock, Mutex, Once},
};

use serde_json::Value;

/// Lines that were written, shared with whoever reads them.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// Every line as JSON.
    pub fn json(&self) -> Vec<Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

static TRACING: LazyLock<Lines> = LazyLock::new(Lines::default);

/// Collects what goes through `tracing`: for the whole test binary, because workers have threads of their own.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let layer = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_max_level(tracing::Level::INFO);
        layer.with_writer(|| TRACING.clone()).init();
    });
}

/// The events that went through `tracing`; tests share them, so look for a trace id.
#[must_use]
pub fn tracing_lines() -> Vec<Value> {
    TRACING.json()
}
