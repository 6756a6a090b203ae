//! `preview`: draws every board as one page.

use std::{
    cell::Cell,
    io::{IsTerminal, Write, stderr, stdout},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use chrono::DateTime;
use clap::Args;

use crate::{
    boards,
    model::Board,
    preview::{self, Shown, Standing, Vanished, Window},
    prometheus::{Error, Prometheus, Target, Variables, read_duration, write_duration},
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
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    end: Option<f64>,
    /// The page
    #[arg(long, value_name = "FILE", default_value = "preview.html")]
    out: PathBuf,
    /// Only this board, by its uid; can be repeated
    #[arg(long, value_name = "UID")]
    board: Vec<String>,
    /// Only this value of a variable, as in job=api; can be repeated
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = read_choice)]
    choices: Vec<(String, String)>,
}

/// When nothing was said for so long, progress is told.
const SILENCE: Duration = Duration::from_secs(2);
/// Between two scrapes, where no target says it: what `prometheus.yml` has.
const SCRAPE: Duration = Duration::from_secs(15);
/// Of a long list, so many are named.
const NAMED: usize = 5;

/// Asks, and draws.
///
/// # Errors
/// When there is nothing to ask, nothing to look at, or the page cannot be written.
pub fn execute(options: &Options) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(options.draw())
}

impl Options {
    async fn draw(&self) -> Result<ExitCode> {
        let boards = self.chosen_boards()?;
        let end = self.end.unwrap_or_else(now);
        if self.range.is_zero() || self.range.as_secs_f64() >= end {
            bail!("nothing happens within --range {}: name a time such as 15m", write_duration(self.range));
        }
        let prometheus = Prometheus::at(&self.prometheus)?;
        let window = Window {
            end,
            range: self.range,
            scrape: scrape(&prometheus).await?,
        };
        see_that_there_is_something(&prometheus, &window).await?;
        let variables = self.variables(&prometheus, &boards, &window).await?;
        let number = boards.iter().flat_map(|board| board.rows.iter().flatten()).map(|panel| panel.queries.len()).sum();
        let progress = Progress::new(number);
        let asked = preview::ask(&prometheus, &boards, window, &variables, |done| progress.tell(done)).await;
        progress.end();
        let (mut shown, vanished) = asked?;
        shown.choices = self.choices.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        write(&self.out, preview::render(&shown))?;
        say(&self.out, &shown, &vanished)
    }

    fn chosen_boards(&self) -> Result<Vec<Board>> {
        let mut boards = boards::all();
        let unknown = self.board.iter().find(|uid| boards.iter().all(|board| board.uid != uid.as_str()));
        if let Some(unknown) = unknown {
            let known: Vec<_> = boards.iter().map(|board| board.uid).collect();
            bail!("there is no board `{unknown}`: choose one of {}", known.join(", "));
        }
        boards.retain(|board| self.board.is_empty() || self.board.iter().any(|uid| uid == board.uid));
        Ok(boards)
    }

    /// What was chosen, once it is known that Prometheus has it.
    async fn variables(&self, prometheus: &Prometheus, boards: &[Board], window: &Window) -> Result<Variables> {
        let known = boards.iter().flat_map(|board| &board.variables);
        let known = known.map(|variable| (variable.name, variable.metric, variable.label));
        let known: Vec<_> = [("job", "up", "job"), ("instance", "up", "instance")].into_iter().chain(known).collect();
        let mut variables = window.variables();
        for (name, value) in &self.choices {
            let Some((name, metric, label)) = known.iter().find(|(own, ..)| own == name) else {
                let mut names: Vec<_> = known.iter().map(|(name, ..)| *name).collect();
                names.sort_unstable();
                names.dedup();
                bail!("there is no variable `{name}`: choose one of {}", names.join(", "));
            };
            let values = prometheus.label_values(label, metric).await?;
            if !values.contains(value) {
                bail!("no {name} is called `{value}`: choose one of {}", values.join(", "));
            }
            let same = self.choices.iter().filter(|(other, _)| other == name);
            variables = variables.choose(name, same.map(|(_, value)| value));
        }
        Ok(variables)
    }
}

/// Between two scrapes of the service.
async fn scrape(prometheus: &Prometheus) -> Result<Duration, Error> {
    let targets = prometheus.targets().await?;
    let least = targets.iter().map(|target| target.scrape_interval).filter(|seconds| *seconds > 0.0).reduce(f64::min);
    Ok(least.map_or(SCRAPE, Duration::from_secs_f64))
}

async fn see_that_there_is_something(prometheus: &Prometheus, window: &Window) -> Result<()> {
    let question = format!("count(last_over_time(up[{}]))", write_duration(window.range));
    if prometheus.query(&question, Some(window.end)).await?.is_empty() {
        let at = |time| preview::utc(time);
        bail!(
            "Prometheus scraped nothing from {} to {}: name another --end or --range, or see its page /targets",
            at(window.start()),
            at(window.end)
        );
    }
    Ok(())
}

