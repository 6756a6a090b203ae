//! Waiting for a moment, closer than tokio does, whose timer counts whole milliseconds.
//!
//! One thread sleeps until the next moment and wakes who waits for it: never early, and late by
//! what the kernel needs to wake two threads, on an idle machine less than a tenth of a
//! millisecond. Nobody spins meanwhile.

use rustix::thread::set_current_timer_slack;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::num::NonZero;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Instant;
use tokio::sync::oneshot;

/// Wakes tasks at given moments; its thread ends with it.
#[derive(Debug)]
pub(super) struct Timer(Sender<Alarm>);

/// Somebody who waits; alarms are ordered by their moments.
#[derive(Debug)]
struct Alarm {
    at: Instant,
    wake: oneshot::Sender<()>,
}

impl Timer {
    pub(super) fn start() -> io::Result<Self> {
        let (sender, alarms) = channel();
        let thread = std::thread::Builder::new().name("stub-timer".to_owned());
        thread.spawn(move || keep_time(&alarms))?;
        Ok(Self(sender))
    }

    /// Waits until `at`; not at all when that is past.
    pub(super) async fn until(&self, at: Instant) {
        if at <= Instant::now() {
            return;
        }
        let (wake, woken) = oneshot::channel();
        // The thread lives as long as this does.
        let _ = self.0.send(Alarm { at, wake });
        let _ = woken.await;
    }
}

fn keep_time(alarms: &Receiver<Alarm>) {
    // The kernel may else be late by 50 µs, to wake several threads at once.
    let _ = set_current_timer_slack(NonZero::new(1));
    let mut waiting = BinaryHeap::<Reverse<Alarm>>::new();
    loop {
        let received = match waiting.peek() {
            None => alarms.recv().map_err(RecvTimeoutError::from),
            Some(Reverse(next)) => {
                alarms.recv_timeout(next.at.saturating_duration_since(Instant::now()))
            }
        };
        match received {
            Ok(alarm) => waiting.push(Reverse(alarm)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let now = Instant::now();
        while waiting.peek().is_some_and(|Reverse(next)| next.at <= now) {
            if let Some(Reverse(due)) = waiting.pop() {
                // Who waited may be gone.
                let _ = due.wake.send(());
            }
        }
    }
}

impl Ord for Alarm {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at.cmp(&other.at)
    }
}

impl PartialOrd for Alarm {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Alarm {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Alarm {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn nobody_is_woken_early_and_the_earlier_moment_comes_first() {
        let timer = Timer::start().unwrap();
        let begun = Instant::now();
        let wait = async |micros| {
            timer.until(begun + Duration::from_micros(micros)).await;
            (micros, begun.elapsed())
        };
        let mut ended = Vec::new();
        let (late, early) = (wait(40_000), wait(300));
        tokio::pin!(late, early);
        tokio::select! {
            late = &mut late => ended.push(late),
            early = &mut early => { ended.push(early); ended.push(late.await); }
        }
        assert_eq!(ended.len(), 2, "the later moment came first");
        for (micros, elapsed) in ended {
            assert!(
                elapsed >= Duration::from_micros(micros),
                "{micros}: {elapsed:?}"
            );
        }
    }
}
