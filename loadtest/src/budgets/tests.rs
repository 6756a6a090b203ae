//! What a budgets file may say, and where it says what it may not.

use super::*;
use crate::incidents::INCIDENTS;
use crate::routes::Route;

fn parse(text: &str) -> Result<Budgets, String> {
    Budgets::parse("budgets.toml", text).map_err(|error| error.to_string())
}

#[track_caller]
fn error(text: &str) -> String {
    parse(text).unwrap_err()
}

fn ms(ms: u64) -> Time {
    Time(Duration::from_millis(ms))
}

#[test]
fn the_shipped_file_promises_100_ms_for_every_route_and_no_incident() {
    let budgets = parse(SHIPPED).unwrap();
    for route in Route::ALL {
        let budget = budgets.route(route.name());
        assert_eq!(budget.time(Percentile::P99), Some(ms(100)));
        assert_eq!(budget.errors, Some(Share(0.001)));
        assert!(!budget.errors_of_its_own);
    }
    assert_eq!(budgets.query("posts.list").within, None);
    assert_eq!(budgets.query("posts.list").share, Some(Share(0.99)));
    for incident in &INCIDENTS {
        assert_eq!((incident.allowed)(&budgets.server), Some(0));
    }
    let known = Route::ALL.map(Route::name);
    assert_eq!(budgets.check_routes(known), Ok(()));
}

#[test]
fn the_shipped_file_says_what_holds_without_it() {
    let (shipped, empty) = (parse(SHIPPED).unwrap(), parse("").unwrap());
    assert_eq!(shipped.generator, empty.generator);
    assert_eq!(shipped.regression, empty.regression);
    assert_eq!(shipped.run_errors, empty.run_errors);
    assert_eq!(shipped.rounds_agree, empty.rounds_agree);
    assert_eq!(shipped.stall, empty.stall);
    assert!((shipped.confidence - empty.confidence).abs() < 1e-12);
    assert_eq!(empty.route("GET /").times, []);
    assert_eq!(empty.server, ServerBudget::default());
}

#[test]
fn a_route_overrides_only_what_it_names() {
    let budgets = parse(
        "[default]\np50 = \"5ms\"\np99 = \"100ms\"\nerrors = \"1%\"\n\
         [route.\"GET /users\"]\np99 = \"1.5s\"\np999 = \"2s\"\nqueries_per_request = 2",
    );
    let budgets = budgets.unwrap();
    let users = budgets.route("GET /users");
    let promises: Vec<_> = users.times.iter().map(ToString::to_string).collect();
    assert_eq!(promises, ["p50 <= 5 ms", "p99 <= 1.5 s", "p99.9 <= 2 s"]);
    assert_eq!(users.main().unwrap().percentile, Percentile::P99);
    assert_eq!(users.errors, Some(Share(0.01)));
    assert_eq!(users.queries_per_request, Some(2.0));
    assert_eq!(budgets.route("GET /posts").times.len(), 2);
}

#[test]
fn a_query_overrides_only_what_it_names() {
    let text = "[query_default]\nshare = \"99%\"\n[query.\"posts.list\"]\nwithin = \"50ms\"\nmax_per_request = 1";
    let budgets = parse(text).unwrap();
    let query = budgets.query("posts.list");
    assert_eq!(
        (query.within, query.share),
        (Some(ms(50)), Some(Share(0.99)))
    );
    assert!(query.of_its_own && query.max_per_request == Some(1.0));
    assert!(!budgets.query("users.list").of_its_own);
}

#[test]
fn an_unknown_key_is_an_error_with_line_and_column() {
    let error = error("[default]\np99 = \"1s\"\n  p98 = \"1s\"");
    assert!(
        error.starts_with("budgets.toml:3:3: unknown field `p98`"),
        "{error}"
    );
}

#[test]
fn an_unknown_route_is_an_error_that_names_the_nearest_one() {
    let budgets = parse("\n[route.\"GET /api/v1/user\"]\np99 = \"1s\"").unwrap();
    let known = Route::ALL.map(Route::name);
    assert_eq!(
        budgets.check_routes(known).unwrap_err().to_string(),
        "budgets.toml:2:8: there is no route \"GET /api/v1/user\"; did you mean \"GET /api/v1/users\"?"
    );
    assert_eq!(
        budgets.check_routes(["POST /x"]).unwrap_err().to_string(),
        "budgets.toml:2:8: there is no route \"GET /api/v1/user\""
    );
}

#[test]
fn an_unknown_query_is_an_error_with_line_and_column() {
    let budgets = parse("[query.\"posts.lost\"]\nshare = \"1%\"").unwrap();
    let known = BTreeSet::from(["posts.list".to_owned()]);
    assert_eq!(
        budgets.check_queries(&known).unwrap_err().to_string(),
        "budgets.toml:1:8: the target has no query \"posts.lost\"; did you mean \"posts.list\"?"
    );
}

#[test]
fn a_value_that_cannot_be_meant_is_an_error_with_line_and_column() {
    for (text, beginning) in [
        (
            "[default]\np99 = \"100\"",
            "budgets.toml:2:7: \"100\" is no time",
        ),
        (
            "[default]\nerrors = \"110%\"",
            "budgets.toml:2:10: \"110%\" is no share",
        ),
        (
            "[default]\np99 = \"100.5ms\"",
            "budgets.toml:2:7: \"100.5ms\" has more digits than are measured",
        ),
        (
            "[verdict]\nconfidence = 95",
            "budgets.toml:2:14: a confidence is at least 0.5 and below 1",
        ),
        (
            "[verdict]\nfailures_count_as = \"fast\"",
            "budgets.toml:2:21: unknown variant `fast`, expected `over_budget`",
        ),
        (
            "[verdict]\nclock = \"first_byte\"",
            "budgets.toml:2:9: unknown variant `first_byte`, expected `last_byte`",
        ),
        (
            "[regression]\ngate = [\"p99\"]",
            "budgets.toml:2:9: unknown variant `p99`",
        ),
        (
            "[route.\"GET /\"]\nqueries_per_request = -1",
            "budgets.toml:2:23: a number of queries is 0 or more",
        ),
        (
            "[route.\"GET /\"]\np99 = \"1s\"\nstall = \"1s\"",
            "budgets.toml:3:9: a stall is one of the target",
        ),
        ("[default]\np99 = = 3", "budgets.toml:2:"),
    ] {
        let error = error(text);
        assert!(error.starts_with(beginning), "{error}");
    }
}
