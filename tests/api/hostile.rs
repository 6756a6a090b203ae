//! Requests that mean harm, or were made by somebody who guesses: hostile methods, paths, queries, headers and bodies for any route.
//!
//! No text here has a word of the inside in it, so whatever word of the inside an answer shows, it was not sent.

use proptest::{
    collection::vec,
    prelude::{Just, Strategy, any, prop_oneof},
    sample::select,
    strategy::BoxedStrategy,
};

/// SQL, templates and markup; ways out of a directory; letters that look like others or like nothing; numbers beyond their types.
pub const TEXTS: [&str; 48] = [
    "",
    " ",
    "\0",
    "a\0b",
    "'",
    "\\",
    "';DROP TABLE users;--",
    "' OR '1'='1",
    "1) UNION ALL VALUES(1)--",
    "1;pg_sleep(9)",
    "$1",
    "?1",
    "/*",
    "%s%n%p",
    "%",
    "{{7*7}}",
    "${jndi:ldap://a}",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "C:\\Windows\\win.ini",
    "\u{e9}",
    "e\u{301}",
    "\u{202e}gpj.exe",
    "\u{200b}\u{200d}\u{feff}",
    "\u{fb00}\u{130}\u{df}",
    "\u{661}\u{662}",
    "\u{1d54f}\u{1f4a5}\u{10ffff}",
    "-1",
    "0",
    "+1",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "1e309",
    "NaN",
    "0x10",
    "1.5",
    "null",
    "[]",
    "1,2,,3",
    "2024-02-30T25:61:61Z",
    "+999999-01-01T00:00:00Z",
    "*",
    "W/\"post-1-1-json1\"",
    "text/html",
    "start",
];

/// What fields and parameters have when they mean something, so that not every request fails at its first part.
const PLAIN: [&str; 8] = [
    "Ada",
    "ada@example.com",
    "admin",
    "published",
    "1",
    "20",
    "id",
    "2024-01-01T00:00:00Z",
];

const PARAMETERS: [&str; 15] = [
    "page",
    "limit",
    "cursor",
    "sort",
    "role",
    "status",
    "author_id",
    "name[prefix]",
    "title[prefix]",
    "id[in]",
    "created_at[gte]",
    "created_at[lt]",
    "fields",
    "include",
    "count",
];

/// The members of bodies that go through, in JSON.
const USER: [(&str, &str); 3] = [
    ("name", "\"Ada\""),
    ("email", "\"ada@example.org\""),
    ("role", "\"admin\""),
];
const POST: [(&str, &str); 4] = [
    ("author_id", "\"1\""),
    ("title", "\"Notes\""),
    ("body", "\"Text\""),
    ("status", "\"draft\""),
];

const HEADERS: [&str; 14] = [
    "Accept",
    "If-Match",
    "If-None-Match",
    "If-Modified-Since",
    "If-Unmodified-Since",
    "Content-Encoding",
    "Idempotency-Key",
    "X-Request-Id",
    "Traceparent",
    "Range",
    "Cookie",
    "Authorization",
    "X-Forwarded-For",
    "Content-Type",
];

/// JSON that is no text.
const VALUES: [&str; 12] = [
    "1",
    "-0",
    "1e400",
    "99999999999999999999999999",
    "true",
    "null",
    "[]",
    "{\"$ne\":null}",
    "[[[[[[[[1]]]]]]]]",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "nul",
];

