//! `preview`: draws every board as one page.

mod progress;
mod say;
mod values;

pub(super) use self::say::{down, lost};

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use clap::Args;

use self::progress::Progress;
use crate::{
    boards,
    model::Board,
    preview::{self, Window},
    prometheus::{Error, Prometheus, Variables, read_duration, write_duration},
};

/// What to look at, and where to draw it.
///
/// Exit code 0: every query was answered, with or without data; 1: a query fails, a metric that a panel asks for has no series, or a target is
/// down: the page shows which; 2: there is no page.
#[derive(Args)]
pub struct Options {
    /// The address of the Prometheus that is asked
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9090")]
    prometheus: String,
    /// How long before the end to look
    #[arg(long, value_name = "DURATION", default_value = "15m", value_parser = read_duration)]
    range: Duration,
    /// The last moment to look at, as 2026-09-29T08:00:00Z or in seconds since 1970 [default: now]
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    end: Option<f64>,
    /// The page
    #[arg(long, value_name = "FILE", default_value = "preview.html")]
    out: PathBuf,
    /// Only this board, by its uid; can be repeated
    #[arg(long, value_name = "UID")]
    board: Vec<String>,
    /// Only this value of a variable, as in job=api; can be repeated
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = values::choice)]
    choices: Vec<(String, String)>,
}

/// Between two scrapes, where no target says it: what `prometheus.yml` has.
const SCRAPE: Duration = Duration::from_secs(15);

/// Asks, and draws.
///
/// # Errors
/// When there is nothing to ask, nothing to look at, or the page cannot be written.
pub fn execute(options: &Options) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(options.draw())
}

impl Options {
    async fn draw(&self) -> Result<ExitCode> {
        let boards = self.chosen_boards()?;
        let end = self.end.unwrap_or_else(now);
        if self.range.is_zero() || self.range.as_secs_f64() >= end {
            bail!(
                "nothing happens within --range {}: name a time such as 15m",
                write_duration(self.range)
            );
        }
        let prometheus = Prometheus::at(&self.prometheus)?;
        let window = Window {
            end,
            range: self.range,
            scrape: scrape(&prometheus).await?,
        };
        see_that_there_is_something(&prometheus, &window).await?;
        let variables = self.variables(&prometheus, &boards, &window).await?;
        let number = boards
            .iter()
            .flat_map(|board| board.rows.iter().flatten())
            .map(|panel| panel.queries.len())
            .sum();
        let progress = Progress::new(number);
        let asked = preview::ask(&prometheus, &boards, window, &variables, |done| {
            progress.tell(done);
        })
        .await;
        progress.end();
        let (mut shown, vanished) = asked?;
        shown.choices = self
            .choices
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        write(&self.out, preview::render(&shown))?;
        say::say(&self.out, &shown, &vanished)
    }

    fn chosen_boards(&self) -> Result<Vec<Board>> {
        let mut boards = boards::all();
        let unknown = self
            .board
            .iter()
            .find(|uid| boards.iter().all(|board| board.uid != uid.as_str()));
        if let Some(unknown) = unknown {
            let known: Vec<_> = boards.iter().map(|board| board.uid).collect();
            bail!(
                "there is no board `{unknown}`: choose one of {}",
                known.join(", ")
            );
        }
        boards
            .retain(|board| self.board.is_empty() || self.board.iter().any(|uid| uid == board.uid));
        Ok(boards)
    }

    /// What was chosen, once it is known that Prometheus has it.
    async fn variables(
        &self,
        prometheus: &Prometheus,
        boards: &[Board],
        window: &Window,
    ) -> Result<Variables> {
        let known = boards.iter().flat_map(|board| &board.variables);
        let known = known.map(|variable| (variable.name, variable.metric, variable.label));
        let known: Vec<_> = [("job", "up", "job"), ("instance", "up", "instance")]
            .into_iter()
            .chain(known)
            .collect();
        let mut variables = window.variables();
        for (name, value) in &self.choices {
            let Some((name, metric, label)) = known.iter().find(|(own, ..)| own == name) else {
                let mut names: Vec<_> = known.iter().map(|(name, ..)| *name).collect();
                names.sort_unstable();
                names.dedup();
                bail!(
                    "there is no variable `{name}`: choose one of {}",
                    names.join(", ")
                );
            };
            let values = prometheus.label_values(label, metric).await?;
            if !values.contains(value) {
                bail!(
                    "no {name} is called `{value}`: choose one of {}",
                    values.join(", ")
                );
            }
            let same = self.choices.iter().filter(|(other, _)| other == name);
            variables = variables.choose(name, same.map(|(_, value)| value));
        }
        Ok(variables)
    }
}

/// Between two scrapes of the service.
pub(super) async fn scrape(prometheus: &Prometheus) -> Result<Duration, Error> {
    let targets = prometheus.targets().await?;
    let least = targets
        .iter()
        .map(|target| target.scrape_interval)
        .filter(|seconds| *seconds > 0.0)
        .reduce(f64::min);
    Ok(least.map_or(SCRAPE, Duration::from_secs_f64))
}

pub(super) async fn see_that_there_is_something(
    prometheus: &Prometheus,
    window: &Window,
) -> Result<()> {
    let question = format!(
        "count(last_over_time(up[{}]))",
        write_duration(window.range)
    );
    if prometheus
        .query(&question, Some(window.end))
        .await?
        .is_empty()
    {
        let at = |time| preview::utc(time);
        bail!(
            "Prometheus scraped nothing from {} to {}: name another --end or --range, or see its page /targets",
            at(window.start()),
            at(window.end)
        );
    }
    Ok(())
}

/// Puts the page in its place when it is complete.
fn write(out: &Path, page: String) -> Result<()> {
    let name = out.file_name().and_then(|name| name.to_str());
    let name = name.filter(|_| !out.is_dir());
    let name = name.with_context(|| {
        format!(
            "{} is no file: name one such as preview.html",
            out.display()
        )
    })?;
    let folder = out
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    loadtest::report::write(folder, &[(name, page)])
}

fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}
