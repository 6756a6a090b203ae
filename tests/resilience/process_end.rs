//! The end of the process, asked for or not: what was acknowledged is there.

use serde_json::Value;
use tests::{Outside, Process, ProcessOptions, on_each_empty_database};

use crate::{
    BINARY,
    writers::{stored, write_until_the_end},
};

#[tokio::test(flavor = "multi_thread")]
async fn at_sigterm_every_request_is_answered_and_every_line_is_logged() {
    on_each_empty_database(async |database| {
        let mut options = ProcessOptions::new(BINARY, &database.url);
        options.arguments = &["--drain-delay-ms=100"];
        let service = Process::start(&options).await;
        let (service, acknowledged) = write_until_the_end(service, 200, Process::terminate).await;
        let (status, log) = service.wait().await;

        assert_eq!(status.code(), Some(0));
        // Every post that was made was also acknowledged: no answer was lost.
        assert_eq!(stored(&database, &acknowledged).await, acknowledged.len());
        let posts = Outside::of(&database)
            .await
            .number("SELECT count(*) FROM posts")
            .await;
        assert_eq!(usize::try_from(posts).unwrap(), acknowledged.len());
        let lines: Vec<Value> = log
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let requests = lines
            .iter()
            .filter(|line| line["http.route"] == "POST /api/v1/posts");
        assert_eq!(requests.count(), acknowledged.len());
        let said = |message: &str| lines.iter().any(|line| line["message"] == message);
        assert!(said("draining") && said("stopped"), "{log:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_in_the_middle_of_writes_loses_nothing_that_it_acknowledged() {
    on_each_empty_database(async |database| {
        let options = ProcessOptions::new(BINARY, &database.url);
        let service = Process::start(&options).await;
        let (service, acknowledged) = write_until_the_end(service, 200, Process::kill).await;
        assert_eq!(service.wait().await.0.code(), None);

        let again = Process::start(&options).await;
        assert_eq!(stored(&database, &acknowledged).await, acknowledged.len());
        for id in acknowledged.iter().rev().take(20) {
            let path = format!("/api/v1/posts/{id}");
            drop(again.request("GET", &path).send().await.expect(200));
        }
        // The dead process holds no lock.
        let user = serde_json::json!({ "name": "Grace", "email": "grace@example.com" });
        drop(
            again
                .request("POST", "/api/v1/users")
                .json(&user)
                .send()
                .await
                .expect(201),
        );
    })
    .await;
}
