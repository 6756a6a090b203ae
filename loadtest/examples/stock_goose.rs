//! Goose as it ships, for `benches/generators.sh` to compare with: its own client, its own
//! metrics, and one page that every user gets over and over.
//!
//! `stock_goose --host http://127.0.0.1:8080 --users 64 --run-time 10s`; the last line of its
//! output is the number of requests that goose counted as answered.

use goose::prelude::*;
use std::io::{Write, stdout};

async fn get(user: &mut GooseUser) -> TransactionResult {
    let _answer = user.get("").await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scenario = scenario!("get").register_transaction(transaction!(get));
    let attack = GooseAttack::initialize()?.register_scenario(scenario);
    let metrics = Box::pin(attack.execute()).await?;
    let requests = metrics.requests.values();
    let answered: usize = requests.map(|request| request.success_count).sum();
    writeln!(stdout(), "requests {answered}")?;
    Ok(())
}
