//! The settings: a flag, else an environment variable, else the settings file, else a default.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::{Args, Command, Parser, ValueEnum};
use ipnet::IpNet;

/// Where Hearth runs and what it runs on.
///
/// In the settings file (TOML) each has the name of its flag, with underscores:
/// `data_dir = "/var/lib/hearth"`.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// A TOML file with settings, by the names of the flags with underscores
    #[arg(long, value_name = "FILE", env = "HEARTH_CONFIG", global = true)]
    pub config: Option<PathBuf>,

    /// The address to listen on; port 0 takes any that is free
    #[arg(
        long,
        value_name = "ADDRESS:PORT",
        env = "HEARTH_LISTEN",
        default_value = "127.0.0.1:8080",
        global = true
    )]
    pub listen: SocketAddr,

    /// The directory for the database file and the key file; made where there is none
    #[arg(
        long,
        value_name = "DIR",
        env = "HEARTH_DATA_DIR",
        default_value = "./data",
        global = true
    )]
    pub data_dir: PathBuf,

    /// The database: sqlite:PATH or postgres://…; a SQLite file in the data directory where
    /// nothing is said
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true, global = true,
        value_parser = database_url)]
    pub database_url: Option<String>,

    /// Redis, which carries live events between processes: redis://… or rediss://…; none where
    /// nothing is said
    #[arg(
        long,
        value_name = "URL",
        env = "REDIS_URL",
        hide_env_values = true,
        global = true,
        value_parser = redis_url
    )]
    pub redis_url: Option<String>,

    /// The file with the key that joins people to their posts: keep it apart from the
    /// database's backups; hearth.key in the data directory where nothing is said
    #[arg(long, value_name = "FILE", env = "HEARTH_KEY_FILE", global = true)]
    pub key_file: Option<PathBuf>,

    /// A directory of rule packs; the packs built into the program where nothing is said
    #[arg(long, value_name = "DIR", env = "HEARTH_RULES_DIR", global = true)]
    pub rules_dir: Option<PathBuf>,

    /// A policy file; the policy built into the program where nothing is said
    #[arg(long, value_name = "FILE", env = "HEARTH_POLICY", global = true)]
    pub policy: Option<PathBuf>,

    /// Whether anybody is told to wait who sends too much; off is for load tests on a machine of
    /// your own
    #[arg(
        long,
        value_name = "ON_OR_OFF",
        env = "HEARTH_RATE_LIMITS",
        default_value = "on",
        global = true
    )]
    pub rate_limits: Switch,

    /// How many minutes a session of staff lasts that is not used, 1 to 720; used or not, it ends
    /// after 12 hours
    #[arg(
        long,
        value_name = "MINUTES",
        env = "HEARTH_STAFF_IDLE",
        default_value = "30",
        value_parser = clap::value_parser!(u64).range(1..=720),
        global = true
    )]
    pub staff_idle: u64,

    /// The proxies in front of Hearth, as networks or addresses with commas between them: they
    /// are believed when they say in X-Forwarded-For whom a request comes from; nobody is where
    /// nothing is said
    #[arg(long, value_name = "NETWORKS", env = "HEARTH_TRUSTED_PROXIES", global = true,
        value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,

    /// Where a message goes when a case is past its deadline: https://… or http://…; nowhere where
    /// nothing is said
    #[arg(
        long,
        value_name = "URL",
        env = "HEARTH_ALARM_WEBHOOK",
        hide_env_values = true,
        global = true
    )]
    pub alarm_webhook: Option<String>,

    /// What those messages are signed with, as Standard Webhooks says: whsec_ and 24 to 64 random
    /// bytes in base 64
    #[arg(
        long,
        value_name = "SECRET",
        env = "HEARTH_ALARM_WEBHOOK_SECRET",
        hide_env_values = true,
        global = true
    )]
    pub alarm_webhook_secret: Option<String>,

    /// What is logged: error, warn, info, debug or trace, or directives such as
    /// info,hearth=debug
    #[arg(long, value_name = "FILTER", env = "HEARTH_LOG", default_value = "info",
        global = true, value_parser = log_filter)]
    pub log: String,
}

/// Something that is done or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// It is done.
    On,
    /// It is not done.
    Off,
}

impl Settings {
    /// The SQLite file that is used where no database is named.
    pub fn default_database(&self) -> PathBuf {
        self.data_dir.join("hearth.db")
    }

    /// The file with the key.
    pub fn key_path(&self) -> PathBuf {
        self.key_file
            .clone()
            .unwrap_or_else(|| self.data_dir.join("hearth.key"))
    }
}

fn database_url(url: &str) -> Result<String, String> {
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("sqlite" | "postgres" | "postgresql") => Ok(url.to_owned()),
        _ => Err("expected sqlite:PATH, postgres://… or postgresql://…".into()),
    }
}

fn redis_url(url: &str) -> Result<String, String> {
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("redis" | "rediss") => Ok(url.to_owned()),
        _ => Err("expected redis://HOST:PORT or rediss://HOST:PORT".into()),
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse().map(|address: IpAddr| IpNet::from(address));
    (text.parse().or_else(|_| address()))
        .map_err(|_| "expected a network such as 10.0.0.0/8, or an address".into())
}

fn log_filter(filter: &str) -> Result<String, String> {
    match filter.parse::<tracing_subscriber::EnvFilter>() {
        Ok(_) => Ok(filter.to_owned()),
        Err(_) => Err("expected error, warn, info, debug, trace or directives".into()),
    }
}

