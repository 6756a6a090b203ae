//! A scenario as a user goes through it.

use super::data::Table;
use super::step::Step;
use super::values::Values;
use crate::client::{BrokenOff, Client};
use crate::traffic::Run;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A scenario, ready to be gone through.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) name: String,
    pub(super) weight: usize,
    pub(super) steps: Vec<Step>,
    /// The places of the tables that it uses.
    pub(super) used: BTreeSet<usize>,
    /// So many values are kept.
    pub(super) kept: usize,
}

/// Going through a scenario, again and again.
pub(super) fn run(flow: &Arc<Flow>, tables: &Arc<Vec<(String, Table)>>) -> Run {
    let (flow, tables) = (Arc::clone(flow), Arc::clone(tables));
    Arc::new(move |client| Box::pin(pass(Arc::clone(&flow), Arc::clone(&tables), client)))
}

/// Goes through it once, up to the first wrong answer.
async fn pass(
    flow: Arc<Flow>,
    tables: Arc<Vec<(String, Table)>>,
    client: &mut Client<'_>,
) -> Result<(), BrokenOff> {
    let mut values = Values::begin(&tables, &flow.used, flow.kept, client.visitor);
    for step in &flow.steps {
        for _ in 0..step.repeat {
            let request = step.fill(&mut values, client.visitor).request();
            let expected = step.check.expected(&step.captures, &values, client.visitor);
            let judge = |answer: &_| expected.judge(answer);
            for (place, value) in client.send(step.route, request, judge).await? {
                values.keep(place, value);
            }
            if let Some(pause) = step.pause {
                tokio::time::sleep(pause).await;
            }
        }
    }
    Ok(())
}
