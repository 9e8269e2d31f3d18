//! It all put together: from settings to a server that listens, and to its graceful end.

use std::future::Future;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::FromRef;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accounts::Accounts;
use crate::alarms::{self, Alarms};
use crate::bus::Bus;
use crate::clock::Clock;
use crate::config::{Settings, Switch};
use crate::db::{self, Db, Groups};
use crate::directory::{self, Directory};
use crate::jobs;
use crate::keys::{KeyFileError, Keys};
use crate::limits::Limits;
use crate::live::{self, Live};
use crate::moderation::{NewReports, Reporting};
use crate::posts::{NewPosts, Posts, Recent};
use crate::reactions::{Changes, Reacting};
use crate::router;
use crate::rules::Rules;
use crate::safeguarding::escalations;
use crate::serve;
use crate::signpost;
use crate::staff::{self, Staff};
use crate::surge::Surge;
use crate::transparency::Published;
use crate::triage::{Engine, PackError, Policy, PolicyError};
use crate::webhooks::{Receiver, ReceiverError, Webhooks};

/// How long requests and sockets have to finish once the program is asked to stop.
const GRACE: Duration = Duration::from_secs(15);

/// What the handlers share; each takes only the part that it needs. It is cloned for each
/// request, and therefore one pointer.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    clock: Clock,
    accounts: Accounts,
    staff: Staff,
    directory: Directory,
    posts: Posts,
    reacting: Reacting,
    reporting: Reporting,
    published: Published,
    live: Arc<Live>,
    stop: CancellationToken,
}

impl FromRef<App> for Clock {
    fn from_ref(App(parts): &App) -> Clock {
        parts.clock.clone()
    }
}

impl FromRef<App> for Accounts {
    fn from_ref(App(parts): &App) -> Accounts {
        parts.accounts.clone()
    }
}

impl FromRef<App> for Staff {
    fn from_ref(App(parts): &App) -> Staff {
        parts.staff.clone()
    }
}

impl FromRef<App> for Directory {
    fn from_ref(App(parts): &App) -> Directory {
        parts.directory.clone()
    }
}

impl FromRef<App> for Posts {
    fn from_ref(App(parts): &App) -> Posts {
        parts.posts.clone()
    }
}

impl FromRef<App> for Rules {
    fn from_ref(App(parts): &App) -> Rules {
        parts.posts.rules.clone()
    }
}

impl FromRef<App> for Reacting {
    fn from_ref(App(parts): &App) -> Reacting {
        parts.reacting.clone()
    }
}

impl FromRef<App> for Reporting {
    fn from_ref(App(parts): &App) -> Reporting {
        parts.reporting.clone()
    }
}

impl FromRef<App> for Published {
    fn from_ref(App(parts): &App) -> Published {
        parts.published.clone()
    }
}

impl FromRef<App> for Arc<Live> {
    fn from_ref(App(parts): &App) -> Arc<Live> {
        parts.live.clone()
    }
}

impl FromRef<App> for CancellationToken {
    fn from_ref(App(parts): &App) -> CancellationToken {
        parts.stop.clone()
    }
}

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be made.
    #[error("the data directory {path}: {source}")]
    DataDir {
        /// The directory.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The key file cannot be used.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// The database was written with another key.
    #[error(
        "the key file {path} is not the one that this database was first written with: with it, \
         nobody would find their own posts. Name the right one with --key-file"
    )]
    WrongKey {
        /// The key file.
        path: String,
    },
    /// The database cannot be opened or migrated.
    #[error(transparent)]
    Open(#[from] db::OpenError),
    /// The database does not do what was asked.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The address of Redis cannot be read.
    #[error("REDIS_URL: {0}")]
    Redis(#[from] redis::RedisError),
    /// Redis is named, and a database that only one process can use.
    #[error(
        "REDIS_URL carries events between processes, and a SQLite file serves one process: name \
         a postgres:// database too, or leave REDIS_URL out"
    )]
    RedisWithoutPostgres,
    /// The rules cannot be used.
    #[error("the rules cannot be used:\n{}", .0.iter().map(|e| format!("{e}\n")).collect::<String>())]
    Rules(Vec<PackError>),
    /// The policy cannot be used.
    #[error("the policy {path} cannot be used: {source}")]
    Policy {
        /// The policy file.
        path: String,
        /// Where and why.
        source: PolicyError,
    },
    /// Nobody can be told of alarms in the way that the settings say.
    #[error("the webhook for alarms: {0}")]
    AlarmWebhook(#[from] ReceiverError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// The database and the keys, which every command needs.
pub struct Stores {
    /// The database, with every migration applied.
    pub db: Db,
    /// The keys.
    pub keys: Arc<Keys>,
}

/// Opens the database and the key file that the settings name, and applies what migrations
/// are missing.
pub async fn open_stores(settings: &Settings) -> Result<Stores, StartError> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&settings.data_dir)
        .map_err(|source| StartError::DataDir {
            path: settings.data_dir.display().to_string(),
            source,
        })?;
    let keys = Arc::new(Keys::load_or_create(&settings.key_path())?);
    let db = match &settings.database_url {
        Some(url) => Db::open(url).await?,
        None => Db::open_file(&settings.default_database()).await?,
    };
    db.migrate().await?;
    if db.key_check(keys.check_tag()).await? != keys.check_tag() {
        return Err(StartError::WrongKey {
            path: settings.key_path().display().to_string(),
        });
    }
    Ok(Stores { db, keys })
}

