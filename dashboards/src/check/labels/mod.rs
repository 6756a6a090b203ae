//! Follows labels through an expression: which of them each part has, by the rules of Prometheus.
//!
//! That finds what a look at the names alone cannot: a `by` of a label that was summed away, and two sides of an operator that never match,
//! which is a panel without data and an alert that is silent for ever.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use promql_parser::parser::{
    AggregateExpr, BinModifier, BinaryExpr, Call, Expr, LabelModifier, VectorMatchCardinality,
    VectorSelector,
    token::{T_BOTTOMK, T_COUNT_VALUES, T_LIMIT_RATIO, T_LIMITK, T_LOR, T_TOPK},
};

use super::expression::matcher_faults;
use crate::catalogue::Known;

/// Aggregations that keep the labels of what they choose.
const CHOOSING: [u16; 4] = [T_TOPK, T_BOTTOMK, T_LIMITK, T_LIMIT_RATIO];
/// What may be asked of the range of something that only grows.
const OF_GROWTH: [&str; 8] = [
    "rate",
    "irate",
    "increase",
    "resets",
    "changes",
    "count_over_time",
    "present_over_time",
    "absent_over_time",
];
/// What makes sense only for something that grows.
const ONLY_OF_GROWTH: [&str; 4] = ["rate", "irate", "increase", "resets"];
/// What may be asked of something that only grows as it stands: whether it is there.
const OF_PRESENCE: [&str; 4] = ["absent", "count", "group", "timestamp"];

/// The labels of a part of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Labels {
    /// A number or a text without labels.
    Scalar,
    /// Of a series that is not known, which is a fault of its own.
    Unknown,
    /// These; any of them can be empty.
    These(BTreeSet<String>),
}

impl Labels {
    fn empty() -> Self {
        Self::These(BTreeSet::new())
    }

    /// Whether the label can be there.
    fn may_have(&self, label: &str) -> bool {
        match self {
            Self::Scalar => false,
            Self::Unknown => true,
            Self::These(labels) => labels.contains(label),
        }
    }

    fn map(self, change: impl FnOnce(&mut BTreeSet<String>)) -> Self {
        match self {
            Self::These(mut labels) => {
                change(&mut labels);
                Self::These(labels)
            }
            other => other,
        }
    }

    fn with(self, label: &str) -> Self {
        self.map(|labels| {
            labels.insert(label.to_owned());
        })
    }

    fn without(self, dropped: &[String]) -> Self {
        self.map(|labels| labels.retain(|label| !dropped.contains(label)))
    }
}

/// Goes through an expression and takes down what is wrong.
pub(super) struct Tracer<'a> {
    known: &'a Known,
    pub(super) faults: Vec<String>,
    pub(super) series: Vec<String>,
}

impl<'a> Tracer<'a> {
    pub(super) fn new(known: &'a Known) -> Self {
        Self {
            known,
            faults: vec![],
            series: vec![],
        }
    }

