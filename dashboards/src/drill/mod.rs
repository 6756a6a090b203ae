//! Drills: something is broken on purpose under load, and the alert that is for it must find it, and nobody be woken.
//!
//! - [`exercise`] is the table of what is broken, which alert must fire, and which may.
//! - [`course`] is one drill from the first request to the alert's end, [`matrix`] all of them; [`watch`] is what they look at.
//! - [`blind`] is the learner's: something is broken, and nobody says what.
//!
//! The faults themselves are in the service (`api::faults`), and a new one of them is drilled by being there; its consequences are a line in
//! [`exercise`].

pub mod blind;
pub mod course;
pub mod exercise;
pub mod matrix;
pub mod switch;
pub mod watch;

pub use self::exercise::{Cause, Exercise};
