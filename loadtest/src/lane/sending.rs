//! A request as it goes over the wire (RFC 9112), in one piece.

use super::Lost;
use crate::request::Request;
use reqwest::Method;
use reqwest::header::{
    CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, HeaderValue, TRANSFER_ENCODING,
};

/// Writes it. What a request says of its own length is left out: how long it is, is known here.
///
/// # Errors
/// When its path would be something else on the wire.
pub(super) fn write(
    wire: &mut Vec<u8>,
    host: &HeaderValue,
    method: &Method,
    request: &Request,
) -> Result<(), Lost> {
    if !is_path(&request.path) {
        return Err(Lost::Unsent("a path that cannot be sent".to_owned()));
    }
    let says = |name: &HeaderName| request.headers.iter().any(|(own, _)| own == name);
    let mut put = |parts: &[&[u8]]| parts.iter().for_each(|part| wire.extend_from_slice(part));
    let (method_name, path) = (method.as_str().as_bytes(), request.path.as_bytes());
    put(&[method_name, b" ", path, b" HTTP/1.1\r\n"]);
    if !says(&HOST) {
        put(&[b"host: ", host.as_bytes(), b"\r\n"]);
    }
    if let Some(content_type) = request.content_type
        && !says(&CONTENT_TYPE)
    {
        put(&[b"content-type: ", content_type.as_bytes(), b"\r\n"]);
    }
    for (place, (name, value)) in request.headers.iter().enumerate() {
        let mut later = request.headers.iter().skip(place + 1);
        let replaced = later.any(|(other, _)| other == name);
        if !replaced && *name != CONTENT_LENGTH && *name != TRANSFER_ENCODING {
            put(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"]);
        }
    }
    // RFC 9110, 8.6: a method that is there to send something says that it sends nothing.
    if !request.body.is_empty() || matches!(*method, Method::POST | Method::PUT | Method::PATCH) {
        let length = request.body.len().to_string();
        put(&[b"content-length: ", length.as_bytes(), b"\r\n"]);
    }
    put(&[b"\r\n", &request.body]);
    Ok(())
}

/// Whether it is one word on the wire, and all of it is sent: what follows a `#` is not.
fn is_path(path: &str) -> bool {
    let fits = |byte: u8| byte > b' ' && byte != b'#' && byte != 0x7f;
    path.starts_with('/') && path.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(method: &Method, request: &Request) -> String {
        let mut wire = Vec::new();
        let host = HeaderValue::from_static("a:1");
        write(&mut wire, &host, method, request).unwrap();
        String::from_utf8(wire).unwrap()
    }

    #[test]
    fn a_request_says_where_to_and_how_long_it_is() {
        let get = sent(&Method::GET, &Request::to("/a?b=c"));
        assert_eq!(get, "GET /a?b=c HTTP/1.1\r\nhost: a:1\r\n\r\n");
        let request = Request::to("/").json("x").header("If-Match", "\"1\"");
        assert_eq!(
            sent(&Method::POST, &request),
            "POST / HTTP/1.1\r\nhost: a:1\r\ncontent-type: application/json\r\n\
             if-match: \"1\"\r\ncontent-length: 3\r\n\r\n\"x\""
        );
    }

    #[test]
    fn nothing_is_said_to_be_nothing_only_where_something_could_be() {
        let length = |method| sent(&method, &Request::to("/")).contains("content-length: 0\r\n");
        assert!(length(Method::POST) && length(Method::PUT) && length(Method::PATCH));
        assert!(!length(Method::GET) && !length(Method::DELETE) && !length(Method::HEAD));
    }

    #[test]
    fn the_last_of_two_headers_counts_and_its_own_come_instead_of_ours() {
        let request = Request::to("/").json(7).header("x", "1").header("x", "2");
        let request = request.header("host", "b").header("content-type", "c/d");
        let text = sent(&Method::PUT, &request.header("content-length", "99"));
        assert_eq!(
            text,
            "PUT / HTTP/1.1\r\nx: 2\r\nhost: b\r\ncontent-type: c/d\r\ncontent-length: 1\r\n\r\n7"
        );
    }

    #[test]
    fn what_would_be_something_else_on_the_wire_is_not_sent() {
        let host = HeaderValue::from_static("a");
        for path in [
            "",
            "a",
            "/a b",
            "/a\r\nx: y",
            "/a#b",
            "http://b/",
            "/\u{7f}",
        ] {
            let written = write(&mut Vec::new(), &host, &Method::GET, &Request::to(path));
            assert!(matches!(written, Err(Lost::Unsent(_))), "{path:?}");
        }
    }
}
