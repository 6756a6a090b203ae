//! The forms of queries. A query whose filters and order are chosen at run time is a different statement each time; only plans of the same
//! statement can be compared.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use super::Plan;

/// Most forms of one query that are remembered.
const MAX_FORMS: usize = 64;

/// The newest plan of each form of each query.
#[derive(Default)]
pub(super) struct Forms(HashMap<usize, HashMap<String, Arc<Plan>>>);

impl Forms {
    /// Whether this statement of the query in `slot` has a plan, or could not be remembered if it had.
    pub fn is_settled(&self, slot: usize, sql: &str) -> bool {
        self.0
            .get(&slot)
            .is_some_and(|forms| forms.contains_key(sql) || forms.len() >= MAX_FORMS)
    }

    /// Remembers the plan of a statement, and returns the one before if its shape was another.
    pub fn remember(&mut self, slot: usize, sql: &str, plan: &Arc<Plan>) -> Option<Arc<Plan>> {
        let forms = self.0.entry(slot).or_default();
        let full = forms.len() >= MAX_FORMS;
        match forms.entry(sql.to_owned()) {
            Entry::Occupied(mut known) => {
                let before = known.insert(Arc::clone(plan));
                (before.hash != plan.hash).then_some(before)
            }
            Entry::Vacant(_) if full => None,
            Entry::Vacant(new) => {
                new.insert(Arc::clone(plan));
                None
            }
        }
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
        assert_eq!(forms.remember(0, "by name", &plan("a")), None);
        assert_eq!(forms.remember(0, "by time", &plan("b")), None);
        assert_eq!(forms.remember(1, "by name", &plan("b")), None);
        assert_eq!(forms.remember(0, "by name", &plan("a")), None);
        assert_eq!(forms.remember(0, "by name", &plan("b")), Some(plan("a")));
        assert!(forms.is_settled(0, "by time") && !forms.is_settled(1, "by time"));
    }

    #[test]
    fn no_more_forms_are_remembered_than_there_is_room_for() {
        let mut forms = Forms::default();
        for number in 0..2 * MAX_FORMS {
            forms.remember(0, &number.to_string(), &plan("a"));
        }
        assert_eq!(forms.0.get(&0).map(HashMap::len), Some(MAX_FORMS));
        assert_eq!(forms.remember(0, "0", &plan("b")), Some(plan("a")));
    }
}
