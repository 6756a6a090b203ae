//! What this program got of the processors, and what it waited for.

use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{read_dir, read_to_string};
use std::path::Path;
use std::thread::available_parallelism;
use std::time::Duration;

/// A folder for each thread of this program (`man proc_pid_task`).
const THREADS: &str = "/proc/self/task";

/// What was true when somebody began to look.
#[derive(Debug)]
pub(super) struct Processors {
    used: Duration,
    stolen: f64,
    /// Nanoseconds by thread; None where the kernel does not say.
    waited: Option<Waits>,
}

type Waits = BTreeMap<OsString, u64>;

impl Processors {
    /// Begins to look.
    pub(super) fn watch() -> Self {
        Self {
            used: processor_time(),
            stolen: stolen_seconds(),
            waited: waits(Path::new(THREADS)),
        }
    }

    /// Processor seconds that this program used until now.
    pub(super) fn used_seconds(&self) -> f64 {
        processor_time().saturating_sub(self.used).as_secs_f64()
    }

    /// Seconds in which threads of this program were ready to run, and no processor was free for
    /// them; a thread that has ended takes its own with it. None where the kernel does not say.
    pub(super) fn waited_seconds(&self) -> Option<f64> {
        let now = waits(Path::new(THREADS))?;
        Some(seconds_since(self.waited.as_ref()?, &now))
    }

    /// Processor seconds that the host took away from this machine until now.
    pub(super) fn stolen_seconds(&self) -> f64 {
        stolen_seconds() - self.stolen
    }
}

/// Processors that this program may use for load: those it is allowed; half of them when the target
/// is on this machine too, unless somebody has allotted it some of the machine's processors.
#[must_use]
pub fn cores(target_is_local: bool) -> f64 {
    let allowed = available_parallelism().map_or(1, usize::from);
    let allowed = f64::from(u32::try_from(allowed).unwrap_or(1));
    let all = read_to_string("/proc/cpuinfo").map_or(0, |text| {
        text.lines()
            .filter(|line| line.starts_with("processor"))
            .count()
    });
    let allotted = f64::from(u32::try_from(all).unwrap_or(0)) > allowed;
    if target_is_local && !allotted {
        allowed / 2.0
    } else {
        allowed
    }
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// The eighth figure of the first line of `/proc/stat`, in hundredths of a second (`man proc_stat`).
fn stolen_seconds() -> f64 {
    let text = read_to_string("/proc/stat").unwrap_or_default();
    let first = text.lines().next().unwrap_or_default();
    let stolen = first.split_whitespace().nth(8);
    let hundredths: f64 = stolen.and_then(|text| text.parse().ok()).unwrap_or(0.0);
    hundredths / 100.0
}

/// The second figure of each thread's `schedstat`: nanoseconds on a run queue
/// (<https://docs.kernel.org/scheduler/sched-stats.html>).
fn waits(threads: &Path) -> Option<Waits> {
    let mut waits = Waits::new();
    for thread in read_dir(threads).ok()?.flatten() {
        // A thread may end while one looks.
        let Ok(text) = read_to_string(thread.path().join("schedstat")) else {
            continue;
        };
        let waited = text.split_whitespace().nth(1)?.parse().ok()?;
        waits.insert(thread.file_name(), waited);
    }
    (!waits.is_empty()).then_some(waits)
}

fn seconds_since(before: &Waits, now: &Waits) -> f64 {
    let grown = now.iter().map(|(thread, now)| {
        let before = before.get(thread).copied().unwrap_or(0);
        now.saturating_sub(before)
    });
    Duration::from_nanos(grown.sum()).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir, remove_dir_all, write};
    use std::time::Instant;

    fn thread(folder: &Path, id: &str, schedstat: &str) {
        let _ = create_dir(folder.join(id));
        write(folder.join(id).join("schedstat"), schedstat).unwrap();
    }

    #[test]
    fn the_waits_of_all_threads_count_and_those_of_new_ones_from_their_begin() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        thread(folder, "1", "900 1000000000 7\n");
        thread(folder, "2", "900 3000000000 7\n");
        let before = waits(folder).unwrap();
        thread(folder, "1", "950 1500000000 9\n");
        remove_dir_all(folder.join("2")).unwrap();
        thread(folder, "3", "5 250000000 1\n");
        let seconds = seconds_since(&before, &waits(folder).unwrap());
        assert!((seconds - 0.75).abs() < 1e-9, "{seconds}");
    }

    #[test]
    fn where_the_kernel_does_not_say_nothing_is_known() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(waits(&folder.path().join("none")), None);
        create_dir(folder.path().join("1")).unwrap();
        assert_eq!(waits(folder.path()), None);
        thread(folder.path(), "1", "no numbers");
        assert_eq!(waits(folder.path()), None);
    }

    #[test]
    fn this_machine_says_how_long_threads_waited() {
        let processors = Processors::watch();
        let deadline = Instant::now() + Duration::from_secs(30);
        let busy = || {
            while processors.used_seconds() < 0.2 && Instant::now() < deadline {
                std::hint::black_box(42);
            }
        };
        // One thread more than there are processors: one of them always waits.
        let threads = available_parallelism().map_or(1, usize::from) + 1;
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(busy);
            }
            while processors
                .waited_seconds()
                .is_some_and(|waited| waited == 0.0)
            {
                assert!(Instant::now() < deadline, "nobody waited");
                std::thread::yield_now();
            }
        });
        assert!(processors.used_seconds() > 0.0);
    }
}
