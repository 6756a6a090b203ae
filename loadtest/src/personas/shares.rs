//! Which share of all requests each route gets. The users of all personas get their tickets in
//! turn, so a persona's share of the requests is its share of the users; within it, every task's
//! requests come as often as the task weighs.

use super::{PERSONAS, Persona};
use crate::numbers::portion;
use crate::routes::Route;

/// Every route with its expected share, in the order of the report; `only` names the personas that
/// take part, none of them all.
#[must_use]
pub fn expected_shares(only: &[String]) -> Vec<(String, f64)> {
    let takes_part =
        |persona: &&Persona| only.is_empty() || only.iter().any(|name| name == persona.name);
    let personas: Vec<_> = PERSONAS.iter().filter(takes_part).collect();
    let users = personas.iter().map(|persona| persona.weight).sum();
    let share = |route: Route| -> f64 {
        let of = |persona: &&Persona| persona.share_of(route) * portion(persona.weight, users);
        personas.iter().map(of).sum()
    };
    let routes = Route::ALL.into_iter();
    routes
        .map(|route| (route.name().to_owned(), share(route)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_parts_of_the_whole_and_every_route_has_one() {
        let shares = expected_shares(&[]);
        assert_eq!(shares.len(), Route::ALL.len());
        let whole: f64 = shares.iter().map(|(_, share)| share).sum();
        assert!((whole - 1.0).abs() < 1e-9, "{whole}");
        assert!(shares.iter().all(|(_, share)| *share > 0.0), "{shares:?}");
    }

    #[test]
    fn personas_that_do_not_take_part_send_nothing() {
        let reader = [PERSONAS[0].name.to_owned()];
        let shares = expected_shares(&reader);
        let whole: f64 = shares.iter().map(|(_, share)| share).sum();
        assert!((whole - 1.0).abs() < 1e-9);
        let written = |(name, share): &&(String, f64)| name.starts_with("DELETE") && *share > 0.0;
        assert!(!shares.iter().any(|share| written(&share)));
    }
}
