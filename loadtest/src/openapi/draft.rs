//! A whole draft: what is read, what is created and deleted again, what is left out and why.

use super::document::Document;
use super::flows::{Flow, item_of, plain};
use super::operation::Operation;
use super::places;
use super::requests::{Known, Using};
use super::security::{Credential, credentials};
use super::steps::Drafted;
use anyhow::{Result, ensure};
use std::collections::BTreeSet;

/// The two files of a draft.
#[derive(Clone, Debug)]
pub struct Draft {
    /// A scenario file.
    pub scenario: String,
    /// A budgets file.
    pub budgets: String,
    /// Operations that it calls.
    pub called: usize,
    /// Operations that it does not call.
    pub left_out: usize,
}

/// A draft while it is made.
#[derive(Default)]
pub(super) struct Drafting {
    /// Steps that change nothing.
    pub(super) reads: Vec<Drafted>,
    known: Vec<Known>,
    /// Steps that leave nothing behind, by the name of their scenario.
    pub(super) flows: Vec<(String, Vec<Drafted>)>,
    /// Routes that are not called, and why.
    pub(super) left_out: Vec<(String, String)>,
    /// Routes that are called.
    pub(super) called: BTreeSet<String>,
    /// Headers of all requests.
    pub(super) headers: Vec<(String, String)>,
}

/// Drafts a scenario and its budgets.
///
/// # Errors
/// When the document has nothing that can be called.
pub fn draft(document: &Document) -> Result<Draft> {
    let operations = document.operations();
    let mut drafting = Drafting::default();
    for operation in operations
        .iter()
        .filter(|operation| operation.method == "GET")
    {
        drafting.read(operation, &operations);
    }
    for operation in operations
        .iter()
        .filter(|operation| operation.method == "POST")
    {
        drafting.flow(operation, &operations);
    }
    for operation in &operations {
        let route = operation.route();
        let named = drafting.left_out.iter().any(|(known, _)| *known == route);
        if !named && !drafting.called.contains(&route) {
            let why = "it changes what others may read: add a step where your users do so";
            drafting.left_out.push((route, why.to_owned()));
        }
    }
    let nothing = drafting.left_out.first();
    let nothing = nothing.map_or_else(
        || "it has no operations".to_owned(),
        |(route, why)| format!("{route}, for one: {why}"),
    );
    ensure!(
        !drafting.called.is_empty(),
        "nothing in this document can be called without knowing more than it says ({nothing})"
    );
    Ok(Draft {
        scenario: drafting.scenario(document),
        budgets: drafting.budgets(document),
        called: drafting.called.len(),
        left_out: drafting.left_out.len(),
    })
}

impl Drafting {
    /// A step that reads, and captures ids where other operations ask for them.
    fn read(&mut self, operation: &Operation<'_>, all: &[Operation<'_>]) {
        let using = Using {
            known: &self.known,
            etag: false,
        };
        let mut step = match using.step(operation) {
            Ok(step) => step,
            Err(why) => {
                self.left_out.push((operation.route(), why));
                return;
            }
        };
        if let Some((parameter, pointer)) = ids(operation, all) {
            let variable = self.variable(&operation.path, parameter);
            step.capture.push((variable.clone(), pointer));
            self.known.push(Known {
                parent: operation.path.clone(),
                parameter: parameter.to_owned(),
                variable,
                read: Some(self.reads.len()),
            });
        }
        self.call(operation);
        self.reads.push(step);
    }

    /// Steps that create a resource, read it and delete it.
    fn flow(&mut self, create: &Operation<'_>, all: &[Operation<'_>]) {
        let flow = Flow {
            create,
            all,
            reads: &self.reads,
            known: &self.known,
        };
        match flow.steps() {
            Ok((steps, operations)) => {
                for operation in operations {
                    self.call(operation);
                }
                self.expect_gone(&create.path);
                let name = format!("create and delete {}", create.path);
                self.flows.push((name, steps));
            }
            Err(why) => self.left_out.push((create.route(), why)),
        }
    }

    /// Who reads what a list has may come after it was deleted.
    fn expect_gone(&mut self, collection: &str) {
        let lists = self.known.iter().filter(|known| known.parent == collection);
        let lists: BTreeSet<_> = lists.filter_map(|known| known.read).collect();
        for step in &mut self.reads {
            let of_list = step.needs.iter().any(|place| lists.contains(place));
            if of_list && step.capture.is_empty() && !step.statuses.is_empty() {
                step.statuses.push(404);
            }
        }
    }

    /// A name for a captured id that no other has.
    fn variable(&self, path: &str, parameter: &str) -> String {
        let name = plain(parameter);
        let taken = |name: &str| self.known.iter().any(|known| known.variable == name);
        if !taken(&name) && name != "id" {
            return name;
        }
        let collection = path.rsplit('/').find(|part| !part.contains('{'));
        let mut longer = plain(&format!("{}_{name}", collection.unwrap_or_default()));
        while taken(&longer) {
            longer.push('x');
        }
        longer
    }

    fn call(&mut self, operation: &Operation<'_>) {
        self.called.insert(operation.route());
        for credential in credentials(operation).into_iter().flatten() {
            if let Credential::Header(name, value) = credential
                && !self.headers.iter().any(|(known, _)| *known == name)
            {
                self.headers.push((name, value));
            }
        }
    }
}

/// The parameter that another operation asks for, and where this one's answer has ids for it.
fn ids<'o>(list: &Operation<'_>, all: &'o [Operation<'_>]) -> Option<(&'o str, String)> {
    let answer = list.answer()?;
    let mut parameters = all
        .iter()
        .filter_map(|other| item_of(&list.path, &other.path));
    parameters.find_map(|parameter| {
        let place = places::in_list(list.document, answer, parameter)?;
        Some((parameter, place))
    })
}
