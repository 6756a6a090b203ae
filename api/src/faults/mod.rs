//! Faults that can be switched on to see whether the boards show them and the alerts find them. They are compiled in always and wired only
//! with `CENTUM_FAULTS=on`; see `docs/decisions/0018-faults-are-compiled-in.md`.
//!
//! Each fault is real: it takes the connections, holds the lock, drops the index, and the metrics say what they say of any such trouble. What
//! is *not* here: the alerts themselves, which are in the package `dashboards` and take their names from this table.
//! **A new fault**: a line in the table below, and the place where it is done, behind the switches.

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
    SlowQuery = "slow_query", "One in five calls of the query `posts.list` takes 150 ms longer.", Alert::on_both("DbQueryOverBudget");
    LockWait = "lock_wait", "A lock that every writer of posts needs is taken again and again.", Alert { sqlite: "DbPoolWaitEatsBudget", postgres: "DbQueryOverBudget" };
    SmallPool = "small_pool", "Of each pool only one connection is left, and that one is taken most of the time.", Alert::on_both("DbPoolStarved");
    LeakedConnection = "leaked_connection", "Connections are taken one after the other and not given back.", Alert::on_both("DbPoolStarved");
    DroppedIndex = "dropped_index", "The index `posts_author_created_at_idx` is dropped, so that lists of a user's posts are planned without it.", Alert::on_both("QueryPlanChanged");
    NPlusOne = "n_plus_one", "The list of posts asks for the author of each post by a query of its own.", Alert::on_both("NPlusOneSuspected");
    CacheStampede = "cache_stampede", "What is asked for most leaves the caches again and again, and loads take long.", Alert::on_both("CacheStampede");
    BlockedWorker = "blocked_worker", "The thread of one worker is blocked for 200 ms again and again.", Alert::on_both("WorkerEventLoopBlocked");
    Panics = "panics", "One in ten handlers panics.", Alert::on_both("HandlerPanics");
    Errors = "errors", "One in five requests is answered 500 or 503.", Alert::on_both("SloHttpAvailabilityBudgetBurn");
    Disconnects = "disconnects", "One in five connections is closed in the middle of an answer.", Alert::on_both("ClientDisconnects");
    LogFlood = "log_flood", "Two thousand lines a second are logged.", Alert::on_both("LogFlood");
    LabelFlood = "label_flood", "Observations come with values of labels that the metrics do not know.", Alert::on_both("MetricsCardinalityOverflow");
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
}
