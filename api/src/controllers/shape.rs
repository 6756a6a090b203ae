//! What a client asks to see of rows, whichever they are: `fields`, `include` and `count`.

use super::parameters::Parameters;
use crate::{
    error::ErrorCode,
    models::{Column, Count, FieldSet},
};

/// The parameters that choose what is shown of a list and not which rows it has: a cursor may be used with others than it was given out with.
pub const OF_SHAPE: [&str; 3] = ["fields", "include", "count"];

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

    /// `count`: whether a list says how many rows it has in all.
    pub fn count(&mut self) -> Count {
        let count = self.take("count", ErrorCode::InvalidCount, |text| match text {
            "none" => Ok(Count::None),
            "estimated" => Ok(Count::Estimated),
            "exact" => Ok(Count::Exact),
            _ => Err(ErrorCode::InvalidCount.message()),
        });
        count.unwrap_or_default()
    }
}
