//! In which state a row must be for a write to happen.

use super::Timestamp;

/// What must be true of a row's state; `None` asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Precondition {
    /// Its version is one of these.
    pub versions: Option<Vec<i32>>,
    /// Its version is none of these.
    pub other_versions: Option<Vec<i32>>,
    /// It was last changed before this time.
    pub changed_before: Option<Timestamp>,
}

impl Precondition {
    /// Whether any row will do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a row in this state will do.
    #[must_use]
    pub fn holds(&self, version: i32, updated_at: Timestamp) -> bool {
        let within = |versions: &Vec<i32>| versions.contains(&version);
        self.versions.as_ref().is_none_or(within)
            && !self.other_versions.as_ref().is_some_and(within)
            && self.changed_before.is_none_or(|time| updated_at < time)
    }
}
