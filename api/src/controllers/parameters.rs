//! What stands in an address: ids in the path, parameters in the query. Everything that is wrong is collected, so that a client learns it at
//! once.

use std::borrow::Cow;

use actix_web::HttpRequest;

use super::fields::shortened;
use crate::{
    error::{Error, ErrorCode, Violation},
    models::{Order, Page, SortField, SortKey},
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
        parse(value)
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
            self.violations.push(Violation::new(
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
                self.violations.push(Violation::new(
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
