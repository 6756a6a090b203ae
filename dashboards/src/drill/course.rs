//! One drill: calm, broken, found, told, mended, over.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use api::telemetry::catalogue::HTTP_DURATION;
use loadtest::progress::say;

use super::exercise::is_beside;
use super::switch::switch;
use super::watch::{Deliveries, History, described, now};
use super::{Cause, Exercise};
use crate::prometheus::{ActiveAlert, Prometheus};
use crate::promql::write::{count, sum_by};
use crate::rules::AlertName;
use crate::stack::Stack;

/// Two of the longest windows that alerts under drill look at, divided by 60: what was before the load is out of sight.
const CALM: Duration = Duration::from_secs(10);
/// How long one waits for the load to be steady and all alerts to be silent.
const CALM_LIMIT: Duration = Duration::from_secs(90);
/// How long one waits for the alert, and then for its end: a window, the time that it must hold, and a machine that is busy.
const LIMIT: Duration = Duration::from_secs(90);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(250);
/// Of the rate that is asked for, so much must arrive: the harness sends at random times.
const STEADY: f64 = 0.7;

/// When the alert was where, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Times {
    /// After the fault, until its condition was seen; None if it fires as soon as that is so.
    pub pending: Option<f64>,
    /// After the fault, until it fired.
    pub firing: f64,
    /// After the fault, until somebody was told.
    pub delivered: f64,
    /// After the fault's end, until somebody was told that it is over.
    pub resolved: f64,
}

/// A drill that goes on.
struct Course<'a> {
    exercise: &'a Exercise,
    stack: &'a mut Stack,
    prometheus: Prometheus,
    /// When it was broken.
    began: f64,
}

/// Holds a drill on a stack with the fast rules, under a load of so many requests per second.
///
/// # Errors
/// When it does not go as it should, with one sentence.
pub async fn hold(exercise: &Exercise, stack: &mut Stack, rate: f64) -> Result<Times> {
    let prometheus = Prometheus::at(&format!("http://{}", stack.addresses.prometheus))?;
    calm(exercise.name(), exercise.alert, &prometheus, rate).await?;
    let mut course = Course {
        exercise,
        stack,
        prometheus,
        began: now(),
    };
    course.break_it().await?;
    let found = course.found().await;
    // Mended even if it was not found: whoever looks at the rest shall not see this fault.
    let ended = now();
    course.mend().await?;
    let (times, severity) = found?;
    let resolved = course.over(&severity).await? - ended;
    Ok(Times { resolved, ..times })
}

/// Waits until as much arrives as is sent, and no alert says anything about the service, least of all the one that is `awaited`.
///
/// # Errors
/// When that does not come.
pub async fn calm(name: &str, awaited: &str, prometheus: &Prometheus, rate: f64) -> Result<()> {
    let (started, mut since) = (Instant::now(), Instant::now());
    let arriving = sum_by(&[], count(&HTTP_DURATION).rate("5s"));
    loop {
        let alerts = prometheus.alerts().await?;
        let arrived = prometheus.query(&arriving, None).await?;
        let arrived = arrived.first().map_or(0.0, |sample| sample.point.value);
        let name_of =
            |alert: &ActiveAlert| alert.labels.get("alertname").cloned().unwrap_or_default();
        let unreliable = AlertName::LoadGeneratorUnreliable.as_str();
        let stalled = alerts.iter().any(|alert| name_of(alert) == unreliable);
        let says_something = |alert: &&ActiveAlert| {
            let name = name_of(alert);
            name == awaited || !is_beside(&name, stalled)
        };
        let alert = alerts.iter().find(says_something);
        if alert.is_some() || arrived < STEADY * rate {
            since = Instant::now();
        }
        if since.elapsed() >= CALM {
            return Ok(());
        }
        if started.elapsed() > CALM_LIMIT {
            let alert = alert.map_or("no alert is active".to_owned(), |alert| {
                format!("{} is {}", described(&alert.labels), alert.state)
            });
            bail!(
                "{name}: there was no calm within {} s: {arrived:.0} of {rate} requests per second arrive, {alert}",
                CALM_LIMIT.as_secs()
            );
        }
        tokio::time::sleep(LOOK).await;
    }
}

