//! Ctrl-C, SIGTERM and SIGHUP: work stops at once, and what was started is still put away.

use anyhow::{Context, Result};
use tokio::sync::watch;

/// Somebody wants this process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// Knows whether somebody wants this process to end.
#[derive(Clone, Debug)]
pub struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Begins to listen. This must come before the first attack: goose would install a handler of
    /// its own, whose second Ctrl-C ends the process without stopping the target.
    ///
    /// # Errors
    /// When there is a handler already.
    pub fn install() -> Result<Self> {
        let (sender, receiver) = watch::channel(false);
        ctrlc::set_handler(move || {
            sender.send_replace(true);
        })
        .context("cannot listen for Ctrl-C")?;
        Ok(Self(receiver))
    }

    /// Whether somebody does.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        *self.0.borrow()
    }

    /// Does the work unless interrupted, in which case the work is dropped where it stands.
    ///
    /// # Errors
    /// Those of the work, or [`Interrupted`].
    pub async fn or<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut raised = self.0.clone();
        let interrupted = async {
            if raised.wait_for(|raised| *raised).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            result = work => result,
            () = interrupted => Err(Interrupted.into()),
        }
    }
}