/// Why the settings file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsFileError {
    /// It cannot be read.
    #[error("the settings file {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// It is not TOML.
    #[error("the settings file {path}: {source}")]
    Toml {
        /// The file.
        path: String,
        /// Where and why.
        source: toml::de::Error,
    },
    /// It holds something that is no setting.
    #[error("the settings file {path}: there is no setting {name}; expected one of {expected}")]
    Unknown {
        /// The file.
        path: String,
        /// What it holds.
        name: String,
        /// The settings there are.
        expected: String,
    },
    /// A setting holds something that is no text, number or truth value.
    #[error("the settings file {path}: {name}: expected a text")]
    Type {
        /// The file.
        path: String,
        /// The setting.
        name: String,
    },
}

/// Reads the command line. What the settings file says stands in for the defaults, so that
/// flags and environment variables go before it and all are checked alike.
///
/// Ends the process with a message where a setting is wrong, or help is asked for.
pub fn parse<P: Parser>() -> P {
    let mut command = P::command();
    if let Some(file) = settings_file(P::command()) {
        command = match with_file(command, &file) {
            Ok(command) => command,
            Err(error) => P::command()
                .error(clap::error::ErrorKind::ValueValidation, error)
                .exit(),
        };
    }
    P::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
}

/// The settings file that the flag or the environment names, before anything else is checked.
fn settings_file(command: Command) -> Option<PathBuf> {
    let matches = command.ignore_errors(true).try_get_matches().ok()?;
    matches
        .try_get_one::<PathBuf>("config")
        .ok()
        .flatten()
        .cloned()
}

fn with_file(mut command: Command, file: &Path) -> Result<Command, SettingsFileError> {
    let path = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|source| SettingsFileError::Io {
        path: path.clone(),
        source,
    })?;
    let table: toml::Table = text.parse().map_err(|source| SettingsFileError::Toml {
        path: path.clone(),
        source,
    })?;
    let known: Vec<String> = Settings::augment_args(Command::new(""))
        .get_arguments()
        .map(|arg| arg.get_id().to_string())
        .filter(|id| id != "config")
        .collect();
    for (name, value) in table {
        if !known.contains(&name) {
            let expected = known.join(", ");
            return Err(SettingsFileError::Unknown {
                path,
                name,
                expected,
            });
        }
        let value = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Boolean(truth) => truth.to_string(),
            _ => return Err(SettingsFileError::Type { path, name }),
        };
        command = command.mut_arg(&name, |arg| arg.default_value(value));
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, FromArgMatches};

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        settings: Settings,
    }

    fn parse_with(file: &str, args: &[&str]) -> Result<Settings, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hearth.toml");
        std::fs::write(&path, file).unwrap();
        let command = with_file(Cli::command(), &path).map_err(|e| e.to_string())?;
        let matches = command
            .try_get_matches_from([&["hearth"], args].concat())
            .map_err(|e| e.to_string())?;
        Ok(Cli::from_arg_matches(&matches)
            .map_err(|e| e.to_string())?
            .settings)
    }

    #[test]
    fn a_flag_goes_before_the_file_and_the_file_before_the_default() {
        let settings = parse_with(
            "listen = \"127.0.0.1:1\"\ndata_dir = \"a\"",
            &["--data-dir", "b"],
        )
        .unwrap();
        assert_eq!(settings.listen.port(), 1);
        assert_eq!(settings.data_dir, PathBuf::from("b"));
        assert_eq!(settings.log, "info");
    }

    #[test]
    fn proxies_are_networks_or_addresses_with_commas_between_them() {
        let networks = ["10.0.0.0/8", "192.0.2.1/32", "fd00::/8"].map(|net| net.parse().unwrap());
        let list = "10.0.0.0/8,192.0.2.1,fd00::/8";
        let by_flag = parse_with("", &["--trusted-proxies", list]).unwrap();
        let by_file = parse_with(&format!("trusted_proxies = \"{list}\""), &[]).unwrap();
        assert_eq!(by_flag.trusted_proxies, networks);
        assert_eq!(by_file.trusted_proxies, networks);
        assert_eq!(parse_with("", &[]).unwrap().trusted_proxies, []);
    }

    #[test]
    fn a_wrong_setting_is_refused_by_its_name_with_what_was_expected() {
        for (file, args, name, expected) in [
            ("", vec!["--listen", "x"], "--listen", "ADDRESS:PORT"),
            ("listen = \"x\"", vec![], "--listen", "ADDRESS:PORT"),
            (
                "",
                vec!["--database-url", "mysql://x"],
                "--database-url",
                "sqlite:PATH",
            ),
            ("", vec!["--rate-limits", "no"], "--rate-limits", "on, off"),
            (
                "trusted_proxies = \"10.0.0.0/8,nginx\"",
                vec![],
                "--trusted-proxies",
                "10.0.0.0/8",
            ),
            ("", vec!["--log", "a=b=c"], "--log", "expected error"),
            ("data = \"x\"", vec![], "no setting data", "data_dir"),
            ("listen = []", vec![], "listen", "a text"),
            ("listen", vec![], "hearth.toml", "line 1"),
        ] {
            let error = parse_with(file, &args).unwrap_err();
            assert!(error.contains(name) && error.contains(expected), "{error}");
        }
    }
}
