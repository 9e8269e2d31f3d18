//! Hearth: the backend of an anonymous peer-support app for people aged 11 to 19.

pub mod accounts;
pub mod audit;
pub mod bus;
pub mod clock;
pub mod db;
pub mod error;
pub mod extract;
pub mod ids;
pub mod keys;
pub mod staff;
pub mod triage;
