//! From an operation to the step that calls it, or the reason why it cannot be called.

use super::operation::{FORM, Operation};
use super::security::{Credential, credentials};
use super::steps::Drafted;
use super::{places, values};
use crate::scenario::Scenario;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Values of a path that are listed, at most.
const MOST_CHOICES: usize = 8;
/// Headers which the specification says are no parameters.
const NO_PARAMETERS: [&str; 3] = ["accept", "content-type", "authorization"];

/// An id that an earlier step captures.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The path in front of the parameter that it fills.
    pub(super) parent: String,
    /// That parameter.
    pub(super) parameter: String,
    /// The name of the captured value.
    pub(super) variable: String,
    /// The place of the step among the reads; None is the flow at hand.
    pub(super) read: Option<usize>,
}

/// What may be used to fill a request.
pub(super) struct Using<'a> {
    pub(super) known: &'a [Known],
    /// Whether an `ETag` was captured as `etag`.
    pub(super) etag: bool,
}

impl Using<'_> {
    /// The step for an operation, without what it captures.
    ///
    /// # Errors
    /// When something that it needs cannot be known.
    pub(super) fn step(&self, operation: &Operation<'_>) -> Result<Drafted, String> {
        if operation.is_deprecated() {
            return Err("it is deprecated".to_owned());
        }
        if !operation.can_succeed() {
            return Err("the document names no answer of success".to_owned());
        }
        if operation.is_stream() {
            return Err("its answer is a stream without an end".to_owned());
        }
        let mut step = Drafted {
            route: operation.route(),
            statuses: operation.successes(),
            ..Drafted::default()
        };
        self.path(operation, &mut step)?;
        self.parameters(operation, &mut step)?;
        self.body(operation, &mut step)?;
        for credential in credentials(operation)? {
            if let Credential::Query(name, value) = credential {
                step.query.push((name, value.into()));
            }
        }
        self.try_out(&step)?;
        Ok(step)
    }

    /// Lets the parser of scenario files read the step: what it refuses is left out, and why.
    fn try_out(&self, step: &Drafted) -> Result<(), String> {
        let names = self.known.iter().map(|known| known.variable.as_str());
        let names = names.chain(["etag"]);
        let captured = names.map(|name| (name.to_owned(), "/x".to_owned()));
        let before = Drafted {
            route: "GET /".to_owned(),
            capture: captured.collect::<BTreeMap<_, _>>().into_iter().collect(),
            ..Drafted::default()
        };
        let (before, step) = (before.written()?, step.written()?);
        let file = format!("[[scenario]]\nname = \"x\"\n{before}{step}");
        let environment = |_: &str| Some(String::new());
        let read = Scenario::parse("", &file, Path::new("."), &environment);
        read.map(drop).map_err(|error| error.message().to_owned())
    }

    fn path(&self, operation: &Operation<'_>, step: &mut Drafted) -> Result<(), String> {
        for (parent, name) in path_parameters(&operation.path) {
            if let Some(known) = self.find(parent, name) {
                if known.variable != name {
                    step.params
                        .push((name.to_owned(), format!("{{{}}}", known.variable)));
                }
                step.needs.extend(known.read);
                continue;
            }
            let parameter = operation.parameters.iter();
            let mut parameter = parameter.filter(|parameter| parameter.place == "path");
            let parameter = parameter.find(|parameter| parameter.name == name);
            let value = parameter.and_then(|parameter| choice(operation, parameter.value));
            let unknown = || format!("the document does not say which {{{name}}} there are");
            step.params
                .push((name.to_owned(), value.ok_or_else(unknown)?));
        }
        Ok(())
    }

    /// The captured value for a parameter of a path.
    fn find(&self, parent: &str, name: &str) -> Option<&Known> {
        let here = |known: &&Known| known.parent == parent && known.parameter == name;
        // Another collection's `id` is no id of this one, but `user_id` is that of a user anywhere.
        let elsewhere = |known: &&Known| name != "id" && places::same(&known.parameter, name);
        let mut newest = self.known.iter().rev();
        let found = newest.clone().find(here);
        found.or_else(|| newest.find(elsewhere))
    }

    fn parameters(&self, operation: &Operation<'_>, step: &mut Drafted) -> Result<(), String> {
        for parameter in operation.required("query") {
            let value = values::of_holder(operation.document, parameter.value);
            let value = value.map_err(|why| format!("query {:?}: {why}", parameter.name))?;
            if value.is_object() {
                return Err(format!("query {:?} is an object", parameter.name));
            }
            step.query.push((parameter.name.to_owned(), value));
        }
        for parameter in operation.required("header") {
            let name = parameter.name.to_lowercase();
            if NO_PARAMETERS.contains(&name.as_str()) {
                continue;
            }
            let value = match name.as_str() {
                "if-match" if self.etag => Value::from("{etag}"),
                "if-match" => return Err("it needs the ETag of what it changes".to_owned()),
                "idempotency-key" => Value::from("{unique}"),
                _ => values::of_holder(operation.document, parameter.value)
                    .map_err(|why| format!("header {name}: {why}"))?,
            };
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            step.headers.push((name, text));
        }
        if let Some(cookie) = operation.required("cookie").next() {
            return Err(format!("it needs the cookie {:?}", cookie.name));
        }
        let optional = operation.parameters.iter();
        let optional =
            optional.filter(|parameter| parameter.place == "query" && !parameter.required);
        step.optional = optional
            .map(|parameter| parameter.name.to_owned())
            .collect();
        Ok(())
    }

    fn body(&self, operation: &Operation<'_>, step: &mut Drafted) -> Result<(), String> {
        let Some(body) = operation.body()? else {
            return Ok(());
        };
        let value = values::of_holder(operation.document, body.media);
        let mut value = value.map_err(|why| format!("its body: {why}"))?;
        for (name, field) in value.as_object_mut().into_iter().flatten() {
            let mut known = self.known.iter();
            let wanted = |known: &&Known| name != "id" && places::same(&known.parameter, name);
            if let Some(known) = known.find(wanted) {
                *field = format!("{{{}}}", known.variable).into();
                step.needs.extend(known.read);
            }
        }
        if body.kind == FORM {
            step.form = Some(value);
            return Ok(());
        }
        step.json = Some(value);
        if body.kind != "application/json" && body.kind != "*/*" {
            let kind = ("content-type".to_owned(), values::literal(body.kind));
            step.headers.push(kind);
        }
        Ok(())
    }
}

/// One of the values that are listed, or the example.
fn choice(operation: &Operation<'_>, holder: &Value) -> Option<String> {
    let document = operation.document;
    let plain = |text: &str| !text.contains(['|', '{', '}']);
    if let Some(listed) = values::listed(document, holder) {
        let texts = listed
            .iter()
            .filter_map(Value::as_str)
            .filter(|text| plain(text));
        let texts: Vec<_> = texts.take(MOST_CHOICES).collect();
        if !texts.is_empty() {
            return Some(format!("{{choice:{}}}", texts.join("|")));
        }
    }
    let example = values::example_of(document, holder)?;
    match example {
        Value::String(text) => Some(values::literal(text)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The parameters of a path, each with the path in front of it.
pub(super) fn path_parameters(path: &str) -> Vec<(&str, &str)> {
    let found = path.match_indices('{').filter_map(|(place, _)| {
        let (before, after) = path.split_at(place);
        let (name, _) = after.strip_prefix('{')?.split_once('}')?;
        Some((before.trim_end_matches('/'), name))
    });
    found.collect()
}
