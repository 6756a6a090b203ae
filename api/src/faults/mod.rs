//! Faults that can be switched on to see whether the boards show them and the alerts find them. They are compiled in always and wired only
//! with `CENTUM_FAULTS=on`; see `docs/decisions/0018-faults-are-compiled-in.md`.
//!
//! Each fault is real: it takes the connections, holds the lock, drops the index, and the metrics say what they say of any such trouble.
//! Here are the table, the [switches](Faults), and what goes on beside the requests. What happens within a request is done where it happens
//! (`middleware/faults.rs`, `cache/stampede.rs`, `services/posts.rs`, `database/conn.rs`), behind a question to the switches. What is *not*
//! here: the alerts themselves, which are in the package `dashboards` and take their names from this table.
//! **A new fault**: a line in the table below, and the place where it is done.

mod beside;
mod switches;
mod worker;

pub use self::switches::Faults;
pub(crate) use self::{beside::run as run_beside, worker::run as run_on_worker};

/// The alert that a fault must raise, by the database that the service runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// On SQLite.
    pub sqlite: &'static str,
    /// On PostgreSQL.
    pub postgres: &'static str,
}

impl Alert {
    const fn on_both(name: &'static str) -> Self {
        Self {
            sqlite: name,
            postgres: name,
        }
    }
}

macro_rules! faults {
    ($($variant:ident = $name:literal, $does:literal, $alert:expr;)+) => {
        /// What can be switched on: a closed set, and the values of the label `fault`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault {
            $(
                #[doc = $does]
                $variant,
            )+
        }

        impl Fault {
            /// Every fault, in the order in which they are listed.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in URLs, and the value of the label `fault`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What it does to the service, in one sentence.
            #[must_use]
            pub const fn does(self) -> &'static str {
                match self { $(Self::$variant => $does),+ }
            }

            /// The alert that must fire while it is on.
            #[must_use]
            pub const fn alert(self) -> Alert {
                match self { $(Self::$variant => $alert),+ }
            }
        }
    };
}

faults! {
    SlowQuery = "slow_query", "One in five calls of the query `posts.list` takes 150 ms longer in the database.", Alert::on_both("DbQueryOverBudget");
    LockWait = "lock_wait", "The lock that writers need (on PostgreSQL: writers of posts) is held for 200 ms of each 250.", Alert { sqlite: "DbPoolWaitEatsBudget", postgres: "DbQueryOverBudget" };
    SmallPool = "small_pool", "All connections of each pool but one are taken, and that one for 250 ms between any two callers' turns.", Alert::on_both("DbPoolStarved");
    LeakedConnection = "leaked_connection", "Every second a connection of each pool is taken and not given back.", Alert::on_both("DbPoolStarved");
    DroppedIndex = "dropped_index", "The index `posts_status_created_at_idx` is dropped, so that lists of posts with a status are planned without it.", Alert::on_both("QueryPlanChanged");
    NPlusOne = "n_plus_one", "A list of posts asks for the author of each post by a query of its own.", Alert::on_both("NPlusOneSuspected");
    CacheStampede = "cache_stampede", "The eight ids that are asked for most leave each cache every two seconds, and their loads take 1.8 s longer.", Alert::on_both("CacheStampede");
    BlockedWorker = "blocked_worker", "The thread of one worker is blocked for 200 ms of each 500.", Alert::on_both("WorkerEventLoopBlocked");
    Panics = "panics", "One in ten handlers panics.", Alert::on_both("HandlerPanics");
    Errors = "errors", "One in five requests is answered 500 or 503, in turn.", Alert::on_both("SloHttpAvailabilityBudgetBurn");
    Disconnects = "disconnects", "One in five connections is closed before its request is answered.", Alert::on_both("ClientDisconnects");
    LogFlood = "log_flood", "Two thousand warnings a second are logged.", Alert::on_both("LogFlood");
    LabelFlood = "label_flood", "One in five answers has a status that the metrics do not know, each time another: 230 to 299 for 200.", Alert::on_both("MetricsCardinalityOverflow");
}

impl Fault {
    /// The fault with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|fault| fault.as_str() == name)
    }

    /// Its place among the switches.
    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_found_by_its_name_and_says_in_a_sentence_what_it_does() {
        for fault in Fault::ALL {
            assert_eq!(Fault::parse(fault.as_str()), Some(*fault));
            let sentence = fault.does();
            assert!(
                sentence.starts_with(char::is_uppercase) && sentence.ends_with('.'),
                "{sentence}"
            );
        }
        assert_eq!(Fault::parse("no_such_fault"), None);
    }

    #[test]
    fn every_fault_has_a_switch_of_its_own() {
        let all = Fault::ALL.iter().fold(0_u32, |all, fault| {
            assert_eq!(all & fault.bit(), 0, "{fault:?}");
            all | fault.bit()
        });
        assert_eq!(all.count_ones() as usize, Fault::ALL.len());
    }
}
