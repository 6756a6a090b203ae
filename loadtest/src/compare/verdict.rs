//! The verdict over a comparison, and its sentence.

use super::comparison::{Comparison, SideShown};
use super::decision::{Compared, Difference};
use crate::judge::Verdict;
use crate::wording::percent;

impl Comparison {
    /// Gives the verdict, and its sentence.
    pub(super) fn judge(&mut self) {
        (self.verdict, self.sentence) = self.verdict();
    }

    fn verdict(&self) -> (Verdict, String) {
        let broken = |side: &SideShown| side.error_share() > self.plan.most_errors;
        let not_compared = "so their times are not compared";
        let failures = self.failures().unwrap_or_default();
        let (counted, wanted) = (self.counted().count(), self.plan.pairs);
        match (&self.a.died, &self.b.died) {
            (Some(died), _) => {
                let sentence = format!("A is gone ({died}): there is nothing to compare with");
                return (Verdict::Inconclusive, sentence);
            }
            (None, Some(died)) => return (Verdict::Fail, format!("B is gone: {died}")),
            (None, None) => {}
        }
        match (broken(&self.a), broken(&self.b)) {
            (true, _) => {
                let sentence = format!("{failures}, {not_compared}");
                return (Verdict::Inconclusive, sentence);
            }
            (false, true) => return (Verdict::Fail, format!("{failures}, {not_compared}")),
            (false, false) => {}
        }
        if u32::try_from(counted).is_ok_and(|counted| counted < wanted) {
            let missing = format!("only {counted} of {wanted} pairs count");
            let why = self
                .pairs
                .iter()
                .flat_map(|pair| &pair.left_out)
                .next_back();
            let why = why.map_or(String::new(), |why| format!(": the generator: {why}"));
            return (Verdict::Inconclusive, format!("{missing}{why}"));
        }
        self.difference()
    }

    fn difference(&self) -> (Verdict, String) {
        let words = |difference: Difference| -> Vec<String> {
            let alike = self.measures.iter();
            let alike = alike.filter(|compared| compared.difference == difference);
            alike.map(Compared::words).collect()
        };
        let (slower, faster) = (words(Difference::Slower), words(Difference::Faster));
        let gated = self.measures.iter();
        if gated.filter(|one| one.adjusted.is_some()).count() == 0 {
            let sentence = "nothing that decides could be measured on both sides";
            return (Verdict::Inconclusive, sentence.to_owned());
        }
        match (slower.is_empty(), faster.is_empty()) {
            (false, true) => (Verdict::Fail, format!("B is slower: {}", slower.join(", "))),
            (false, false) => {
                let (slower, faster) = (slower.join(", "), faster.join(", "));
                (
                    Verdict::Fail,
                    format!("B is slower: {slower}; and faster: {faster}"),
                )
            }
            (true, false) => (Verdict::Pass, format!("B is faster: {}", faster.join(", "))),
            (true, true) => {
                let effect = percent(self.plan.min_effect);
                let sentence =
                    format!("not distinguishable: no proven difference of more than {effect}");
                (Verdict::Pass, sentence)
            }
        }
    }
}

impl Compared {
    /// `p50 +12.1% [10.8%, 13.9%]`.
    fn words(&self) -> String {
        let change = change(self.ratio);
        let interval = self
            .interval
            .map_or(String::new(), |interval| format!(" {}", changes(interval)));
        format!("{} {change}{interval}", self.measure.name())
    }
}

/// A ratio as a change: `+12.1%`.
pub(super) fn change(ratio: f64) -> String {
    format!("{:+.1}%", (ratio - 1.0) * 100.0)
}

/// An interval of ratios as one of changes.
pub(super) fn changes((low, high): (f64, f64)) -> String {
    format!("[{}, {}]", change(low), change(high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::comparison::{Pair, PlanShown};
    use crate::compare::figures::Measure;

    fn comparison() -> Comparison {
        let compared = Compared {
            measure: Measure::P50,
            a: 1.0,
            b: 1.2,
            ratio: 1.2,
            interval: Some((1.1, 1.3)),
            probability: Some(0.01),
            adjusted: Some(0.04),
            difference: Difference::Slower,
        };
        Comparison {
            plan: PlanShown {
                pairs: 2,
                min_effect: 0.05,
                most_errors: 0.001,
                ..PlanShown::default()
            },
            pairs: vec![Pair::default(); 2],
            measures: vec![compared],
            ..Comparison::default()
        }
    }

    fn judged(mut comparison: Comparison) -> (Verdict, String) {
        comparison.judge();
        (comparison.verdict, comparison.sentence)
    }

    #[test]
    fn a_slower_b_fails_and_the_sentence_says_by_how_much() {
        let sentence = "B is slower: p50 +20.0% [+10.0%, +30.0%]".to_owned();
        assert_eq!(judged(comparison()), (Verdict::Fail, sentence));
        let mut same = comparison();
        same.measures[0].difference = Difference::NotDistinguishable;
        assert_eq!(judged(same).0, Verdict::Pass);
        let mut faster = comparison();
        faster.measures[0].difference = Difference::Faster;
        assert_eq!(judged(faster).0, Verdict::Pass);
    }

    #[test]
    fn who_fails_is_not_faster_however_fast() {
        let side = |errors| SideShown {
            requests: 1_000,
            errors,
            ..SideShown::default()
        };
        for (a, b, verdict) in [
            (0, 20, Verdict::Fail),
            (20, 0, Verdict::Inconclusive),
            (20, 20, Verdict::Inconclusive),
        ] {
            let mut faster = comparison();
            faster.measures[0].difference = Difference::Faster;
            (faster.a, faster.b) = (side(a), side(b));
            let (found, sentence) = judged(faster);
            assert_eq!(found, verdict);
            assert!(sentence.contains("not compared"), "{sentence}");
        }
        let mut few = comparison();
        few.b = side(1);
        few.measures[0].difference = Difference::NotDistinguishable;
        assert_eq!(
            few.failures().unwrap(),
            "A failed none, B 1 of 1 000 requests (0.10%)"
        );
        assert_eq!(judged(few).0, Verdict::Pass);
    }

    #[test]
    fn too_few_pairs_decide_nothing_and_it_is_said_why() {
        let mut short = comparison();
        short.pairs[1].left_out = vec!["it did not run".to_owned()];
        let sentence = "only 1 of 2 pairs count: the generator: it did not run".to_owned();
        assert_eq!(judged(short), (Verdict::Inconclusive, sentence));
    }

    #[test]
    fn a_side_that_dies_decides_it() {
        for (a, b, verdict) in [
            (Some("it ended"), None, Verdict::Inconclusive),
            (None, Some("it ended"), Verdict::Fail),
        ] {
            let mut dead = comparison();
            (dead.a.died, dead.b.died) = (a.map(str::to_owned), b.map(str::to_owned));
            assert_eq!(judged(dead).0, verdict);
        }
    }
}
