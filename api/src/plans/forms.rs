//! The forms of queries. A query whose filters and order are chosen at run time is a different statement each time; only plans of the same
//! statement can be compared.

use std::{collections::HashMap, sync::Arc};

use super::Plan;

/// Most forms of one query that are remembered.
const MAX_FORMS: usize = 64;

/// What is known of each form of each query.
#[derive(Default)]
pub(super) struct Forms {
    queries: HashMap<usize, HashMap<String, Form>>,
    /// Counts up with everything that is remembered.
    now: u64,
}

struct Form {
    /// `None` if it could not be had.
    plan: Option<Arc<Plan>>,
    remembered: u64,
}

impl Forms {
    /// Whether this statement of the query in `slot` has been asked about, or would only push out another.
    pub fn is_settled(&self, slot: usize, sql: &str) -> bool {
        self.queries
            .get(&slot)
            .is_some_and(|forms| forms.contains_key(sql) || forms.len() >= MAX_FORMS)
    }

    /// Remembers the plan of a statement, or that it could not be had, in place of the form that was remembered longest ago if there are too
    /// many. Returns the plan before if its shape was another.
    pub fn remember(
        &mut self,
        slot: usize,
        sql: &str,
        plan: Option<&Arc<Plan>>,
    ) -> Option<Arc<Plan>> {
        self.now += 1;
        let forms = self.queries.entry(slot).or_default();
        let before = forms.remove(sql).and_then(|form| form.plan);
        if forms.len() >= MAX_FORMS {
            let oldest = forms.iter().min_by_key(|(_, form)| form.remembered);
            if let Some(oldest) = oldest.map(|(sql, _)| sql.clone()) {
                forms.remove(&oldest);
            }
        }
        let form = Form {
            plan: plan.or(before.as_ref()).cloned(),
            remembered: self.now,
        };
        forms.insert(sql.to_owned(), form);
        before.filter(|before| plan.is_some_and(|plan| plan.hash != before.hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plans::PlanNode;

    fn plan(hash: &str) -> Arc<Plan> {
        Arc::new(Plan {
            hash: hash.to_owned(),
            root: PlanNode::default(),
        })
    }

    #[test]
    fn only_plans_of_the_same_statement_are_compared() {
        let mut forms = Forms::default();
        let mut see = |slot, sql, hash| forms.remember(slot, sql, Some(&plan(hash)));
        assert_eq!(see(0, "by name", "a"), None);
        assert_eq!(see(0, "by time", "b"), None);
        assert_eq!(see(1, "by name", "b"), None);
        assert_eq!(see(0, "by name", "a"), None);
        assert_eq!(see(0, "by name", "b"), Some(plan("a")));
        assert!(forms.is_settled(0, "by time") && !forms.is_settled(1, "by time"));
    }

    #[test]
    fn the_form_that_was_remembered_longest_ago_makes_room() {
        let mut forms = Forms::default();
        for number in 0..MAX_FORMS {
            forms.remember(0, &number.to_string(), Some(&plan("a")));
        }
        forms.remember(0, "0", Some(&plan("a")));
        assert!(
            forms.is_settled(0, "new"),
            "nothing is pushed out for one that was fast"
        );
        forms.remember(0, "new", Some(&plan("a")));
        assert_eq!(forms.queries.get(&0).map(HashMap::len), Some(MAX_FORMS));
        assert_eq!(
            forms.remember(0, "1", Some(&plan("b"))),
            None,
            "it made room"
        );
        assert_eq!(forms.remember(0, "0", Some(&plan("b"))), Some(plan("a")));
        assert_eq!(forms.remember(0, "new", Some(&plan("b"))), Some(plan("a")));
    }

    #[test]
    fn a_plan_that_could_not_be_had_is_not_asked_for_again_and_changes_nothing() {
        let mut forms = Forms::default();
        assert_eq!(forms.remember(0, "by name", None), None);
        assert!(forms.is_settled(0, "by name"));
        assert_eq!(forms.remember(0, "by name", Some(&plan("a"))), None);
        assert_eq!(forms.remember(0, "by name", None), None);
        assert_eq!(
            forms.remember(0, "by name", Some(&plan("b"))),
            Some(plan("a"))
        );
    }
}