    /// The labels of the expression; `parent` is the function or the aggregation that it is an argument of.
    pub(super) fn trace(&mut self, expression: &Expr, parent: &str) -> Labels {
        match expression {
            Expr::VectorSelector(selector) => self.selector(selector, parent, false),
            Expr::MatrixSelector(selector) => self.selector(&selector.vs, parent, true),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate),
            Expr::Unary(unary) => self.trace(&unary.expr, ""),
            Expr::Paren(paren) => self.trace(&paren.expr, parent),
            Expr::Subquery(subquery) => self.trace(&subquery.expr, ""),
            Expr::Binary(binary) => self.binary(binary),
            Expr::Call(call) => self.call(call),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => Labels::Scalar,
        }
    }

    fn fault(&mut self, fault: String) {
        self.faults.push(fault);
    }

    fn selector(&mut self, selector: &VectorSelector, parent: &str, is_range: bool) -> Labels {
        let Some(name) = &selector.name else {
            self.fault("a selector names no metric".to_owned());
            return Labels::Unknown;
        };
        self.series.push(name.clone());
        let Some(series) = self.known.find(name) else {
            self.fault(format!("`{name}` is written by nobody"));
            return Labels::Unknown;
        };
        let allowed: &[&str] = if is_range { &OF_GROWTH } else { &OF_PRESENCE };
        if series.grows() && !allowed.contains(&parent) {
            self.fault(format!(
                "`{name}` only grows: ask for its `rate` or `increase`"
            ));
        }
        if !series.grows() && ONLY_OF_GROWTH.contains(&parent) {
            self.fault(format!("`{name}` goes up and down: it has no `{parent}`"));
        }
        let matchers = &selector.matchers;
        let all = matchers
            .matchers
            .iter()
            .chain(matchers.or_matchers.iter().flatten());
        let all: Vec<_> = all.cloned().collect();
        self.faults.extend(matcher_faults(name, &all, series));
        Labels::These(series.labels().map(str::to_owned).collect())
    }

    fn aggregate(&mut self, aggregate: &AggregateExpr) -> Labels {
        let name = aggregate.op.to_string();
        let inner = self.trace(&aggregate.expr, &name);
        if let Some(modifier) = &aggregate.modifier {
            for label in &modifier.labels().labels {
                if !inner.may_have(label) {
                    self.fault(format!(
                        "`{name}` asks for the label `{label}`, which is not there"
                    ));
                }
            }
        }
        if CHOOSING.contains(&aggregate.op.id()) {
            return inner;
        }
        let labels = match &aggregate.modifier {
            None => Labels::empty(),
            Some(LabelModifier::Include(kept)) => {
                Labels::These(kept.labels.iter().cloned().collect())
            }
            Some(LabelModifier::Exclude(dropped)) => inner.without(&dropped.labels),
        };
        match aggregate.param.as_deref() {
            Some(Expr::StringLiteral(label)) if aggregate.op.id() == T_COUNT_VALUES => {
                labels.with(&label.val)
            }
            _ => labels,
        }
    }

    fn call(&mut self, call: &Call) -> Labels {
        let name = call.func.name;
        let arguments = &call.args.args;
        let traced: Vec<Labels> = arguments
            .iter()
            .map(|argument| self.trace(argument, name))
            .collect();
        let first = traced.into_iter().find(|labels| *labels != Labels::Scalar);
        match (name, first) {
            ("time" | "pi" | "scalar", _) => Labels::Scalar,
            ("absent" | "absent_over_time", _) => absent(arguments.first().map(|inner| &**inner)),
            ("histogram_quantile", Some(inner)) => {
                if !inner.may_have("le") {
                    self.fault("`histogram_quantile` needs the label `le`".to_owned());
                }
                inner.without(&["le".to_owned()])
            }
            ("label_replace" | "label_join", Some(inner)) => match arguments.get(1).map(|to| &**to)
            {
                Some(Expr::StringLiteral(label)) => inner.with(&label.val),
                _ => Labels::Unknown,
            },
            (_, inner) => inner.unwrap_or_else(Labels::empty),
        }
    }

    fn binary(&mut self, binary: &BinaryExpr) -> Labels {
        let (left, right) = (self.trace(&binary.lhs, ""), self.trace(&binary.rhs, ""));
        match (left, right) {
            (Labels::Scalar, other) | (other, Labels::Scalar) => other,
            (left, right) => {
                let modifier = binary.modifier.clone().unwrap_or_default();
                self.match_faults(&modifier, &left, &right, binary.op.id() == T_LOR);
                matched(&modifier, left, right, binary.op.id() == T_LOR)
            }
        }
    }

    fn match_faults(&mut self, modifier: &BinModifier, left: &Labels, right: &Labels, is_or: bool) {
        if let Some(LabelModifier::Include(on)) = &modifier.matching {
            for label in &on.labels {
                if !(left.may_have(label) && right.may_have(label)) {
                    self.fault(format!(
                        "`on` names the label `{label}`, which one side lacks"
                    ));
                }
            }
        } else if !is_or {
            self.unequal(modifier, left, right);
        }
        let (copied, one) = match &modifier.card {
            VectorMatchCardinality::ManyToOne(copied) => (copied, right),
            VectorMatchCardinality::OneToMany(copied) => (copied, left),
            VectorMatchCardinality::OneToOne | VectorMatchCardinality::ManyToMany => return,
        };
        for label in copied.labels.iter().filter(|label| !one.may_have(label)) {
            self.fault(format!(
                "a side is asked for its label `{label}`, which it lacks"
            ));
        }
    }

    /// Without `on`, all labels but the ignored ones must be the same.
    fn unequal(&mut self, modifier: &BinModifier, left: &Labels, right: &Labels) {
        let ignored = match &modifier.matching {
            Some(ignoring) => ignoring.labels().labels.as_slice(),
            None => &[],
        };
        let (left, right) = (
            left.clone().without(ignored),
            right.clone().without(ignored),
        );
        if let (Labels::These(left), Labels::These(right)) = (left, right)
            && left != right
        {
            self.fault(format!(
                "two sides never match: one has the labels {left:?}, the other {right:?}"
            ));
        }
    }
}

/// The labels of `absent(…)`: those that its selector compares by `=`.
fn absent(inner: Option<&Expr>) -> Labels {
    let selector = match inner {
        Some(Expr::VectorSelector(selector)) => selector,
        Some(Expr::MatrixSelector(selector)) => &selector.vs,
        _ => return Labels::empty(),
    };
    let equal = selector.matchers.matchers.iter();
    let equal = equal.filter(|matcher| matcher.op.to_string() == "=");
    Labels::These(equal.map(|matcher| matcher.name.clone()).collect())
}

/// The labels of an operator's answer.
fn matched(modifier: &BinModifier, left: Labels, right: Labels, is_or: bool) -> Labels {
    match (&modifier.card, &modifier.matching) {
        (VectorMatchCardinality::ManyToMany, _) if is_or => match (left, right) {
            (Labels::These(left), Labels::These(right)) => Labels::These(&left | &right),
            _ => Labels::Unknown,
        },
        (VectorMatchCardinality::ManyToMany, _) | (VectorMatchCardinality::OneToOne, None) => left,
        (VectorMatchCardinality::OneToOne, Some(LabelModifier::Include(on))) => {
            Labels::These(on.labels.iter().cloned().collect())
        }
        (VectorMatchCardinality::OneToOne, Some(LabelModifier::Exclude(ignored))) => {
            left.without(&ignored.labels)
        }
        (VectorMatchCardinality::ManyToOne(copied), _) => copied
            .labels
            .iter()
            .fold(left, |labels, label| labels.with(label)),
        (VectorMatchCardinality::OneToMany(copied), _) => copied
            .labels
            .iter()
            .fold(right, |labels, label| labels.with(label)),
    }
}
