//! A service with a cache answers as one without it, whatever is asked, in whatever order.

use std::sync::atomic::{AtomicI64, Ordering};

use api::{
    clock::{Clock, FixedClock},
    config::Switch,
    models::Timestamp,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use tests::{DatabaseKind, Request, TestApp, TestOptions, on_database};

/// One request. Numbers are slots: ids counted from the first one that the sequence makes, whether they exist yet or not.
#[derive(Clone, Debug)]
enum Operation {
    CreateUser { email: u8 },
    PatchUser { user: u8, email: Option<u8> },
    GetUser(u8),
    DeleteUser(u8),
    CreatePost { author: u8 },
    PatchPost(u8),
    GetPost(u8),
    DeletePost(u8),
    ListPosts { author: u8 },
}

fn operation() -> impl Strategy<Value = Operation> {
    use Operation::*;
    let slot = || 0..5_u8;
    prop_oneof![
        2 => slot().prop_map(|email| CreateUser { email }),
        2 => (slot(), proptest::option::of(slot())).prop_map(|(user, email)| PatchUser { user, email }),
        4 => slot().prop_map(GetUser),
        1 => slot().prop_map(DeleteUser),
        2 => slot().prop_map(|author| CreatePost { author }),
        2 => slot().prop_map(PatchPost),
        4 => slot().prop_map(GetPost),
        1 => slot().prop_map(DeletePost),
        1 => slot().prop_map(|author| ListPosts { author }),
    ]
}

/// Two applications on databases of their own, one with a cache and one without.
struct Pair {
    apps: [TestApp; 2],
    clock: FixedClock,
    round: AtomicI64,
}

/// Where the ids of one sequence begin.
#[derive(Clone, Copy, Debug)]
struct Start {
    round: i64,
    user: i64,
    post: i64,
}

impl Pair {
    async fn on(kind: DatabaseKind, test: impl AsyncFnOnce(Self)) {
        let clock = FixedClock::at(Timestamp::from_micros(1_700_000_000_000_000));
        let options = |cache| {
            let mut options = TestOptions::with(|config| config.cache = cache);
            options.clock = Clock::Fixed(clock.clone());
            options
        };
        on_database(kind, options(Switch::On), async |cached| {
            on_database(kind, options(Switch::Off), async |plain| {
                let (apps, clock) = ([cached, plain], clock.clone());
                test(Self {
                    apps,
                    clock,
                    round: AtomicI64::new(0),
                })
                .await;
            })
            .await;
        })
        .await;
    }

    /// Makes the first user and the first post of a sequence, which say where its ids begin.
    async fn start(&self) -> Start {
        let round = self.round.fetch_add(1, Ordering::Relaxed);
        let mut starts = Vec::new();
        for app in &self.apps {
            let user = app
                .create_user("First", &format!("first-{round}@example.com"))
                .await;
            let post = app.create_post(&user, "First").await;
            let [user, post] = [user, post].map(|id| id.parse().unwrap());
            starts.push((user, post));
        }
        let [cached, plain] = starts.try_into().unwrap();
        assert_eq!(cached, plain, "ids run in step");
        Start {
            round,
            user: plain.0,
            post: plain.1,
        }
    }

    async fn agree(&self, start: Start, operations: &[Operation]) -> Result<(), TestCaseError> {
        for (number, operation) in operations.iter().enumerate() {
            self.clock.advance(1_000_000);
            let mut answers = Vec::new();
            for app in &self.apps {
                answers.push(answer(request(app, start, operation, number)).await);
            }
            let [cached, plain] = answers.try_into().unwrap();
            prop_assert_eq!(cached, plain, "{:?}", operation);
        }
        Ok(())
    }
}

fn request(app: &TestApp, start: Start, operation: &Operation, number: usize) -> Request {
    let user = |slot: &u8| format!("/api/v1/users/{}", start.user + i64::from(*slot));
    let post = |slot: &u8| format!("/api/v1/posts/{}", start.post + i64::from(*slot));
    let email = |slot: &u8| format!("{slot}-{}@example.com", start.round);
    match operation {
        Operation::CreateUser { email: slot } => {
            let body = json!({ "name": format!("User {number}"), "email": email(slot) });
            app.post("/api/v1/users").json(&body)
        }
        Operation::PatchUser {
            user: slot,
            email: None,
        } => app
            .patch(&user(slot))
            .json(&json!({ "name": format!("User {number}") })),
        Operation::PatchUser {
            user: slot,
            email: Some(address),
        } => app
            .patch(&user(slot))
            .json(&json!({ "email": email(address) })),
        Operation::GetUser(slot) => app.get(&user(slot)),
        Operation::DeleteUser(slot) => app.delete(&user(slot)),
        Operation::CreatePost { author } => {
            let author = (start.user + i64::from(*author)).to_string();
            let body =
                json!({ "author_id": author, "title": format!("Post {number}"), "body": "Text" });
            app.post("/api/v1/posts").json(&body)
        }
        Operation::PatchPost(slot) => app
            .patch(&post(slot))
            .header("if-match", "*")
            .json(&json!({ "title": format!("Post {number}") })),
        Operation::GetPost(slot) => app.get(&post(slot)),
        Operation::DeletePost(slot) => app.delete(&post(slot)).header("if-match", "*"),
        Operation::ListPosts { author } => {
            let author = start.user + i64::from(*author);
            app.get(&format!("/api/v1/posts?author_id={author}"))
        }
    }
}

/// Status and body; of an error not the part that differs with each request.
async fn answer(request: Request) -> (u16, Value) {
    let response = request.send().await;
    let status = response.status.as_u16();
    let mut body = if response.text.is_empty() {
        Value::Null
    } else {
        response.json()
    };
    if body.get("error").is_some() {
        body["meta"].take();
    }
    (status, body)
}

async fn any_sequence_agrees(kind: DatabaseKind) {
    Pair::on(kind, async |pair| {
        let config = Config {
            cases: 40,
            failure_persistence: None,
            max_shrink_iters: 100,
            ..Config::default()
        };
        let sequences = proptest::collection::vec(operation(), 1..30);
        let runtime = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            let outcome = TestRunner::new(config).run(&sequences, |operations| {
                runtime.block_on(async {
                    let start = pair.start().await;
                    pair.agree(start, &operations).await
                })
            });
            outcome.unwrap_or_else(|failure| panic!("{failure}"));
        });
        let hits = pair.apps[0]
            .scrape()
            .await
            .sum("cache_gets_total", &[("result", "hit")]);
        assert!(hits > 0.0, "the cache was used");
        let gets = pair.apps[1].scrape().await.sum("cache_gets_total", &[]);
        assert!(gets < f64::EPSILON, "the other one has none");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_sequence_of_requests_is_answered_as_without_a_cache_on_sqlite() {
    any_sequence_agrees(DatabaseKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_sequence_of_requests_is_answered_as_without_a_cache_on_postgresql() {
    any_sequence_agrees(DatabaseKind::Postgres).await;
}
