//! What a client asks to see of the rows that a list has: `fields`.

use super::parameters::Parameters;
use crate::{
    error::ErrorCode,
    models::{Column, FieldSet},
};

/// The parameters that choose what is shown of a list and not which rows it has: a cursor may be used with others than it was given out with.
pub const OF_SHAPE: [&str; 1] = ["fields"];

impl Parameters<'_> {
    /// `fields`: names of fields, separated by commas; all of them where nothing is said.
    pub fn fields<C: Column>(&mut self) -> FieldSet<C> {
        self.take("fields", ErrorCode::InvalidFields, FieldSet::parse)
            .unwrap_or_default()
    }
}
