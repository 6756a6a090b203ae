//! What is created, read and deleted again, so that nothing is left behind.

use super::operation::Operation;
use super::places;
use super::requests::{Known, Using};
use super::steps::Drafted;
use std::collections::BTreeSet;

/// A draft of such a scenario.
pub(super) struct Flow<'a, 'd, 's> {
    pub(super) create: &'a Operation<'d>,
    pub(super) all: &'a [Operation<'d>],
    /// The steps of the scenario that reads, and the ids that they capture.
    pub(super) reads: &'s [Drafted],
    pub(super) known: &'s [Known],
}

impl<'a, 'd> Flow<'a, 'd, '_> {
    /// The steps, and the operations that they call.
    ///
    /// # Errors
    /// When nothing deletes what is created, its id is not told, or a request cannot be known.
    pub(super) fn steps(&self) -> Result<(Vec<Drafted>, Vec<&'a Operation<'d>>), String> {
        let delete = self
            .of_item("DELETE")
            .ok_or("it creates what nothing deletes")?;
        let parameter = item_of(&self.create.path, &delete.path).unwrap_or_default();
        let created = self.created(parameter);
        let using = Using {
            known: self.known,
            etag: false,
        };
        let mut steps = vec![using.step(self.create)?];
        let pointer = self.pointer(parameter);
        capture(
            &mut steps,
            &created.variable,
            &self.origin(pointer.as_ref())?,
        );
        let known = [self.known, std::slice::from_ref(&created)].concat();
        let using = Using {
            known: &known,
            etag: needs_etag(delete),
        };
        let read = self.of_item("GET");
        if let Some(read) = read {
            let mut step = using.step(read)?;
            step.holds = pointer.as_ref().and(holds(read, &created));
            steps.push(step);
        }
        if using.etag {
            capture(&mut steps, "etag", "header:etag");
        }
        steps.push(using.step(delete)?);
        if pointer.is_none() {
            for step in steps.iter_mut().skip(1) {
                step.path = Some(format!("{{{}}}", created.variable));
                step.params.clear();
            }
        }
        let operations = [Some(self.create), read, Some(delete)];
        Ok((
            self.with_needs(steps),
            operations.into_iter().flatten().collect(),
        ))
    }

    /// Where the answer tells the id.
    fn pointer(&self, parameter: &str) -> Option<String> {
        let answer = self.create.answer()?;
        places::in_resource(self.create.document, answer, parameter)
    }

    /// Where the id is taken from, or else the address.
    fn origin(&self, pointer: Option<&String>) -> Result<String, String> {
        match pointer {
            Some(pointer) => Ok(pointer.clone()),
            None if self.create.answers_header("location") => Ok("header:location".to_owned()),
            None => Err("its answer does not tell the id of what it created".to_owned()),
        }
    }

    /// The id of what is created.
    fn created(&self, parameter: &str) -> Known {
        let name = plain(parameter);
        let taken = self.known.iter().any(|known| known.variable == name);
        Known {
            parent: self.create.path.clone(),
            parameter: parameter.to_owned(),
            variable: if taken { format!("new_{name}") } else { name },
            read: None,
        }
    }

    /// The operation with this method on what is created.
    fn of_item(&self, method: &str) -> Option<&'a Operation<'d>> {
        let mut items = self.all.iter();
        items.find(|other| {
            other.method == method && item_of(&self.create.path, &other.path).is_some()
        })
    }

    /// The steps after the reads that they need, and those after the ones that these need themselves.
    fn with_needs(&self, mut steps: Vec<Drafted>) -> Vec<Drafted> {
        let mut open: Vec<usize> = steps.iter().flat_map(|step| step.needs.clone()).collect();
        let mut needed = BTreeSet::new();
        while let Some(place) = open.pop() {
            if needed.insert(place) {
                let step = self.reads.get(place);
                open.extend(step.into_iter().flat_map(|step| step.needs.clone()));
            }
        }
        let before = needed.into_iter().filter_map(|place| self.reads.get(place));
        let mut all: Vec<_> = before.cloned().collect();
        all.append(&mut steps);
        all
    }
}

/// Lets the last step capture one value more.
fn capture(steps: &mut [Drafted], variable: &str, origin: &str) {
    if let Some(last) = steps.last_mut() {
        last.capture.push((variable.to_owned(), origin.to_owned()));
    }
}

/// Where the answer repeats the id that was asked for.
fn holds(read: &Operation<'_>, created: &Known) -> Option<(String, String)> {
    let place = places::in_resource(read.document, read.answer()?, &created.parameter)?;
    Some((place, format!("{{{}}}", created.variable)))
}

fn needs_etag(operation: &Operation<'_>) -> bool {
    let mut headers = operation.required("header");
    headers.any(|header| header.name.eq_ignore_ascii_case("if-match"))
}

/// The parameter that leads from a collection to one thing in it, if the other path does.
pub(super) fn item_of<'p>(collection: &str, path: &'p str) -> Option<&'p str> {
    let rest = path.strip_prefix(collection.trim_end_matches('/'))?;
    let name = rest.strip_prefix("/{")?.strip_suffix('}')?;
    (!name.contains(['{', '}', '/'])).then_some(name)
}

/// A name that a captured value can have.
pub(super) fn plain(parameter: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let name: String = parameter
        .chars()
        .filter(|letter| allowed(*letter))
        .collect();
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic());
    // Two names are placeholders of their own.
    if begins && name != "unique" && name != "uuid" {
        name
    } else {
        format!("id{name}")
    }
}
