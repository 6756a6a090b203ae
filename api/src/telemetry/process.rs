//! The process, read from `/proc/self` when somebody asks. Where there is no `/proc` the series stay at zero.

use std::fs;

use prometheus::{Counter, IntGauge, Registry, Result};

use super::catalogue;

pub(super) struct ProcessMetrics {
    cpu: Counter,
    open_fds: IntGauge,
    max_fds: IntGauge,
    rss: IntGauge,
    start: IntGauge,
    threads: IntGauge,
    ticks_per_second: f64,
}

impl ProcessMetrics {
    pub(super) fn new(registry: &Registry) -> Result<Self> {
        let gauge = |family: &super::MetricFamily| -> Result<IntGauge> {
            Ok(family.int_gauge(registry)?.with_label_values::<&str>(&[]))
        };
        let metrics = Self {
            cpu: catalogue::PROCESS_CPU
                .counter(registry)?
                .with_label_values::<&str>(&[]),
            open_fds: gauge(&catalogue::PROCESS_OPEN_FDS)?,
            max_fds: gauge(&catalogue::PROCESS_MAX_FDS)?,
            rss: gauge(&catalogue::PROCESS_RSS)?,
            start: gauge(&catalogue::PROCESS_START)?,
            threads: gauge(&catalogue::PROCESS_THREADS)?,
            ticks_per_second: f64::from(
                u32::try_from(rustix::param::clock_ticks_per_second()).unwrap_or(100),
            ),
        };
        if let Some(start) = metrics.start_time() {
            metrics.start.set(start);
        }
        Ok(metrics)
    }

    pub(super) fn refresh(&self) {
        if let Some(stat) = Stat::read() {
            let cpu = stat.number(UTIME) + stat.number(STIME);
            self.cpu
                .inc_by((cpu / self.ticks_per_second - self.cpu.get()).max(0.0));
            self.threads.set(stat.integer(THREADS));
            let page = i64::try_from(rustix::param::page_size()).unwrap_or(4096);
            self.rss.set(stat.integer(RSS_PAGES).saturating_mul(page));
        }
        if let Ok(entries) = fs::read_dir("/proc/self/fd") {
            self.open_fds
                .set(i64::try_from(entries.count()).unwrap_or(i64::MAX));
        }
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        self.max_fds.set(
            limit
                .and_then(|limit| i64::try_from(limit).ok())
                .unwrap_or(i64::MAX),
        );
    }

    fn start_time(&self) -> Option<i64> {
        let boot = fs::read_to_string("/proc/stat").ok()?;
        let boot: i64 = boot
            .lines()
            .find_map(|line| line.strip_prefix("btime "))?
            .trim()
            .parse()
            .ok()?;
        #[expect(clippy::cast_possible_truncation, reason = "seconds since boot")]
        let since_boot = (Stat::read()?.number(START_TICKS) / self.ticks_per_second) as i64;
        Some(boot + since_boot)
    }
}

/// The fields of `/proc/self/stat` after the command's name, counted from 0: proc(5) counts from 1 and has two before.
const UTIME: usize = 11;
const STIME: usize = 12;
const THREADS: usize = 17;
const START_TICKS: usize = 19;
const RSS_PAGES: usize = 21;

struct Stat(Vec<String>);

impl Stat {
    fn read() -> Option<Self> {
        let text = fs::read_to_string("/proc/self/stat").ok()?;
        let (_, fields) = text.rsplit_once(')')?;
        Some(Self(fields.split_whitespace().map(str::to_owned).collect()))
    }

    fn number(&self, field: usize) -> f64 {
        self.0
            .get(field)
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    }

    fn integer(&self, field: usize) -> i64 {
        self.0
            .get(field)
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    }
}
