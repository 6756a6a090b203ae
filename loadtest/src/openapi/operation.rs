//! An operation of a document: what it needs, and what it answers.

use super::document::Document;
use serde_json::Value;

/// An operation.
#[derive(Clone, Debug)]
pub(super) struct Operation<'d> {
    pub(super) document: &'d Document,
    /// In capital letters.
    pub(super) method: String,
    /// With what all paths begin with.
    pub(super) path: String,
    pub(super) parameters: Vec<Parameter<'d>>,
    value: &'d Value,
}

/// A parameter.
#[derive(Clone, Debug)]
pub(super) struct Parameter<'d> {
    pub(super) name: &'d str,
    /// `path`, `query`, `header` or `cookie`.
    pub(super) place: &'d str,
    pub(super) required: bool,
    pub(super) value: &'d Value,
}

/// A body, of the kinds that a scenario can write.
#[derive(Clone, Debug)]
pub(super) struct RequestBody<'d> {
    /// Its media type.
    pub(super) kind: &'d str,
    /// Its example and its schema.
    pub(super) media: &'d Value,
}

impl<'d> Operation<'d> {
    pub(super) fn new(
        document: &'d Document,
        method: &str,
        path: String,
        item: &'d Value,
        value: &'d Value,
    ) -> Self {
        let mut parameters: Vec<Parameter<'d>> = Vec::new();
        // The operation's own come first: they replace those of its path.
        for list in [value, item].map(|at| at.get("parameters").and_then(Value::as_array)) {
            for parameter in list.into_iter().flatten() {
                let read = document.resolve(parameter).and_then(Parameter::new);
                let known = |parameter: &Parameter<'_>| {
                    let same = |other: &Parameter<'_>| {
                        (other.name, other.place) == (parameter.name, parameter.place)
                    };
                    parameters.iter().any(same)
                };
                if let Some(parameter) = read.filter(|parameter| !known(parameter)) {
                    parameters.push(parameter);
                }
            }
        }
        Self {
            document,
            method: method.to_uppercase(),
            path,
            parameters,
            value,
        }
    }

    /// Its name in budgets and reports.
    pub(super) fn route(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(super) fn is_deprecated(&self) -> bool {
        self.value.get("deprecated") == Some(&Value::Bool(true))
    }

    /// Its parameters of this place which must be given.
    pub(super) fn required(&self, place: &'static str) -> impl Iterator<Item = &Parameter<'d>> {
        let of_place = self.parameters.iter();
        of_place.filter(move |parameter| parameter.place == place && parameter.required)
    }

    /// What it asks of the caller, or what the document asks of all callers.
    pub(super) fn security(&self) -> Option<&'d Vec<Value>> {
        let own = self.value.get("security");
        own.or_else(|| self.document.part("security"))?.as_array()
    }

    /// The statuses of success that it names.
    pub(super) fn successes(&self) -> Vec<u16> {
        let codes = self.responses().map(|(code, _)| code.parse().ok());
        codes
            .flatten()
            .filter(|code| (200..300).contains(code))
            .collect()
    }

    /// Whether it names any success at all.
    pub(super) fn can_succeed(&self) -> bool {
        self.success().is_some()
    }

    /// The first answer of success.
    fn success(&self) -> Option<&'d Value> {
        let named = self.responses().find(|(code, _)| code.starts_with('2'));
        let (_, response) =
            named.or_else(|| self.responses().find(|(code, _)| *code == "default"))?;
        self.document.resolve(response)
    }

    fn responses(&self) -> impl Iterator<Item = (&'d str, &'d Value)> + use<'d> {
        let responses = self.value.get("responses").and_then(Value::as_object);
        let responses = responses.into_iter().flatten();
        responses.map(|(code, response)| (code.as_str(), response))
    }

    /// The schema of its answer in JSON.
    pub(super) fn answer(&self) -> Option<&'d Value> {
        let content = self.success()?.get("content")?.as_object()?;
        let (_, media) = content.iter().find(|(kind, _)| is_json(kind))?;
        self.document.resolve(media.get("schema")?)
    }

    /// Whether its answer has an end.
    pub(super) fn is_stream(&self) -> bool {
        let content = self.success().and_then(|success| success.get("content"));
        content.is_some_and(|content| content.get("text/event-stream").is_some())
    }

    /// Whether its answer has this header, whatever the case of its letters.
    pub(super) fn answers_header(&self, wanted: &str) -> bool {
        let headers = self.success().and_then(|success| success.get("headers"));
        let mut headers = headers.and_then(Value::as_object).into_iter().flatten();
        headers.any(|(name, _)| name.eq_ignore_ascii_case(wanted))
    }

    /// Its body; an error where it needs one of a kind that cannot be written.
    pub(super) fn body(&self) -> Result<Option<RequestBody<'d>>, String> {
        let body = self.value.get("requestBody");
        let Some(body) = body.and_then(|body| self.document.resolve(body)) else {
            return Ok(None);
        };
        let content = body.get("content").and_then(Value::as_object);
        let kinds = || content.into_iter().flatten();
        let json = kinds().find(|(kind, _)| is_json(kind));
        let known = json.or_else(|| kinds().find(|(kind, _)| kind.as_str() == FORM));
        match known {
            Some((kind, media)) => Ok(Some(RequestBody { kind, media })),
            None if body.get("required") != Some(&Value::Bool(true)) => Ok(None),
            None => {
                let kinds: Vec<_> = kinds().map(|(kind, _)| kind.as_str()).collect();
                Err(format!("its body is {}", kinds.join(" or ")))
            }
        }
    }
}

impl<'d> Parameter<'d> {
    fn new(value: &'d Value) -> Option<Self> {
        let text = |key| value.get(key).and_then(Value::as_str);
        let place = text("in")?;
        let required = place == "path" || value.get("required") == Some(&Value::Bool(true));
        Some(Self {
            name: text("name")?,
            place,
            required,
            value,
        })
    }
}

/// The kind of a form.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// `application/json`, or something that is written as it.
pub(super) fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind == "application/json" || kind.ends_with("+json") || kind == "*/*"
}
