//! One timer for all requests of a connection.
//!
//! Each request has a time by which it is given up, and hardly any reaches it. A timer for each
//! would be made and thrown away, thousands of times a second; this one is moved only when it goes
//! off, to where the request under way would be given up, and when a request is to be given up
//! earlier than it would go off.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Instant;
use tokio::time::{Sleep, sleep_until};

#[derive(Debug, Default)]
pub(super) struct Patience(Option<Pin<Box<Sleep>>>);

impl Patience {
    /// What comes of `work`; None when it is not done by `deadline`.
    pub(super) async fn within<T>(
        &mut self,
        deadline: Instant,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let deadline = deadline.into();
        let timer = self
            .0
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        let mut work = pin!(work);
        poll_fn(|context| {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(Some(done));
            }
            while timer.as_mut().poll(context).is_ready() {
                if timer.deadline() >= deadline {
                    return Poll::Ready(None);
                }
                timer.as_mut().reset(deadline);
            }
            Poll::Pending
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};
    use std::time::Duration;
    use tokio::time::sleep;

    const LONG: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn each_is_given_up_at_its_own_time_not_before_and_not_after() {
        let mut patience = Patience::default();
        for (wait, done) in [(20, 5), (20, 40), (5, 10), (40, 30), (10, 60)] {
            let begun = Instant::now();
            let deadline = begun + Duration::from_millis(wait);
            let work = async {
                sleep(Duration::from_millis(done)).await;
                done
            };
            match patience.within(deadline, work).await {
                Some(done) => assert!(begun.elapsed() >= Duration::from_millis(done)),
                None => assert!(done > wait && Instant::now() >= deadline),
            }
        }
    }

    #[tokio::test]
    async fn a_short_patience_after_a_long_one_is_short() {
        let mut patience = Patience::default();
        let now = Instant::now();
        assert_eq!(patience.within(now + LONG, ready(7)).await, Some(7));
        let soon = now + Duration::from_millis(10);
        assert_eq!(patience.within(soon, pending::<()>()).await, None);
        assert!(now.elapsed() < LONG);
        let later = Instant::now() + Duration::from_millis(20);
        assert_eq!(patience.within(later, pending::<()>()).await, None);
        assert!(Instant::now() >= later);
    }
}
