//! The steps of a scenario, one after the other: what one captures, the next ones may use.

use super::answers::{check, header_name, origin};
use super::body::{Body, JsonTemplate};
use super::check::Capture;
use super::compile::{LONGEST_PAUSE, Shared, free, whole};
use super::error::{Outcome, fault};
use super::file::{Named, Step as Section, Text};
use super::node::{Node, Placed};
use super::path::Path;
use super::step::Step;
use super::template::{Piece, Scope, Template, pieces};
use crate::traffic::{RouteId, RouteInfo};
use reqwest::Method;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// A step is done so often at most before the next one.
const MOST_REPEATS: i64 = 10_000;
/// What the connection sets.
const OF_THE_CONNECTION: [&str; 4] = ["connection", "content-length", "host", "transfer-encoding"];

/// The steps of a scenario up to some place.
pub(super) struct Steps<'a> {
    pub(super) shared: &'a Shared<'a>,
    /// The routes of the whole file, in the order in which they appear.
    pub(super) routes: &'a mut Vec<RouteInfo>,
    /// The places of the tables that the scenario uses.
    pub(super) used: &'a RefCell<BTreeSet<usize>>,
    /// Names of what was kept so far.
    pub(super) kept: Vec<String>,
    /// Names of all that the scenario ever keeps.
    pub(super) all: Vec<String>,
}

impl Steps<'_> {
    pub(super) fn step(&mut self, section: Section) -> Outcome<Step> {
        let (method, path) = split(&section)?;
        let set = self.set(&section.set)?;
        let scope = self.scope();
        let headers = self.headers(&section.headers, &scope)?;
        let path = path_template(&path, &section.params, &scope)?;
        let body = body(&section, &scope)?;
        let query = fields(&section.query, &scope)?;
        let check = check(&section.check, &scope)?;
        let captures = self.captures(&section.capture)?;
        let repeat = whole(&section.repeat, 1, MOST_REPEATS, "`repeat`")?;
        if let Some(pause) = &section.pause
            && *pause.get_ref() > LONGEST_PAUSE
        {
            return fault(
                &pause.span(),
                format!("a pause takes {LONGEST_PAUSE} at most"),
            );
        }
        Ok(Step {
            route: self.route(section.route.get_ref(), &method),
            headers: with_content_type(headers, &body),
            repeat: u32::try_from(repeat).unwrap_or(1),
            pause: section.pause.map(|pause| pause.into_inner().0),
            method,
            set,
            path,
            query,
            body,
            check,
            captures,
        })
    }

    fn scope(&self) -> Scope<'_> {
        Scope {
            kept: &self.kept,
            later: &self.all,
            tables: self.shared.tables,
            used: self.used,
            environment: self.shared.around.environment,
        }
    }

    fn set(&mut self, given: &Named<Text>) -> Outcome<Vec<(usize, Template)>> {
        let mut set = Vec::new();
        for (name, text) in given {
            let template = template(text, &self.scope())?;
            set.push((self.keep(name)?, template));
        }
        Ok(set)
    }

    fn captures(&mut self, given: &Named<Text>) -> Outcome<Vec<Capture>> {
        let capture = |(name, from): (&Text, &Text)| {
            let origin = origin(from)?;
            let kept = self.keep(name)?;
            Ok(Capture { kept, origin })
        };
        given.iter().map(capture).collect()
    }

    /// The place of a value that is kept; a later step may keep another one there.
    fn keep(&mut self, name: &Text) -> Outcome<usize> {
        free(name)?;
        let text = name.get_ref();
        if self.shared.tables.iter().any(|(table, _)| table == text) {
            return fault(
                &name.span(),
                format!("{text:?} is a table of [data] already"),
            );
        }
        if let Some(place) = self.kept.iter().position(|kept| kept == text) {
            return Ok(place);
        }
        self.kept.push(text.clone());
        Ok(self.kept.len() - 1)
    }

    /// The headers of the step, and those of all requests that it has none of its own for.
    fn headers(&self, own: &Named<Text>, scope: &Scope<'_>) -> Outcome<Vec<(String, Template)>> {
        let mut headers: Vec<(String, Template)> = Vec::new();
        for (name, text) in own.iter().chain(self.shared.headers) {
            let lower = header_name(name)?;
            if OF_THE_CONNECTION.contains(&lower.as_str()) {
                return fault(&name.span(), format!("{lower} is set by the connection"));
            }
            let template = template(text, scope)?;
            if template
                .fixed()
                .is_some_and(|value| value.contains(char::is_control))
            {
                return fault(
                    &text.span(),
                    "no header holds line breaks or control characters",
                );
            }
            if !headers.iter().any(|(known, _)| *known == lower) {
                headers.push((lower, template));
            }
        }
        Ok(headers)
    }

    fn route(&mut self, name: &str, method: &Method) -> RouteId {
        let known = self.routes.iter().position(|route| route.name == name);
        RouteId(known.unwrap_or_else(|| {
            self.routes.push(RouteInfo {
                name: name.to_owned(),
                method: method.clone(),
            });
            self.routes.len() - 1
        }))
    }
}

