//! How far the log goes, asked by many at once.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

use crate::db::Db;

/// Asks the database how far the log goes, for all who want to know at the same time.
///
/// Nobody is given an answer to a question that was asked before they came: what had been
/// committed by then is in the answer.
#[derive(Debug, Default)]
pub struct Head {
    /// How many questions were begun.
    begun: AtomicU64,
    /// The number of the last question that was answered, and its answer.
    answered: Mutex<(u64, i64)>,
}

impl Head {
    /// The number of the last event that is committed.
    pub async fn ask(&self, db: &Db) -> sqlx::Result<i64> {
        let next = self.begun.load(Ordering::SeqCst) + 1;
        // Whoever waits here finds the answer to a question that was begun meanwhile.
        let mut answered = self.answered.lock().await;
        if answered.0 < next {
            let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
            *answered = (number, super::head(db).await?);
        }
        Ok(answered.1)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::bus::{EventKind, append};
    use crate::clock::Time;
    use crate::ids::PostId;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_answer_has_all_that_was_committed_before_it_was_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::open_file(&dir.path().join("hearth.db")).await.unwrap();
        db.migrate().await.unwrap();
        let head = Arc::new(Head::default());
        let writers = (0..8).map(|_| {
            let (db, head) = (db.clone(), head.clone());
            tokio::spawn(async move {
                for _ in 0..25 {
                    let mut tx = db.begin().await.unwrap();
                    let (kind, post) = (EventKind::Notice, PostId::random());
                    let now = Time::from_micros(0);
                    append(&mut tx, kind, post, now).await.unwrap();
                    tx.commit().await.unwrap();
                    let committed = crate::bus::head(&db).await.unwrap();
                    assert!(head.ask(&db).await.unwrap() >= committed);
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        assert_eq!(head.ask(&db).await.unwrap(), 200);
        assert!(head.begun.load(Ordering::SeqCst) <= 201);
    }
}
