//! Tables so large that a wrong plan hurts, filled by COPY.

use std::{fmt::Write, pin::pin, time::Instant};

use api::{
    config::Config,
    database::{DatabaseTarget, Migrate},
};
use futures_util::SinkExt;
use tests::{TestDatabase, connect, say};
use tokio_postgres::{Client, CopyInSink};

pub const USERS: u32 = 200_000;
pub const POSTS: u32 = 1_000_000;
const IDEMPOTENCY_KEYS: u32 = 100_000;

const ROLES: [&str; 10] = [
    "member", "member", "member", "editor", "member", "member", "member", "member", "admin",
    "member",
];
const STATUSES: [&str; 10] = [
    "published",
    "draft",
    "published",
    "published",
    "published",
    "archived",
    "published",
    "draft",
    "published",
    "published",
];
/// Bytes that are sent at once.
const CHUNK: usize = 256 * 1024;

/// Migrates the database and fills it.
pub async fn fill(database: &TestDatabase) {
    let started = Instant::now();
    say(&format!(
        "plans: filling PostgreSQL with {USERS} users and {POSTS} posts, which takes about half a minute"
    ));
    let options = Config::default().pool_options();
    let target = DatabaseTarget::parse(&database.url, &options).unwrap();
    target.migrate(Migrate::Up).await.unwrap();
    let client = connect(&database.url).await;
    copy(
        &client,
        "COPY users (name, email, role, version, created_at, updated_at) FROM STDIN",
        USERS,
        user,
    )
    .await;
    copy(
        &client,
        "COPY posts (author_id, title, body, status, version, created_at, updated_at) FROM STDIN",
        POSTS,
        post,
    )
    .await;
    copy(
        &client,
        "COPY idempotency_keys (key, fingerprint, status, headers, body, created_at) FROM STDIN",
        IDEMPOTENCY_KEYS,
        idempotency_key,
    )
    .await;
    // The visibility map is what lets an index answer alone.
    client.batch_execute("VACUUM ANALYZE").await.unwrap();
    say(&format!(
        "plans: it took {:.1} s",
        started.elapsed().as_secs_f64()
    ));
}

fn user(number: u32, rows: &mut String) {
    let role = pick(&ROLES, number);
    let time = time(number, USERS);
    let _ = writeln!(
        rows,
        "Name {}\tuser{number}@example.com\t{role}\t1\t{time}\t{time}",
        scattered(number, USERS)
    );
}

fn post(number: u32, rows: &mut String) {
    let status = pick(&STATUSES, number);
    let time = time(number, POSTS);
    let author = 1 + scattered(number, USERS);
    let title = scattered(number, POSTS);
    let _ = writeln!(
        rows,
        "{author}\tTitle {title}\tSome text that is as long as a short paragraph would be.\t{status}\t1\t{time}\t{time}"
    );
}

/// As large as they are: an answer has some 300 bytes of headers, and some 300 of body.
fn idempotency_key(number: u32, rows: &mut String) {
    let time = time(number, IDEMPOTENCY_KEYS);
    let key = scattered(number, IDEMPOTENCY_KEYS);
    let (headers, body) = ("header: value".repeat(25), "7b7d".repeat(150));
    let _ = writeln!(
        rows,
        "POST /api/v1/users {key}\t\\\\x00\t201\t{headers}\t\\\\x{body}\t{time}"
    );
}

fn pick<'a>(values: &[&'a str], number: u32) -> &'a str {
    let at = number as usize % values.len();
    values.get(at).copied().unwrap_or_default()
}

/// The same numbers in an order that has nothing to do with the time.
fn scattered(number: u32, of: u32) -> u32 {
    let scattered = u64::from(number) * 7_919 % u64::from(of);
    u32::try_from(scattered).unwrap()
}

/// A year, evenly.
fn time(number: u32, of: u32) -> String {
    let second = u64::from(number) * 31_536_000 / u64::from(of);
    let (day, rest) = (second / 86_400, second % 86_400);
    format!(
        "2024-{:02}-{:02} {:02}:{:02}:{:02}Z",
        1 + day / 28 % 12,
        1 + day % 28,
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

async fn copy(client: &Client, statement: &str, rows: u32, row: fn(u32, &mut String)) {
    let sink: CopyInSink<std::io::Cursor<Vec<u8>>> = client.copy_in(statement).await.unwrap();
    let mut sink = pin!(sink);
    let mut text = String::with_capacity(CHUNK + 1024);
    for number in 0..rows {
        row(number, &mut text);
        if text.len() >= CHUNK || number + 1 == rows {
            let chunk = std::mem::take(&mut text).into_bytes();
            sink.send(std::io::Cursor::new(chunk)).await.unwrap();
        }
    }
    assert_eq!(sink.finish().await.unwrap(), u64::from(rows));
}
