//! What a client asks to see of rows, whichever they are: `fields` and `include`.

use super::parameters::Parameters;
use crate::{
    error::ErrorCode,
    models::{Column, FieldSet},
};

/// The parameters that choose what is shown of a list and not which rows it has: a cursor may be used with others than it was given out with.
pub const OF_SHAPE: [&str; 2] = ["fields", "include"];

impl Parameters<'_> {
    /// `fields`: names of fields, separated by commas; all of them where nothing is said.
    pub fn fields<C: Column>(&mut self) -> FieldSet<C> {
        self.take("fields", ErrorCode::InvalidFields, FieldSet::parse)
            .unwrap_or_default()
    }

    /// `include`: whether what is called `name` is asked for. It is all that can be included.
    pub fn include(&mut self, name: &'static str) -> bool {
        let included = self.take("include", ErrorCode::InvalidInclude, |text| {
            let only = || format!("What can be included here is {name}");
            (text == name).then_some(()).ok_or_else(only)
        });
        included.is_some()
    }
}
