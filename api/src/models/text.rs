//! Texts that are valid by construction. `parse` is the only way in, and says in a sentence what is wrong.
//!
//! Limits count Unicode scalar values, not bytes.

use std::fmt;

/// RFC 5321, section 4.5.3.1: at most 64 octets before the `@` and 254 in all (256 with the angle brackets of a path).
const EMAIL_LOCAL_MAX: usize = 64;
const EMAIL_MAX: usize = 254;
/// RFC 1035, section 2.3.4: a label of a domain name has at most 63 octets.
const LABEL_MAX: usize = 63;
const NAME_MAX: usize = 100;
const TITLE_MAX: usize = 200;
const BODY_MAX: usize = 20_000;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $max:expr, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Most characters.
            pub const MAX: usize = $max;

            /// Takes the text if it is valid.
            ///
            /// # Errors
            /// A sentence that says what is wrong and what is allowed.
            pub fn parse(text: &str) -> Result<Self, &'static str> {
                let check: fn(&str) -> Result<(), &'static str> = $check;
                check(text).map(|()| Self(text.to_owned()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, owned.
            #[must_use]
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text! {
    /// An e-mail address: ASCII, the form that browsers accept in `<input type=email>` with at least one dot in the domain.
    EmailAddress, EMAIL_MAX, check_email
}
text! {
    /// A person's name: 1 to 100 characters on one line, not blank at either end.
    Name, NAME_MAX, |text| check_line(text, NAME_MAX, "A name is 1 to 100 characters on one line, with no space at either end")
}
text! {
    /// A post's title: 1 to 200 characters on one line, not blank at either end.
    Title, TITLE_MAX, |text| check_line(text, TITLE_MAX, "A title is 1 to 200 characters on one line, with no space at either end")
}
text! {
    /// A post's body: 1 to 20 000 characters, not blank; line breaks and tabs are the only control characters.
    Body, BODY_MAX, check_body
}

fn check_line(text: &str, max: usize, rule: &'static str) -> Result<(), &'static str> {
    let valid = !text.is_empty()
        && text.trim() == text
        && text.chars().count() <= max
        && !text.chars().any(ends_line);
    if valid { Ok(()) } else { Err(rule) }
}

/// Control characters, and what Unicode separates lines and paragraphs with.
fn ends_line(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

fn check_body(text: &str) -> Result<(), &'static str> {
    let forbidden =
        |character: char| character.is_control() && !matches!(character, '\n' | '\r' | '\t');
    let valid =
        !text.trim().is_empty() && text.chars().count() <= BODY_MAX && !text.chars().any(forbidden);
    if valid {
        Ok(())
    } else {
        Err(
            "A body is 1 to 20000 characters and not blank; of the control characters only line breaks and tabs are allowed",
        )
    }
}

/// The grammar of the HTML Standard, section "E-mail state", without its single-label domains.
fn check_email(text: &str) -> Result<(), &'static str> {
    let valid = text.split_once('@').is_some_and(|(local, domain)| {
        text.len() <= EMAIL_MAX
            && local.len() <= EMAIL_LOCAL_MAX
            && is_local_part(local)
            && is_domain(domain)
    });
    if valid {
        Ok(())
    } else {
        Err("Invalid email format")
    }
}

fn is_local_part(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte))
}

fn is_domain(text: &str) -> bool {
    text.contains('.') && text.split('.').all(is_label)
}

fn is_label(text: &str) -> bool {
    (1..=LABEL_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_a_browser_accepts_are_accepted() {
        for text in [
            "test@example.com",
            "a.b+c@sub.example.co",
            "x_y-z@1.example",
            "o'neil@example.org",
        ] {
            assert!(EmailAddress::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long = format!("a@{}.com", "b".repeat(63).repeat(4));
        for text in [
            "",
            "a",
            "@",
            "a@",
            "@example.com",
            "a@localhost",
            "a@@example.com",
            "a b@example.com",
            "a@-x.com",
            "a@x..com",
            "ä@example.com",
            "a@example.com\0",
            &long_local,
            &long,
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_counts_characters_and_takes_no_control_characters() {
        assert!(Name::parse(&"é".repeat(100)).is_ok());
        for text in ["", " ", " a", "a ", "a\0b", "a\nb", &"a".repeat(101)] {
            assert!(Name::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_body_may_have_lines_but_no_other_control_characters() {
        assert!(Body::parse("one\n\ttwo\r\n").is_ok());
        for text in ["", " \n", "a\0", "a\u{1b}[0m", &"a".repeat(20_001)] {
            assert!(Body::parse(text).is_err());
        }
    }
}
