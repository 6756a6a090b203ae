//! The fault that drops an index: plans change with it, and change back.

use api::faults::Fault;
use tests::{Outside, TestApp, eventually, on_each_database_with};

use super::{add, done, risen, switch, wired};
use crate::{captures, delta::Delta};

const LIST: &str = "/api/v1/posts?author_id=7&limit=5";
const QUERY: [(&str, &str); 1] = [("db_query_summary", "posts.list")];

/// Asks until one more change of plans has been seen.
async fn plan_changes(app: &TestApp) {
    let changes = async || {
        app.scrape()
            .await
            .sum("db_query_plan_changes_total", &QUERY)
    };
    let before = changes().await;
    eventually("the plan changes", async || {
        drop(app.get(LIST).send().await.expect(200));
        changes().await > before + 0.5
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_change_when_the_index_is_dropped_and_again_when_it_is_back() {
    on_each_database_with(wired, async |app| {
        add(&app, 50, 100).await;
        let mut outside = Outside::of(&app.database).await;
        let whole = outside.indexes().await;
        assert!(whole.contains("posts_author_created_at_idx"), "{whole}");
        drop(app.get(LIST).send().await.expect(200));
        captures::record(&app, |record| record.query.name == "posts.list").await;
        let before = app.scrape().await;
        for _ in 0..2 {
            switch(&app, Fault::DroppedIndex, true).await;
            plan_changes(&app).await;
            let without = outside.indexes().await;
            assert!(
                !without.contains("posts_author_created_at_idx"),
                "{without}"
            );
            switch(&app, Fault::DroppedIndex, false).await;
            plan_changes(&app).await;
            assert_eq!(outside.indexes().await, whole);
        }
        let after = app.scrape().await;
        assert!(done(&after, Fault::DroppedIndex) > 1.5);
        let delta = Delta { before, after };
        assert_eq!(risen(&delta), ["plans"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_is_back_when_the_service_has_stopped() {
    on_each_database_with(wired, async |app| {
        let mut outside = Outside::of(&app.database).await;
        let whole = outside.indexes().await;
        switch(&app, Fault::DroppedIndex, true).await;
        eventually("the index is gone", async || {
            outside.indexes().await != whole
        })
        .await;
        app.stop().await;
        assert_eq!(outside.indexes().await, whole);
    })
    .await;
}
