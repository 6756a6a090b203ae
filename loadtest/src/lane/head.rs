//! The head of an answer (RFC 9112): its status, its headers, and how long its body is.

use crate::contract::{Field, Headers};
use bytes::{Buf, BytesMut};
use httparse::{ParserConfig, Response, Status};
use reqwest::StatusCode;
use std::mem::MaybeUninit;
use std::ops::Range;

/// Headers that an answer has at most, and bytes of all of them: as many as hyper reads.
const MOST_HEADERS: usize = 100;
const MOST_BYTES: usize = 400 * 1024;

/// What came is no HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoHttp;

/// What is known before the body.
#[derive(Debug)]
pub(super) struct Head {
    pub status: StatusCode,
    pub headers: Headers,
    pub length: Length,
    /// Whether the connection may be used again.
    pub stays: bool,
}

/// How long a body is (RFC 9112, 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    Bytes(u64),
    Chunks,
    UntilClosed,
}

/// Takes the head of an answer out of what has come, the answer to a `HEAD` or another one; None
/// when not all of it is there.
pub(super) fn take(arrived: &mut BytesMut, to_head: bool) -> Result<Option<Head>, NoHttp> {
    while !arrived.is_empty() {
        let Some(head) = take_any(arrived, to_head)? else {
            return Ok(None);
        };
        // Answers that only announce another one (RFC 9110, 15.2); after 101 it is no HTTP any more.
        if !head.status.is_informational() || head.status == StatusCode::SWITCHING_PROTOCOLS {
            return Ok(Some(head));
        }
    }
    Ok(None)
}

fn take_any(arrived: &mut BytesMut, to_head: bool) -> Result<Option<Head>, NoHttp> {
    let mut headers = [const { MaybeUninit::uninit() }; MOST_HEADERS];
    let mut response = Response::new(&mut []);
    let config = ParserConfig::default();
    let parsed = config.parse_response_with_uninit_headers(&mut response, arrived, &mut headers);
    let Status::Complete(end) = parsed.map_err(|_error| NoHttp)? else {
        let too_long = arrived.len() > MOST_BYTES;
        return if too_long { Err(NoHttp) } else { Ok(None) };
    };
    let code = response.code.unwrap_or_default();
    let status = StatusCode::from_u16(code).map_err(|_invalid| NoHttp)?;
    let mut framing = Framing::new(response.version == Some(1));
    let mut fields = Vec::with_capacity(response.headers.len());
    for header in &*response.headers {
        framing.read(header.name, header.value)?;
        fields.push(Field {
            name: place(arrived, header.name.as_bytes()),
            value: place(arrived, header.value),
        });
    }
    let length = framing.length(status, to_head);
    let stays = framing.stays && !framing.closes && length != Length::UntilClosed;
    Ok(Some(Head {
        status,
        headers: Headers::of(arrived.split_to(end).freeze(), fields),
        length,
        stays,
    }))
}

/// Where a part is in the whole.
fn place(whole: &[u8], part: &[u8]) -> Range<usize> {
    let begin = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    begin..begin + part.len()
}

/// What headers say about the length of the body, and of the connection's life.
struct Framing {
    length: Option<u64>,
    /// Where there is a transfer coding, the length that it has.
    coded: Option<Length>,
    stays: bool,
    /// Which wins: RFC 9112 section 9.3.
    closes: bool,
}

impl Framing {
    fn new(is_1_1: bool) -> Self {
        Self {
            length: None,
            coded: None,
            stays: is_1_1,
            closes: false,
        }
    }

    fn read(&mut self, name: &str, value: &[u8]) -> Result<(), NoHttp> {
        // By its length first: hardly any name has one of these.
        match name.len() {
            10 if name.eq_ignore_ascii_case("connection") => {
                for word in words(value) {
                    if word.eq_ignore_ascii_case(b"close") {
                        self.closes = true;
                    } else if word.eq_ignore_ascii_case(b"keep-alive") {
                        self.stays = true;
                    }
                }
            }
            14 if name.eq_ignore_ascii_case("content-length") => {
                for word in words(value) {
                    let length = decimal(word).ok_or(NoHttp)?;
                    if self.length.is_some_and(|known| known != length) {
                        return Err(NoHttp);
                    }
                    self.length = Some(length);
                }
            }
            17 if name.eq_ignore_ascii_case("transfer-encoding") => {
                let last = words(value).last().unwrap_or_default();
                self.coded = Some(if last.eq_ignore_ascii_case(b"chunked") {
                    Length::Chunks
                } else {
                    Length::UntilClosed
                });
            }
            _ => {}
        }
        Ok(())
    }

    fn length(&mut self, status: StatusCode, to_head: bool) -> Length {
        if status == StatusCode::SWITCHING_PROTOCOLS {
            self.stays = false;
        }
        let never = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        if to_head || never || status.is_informational() {
            return Length::Bytes(0);
        }
        if let Some(coded) = self.coded {
            // Both lengths at once are an attack, or a fault: nothing after this answer is trusted.
            self.stays &= self.length.is_none();
            return coded;
        }
        self.length.map_or(Length::UntilClosed, Length::Bytes)
    }
}

/// The parts of a list with commas.
fn words(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

/// A number in digits only.
fn decimal(text: &[u8]) -> Option<u64> {
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    digits.then(|| str::from_utf8(text).ok()?.parse().ok())?
}

/// Takes the line that says how long the next chunk is out of what has come; None when it is not
/// all there.
pub(super) fn take_chunk_size(arrived: &mut BytesMut) -> Result<Option<u64>, NoHttp> {
    match httparse::parse_chunk_size(arrived).map_err(|_invalid| NoHttp)? {
        Status::Complete((used, size)) => {
            arrived.advance(used);
            Ok(Some(size))
        }
        Status::Partial if arrived.len() > MOST_BYTES => Err(NoHttp),
        Status::Partial => Ok(None),
    }
}

/// Takes a line of what follows the last chunk out of what has come: true when it was the empty
/// one, which is the last; None when it is not all there.
pub(super) fn take_trailer(arrived: &mut BytesMut) -> Result<Option<bool>, NoHttp> {
    let Some(end) = arrived.iter().position(|byte| *byte == b'\n') else {
        let too_long = arrived.len() > MOST_BYTES;
        return if too_long { Err(NoHttp) } else { Ok(None) };
    };
    let line = arrived.split_to(end + 1);
    Ok(Some(line.trim_ascii().is_empty()))
}
