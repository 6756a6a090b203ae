//! Whether everything that is measured is looked at: a series on no board and in no rule costs and tells nobody anything.

use std::collections::BTreeSet;

use super::expression::examine;
use crate::catalogue::{Known, Writer};

/// The families of the service and of the harness that none of the expressions asks for.
#[must_use]
pub fn unseen<'a>(known: &Known, expressions: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    for expression in expressions {
        for series in examine(expression, known).series {
            if let Some(series) = known.find(&series) {
                seen.insert(series.family.name.to_string());
            }
        }
    }
    let measured = known
        .families()
        .iter()
        .filter(|family| matches!(family.writer, Writer::Service | Writer::Harness));
    measured
        .map(|family| family.name.to_string())
        .filter(|name| !seen.contains(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_that_nobody_asks_for_is_named() {
        let known = Known::new();
        let unseen = unseen(&known, ["rate(cache_load_duration_seconds_sum[5m])", "up"]);
        assert!(!unseen.contains(&"cache_load_duration_seconds".to_owned()));
        assert!(unseen.contains(&"cache_gets_total".to_owned()));
        assert!(unseen.contains(&"loadtest_users".to_owned()));
        assert!(!unseen.contains(&"ALERTS".to_owned()));
    }
}
