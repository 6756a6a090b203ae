//! Filters with operators: `created_at[gte]=…`, `id[in]=1,2`, `name[prefix]=…`.

use super::parameters::Parameters;
use crate::{
    error::ErrorCode,
    models::{Bounds, Timestamp},
};

/// Most ids in one filter.
pub(super) const MAX_IDS: usize = 100;
/// Most characters of a prefix: as many as the longest of the texts has.
pub(super) const MAX_PREFIX: usize = 200;

impl Parameters<'_> {
    /// `created_at` with its operators.
    pub fn created_at(&mut self) -> Bounds<Timestamp> {
        Bounds {
            gte: self.time("created_at[gte]"),
            gt: self.time("created_at[gt]"),
            lte: self.time("created_at[lte]"),
            lt: self.time("created_at[lt]"),
        }
    }

    fn time(&mut self, name: &'static str) -> Option<Timestamp> {
        self.take(name, ErrorCode::InvalidFilter, |text| {
            Timestamp::parse(text).ok_or(
                "A time is written as in RFC 3339, with 6 decimals at most: 2024-01-01T00:00:00Z",
            )
        })
    }

    /// `id[in]`: ids, separated by commas.
    pub fn ids<T>(&mut self, parse: fn(&str) -> Option<T>) -> Option<Vec<T>> {
        self.take("id[in]", ErrorCode::InvalidFilter, |text| {
            let ids: Option<Vec<T>> = text.split(',').take(MAX_IDS + 1).map(parse).collect();
            ids.filter(|ids| ids.len() <= MAX_IDS)
                .ok_or("id[in] is 1 to 100 ids, separated by commas")
        })
    }

    /// The texts that begin with the value of the parameter `name`; every character stands for itself.
    pub fn prefix(&mut self, name: &'static str) -> Bounds<String> {
        let prefix = self.take(name, ErrorCode::InvalidFilter, |text| {
            let valid = !text.is_empty()
                && text.chars().count() <= MAX_PREFIX
                && !text.chars().any(char::is_control);
            if valid {
                Ok(Bounds::prefix(text))
            } else {
                Err("A prefix is 1 to 200 characters on one line")
            }
        });
        prefix.unwrap_or_default()
    }
}
