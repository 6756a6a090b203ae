//! `dashboards drill`. All drills together are a step of CI; here is one, of a fault that takes no processor from the tests beside it, and the
//! learner's.

use rustix::process::Signal;
use tests::{DatabaseKind, Outside, on_empty_database};

use crate::run::{FREE_PORTS, Running, eventually, is_installed};

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_are_found_delivered_and_seen_to_end() {
    if !is_installed() {
        return;
    }
    let ended = Running::start(&["drill", "disconnects"]).end().await;
    assert_eq!(ended.code(), Some(0), "{}{}", ended.stdout, ended.stderr);
    let line = ended
        .stdout
        .lines()
        .find(|line| line.starts_with("disconnects"))
        .unwrap();
    // The fault, the alert, and four times with their units.
    assert_eq!(line.split_whitespace().count(), 10, "{line}");
    assert!(ended.stdout.contains("1 of 1 drills"), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_drill_leaves_nothing_running() {
    if !is_installed() {
        return;
    }
    let running = Running::start(&["drill", "small_pool"]);
    eventually("the stack is there", async || {
        (running.processes().len() > 5).then_some(())
    })
    .await;
    running.signal(Signal::INT);
    assert_eq!(running.end().await.code(), Some(130));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_drill_leaves_the_database_that_was_named_as_it_was() {
    const INDEX: &str = "posts_status_created_at_idx";
    if !is_installed() {
        return;
    }
    on_empty_database(DatabaseKind::Sqlite, async |database| {
        let running = Running::start(&["drill", "dropped_index", "--database", &database.url]);
        let mut outside = Outside::of(&database).await;
        for is_there in [true, false] {
            eventually("the index comes, and goes", async || {
                (outside.indexes().await.contains(INDEX) == is_there).then_some(())
            })
            .await;
        }
        running.signal(Signal::INT);
        assert_eq!(running.end().await.code(), Some(130));
        assert!(outside.indexes().await.contains(INDEX));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ports_are_refused_where_nobody_would_listen_at_them() {
    let ended = Running::start(&["drill", "errors", "--api-port=0"])
        .end()
        .await;
    let sentence = ended.sentence(2);
    assert!(sentence.contains("--blind"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blind_drill_names_nothing_until_it_is_revealed() {
    if !is_installed() {
        return;
    }
    let shared = tempfile::tempdir().unwrap();
    let in_shared = |arguments: &[&str]| {
        Running::with(arguments, |command| {
            command.env("TMPDIR", shared.path());
        })
    };
    let none = in_shared(&["drill", "--reveal"]).end().await;
    assert!(
        none.sentence(2).contains("drill --blind"),
        "{}",
        none.stderr
    );
    let mut blind = in_shared(&[&["drill", "--blind", "--rate", "20"], &FREE_PORTS[..]].concat());
    let printed = blind.says("Find it.").await;
    let revealed = in_shared(&["drill", "--reveal"]).end().await;
    assert_eq!(revealed.code(), Some(0), "{}", revealed.stderr);
    let name = revealed
        .stdout
        .strip_prefix("It was ")
        .unwrap()
        .split(',')
        .next()
        .unwrap();
    assert!(!printed.contains(name), "{printed}");
    let log = printed.lines().find_map(|line| line.strip_prefix("log "));
    let log = std::fs::read_to_string(log.unwrap().trim()).unwrap();
    assert!(log.contains("http.request"), "it is looked into: {log}");
    assert!(!log.contains(&format!("\"fault\":\"{name}\"")), "{log}");
    let again = in_shared(&["drill", "--reveal"]).end().await;
    assert_eq!(again.code(), Some(2), "{}", again.stdout);
    blind.signal(Signal::INT);
    assert_eq!(blind.end().await.code(), Some(0));
}
