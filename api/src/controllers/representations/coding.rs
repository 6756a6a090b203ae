//! Content-codings: bodies made smaller for those who ask for it.

use std::{io::Write, time::Instant};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use tokio::sync::Semaphore;

use crate::{
    budget::Phase,
    negotiation::{Preference, preferences},
    telemetry::request,
};

/// Bodies from this many bytes on are coded: a smaller one fits into one packet either way.
const MIN_LENGTH: usize = 1024;
/// Longer bodies are coded beside the workers.
const MAX_LENGTH_ON_WORKER: usize = 64 * 1024;
/// How many of them are coded at once. Whoever is given up while it waits takes its body along; what is being coded is coded to its end.
static ROOM: Semaphore = Semaphore::const_new(2);

/// zstd's own default.
const ZSTD_LEVEL: i32 = 3;
/// Of 0 to 11; the highest are for files that are coded once and sent often.
const BROTLI_QUALITY: i32 = 4;
/// log2 of brotli's window in bytes; its default.
const BROTLI_WINDOW: i32 = 22;

/// A content-coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// None.
    Identity,
    /// RFC 8878.
    Zstd,
    /// RFC 7932.
    Brotli,
    /// RFC 1952.
    Gzip,
}

impl Coding {
    /// Every coding; of those that are as welcome the fastest comes first.
    pub const ALL: [Self; 4] = [Self::Identity, Self::Zstd, Self::Brotli, Self::Gzip];

    /// The name in `Content-Encoding`; none for identity, which does not stand there.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Zstd => Some("zstd"),
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
        }
    }

    /// The coding of a body of this length, for a client with this `Accept-Encoding`. Who forbids everything that there is gets the body as it is.
    #[must_use]
    pub fn chosen(accept_encoding: &str, length: usize) -> Self {
        let weight = |coding: &Self| weight(accept_encoding, coding.name().unwrap_or("identity"));
        let identity = weight(&Self::Identity);
        if length < MIN_LENGTH && identity != Some(0) {
            return Self::Identity;
        }
        // Identity is acceptable where nothing is said of it, but less welcome than what is named.
        let mut best = (Self::Identity, identity.unwrap_or(1));
        for coding in Self::ALL.iter().skip(1) {
            let weight = weight(coding).unwrap_or(0);
            let preferred = weight > best.1 || (weight == best.1 && best.0 == Self::Identity);
            if weight > 0 && preferred {
                best = (*coding, weight);
            }
        }
        best.0
    }

    /// The coded body; the time it takes is booked. What cannot be coded is not there.
    pub async fn encode(self, body: Bytes) -> Option<Bytes> {
        if self == Self::Identity {
            return Some(body);
        }
        let started = Instant::now();
        let coded = if body.len() > MAX_LENGTH_ON_WORKER {
            let room = ROOM.acquire().await.ok()?;
            let coding = actix_web::web::block(move || {
                let _room = room;
                self.encode_now(&body)
            });
            coding.await.ok().flatten()
        } else {
            self.encode_now(&body)
        };
        request::with_current(|record| record.ledger.spend(Phase::Serialize, started.elapsed()));
        coded.map(Bytes::from)
    }

    fn encode_now(self, body: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Identity => Some(body.to_vec()),
            Self::Zstd => zstd::bulk::compress(body, ZSTD_LEVEL).ok(),
            Self::Brotli => {
                let mut coded = Vec::with_capacity(body.len() / 2);
                let parameters = brotli::enc::BrotliEncoderParams {
                    quality: BROTLI_QUALITY,
                    lgwin: BROTLI_WINDOW,
                    ..Default::default()
                };
                brotli::BrotliCompress(&mut &*body, &mut coded, &parameters).ok()?;
                Some(coded)
            }
            Self::Gzip => {
                let coded = Vec::with_capacity(body.len() / 2);
                let mut encoder = GzEncoder::new(coded, Compression::default());
                encoder.write_all(body).ok()?;
                encoder.finish().ok()
            }
        }
    }
}

/// How welcome a coding is; `None` where nothing is said of it.
fn weight(accept_encoding: &str, name: &str) -> Option<u16> {
    let names_it = |entry: &Preference<'_>| {
        let value = entry.value;
        value.eq_ignore_ascii_case(name) || (name == "gzip" && value.eq_ignore_ascii_case("x-gzip"))
    };
    let mut any = None;
    for entry in preferences(accept_encoding) {
        if names_it(&entry) {
            return Some(entry.weight);
        }
        if entry.value == "*" {
            any = Some(entry.weight);
        }
    }
    any
}

#[cfg(test)]
mod tests {
    use super::Coding::{self, Brotli, Gzip, Identity, Zstd};

    #[test]
    fn the_most_welcome_coding_is_chosen_and_the_fastest_of_equals() {
        for (accept, expected) in [
            ("", Identity),
            ("gzip", Gzip),
            ("x-gzip", Gzip),
            ("GZIP", Gzip),
            ("gzip, deflate, br, zstd", Zstd),
            ("gzip, deflate, br", Brotli),
            ("gzip;q=1.0, br;q=0.9", Gzip),
            ("identity", Identity),
            ("identity, gzip;q=0.5", Identity),
            ("identity;q=0.5, gzip", Gzip),
            ("identity;q=0.5, gzip;q=0.5", Gzip),
            ("gzip;q=0", Identity),
            ("*", Zstd),
            ("*;q=0", Identity),
            ("*;q=0, gzip", Gzip),
            ("zstd;q=0, *", Brotli),
            ("deflate, compress", Identity),
        ] {
            assert_eq!(Coding::chosen(accept, 1024), expected, "{accept:?}");
        }
    }

    #[test]
    fn small_bodies_are_coded_only_for_those_who_take_nothing_else() {
        assert_eq!(Coding::chosen("gzip", 1023), Identity);
        assert_eq!(Coding::chosen("gzip, identity;q=0", 1), Gzip);
        assert_eq!(Coding::chosen("gzip, *;q=0", 1), Gzip);
        assert_eq!(Coding::chosen("identity;q=0", 1), Identity);
    }
}
