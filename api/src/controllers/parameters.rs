//! What stands in an address: ids in the path, parameters in the query. Everything that is wrong is collected, so that a client learns it at
//! once.

use std::borrow::Cow;

use actix_web::HttpRequest;

use super::{
    cursor::{Cursors, list_id},
    fields::shortened,
    pages::{At, CURSOR_AT_START, PageRequest, within_reach},
    shape::OF_SHAPE,
};
use crate::{
    error::{Error, ErrorCode, Violation},
    models::{KeyValue, Order, Page, SortField, SortKey, total_order},
};

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
        Error::invalid(vec![Violation::new(
            name,
            ErrorCode::InvalidId,
            ErrorCode::InvalidId.message(),
        )])
    })
}

/// Whether the query has no parameters, for requests that know none.
///
/// # Errors
/// `UNKNOWN_PARAMETER`.
pub fn no_parameters(request: &HttpRequest) -> Result<(), Error> {
    if request.query_string().is_empty() {
        return Ok(());
    }
    Parameters::of(request).check()
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
            self.violations.push(Violation::new(
                name,
                ErrorCode::ConflictingParameters,
                ErrorCode::ConflictingParameters.message(),
            ));
            return None;
        }
        // Bytes that are no UTF-8 come as the character that stands for them.
        let is_text = !value.contains(char::REPLACEMENT_CHARACTER);
        let no_text = || Cow::from(format!("{name} is not UTF-8"));
        let parsed = parse(value).map_err(Into::into);
        parsed
            .and_then(|parsed| is_text.then_some(parsed).ok_or_else(no_text))
            .map_err(|message| self.violations.push(Violation::new(name, code, message)))
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

    /// `page` or `cursor`, and `limit`.
    pub fn window(&mut self) -> Window {
        let number = self.take("page", ErrorCode::InvalidPage, |text| {
            parse_number(text, 1..=u32::MAX, ErrorCode::InvalidPage)
        });
        let limit = self.take("limit", ErrorCode::InvalidLimit, |text| {
            parse_number(text, 1..=Page::MAX_LIMIT, ErrorCode::InvalidLimit)
        });
        let cursor = self.take("cursor", ErrorCode::InvalidCursor, |text| {
            Ok::<_, &str>(text.to_owned())
        });
        let page = Page {
            number: number.unwrap_or(1),
            limit: limit.unwrap_or(Page::DEFAULT_LIMIT),
        };
        if number.is_some() && cursor.is_some() {
            let message = "Give either page or cursor";
            self.refuse("cursor", ErrorCode::ConflictingParameters, message);
        } else if self.violations.is_empty() && !within_reach(page) {
            let code = ErrorCode::PageOutOfRange;
            self.refuse("page", code, code.message());
        }
        Window { page, cursor }
    }

    fn refuse(&mut self, name: &'static str, code: ErrorCode, message: &'static str) {
        self.violations.push(Violation::new(name, code, message));
    }

    /// The page that was asked for, if nothing was wrong.
    ///
    /// # Errors
    /// Everything that was wrong, unknown parameters included.
    pub fn finish<F: SortField>(
        mut self,
        window: Window,
        sort: &[SortKey<F>],
        cursors: &Cursors,
    ) -> Result<PageRequest<F>, Error> {
        self.refuse_unknown();
        let order = total_order(sort);
        let others = || {
            let pairs = self.pairs.iter();
            let pairs = pairs.map(|(key, value)| (key.as_ref(), value.as_ref()));
            pairs.filter(|(key, _)| !["page", "cursor", "limit"].contains(key))
        };
        let list = list_id(
            self.path,
            others().filter(|(key, _)| !OF_SHAPE.contains(key)),
        );
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(others())
            .finish();
        let at = match window.cursor {
            None => Ok(At::Number(window.page.number)),
            Some(text) => at_cursor(text, &list, &order, cursors),
        };
        match at {
            Ok(at) if self.violations.is_empty() => Ok(PageRequest {
                at,
                limit: window.page.limit,
                path: self.path.to_owned(),
                query,
                list,
                order,
                cursors: cursors.clone(),
            }),
            // Of another list, as far as can be told: what narrows this one is wrong itself.
            Err(ErrorCode::CursorMismatch) if !self.violations.is_empty() => {
                Err(Error::invalid(self.violations))
            }
            Err(code) => {
                self.refuse("cursor", code, code.message());
                Err(Error::invalid(self.violations))
            }
            Ok(_) => Err(Error::invalid(self.violations)),
        }
    }

    /// Whether nothing was wrong, where the parameters ask for no page.
    ///
    /// # Errors
    /// Everything that was wrong, unknown parameters included.
    pub fn check(mut self) -> Result<(), Error> {
        self.refuse_unknown();
        if self.violations.is_empty() {
            Ok(())
        } else {
            Err(Error::invalid(self.violations))
        }
    }

    fn refuse_unknown(&mut self) {
        for (key, _) in &self.pairs {
            if !self.known.contains(&key.as_ref()) {
                let message = format!("Known parameters: {}", self.known.join(", "));
                self.violations.push(Violation::new(
                    shortened(key),
                    ErrorCode::UnknownParameter,
                    message,
                ));
            }
        }
    }
}

/// Which rows are asked for, as far as it can be told without the rest of the parameters.
pub struct Window {
    page: Page,
    cursor: Option<String>,
}

fn at_cursor<F: SortField>(
    text: String,
    list: &str,
    order: &[SortKey<F>],
    cursors: &Cursors,
) -> Result<At, ErrorCode> {
    if text == CURSOR_AT_START {
        return Ok(At::Start);
    }
    let claims = cursors.open(&text).ok_or(ErrorCode::InvalidCursor)?;
    if claims.list != list {
        return Err(ErrorCode::CursorMismatch);
    }
    let keys: Vec<KeyValue> = claims.keys.into_iter().map(KeyValue::from).collect();
    let mut pairs = order.iter().zip(&keys);
    if keys.len() != order.len() || !pairs.all(|(key, value)| key.field.holds(value)) {
        return Err(ErrorCode::InvalidCursor);
    }
    let back = claims.back;
    Ok(At::Cursor { text, back, keys })
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
