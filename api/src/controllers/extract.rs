//! What comes in: ids in paths, parameters of queries, JSON bodies. Everything that is wrong is collected, so that a client learns it at once.

use std::{borrow::Cow, time::Duration};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use futures_util::{StreamExt, future::LocalBoxFuture};
use serde_json::{Map, Value};

use crate::{
    app::AppState,
    error::{Error, ErrorCode, Violation},
    models::{Order, Page, SortField, SortKey},
};

/// Most bytes of a body.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// The id in the path segment `name`.
///
/// # Errors
/// `INVALID_ID`.
pub fn path_id<T>(
    request: &HttpRequest,
    name: &'static str,
    parse: fn(&str) -> Option<T>,
) -> Result<T, Error> {
    let text = request.match_info().get(name).unwrap_or_default();
    parse(text).ok_or_else(|| {
        Error::invalid(vec![violation(
            name,
            ErrorCode::InvalidId,
            ErrorCode::InvalidId.message(),
        )])
    })
}

fn violation(
    field: impl Into<Cow<'static, str>>,
    code: ErrorCode,
    message: impl Into<Cow<'static, str>>,
) -> Violation {
    Violation {
        field: field.into(),
        code,
        message: message.into(),
    }
}

/// The parameters of a query. Take those that are known, then [`finish`](Self::finish).
pub struct Parameters<'a> {
    path: &'a str,
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    known: Vec<&'static str>,
    violations: Vec<Violation>,
}

impl<'a> Parameters<'a> {
    /// The parameters of `request`.
    #[must_use]
    pub fn of(request: &'a HttpRequest) -> Self {
        let pairs = form_urlencoded::parse(request.query_string().as_bytes()).collect();
        Self {
            path: request.path(),
            pairs,
            known: Vec::new(),
            violations: Vec::new(),
        }
    }

    /// The value of a parameter, if it is given and valid.
    pub fn take<T, M: Into<Cow<'static, str>>>(
        &mut self,
        name: &'static str,
        code: ErrorCode,
        parse: impl FnOnce(&str) -> Result<T, M>,
    ) -> Option<T> {
        self.known.push(name);
        let mut values = self
            .pairs
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value);
        let value = values.next()?;
        if values.next().is_some() {
            self.violations.push(violation(
                name,
                ErrorCode::ConflictingParameters,
                ErrorCode::ConflictingParameters.message(),
            ));
            return None;
        }
        parse(value)
            .map_err(|message| self.violations.push(violation(name, code, message)))
            .ok()
    }

    /// `sort`: fields of `F`, separated by commas, `-` in front for descending; newest first where nothing is said.
    pub fn sort<F: SortField>(&mut self) -> Vec<SortKey<F>> {
        let newest_first = || {
            F::ALL
                .iter()
                .find(|field| field.column() == "created_at")
                .map(|field| SortKey {
                    field: *field,
                    order: Order::Descending,
                })
        };
        self.take("sort", ErrorCode::InvalidSort, parse_sort::<F>)
            .unwrap_or_else(|| newest_first().into_iter().collect())
    }

    /// `page` and `limit`.
    pub fn page(&mut self) -> Page {
        let number = self
            .take("page", ErrorCode::InvalidPage, |text| {
                parse_number(text, 1..=u32::MAX, ErrorCode::InvalidPage)
            })
            .unwrap_or(1);
        let limit = self.take("limit", ErrorCode::InvalidLimit, |text| {
            parse_number(text, 1..=Page::MAX_LIMIT, ErrorCode::InvalidLimit)
        });
        let page = Page {
            number,
            limit: limit.unwrap_or(Page::DEFAULT_LIMIT),
        };
        if self.violations.is_empty() && !within_reach(page) {
            self.violations.push(violation(
                "page",
                ErrorCode::PageOutOfRange,
                ErrorCode::PageOutOfRange.message(),
            ));
        }
        page
    }

    /// The page that was asked for, if nothing was wrong.
    ///
    /// # Errors
    /// Everything that was wrong, unknown parameters included.
    pub fn finish(mut self, page: Page) -> Result<PageRequest, Error> {
        for (key, _) in &self.pairs {
            if !self.known.contains(&key.as_ref()) {
                let message = format!("Known parameters: {}", self.known.join(", "));
                self.violations.push(violation(
                    shortened(key),
                    ErrorCode::UnknownParameter,
                    message,
                ));
            }
        }
        if !self.violations.is_empty() {
            return Err(Error::invalid(self.violations));
        }
        let others = self
            .pairs
            .into_iter()
            .filter(|(key, _)| key != "page" && key != "limit");
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(others)
            .finish();
        Ok(PageRequest {
            page,
            path: self.path.to_owned(),
            query,
        })
    }
}

/// A page that was asked for, and how its neighbours are asked for.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// Which page.
    pub page: Page,
    path: String,
    query: String,
}

impl PageRequest {
    /// The address of another page of the same list.
    #[must_use]
    pub fn link(&self, number: u32) -> String {
        let separator = if self.query.is_empty() { "" } else { "&" };
        format!(
            "{}?page={number}&limit={}{separator}{}",
            self.path, self.page.limit, self.query
        )
    }

    /// Whether pages by number reach that far.
    #[must_use]
    pub fn reaches(&self, number: u32) -> bool {
        within_reach(Page {
            number,
            limit: self.page.limit,
        })
    }
}

