//! `Idempotency-Key`: a POST that is sent again with the key of the first is answered as the first, and does nothing.

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    body::MessageBody,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};

use super::{
    fields::Fields,
    representations::{self, Form},
};
use crate::{
    error::{Error, ErrorCode, Violation},
    models::{IdempotencyKey, KeyedRequest, StoredAnswer},
    services::{
        Context,
        creation::{self, Creation},
        idempotency,
    },
};

/// The key of a request. Methods other than POST do not look at it.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Says that the answer was given before.
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The key of a request to `target`, a method with its concrete path, if it has one.
///
/// # Errors
/// `INVALID_IDEMPOTENCY_KEY`.
pub fn keyed(
    request: &HttpRequest,
    fields: &Fields,
    target: &str,
) -> Result<Option<KeyedRequest>, Error> {
    let Some(fingerprint) = fields.fingerprint() else {
        return Ok(None);
    };
    let mut values = request.headers().get_all(IDEMPOTENCY_KEY);
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(invalid());
    };
    let name = unquoted(value.as_bytes()).ok_or_else(invalid)?;
    let key = IdempotencyKey::parse(target, &name).ok_or_else(invalid)?;
    Ok(Some(KeyedRequest { key, fingerprint }))
}

/// Makes what `new` says, once for a request with a key. `answer` shows what was made, or why not. What is kept is not coded, because who sends the key
/// again may take other codings.
///
/// # Errors
/// Those of `answer`, `IDEMPOTENCY_KEY_REUSED`, `IDEMPOTENCY_IN_PROGRESS`, and errors of the database.
pub async fn create<C: Creation>(
    context: &Context,
    form: &Form,
    keyed: Option<KeyedRequest>,
    new: C,
    answer: impl Fn(Result<C::Row, Error>) -> Result<HttpResponse, Error>,
) -> Result<HttpResponse, Error> {
    let Some(request) = keyed else {
        let response = answer(creation::create(context, new).await)?;
        return representations::coded(form, response).await;
    };
    let stored = |result: Result<C::Row, Error>| {
        let is_made = result.is_ok();
        match answer(result) {
            Ok(response) => store(response),
            // What cannot be shown is not made.
            Err(_) if is_made => None,
            Err(error) => store(error.error_response()),
        }
    };
    let answered = idempotency::create(context, &request, new, stored).await?;
    let mut response = restore(answered.answer).ok_or(ErrorCode::Internal)?;
    if answered.replayed {
        let headers = response.headers_mut();
        headers.insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    representations::coded(form, response).await
}

fn invalid() -> Error {
    let code = ErrorCode::InvalidIdempotencyKey;
    Error::invalid(vec![Violation::new(
        "Idempotency-Key",
        code,
        code.message(),
    )])
}

/// The key itself, where it is written as a string of RFC 9651 (section 4.2.5), as the IETF's draft has it; otherwise all of the value.
fn unquoted(value: &[u8]) -> Option<Vec<u8>> {
    let Some(quoted) = value.strip_prefix(b"\"") else {
        return Some(value.to_vec());
    };
    let mut bytes = quoted.iter().copied();
    let mut key = Vec::with_capacity(quoted.len());
    loop {
        match bytes.next()? {
            b'"' => return bytes.next().is_none().then_some(key),
            b'\\' => key.push(bytes.next().filter(|byte| matches!(byte, b'"' | b'\\'))?),
            byte => key.push(byte),
        }
    }
}

/// What is kept of an answer: all that the controllers said. No header is of one request; the `meta` of an error keeps the ids of the first.
fn store(response: HttpResponse) -> Option<StoredAnswer> {
    let status = response.status().as_u16().into();
    let mut headers = String::new();
    for (name, value) in response.headers() {
        for part in [name.as_str(), ": ", value.to_str().ok()?, "\n"] {
            headers.push_str(part);
        }
    }
    Some(StoredAnswer {
        status,
        headers,
        body: response.into_body().try_into_bytes().ok()?.to_vec(),
    })
}

fn restore(answer: StoredAnswer) -> Option<HttpResponse> {
    let status = u16::try_from(answer.status).ok()?;
    let mut response = HttpResponse::build(StatusCode::from_u16(status).ok()?);
    for line in answer.headers.lines() {
        response.append_header(line.split_once(": ")?);
    }
    Some(response.body(answer.body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_key_is_the_same_as_the_bare_one() {
        for (value, key) in [
            (r"k", Some("k")),
            (r#""k""#, Some("k")),
            (r#""a\"b\\c""#, Some(r#"a"b\c"#)),
            (r#"a"b"#, Some(r#"a"b"#)),
            (r#""""#, Some("")),
            (r#"""#, None),
            (r#""k"#, None),
            (r#""k\"#, None),
            (r#""k\x""#, None),
            (r#""k"k"#, None),
            (r#""k";p=1"#, None),
        ] {
            let found = unquoted(value.as_bytes());
            assert_eq!(found.as_deref(), key.map(str::as_bytes), "{value}");
        }
    }

    #[test]
    fn an_answer_that_was_kept_is_the_answer_that_was_given() {
        let response = HttpResponse::Created()
            .append_header(("etag", "\"user-1-1-json1\""))
            .append_header(("x-twice", "a: b"))
            .append_header(("x-twice", ""))
            .body("body");
        let kept = store(response).unwrap();
        let restored = restore(kept.clone()).unwrap();
        assert_eq!(restored.status(), 201);
        assert_eq!(restored.headers().len(), 3);
        assert_eq!(store(restored).unwrap(), kept);
    }
}
