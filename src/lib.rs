//! Hearth: the backend of an anonymous peer-support app for people aged 11 to 19.
//!
//! Somebody posts a short secret; others can only answer with a heart, a me2 or a hug; every
//! post leads to support that fits; people look after what the rules flag.
//!
//! # The map
//!
//! A module uses only modules of the rows above its own; `tests/architecture.rs` reads this
//! table, and fails whoever does otherwise.
//!
//! | module | what lives there |
//! |---|---|
//! | [`clock`], [`ids`], [`keys`], [`config`], [`error`], [`extract`], [`page`], [`period`], [`interval`] | time, identifiers, secrets, settings, problems, what requests are made of, how sure a share is |
//! | [`db`], [`bus`], [`audit`] | the two engines and group commit, the log of events, the record of staff acts |
//! | [`triage`] | text to verdict, and the policy; no I/O |
//! | [`rules`] | which rules are in force, since when, and those that were |
//! | [`limits`], [`webhooks`] | how much anybody may do; signed messages to other systems |
//! | [`accounts`], [`staff`] | who is asking: tokens, and extractors that load and authorise |
//! | [`care`] | what moderators had to read, and their breaks; for themselves alone |
//! | [`directory`] | services: what organisations offer, to whom, when and where |
//! | [`signpost`] | matching services to a post; no I/O |
//! | [`surge`] | holding every new post: by a switch, or because nobody is on shift |
//! | [`cases`] | opening a case, in the transaction of what it is about |
//! | [`posts`] | secrets: their life, who sees them, the feed |
//! | [`reactions`] | the closed set of answers |
//! | [`safeguarding`] | who is on call, what rings until it is taken, safeguarding records, looking behind anonymity |
//! | [`moderation`] | reports, appeals, claims, decisions |
//! | [`alarms`] | cases past their deadline: said once, within seconds |
//! | [`privacy`] | all that is held about a person: shown, or erased |
//! | [`hindsight`] | what rules did, or would have done, beside what people decided |
//! | [`figures`] | how moderation does: times, deadlines, appeals, agreement |
//! | [`transparency`] | what the public is told of it, year by year |
//! | [`live`], [`operations`], [`jobs`], [`transfer`] | the socket; what operators look at; what is done by the clock; from SQLite to PostgreSQL |
//! | [`console`] | the pages of staff |
//! | [`app`], [`router`], [`serve`], [`cli`] | it all put together; the commands |
//!
//! # One request
//!
//! `POST /v1/posts` is `posts::routes::create`: its extractors authenticate the person and read
//! the body; [`posts::Posts::create`] triages the text, asks the policy, and hands the post to the
//! task that stores it with its case and its event, in one transaction with what others send at
//! the same moment ([`db::Group`]). After the commit the bus is nudged, and each is answered. The
//! reader of the log ([`live::tail`]) makes the event into a message, once, and the fan-out writes
//! what came together to each socket that wants it, in one system call.

pub mod accounts;
pub mod alarms;
pub mod app;
pub mod audit;
pub mod bus;
pub mod care;
pub mod cases;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod db;
pub mod directory;
pub mod error;
pub mod extract;
pub mod figures;
pub mod hindsight;
pub mod ids;
pub mod interval;
pub mod jobs;
pub mod keys;
pub mod limits;
pub mod live;
pub mod moderation;
pub mod operations;
pub mod page;
pub mod period;
pub mod posts;
pub mod privacy;
pub mod reactions;
pub mod router;
pub mod rules;
pub mod safeguarding;
pub mod serve;
pub mod signpost;
pub mod staff;
pub mod surge;
pub mod transfer;
pub mod transparency;
pub mod triage;
pub mod webhooks;
