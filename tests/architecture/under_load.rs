//! Every route of the public API is under load: what the harness does not call, nobody judges.

use api::routes::ROUTES;
use loadtest::routes::Route;

/// For those who watch the service, and for those who read about it: no traffic of the API.
const NO_TRAFFIC: [&str; 6] = [
    "GET /livez",
    "GET /readyz",
    "GET /",
    "GET /docs",
    "GET /docs/{file}",
    "GET /errors",
];

#[test]
fn the_harness_calls_every_route_of_the_api_and_no_other() {
    let mut served: Vec<_> = ROUTES
        .iter()
        .map(|route| route.name)
        .filter(|name| !NO_TRAFFIC.contains(name))
        .collect();
    let mut called = Route::ALL.map(Route::name);
    served.sort_unstable();
    called.sort_unstable();
    assert_eq!(served, called, "left: served, right: called by the harness");
}
