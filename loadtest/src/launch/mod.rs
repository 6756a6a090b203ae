//! A command that serves: started on ports that are free, waited for, stopped.
//!
//! What it is told stands in [`Places`]. It runs in a process group of its own, so that a Ctrl-C on
//! the terminal reaches only this program, which stops it in order: SIGTERM to the whole group, and
//! SIGKILL when that takes too long, or when its handle is dropped. Should this program be killed,
//! [`guard`] stops it. Its output goes to a file: through a pipe it would cost throughput.

mod guard;
mod places;
mod process;

pub use guard::{COMMAND, guard};
pub use places::Places;
pub use process::Process;

use anyhow::Result;
use reqwest::{Client, Url};
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpStream;

/// Finishing the requests in flight may take this long.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(15);
/// How long one question whether it is ready may take.
const READY_TIMEOUT: Duration = Duration::from_secs(5);

/// A command that was started.
#[derive(Debug)]
pub struct Launched {
    /// Scheme, host and port of what it serves.
    pub public: Url,
    /// What its placeholders stand for.
    pub places: Places,
    process: Process,
}

impl Launched {
    /// Starts a command and waits until it accepts connections, and answers `ready` with a status
    /// that begins with 2, if there is such a path.
    ///
    /// # Errors
    /// When it ends instead, or needs more than a minute.
    pub async fn start(
        words: &[String],
        ready: Option<&str>,
        log: &Path,
        client: &Client,
    ) -> Result<Self> {
        let places = Places::find()?;
        let public = Url::parse(&format!("http://127.0.0.1:{}/", places.port))?;
        let words: Vec<_> = words.iter().map(|word| places.fill(word)).collect();
        let mut process = Process::start(&words, log)?;
        let path = ready.map(|path| public.join(path)).transpose()?;
        let what = ready.map_or("accept connections".to_owned(), |path| {
            format!("answer {path} with 2xx")
        });
        let is_ready = async || is_ready(places.port, path.as_ref(), client).await;
        process.until(&what, is_ready).await?;
        Ok(Self {
            public,
            places,
            process,
        })
    }

    /// How the command ended, if it has.
    pub fn ended(&mut self) -> Option<String> {
        let status = self.process.ended()?;
        Some(format!("the command ended ({status})"))
    }

    /// Asks the command to stop and waits until it has; kills it when that takes too long.
    ///
    /// # Errors
    /// When it had to be killed.
    pub async fn stop(self) -> Result<()> {
        self.process.stop().await
    }
}

/// Whether something listens at this port of this machine, and answers `path` with a status that
/// begins with 2, if there is one.
pub async fn is_ready(port: u16, path: Option<&Url>, client: &Client) -> bool {
    let connected = TcpStream::connect(("127.0.0.1", port)).await;
    match path {
        _ if connected.is_err() => false,
        None => true,
        Some(path) => {
            let asked = client.get(path.clone()).timeout(READY_TIMEOUT);
            let answered = asked.send().await;
            answered.is_ok_and(|answer| answer.status().is_success())
        }
    }
}
