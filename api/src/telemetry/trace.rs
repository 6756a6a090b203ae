//! W3C trace context: continued from `traceparent` where a caller sends one, minted otherwise. There is always an id, whether or not
//! anything collects traces.

/// Where a request belongs: its trace, and the span that this service is in it. Kept as it is written: it is written more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: [u8; 32],
    span_id: [u8; 16],
    /// The caller's span.
    parent: Option<[u8; 16]>,
    sampled: bool,
}

/// Which of the traces that begin here are sampled: those whose random half is at most this number. It costs no draw of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampling(u64);

impl Sampling {
    /// None of them.
    pub const NEVER: Self = Self(0);

    /// This share of them, 0 to 1.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a share need not be exact, and the cast saturates"
    )]
    pub fn share(share: f64) -> Self {
        Self((share * u64::MAX as f64) as u64)
    }
}

/// The length of `00-<32>-<16>-<2>`.
const TRACEPARENT_LENGTH: usize = 55;

impl TraceContext {
    /// Continues the trace of a `traceparent` header, with a new span: sampled or not as the header says. A header that is malformed counts
    /// as absent; then `sampling` decides.
    #[must_use]
    pub fn continue_or_mint(traceparent: Option<&[u8]>, sampling: Sampling) -> Self {
        let span_id = hex(fastrand::u64(1..));
        if let Some(parent) = traceparent.and_then(parse) {
            return Self {
                trace_id: parent.trace_id,
                span_id,
                parent: Some(parent.span_id),
                sampled: parent.sampled,
            };
        }
        let mut trace_id = [0; 32];
        let (high, low) = trace_id.split_at_mut(16);
        high.copy_from_slice(&hex(fastrand::u64(..)));
        let random = fastrand::u64(1..);
        low.copy_from_slice(&hex(random));
        Self {
            trace_id,
            span_id,
            parent: None,
            sampled: random <= sampling.0,
        }
    }

    /// The trace's id: 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        std::str::from_utf8(&self.trace_id).unwrap_or_default()
    }

    /// The same as bytes, for writers.
    #[must_use]
    pub fn trace_id_bytes(&self) -> &[u8] {
        &self.trace_id
    }

    /// This service's span in the trace: 16 lower-case hexadecimal digits.
    #[must_use]
    pub fn span_id_bytes(&self) -> &[u8] {
        &self.span_id
    }

    /// The caller's span: 16 lower-case hexadecimal digits.
    #[must_use]
    pub fn parent_bytes(&self) -> Option<&[u8]> {
        self.parent.as_ref().map(<[u8; 16]>::as_slice)
    }

    /// Whether the caller, or chance, wants the trace to be kept.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.sampled
    }

    /// The value of the header `traceresponse`.
    #[must_use]
    pub fn traceresponse(&self) -> [u8; TRACEPARENT_LENGTH] {
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
        if let Some(part) = text.get_mut(3..35) {
            part.copy_from_slice(&self.trace_id);
        }
        if let Some(part) = text.get_mut(36..52) {
            part.copy_from_slice(&self.span_id);
        }
        if let Some(last) = text.last_mut() {
            *last = b'0' + u8::from(self.sampled);
        }
        text
    }
}

/// What a `traceparent` says.
#[derive(Debug, PartialEq)]
struct Parent {
    trace_id: [u8; 32],
    span_id: [u8; 16],
    sampled: bool,
}

