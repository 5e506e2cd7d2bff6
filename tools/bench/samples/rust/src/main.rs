//! A web service with settings.
mod extra;

use axum::{routing::get, Json, Router};
use serde::{Deserialize, Serialize};

const VERSION: &str = "mark";

#[derive(Clone, Deserialize)]
struct Settings {
    listen: String,
    greeting: String,
}

#[derive(Serialize)]
struct Answer {
    greeting: String,
    version: &'static str,
    id: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init();
    let text = std::fs::read_to_string("/settings.json")?;
    let settings: Settings = serde_json::from_str(&text)?;
    let listener = tokio::net::TcpListener::bind(&settings.listen).await?;
    tracing::info!(listen = settings.listen, "ready");
    let greeting = settings.greeting;
    let answer = || async move { Json(Answer { greeting, version: VERSION, id: extra::id() }) };
    axum::serve(listener, Router::new().route("/", get(answer))).await?;
    Ok(())
}
