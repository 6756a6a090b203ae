//! What is sent: the routes of a target, and the kinds of users that call them.
//!
//! For this service that is [`crate::personas`], for any other one a scenario file. Whatever sends
//! it ([`crate::attack`]) knows only what is here.

use crate::client::{BrokenOff, Client};
use crate::personas::{PERSONAS, Persona, Task};
use crate::routes::Route;
use anyhow::{Result, bail};
use reqwest::Method;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

/// A route, by its place in [`Traffic::routes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteId(pub usize);

/// A route of whatever is attacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteInfo {
    /// Its name, the same in goose, budgets, target's metrics and reports.
    pub name: String,
    /// Its method.
    pub method: Method,
}

/// Everything that may be sent.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// The routes, in the order of the reports.
    pub routes: Vec<RouteInfo>,
    /// The kinds of users.
    pub parts: Vec<Part>,
    /// Whether they ask for users and posts that exist.
    pub needs_population: bool,
}

/// A kind of user.
#[derive(Clone, Debug)]
pub struct Part {
    /// What they are called.
    pub name: String,
    /// So many users are of this kind, compared with the other weights.
    pub weight: usize,
    /// What they do over and over.
    pub jobs: Vec<Job>,
}

/// Something a user does in one go.
#[derive(Clone)]
pub struct Job {
    /// What it is called.
    pub name: String,
    /// It is done so often, compared with the other weights.
    pub weight: usize,
    /// Doing it.
    pub run: Run,
}

/// How a job is done.
pub type Run = Arc<dyn for<'a> Fn(&'a mut Client<'_>) -> Doing<'a> + Send + Sync>;

/// A job being done.
pub type Doing<'a> = Pin<Box<dyn Future<Output = Result<(), BrokenOff>> + Send + 'a>>;

impl Traffic {
    /// The personas of this service.
    #[must_use]
    pub fn of_personas() -> Self {
        let route = |route: Route| RouteInfo {
            name: route.name().to_owned(),
            // Every name begins with a method.
            method: route.method().parse().unwrap_or(Method::GET),
        };
        Self {
            routes: Route::ALL.into_iter().map(route).collect(),
            parts: PERSONAS.iter().map(Part::of_persona).collect(),
            needs_population: true,
        }
    }

    /// Only these kinds of users.
    ///
    /// # Errors
    /// When there is no such kind.
    pub fn only(mut self, names: &[String]) -> Result<Self> {
        let known = |name: &String| self.parts.iter().any(|part| part.name == *name);
        if let Some(stranger) = names.iter().find(|name| !known(name)) {
            let known: Vec<_> = self.parts.iter().map(|part| part.name.as_str()).collect();
            bail!("there is no {stranger:?}; there are {}", known.join(", "));
        }
        if !names.is_empty() {
            self.parts.retain(|part| names.contains(&part.name));
        }
        Ok(self)
    }
}

impl Part {
    fn of_persona(persona: &Persona) -> Self {
        Self {
            name: persona.name.to_owned(),
            weight: persona.weight,
            jobs: persona.tasks.iter().map(Job::of_task).collect(),
        }
    }
}

impl Job {
    fn of_task(task: &'static Task) -> Self {
        Self {
            name: task.name.to_owned(),
            weight: task.weight,
            run: Arc::new(task.run),
        }
    }
}

impl From<Route> for RouteId {
    fn from(route: Route) -> Self {
        // `Route::ALL` is in the order of its declaration; a test says so.
        Self(route as usize)
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = formatter.debug_struct("Job");
        fields.field("name", &self.name);
        fields.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_found_at_its_place() {
        let routes = Traffic::of_personas().routes;
        for route in Route::ALL {
            let RouteId(place) = route.into();
            assert_eq!(routes[place].name, route.name());
            assert_eq!(routes[place].method.as_str(), route.method());
        }
    }
}