/// Method and path of a step: its own, or those of its route's name.
fn split(section: &Section) -> Outcome<(Method, Text)> {
    let name = section.route.get_ref();
    let span = section.route.span();
    let Some((method, path)) = name.split_once(' ').filter(|(_, path)| !path.is_empty()) else {
        let wrong = format!("a route is named \"METHOD /path/{{template}}\", not {name:?}");
        return fault(&span, wrong);
    };
    let of_route = Text::new(span.clone(), method.to_owned());
    let method = section.method.as_ref().unwrap_or(&of_route);
    let of_route = Text::new(span, path.to_owned());
    let path = section.path.clone().unwrap_or(of_route);
    Ok((known_method(method)?, path))
}

fn known_method(method: &Text) -> Outcome<Method> {
    let text = method.get_ref();
    let upper = text.chars().all(|letter| letter.is_ascii_uppercase());
    let known = text.parse().ok();
    let known = known.filter(|known| upper && *known != Method::CONNECT);
    let wrong = || {
        fault(
            &method.span(),
            format!("{text:?} is no method that can be sent"),
        )
    };
    known.map_or_else(wrong, Ok)
}

fn path_template(text: &Text, params: &Named<Placed>, scope: &Scope<'_>) -> Outcome<Path> {
    let mut parameters = BTreeMap::new();
    for (name, value) in params {
        let used = pieces(text.get_ref()).is_ok_and(|pieces| {
            let wanted = Piece::Placeholder(name.get_ref());
            pieces.contains(&wanted)
        });
        if !used {
            let message = format!(
                "the path {:?} has no {{{}}}",
                text.get_ref(),
                name.get_ref()
            );
            return fault(&name.span(), message);
        }
        parameters.insert(name.get_ref().clone(), scalar(value, scope)?);
    }
    Path::parse(text.get_ref(), &parameters, scope).or_else(|why| fault(&text.span(), why))
}

fn body(section: &Section, scope: &Scope<'_>) -> Outcome<Body> {
    match (&section.json, &section.form, &section.body) {
        (None, None, None) => Ok(Body::None),
        (Some(value), None, None) => json(value, scope).map(Body::Json),
        (None, Some(form), None) => fields(form.get_ref(), scope).map(Body::Form),
        (None, None, Some(text)) => template(text, scope).map(Body::Text),
        _ => {
            let message = "a request has one body: `json`, `form` or `body`";
            fault(&section.route.span(), message)
        }
    }
}

fn with_content_type(mut headers: Vec<(String, Template)>, body: &Body) -> Vec<(String, Template)> {
    let named = headers.iter().any(|(name, _)| name == "content-type");
    if let Some(kind) = body.content_type().filter(|_| !named) {
        headers.push(("content-type".to_owned(), Template::literal(kind)));
    }
    headers
}

/// Fields of a query or of a form; one with a list of values comes several times.
fn fields(given: &Named<Placed>, scope: &Scope<'_>) -> Outcome<Vec<(String, Template)>> {
    let mut fields = Vec::new();
    for (name, value) in given {
        let several = match value.get_ref() {
            Node::List(list) => list.iter().collect(),
            _ => vec![value],
        };
        for value in several {
            fields.push((name.get_ref().clone(), scalar(value, scope)?));
        }
    }
    Ok(fields)
}

/// A text, or what is written as one.
pub(super) fn scalar(value: &Placed, scope: &Scope<'_>) -> Outcome<Template> {
    match value.get_ref() {
        Node::Text(text) => Template::parse(text, scope).or_else(|why| fault(&value.span(), why)),
        Node::Fixed(fixed) => Ok(Template::literal(&fixed.to_string())),
        Node::List(_) | Node::Table(_) => fault(
            &value.span(),
            "a value here is a text, a number, true or false",
        ),
    }
}

pub(super) fn template(text: &Text, scope: &Scope<'_>) -> Outcome<Template> {
    Template::parse(text.get_ref(), scope).or_else(|why| fault(&text.span(), why))
}

/// JSON with placeholders. What has none is put together here.
pub(super) fn json(value: &Placed, scope: &Scope<'_>) -> Outcome<JsonTemplate> {
    Ok(match value.get_ref() {
        Node::Fixed(fixed) => JsonTemplate::Fixed(fixed.clone()),
        Node::Text(text) => {
            let template = Template::parse(text, scope).or_else(|why| fault(&value.span(), why))?;
            match template.fixed() {
                Some(text) => JsonTemplate::Fixed(Value::from(text)),
                None => JsonTemplate::Text(template),
            }
        }
        Node::List(list) => {
            let list = list.iter().map(|part| json(part, scope));
            JsonTemplate::List(list.collect::<Outcome<_>>()?)
        }
        Node::Table(table) => {
            let field =
                |(name, part): (&Text, &Placed)| Ok((name.get_ref().clone(), json(part, scope)?));
            JsonTemplate::Table(table.iter().map(field).collect::<Outcome<_>>()?)
        }
    })
}