/// One request, byte by byte.
#[derive(Clone, Debug)]
pub struct Attack {
    line: Vec<u8>,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Attack {
    /// The whole of it.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.line.clone();
        bytes.extend(b" HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
        for (name, value) in &self.headers {
            bytes.extend(format!("{name}: {value}\r\n").bytes());
        }
        bytes.extend(format!("Content-Length: {}\r\n\r\n", self.body.len()).bytes());
        bytes.extend(&self.body);
        bytes
    }
}

/// Requests to the route that has this method and this path.
pub fn attacks(method: &'static str, path: &'static str) -> impl Strategy<Value = Attack> {
    let methods = prop_oneof![
        12 => Just(method),
        1 => select(vec!["OPTIONS", "TRACE", "BREW", "get", "G\u{cb}T"]),
    ];
    (methods, targets(path), headers(), bodies()).prop_map(|(method, target, headers, body)| {
        let line = [method.as_bytes(), b" ", &target].concat();
        Attack {
            line,
            headers,
            body,
        }
    })
}

fn texts() -> BoxedStrategy<String> {
    prop_oneof![
        16 => select(&TEXTS[..]).prop_map(str::to_owned),
        1 => Just("x".repeat(10_000)),
        2 => vec(any::<char>(), 0..12).prop_map(|characters| characters.into_iter().collect()),
    ]
    .boxed()
}

fn values() -> BoxedStrategy<String> {
    prop_oneof![1 => select(&PLAIN[..]).prop_map(str::to_owned), 1 => texts()].boxed()
}

/// The path with something in the place of its ids, and a query.
fn targets(path: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let id = prop_oneof![3 => (1..20_u8).prop_map(|id| id.to_string()), 1 => texts()];
    let name = prop_oneof![6 => select(&PARAMETERS[..]).prop_map(str::to_owned), 1 => texts()];
    let query = vec((name, values()), 0..4);
    (id, query, any::<bool>()).prop_map(move |(id, query, raw)| {
        let sent = |text: &str| if raw { visible(text) } else { encoded(text) };
        let mut target = path.as_bytes().to_vec();
        if let Some((before, after)) = path.split_once('{') {
            let (_, after) = after.split_once('}').unwrap();
            target = [before.as_bytes(), &sent(&id), after.as_bytes()].concat();
        }
        for (number, (name, value)) in query.iter().enumerate() {
            target.push(if number == 0 { b'?' } else { b'&' });
            target.extend([&sent(name)[..], b"=", &sent(value)].concat());
        }
        target
    })
}

fn encoded(text: &str) -> Vec<u8> {
    let byte = |byte| format!("%{byte:02X}").into_bytes();
    text.bytes().flat_map(byte).collect()
}

/// As it is, but for what would end the request's line.
fn visible(text: &str) -> Vec<u8> {
    text.bytes().filter(|byte| *byte > b' ').collect()
}

fn headers() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let value = texts().prop_map(|text| text.replace(['\r', '\n'], ""));
    let hostile = vec((select(&HEADERS[..]), value), 0..3);
    let usual = any::<(bool, bool)>();
    (hostile, usual).prop_map(|(mut headers, (is_json, matches))| {
        if is_json || headers.is_empty() {
            headers.push(("Content-Type", "application/json".to_owned()));
        }
        if matches {
            headers.push(("If-Match", "*".to_owned()));
        }
        headers
    })
}

/// What a user or a post is made of, with some of it replaced, left out, or given twice; or something else altogether.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let text = values().prop_map(|text| serde_json::Value::from(text).to_string());
    let value = prop_oneof![3 => text, 1 => select(&VALUES[..]).prop_map(str::to_owned)];
    let names = [&USER[..], &POST[..]].concat();
    let names: Vec<_> = names.iter().map(|(name, _)| (*name).to_owned()).collect();
    let changes = vec(
        (
            prop_oneof![4 => select(names), 1 => texts()],
            value,
            0..8_u8,
        ),
        0..3,
    );
    let object = (any::<bool>(), changes).prop_map(|(is_user, changes)| {
        let mut members: Vec<(String, String)> = if is_user { &USER[..] } else { &POST[..] }
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        for (name, value, how) in changes {
            if how > 0 {
                members.retain(|(known, _)| *known != name);
            }
            if how < 7 {
                members.push((name, value));
            }
        }
        let members = members.into_iter();
        let members = members.map(|(name, value)| format!("{}:{value}", serde_json::json!(name)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(",")).into_bytes()
    });
    let broken = select(vec![
        Vec::new(),
        b"{\"name\":\"\xff\xfe\"}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"{\"name\":".to_vec(),
        b"[1]".to_vec(),
        b"name=Ada&role=admin".to_vec(),
        b"<user/>".to_vec(),
        "[".repeat(10_000).into_bytes(),
        "{\"a\":".repeat(2_000).into_bytes(),
    ]);
    prop_oneof![4 => object, 1 => broken]
}
