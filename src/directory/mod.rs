//! The directory: what organisations offer, where, when and to whom.
//!
//! The facts live in the database, and every process keeps a [`Snapshot`] of them in memory for
//! searching and matching; [`Directory::reload`] renews it. The national services that are part
//! of the program ([`shipped()`]) are in every snapshot, whatever the database says.

mod gender;
mod geo;
mod hours;
mod outcode;
mod page;
mod routes;
mod search;
mod service;
mod shipped;
mod store;
mod terms;
mod words;

use std::sync::{Arc, PoisonError, RwLock};

pub use gender::{Gender, Stated};
pub use geo::{Area, Nation, Position, area, areas};
pub use hours::{Day, Hours, Part, Schedule, Span, TimeOfDay, Window};
pub use outcode::{Outcode, holds_postcode, outcode};
pub use routes::routes;
pub use service::{CAUTION, Facts, Service};
pub use shipped::shipped;
pub use store::{Record, VerifyError, import_shipped, list, verify};
pub use terms::{Channel, Confidence, Cost, Feature};

use crate::db::Db;

/// Every service at one moment, sorted by id.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot(Vec<Service>);

impl Snapshot {
    /// These services, and the shipped ones that are not among them.
    pub fn new(mut services: Vec<Service>) -> Snapshot {
        services.sort_by(|a, b| a.id.cmp(&b.id));
        services.dedup_by(|a, b| a.id == b.id);
        let held = services.len();
        for (id, facts) in shipped() {
            if services[..held]
                .binary_search_by(|service| service.id.cmp(id))
                .is_err()
            {
                services.push(Service::new(id, facts.clone(), None));
            }
        }
        services.sort_by(|a, b| a.id.cmp(&b.id));
        Snapshot(services)
    }

    /// All of them, sorted by id.
    pub fn services(&self) -> &[Service] {
        &self.0
    }

    /// The one of this id.
    pub fn get(&self, id: &str) -> Option<&Service> {
        let found = self
            .0
            .binary_search_by(|service| service.id.as_str().cmp(id));
        found.ok().map(|at| &self.0[at])
    }
}

/// The directory in memory; clones share it.
#[derive(Clone, Debug)]
pub struct Directory(Arc<RwLock<Arc<Snapshot>>>);

impl Directory {
    /// The shipped services, until the first [`Directory::reload`].
    pub fn new() -> Directory {
        Directory(Arc::new(RwLock::new(Arc::new(Snapshot::new(Vec::new())))))
    }

    /// Takes over what the database holds now. Where that fails, the last good snapshot stays.
    pub async fn reload(&self, db: &Db) -> sqlx::Result<()> {
        let records = list(db).await?.into_iter();
        let services =
            records.map(|record| Service::new(record.id, record.facts, record.verified_at));
        let snapshot = Arc::new(Snapshot::new(services.collect()));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = snapshot;
        Ok(())
    }

    /// The services as they are now; hold it for the length of one answer.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// How many services nobody has checked.
    pub fn unverified_count(&self) -> usize {
        let snapshot = self.snapshot();
        snapshot
            .services()
            .iter()
            .filter(|service| !service.verified)
            .count()
    }
}

impl Default for Directory {
    fn default() -> Directory {
        Directory::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Time;

    #[tokio::test]
    async fn a_reload_shows_what_was_verified_and_never_loses_the_shipped() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open_file(&folder.path().join("hearth.db"))
            .await
            .unwrap();
        db.migrate().await.unwrap();
        let directory = Directory::new();
        let clone = directory.clone();
        directory.reload(&db).await.unwrap();
        assert_eq!(
            clone.snapshot().services().len(),
            shipped().len(),
            "an empty database"
        );
        let now = Time::from_micros(1);
        import_shipped(&db, now).await.unwrap();
        verify(&db, now, &["shout".into()], "Ada").await.unwrap();
        directory.reload(&db).await.unwrap();
        assert_eq!(clone.unverified_count(), shipped().len() - 1);
        let snapshot = clone.snapshot();
        let shout = snapshot.get("shout").unwrap();
        assert!(shout.verified && shout.caution.is_none());
        assert!(snapshot.get("nobody").is_none());
    }
}
