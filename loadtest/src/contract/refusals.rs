//! Refusals: what an error says, and what the page of its code says of it.

use super::{Answer, Explanation, ensure};
use reqwest::StatusCode;
use serde::Deserialize;

/// The envelope of an error.
#[derive(Deserialize)]
struct Refusal {
    error: Fault,
    meta: Traced,
}

#[derive(Deserialize)]
struct Fault {
    code: String,
    message: String,
    #[serde(default)]
    details: Details,
    retryable: bool,
}

#[derive(Default, Deserialize)]
struct Details {
    errors: Vec<Violation>,
}

#[derive(Deserialize)]
struct Violation {
    field: String,
    message: String,
}

#[derive(Deserialize)]
struct Traced {
    #[serde(rename = "timestamp")]
    _timestamp: String,
    request_id: String,
    trace_id: String,
}

impl Answer {
    /// A refusal with this status and code, of which nothing is gained by sending the same again.
    /// Gives back the fields that it blames.
    ///
    /// # Errors
    /// When it is anything else, or leaves out what a client needs to know.
    pub fn refused(&self, status: StatusCode, code: &str) -> Result<Vec<String>, String> {
        let Refusal { error, meta } = self.shape(status)?;
        if error.code != code {
            return Err(format!("code {}, expected {code}", error.code));
        }
        ensure(!error.retryable, "a mistake that is to be made again")?;
        let violations = error.details.errors;
        let words = violations.iter().map(|violation| &violation.message);
        let says_why = words.chain([&error.message]).all(|text| !text.is_empty());
        ensure(says_why, "a refusal that does not say why")?;
        let same = self.header("x-request-id") == Some(meta.request_id.as_str());
        ensure(same, "another request id in the header than in the body")?;
        let trace = self.header("traceresponse").unwrap_or_default();
        let same = !meta.trace_id.is_empty() && trace.contains(&meta.trace_id);
        ensure(same, "another trace id in the header than in the body")?;
        let kept = self.header("cache-control") == Some("no-store");
        ensure(kept, "an error that may be cached")?;
        Ok(violations.into_iter().map(|one| one.field).collect())
    }

    /// The page of this code, which belongs to a refusal with this status.
    ///
    /// # Errors
    /// When it is the page of another, or leaves out what helps.
    pub fn explains(&self, status: StatusCode, code: &str) -> Result<(), String> {
        let page: Explanation = self.single(StatusCode::OK)?;
        ensure(page.code == code, "another code than asked for")?;
        ensure(page.status == status.as_u16(), "another status than seen")?;
        ensure(!page.retryable, "a mistake that is to be made again")?;
        let helps = !page.cause.is_empty() && !page.remedy.is_empty();
        ensure(helps, "an error without cause or remedy")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOT_FOUND: StatusCode = StatusCode::NOT_FOUND;

    fn answer(status: StatusCode, body: &Value) -> Answer {
        let headers = [
            ("x-request-id", "r1"),
            ("traceresponse", "00-t1-1-00"),
            ("cache-control", "no-store"),
        ];
        Answer {
            status,
            headers: headers.into_iter().collect(),
            body: body.to_string().into(),
        }
    }

    /// A refusal in which the value at `pointer` is another one.
    fn with(pointer: &str, value: Value) -> Answer {
        let violation = json!({ "field": "limit", "code": "C", "message": "too much" });
        let mut body = json!({
            "error": { "code": "C", "message": "no", "retryable": false,
                "details": { "field": "limit", "errors": [violation] } },
            "meta": { "timestamp": "now", "request_id": "r1", "trace_id": "t1" },
        });
        if let Some(place) = body.pointer_mut(pointer) {
            *place = value;
        }
        answer(NOT_FOUND, &body)
    }

    #[test]
    fn a_refusal_says_what_is_wrong_and_where() {
        let right = with("/nothing", Value::Null);
        assert_eq!(right.refused(NOT_FOUND, "C").unwrap(), ["limit"]);
        assert!(right.refused(StatusCode::GONE, "C").is_err());
        let other = right.refused(NOT_FOUND, "D").unwrap_err();
        assert_eq!(other, "code C, expected D");
        let short = json!({ "error": { "code": "C", "message": "no", "retryable": false },
            "meta": { "timestamp": "now", "request_id": "r1", "trace_id": "t1" } });
        let short = answer(NOT_FOUND, &short);
        assert!(short.refused(NOT_FOUND, "C").unwrap().is_empty());
    }

    #[test]
    fn a_refusal_that_leaves_something_out_is_wrong() {
        for (pointer, wrong) in [
            ("/error/message", json!("")),
            ("/error/retryable", json!(true)),
            ("/error/retryable", Value::Null),
            ("/error/details/errors/0/message", json!("")),
            ("/meta/timestamp", Value::Null),
            ("/meta/request_id", json!("r2")),
            ("/meta/trace_id", json!("t2")),
            ("/meta/trace_id", json!("")),
        ] {
            let refused = with(pointer, wrong).refused(NOT_FOUND, "C");
            assert!(refused.is_err(), "{pointer}");
        }
        for header in ["x-request-id", "traceresponse", "cache-control"] {
            let mut answer = with("/nothing", Value::Null);
            answer.headers.remove(header);
            assert!(answer.refused(NOT_FOUND, "C").is_err(), "{header}");
        }
    }

    #[test]
    fn the_page_of_a_code_agrees_with_the_refusal() {
        let page = |name: &str, value: Value| {
            let mut data = json!({ "code": "C", "status": 404, "cause": "it went",
                "remedy": "find it", "retryable": false });
            data[name] = value;
            let body = json!({ "data": data, "meta": { "timestamp": "now" } });
            answer(StatusCode::OK, &body).explains(NOT_FOUND, "C")
        };
        assert_eq!(page("code", json!("C")), Ok(()));
        for (name, wrong) in [
            ("code", json!("D")),
            ("status", json!(400)),
            ("cause", json!("")),
            ("remedy", json!("")),
            ("retryable", json!(true)),
        ] {
            assert!(page(name, wrong).is_err(), "{name}");
        }
    }
}
