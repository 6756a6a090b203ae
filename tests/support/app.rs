//! The application under test.

use std::{sync::Arc, time::Duration};

use actix_web::web::ServiceConfig;
use api::{
    app::{Application, Parts},
    clock::{Clock, FixedClock},
    config::Config,
    database::CapturePolicy,
    models::Timestamp,
    plans::Recorder,
    repositories::QUERIES,
    routes::{self, ROUTES},
    telemetry::{Metrics, RouteDefinition, log::LogSink},
};
use tokio::{sync::oneshot, task::JoinHandle};

use crate::{
    database::{DatabaseKind, TestDatabase},
    http::Request,
    log::{self, Lines},
    metrics::Scrape,
    raw::RawConnection,
};

/// 2024-01-01T00:00:00Z: where a clock stands that a test moves by hand.
const FIXED_TIME: Timestamp = Timestamp::from_micros(1_704_067_200_000_000);

/// What a test may choose.
pub struct TestOptions {
    pub config: Config,
    pub clock: Clock,
    pub body_timeout: Duration,
    pub upkeep_interval: Duration,
    pub capture_policy: CapturePolicy,
    /// Routes that the metrics know besides those of the service; their slots come after its own.
    pub more_routes: &'static [RouteDefinition],
    /// Binds all public URLs.
    pub routes: fn(&mut ServiceConfig),
}

impl Default for TestOptions {
    fn default() -> Self {
        let free_port = "127.0.0.1:0".parse().unwrap();
        Self {
            config: Config {
                listen: free_port,
                management_listen: free_port,
                workers: 2,
                drain_delay_ms: 0,
                ..Config::default()
            },
            clock: Clock::System,
            body_timeout: Duration::from_secs(10),
            upkeep_interval: Duration::from_mins(1),
            capture_policy: CapturePolicy::default(),
            more_routes: &[],
            routes: routes::configure,
        }
    }
}

impl TestOptions {
    /// The defaults with a clock that stands at 2024-01-01T00:00:00Z until [`TestApp::advance`] moves it.
    pub fn at_fixed_time() -> Self {
        Self {
            clock: Clock::Fixed(FixedClock::at(FIXED_TIME)),
            ..Self::default()
        }
    }

    /// The defaults, but that nothing is given up within a minute.
    pub fn patient() -> Self {
        Self::with(|config| {
            config.pool_wait_timeout_ms = 60_000;
            config.statement_timeout_ms = 60_000;
            config.lock_timeout_ms = 60_000;
            config.deadline_ms = 60_000;
        })
    }

    /// The defaults, changed by `change`.
    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut options = Self::default();
        change(&mut options.config);
        options
    }
}

/// The real application, running in this process. It stops when it is dropped.
pub struct TestApp {
    pub base: String,
    pub management: String,
    pub database: Arc<TestDatabase>,
    pub metrics: Arc<Metrics>,
    pub plans: Arc<Recorder>,
    clock: Clock,
    log: Lines,
    client: reqwest::Client,
    stop: Option<oneshot::Sender<Duration>>,
    running: Option<JoinHandle<()>>,
}

impl TestApp {
    /// On this database, which stays when the application stops.
    pub async fn spawn_shared(database: Arc<TestDatabase>, mut options: TestOptions) -> Self {
        log::install();
        options.config.database_url.clone_from(&database.url);
        Self::spawn_at(database, options).await
    }

