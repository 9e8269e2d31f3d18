//! `hearth audit`: the record of staff acts, walked, and exported for somebody outside.

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use futures_util::TryStreamExt;

use crate::app::{self, Stores};
use crate::audit::{self, Actor, ExportFormat};
use crate::clock::Clock;
use crate::config::Settings;
use crate::period::Period;

/// What can be done with the record.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Walk the chain, and say whether every line is as it was written
    ///
    /// With a file, an export is checked instead; no database is needed for that.
    Verify {
        /// An export in JSON lines
        #[arg(long)]
        file: Option<PathBuf>,
        /// The key that the export has to be signed with, in hexadecimal
        #[arg(long, requires = "file")]
        key: Option<String>,
    },
    /// Write the lines of a period, sealed with the head of the chain and a signature
    ///
    /// It goes to the standard output, and that it was done goes on the record.
    Export {
        /// The first day, YYYY-MM-DD, in UTC
        #[arg(long, value_name = "DAY")]
        from: String,
        /// The last day
        #[arg(long, value_name = "DAY")]
        to: String,
        /// How it is written
        #[arg(long, value_enum, default_value = "jsonl")]
        format: ExportFormat,
    },
}

/// Runs what the command line says.
pub async fn run(settings: &Settings, command: AuditCommand) -> Result<ExitCode, Box<dyn Error>> {
    match command {
        AuditCommand::Verify { file: None, .. } => verify(settings).await,
        AuditCommand::Verify {
            file: Some(file),
            key,
        } => verify_file(&file, key.as_deref()),
        AuditCommand::Export { from, to, format } => {
            let period = Period::between(&from, &to).map_err(|error| match error {
                crate::error::Error::Invalid(fields) => (fields.iter())
                    .map(|at| format!("--{}: {}", at.field, at.message))
                    .collect::<String>()
                    .into(),
                other => Box::<dyn Error>::from(other),
            })?;
            export(settings, period, format).await
        }
    }
}

async fn verify(settings: &Settings) -> Result<ExitCode, Box<dyn Error>> {
    let Stores { db, .. } = app::open_stores(settings).await?;
    match audit::verify(&db).await? {
        Ok(lines) => {
            println!("All {lines} lines are as they were written.");
            Ok(ExitCode::SUCCESS)
        }
        Err(broken) => {
            println!("The chain is broken: line {} {}.", broken.seq, broken.what);
            Ok(ExitCode::FAILURE)
        }
    }
}

fn verify_file(path: &Path, key: Option<&str>) -> Result<ExitCode, Box<dyn Error>> {
    let seal = match audit::verify_file(BufReader::new(File::open(path)?)) {
        Ok(seal) => seal,
        Err(audit::Fault::Read(error)) => return Err(error.into()),
        Err(fault) => {
            println!("The export is broken: {fault}.");
            return Ok(ExitCode::FAILURE);
        }
    };
    println!(
        "All {} lines are as they were written, from {} until {}.",
        seal.last + 1 - seal.first,
        seal.from,
        seal.until
    );
    println!("signed with  {}", seal.public_key);
    match key {
        Some(key) if key != seal.public_key => {
            println!("That is not the key that it has to be signed with.");
            Ok(ExitCode::FAILURE)
        }
        Some(_) => Ok(ExitCode::SUCCESS),
        None => {
            println!("Compare this with the key that the sender names; --key does it for you.");
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn export(
    settings: &Settings,
    period: Period,
    format: ExportFormat,
) -> Result<ExitCode, Box<dyn Error>> {
    let Stores { db, keys } = app::open_stores(settings).await?;
    let by = (Clock::System.now(), Actor::Operator);
    let seal = audit::seal(&db, &keys, by, period).await?;
    eprintln!(
        "Lines {} to {}; the key that signs them is {}",
        seal.first, seal.last, seal.public_key
    );
    let mut out = std::io::stdout().lock();
    let mut pieces = std::pin::pin!(audit::export(db, seal, format));
    while let Some(piece) = pieces.try_next().await? {
        out.write_all(&piece)?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