/// Tells how far it is, once it takes some time.
struct Progress {
    number: usize,
    told: Cell<Instant>,
    is_terminal: bool,
}

impl Progress {
    fn new(number: usize) -> Self {
        Self {
            number,
            told: Cell::new(Instant::now()),
            is_terminal: stderr().is_terminal(),
        }
    }

    fn tell(&self, done: usize) {
        if self.told.get().elapsed() < SILENCE {
            return;
        }
        let end = if self.is_terminal { "\r" } else { "\n" };
        // Nowhere to say it if the terminal is gone.
        let _ = write!(stderr(), "{done} of {} queries are answered{end}", self.number);
        self.told.set(Instant::now());
    }

    /// Leaves nothing on the line.
    fn end(&self) {
        if self.is_terminal {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}

/// Puts the page in its place when it is complete.
fn write(out: &Path, page: String) -> Result<()> {
    let name = out.file_name().and_then(|name| name.to_str());
    let name = name.filter(|_| !out.is_dir());
    let name = name.with_context(|| format!("{} is no file: name one such as preview.html", out.display()))?;
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    loadtest::report::write(folder, &[(name, page)])
}

fn say(out: &Path, shown: &Shown, vanished: &Vanished) -> Result<ExitCode> {
    let count = |standing| shown.boards.iter().map(|board| board.count(standing)).sum::<usize>();
    let all: usize = shown.boards.iter().map(|board| board.panels().count()).sum();
    let (failed, empty, idle) = (count(Standing::Failed), count(Standing::Empty), count(Standing::Idle));
    let idle = if idle > 0 { format!(", {idle} wait for a load test or requests") } else { String::new() };
    writeln!(
        stdout(),
        "{}: {} of {all} panels have data, {empty} are empty, {failed} fail{idle}",
        out.display(),
        all - failed - empty - count(Standing::Idle),
    )?;
    let wrong = [refused(shown), lost(vanished), down(&shown.down)];
    for sentence in wrong.iter().flatten() {
        writeln!(stderr(), "error: {sentence}")?;
    }
    Ok(if wrong.iter().flatten().next().is_some() { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn refused(shown: &Shown) -> Option<String> {
    let panels = shown.boards.iter().flat_map(|board| board.panels());
    let mut failures = panels.flat_map(|panel| panel.failures().map(move |reason| (panel.panel.title, reason)));
    let (title, reason) = failures.next()?;
    let others = failures.count();
    let others = if others > 0 { format!(" (and {others} more)") } else { String::new() };
    Some(format!("Prometheus refuses a query of the panel `{title}`{others}, mend it there: {reason}"))
}

fn lost(vanished: &Vanished) -> Option<String> {
    let (metric, panels) = vanished.iter().next()?;
    let titles: Vec<_> = panels.iter().take(NAMED).map(|title| format!("`{title}`")).collect();
    let others: Vec<_> = vanished.keys().skip(1).take(NAMED).map(String::as_str).collect();
    let more = vanished.len().saturating_sub(1 + NAMED);
    let mut others = others.join(", ");
    if more > 0 {
        others = format!("{others} and {more} more");
    }
    let others = if others.is_empty() { others } else { format!(", nor of {others}") };
    Some(format!(
        "there is no series of {metric}, which {} asks for{others}: expose it, let Prometheus read the rules that record it, or change the panel",
        titles.join(", ")
    ))
}

fn down(targets: &[Target]) -> Option<String> {
    let target = targets.first()?;
    let of = |name: &str| target.labels.get(name).map_or("", String::as_str);
    Some(format!(
        "the target {} of the job {} is down ({}): start it, or see what keeps Prometheus from it",
        of("instance"),
        of("job"),
        target.last_error
    ))
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

fn read_time(text: &str) -> Result<f64, String> {
    if let Ok(seconds) = text.parse::<u32>() {
        return Ok(f64::from(seconds));
    }
    let wrong = |_cause| format!("`{text}` is no time: write it as 2026-09-29T08:00:00Z");
    let time = DateTime::parse_from_rfc3339(text).map_err(wrong)?;
    let seconds = u32::try_from(time.timestamp()).map_err(|_cause| format!("`{text}` is not between 1970 and 2106"))?;
    Ok(f64::from(seconds))
}

fn read_choice(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("`{text}` chooses nothing: write it as job=api"))?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_both_ways() {
        assert_eq!(read_time("1790668830"), read_time("2026-09-29T10:00:30+02:00"));
        for text in ["yesterday", "08:00", "-5", ""] {
            assert!(read_time(text).unwrap_err().contains("2026-09-29T08:00:00Z"), "{text}");
        }
    }

    #[test]
    fn a_choice_may_have_any_sign_in_its_value() {
        let (name, value) = read_choice("route=GET /a?b=c").unwrap();
        assert_eq!((name.as_str(), value.as_str()), ("route", "GET /a?b=c"));
        assert!(read_choice("route").unwrap_err().contains("job=api"));
    }
}
