//! The path of a step: what fills its placeholders is encoded, so that it stays within its segment.

use super::template::{Piece, Scope, Template, pieces};
use super::values::Values;
use crate::visitor::Visitor;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;
use std::collections::BTreeMap;

/// All but what needs no encoding anywhere in an address.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// What may not stand in an address as it is.
const ADDRESS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A path with placeholders.
#[derive(Clone, Debug)]
pub(super) enum Path {
    /// Of pieces that are put together.
    Pieces(Vec<PathPiece>),
    /// A value that is a whole address: a captured `Location`, or a link in an answer.
    Address(Template),
}

#[derive(Clone, Debug)]
pub(super) enum PathPiece {
    Fixed(String),
    Value(Template),
}

impl Path {
    /// Takes a path apart; `parameters` are what the step names for it.
    ///
    /// # Errors
    /// When it does not begin with "/", or has a placeholder that nothing fills.
    pub(super) fn parse(
        text: &str,
        parameters: &BTreeMap<String, Template>,
        scope: &Scope<'_>,
    ) -> Result<Self, String> {
        if !text.starts_with('/') {
            let whole = Template::parse(text, scope)?;
            let message = || format!("a path begins with \"/\": {text:?}");
            return whole
                .is_single()
                .then_some(Self::Address(whole))
                .ok_or_else(message);
        }
        let piece = |piece| match piece {
            Piece::Literal(text) => Ok(PathPiece::Fixed(
                utf8_percent_encode(&text, ADDRESS).to_string(),
            )),
            Piece::Placeholder(name) => match parameters.get(name) {
                Some(template) => Ok(PathPiece::Value(template.clone())),
                None => Template::parse(&format!("{{{name}}}"), scope)
                    .map(PathPiece::Value)
                    .map_err(|why| with_hint(name, why)),
            },
        };
        let pieces = pieces(text)?.into_iter().map(piece);
        Ok(Self::Pieces(pieces.collect::<Result<_, String>>()?))
    }

    /// The path of one request.
    pub(super) fn fill(&self, values: &Values<'_>, visitor: &mut Visitor) -> String {
        match self {
            Self::Pieces(pieces) => {
                let mut path = String::new();
                for piece in pieces {
                    match piece {
                        PathPiece::Fixed(text) => path.push_str(text),
                        PathPiece::Value(template) => {
                            let value = template.text(values, visitor);
                            path.extend(utf8_percent_encode(&value, SEGMENT));
                        }
                    }
                }
                path
            }
            Self::Address(template) => path_of(&template.text(values, visitor)),
        }
    }
}

/// A plain name may also be one of the path's parameters.
fn with_hint(name: &str, why: String) -> String {
    if name.contains(['.', ':']) {
        why
    } else {
        format!("{why}; or name it in this step's `params`")
    }
}

/// Path and query of an address, whatever its host: all requests go to the target.
fn path_of(address: &str) -> String {
    let base = Url::parse("http://target/");
    let url = base.and_then(|base| base.join(address));
    url.map_or_else(
        |_| "/".to_owned(),
        |url| match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_an_answer_keeps_its_path_and_its_query() {
        assert_eq!(path_of("/notes/1?x=a%20b"), "/notes/1?x=a%20b");
        assert_eq!(path_of("https://elsewhere.example/notes/1#top"), "/notes/1");
        assert_eq!(path_of("notes/1"), "/notes/1");
        assert_eq!(path_of("http://[bad"), "/");
    }
}
