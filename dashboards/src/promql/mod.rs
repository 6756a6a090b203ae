//! PromQL: written from the metrics' own names ([`mod@write`]), and read back to be checked ([`read`]).

pub mod read;
pub mod write;
