//! W3C trace context: continued from `traceparent` where a caller sends one, minted otherwise. There is always an id, whether or not
//! anything collects traces.

/// Where a request belongs: its trace, and the span that this service is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: u128,
    span_id: u64,
    sampled: bool,
}

/// The length of `00-<32>-<16>-<2>`.
const TRACEPARENT_LENGTH: usize = 55;

impl TraceContext {
    /// Continues the trace of a `traceparent` header, with a new span. A header that is malformed counts as absent.
    #[must_use]
    pub fn continue_or_mint(traceparent: Option<&[u8]>) -> Self {
        let span_id = fastrand::u64(1..);
        match traceparent.and_then(parse) {
            Some((trace_id, sampled)) => Self {
                trace_id,
                span_id,
                sampled,
            },
            None => Self {
                trace_id: fastrand::u128(1..),
                span_id,
                sampled: false,
            },
        }
    }

    /// The trace's id: 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn trace_id_hex(&self) -> String {
        format!("{:032x}", self.trace_id)
    }

    /// Writes the trace's id.
    pub fn write_trace_id(&self, out: &mut Vec<u8>) {
        push_hex::<32>(out, self.trace_id);
    }

    /// Writes this service's span id.
    pub fn write_span_id(&self, out: &mut Vec<u8>) {
        push_hex::<16>(out, u128::from(self.span_id));
    }

    /// The value of the header `traceresponse`.
    #[must_use]
    pub fn traceresponse(&self) -> [u8; TRACEPARENT_LENGTH] {
        let mut text = [b'-'; TRACEPARENT_LENGTH];
        let mut rest = &mut text[..];
        for part in [
            &hex::<2>(0)[..],
            &hex::<32>(self.trace_id),
            &hex::<16>(u128::from(self.span_id)),
            &hex::<2>(u128::from(self.sampled)),
        ] {
            let (head, tail) = rest.split_at_mut(part.len());
            head.copy_from_slice(part);
            rest = tail.get_mut(1..).unwrap_or_default();
        }
        text
    }
}

/// <https://www.w3.org/TR/trace-context/>, section 3.2: a higher version may be longer, but begins like version 00; `ff` is invalid, and so are
/// ids of zeros.
fn parse(header: &[u8]) -> Option<(u128, bool)> {
    let text = std::str::from_utf8(header).ok()?;
    let mut parts = text.splitn(5, '-');
    let (version, trace_id, span_id, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let lower_hex = |text: &str, length: usize| {
        text.len() == length
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let well_formed = lower_hex(version, 2)
        && version != "ff"
        && lower_hex(trace_id, 32)
        && lower_hex(span_id, 16)
        && lower_hex(flags, 2)
        && (version != "00" || parts.next().is_none());
    if !well_formed || u64::from_str_radix(span_id, 16).ok()? == 0 {
        return None;
    }
    let trace_id = u128::from_str_radix(trace_id, 16)
        .ok()
        .filter(|id| *id != 0)?;
    Some((trace_id, u8::from_str_radix(flags, 16).ok()? & 1 == 1))
}

fn push_hex<const DIGITS: usize>(out: &mut Vec<u8>, number: u128) {
    out.extend_from_slice(&hex::<DIGITS>(number));
}

fn hex<const DIGITS: usize>(mut number: u128) -> [u8; DIGITS] {
    let mut text = [b'0'; DIGITS];
    for digit in text.iter_mut().rev() {
        let nibble = (number & 0xf) as u8;
        *digit = if nibble < 10 {
            b'0' + nibble
        } else {
            b'a' - 10 + nibble
        };
        number >>= 4;
    }
    text
}

/// A request's id: what the caller sent, if it can be shown as it is, else the trace's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestId {
    /// `X-Request-Id` as the caller sent it: 1 to 128 of `[A-Za-z0-9._-]`.
    Accepted(Box<str>),
    /// The trace's id.
    Minted,
}

impl RequestId {
    /// Accepts the header if it can be shown as it is.
    #[must_use]
    pub fn accept_or_mint(header: Option<&[u8]>) -> Self {
        let accepted = header.filter(|bytes| {
            (1..=128).contains(&bytes.len())
                && bytes
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
        });
        match accepted.and_then(|bytes| std::str::from_utf8(bytes).ok()) {
            Some(text) => Self::Accepted(text.into()),
            None => Self::Minted,
        }
    }

    /// Writes the id.
    pub fn write(&self, trace: &TraceContext, out: &mut Vec<u8>) {
        match self {
            Self::Accepted(text) => out.extend_from_slice(text.as_bytes()),
            Self::Minted => trace.write_trace_id(out),
        }
    }

    /// The id as text.
    #[must_use]
    pub fn to_text(&self, trace: &TraceContext) -> String {
        match self {
            Self::Accepted(text) => text.to_string(),
            Self::Minted => trace.trace_id_hex(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_trace_is_continued_with_a_new_span() {
        let trace = TraceContext::continue_or_mint(Some(HEADER.as_bytes()));
        assert_eq!(trace.trace_id_hex(), "0af7651916cd43dd8448eb211c80319c");
        let response = String::from_utf8(trace.traceresponse().to_vec()).unwrap();
        assert!(
            response.starts_with("00-0af7651916cd43dd8448eb211c80319c-")
                && response.ends_with("-01"),
            "{response}"
        );
        assert!(!response.contains("b7ad6b7169203331"));
    }

    #[test]
    fn a_malformed_header_counts_as_absent() {
        for header in [
            "",
            "00",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
        ] {
            assert_eq!(parse(header.as_bytes()), None, "{header}");
        }
        assert!(parse(b"01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more").is_some());
    }

    #[test]
    fn a_request_id_that_cannot_be_shown_is_replaced() {
        assert_eq!(
            RequestId::accept_or_mint(Some(b"abc-1.2_X")),
            RequestId::Accepted("abc-1.2_X".into())
        );
        for header in [&b""[..], b"a b", b"a\"b", b"\xff", &[b'a'; 129]] {
            assert_eq!(RequestId::accept_or_mint(Some(header)), RequestId::Minted);
        }
    }
}
