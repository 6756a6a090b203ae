//! The macro behind the URL table in `routes.rs`.

/// Makes `ROUTES` and `configure` from the table. A resource that has GET has HEAD too, by the same handler and under the same name: the
/// server leaves the body out. Every resource has OPTIONS.
macro_rules! url_table {
    ($($path:literal => { $($method:ident $handler:path => $success:literal, $queries:literal $unit:ident, $millis:literal ms
        $(, same query $same:literal times)? $(, deadline $deadline:literal ms)?;)+ })+) => {
        /// Every route of the public listener. The place in the list is the route's slot in the metrics.
        pub const ROUTES: &[RouteDefinition] = &[$($(
            RouteDefinition {
                method: stringify!($method),
                name: concat!(stringify!($method), " ", $path),
                success: $success,
                budget: Duration::from_millis($millis),
                max_queries: $queries,
                max_same_query: url_table!(@same $($same)?),
                deadline: url_table!(@deadline $($deadline)?),
            },
        )+)+];

        /// Binds the URLs of the public listener to their controllers.
        pub fn configure(service: &mut ServiceConfig) {
            $(
                service.service(
                    web::resource($path)
                        .guard(fn_guard(elsewhere::is_short_enough))
                        $(.route(route(Method::$method, concat!(stringify!($method), " ", $path)).to($handler)))+
                        .default_service(web::to(|request| async move {
                            elsewhere::other_method(&request, concat!($(url_table!(@allow $method), ", ",)+ "OPTIONS"))
                        })),
                );
            )+
            service.default_service(web::to(elsewhere::other_path));
        }
    };
    (@allow GET) => { "GET, HEAD" };
    (@allow $method:ident) => { stringify!($method) };
    (@same) => { crate::budget::DEFAULT_MAX_SAME_QUERY };
    (@same $same:literal) => { $same };
    (@deadline) => { None };
    (@deadline $deadline:literal) => { Some(Duration::from_millis($deadline)) };
}
pub(crate) use url_table;
