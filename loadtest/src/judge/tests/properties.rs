//! What must hold whatever was seen.

use super::*;
use proptest::prelude::*;

fn seconds() -> impl Strategy<Value = Vec<Second>> {
    let one = (0_u64..300, 0_u64..4, 0_u64..3);
    let one = one.prop_map(|(prompt, late, wrong)| second(prompt, late, wrong));
    proptest::collection::vec(one, 1..20)
}

fn more(mut seconds: Vec<Second>, place: usize, late: u64, wrong: u64) -> Vec<Second> {
    let place = place % seconds.len();
    seconds[place].late += late;
    seconds[place].wrong += wrong;
    seconds
}

/// What was found of a time.
fn time(seconds: &[Second]) -> Finding {
    let judgement = judged(&evidence(&[seconds]));
    let mut findings = judgement.findings.into_iter();
    findings.find(|finding| finding.promise == P99).unwrap()
}

proptest! {
    /// FAIL never becomes PASS. What was undecided never becomes PASS either, unless the late
    /// ones were a cluster before, which then looks like less of one.
    #[test]
    fn late_and_failed_requests_never_bring_a_pass(
        seconds in seconds(), place in 0_usize..20, late in 0_u64..200, wrong in 0_u64..200
    ) {
        let any = seconds.iter().any(|second| second.prompt + second.late + second.wrong > 0);
        prop_assume!(any);
        let before = time(&seconds);
        let after = time(&more(seconds, place, late, wrong));
        let scattered = before.design_effect.unwrap() <= 1.0;
        if before.verdict == Verdict::Fail || (before.verdict == Verdict::Inconclusive && scattered) {
            prop_assert_ne!(after.verdict, Verdict::Pass);
        }
    }

    /// To fail fast is as bad as to be late, to the last digit.
    #[test]
    fn failing_fast_is_judged_like_being_late(seconds in seconds()) {
        let any = seconds.iter().any(|second| second.prompt + second.late + second.wrong > 0);
        prop_assume!(any);
        let failing = seconds.iter().map(|old| second(old.prompt, 0, old.late + old.wrong));
        let (late, failing) = (time(&seconds), time(&failing.collect::<Vec<_>>()));
        prop_assert_eq!(late.verdict, failing.verdict);
        prop_assert_eq!((late.over, late.upper), (failing.over, failing.upper));
    }

    /// A kept promise has a share within it, a broken one a share beyond it.
    #[test]
    fn a_verdict_never_contradicts_what_was_seen(seconds in seconds(), look in 1_u32..6) {
        let judgement = judge_by(&evidence(&[&seconds, &seconds]), BUDGETS, look);
        for finding in judgement.findings {
            let (Some(share), Some(allowed)) = (finding.share, finding.allowed) else { continue };
            prop_assert!(finding.verdict != Verdict::Pass || share <= allowed);
            prop_assert!(finding.verdict != Verdict::Fail || share > allowed);
        }
    }

    /// An untrusted generator decides nothing, whatever it saw.
    #[test]
    fn an_untrusted_generator_is_never_a_pass_nor_a_fail(seconds in seconds()) {
        let mut evidence = evidence(&[&seconds]);
        evidence.rounds[0].generator.tainted = std::collections::BTreeSet::from([0]);
        prop_assert_eq!(judged(&evidence).verdict, Verdict::Inconclusive);
    }
}
