//! Pages by cursor: how they begin, link, and end, and which cursors are refused.

use api::config::Config;
use tests::{Outside, TestApp, TestOptions, on_each_database, on_each_database_with};

use crate::bad_input::assert_refused;

#[tokio::test(flavor = "multi_thread")]
async fn following_next_shows_every_row_once_in_any_order_of_the_list() {
    on_each_list_of_seven(async |app| {
        for sort in [
            "id",
            "-id",
            "name",
            "-name,created_at",
            "name,-created_at",
            "created_at,name,-id",
            "-created_at,-name",
            "id,name",
        ] {
            for limit in [1, 2, 3, 7, 8] {
                let whole = format!("/api/v1/users?limit=100&sort={sort}");
                let start = format!("/api/v1/users?cursor=start&limit={limit}&sort={sort}");
                let expected = ids(&app.get(&whole).send().await.expect(200).json());
                let (there, last) = follow(&app, &start, "next").await;
                assert_eq!(there.concat(), expected, "{sort}, {limit}");
                assert!(there.iter().all(|page| page.len() <= limit));
                let (mut back, _) = follow(&app, &last, "prev").await;
                back.reverse();
                assert_eq!(back.concat(), expected, "back by {sort}, {limit}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_by_cursor_links_by_cursor_and_has_no_number() {
    on_each_list_of_seven(async |app| {
        let path = "/api/v1/users?limit=2&role=member&cursor=start&sort=id";
        let response = app.get(path).send().await.expect(200);
        let first = response.json();
        assert_eq!(first["meta"]["has_more"], true);
        assert!(first["meta"].get("page").is_none(), "{first}");
        let start = "/api/v1/users?cursor=start&limit=2&role=member&sort=id";
        assert_eq!(first["links"]["self"], start);
        assert_eq!(first["links"]["first"], start);
        assert!(first["links"].get("prev").is_none(), "{first}");
        let next = first["links"]["next"].as_str().unwrap();
        let link = response.header("link").unwrap().to_owned();
        assert!(link.contains(&format!("<{next}>; rel=\"next\"")), "{link}");
        let second = app.get(next).send().await.expect(200).json();
        assert_eq!(second["links"]["self"], next);
        assert_eq!(ids(&second), ["3", "4"]);
        // The limit may change from page to page.
        let wider = next.replace("limit=2", "limit=100");
        assert_eq!(
            ids(&app.get(&wider).send().await.expect(200).json()).len(),
            5
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_pages_by_number_end_the_next_one_is_by_cursor() {
    on_each_database(async |app| {
        let now = if app.is_sqlite() { "1" } else { "now()" };
        let many = format!(
            "INSERT INTO users (name, email, role, version, created_at, updated_at) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10120) \
             SELECT 'Ada', i || '@example.com', 'member', 1, {now}, {now} FROM n"
        );
        Outside::of(&app.database).await.run(&many).await;
        let path = "/api/v1/users?page=100&limit=100&sort=id";
        let last = app.get(path).send().await.expect(200).json();
        assert_eq!(last["meta"]["has_more"], true);
        let next = last["links"]["next"].as_str().unwrap();
        assert!(next.starts_with("/api/v1/users?cursor="), "{next}");
        let (pages, _) = follow(&app, next, "next").await;
        let rest: Vec<_> = (10_001..=10_120).map(|id| id.to_string()).collect();
        assert_eq!(pages.concat(), rest);
        let response = app.get("/api/v1/users?page=101&limit=100").send().await;
        assert_refused(&response, "PAGE_OUT_OF_RANGE");
        assert!(response.text.contains("cursor=start"), "{}", response.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_row_of_a_cursor_need_not_be_there_any_more() {
    on_each_list_of_seven(async |app| {
        let path = "/api/v1/users?cursor=start&limit=3&sort=-id";
        let first = app.get(path).send().await.expect(200).json();
        for id in ["5", "6", "3"] {
            let response = app.delete(&format!("/api/v1/users/{id}")).send().await;
            assert_eq!(response.status, 204);
        }
        let next = first["links"]["next"].as_str().unwrap();
        let second = app.get(next).send().await.expect(200).json();
        assert_eq!(ids(&second), ["4", "2", "1"]);
        let prev = second["links"]["prev"].as_str().unwrap();
        let before = app.get(prev).send().await.expect(200).json();
        assert_eq!(ids(&before), ["7"]);
        assert!(before["links"].get("prev").is_none(), "{before}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_that_were_not_given_out_like_this_are_refused() {
    on_each_list_of_seven(async |app| {
        let cursor = next_cursor(&app, "/api/v1/users?cursor=start&limit=2").await;
        let half = &cursor[..cursor.len() / 2];
        let padded = format!("{cursor}%3D");
        let long = "A".repeat(5_000);
        for bad in [
            "",
            "Start",
            "start%00",
            "%00",
            "1",
            "eyJ2IjoxfQ",
            "%F0%9F%92%A5",
            "%D9%A1",
            "'%20OR%201=1",
            "9223372036854775807",
            "9223372036854775808",
            "-1",
            "null",
            half,
            &cursor[1..],
            &padded,
            &long,
        ] {
            refuses(&app, &format!("users?cursor={bad}"), "INVALID_CURSOR").await;
        }
        for (query, code) in [
            (format!("posts?cursor={cursor}"), "CURSOR_MISMATCH"),
            (
                format!("users?cursor={cursor}&role=admin"),
                "CURSOR_MISMATCH",
            ),
            (
                format!("users?cursor={cursor}&sort=name"),
                "CURSOR_MISMATCH",
            ),
            (format!("users?cursor={cursor}&id[in]=1"), "CURSOR_MISMATCH"),
            (
                format!("users?cursor={cursor}&page=1"),
                "CONFLICTING_PARAMETERS",
            ),
            (
                "users?cursor=start&page=1".to_owned(),
                "CONFLICTING_PARAMETERS",
            ),
            (
                format!("users?cursor={cursor}&cursor={cursor}"),
                "CONFLICTING_PARAMETERS",
            ),
            (format!("users?cursor={cursor}&limit=0"), "INVALID_LIMIT"),
            (format!("users?cursor={cursor}&role=king"), "INVALID_ROLE"),
        ] {
            refuses(&app, &query, code).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_known_to_those_with_the_same_key_alone() {
    on_each_list_of_seven(async |app| {
        let cursor = next_cursor(&app, "/api/v1/users?cursor=start&limit=2").await;
        for (key, known) in [(KEY, true), ("", false), (&KEY.replace('k', "x"), false)] {
            let other = TestApp::spawn_shared(app.database.clone(), keyed(key)).await;
            let response = other
                .get(&format!("/api/v1/users?cursor={cursor}"))
                .send()
                .await;
            if known {
                assert_eq!(ids(&response.expect(200).json()).len(), 5);
            } else {
                assert_refused(&response, "INVALID_CURSOR");
            }
            other.stop().await;
        }
    })
    .await;
}

const KEY: &str = "a key that nobody knows, of forty bytes..";

fn keyed(key: &str) -> TestOptions {
    let options = TestOptions::at_fixed_time();
    let cursor_key = key.to_owned();
    TestOptions {
        config: Config {
            cursor_key,
            ..options.config
        },
        ..options
    }
}

async fn refuses(app: &TestApp, query: &str, code: &str) {
    let response = app.get(&format!("/api/v1/{query}")).send().await;
    assert_eq!(response.json()["error"]["code"], code, "{query:.200}");
    assert_refused(&response, code);
    assert!(response.text.len() < 1000, "{}", response.text.len());
}

async fn next_cursor(app: &TestApp, path: &str) -> String {
    let list = app.get(path).send().await.expect(200).json();
    let next = list["links"]["next"].as_str().unwrap();
    let (_, cursor) = next.split_once("cursor=").unwrap();
    cursor.split('&').next().unwrap().to_owned()
}

/// The ids of each page to where there is no further one, and the address of the last.
async fn follow(app: &TestApp, start: &str, relation: &str) -> (Vec<Vec<String>>, String) {
    let (mut pages, mut path) = (Vec::new(), start.to_owned());
    loop {
        let list = app.get(&path).send().await.expect(200).json();
        let more = list["links"].get("next").is_some();
        assert_eq!(list["meta"]["has_more"], more);
        pages.push(ids(&list));
        match list["links"].get(relation) {
            Some(link) => path = link.as_str().unwrap().to_owned(),
            None => return (pages, path),
        }
        assert!(pages.len() < 20, "{relation} has no end");
    }
}

fn ids(list: &serde_json::Value) -> Vec<String> {
    let rows = list["data"].as_array().unwrap();
    rows.iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Seven users of three names, two of them at each moment.
async fn on_each_list_of_seven(test: impl AsyncFn(TestApp)) {
    on_each_database_with(
        || keyed(KEY),
        async |app| {
            for number in 1..=7 {
                let name = ["Ada", "Bo", "Cy"][number % 3];
                app.create_user(name, &format!("{number}@example.com"))
                    .await;
                if number % 2 == 0 {
                    app.advance(std::time::Duration::from_secs(1));
                }
            }
            test(app).await;
        },
    )
    .await;
}
