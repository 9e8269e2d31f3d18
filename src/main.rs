//! The `hearth` program; see the library for what is inside.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    hearth::cli::run().await
}
