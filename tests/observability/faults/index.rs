//! The fault that drops an index: plans change with it, and change back.

use api::faults::Fault;
use tests::{Outside, TestApp, eventually, on_each_database_with};

use super::{add, done, risen, switch, wired};
use crate::{captures, delta::Delta};

const LIST: &str = "/api/v1/posts?status=archived&limit=5";
const QUERY: [(&str, &str); 1] = [("db_query_summary", "posts.list")];

async fn changes(app: &TestApp) -> f64 {
    let scrape = app.scrape().await;
    scrape.sum("db_query_plan_changes_total", &QUERY)
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_change_when_the_index_is_dropped_and_again_when_it_is_back() {
    on_each_database_with(wired, async |app| {
        add(&app, 50, 100).await;
        let mut outside = Outside::of(&app.database).await;
        let whole = outside.indexes().await;
        assert!(whole.contains("posts_status_created_at_idx"), "{whole}");
        drop(app.get(LIST).send().await.expect(200));
        captures::record(&app, |record| record.query.name == "posts.list").await;
        let before = app.scrape().await;
        for _ in 0..2 {
            let known = changes(&app).await;
            switch(&app, Fault::DroppedIndex, true).await;
            eventually("a fast call has another plan", async || {
                drop(app.get(LIST).send().await.expect(200));
                changes(&app).await > known + 0.5
            })
            .await;
            let without = outside.indexes().await;
            assert!(
                !without.contains("posts_status_created_at_idx"),
                "{without}"
            );
            switch(&app, Fault::DroppedIndex, false).await;
            eventually(
                "it has its plan back, whether it is called or not",
                async || changes(&app).await > known + 1.5,
            )
            .await;
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
