//! Whether B is slower than A: pure, from the figures of paired rounds.
//!
//! Of each pair the logarithm of the ratio is taken. If A and B were the same, each of them could as
//! well have the other sign ([`sign_flip`]); how large the ratio is, says [`shift`]. A difference is
//! called one only if the probability is below the error, after Holm over the measures that are
//! gated, **and** the ratio is beyond the least effect.
//!
//! With `n` pairs the least probability there can be is `2 / 2^n`, all signs being the same, and Holm
//! multiplies the least of `m` probabilities by `m`. So nothing at all can be decided at 0.05 with:
//!
//! | measures | least pairs | then the least adjusted probability is |
//! |---|---|---|
//! | 1 | 6 | 1 × 2 / 64 = 0.031 |
//! | 2 | 7 | 2 × 2 / 128 = 0.031 |
//! | 3 | 7 | 3 × 2 / 128 = 0.047 |
//! | 4 | 8 | 4 × 2 / 256 = 0.031 |
//!
//! fewer. Eight pairs find a difference only if all eight agree; [`PAIRS`] pairs forgive one that
//! does not, if it is small.

use super::figures::{Figures, Measure};
use crate::statistics::{MOST_ROUNDS, holm, shift, sign_flip};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Pairs of rounds, unless somebody says so.
pub const PAIRS: u32 = 10;

/// What became of one measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// B is worse than A.
    Slower,
    /// B is better than A.
    Faster,
    /// Neither was proven, or it is less than matters.
    NotDistinguishable,
    /// It is shown, and decides nothing.
    Shown,
}

/// One measure over all pairs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// What is compared.
    pub measure: Measure,
    /// The median of A.
    pub a: f64,
    /// The median of B.
    pub b: f64,
    /// B to A.
    pub ratio: f64,
    /// The true ratio lies between these; None when there are too few pairs for that.
    pub interval: Option<(f64, f64)>,
    /// So probable is a difference like this one if A and B are the same.
    pub probability: Option<f64>,
    /// The same, adjusted for the number of measures that decide; None where it is only shown.
    pub adjusted: Option<f64>,
    /// What became of it.
    pub difference: Difference,
}

/// One route over all pairs: shown only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparedRoute {
    /// Its name.
    pub route: String,
    /// The median of A's p50.
    pub a_ms: f64,
    /// The median of B's p50.
    pub b_ms: f64,
    /// B to A.
    pub ratio: f64,
    /// The true ratio lies between these.
    pub interval: Option<(f64, f64)>,
}

/// What may be called a difference.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The measures that decide.
    pub gated: Vec<Measure>,
    /// A smaller share is no difference.
    pub min_effect: f64,
    /// The probability to call something a difference that is none, over all measures.
    pub error: f64,
}

impl Difference {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Slower => "slower",
            Self::Faster => "faster",
            Self::NotDistinguishable => "not distinguishable",
            Self::Shown => "shown only",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.words())
    }
}

/// The fewest pairs that can decide anything about so many measures.
#[must_use]
pub fn least_pairs(measures: u32, error: f64) -> u32 {
    let reached = |pairs: &u32| least_probability(measures, *pairs) < error;
    (1..=most_pairs()).find(reached).unwrap_or(u32::MAX)
}

/// The least adjusted probability there can be.
#[must_use]
pub fn least_probability(measures: u32, pairs: u32) -> f64 {
    f64::from(measures) * 2.0 * 0.5_f64.powi(i32::try_from(pairs).unwrap_or(i32::MAX))
}

/// The most pairs that can be counted out.
#[must_use]
pub fn most_pairs() -> u32 {
    u32::try_from(MOST_ROUNDS).unwrap_or(u32::MAX)
}

/// Decides; pairs are A and B.
#[must_use]
pub fn decide(pairs: &[(Figures, Figures)], rule: &Rule) -> Vec<Compared> {
    let compared = Measure::ALL.into_iter().filter_map(|measure| {
        let values = |side: fn(&(Figures, Figures)) -> &Figures| -> Option<Vec<f64>> {
            pairs.iter().map(|pair| measure.of(side(pair))).collect()
        };
        let found = compare(&values(|pair| &pair.0)?, &values(|pair| &pair.1)?, rule)?;
        Some(Compared { measure, ..found })
    });
    let mut compared: Vec<_> = compared.collect();
    let decides = |compared: &Compared| rule.gated.contains(&compared.measure);
    let gated = compared.iter().filter(|compared| decides(compared));
    let probabilities: Vec<_> = gated.filter_map(|compared| compared.probability).collect();
    let mut adjusted = holm(&probabilities).into_iter();
    for compared in compared.iter_mut().filter(|compared| decides(compared)) {
        compared.adjusted = compared.probability.and_then(|_| adjusted.next());
        compared.difference = compared.decided(rule);
    }
    compared
}

/// Every route that both sides answered in every pair.
#[must_use]
pub fn routes(pairs: &[(Figures, Figures)], rule: &Rule) -> Vec<ComparedRoute> {
    let mut values: BTreeMap<&String, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for (a, b) in pairs {
        for (route, a_ms) in &a.routes_p50_ms {
            if let Some(b_ms) = b.routes_p50_ms.get(route) {
                let (of_a, of_b) = values.entry(route).or_default();
                of_a.push(*a_ms);
                of_b.push(*b_ms);
            }
        }
    }
    let whole = values
        .into_iter()
        .filter(|(_, (a, _))| a.len() == pairs.len());
    let route = |(route, (a, b)): (&String, (Vec<f64>, Vec<f64>))| {
        let found = compare(&a, &b, rule)?;
        Some(ComparedRoute {
            route: route.clone(),
            a_ms: found.a,
            b_ms: found.b,
            ratio: found.ratio,
            interval: found.interval,
        })
    };
    whole.filter_map(route).collect()
}

fn compare(a: &[f64], b: &[f64], rule: &Rule) -> Option<Compared> {
    let logs: Vec<_> = a.iter().zip(b).map(|(a, b)| (b / a).ln()).collect();
    let shift = shift(&logs, 1.0 - rule.error)?;
    let interval = shift.interval.map(|(low, high)| (low.exp(), high.exp()));
    Some(Compared {
        measure: Measure::P50,
        a: median(a)?,
        b: median(b)?,
        ratio: shift.estimate.exp(),
        interval,
        probability: sign_flip(&logs),
        adjusted: None,
        difference: Difference::Shown,
    })
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let (low, high) = (sorted.get(last / 2)?, sorted.get(last - last / 2)?);
    Some(f64::midpoint(*low, *high))
}

impl Compared {
    fn decided(&self, rule: &Rule) -> Difference {
        let proven = self.adjusted.is_some_and(|adjusted| adjusted < rule.error);
        // 5% more and 1/1.05 as much are the same distance.
        let matters = self.ratio.ln().abs() > rule.min_effect.ln_1p();
        let worse = (self.ratio > 1.0) != self.measure.more_is_better();
        match proven && matters {
            false => Difference::NotDistinguishable,
            true if worse => Difference::Slower,
            true => Difference::Faster,
        }
    }
}