/// The rules that the settings name.
pub fn load_rules(settings: &Settings) -> Result<Arc<Engine>, StartError> {
    // What is built in never changes, and compiling it takes longer than all else at the start:
    // tests start many servers in one process.
    static SHIPPED: OnceLock<Arc<Engine>> = OnceLock::new();
    let loaded = match (&settings.rules_dir, SHIPPED.get()) {
        (Some(dir), _) => Engine::load(dir).map(Arc::new),
        (None, Some(shipped)) => Ok(shipped.clone()),
        (None, None) => {
            Engine::shipped().map(|shipped| SHIPPED.get_or_init(|| Arc::new(shipped)).clone())
        }
    };
    loaded.map_err(StartError::Rules)
}

/// The policy that the settings name.
pub fn load_policy(settings: &Settings) -> Result<Policy, StartError> {
    match &settings.policy {
        Some(path) => Policy::load(path).map_err(|source| StartError::Policy {
            path: path.display().to_string(),
            source,
        }),
        None => Ok(Policy::shipped()),
    }
}

/// What tells other systems, where the settings name one.
fn webhooks(settings: &Settings, posts: &Posts) -> Result<Option<Webhooks>, ReceiverError> {
    let Some(url) = &settings.alarm_webhook else {
        return Ok(None);
    };
    let secret = settings.alarm_webhook_secret.as_deref().unwrap_or_default();
    let receiver = Receiver::new(alarms::RECEIVER, url, secret)?;
    Webhooks::new(posts.db.clone(), posts.clock.clone(), vec![receiver]).map(Some)
}

/// A server that listens.
pub struct Server {
    address: SocketAddr,
    app: App,
    stop: CancellationToken,
    tasks: TaskTracker,
    groups: Groups,
}

