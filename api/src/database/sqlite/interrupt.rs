//! Ends a statement of SQLite in the middle, because its caller is gone or its time is over.
//!
//! Diesel hands out nothing that a statement could be interrupted by. So SQLite asks by itself: each connection has a progress handler, which
//! SQLite calls every so many instructions, on the thread that runs the statement. It looks at what its own thread is doing. No pointer is
//! kept anywhere, so none can outlive what it points to. This is the only file of the workspace with `unsafe` in it; see
//! `docs/decisions/0009-the-one-place-with-unsafe.md`.

use std::{
    cell::RefCell,
    ffi::{c_char, c_int, c_void},
    ptr::null_mut,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use libsqlite3_sys::{
    SQLITE_OK, sqlite3, sqlite3_api_routines, sqlite3_auto_extension, sqlite3_progress_handler,
};

use super::ticket::State;

/// How many instructions of SQLite's virtual machine there are between two questions: some tens of microseconds.
const INSTRUCTIONS: c_int = 1000;

thread_local! {
    /// What this thread is at, as long as it may be interrupted.
    static WATCHED: RefCell<Option<Watched>> = const { RefCell::new(None) };
}

struct Watched {
    state: Arc<State>,
    deadline: Instant,
}

/// Ends the watch, also where the statement panics: what runs next on this thread is none of its business.
struct Watch;

impl Drop for Watch {
    fn drop(&mut self) {
        WATCHED.set(None);
    }
}

/// Runs `statement` on this thread. It is interrupted when its caller abandons it, and after `limit`.
pub fn watched<T>(state: &Arc<State>, limit: Duration, statement: impl FnOnce() -> T) -> T {
    WATCHED.set(Some(Watched {
        state: Arc::clone(state),
        deadline: Instant::now() + limit,
    }));
    let _watch = Watch;
    statement()
}

/// Whether what runs on this thread is to end. Never panics: SQLite would have to pass it on.
fn is_over() -> bool {
    let asked = WATCHED.try_with(|watched| {
        watched.try_borrow().is_ok_and(|watched| {
            watched.as_ref().is_some_and(|watched| {
                watched.state.is_abandoned() || Instant::now() >= watched.deadline
            })
        })
    });
    asked.unwrap_or(false)
}

/// Sees to it that each connection which is opened from now on can be interrupted. Only the first call does anything.
///
/// # Errors
/// A sentence, if SQLite has no memory for it.
pub fn install() -> Result<(), String> {
    static INSTALLED: OnceLock<c_int> = OnceLock::new();
    match *INSTALLED.get_or_init(register) {
        SQLITE_OK => Ok(()),
        code => Err(format!("SQLite cannot be made interruptible (code {code})")),
    }
}

#[expect(unsafe_code, reason = "a function of SQLite that Diesel does not have")]
fn register() -> c_int {
    // SAFETY: `opened` has the signature that SQLite documents for it, and a function lives as long as the process. SQLite guards its list of
    // such functions by a lock of its own.
    unsafe { sqlite3_auto_extension(Some(opened)) }
}

/// Called by SQLite for each connection that it opens, before anybody else has it.
#[expect(unsafe_code, reason = "a function of SQLite that Diesel does not have")]
unsafe extern "C" fn opened(
    connection: *mut sqlite3,
    _: *mut *mut c_char,
    _: *const sqlite3_api_routines,
) -> c_int {
    // SAFETY: SQLite passes the connection that it is opening, which nobody else uses yet. The handler is given no pointer, needs none, and
    // lives as long as the process.
    unsafe { sqlite3_progress_handler(connection, INSTRUCTIONS, Some(progress), null_mut()) };
    SQLITE_OK
}

/// Called by SQLite in the middle of a statement; anything but 0 interrupts it.
extern "C" fn progress(_: *mut c_void) -> c_int {
    c_int::from(is_over())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_watched_can_be_over() {
        let state = Arc::new(State::default());
        assert!(!is_over(), "nothing runs");
        watched(&state, Duration::from_hours(1), || assert!(!is_over()));
        watched(&state, Duration::ZERO, || assert!(is_over(), "its time"));
        state.abandon();
        watched(&state, Duration::from_hours(1), || {
            assert!(is_over(), "its caller");
        });
        assert!(!is_over(), "the watch has ended");
    }

    #[test]
    fn a_statement_that_panics_leaves_no_watch_behind() {
        let state = Arc::new(State::default());
        let panicked = std::panic::catch_unwind(|| {
            watched(&state, Duration::ZERO, || std::panic::panic_any("a defect"));
        });
        assert!(panicked.is_err());
        assert!(!is_over());
    }
}
