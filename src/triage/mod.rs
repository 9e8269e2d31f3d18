//! Stands in until the branch `triage` is merged: its topics alone.
pub mod topic;
