//! A scenario file as it is written: tables and keys, with their places.

use super::data::Pick;
use super::node::Placed;
use crate::budgets::Time;
use crate::evidence::MetricNames;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

pub(super) type Named<T> = BTreeMap<Spanned<String>, T>;
pub(super) type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub allow_hosts: Vec<String>,
    #[serde(default)]
    pub target: Target,
    #[serde(default)]
    pub data: Named<Data>,
    #[serde(default)]
    pub metrics: MetricNames,
    /// Read by [`crate::budgets`].
    pub budgets: Option<Spanned<toml::Table>>,
    #[serde(default)]
    pub scenario: Vec<Spanned<Scenario>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Target {
    pub headers: Named<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Data {
    pub file: Option<Text>,
    pub values: Option<Spanned<Vec<Placed>>>,
    #[serde(default)]
    pub pick: Pick,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    pub name: Text,
    #[serde(default = "one")]
    pub weight: Spanned<i64>,
    #[serde(default)]
    pub step: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub route: Text,
    pub method: Option<Text>,
    pub path: Option<Text>,
    #[serde(default)]
    pub set: Named<Text>,
    #[serde(default)]
    pub params: Named<Placed>,
    #[serde(default)]
    pub query: Named<Placed>,
    #[serde(default)]
    pub headers: Named<Text>,
    pub json: Option<Placed>,
    pub form: Option<Spanned<Named<Placed>>>,
    pub body: Option<Text>,
    #[serde(default)]
    pub check: Check,
    #[serde(default)]
    pub capture: Named<Text>,
    #[serde(default = "one")]
    pub repeat: Spanned<i64>,
    pub pause: Option<Spanned<Time>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Check {
    pub status: Option<Placed>,
    pub json: Named<Placed>,
    pub header: Named<Text>,
    pub body_contains: Option<Placed>,
    pub max_bytes: Option<Spanned<i64>>,
}

fn one() -> Spanned<i64> {
    Spanned::new(0..0, 1)
}
