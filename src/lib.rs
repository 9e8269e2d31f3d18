//! Hearth: the backend of an anonymous peer-support app for people aged 11 to 19.

/// Text to verdict: how serious, what about, what is wrong.
pub mod triage;
