//! What may be concluded from counts and from paired rounds: numbers in, numbers out. Every file
//! is one idea and names the source of its formula; none knows what a request is.

mod bounds;
mod design_effect;
mod hodges_lehmann;
mod holm;
mod looks;
mod sign_flip;

pub use bounds::{least_for_pass, lower_bound, upper_bound};
pub use design_effect::{Block, design_effect};
pub use hodges_lehmann::{Shift, shift};
pub use holm::holm;
pub use looks::error_at_look;
pub use sign_flip::{MOST_ROUNDS, sign_flip};
