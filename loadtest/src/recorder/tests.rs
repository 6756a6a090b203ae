//! What is taken down of requests, and what is left out.

use super::*;
use crate::evidence::RouteRecord;
use crate::routes::Route;
use bytes::Bytes;
use reqwest::StatusCode;

const ROUTE: Route = Route::GetUser;

struct Taken {
    recorder: Recorder,
    origin: Instant,
}

impl Taken {
    fn new() -> Self {
        let recorder = Recorder::new(&Arc::new(Traffic::of_personas()), 1);
        let origin = Instant::now();
        recorder.open(origin);
        Self { recorder, origin }
    }

    /// A request that was due at `due` and had its last byte at `ended`, in milliseconds.
    fn take(&self, due: u64, ended: u64, outcome: &Outcome<'_>) {
        let ticket = Some(Ticket {
            intended: self.at(due),
            taken: self.at(due),
            slip: None,
        });
        self.sample(ticket, ended, outcome);
    }

    fn at(&self, ms: u64) -> Instant {
        self.origin + Duration::from_millis(ms)
    }

    /// It was sent a millisecond before its last byte.
    fn sample(&self, ticket: Option<Ticket>, ended: u64, outcome: &Outcome<'_>) {
        let sample = Sample {
            route: ROUTE.into(),
            ticket,
            begun: self.at(ended - 1),
            ended: self.at(ended),
        };
        self.recorder.begin(sample.begun);
        self.recorder.record(7, &sample, outcome);
    }

    fn finish(self, tainted: &[u32]) -> RouteRecord {
        let tainted = tainted.iter().copied().collect();
        let round = self.recorder.finish(&tainted, &[]);
        let RouteId(place) = ROUTE.into();
        round.routes[place].clone()
    }
}

fn answer() -> Answer {
    Answer {
        status: StatusCode::OK,
        headers: crate::contract::Headers::default(),
        body: Bytes::new(),
    }
}

#[test]
fn a_request_is_timed_from_when_it_was_due_and_counted_in_that_block() {
    let taken = Taken::new();
    let answer = answer();
    taken.take(1_900, 2_400, &Outcome::Right(&answer));
    let route = taken.finish(&[]);
    let cell = &route.blocks[&1];
    assert_eq!(cell.right.max(), Some(Duration::from_millis(500)));
    assert_eq!(route.service.max(), Some(Duration::from_millis(1)));
    assert_eq!(route.slowest.len(), 1);
    assert!((route.slowest[0].waited_ms - 499.0).abs() < 1e-9);
}

#[test]
fn however_a_request_fails_it_has_no_latency() {
    let taken = Taken::new();
    taken.take(0, 1, &Outcome::Wrong("status 500".to_owned()));
    taken.take(0, 1, &Outcome::Lost("connection lost".to_owned()));
    taken.take(0, 1, &Outcome::Unsent("no connection".to_owned()));
    let route = taken.finish(&[]);
    let whole = route.whole();
    assert_eq!((whole.requests(), whole.errors()), (3, 3));
    assert_eq!((whole.wrong, whole.unsent), (2, 1));
    assert_eq!(whole.right.count(), 0);
    assert_eq!(route.messages["no connection"], 1);
}

#[test]
fn what_the_generator_spoilt_is_left_out_and_counted_if_it_was_sent() {
    let taken = Taken::new();
    let answer = answer();
    taken.take(500, 501, &Outcome::Right(&answer));
    taken.take(1_500, 1_501, &Outcome::Right(&answer));
    taken.take(1_600, 1_601, &Outcome::Wrong("status 500".to_owned()));
    taken.take(1_700, 1_701, &Outcome::Unsent("no connection".to_owned()));
    let route = taken.finish(&[1]);
    assert_eq!((route.whole().requests(), route.left_out), (1, 2));
    assert_eq!(route.service.count(), 1);
}

#[test]
fn requests_after_the_schedule_are_counted_and_not_timed() {
    let taken = Taken::new();
    let answer = answer();
    taken.sample(None, 9_000, &Outcome::Right(&answer));
    let unsent = Outcome::Unsent("no connection".to_owned());
    taken.sample(None, 9_000, &unsent);
    let route = taken.finish(&[]);
    assert_eq!((route.trailing, route.whole().requests()), (1, 0));
}

#[test]
fn the_number_of_kept_messages_is_bounded() {
    let taken = Taken::new();
    for number in 0..100 {
        taken.take(0, 1, &Outcome::Wrong(format!("message {number}")));
    }
    let route = taken.finish(&[]);
    assert_eq!(route.messages.len(), 21);
    assert_eq!(route.messages.values().sum::<u64>(), 100);
}