    /// On the database that the options name: a proxy in front of the test's own, for instance.
    pub async fn spawn_at(database: Arc<TestDatabase>, options: TestOptions) -> Self {
        log::install();
        let known = [ROUTES, options.more_routes].concat();
        let metrics = Metrics::new(&known, QUERIES).unwrap();
        let log = Lines::default();
        let (sink, _writer) = LogSink::start(log.clone(), metrics.log_drops.clone()).unwrap();
        let mut parts = Parts::new(Arc::clone(&metrics), sink);
        parts.clock = options.clock.clone();
        parts.body_timeout = options.body_timeout;
        parts.upkeep_interval = options.upkeep_interval;
        parts.capture_policy = options.capture_policy;
        parts.routes = options.routes;
        let application = Application::build(&options.config, parts)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        let base = format!("http://{}", application.public_address());
        let management = format!("http://{}", application.management_address());
        let plans = application.plans();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            let stop = async { stopped.await.unwrap_or_default() };
            application.run_until_stopped(stop).await.unwrap();
        });
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // Bodies are looked at as they come.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .build()
            .unwrap();
        Self {
            base,
            management,
            database,
            metrics,
            plans,
            clock: options.clock,
            log,
            client,
            stop: Some(stop),
            running: Some(running),
        }
    }

    /// Moves the clock of [`TestOptions::at_fixed_time`] forward.
    pub fn advance(&self, time: Duration) {
        let Clock::Fixed(clock) = &self.clock else {
            panic!("the clock is the machine's");
        };
        clock.advance(i64::try_from(time.as_micros()).unwrap());
    }

    /// A connection to the public listener, to be spoken over byte by byte.
    pub async fn connect(&self) -> RawConnection {
        RawConnection::open(&self.base).await
    }

    pub fn is_sqlite(&self) -> bool {
        self.database.kind == DatabaseKind::Sqlite
    }

    pub fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    pub fn post(&self, path: &str) -> Request {
        self.request("POST", path)
    }

    pub fn patch(&self, path: &str) -> Request {
        self.request("PATCH", path)
    }

    pub fn delete(&self, path: &str) -> Request {
        self.request("DELETE", path)
    }

    pub fn request(&self, method: &str, path: &str) -> Request {
        Request::new(
            self.client
                .request(method.parse().unwrap(), format!("{}{path}", self.base)),
        )
    }

    /// A request to the management listener.
    pub fn management(&self, path: &str) -> Request {
        self.management_request("GET", path)
    }

    pub fn management_request(&self, method: &str, path: &str) -> Request {
        let method = method.parse().expect("a method");
        let url = format!("{}{path}", self.management);
        Request::new(self.client.request(method, url))
    }

    /// All metrics, now.
    pub async fn scrape(&self) -> Scrape {
        Scrape::parse(&self.management("/metrics").send().await.text)
    }

    /// The access lines so far; asks until there are at least `count`.
    pub async fn access_lines(&self, count: usize) -> Vec<serde_json::Value> {
        crate::eventually("access lines", async || self.log.json().len() >= count).await;
        self.log.json()
    }

    /// A user made through the API; returns its id.
    pub async fn create_user(&self, name: &str, email: &str) -> String {
        let response = self
            .post("/api/v1/users")
            .json(&serde_json::json!({ "name": name, "email": email }))
            .send()
            .await;
        response.expect(201).json()["data"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// A post made through the API; returns its id.
    pub async fn create_post(&self, author_id: &str, title: &str) -> String {
        let post = serde_json::json!({ "author_id": author_id, "title": title, "body": "Text", "status": "published" });
        self.post("/api/v1/posts")
            .json(&post)
            .send()
            .await
            .expect(201)
            .json()["data"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Tells the application to stop, with this drain delay; returns what waits for its end.
    pub fn begin_stop(&mut self, drain_delay: Duration) -> JoinHandle<()> {
        let stop = self.stop.take().expect("stopped twice");
        assert!(
            stop.send(drain_delay).is_ok(),
            "the application has ended by itself"
        );
        self.running.take().expect("stopped twice")
    }

    /// Stops the application and waits for its end. The database stays.
    pub async fn stop(mut self) -> Arc<TestDatabase> {
        self.begin_stop(Duration::ZERO).await.unwrap();
        Arc::clone(&self.database)
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // Ends the wait of `run_until_stopped`.
        drop(self.stop.take());
    }
}
