//! The switches themselves: where they are, what they say, and that they are nowhere else.

use api::faults::Fault;
use tests::{on_each_database, on_each_database_with};

use super::{done, shown, switch, wired};

#[tokio::test(flavor = "multi_thread")]
async fn without_the_setting_there_is_nothing_to_switch() {
    on_each_database(async |app| {
        for (method, path) in [
            ("GET", "/debug/faults"),
            ("DELETE", "/debug/faults"),
            ("GET", "/debug/faults/panics"),
            ("PUT", "/debug/faults/panics"),
            ("DELETE", "/debug/faults/panics"),
        ] {
            let answer = app.management_request(method, path).send().await;
            answer.expect_error(404, "ROUTE_NOT_FOUND");
        }
        let scrape = app.scrape().await;
        for fault in Fault::ALL {
            let name = fault.as_str();
            for family in ["fault_injection_active", "fault_injections_total"] {
                let series = format!("{family}{{fault=\"{name}\"}}");
                assert_eq!(scrape.series.get(&series), Some(&0.0), "{series}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_listener_has_no_switches() {
    on_each_database_with(wired, async |app| {
        for (method, path) in [("GET", "/debug/faults"), ("PUT", "/debug/faults/panics")] {
            let answer = app.request(method, path).send().await;
            answer.expect_error(404, "ROUTE_NOT_FOUND");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_listed_with_what_it_does_and_the_alert_that_it_raises() {
    on_each_database_with(wired, async |app| {
        let shown = shown(&app).await;
        let names: Vec<_> = shown
            .iter()
            .map(|fault| fault["name"].as_str().unwrap())
            .collect();
        let all: Vec<_> = Fault::ALL.iter().map(|fault| fault.as_str()).collect();
        assert_eq!(names, all);
        for (shown, fault) in shown.iter().zip(Fault::ALL) {
            let alert = fault.alert();
            let alert = if app.is_sqlite() {
                alert.sqlite
            } else {
                alert.postgres
            };
            assert_eq!(shown["does"], fault.does());
            assert_eq!(shown["alert"], alert);
            assert_eq!(shown["on"], false);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn switching_twice_is_switching_once_and_all_can_be_switched_off_together() {
    on_each_database_with(wired, async |app| {
        let on = async || {
            let shown = shown(&app).await;
            let on = shown.iter().filter(|fault| fault["on"] == true);
            on.map(|fault| fault["name"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        for _ in 0..2 {
            switch(&app, Fault::Panics, true).await;
            switch(&app, Fault::Errors, true).await;
        }
        assert_eq!(on().await, ["panics", "errors"]);
        for _ in 0..2 {
            switch(&app, Fault::Panics, false).await;
        }
        assert_eq!(on().await, ["errors"]);
        switch(&app, Fault::LabelFlood, true).await;
        let answer = app
            .management_request("DELETE", "/debug/faults")
            .send()
            .await;
        let off = answer.expect(200).json();
        assert!(
            off["faults"]
                .as_array()
                .unwrap()
                .iter()
                .all(|fault| fault["on"] == false)
        );
        assert!(on().await.is_empty());
        assert!(app.scrape().await.sum("fault_injection_active", &[]) < 0.5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_that_does_not_exist_is_refused_with_those_that_do() {
    on_each_database_with(wired, async |app| {
        for method in ["GET", "PUT", "DELETE"] {
            let answer = app
                .management_request(method, "/debug/faults/earthquake")
                .send()
                .await;
            let body = answer.expect_error(404, "ROUTE_NOT_FOUND");
            let message = body["error"]["message"].as_str().unwrap();
            let names: Vec<_> = Fault::ALL.iter().map(|fault| fault.as_str()).collect();
            let expected = format!(
                "There is no fault of this name: use one of {}",
                names.join(", ")
            );
            assert_eq!(message, expected);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switches_have_the_methods_that_they_say_they_have() {
    on_each_database_with(wired, async |app| {
        for (path, allow) in [
            ("/debug/faults", "GET, HEAD, DELETE, OPTIONS"),
            ("/debug/faults/panics", "GET, HEAD, PUT, DELETE, OPTIONS"),
        ] {
            for (method, status) in [("OPTIONS", 204), ("POST", 405), ("PATCH", 405)] {
                let answer = app
                    .management_request(method, path)
                    .send()
                    .await
                    .expect(status);
                assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
            }
            let head = app
                .management_request("HEAD", path)
                .send()
                .await
                .expect(200);
            assert_eq!(head.header("cache-control"), Some("no-store"));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_faults_can_be_switched_on_and_none_is_the_service_is_as_ever() {
    on_each_database_with(wired, async |app| {
        crate::traffic::run(&app).await;
        let scrape = app.scrape().await;
        assert!(Fault::ALL.iter().all(|fault| done(&scrape, *fault) < 0.5));
        assert!(scrape.sum("http_server_panics_total", &[]) < 0.5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_are_spared() {
    on_each_database_with(wired, async |app| {
        for fault in [
            Fault::Errors,
            Fault::Panics,
            Fault::Disconnects,
            Fault::LabelFlood,
        ] {
            switch(&app, fault, true).await;
        }
        for _ in 0..20 {
            drop(app.get("/livez").send().await.expect(200));
            drop(app.get("/errors").send().await.expect(200));
        }
    })
    .await;
}
