//! Every URL of the service, on one screen, each with its budget: the status of success, the most queries that one request may run, and the
//! milliseconds that it may take. A list runs two with what it includes, and up to three more where its rows are counted. A route that is to be given up earlier or later than the others says so last: `100 ms, deadline 500 ms`.

use std::time::Duration;

use actix_web::{
    Route,
    guard::{Guard, GuardContext, fn_guard},
    http::Method,
    web::{self, ServiceConfig},
};

use crate::{
    controllers::{
        debug_faults, debug_queries, docs, elsewhere, errors, health, index, metrics, posts,
        user_posts, users,
    },
    faults::Faults,
    telemetry::{RouteDefinition, request},
    url_table::url_table,
};

url_table! {
    "/" => {
        GET    index::root         => 200, 0 queries, 100 ms;
    }
    "/api/v1" => {
        GET    index::index        => 200, 0 queries, 100 ms;
    }
    "/api/v1/users" => {
        GET    users::list_users   => 200, 5 queries, 100 ms;
        POST   users::create_user  => 201, 6 queries, 100 ms;
    }
    "/api/v1/users/{user_id}" => {
        GET    users::get_user     => 200, 2 queries, 100 ms;
        PUT    users::replace_user => 200, 2 queries, 100 ms;
        PATCH  users::update_user  => 200, 2 queries, 100 ms;
        DELETE users::delete_user  => 204, 5 queries, 100 ms;
    }
    "/api/v1/users/{user_id}/posts" => {
        GET    user_posts::list    => 200, 5 queries, 100 ms;
        POST   user_posts::create  => 201, 6 queries, 100 ms;
    }
    "/api/v1/posts" => {
        GET    posts::list_posts   => 200, 5 queries, 100 ms;
        POST   posts::create_post  => 201, 6 queries, 100 ms;
    }
    "/api/v1/posts/{post_id}" => {
        GET    posts::get_post     => 200, 2 queries, 100 ms;
        PUT    posts::replace_post => 200, 2 queries, 100 ms;
        PATCH  posts::update_post  => 200, 2 queries, 100 ms;
        DELETE posts::delete_post  => 204, 2 queries, 100 ms;
    }
    "/errors" => {
        GET    errors::list_errors => 200, 0 queries, 100 ms;
    }
    "/errors/{code}" => {
        GET    errors::get_error   => 200, 0 queries, 100 ms;
    }
    "/openapi.json" => {
        GET    docs::openapi       => 200, 0 queries, 100 ms;
    }
    "/docs" => {
        GET    docs::page          => 200, 0 queries, 100 ms;
    }
    "/docs/{file}" => {
        GET    docs::file          => 200, 0 queries, 100 ms;
    }
    "/livez" => {
        GET    health::public_livez  => 200, 0 queries, 100 ms;
    }
    "/readyz" => {
        GET    health::public_readyz => 200, 0 queries, 100 ms;
    }
}

/// Of the routes those that a load balancer asks. What they answer is no user's, and so no part of a promise to users.
pub const PROBES: [&str; 2] = ["GET /livez", "GET /readyz"];

/// The URLs of the management listener. They are no part of any budget.
pub fn configure_management(service: &mut ServiceConfig, faults: &Faults) {
    macro_rules! get {
        ($path:literal => $handler:path) => {
            service.service(
                web::resource($path)
                    .route(web::get().to($handler))
                    .route(web::head().to($handler))
                    .default_service(web::to(|request| async move {
                        elsewhere::other_method(&request, "GET, HEAD, OPTIONS")
                    })),
            );
        };
    }
    get!("/metrics" => metrics::metrics);
    get!("/debug/queries" => debug_queries::debug_queries);
    if faults.are_wired() {
        configure_faults(service);
    }
    get!("/livez" => health::livez);
    get!("/readyz" => health::readyz);
    get!("/startupz" => health::startupz);
    service.default_service(web::to(elsewhere::other_path));
}

/// The switches of faults.
fn configure_faults(service: &mut ServiceConfig) {
    let other =
        |allow| web::to(move |request| async move { elsewhere::other_method(&request, allow) });
    service.service(
        web::resource("/debug/faults")
            .route(web::get().to(debug_faults::list))
            .route(web::head().to(debug_faults::list))
            .route(web::delete().to(debug_faults::all_off))
            .default_service(other("GET, HEAD, DELETE, OPTIONS")),
    );
    service.service(
        web::resource("/debug/faults/{name}")
            .route(web::get().to(debug_faults::get))
            .route(web::head().to(debug_faults::get))
            .route(web::put().to(debug_faults::on))
            .route(web::delete().to(debug_faults::off))
            .default_service(other("GET, HEAD, PUT, DELETE, OPTIONS")),
    );
}

fn route(method: Method, name: &str) -> Route {
    let slot = ROUTES
        .iter()
        .position(|route| route.name == name)
        .unwrap_or(ROUTES.len());
    let is_chosen = fn_guard(move |context| {
        let asked = &context.head().method;
        *asked == method || (*asked == Method::HEAD && method == Method::GET)
    });
    web::route().guard(is_chosen).guard(Matched(slot))
}

/// Comes after the method's guard, so that it is asked only when the route is chosen: it notes in the request's record which of the routes it
/// is that the metrics know.
pub struct Matched(pub usize);

impl Guard for Matched {
    fn check(&self, _: &GuardContext<'_>) -> bool {
        request::with_current(|record| record.route.set(self.0));
        true
    }
}
