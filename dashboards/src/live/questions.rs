//! What is asked besides panels: annotations, variables and runbooks, and whether Prometheus can evaluate its rules.

use super::{Finding, over_all};
use crate::boards;
use crate::check::board::{Place, queries};
use crate::check::runbooks::{Page, queries as queries_of_runbooks};
use crate::grafana;
use crate::prometheus::{Error, Prometheus, Variables};

/// Asks every annotation and variable of every board. Where nothing happens an annotation is empty; a variable must have values.
///
/// # Errors
/// When Prometheus cannot be asked.
pub async fn annotations_and_variables(
    prometheus: &Prometheus,
    variables: &Variables,
) -> Result<Vec<Finding>, Error> {
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for board in boards::all() {
        let written = grafana::board(&board);
        for query in queries(&written) {
            // Grafana's own annotations ask nothing.
            if matches!(query.place, Place::Panel(_)) || query.expression.is_empty() {
                continue;
            }
            asked += 1;
            let must_have = matches!(query.place, Place::Variable(_));
            let expression = variables.substitute(&query.expression);
            if let Some(fault) = fault(prometheus, &expression, must_have).await? {
                wrong.push(format!("{}: {}: {fault}", board.title, query.place));
            }
        }
    }
    let all = format!("{asked} queries");
    Ok(over_all(
        "boards",
        "annotations and variables can be asked",
        wrong,
        all,
    ))
}

/// Whether Prometheus evaluates every rule without an error.
///
/// # Errors
/// When Prometheus cannot be asked.
pub async fn rules(prometheus: &Prometheus) -> Result<Vec<Finding>, Error> {
    let groups = prometheus.rules().await?;
    let rules: Vec<_> = groups.iter().flat_map(|group| &group.rules).collect();
    let failed = rules.iter().filter(|rule| rule.health == "err");
    let wrong = failed.map(|rule| {
        let reason = rule.last_error.as_deref().unwrap_or("no reason given");
        format!("{} cannot be evaluated: {reason}", rule.name)
    });
    let all = format!("{} rules in {} groups", rules.len(), groups.len());
    Ok(over_all(
        "rules",
        "every rule can be evaluated",
        wrong.collect(),
        all,
    ))
}

/// Asks every expression of every runbook. What is looked for when something is wrong is empty when nothing is.
///
/// # Errors
/// When Prometheus cannot be asked.
pub async fn runbooks(prometheus: &Prometheus, pages: &[Page]) -> Result<Vec<Finding>, Error> {
    let asked = queries_of_runbooks(pages);
    let mut wrong = Vec::new();
    for (page, expression) in &asked {
        if let Some(fault) = fault(prometheus, expression, false).await? {
            wrong.push(format!("{page}: {fault}"));
        }
    }
    let all = format!("{} queries of {} pages", asked.len(), pages.len());
    Ok(over_all(
        "runbooks",
        "every expression can be asked",
        wrong,
        all,
    ))
}

async fn fault(
    prometheus: &Prometheus,
    expression: &str,
    must_have: bool,
) -> Result<Option<String>, Error> {
    match prometheus.query(expression, None).await {
        Err(Error::Refused { reason, .. }) => {
            Ok(Some(format!("Prometheus refuses `{expression}`: {reason}")))
        }
        Err(error) => Err(error),
        Ok(samples) if must_have && samples.is_empty() => {
            Ok(Some(format!("`{expression}` is empty")))
        }
        Ok(_) => Ok(None),
    }
}
