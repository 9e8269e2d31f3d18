//! Hearth.

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