impl Server {
    /// Starts everything. When this returns, requests are answered.
    pub async fn start(settings: &Settings, clock: Clock) -> Result<Server, StartError> {
        let engine = load_rules(settings)?;
        let policy = Arc::new(load_policy(settings)?);
        let Stores { db, keys } = open_stores(settings).await?;
        directory::import_shipped(&db, clock.now()).await?;
        let directory = Directory::new();
        directory.reload(&db).await?;
        let dir = settings.rules_dir.clone();
        let rules = Rules::new(engine, dir, db.clone(), clock.clone()).await?;

        // The libraries leave the choice of a provider for TLS to the program.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let stop = CancellationToken::new();
        let bus = match &settings.redis_url {
            None => Bus::default(),
            Some(_) if db.is_embedded() => return Err(StartError::RedisWithoutPostgres),
            Some(url) => Bus::over_redis(url)?,
        };
        let limits = match settings.rate_limits {
            Switch::Off => None,
            Switch::On => Some(
                Limits::new(
                    keys.clone(),
                    clock.clone(),
                    settings.trusted_proxies.clone(),
                    settings.redis_url.as_deref(),
                    signpost::while_waiting(),
                )
                .await?,
            ),
        };
        let accounts = Accounts::new(db.clone(), keys.clone(), clock.clone(), bus.clone());
        let staff = Staff::new(db.clone(), keys.clone(), clock.clone())
            .with_idle_limit(Duration::from_secs(60 * settings.staff_idle));
        let groups = Groups::default();
        let changes = Changes {
            clock: clock.clone(),
            keys: keys.clone(),
            bus: bus.clone(),
        };
        let reacting = Reacting {
            keys: keys.clone(),
            changes: groups.start(db.clone(), changes),
        };
        let new_posts = NewPosts {
            clock: clock.clone(),
            keys: keys.clone(),
            policy: policy.clone(),
            bus: bus.clone(),
            with_cases: AtomicBool::new(false),
        };
        let surge = Surge::new(db.clone(), clock.clone(), policy.clone()).await?;
        let posts = Posts {
            surge: surge.clone(),
            new_posts: groups.start(db.clone(), new_posts),
            db,
            clock: clock.clone(),
            keys,
            rules: rules.clone(),
            policy,
            directory: directory.clone(),
            bus: bus.clone(),
            recent: Recent::default(),
        };
        let new_reports = NewReports {
            policy: posts.policy.clone(),
            bus: bus.clone(),
        };
        let reporting = Reporting {
            new_reports: groups.start(posts.db.clone(), new_reports),
            posts: posts.clone(),
        };
        let published = Published::new(posts.db.clone(), posts.clock.clone(), posts.policy.clone());
        let webhooks = webhooks(settings, &posts)?;
        let live = Live::new(posts.clone(), accounts.clone(), stop.clone()).await?;
        let app = App(Arc::new(Parts {
            clock,
            accounts,
            staff,
            directory,
            posts,
            reacting,
            reporting,
            published,
            live: Arc::new(live),
            stop: stop.clone(),
        }));

        live::raise_open_files();
        let listen = |source| StartError::Listen {
            address: settings.listen,
            source,
        };
        let listener = serve::listen(settings.listen).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let tasks = TaskTracker::new();
        let router = router::router(app.clone(), limits.clone());
        tasks.spawn(serve::serve(listener, router, stop.clone()));
        tasks.spawn(bus.run(stop.clone()));
        if let Some(limits) = limits {
            tasks.spawn(limits.run(stop.clone()));
        }
        tasks.spawn(live::tail(app.0.live.clone()));
        tasks.spawn(live::heartbeat(app.0.live.clone()));
        tasks.spawn(rules.watch(stop.clone()));
        tasks.spawn(surge.run(stop.clone()));
        tasks.spawn(escalations::run(app.0.posts.clone(), stop.clone()));
        let alarms = Alarms {
            db: app.0.posts.db.clone(),
            clock: app.0.posts.clock.clone(),
            webhooks: webhooks.clone(),
        };
        tasks.spawn(alarms.watch(stop.clone()));
        if let Some(webhooks) = webhooks {
            tasks.spawn(webhooks.run(stop.clone()));
        }
        tasks.spawn(jobs::run(app.0.posts.clone(), stop.clone()));
        tasks.close();
        Ok(Server {
            address,
            app,
            stop,
            tasks,
            groups,
        })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The parts it is made of.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Stops: sockets get a close frame, and requests in flight are finished.
    pub async fn stop(self) {
        self.stop.cancel();
        let finished = async {
            self.tasks.wait().await;
            self.app.0.live.closed().await;
            // Whoever could ask for a write has been answered.
            self.groups.end().await;
        };
        if tokio::time::timeout(GRACE, finished).await.is_err() {
            tracing::warn!("some requests did not finish in time");
        }
        self.app.0.posts.db.close().await;
    }

    /// Serves until `signal`, then stops.
    pub async fn until(self, signal: impl Future<Output = ()>) {
        signal.await;
        tracing::info!("stopping");
        self.stop().await;
    }
}

impl App {
    /// What people read when it has started.
    pub async fn summary(&self, settings: &Settings, address: SocketAddr) -> sqlx::Result<String> {
        let Posts {
            db, rules, policy, ..
        } = &self.0.posts;
        let engine = rules.engine();
        let database = match &settings.database_url {
            Some(_) => db.engine_name().to_owned(),
            None => format!(
                "{}, {}",
                db.engine_name(),
                settings.default_database().display()
            ),
        };
        let services = self.0.directory.snapshot().services().len();
        let unverified = match self.0.directory.unverified_count() {
            0 => "all verified".to_owned(),
            n => format!("{n} not verified yet (hearth directory list)"),
        };
        let staff = match staff::count(db).await? {
            0 => "none yet (hearth staff add NAME --role moderator)".to_owned(),
            n => format!("{n} in all"),
        };
        let before = match policy.pre_moderates_all() {
            true => "every post waits for a person",
            false => "what they flag waits for a person",
        };
        let hash = &engine.rules_hash()[..12];
        Ok(format!(
            "Hearth {version} serves on http://{address}\n  \
             API       http://{address}/docs\n  \
             database  {database}\n  \
             events    {events}\n  \
             rules     {rules} in {packs} packs, hash {hash}; {before}\n  \
             directory {services} national services, {unverified}\n  \
             staff     {staff}\n",
            events = if settings.redis_url.is_some() {
                "over Redis"
            } else {
                "in process"
            },
            version = env!("CARGO_PKG_VERSION"),
            rules = engine.rule_count(),
            packs = engine.pack_count(),
        ))
    }
}
