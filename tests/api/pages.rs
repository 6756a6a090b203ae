//! Pages by number: which there are, how they are linked, where they end.

use tests::{TestApp, TestOptions, on_each_database, on_each_database_with};

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_the_middle_links_to_itself_the_first_and_its_neighbours() {
    on_each_list_of_five(async |app| {
        let response = app
            .get("/api/v1/users?page=2&limit=2&role=member&sort=id")
            .send()
            .await
            .expect(200);
        let body = response.json();
        assert_body!(body["links"], @r#"
        {
          "first": "/api/v1/users?page=1&limit=2&role=member&sort=id",
          "next": "/api/v1/users?page=3&limit=2&role=member&sort=id",
          "prev": "/api/v1/users?page=1&limit=2&role=member&sort=id",
          "self": "/api/v1/users?page=2&limit=2&role=member&sort=id"
        }
        "#);
        assert_body!(body["meta"], @r#"
        {
          "has_more": true,
          "limit": 2,
          "page": 2,
          "timestamp": "2024-01-01T00:00:00Z"
        }
        "#);
        assert_eq!(
            response.header("link"),
            Some(
                "</api/v1/users?page=2&limit=2&role=member&sort=id>; rel=\"self\", \
                 </api/v1/users?page=1&limit=2&role=member&sort=id>; rel=\"first\", \
                 </api/v1/users?page=1&limit=2&role=member&sort=id>; rel=\"prev\", \
                 </api/v1/users?page=3&limit=2&role=member&sort=id>; rel=\"next\""
            )
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn following_next_shows_every_row_once_and_then_ends() {
    on_each_list_of_five(async |app| {
        let mut seen = Vec::new();
        let mut next = Some("/api/v1/users?limit=2&sort=id".to_owned());
        while let Some(path) = next {
            let body = app.get(&path).send().await.expect(200).json();
            seen.extend(
                body["data"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|user| user["id"].clone()),
            );
            next = body["links"]["next"].as_str().map(str::to_owned);
            assert_eq!(body["meta"]["has_more"], next.is_some());
        }
        assert_eq!(seen, ["1", "2", "3", "4", "5"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_exactly_full_is_the_last_one() {
    on_each_list_of_five(async |app| {
        let body = app
            .get("/api/v1/users?limit=5")
            .send()
            .await
            .expect(200)
            .json();
        assert_eq!(body["data"].as_array().unwrap().len(), 5);
        assert_eq!(body["meta"]["has_more"], false);
        assert!(body["links"].get("next").is_none(), "{body}");
        assert!(body["links"].get("prev").is_none(), "{body}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_beyond_the_end_is_empty() {
    on_each_list_of_five(async |app| {
        let response = app.get("/api/v1/users?page=500&limit=20").send().await;
        assert_body!(response.expect(200).json(), @r#"
        {
          "data": [],
          "links": {
            "first": "/api/v1/users?page=1&limit=20",
            "prev": "/api/v1/users?page=499&limit=20",
            "self": "/api/v1/users?page=500&limit=20"
          },
          "meta": {
            "has_more": false,
            "limit": 20,
            "page": 500,
            "timestamp": "2024-01-01T00:00:00Z"
          }
        }
        "#);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_holds_twenty_rows_where_nothing_is_said_and_a_hundred_at_most() {
    on_each_database(async |app| {
        let body = app.get("/api/v1/posts").send().await.expect(200).json();
        assert_eq!(body["meta"]["limit"], 20);
        let body = app
            .get("/api/v1/posts?limit=100&page=100")
            .send()
            .await
            .expect(200)
            .json();
        assert_eq!(body["meta"]["limit"], 100);
        app.get("/api/v1/posts?limit=101")
            .send()
            .await
            .expect_error(400, "INVALID_LIMIT");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_come_back_in_links_in_a_form_that_can_be_asked_for() {
    on_each_list_of_five(async |app| {
        let path = "/api/v1/users?sort=%2Dname%2Cid&limit=2&role=m%65mber";
        let body = app.get(path).send().await.expect(200).json();
        let next = body["links"]["next"].as_str().unwrap();
        assert_eq!(
            next,
            "/api/v1/users?page=2&limit=2&sort=-name%2Cid&role=member"
        );
        let body = app.get(next).send().await.expect(200).json();
        assert_eq!(body["data"].as_array().unwrap().len(), 2);
    })
    .await;
}

async fn on_each_list_of_five(test: impl AsyncFn(TestApp)) {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        for number in 1..=5 {
            app.create_user("Member", &format!("{number}@example.com"))
                .await;
        }
        test(app).await;
    })
    .await;
}
