//! The catcher: receives what Alertmanager sends to webhooks, keeps it, tells it, and wakes nobody.
//!
//! `POST` to any path takes a message, `GET` shows what came as JSON, newest last.

mod delivery;

pub use delivery::{Delivery, Status};

use std::collections::VecDeque;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use actix_web::dev::ServerHandle;
use actix_web::web::{Bytes, Data, PayloadConfig};
use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::{Context, Result};

use delivery::Message;

/// So many are kept; older ones go.
const KEPT: usize = 10_000;
/// A message of all alerts of a large group stays far below this.
const LARGEST_BODY: usize = 16 << 20;

/// A listener; it ends when it is dropped.
#[derive(Debug)]
pub struct Catcher {
    /// Where it listens.
    pub address: SocketAddr,
    kept: Arc<Mutex<VecDeque<Delivery>>>,
    server: ServerHandle,
}

struct Shared {
    kept: Arc<Mutex<VecDeque<Delivery>>>,
    tell: Box<dyn Fn(&Delivery) + Send + Sync>,
}

impl Catcher {
    /// Listens, and tells each alert as it comes.
    ///
    /// # Errors
    /// When there can be no further thread.
    pub fn start(
        listener: TcpListener,
        tell: impl Fn(&Delivery) + Send + Sync + 'static,
    ) -> Result<Self> {
        let address = listener.local_addr()?;
        let kept = Arc::default();
        let shared = Data::new(Shared {
            kept: Arc::clone(&kept),
            tell: Box::new(tell),
        });
        let application = move || {
            App::new()
                .app_data(shared.clone())
                .app_data(PayloadConfig::new(LARGEST_BODY))
                .default_service(web::to(async || HttpResponse::MethodNotAllowed()))
                .route("/{any:.*}", web::post().to(take))
                .route("/{any:.*}", web::get().to(show))
        };
        let server = HttpServer::new(application)
            .workers(1)
            .disable_signals()
            .shutdown_timeout(1);
        let server = server
            .listen(listener)
            .context("the catcher cannot listen")?
            .run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self {
            address,
            kept,
            server: handle,
        })
    }

    /// What came so far, newest last.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        lock(&self.kept).iter().cloned().collect()
    }
}

impl Drop for Catcher {
    fn drop(&mut self) {
        // The stop is asked for by the call; its future only waits for it.
        drop(self.server.stop(false));
    }
}

async fn take(shared: Data<Shared>, body: Bytes) -> HttpResponse {
    match serde_json::from_slice::<Message>(&body) {
        Ok(message) => {
            for delivery in message.deliveries(SystemTime::now()) {
                (shared.tell)(&delivery);
                let mut kept = lock(&shared.kept);
                kept.push_back(delivery);
                if kept.len() > KEPT {
                    kept.pop_front();
                }
            }
            HttpResponse::Ok().finish()
        }
        Err(error) => HttpResponse::BadRequest()
            .body(format!("this is no message of Alertmanager: {error}\n")),
    }
}

async fn show(shared: Data<Shared>) -> HttpResponse {
    let kept = lock(&shared.kept);
    HttpResponse::Ok().json(&*kept)
}

fn lock(kept: &Mutex<VecDeque<Delivery>>) -> MutexGuard<'_, VecDeque<Delivery>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