/// <https://www.w3.org/TR/trace-context/>, section 3.2: a higher version may be longer, but begins like version 00; `ff` is invalid, and so are
/// ids of zeros.
fn parse(header: &[u8]) -> Option<Parent> {
    let mut parts = header.splitn(5, |byte| *byte == b'-');
    let (version, trace_id, span_id, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let lower_hex = |text: &[u8], length: usize| {
        text.len() == length
            && text
                .iter()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let not_zero = |text: &[u8]| text.iter().any(|byte| *byte != b'0');
    let well_formed = lower_hex(version, 2)
        && version != b"ff"
        && lower_hex(trace_id, 32)
        && not_zero(trace_id)
        && lower_hex(span_id, 16)
        && not_zero(span_id)
        && lower_hex(flags, 2)
        && (version != b"00" || parts.next().is_none());
    if !well_formed {
        return None;
    }
    // Bit 0 is the only flag that version 00 knows. The last digit is odd if it is set: 1 3 5 7 9 b d f.
    let sampled = flags
        .last()
        .is_some_and(|digit| b"13579bdf".contains(digit));
    Some(Parent {
        trace_id: trace_id.try_into().ok()?,
        span_id: span_id.try_into().ok()?,
        sampled,
    })
}

fn hex(number: u64) -> [u8; 16] {
    let mut text = [0; 16];
    let (high, low) = text.split_at_mut(8);
    let bytes = number.to_be_bytes();
    let (first, last) = bytes.split_at(4);
    high.copy_from_slice(&hex_of_four(first));
    low.copy_from_slice(&hex_of_four(last));
    text
}

/// Eight digits at once: the nibbles are spread over the bytes of one word, and each byte becomes its digit without a branch.
fn hex_of_four(bytes: &[u8]) -> [u8; 8] {
    let mut word = bytes
        .iter()
        .fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    word = (word << 16 | word) & 0x0000_ffff_0000_ffff;
    word = (word << 8 | word) & 0x00ff_00ff_00ff_00ff;
    word = (word << 4 | word) & 0x0f0f_0f0f_0f0f_0f0f;
    // 1 in each byte that is above 9; from '9' + 1 to 'a' are 39 places.
    let letters = ((word + 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101;
    (word + 0x3030_3030_3030_3030 + letters * 39).to_be_bytes()
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

    /// The id as text.
    #[must_use]
    pub fn as_str<'a>(&'a self, trace: &'a TraceContext) -> &'a str {
        match self {
            Self::Accepted(text) => text,
            Self::Minted => trace.trace_id(),
        }
    }

    /// The id as bytes, for writers.
    #[must_use]
    pub fn as_bytes<'a>(&'a self, trace: &'a TraceContext) -> &'a [u8] {
        match self {
            Self::Accepted(text) => text.as_bytes(),
            Self::Minted => trace.trace_id_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_trace_is_continued_with_a_new_span() {
        let trace = TraceContext::continue_or_mint(Some(HEADER.as_bytes()), Sampling::NEVER);
        assert_eq!(trace.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        let response = String::from_utf8(trace.traceresponse().to_vec()).unwrap();
        assert!(
            response.starts_with("00-0af7651916cd43dd8448eb211c80319c-")
                && response.ends_with("-01"),
            "{response}"
        );
        assert!(!response.contains("b7ad6b7169203331"));
        assert_eq!(trace.parent_bytes(), Some(&b"b7ad6b7169203331"[..]));
    }

    #[test]
    fn a_trace_that_begins_here_is_sampled_by_its_share() {
        let sampled = |share| {
            let minted =
                |_: &_| TraceContext::continue_or_mint(None, Sampling::share(share)).is_sampled();
            (0..10_000).filter(minted).count()
        };
        assert_eq!((sampled(0.0), sampled(1.0)), (0, 10_000));
        assert!((1500..2500).contains(&sampled(0.2)));
    }

    #[test]
    fn the_caller_decides_over_the_trace_that_it_began() {
        for (flags, sampled) in [("00", false), ("01", true), ("02", false), ("ff", true)] {
            let header = HEADER.replace("-01", &format!("-{flags}"));
            for sampling in [Sampling::NEVER, Sampling::share(1.0)] {
                let trace = TraceContext::continue_or_mint(Some(header.as_bytes()), sampling);
                assert_eq!(trace.is_sampled(), sampled, "{flags}");
            }
        }
    }

    #[test]
    fn numbers_are_written_in_hexadecimal() {
        for number in [0, 1, 0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210, u64::MAX] {
            assert_eq!(hex(number), format!("{number:016x}").as_bytes());
        }
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
