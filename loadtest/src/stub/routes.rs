//! What each path came to: its behaviour, the fates of its requests, its body.

use super::behaviour::{Behaviour, Fate};
use anyhow::{Result, ensure};
use hyper::Method;
use hyper::body::Bytes;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Every path is a label of metrics, which must not grow without end.
const MOST_ROUTES: usize = 1_000;

/// The routes that were called.
#[derive(Debug)]
pub(super) struct Routes {
    options: Behaviour,
    seed: u64,
    called: RwLock<HashMap<String, Arc<Route>>>,
}

/// A method and a path.
#[derive(Debug)]
pub(super) struct Route {
    /// `GET /delay/5ms`.
    pub(super) name: String,
    pub(super) behaviour: Behaviour,
    pub(super) body: Bytes,
    dice: Mutex<ChaCha8Rng>,
}

impl Routes {
    pub(super) fn new(options: Behaviour, seed: u64) -> Self {
        Self {
            options,
            seed,
            called: RwLock::default(),
        }
    }

    /// The route of a request.
    ///
    /// # Errors
    /// When the path asks for something that a stub cannot do.
    pub(super) fn find(&self, method: &Method, path: &str) -> Result<Arc<Route>> {
        let name = format!("{method} {path}");
        let called = self.called.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(route) = called.get(&name) {
            return Ok(Arc::clone(route));
        }
        let known = called.len();
        drop(called);
        ensure!(
            known < MOST_ROUTES,
            "a stub keeps {MOST_ROUTES} paths apart, no more"
        );
        let behaviour = self.options.of_path(path)?;
        let route = Arc::new(Route {
            name: name.clone(),
            body: body(behaviour.body_bytes()),
            behaviour,
            dice: Mutex::new(ChaCha8Rng::seed_from_u64(self.seed)),
        });
        let mut called = self.called.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(called.entry(name).or_insert(route)))
    }
}

impl Route {
    /// What becomes of the next request.
    pub(super) fn next_fate(&self) -> Fate {
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        self.behaviour.fate(dice.random())
    }
}

/// JSON of exactly so many bytes; less than JSON where there is no room for it.
fn body(bytes: usize) -> Bytes {
    const BEGIN: &str = r#"{"data":{"id":"1","text":""#;
    const END: &str = r#""}}"#;
    let text = bytes.saturating_sub(BEGIN.len() + END.len());
    let mut body = [BEGIN, &"x".repeat(text), END].concat();
    body.truncate(bytes);
    body.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fates(routes: &Routes, path: &str) -> Vec<Fate> {
        let route = routes.find(&Method::GET, path).unwrap();
        (0..1_000).map(|_| route.next_fate()).collect()
    }

    #[test]
    fn a_body_is_json_of_the_length_that_was_asked_for() {
        for bytes in [30, 200, 65_536] {
            let body = body(bytes);
            assert_eq!(body.len(), bytes);
            assert!(serde_json::from_slice::<serde_json::Value>(&body).is_ok());
        }
        assert_eq!(body(3).len(), 3);
    }

    #[test]
    fn the_same_seed_deals_the_same_fates_and_another_seed_others() {
        let path = "/fail/0.3";
        let once = fates(&Routes::new(Behaviour::default(), 1), path);
        assert_eq!(once, fates(&Routes::new(Behaviour::default(), 1), path));
        assert_ne!(once, fates(&Routes::new(Behaviour::default(), 2), path));
        let failed = once.iter().filter(|fate| **fate == Fate::Fail).count();
        assert!(
            (250..350).contains(&failed),
            "{failed} of 1000 for a share of 0.3"
        );
    }

    #[test]
    fn paths_are_kept_apart_up_to_a_limit() {
        let routes = Routes::new(Behaviour::default(), 1);
        let find = |n| routes.find(&Method::GET, &format!("/delay/{n}us"));
        assert!((0..MOST_ROUTES).all(|n| find(n).is_ok()));
        assert!(
            find(MOST_ROUTES)
                .unwrap_err()
                .to_string()
                .contains("no more")
        );
        assert!(find(0).is_ok(), "those that are known stay known");
    }
}
