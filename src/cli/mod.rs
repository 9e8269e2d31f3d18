//! The commands. Without one, Hearth serves.

mod audit;
mod rules;
mod terminal;
mod triage;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::app::{self, Server, StartError, Stores};
use crate::audit::Actor;
use crate::clock::Clock;
use crate::config::{self, Settings};
use crate::directory;
use crate::staff::{Invited, Role, Staff};
use crate::transfer;
use audit::AuditCommand;
use rules::RulesCommand;

/// The backend of an anonymous peer-support app for people aged 11 to 19.
///
/// Each setting is taken from its flag, else its environment variable, else the settings file,
/// else its default.
#[derive(Debug, Parser)]
#[command(name = "hearth", version)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve; what is done where no command is named
    Serve,
    /// Apply the migrations that are missing, and end
    Migrate,
    /// Carry everything in a SQLite file over into an empty PostgreSQL database
    ///
    /// Stop the Hearth that serves the file first. All of it is copied, read back and compared,
    /// or nothing is. The file stays as it is; so does the key file, which is needed there, too.
    Move {
        /// The file: a path, or sqlite:PATH
        #[arg(value_name = "FILE")]
        from: String,
        /// The database: postgres://…
        #[arg(value_name = "URL")]
        to: String,
    },
    /// Manage staff
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Look after the directory of services
    #[command(subcommand)]
    Directory(DirectoryCommand),
    /// Look after the rule packs
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Say what rules and policy make of texts: reads {"id", "text"} lines, answers each in a line
    Triage {
        /// One JSON value a line, in and out; there is no other form
        #[arg(long, required = true)]
        jsonl: bool,
    },
    /// Look after the record of staff acts
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(Debug, Subcommand)]
enum StaffCommand {
    /// Add a member of staff; the password and the TOTP secret are shown this once
    Add {
        /// The name to sign in with
        name: String,
        /// What they may do
        #[arg(long, value_enum)]
        role: Role,
        /// The organisation of an org_worker
        #[arg(long, value_name = "ID")]
        organisation: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a link, good once and for 72 hours, on which somebody new sets up their own account
    Invite {
        /// The name to sign in with
        name: String,
        /// What they may do
        #[arg(long, value_enum)]
        role: Role,
        /// The organisation of an org_worker
        #[arg(long, value_name = "ID")]
        organisation: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make such a link for somebody who has lost their phone or password: neither is good any more
    Reset {
        /// The name they sign in with
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
enum DirectoryCommand {
    /// List the services, and which of them nobody has verified
    List,
    /// Say that somebody has checked services against their own sites
    Verify {
        /// The services
        #[arg(value_name = "ID", required_unless_present = "all")]
        ids: Vec<String>,
        /// Every service
        #[arg(long, conflicts_with = "ids")]
        all: bool,
        /// Who has checked them
        #[arg(long, value_name = "NAME")]
        by: String,
    },
}

/// Runs what the command line says.
pub async fn run() -> ExitCode {
    let Cli { settings, command } = config::parse();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&settings.log))
        .with_writer(std::io::stderr)
        .init();
    match dispatch(&settings, command.unwrap_or(Command::Serve)).await {
        Ok(code) => code,
        Err(error) => {
            report(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

/// Says why a command ended. Mistakes in packs are shown where they stand.
fn report(error: &(dyn Error + 'static)) {
    let Some(StartError::Rules(mistakes)) = error.downcast_ref() else {
        return eprintln!("hearth: {error}");
    };
    let coloured = terminal::is_coloured(&std::io::stderr());
    for mistake in mistakes {
        eprintln!("{}\n", mistake.render(coloured));
    }
    eprintln!(
        "hearth: the rules cannot be used, mistakes: {}",
        mistakes.len()
    );
}

async fn dispatch(settings: &Settings, command: Command) -> Result<ExitCode, Box<dyn Error>> {
    match command {
        Command::Serve => serve(settings).await,
        Command::Migrate => {
            let Stores { db, .. } = app::open_stores(settings).await?;
            println!("The {} database is up to date.", db.engine_name());
            Ok(ExitCode::SUCCESS)
        }
        Command::Move { from, to } => {
            let transferred = transfer::transfer(&from, &to).await?;
            println!(
                "{transferred}Everything is there. Serve it with DATABASE_URL and the same key file."
            );
            Ok(ExitCode::SUCCESS)
        }
        Command::Staff(command) => staff(settings, command).await,
        Command::Directory(command) => directory(settings, command).await,
        Command::Rules(command) => rules::run(settings, command).await,
        Command::Triage { jsonl: _ } => triage::run(settings),
        Command::Audit(command) => audit::run(settings, command).await,
    }
}

async fn serve(settings: &Settings) -> Result<ExitCode, Box<dyn Error>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let server = Server::start(settings, Clock::System).await?;
    print!(
        "{}",
        server.app().summary(settings, server.address()).await?
    );
    server
        .until(async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
        .await;
    Ok(ExitCode::SUCCESS)
}

async fn staff(settings: &Settings, command: StaffCommand) -> Result<ExitCode, Box<dyn Error>> {
    let Stores { db, keys } = app::open_stores(settings).await?;
    let staff = Staff::new(db, keys, Clock::System);
    match command {
        StaffCommand::Add {
            name,
            role,
            organisation,
            json,
        } => {
            let new = staff.add(&name, role, organisation.as_deref()).await?;
            if json {
                println!("{}", serde_json::to_string(&new)?);
            } else {
                println!("name         {}", new.name);
                println!("password     {}", new.password);
                println!("TOTP secret  {}", new.totp_secret);
                println!("This is shown once. The TOTP secret goes into an authenticator app.");
            }
        }
        StaffCommand::Invite {
            name,
            role,
            organisation,
            json,
        } => {
            let organisation = organisation.as_deref();
            let invited = staff.invite(Actor::Operator, &name, role, organisation);
            print_link(&invited.await?, json)?;
        }
        StaffCommand::Reset { name, json } => {
            print_link(&staff.reset_by_name(&name).await?, json)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print_link(invited: &Invited, json: bool) -> serde_json::Result<()> {
    if json {
        println!("{}", serde_json::to_string(invited)?);
    } else {
        println!("name   {}", invited.name);
        println!("link   {}", invited.link);
        println!("until  {}", invited.expires_at);
        println!("This is shown once. Put the address of this server before the link.");
    }
    Ok(())
}

async fn directory(
    settings: &Settings,
    command: DirectoryCommand,
) -> Result<ExitCode, Box<dyn Error>> {
    let Stores { db, .. } = app::open_stores(settings).await?;
    let now = Clock::System.now();
    directory::import_shipped(&db, now).await?;
    match command {
        DirectoryCommand::List => {
            for service in directory::list(&db).await? {
                let state = if service.verified_at.is_some() {
                    "verified  "
                } else {
                    "unverified"
                };
                println!("{state}  {:32}  {}", service.id, service.facts.name);
            }
        }
        DirectoryCommand::Verify { ids, all, by } => {
            let ids = if all {
                directory::list(&db)
                    .await?
                    .into_iter()
                    .map(|service| service.id)
                    .collect()
            } else {
                ids
            };
            directory::verify(&db, now, &ids, &by).await?;
            println!("{} verified by {by}.", ids.len());
        }
    }
    Ok(ExitCode::SUCCESS)
}