fn within_reach(page: Page) -> bool {
    u64::from(page.number) * u64::from(page.limit) <= u64::from(Page::MAX_ROW)
}

fn parse_number(
    text: &str,
    range: std::ops::RangeInclusive<u32>,
    code: ErrorCode,
) -> Result<u32, &'static str> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // A number that does not fit is not in the range either; for pages it is the greatest, which is out of reach.
    let number = if digits {
        Some(text.parse().unwrap_or(u32::MAX))
    } else {
        None
    };
    number
        .filter(|number| range.contains(number))
        .ok_or_else(|| code.message())
}

fn parse_sort<F: SortField>(text: &str) -> Result<Vec<SortKey<F>>, String> {
    let mut keys: Vec<SortKey<F>> = Vec::new();
    for part in text.split(',') {
        let (name, order) = part
            .strip_prefix('-')
            .map_or((part, Order::Ascending), |name| (name, Order::Descending));
        let field = F::ALL.iter().find(|field| field.column() == name);
        match field {
            Some(field) if keys.iter().all(|key| key.field != *field) => keys.push(SortKey {
                field: *field,
                order,
            }),
            _ => {
                let fields: Vec<_> = F::ALL.iter().map(|field| field.column()).collect();
                return Err(format!(
                    "Sort by one or more of {}, each once, separated by commas, with - in front for descending",
                    fields.join(", ")
                ));
            }
        }
    }
    Ok(keys)
}

/// A JSON object from the request's body. Take the fields that are known, then [`finish`](Self::finish).
pub struct Fields {
    object: Map<String, Value>,
    known: Vec<&'static str>,
    violations: Vec<Violation>,
}

impl Fields {
    /// A field that must be given.
    pub fn required<T>(
        &mut self,
        name: &'static str,
        code: ErrorCode,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Option<T> {
        if !self.object.contains_key(name) {
            self.known.push(name);
            self.violations.push(violation(
                format!("/{name}"),
                code,
                format!("{name} is required"),
            ));
            return None;
        }
        self.optional(name, code, parse)
    }

    /// A field that may be left out. Every field is a text; `null` is none.
    pub fn optional<T>(
        &mut self,
        name: &'static str,
        code: ErrorCode,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Option<T> {
        self.known.push(name);
        let parsed = match self.object.get(name)? {
            Value::String(text) => parse(text).map_err(Cow::from),
            other => Err(Cow::from(format!(
                "{name} is a string, not {}",
                kind(other)
            ))),
        };
        parsed
            .map_err(|message| {
                self.violations
                    .push(violation(format!("/{name}"), code, message))
            })
            .ok()
    }

    /// What `build` makes of the fields, if nothing was wrong.
    ///
    /// # Errors
    /// Everything that was wrong, unknown fields included.
    pub fn finish<T>(mut self, build: impl FnOnce() -> Option<T>) -> Result<T, Error> {
        for name in self
            .object
            .keys()
            .filter(|name| !self.known.contains(&name.as_str()))
        {
            let message = format!("Known fields: {}", self.known.join(", "));
            // RFC 6901 escapes ~ and / in names.
            let pointer = format!("/{}", shortened(name).replace('~', "~0").replace('/', "~1"));
            self.violations
                .push(violation(pointer, ErrorCode::UnknownField, message));
        }
        if !self.violations.is_empty() {
            return Err(Error::invalid(self.violations));
        }
        build().ok_or_else(|| ErrorCode::Internal.into())
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// What a client sent is repeated to it up to a length.
fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}

impl FromRequest for Fields {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let accepted = accepts_json(request);
        let too_large = content_length(request).is_some_and(|length| length > BODY_LIMIT);
        let timeout = request
            .app_data::<web::Data<AppState>>()
            .map_or(Duration::from_secs(10), |state| state.body_timeout);
        let payload = payload.take();
        Box::pin(async move {
            if !accepted {
                return Err(ErrorCode::UnsupportedMediaType.into());
            }
            if too_large {
                return Err(ErrorCode::PayloadTooLarge.into());
            }
            let body = tokio::time::timeout(timeout, read(payload)).await;
            let body = body.unwrap_or_else(|_| Err(ErrorCode::RequestTimeout.into()))?;
            match serde_json::from_slice(&body) {
                Ok(Value::Object(object)) => Ok(Self {
                    object,
                    known: Vec::new(),
                    violations: Vec::new(),
                }),
                Ok(other) => Err(malformed(format!(
                    "The body is a JSON object, not {}",
                    kind(&other)
                ))),
                Err(error) => Err(malformed(format!(
                    "The body is no JSON: line {}, column {}",
                    error.line(),
                    error.column()
                ))),
            }
        })
    }
}

fn malformed(message: String) -> Error {
    Error::invalid(vec![violation("", ErrorCode::MalformedJson, message)])
}

/// `application/json`, and for PATCH `application/merge-patch+json` too; parameters such as a charset are ignored.
fn accepts_json(request: &HttpRequest) -> bool {
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
        || (request.method() == actix_web::http::Method::PATCH
            && media_type.eq_ignore_ascii_case("application/merge-patch+json"))
}

fn content_length(request: &HttpRequest) -> Option<usize> {
    request
        .headers()
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

async fn read(mut payload: Payload) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk =
            chunk.map_err(|error| malformed(format!("The body cannot be read: {error}")))?;
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(ErrorCode::PayloadTooLarge.into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
