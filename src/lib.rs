//! Hearth: the backend of an anonymous peer-support app for people aged 11 to 19.

pub mod audit;
pub mod bus;
pub mod clock;
pub mod db;
pub mod directory;
pub mod error;
pub mod extract;
pub mod ids;
pub mod keys;
pub mod signpost;
/// Text to verdict: how serious, what about, what is wrong.
pub mod triage;
