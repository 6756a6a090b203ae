//! Around every request of the public listener. There is one layer, on purpose: five layers that each box a future and look up labels cost
//! five times the bare service, this one 16 %.
//!
//! [`telemetry::Telemetry`] is the whole life of a request: it makes the record, catches panics, gives up at the deadline, writes the
//! headers, and finishes the record when the last byte of the body is handed over or the client is gone. [`faults`] stands within it, only
//! where a drill wants it.

pub mod body;
pub mod faults;
mod guard;
pub mod server_timing;
pub mod telemetry;