impl Course<'_> {
    async fn break_it(&mut self) -> Result<()> {
        self.say("on");
        match self.exercise.cause {
            Cause::Fault(fault) => switch(self.stack.addresses.management, fault, true).await,
            Cause::StoppedService => {
                self.stack.service.kill();
                Ok(())
            }
        }
    }

    async fn mend(&mut self) -> Result<()> {
        self.say("off");
        match self.exercise.cause {
            Cause::Fault(fault) => switch(self.stack.addresses.management, fault, false).await,
            Cause::StoppedService => self.stack.service.start_again().await,
        }
    }

    /// Waits until the alert fires and somebody was told; its severity.
    async fn found(&mut self) -> Result<(Times, String)> {
        let deadline = Instant::now() + LIMIT;
        let alert = self.exercise.alert;
        let holds = self.holds().await?;
        loop {
            let history = History::since(&self.prometheus, self.began).await?;
            let deliveries = self.deliveries(&history)?;
            let (firing, delivered) = (history.first(alert, "firing"), deliveries.first(alert));
            if let (Some((firing, severity)), Some(delivered)) = (firing, delivered) {
                let pending = history
                    .first(alert, "pending")
                    .map(|(time, _)| time - self.began);
                if holds && pending.is_none() {
                    bail!("{alert} fired without having been pending");
                }
                self.say(&format!("{alert} was delivered"));
                let times = Times {
                    pending,
                    firing: firing - self.began,
                    delivered: delivered - self.began,
                    resolved: 0.0,
                };
                return Ok((times, severity));
            }
            if Instant::now() > deadline {
                bail!("{}", missed(&history, alert));
            }
            self.pause().await?;
        }
    }

    /// Waits until the alert has ended and whoever was told of it was told so; when that was.
    async fn over(&mut self, severity: &str) -> Result<f64> {
        let deadline = Instant::now() + LIMIT;
        let alert = self.exercise.alert;
        let firing = format!(
            "ALERTS{{alertname=\"{alert}\",alertstate=\"firing\",severity=\"{severity}\"}}"
        );
        loop {
            let history = History::since(&self.prometheus, self.began).await?;
            let resolved = self.deliveries(&history)?.resolved(alert, severity);
            let fires = !self.prometheus.query(&firing, None).await?.is_empty();
            if let (Some(resolved), false) = (resolved, fires) {
                self.say(&format!("{alert} was delivered as resolved"));
                return Ok(resolved);
            }
            if Instant::now() > deadline {
                let seconds = LIMIT.as_secs();
                let what = if fires {
                    "still fires"
                } else {
                    "ended, but was not delivered as resolved"
                };
                bail!("{alert} {what} {seconds} s after the fault's end");
            }
            self.pause().await?;
        }
    }

    /// What was delivered, if nothing went astray and nothing fired that should be silent.
    fn deliveries(&self, history: &History) -> Result<Deliveries> {
        if let Some(unexpected) = history.unexpected(self.exercise) {
            bail!(
                "{unexpected} fired, which is neither the alert for this nor a consequence of it"
            );
        }
        let deliveries = Deliveries::since(self.stack.catcher.deliveries(), self.began);
        match deliveries.astray(self.exercise, history.stalled()) {
            Some(astray) => bail!(
                "{astray}, and should have gone to {}",
                self.exercise.receiver()
            ),
            None => Ok(deliveries),
        }
    }

    /// Whether the alert's condition must hold for a while before it fires.
    async fn holds(&self) -> Result<bool> {
        let groups = self.prometheus.rules().await?;
        let mut rules = groups.iter().flat_map(|group| &group.rules);
        Ok(rules.any(|rule| rule.name == self.exercise.alert && rule.duration > 0.0))
    }

    async fn pause(&mut self) -> Result<()> {
        if let Some(ended) = self.stack.ended() {
            bail!("{ended}");
        }
        tokio::time::sleep(LOOK).await;
        Ok(())
    }

    fn say(&self, what: &str) {
        say(&format!("{:<18} {what}", self.exercise.name()));
    }
}

/// How far an alert came that nobody was told of.
fn missed(history: &History, alert: &str) -> String {
    let was = |state| history.first(alert, state).is_some();
    let far = match (was("pending"), was("firing")) {
        (_, true) => "fired, but was not delivered",
        (true, false) => "was pending, but did not fire",
        (false, false) => "did not even become pending",
    };
    format!("{alert} {far} within {} s", LIMIT.as_secs())
}
