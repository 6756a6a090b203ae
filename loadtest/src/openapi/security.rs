//! What a caller must show: taken from the environment, so that no secret stands in a file.

use super::operation::Operation;
use super::writing;
use serde_json::Value;

/// What is sent with requests to show who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Credential {
    /// A header, for all requests.
    Header(String, String),
    /// A field of the query.
    Query(String, String),
}

/// What an operation asks for: the first alternative that can be written.
///
/// # Errors
/// When none can.
pub(super) fn credentials(operation: &Operation<'_>) -> Result<Vec<Credential>, String> {
    let Some(alternatives) = operation.security().filter(|all| !all.is_empty()) else {
        return Ok(Vec::new());
    };
    let of_one = |alternative: &Value| {
        let schemes = alternative.as_object().into_iter().flatten();
        let credentials = schemes.map(|(name, _)| credential(operation, name));
        credentials.collect::<Result<Vec<_>, _>>()
    };
    let mut read = alternatives.iter().map(of_one);
    let first = read.next().unwrap_or_else(|| Ok(Vec::new()));
    first.or_else(|why| read.find_map(Result::ok).ok_or(why))
}

fn credential(operation: &Operation<'_>, name: &str) -> Result<Credential, String> {
    let unknown = || format!("it asks for {name:?}, which a scenario cannot show");
    let scheme = operation
        .document
        .security_scheme(name)
        .ok_or_else(unknown)?;
    let text = |key| scheme.get(key).and_then(Value::as_str).unwrap_or_default();
    let header = |value: &str| Credential::Header("authorization".to_owned(), value.to_owned());
    let key = || "{env:API_KEY}".to_owned();
    match (text("type"), text("in")) {
        ("http", _) if text("scheme").eq_ignore_ascii_case("basic") => {
            Ok(header("Basic {env:BASIC_CREDENTIALS}"))
        }
        ("http", _) if text("scheme").eq_ignore_ascii_case("bearer") => {
            Ok(header("Bearer {env:TOKEN}"))
        }
        ("oauth2" | "openIdConnect", _) => Ok(header("Bearer {env:TOKEN}")),
        ("apiKey", "header") => Ok(Credential::Header(text("name").to_lowercase(), key())),
        ("apiKey", "query") => Ok(Credential::Query(text("name").to_owned(), key())),
        ("apiKey", "cookie") => {
            let value = format!("{}={}", text("name"), key());
            Ok(Credential::Header("cookie".to_owned(), value))
        }
        _ => Err(unknown()),
    }
}

/// The table of the target: the headers of all requests.
pub(super) fn target(headers: &[(String, String)]) -> String {
    if headers.is_empty() {
        return "# [target]\n# headers = { authorization = \"Bearer {env:TOKEN}\" } # with every request\n".to_owned();
    }
    format!(
        "[target]\nheaders = {} # with every request; the values come from the environment\n",
        writing::texts(headers)
    )
}
