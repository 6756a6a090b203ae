//! `api serve` and `api healthcheck`: a service that comes up, is asked, and goes.

use std::net::TcpListener;

use tests::{TestApp, TestOptions, on_each_database, on_each_empty_database};

use crate::command_line::{Ended, run};

fn healthcheck(management: &str) -> Ended {
    let address = management.strip_prefix("http://").unwrap_or(management);
    run(&["healthcheck", "--management-listen", address], &[])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthcheck_passes_where_the_service_is_ready() {
    on_each_database(async |app| {
        let printed = healthcheck(&app.management).done();
        assert!(
            printed.starts_with("[+]lifecycle ready\n[+]database ok "),
            "{printed}"
        );
        assert!(printed.ends_with("ok\n"), "{printed}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthcheck_fails_where_nothing_listens() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let ended = healthcheck(&free.to_string());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.out.starts_with(&format!("no answer from {free}: ")),
        "{ended:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_a_restart() {
    on_each_empty_database(async |database| {
        let app = TestApp::spawn_shared(database, TestOptions::default()).await;
        let id = app.create_user("Ada Lovelace", "ada@example.com").await;
        let database = app.stop().await;
        let app = TestApp::spawn_shared(database, TestOptions::default()).await;
        let user = app.get(&format!("/api/v1/users/{id}")).send().await;
        assert_eq!(user.expect(200).json()["data"]["name"], "Ada Lovelace");
        app.stop().await;
    })
    .await;
}
