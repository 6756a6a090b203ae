//! Reads the names out of a PromQL expression: metrics, matchers, ranges and the labels of `by`, `on` and their like.
//!
//! This is no parser: whether the expression is valid PromQL is for `promtool` to say.

use std::iter::Peekable;
use std::str::Chars;
use std::vec::IntoIter;

/// The names in one expression.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Expression {
    /// Every metric, as often as it occurs.
    pub selectors: Vec<Selector>,
    /// The labels in the brackets of `by`, `without`, `on`, `ignoring`, `group_left` and `group_right`.
    pub groupings: Vec<String>,
}

/// One metric as an expression selects it: `metric{matchers}[range]`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// The name of the metric.
    pub metric: String,
    /// What stands in the braces.
    pub matchers: Vec<Matcher>,
    /// What stands in the brackets, if there are any.
    pub range: Option<String>,
}

/// One condition of a selector, as in `le="0.1"`.
#[derive(Debug, PartialEq, Eq)]
pub struct Matcher {
    /// The label that is compared.
    pub label: String,
    /// `=`, `!=`, `=~` or `!~`.
    pub operator: String,
    /// What it is compared with, without the quotes.
    pub value: String,
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// A name, a number or a duration.
    Word(String),
    /// What stood between quotes.
    Text(String),
    /// Any other character.
    Sign(char),
}

type Tokens = Peekable<IntoIter<Token>>;

const GROUPINGS: [&str; 6] = [
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
];
const OPERATORS: [&str; 5] = ["and", "or", "unless", "bool", "offset"];

/// Reads `text`.
///
/// # Errors
/// When a string, a selector or a list of labels has no end, or when a selector names no metric.
pub fn read(text: &str) -> Result<Expression, String> {
    let mut expression = Expression::default();
    let mut tokens = tokens(text)?.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            Token::Sign('{') => return Err("a selector names no metric".to_owned()),
            Token::Word(word) if is_metric(&word, tokens.peek()) => {
                expression.selectors.push(selector(word, &mut tokens)?);
            }
            Token::Word(word)
                if GROUPINGS.contains(&word.as_str())
                    && tokens.next_if_eq(&Token::Sign('(')).is_some() =>
            {
                expression.groupings.extend(words(&mut tokens, ')')?);
            }
            _ => {}
        }
    }
    Ok(expression)
}

/// A name is a metric unless it is an operator, a function (a bracket follows) or an aggregation (a bracket or `by` follows).
fn is_metric(word: &str, next: Option<&Token>) -> bool {
    let is_name = word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let is_call = match next {
        Some(Token::Sign(sign)) => *sign == '(',
        Some(Token::Word(next)) => ["by", "without"].contains(&next.as_str()),
        _ => false,
    };
    is_name && !is_call && !OPERATORS.contains(&word) && !GROUPINGS.contains(&word)
}

fn selector(metric: String, tokens: &mut Tokens) -> Result<Selector, String> {
    let mut selector = Selector {
        metric,
        ..Selector::default()
    };
    if tokens.next_if_eq(&Token::Sign('{')).is_some() {
        selector.matchers = matchers(tokens)?;
    }
    if tokens.next_if_eq(&Token::Sign('[')).is_some() {
        selector.range = Some(words(tokens, ']')?.concat());
    }
    Ok(selector)
}

fn matchers(tokens: &mut Tokens) -> Result<Vec<Matcher>, String> {
    let mut matchers = Vec::new();
    loop {
        match tokens.next() {
            Some(Token::Sign('}')) => return Ok(matchers),
            Some(Token::Sign(',')) => {}
            Some(Token::Word(label)) => {
                let mut operator = String::new();
                while let Some(Token::Sign(sign)) =
                    tokens.next_if(|token| matches!(token, Token::Sign(_)))
                {
                    operator.push(sign);
                }
                let Some(Token::Text(value)) = tokens.next() else {
                    return Err(format!("the label `{label}` is compared with no text"));
                };
                matchers.push(Matcher {
                    label,
                    operator,
                    value,
                });
            }
            _ => return Err("a selector has no end".to_owned()),
        }
    }
}

/// The words up to the sign `end`; commas between them are dropped.
fn words(tokens: &mut Tokens, end: char) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    loop {
        match tokens.next() {
            Some(Token::Sign(sign)) if sign == end => return Ok(words),
            Some(Token::Word(word)) => words.push(word),
            Some(Token::Sign(',')) => {}
            _ => return Err(format!("`{end}` is missing")),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        if first == '"' || first == '\'' {
            tokens.push(Token::Text(quoted(first, &mut rest)?));
        } else if is_word(first) {
            let mut word = String::from(first);
            while let Some(next) = rest.next_if(|next| is_word(*next)) {
                word.push(next);
            }
            tokens.push(Token::Word(word));
        } else if !first.is_whitespace() {
            tokens.push(Token::Sign(first));
        }
    }
    Ok(tokens)
}

fn quoted(quote: char, rest: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    let mut text = String::new();
    while let Some(next) = rest.next() {
        match next {
            '\\' => text.extend(rest.next()),
            next if next == quote => return Ok(text),
            next => text.push(next),
        }
    }
    Err("a string has no end".to_owned())
}

/// Also the variables of Grafana, such as `$__rate_interval`.
fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_:.$".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics(text: &str) -> Vec<String> {
        read(text)
            .unwrap()
            .selectors
            .into_iter()
            .map(|selector| selector.metric)
            .collect()
    }

    #[test]
    fn a_selector_is_read_with_its_matchers_and_its_range() {
        let expression =
            read(r#"rate(requests_total{job=~"$job",code!="200"}[$__rate_interval])"#).unwrap();
        let matcher = |label: &str, operator: &str, value: &str| Matcher {
            label: label.to_owned(),
            operator: operator.to_owned(),
            value: value.to_owned(),
        };
        assert_eq!(
            expression.selectors,
            [Selector {
                metric: "requests_total".to_owned(),
                matchers: vec![matcher("job", "=~", "$job"), matcher("code", "!=", "200")],
                range: Some("$__rate_interval".to_owned()),
            }]
        );
    }

    #[test]
    fn functions_aggregations_operators_and_numbers_are_no_metrics() {
        let text = "histogram_quantile(0.99, sum by (le) (rate(a_bucket[5m]))) > bool 1e3 \
                    and on (job) group_left sum(b) without (le) offset 5m";
        assert_eq!(metrics(text), ["a_bucket", "b"]);
    }

    #[test]
    fn the_labels_of_every_grouping_are_found() {
        let expression =
            read("sum by (a, b) (x) / on (c) group_left (d) sum(y) without (e)").unwrap();
        assert_eq!(expression.groupings, ["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn names_inside_strings_are_text() {
        assert_eq!(metrics(r#"a{b="c{d=\"e\"}"} / f"#), ["a", "f"]);
    }

    #[test]
    fn what_has_no_end_is_an_error() {
        for text in [
            r#"a{b="c}"#,
            r#"a{b="c""#,
            "a[5m",
            "sum by (b",
            "a{b=c}",
            r#"{b="c"}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
