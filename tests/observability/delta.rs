//! What changed between two scrapes.

use tests::{Scrape, TestApp, eventually};

/// Two scrapes of one service.
pub struct Delta {
    pub before: Scrape,
    pub after: Scrape,
}

impl Delta {
    /// Scrapes again when `requests` requests have been counted since `before`: a request is counted when its last byte has been handed
    /// over, which the client may see a moment earlier.
    pub async fn after_requests(app: &TestApp, before: Scrape, requests: usize) -> Self {
        let family = "http_server_request_duration_seconds_count";
        let mut after = before.clone();
        eventually("all requests are counted", async || {
            after = app.scrape().await;
            let counted = after.sum(family, &[]) - before.sum(family, &[]);
            same(counted, requests)
        })
        .await;
        Self { before, after }
    }

    /// By how much the sum of all series of this family with these labels has grown.
    pub fn of(&self, family: &str, labels: &[(&str, &str)]) -> f64 {
        self.after.sum(family, labels) - self.before.sum(family, labels)
    }
}

/// Whether a counter's value is this number. Counters of this size are exact.
pub fn same(value: f64, number: usize) -> bool {
    let number = f64::from(u32::try_from(number).unwrap());
    (value - number).abs() < 0.5
}
